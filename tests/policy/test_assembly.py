"""Files to assemblies."""

import json
from pathlib import Path
from typing import Any

import pytest

from tts_constructs.errors import InputError
from tts_constructs.policy.assembly import add_stack, read_assembly, stack_name_of
from tts_constructs.policy.settings import Settings
from tts_constructs.policy.template import Assembly

QUEUE = {"Type": "AWS::SQS::Queue"}


def write(path: Path, data: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def names(assembly: Assembly) -> list[str]:
    return [stack.name for stack in assembly.stacks]


def stack_artifact(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111111111111/us-east-1",
        "properties": {"templateFile": f"{name}.template.json"} | properties,
        "displayName": name,
    }


@pytest.fixture
def cdk_out(tmp_path: Path) -> Path:
    """An assembly of a stack with a nested stack, and a stage with a stack."""
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": {"Fn::Sub": "https://s3/${AWS::Region}/abc.json"}},
    }
    write(tmp_path / "App.template.json", {"Resources": {"Queue": QUEUE, "Nested": nested}})
    write(tmp_path / "AppNested.nested.template.json", {"Resources": {"Queue": QUEUE}})
    write(
        tmp_path / "App.assets.json",
        {
            "files": {
                "abc": {
                    "source": {"path": "AppNested.nested.template.json"},
                    "destinations": {"d": {"objectKey": "abc.json"}},
                }
            }
        },
    )
    write(
        tmp_path / "App.metadata.json",
        {
            "/App": [{"type": "aws:cdk:templateFile", "data": "App.template.json"}],
            "/App/Queue/Resource": [
                {"type": "aws:cdk:logicalId", "data": "Queue"},
                {
                    "type": "aws:cdk:creationStack",
                    "data": [
                        "...aws-cdk-lib...",
                        "main (/elsewhere/site-packages/x.py:1)",
                        "main (/elsewhere/app.py:7)",
                    ],
                },
            ],
            "/App/N": [{"type": "aws:cdk:templateFile", "data": "AppNested.nested.template.json"}],
            "/App/N/Queue": [{"type": "aws:cdk:logicalId", "data": "Queue"}],
            "/App/N.NestedStack/N.NestedStackResource": [{"type": "aws:cdk:logicalId", "data": "Nested"}],
        },
    )
    write(tmp_path / "assembly-Prod/Prod.template.json", {"Resources": {"Queue": QUEUE}})
    write(
        tmp_path / "assembly-Prod/manifest.json",
        {"artifacts": {"Prod": stack_artifact("Prod") | {"displayName": "Prod/App"}}},
    )
    write(
        tmp_path / "manifest.json",
        {
            "missing": [{"provider": "ami"}],
            "artifacts": {
                "App": stack_artifact(
                    "App", terminationProtection=True, stackName="app-1", parameters={"P": "given"}
                )
                | {"additionalMetadataFile": "App.metadata.json"},
                "Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
                "Tree": {"type": "cdk:tree"},
            },
        },
    )
    return tmp_path


def test_a_cloud_assembly_holds_stages_and_nested_stacks(cdk_out: Path) -> None:
    assert names(read_assembly([cdk_out])) == ["App", "App/N", "Prod/App"]


def test_a_stack_knows_what_the_manifest_says(cdk_out: Path) -> None:
    stack = read_assembly([cdk_out]).stacks[0]
    assert (stack.account, stack.region, stack.partition) == ("111111111111", "us-east-1", "aws")
    assert (stack.stack_name, stack.termination_protection) == ("app-1", True)
    assert stack.given["P"] == ("given", None)


def test_a_nested_stack_is_where_its_parent_is(cdk_out: Path) -> None:
    parent, nested, _ = read_assembly([cdk_out]).stacks
    assert (nested.region, nested.account, nested.outermost) == ("us-east-1", "111111111111", parent)


def test_resources_know_their_construct_and_line(cdk_out: Path) -> None:
    parent, nested, _ = read_assembly([cdk_out]).stacks
    assert parent.resources["Queue"].origin.construct_path == "App/Queue/Resource"
    assert parent.resources["Queue"].origin.source == "app.py:7"
    assert nested.resources["Queue"].origin.construct_path == "App/N/Queue"


def test_missing_lookups_are_kept(cdk_out: Path) -> None:
    assert read_assembly([cdk_out]).lookups.missing == [{"provider": "ami"}]


def test_what_the_manifest_does_not_know_is_none(cdk_out: Path) -> None:
    manifest = json.loads((cdk_out / "manifest.json").read_text())
    manifest["artifacts"]["App"]["environment"] = "aws://unknown-account/unknown-region"
    write(cdk_out / "manifest.json", manifest)
    stack = read_assembly([cdk_out]).stacks[0]
    assert (stack.account, stack.region) == (None, None)


@pytest.mark.parametrize(
    "manifest",
    [
        "[]",
        '{"artifacts": []}',
        '{"artifacts": {"A": {}}}',
        '{"artifacts": {"A": {"type": "cdk:cloud-assembly"}}}',
    ],
)
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, manifest: str) -> None:
    write(tmp_path / "manifest.json", manifest)
    with pytest.raises(InputError, match="is not the manifest of a cloud assembly"):
        read_assembly([tmp_path])


def test_a_template_that_the_manifest_names_must_be_there(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", {"artifacts": {"A": stack_artifact("A")}})
    with pytest.raises(InputError, match=r"A\.template\.json: cannot be read"):
        read_assembly([tmp_path])


def test_a_nested_template_is_found_by_its_asset_path(tmp_path: Path) -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "n.nested.template.json"}}
    write(tmp_path / "n.nested.template.json", {"Resources": {"Queue": QUEUE}})
    path = write(tmp_path / "a.template.json", {"Resources": {"N": nested}})
    assert names(read_assembly([path])) == ["a", "a/N"]


def test_a_nested_template_is_found_by_a_path_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "parts/queue.yaml", "Resources: {Queue: {Type: AWS::SQS::Queue}}")
    path = write(
        tmp_path / "main.yaml",
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./parts/queue.yaml}}}",
    )
    assert names(read_assembly([path])) == ["main", "main/N"]


def test_a_nested_template_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "outside.yaml", "Resources: {Queue: {Type: AWS::SQS::Queue}}")
    path = write(
        tmp_path / "in/main.yaml",
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../outside.yaml}}}",
    )
    assert names(read_assembly([path])) == ["main"]


def test_a_nested_stack_that_nests_itself_comes_to_an_end(tmp_path: Path) -> None:
    path = write(
        tmp_path / "main.yaml",
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: main.yaml}}}",
    )
    assert 1 < len(read_assembly([path]).stacks) < 100


def test_nested_stacks_that_multiply_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tts_constructs.policy.assembly._MAX_NESTED", 50)
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "main.json"}}
    path = write(tmp_path / "main.json", {"Resources": {"A": nested, "B": nested}})
    assert len(read_assembly([path]).stacks) == 1 + 50


def test_stacks_beside_a_nested_one_do_not_count_against_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts_constructs.policy.assembly._MAX_NESTED", 1)
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.json"}}
    paths = [
        write(tmp_path / f"{name}.json", {"Resources": {"Queue": QUEUE}}) for name in ("a", "b", "inner")
    ]
    last = write(tmp_path / "z.json", {"Resources": {"N": nested}})
    assert names(read_assembly([*paths[:2], last])) == ["a", "b", "z", "z/N"]


@pytest.mark.parametrize(
    "url", ["https://example.com/other.json", {"Fn::Sub": "https://${AWS::Region}/o.json"}]
)
def test_metadata_does_not_stand_for_a_template_that_is_fetched_elsewhere(cdk_out: Path, url: object) -> None:
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url},
        "Metadata": {"aws:asset:path": "n.nested.template.json"},
    }
    write(cdk_out / "n.nested.template.json", {"Resources": {"Queue": QUEUE}})
    path = write(cdk_out / "a.template.json", {"Resources": {"N": nested}})
    assert names(read_assembly([path])) == ["a"]


def test_a_template_url_that_a_condition_chooses_is_not_at_hand(tmp_path: Path) -> None:
    write(tmp_path / "good.json", {"Resources": {"Queue": QUEUE}})
    url = {"Fn::If": ["Some", "good.json", "bad.json"]}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    assert names(read_assembly([write(tmp_path / "a.json", {"Resources": {"N": nested}})])) == ["a"]


@pytest.mark.parametrize(
    ("file", "properties"),
    [
        ("a.json", '{"Fn::Transform": {"Name": "AWS::Include"}}'),
        ("a.json", '{"Fn::Tr\\u0061nsform": {"Name": "AWS::Include"}}'),
        ("a.json", '{"Fn::ForEach::L": ["N", {"Ref": "P"}, {}]}'),
        ("a.yaml", "!Transform {Name: AWS::Include}"),
        ("a.yaml", '{? "Fn::Trans\\\nform" : {Name: AWS::Include}}'),
    ],
)
def test_a_text_with_a_transform_in_any_spelling_may_transform(
    tmp_path: Path, file: str, properties: str
) -> None:
    text = f'{{"Resources": {{"Q": {{"Type": "AWS::SQS::Queue", "Properties": {properties}}}}}}}'
    assert read_assembly([write(tmp_path / file, text)]).stacks[0].may_transform


def test_a_text_without_a_transform_cannot_transform(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", {"Resources": {"Queue": QUEUE}})
    assert not read_assembly([path]).stacks[0].may_transform


def test_a_loop_over_a_parameter_that_the_manifest_gives_is_hidden(tmp_path: Path) -> None:
    body = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "A"}},
        "Resources": {"Fn::ForEach::L": ["N", {"Ref": "Names"}, {"Q${N}": QUEUE}]},
    }
    write(tmp_path / "A.template.json", body)
    artifact = stack_artifact("A", parameters={"Names": "A,B"})
    write(tmp_path / "manifest.json", {"artifacts": {"A": artifact}})
    assert read_assembly([tmp_path]).stacks[0].hidden == ["Fn::ForEach::L"]


def test_a_stackset_holds_its_template_as_text(tmp_path: Path) -> None:
    body = json.dumps(
        {
            "Parameters": {"P": {"Type": "String"}},
            "Resources": {"Q": QUEUE | {"Properties": {"QueueName": {"Ref": "P"}}}},
        }
    )
    resource = {
        "Type": "AWS::CloudFormation::StackSet",
        "Properties": {"TemplateBody": body, "Parameters": [{"ParameterKey": "P", "ParameterValue": "name"}]},
    }
    _, inner = read_assembly([write(tmp_path / "a.json", {"Resources": {"S": resource}})]).stacks
    assert inner.name == "a/S"
    assert inner.resources["Q"]["QueueName"].text() == "name"


def test_a_folder_holds_templates_and_skips_other_files(tmp_path: Path) -> None:
    write(tmp_path / "package.json", {"name": "x"})
    write(tmp_path / "notes.yaml", "just: notes")
    write(tmp_path / "b/queue.yml", "Resources: {Q: {Type: AWS::SQS::Queue}}")
    write(tmp_path / "a.template.json", {"Resources": {"Q": QUEUE}})
    assert names(read_assembly([tmp_path])) == ["a", "b/queue"]


def test_a_nested_template_of_a_folder_is_judged_once(tmp_path: Path) -> None:
    write(tmp_path / "child.yaml", "Resources: {Q: {Type: AWS::SQS::Queue}}")
    write(
        tmp_path / "parent.yaml",
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}}",
    )
    assert names(read_assembly([tmp_path])) == ["parent", "parent/N"]


def test_a_folder_names_every_template_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "Resources: {Type: [")
    write(tmp_path / "b.yaml", "Resources: {Q: {Type: 1}}")
    with pytest.raises(InputError) as caught:
        read_assembly([tmp_path])
    assert len(caught.value.faults) == 2


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"neither a manifest\.json nor a template"):
        read_assembly([tmp_path])


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        read_assembly([tmp_path / "none.yaml"])


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(InputError, match="not text in UTF-8"):
        read_assembly([tmp_path / "a.json"])


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("[]", "a template is a map that holds Resources"),
        ("text", "a template is a map that holds Resources"),
        ("", "a template is a map that holds Resources"),
        ('{"Resources": []}', "Resources is not a map"),
        ('{"Resources": {"A": []}}', "Resources/A is not a map whose Type is a text"),
        ('{"Resources": {"A": {}}}', "Resources/A is not a map whose Type is a text"),
        ('{"Resources": {"A": {"Type": {"Ref": "T"}}}}', "Resources/A is not a map whose Type is a text"),
        ('{"Resources": {"A": {"Type": 1}, "B": null}}', "2 faults"),
    ],
)
def test_what_is_no_template_is_refused(tmp_path: Path, template: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_assembly([write(tmp_path / "t.template", template)])


def test_a_template_without_resources_is_a_template(tmp_path: Path) -> None:
    assert read_assembly([write(tmp_path / "t.json", {"Outputs": {}})]).stacks[0].resources == {}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("App.template.json", "App"),
        ("a.b.json", "a.b"),
        ("a.yaml", "a"),
        ("a.yml", "a"),
        ("a.template", "a"),
        ("a", "a"),
    ],
)
def test_a_template_is_named_after_its_file(file: str, name: str) -> None:
    assert stack_name_of(Path("folder") / file) == name


@pytest.mark.parametrize("metadata", [None, [], "text", {"aws:asset:path": 3}])
def test_a_nested_stack_whose_metadata_is_malformed_is_not_at_hand(tmp_path: Path, metadata: object) -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Metadata": metadata}
    assert names(read_assembly([write(tmp_path / "a.json", {"Resources": {"N": nested}})])) == ["a"]


def test_a_nested_template_is_found_by_the_parameters_of_a_legacy_stack(tmp_path: Path) -> None:
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": {"Fn::Join": ["", ["https://s3/", {"Ref": "AssetS3Key"}]]}},
    }
    write(tmp_path / "App.template.json", {"Resources": {"Nested": nested}})
    write(tmp_path / "child.nested.template.json", {"Resources": {"Queue": QUEUE}})
    asset = {"path": "child.nested.template.json", "s3KeyParameter": "AssetS3Key"}
    metadata = {
        "/App": [{"type": "aws:cdk:asset", "data": asset}],
        "/App/N.NestedStack/N.NestedStackResource": [{"type": "aws:cdk:logicalId", "data": "Nested"}],
    }
    write(tmp_path / "manifest.json", {"artifacts": {"App": stack_artifact("App") | {"metadata": metadata}}})
    assert names(read_assembly([tmp_path])) == ["App", "App/N"]


@pytest.mark.parametrize(
    ("places", "meant"),
    [
        ([("B", "111111111111", "us-east-1")], "B"),
        ([("B", "222222222222", "us-east-1")], None),
        ([("B", "111111111111", "us-west-2")], None),
        ([("B", None, None)], "B"),
        ([("Stage/B", "111111111111", "us-east-1"), ("C", "111111111111", "us-east-1")], "C"),
    ],
)
def test_a_name_means_what_stands_in_the_same_place(
    places: list[tuple[str, str | None, str | None]], meant: str | None
) -> None:
    assembly = Assembly(Settings())
    group = {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"DBParameterGroupName": "pg"}}
    database = {"Type": "AWS::RDS::DBInstance", "Properties": {"DBParameterGroupName": "pg"}}
    for name, account, region in places:
        add_stack(assembly, {"Resources": {"G": group}}, name, account=account, region=region)
    stack = add_stack(
        assembly, {"Resources": {"D": database}}, "A", account="111111111111", region="us-east-1"
    )
    place = stack.resources["D"]["DBParameterGroupName"]
    found = place.target("AWS::RDS::DBParameterGroup", name="DBParameterGroupName")
    assert (found.stack.name if found else None) == meant


def test_a_role_is_named_in_every_region_of_its_account() -> None:
    assembly = Assembly(Settings())
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "web"}}
    policy = {"Type": "AWS::IAM::RolePolicy", "Properties": {"RoleName": "web"}}
    add_stack(assembly, {"Resources": {"R": role}}, "A", account="111111111111", region="us-east-1")
    stack = add_stack(assembly, {"Resources": {"P": policy}}, "B", account="111111111111", region="us-west-2")
    assert stack.resources["P"]["RoleName"].target("AWS::IAM::Role", name="RoleName")
