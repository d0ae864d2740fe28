"""Files to assemblies."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.policy.on_disk import QUEUE, names, stack_artifact, write
from tts_constructs import ci
from tts_constructs.errors import InputError
from tts_constructs.policy.loading.folders import Skipped
from tts_constructs.policy.loading.reader import add_stack, read_assembly, stack_name_of
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.values import Unknown
from tts_constructs.policy.review import review
from tts_constructs.policy.settings.model import Settings


def test_a_cloud_assembly_holds_stages_and_nested_stacks(cdk_out: Path) -> None:
    assert names(read_assembly([cdk_out])) == ["App", "App/N", "Prod/App"]


def test_a_stack_knows_what_the_manifest_says(cdk_out: Path) -> None:
    stack = read_assembly([cdk_out]).stacks[0]
    assert (stack.account, stack.region, stack.partition) == ("111111111111", "us-east-1", "aws")
    assert (stack.stack_name, stack.termination_protection) == ("app-1", True)
    assert stack.given["P"] == ("given", None)
    path = cdk_out / "App.template.json"
    assert (stack.template_path, stack.text) == (path, path.read_text())


def test_a_stack_without_names_and_place_in_the_manifest_has_its_id(tmp_path: Path) -> None:
    write(tmp_path / "A.template.json", {})
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}}
    write(tmp_path / "manifest.json", {"artifacts": {"A": artifact}})
    (stack,) = read_assembly([tmp_path]).stacks
    assert (stack.name, stack.stack_name, stack.account, stack.region) == ("A", "A", None, None)


@pytest.mark.parametrize("environment", ["us-east-1", "aws://111111111111", "azure://a/b"])
def test_a_place_of_another_shape_is_not_known(tmp_path: Path, environment: str) -> None:
    write(tmp_path / "A.template.json", {})
    artifact = stack_artifact("A") | {"environment": environment}
    write(tmp_path / "manifest.json", {"artifacts": {"A": artifact}})
    (stack,) = read_assembly([tmp_path]).stacks
    assert (stack.account, stack.region) == (None, None)


def test_a_nested_stack_is_where_its_parent_is(cdk_out: Path) -> None:
    parent, nested, _ = read_assembly([cdk_out]).stacks
    assert (nested.region, nested.account, nested.outermost) == ("us-east-1", "111111111111", parent)


def test_resources_know_their_construct_and_line(cdk_out: Path) -> None:
    parent, nested, _ = read_assembly([cdk_out]).stacks
    assert parent.resources["Queue"].origin.construct_path == "App/Queue/Resource"
    assert parent.resources["Queue"].origin.source == "app.py:7"
    assert nested.resources["Queue"].origin.construct_path == "App/N/Queue"


def test_resources_of_a_stage_know_their_construct_from_the_manifest(tmp_path: Path) -> None:
    write(tmp_path / "A.template.json", {"Resources": {"Queue": QUEUE}})
    metadata = {"/Prod/A/Queue/Resource": [{"type": "aws:cdk:logicalId", "data": "Queue"}]}
    artifact = stack_artifact("A") | {"displayName": "Prod/A", "metadata": metadata}
    write(tmp_path / "manifest.json", {"artifacts": {"A": artifact}})
    (stack,) = read_assembly([tmp_path]).stacks
    assert stack.resources["Queue"].origin.construct_path == "Prod/A/Queue/Resource"


def test_metadata_that_cannot_be_read_is_named(cdk_out: Path) -> None:
    write(cdk_out / "App.metadata.json", "{")
    with pytest.raises(InputError, match=r"/App\.metadata\.json: line 1"):
        assert read_assembly([cdk_out]).stacks[0].resources["Queue"].origin


def test_missing_lookups_are_kept(cdk_out: Path) -> None:
    assert read_assembly([cdk_out]).lookups.missing == [{"provider": "ami"}]


def test_what_the_manifest_does_not_know_is_none(cdk_out: Path) -> None:
    manifest = json.loads((cdk_out / "manifest.json").read_text())
    manifest["artifacts"]["App"]["environment"] = "aws://unknown-account/unknown-region"
    write(cdk_out / "manifest.json", manifest)
    stack = read_assembly([cdk_out]).stacks[0]
    assert (stack.account, stack.region) == (None, None)


@pytest.mark.parametrize(
    "artifact",
    [
        {"type": "cdk:cloud-assembly"},
        {"type": "cdk:cloud-assembly", "properties": {"directoryName": "none"}},
        {"type": "aws:cloudformation:stack"},
        {"type": "aws:cloudformation:stack", "properties": []},
        {"type": "aws:cloudformation:stack", "properties": {"templateFile": 1}},
        {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t"}, "environment": 1},
        {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t", "parameters": [1]}},
    ],
)
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, artifact: object) -> None:
    write(tmp_path / "manifest.json", {"artifacts": {"A": artifact}})
    with pytest.raises(InputError, match=r"/manifest\.json: is not the manifest of a cloud assembly"):
        read_assembly([tmp_path])


def test_a_fault_below_the_manifest_is_not_called_one_of_the_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("ours")

    write(tmp_path / "A.template.json", {"Resources": {"Queue": QUEUE}})
    write(tmp_path / "manifest.json", {"artifacts": {"A": stack_artifact("A")}})
    monkeypatch.setattr("tts_constructs.policy.loading.reader.add_stack", fail)
    with pytest.raises(KeyError, match="ours"):
        read_assembly([tmp_path])


def test_a_manifest_that_names_its_own_folder_as_a_stage_comes_to_an_end(tmp_path: Path) -> None:
    write(tmp_path / "out/A.template.json", {"Resources": {"Queue": QUEUE}})
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "../out"}}
    write(tmp_path / "out/manifest.json", {"artifacts": {"Stage": stage, "A": stack_artifact("A")}})
    assert names(read_assembly([tmp_path / "out"])) == ["A"]


def test_an_empty_stack_of_a_manifest_is_judged(tmp_path: Path) -> None:
    write(tmp_path / "A.template.json", {})
    write(tmp_path / "manifest.json", {"artifacts": {"A": stack_artifact("A")}})
    assert names(read_assembly([tmp_path])) == ["A"]


def test_a_manifest_without_a_stack_is_refused_unless_the_app_is_being_synthesized(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", {"artifacts": {"Tree": {"type": "cdk:tree"}}})
    with pytest.raises(InputError, match="holds neither a template nor a cloud assembly with a stack"):
        read_assembly([tmp_path])
    assert read_assembly([tmp_path], synthesizing=True).stacks == []


def test_a_template_that_the_manifest_names_must_be_there(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", {"artifacts": {"A": stack_artifact("A")}})
    with pytest.raises(InputError, match=r"A\.template\.json: cannot be read"):
        read_assembly([tmp_path])


def test_a_template_of_a_manifest_that_cannot_be_read_is_named(cdk_out: Path) -> None:
    write(cdk_out / "App.template.json", "{")
    with pytest.raises(InputError, match=r"/App\.template\.json: line 1"):
        read_assembly([cdk_out])


# Nested stacks


def nested_with(**parameters: object) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "inner.json", "Parameters": parameters},
    }


def deploying(**templates: object) -> dict[str, Any]:
    """A template with StackSets that hold these templates."""
    sets = {
        name: {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": template}}
        for name, template in templates.items()
    }
    return {"Resources": sets}


def test_a_nested_stack_is_known_to_its_holder(tmp_path: Path) -> None:
    inner = {"Parameters": {"P": {"Type": "String"}}, "Resources": {"Queue": QUEUE}}
    path = write(tmp_path / "inner.json", inner)
    main = write(tmp_path / "main.json", {"Resources": {"N": nested_with(P="given")}})
    holder, nested = read_assembly([main]).stacks
    assert holder.nested == {"N": nested}
    assert nested.parent is holder.resources["N"]
    assert nested.given == {"P": ("given", holder)}
    assert (nested.template_path, nested.text) == (path, path.read_text())


def test_equal_nested_stacks_are_one_that_stands_for_its_twins(tmp_path: Path) -> None:
    write(tmp_path / "inner.json", {"Resources": {"Queue": QUEUE}})
    nested = {"A": nested_with(), "B": nested_with(), "C": nested_with(P="other")}
    assembly = read_assembly([write(tmp_path / "main.json", {"Resources": nested})])
    holder, a, c = assembly.stacks
    assert holder.nested == {"A": a, "B": a, "C": c}
    assert (a.twins, c.twins) == (["main/B"], [])


def test_a_stackset_can_stand_anywhere(tmp_path: Path) -> None:
    write(tmp_path / "A.template.json", deploying(S={"Resources": {"Queue": QUEUE}}))
    write(tmp_path / "manifest.json", {"artifacts": {"A": stack_artifact("A")}})
    _, inner = read_assembly([tmp_path]).stacks
    assert (inner.name, inner.account, inner.region) == ("A/S", None, None)


def test_a_nested_stack_does_not_know_what_it_is_given_by_a_choice(tmp_path: Path) -> None:
    write(tmp_path / "inner.json", {"Parameters": {"P": {"Type": "String"}}})
    nested = nested_with()
    nested["Properties"]["Parameters"] = {"Fn::If": ["Some", {"P": "a"}, {"P": "b"}]}
    main = write(tmp_path / "main.json", {"Resources": {"N": nested}})
    _, inner = read_assembly([main]).stacks
    assert isinstance(inner.given["P"][0], Unknown)


def test_a_loop_over_a_parameter_that_the_holder_gives_is_hidden(tmp_path: Path) -> None:
    write(tmp_path / "inner.json", LOOP)
    nested = {"Given": nested_with(Names="A,B"), "Default": nested_with()}
    _, given, default = read_assembly([write(tmp_path / "main.json", {"Resources": nested})]).stacks
    assert (given.hidden, default.hidden) == (["Fn::ForEach::L"], [])


def test_a_file_that_is_deployed_and_is_no_template_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "inner.json", "[]")
    with pytest.raises(InputError) as caught:
        read_assembly([write(tmp_path / "main.json", {"Resources": {"N": nested_with()}})])
    assert caught.value.subject == str(path)


def test_what_a_stackset_holds_and_is_no_template_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_assembly([write(tmp_path / "main.json", deploying(S="[]"))])
    assert caught.value.subject == "main/S"


def test_a_nested_stack_that_nests_itself_comes_to_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts_constructs.policy.loading.reader._MAX_NESTING", 3)
    path = write(
        tmp_path / "main.yaml",
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: main.yaml}}}",
    )
    assembly = read_assembly([path])
    assert names(assembly) == ["main", "main/N", "main/N/N", "main/N/N/N"]
    assert [stack.unread for stack in assembly.stacks] == [
        {}, {}, {}, {"N": "is nested more than 3 levels deep"},
    ]  # fmt: skip


def test_nested_stacks_that_multiply_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tts_constructs.policy.loading.reader._MAX_NESTED", 50)
    nested = {name: nested_with(Number=name, Before={"Ref": "Number"}) for name in ("A", "B")}
    parameters = {name: {"Type": "String"} for name in ("Number", "Before")}
    path = write(tmp_path / "inner.json", {"Parameters": parameters, "Resources": nested})
    assembly = read_assembly([path])
    assert len(assembly.stacks) == 1 + 50
    reasons = {why for stack in assembly.stacks for why in stack.unread.values()}
    assert "is one of more than 50 nested stacks" in reasons


@pytest.mark.parametrize(
    ("bound", "message"),
    [
        ("_MAX_RESOURCES_BELOW", "N3 deploys comes after 30 resources that are nested in main"),
        ("_MAX_NESTED_RESOURCES", "N3 deploys comes after nested stacks that already have 30 resources"),
    ],
)
def test_nested_stacks_bring_in_a_bounded_number_of_resources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, message: str
) -> None:
    monkeypatch.setattr(f"tts_constructs.policy.loading.reader.{bound}", 30)
    write(tmp_path / "inner.json", {"Resources": {f"Q{number}": QUEUE for number in range(10)}})
    nested = {f"N{number}": nested_with(Number=str(number)) for number in range(5)}
    assembly = read_assembly([write(tmp_path / "main.json", {"Resources": nested})])
    assert names(assembly) == ["main", "main/N0", "main/N1", "main/N2"]
    findings = [finding for finding in review(assembly).judgment.findings if finding.rule_id == "TTS-CFN-001"]
    assert [finding.logical_id for finding in findings] == ["N3", "N4"]
    assert message in findings[0].message


def test_resources_below_one_stack_do_not_count_against_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts_constructs.policy.loading.reader._MAX_RESOURCES_BELOW", 1)
    write(tmp_path / "inner.json", {"Resources": {"Q": QUEUE}})
    paths = [write(tmp_path / f"{name}.json", {"Resources": {"N": nested_with()}}) for name in "ab"]
    assert names(read_assembly(paths)) == ["a", "a/N", "b", "b/N"]


def test_stacks_beside_a_nested_one_do_not_count_against_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts_constructs.policy.loading.reader._MAX_NESTED", 1)
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.json"}}
    paths = [
        write(tmp_path / f"{name}.json", {"Resources": {"Queue": QUEUE}}) for name in ("a", "b", "inner")
    ]
    last = write(tmp_path / "z.json", {"Resources": {"N": nested}})
    assert names(read_assembly([*paths[:2], last])) == ["a", "b", "z", "z/N"]


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


@pytest.mark.parametrize(("name", "escaped"), [("a", False), ("\\u0061", True)])
def test_a_text_with_escapes_is_known_as_such(tmp_path: Path, name: str, escaped: bool) -> None:
    text = f'{{"Description": "{name}", "Resources": {{}}}}'
    assert read_assembly([write(tmp_path / "t.json", text)]).stacks[0].has_escapes is escaped


def test_a_text_without_a_transform_cannot_transform(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", {"Resources": {"Queue": QUEUE}})
    assert not read_assembly([path]).stacks[0].may_transform


LOOP = {
    "Transform": "AWS::LanguageExtensions",
    "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "A"}},
    "Resources": {"Fn::ForEach::L": ["N", {"Ref": "Names"}, {"Q${N}": QUEUE}]},
}


def test_a_loop_over_the_default_of_a_parameter_is_expanded(tmp_path: Path) -> None:
    (stack,) = read_assembly([write(tmp_path / "t.json", LOOP)]).stacks
    assert list(stack.resources) == ["QA"]


def test_a_loop_over_a_parameter_that_the_manifest_gives_is_hidden(tmp_path: Path) -> None:
    write(tmp_path / "A.template.json", LOOP)
    artifact = stack_artifact("A", parameters={"Names": "A,B"})
    write(tmp_path / "manifest.json", {"artifacts": {"A": artifact}})
    assert read_assembly([tmp_path]).stacks[0].hidden == ["Fn::ForEach::L"]


# Folders


def test_a_folder_is_read_with_its_templates_and_assemblies_in_order(tmp_path: Path) -> None:
    write(tmp_path / "b/out/A.template.json", {"Resources": {"Queue": QUEUE}})
    write(tmp_path / "b/out/manifest.json", {"artifacts": {"A": stack_artifact("A")}})
    path = write(tmp_path / "c/t.json", {"Resources": {"Queue": QUEUE}})
    write(tmp_path / "a.json", {"Resources": {"Queue": QUEUE}})
    notes = write(tmp_path / "notes.txt", "notes")
    write(tmp_path / ".git/t.json", {"Resources": {"Queue": QUEUE}})
    tracked: list[list[Path]] = []
    skipped: list[Skipped] = []

    def track(paths: list[Path]) -> list[Path]:
        tracked.append(paths)
        return paths

    assembly = read_assembly([tmp_path], track=track, skip=skipped.append)
    assert names(assembly) == ["a", "A", "c/t"]
    assert tracked == [[tmp_path / "a.json", tmp_path / "b/out", path, notes]]
    assert skipped == [Skipped(tmp_path / ".git", "a hidden folder"), Skipped(notes, "not a template")]
    assert (assembly.stacks[2].template_path, assembly.stacks[2].text) == (path, path.read_text())


def test_a_folder_names_every_template_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "Resources: {Type: [")
    write(tmp_path / "b.yaml", "Resources: {Q: {Type: 1}, R: {Type: 2}}")
    with pytest.raises(InputError) as caught:
        read_assembly([tmp_path])
    assert caught.value.subject == str(tmp_path)
    assert [fault.partition(":")[0].rpartition("/")[2] for fault in caught.value.faults] == [
        "a.yaml",
        "b.yaml",
        "b.yaml",
    ]


def test_a_nested_template_of_a_folder_is_judged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "grandchild.yaml", "Resources: {Q: {Type: AWS::SQS::Queue}}")
    nested = "Resources: {{N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {}}}}}}}"
    write(tmp_path / "child.yaml", nested.format("grandchild.yaml"))
    write(tmp_path / "parent.yaml", nested.format("child.yaml"))
    assert names(read_assembly([tmp_path])) == ["parent", "parent/N", "parent/N/N"]
    monkeypatch.chdir(tmp_path)
    assert names(read_assembly([Path()])) == ["parent", "parent/N", "parent/N/N"]


# What is known of the run


def test_recorded_lookups_are_kept(cdk_out: Path) -> None:
    assert read_assembly([cdk_out]).lookups.recorded == {}
    assert read_assembly([cdk_out], context={"zones": []}).lookups.recorded == {"zones": []}


@pytest.mark.parametrize("synthesizing", [True, False])
def test_an_assembly_knows_whether_its_app_is_being_synthesized(cdk_out: Path, synthesizing: bool) -> None:
    assert read_assembly([cdk_out], synthesizing=synthesizing).synthesizing is synthesizing


@pytest.mark.parametrize(
    ("variable", "in_ci", "known"),
    [("true", None, True), ("", None, False), ("true", False, False), ("", True, True)],
)
def test_the_environment_says_whether_this_is_ci_unless_the_caller_does(
    cdk_out: Path, monkeypatch: pytest.MonkeyPatch, variable: str, in_ci: bool | None, known: bool
) -> None:
    for name in ci.VARIABLES:
        monkeypatch.setenv(name, variable)
    assert read_assembly([cdk_out], in_ci=in_ci).in_ci is known


# Templates


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
        ("[]", "has no Resources, so it isn't a CloudFormation template"),
        ("text", "has no Resources, so it isn't a CloudFormation template"),
        ("", "has no Resources, so it isn't a CloudFormation template"),
        ('{"name": "a-package", "scripts": {}}', "has no Resources, so it isn't a CloudFormation template"),
        ("services: {web: {image: x}}", "has no Resources, so it isn't a CloudFormation template"),
        ("apiVersion: v1\nkind: List\nresources: {}", "has no Resources, so it isn't"),
        ("kind: A\n---\nkind: B", "a second document begins"),
        ("{", "line 1, column 2: not valid JSON"),
        ('{"Resources": null}', "Resources is not a map"),
        ('{"Resources": []}', "Resources is not a map"),
        ('{"Resources": {"A": []}}', "Resources/A is not a map whose Type is a text"),
        ('{"Resources": {"A": {}}}', "Resources/A is not a map whose Type is a text"),
        ('{"Resources": {"A": {"Type": {"Ref": "T"}}}}', "Resources/A is not a map whose Type is a text"),
        ('{"Resources": {"A": {"Type": 1}, "B": null}}', "2 faults"),
    ],
)
def test_what_is_no_template_is_refused(tmp_path: Path, template: str, message: str) -> None:
    path = write(tmp_path / "t.template", template)
    with pytest.raises(InputError, match=message) as caught:
        read_assembly([path])
    assert caught.value.subject == str(path)


@pytest.mark.parametrize(
    "body",
    [
        {"Resources": {}},
        {"AWSTemplateFormatVersion": "2010-09-09"},
        {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://x/y"}}},
    ],
)
def test_a_template_without_a_resource_is_a_template(tmp_path: Path, body: object) -> None:
    assert read_assembly([write(tmp_path / "t.json", body)]).stacks[0].resources == {}


def test_a_manifest_that_is_given_by_its_name_is_refused_with_the_way_out(cdk_out: Path) -> None:
    with pytest.raises(InputError, match=r"has no Resources.* give its folder"):
        read_assembly([cdk_out / "manifest.json"])


@pytest.mark.parametrize("name", ["t.JSON", "t.cfn", "t.tpl", "t", "t.yaml", ".t"])
@pytest.mark.parametrize("text", ['{"Resourc\\u0065s": {"Q": {"Type": "T"}}}', "Resources: {Q: {Type: T}}"])
def test_a_template_that_is_given_by_its_name_has_any_name(tmp_path: Path, name: str, text: str) -> None:
    assert list(read_assembly([write(tmp_path / name, text)]).stacks[0].resources) == ["Q"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("App.template.json", "App"),
        ("a.b.json", "a.b"),
        ("a.yaml", "a"),
        ("a.yml", "a"),
        ("a.template", "a"),
        ("A.Template.JSON", "A"),
        ("a.YML", "a"),
        ("a.cfn", "a.cfn"),
        ("a", "a"),
    ],
)
def test_a_template_is_named_after_its_file(file: str, name: str) -> None:
    assert stack_name_of(Path("folder") / file) == name


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
