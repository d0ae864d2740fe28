"""Nested stacks: which template each deploys, and which are judged once, and told for each."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.policy.on_disk import ASSETS, QUEUE, names, stack_artifact, write
from tts_constructs.errors import InputError
from tts_constructs.policy.loading.nested_stacks import given_to
from tts_constructs.policy.loading.reader import add_nested, read_assembly
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.model.values import Unknown
from tts_constructs.policy.review import Review, review
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import BaselineSettings, Settings, WaiverSettings
from tts_constructs.policy.suppressions.baseline import entries_for
from tts_constructs.policy.suppressions.baseline_file import Recorded, write_baseline

StackMaker = Callable[..., Stack]

WEB = {"Web": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1"}}}
RULES = tuple(rule for rule in catalog() if rule.id == "TTS-EC2-001")
TODAY = date(2030, 1, 1)
RECORDED = Recorded("team@example.gov", TODAY)


def nested(url: object = "inner.json", **attributes: Any) -> dict[str, Any]:
    parameters = attributes.pop("parameters", None)
    properties = {"TemplateURL": url} | ({"Parameters": parameters} if parameters is not None else {})
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties, **attributes}


def written(folder: Path, name: str = "main.json", /, **resources: object) -> Path:
    path = folder / name
    path.write_text(json.dumps({"Conditions": {"Some": {}}, "Resources": resources}))
    return path


@pytest.fixture(autouse=True)
def inner(tmp_path: Path) -> None:
    parameters = {name: {"Type": "String", "Default": "x"} for name in ("P", "Q")}
    body = {"Parameters": parameters, "Resources": WEB, "Outputs": {"Name": {"Value": {"Ref": "Web"}}}}
    (tmp_path / "inner.json").write_text(json.dumps(body))


def reviewed(path: Path, settings: Settings | None = None) -> Review:
    return review(read_assembly([path], settings), rules=RULES, today=TODAY)


def found(result: Review) -> list[tuple[str, str | None]]:
    return [(finding.stack, finding.waiver) for finding in result.judgment.findings]


# Which template a stack deploys


def nested_at(url: object, **metadata: str) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url},
        "Metadata": {"aws:asset:path": "good.json"} | metadata,
    }


@pytest.fixture
def vouching(cdk_out: Path) -> Path:
    """A cloud assembly with two more templates, of which metadata names `good.json`."""
    for name in ("good.json", "bad.json"):
        write(cdk_out / name, {"Resources": {name.partition(".")[0].capitalize(): QUEUE}})
    return cdk_out


def test_what_template_url_names_counts_and_not_what_metadata_names(vouching: Path) -> None:
    path = write(vouching / "a.json", {"Resources": {"N": nested_at("bad.json")}})
    _, nested = read_assembly([path]).stacks
    assert list(nested.resources) == ["Bad"]


def test_metadata_that_names_the_same_file_changes_nothing(vouching: Path) -> None:
    path = write(vouching / "a.json", {"Resources": {"N": nested_at("./good.json")}})
    _, nested = read_assembly([path]).stacks
    assert list(nested.resources) == ["Good"]


def test_metadata_alone_names_no_template(vouching: Path) -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "good.json"}}
    assert names(read_assembly([write(vouching / "a.json", {"Resources": {"N": nested}})])) == ["a"]


def test_an_asset_counts_and_not_what_metadata_names(vouching: Path) -> None:
    url = f"https://s3.us-east-1.amazonaws.com/{ASSETS}/abc.json"
    template = json.loads((vouching / "App.template.json").read_text())
    template["Resources"]["Nested"] = nested_at(url)
    write(vouching / "App.template.json", template)
    nested = read_assembly([vouching]).stacks[1]
    assert nested.template_path == vouching / "AppNested.nested.template.json"


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.us-east-1.amazonaws.com/elsewhere/abc.json",
        f"https://s3.us-east-1.amazonaws.com/elsewhere/{ASSETS}/abc.json",
        f"https://s3.us-east-1.amazonaws.com/{ASSETS}/more/abc.json",
        f"https://s3.us-east-1.amazonaws.com.example.com/{ASSETS}/abc.json",
        f"https://example.com/s3.us-east-1.amazonaws.com/{ASSETS}/abc.json",
        f"https://example.com/{ASSETS}/abc.json",
        f"http://s3.us-east-1.amazonaws.com/{ASSETS}/abc.json",
        {"Fn::Sub": f"https://${{Host}}/{ASSETS}/abc.json"},
        {"Fn::Sub": f"https://s3.${{Host}}.amazonaws.com/{ASSETS}/abc.json"},
        {"Fn::Sub": "https://s3.us-east-1.amazonaws.com/${Bucket}/abc.json"},
        {"Fn::Sub": f"https://s3.us-east-1.amazonaws.com/{ASSETS}/${{Key}}"},
        {"Fn::Sub": "https://elsewhere.example.com/${Key}.json"},
        {"Fn::Sub": f"https://s3.us-east-1.amazonaws.com/{ASSETS}/${{Q.QueueName}}abc.json"},
        {"Fn::Sub": "${Folder}/good.json"},
        {"Ref": "Key"},
        {"Fn::If": ["Some", "good.json", "bad.json"]},
        "../good.json",
        "file://good.json",
        "\0",
        "x" * 5_000,
        "",
        3,
        None,
    ],
)
def test_what_template_url_does_not_name_is_not_at_hand(vouching: Path, url: object) -> None:
    parameters = {name: {"Type": "String"} for name in ("Host", "Bucket", "Key", "Folder")}
    template = json.loads((vouching / "App.template.json").read_text())
    template["Parameters"] = parameters
    template["Resources"] |= {"Nested": nested_at(url), "Q": QUEUE}
    write(vouching / "App.template.json", template)
    assert names(read_assembly([vouching])) == ["App", "Prod/App"]


def test_what_template_url_does_not_name_blocks(vouching: Path) -> None:
    path = write(vouching / "a.json", {"Resources": {"N": nested_at("https://example.com/x.json")}})
    findings = review(read_assembly([path])).judgment.findings
    assert ("N", "TTS-CFN-001", "unknown") in {
        (finding.logical_id, finding.rule_id, finding.verdict) for finding in findings
    }


@pytest.mark.parametrize("region", ["us-east-1", None])
def test_an_asset_is_found_from_a_stack_that_can_stand_anywhere(cdk_out: Path, region: str | None) -> None:
    manifest = json.loads((cdk_out / "manifest.json").read_text())
    manifest["artifacts"]["App"]["environment"] = f"aws://unknown-account/{region or 'unknown-region'}"
    write(cdk_out / "manifest.json", manifest)
    url = "https://s3.${AWS::Region}.${AWS::URLSuffix}/assets-${AWS::AccountId}-${AWS::Region}/abc.json"
    template = json.loads((cdk_out / "App.template.json").read_text())
    template["Resources"]["Nested"]["Properties"]["TemplateURL"] = {"Fn::Sub": url}
    write(cdk_out / "App.template.json", template)
    assert names(read_assembly([cdk_out])) == ["App", "App/N", "Prod/App"]


def test_an_asset_that_a_program_makes_is_no_template(cdk_out: Path) -> None:
    assets = json.loads((cdk_out / "App.assets.json").read_text())
    assets["files"]["abc"]["source"] = {"executable": ["make"]}
    write(cdk_out / "App.assets.json", assets)
    assert names(read_assembly([cdk_out])) == ["App", "Prod/App"]


def test_an_asset_manifest_may_name_no_file_and_no_destination(cdk_out: Path) -> None:
    write(cdk_out / "Empty.assets.json", {"version": "50.0.0"})
    write(cdk_out / "Kept.assets.json", {"files": {"abc": {"source": {"path": "App.template.json"}}}})
    assert names(read_assembly([cdk_out])) == ["App", "App/N", "Prod/App"]


def test_an_asset_manifest_that_cannot_be_read_is_named(cdk_out: Path) -> None:
    write(cdk_out / "App.assets.json", "{")
    with pytest.raises(InputError, match=r"/App\.assets\.json: line 1"):
        read_assembly([cdk_out])


@pytest.mark.parametrize("manifest", [[], {"files": []}, {"files": {"a": {"destinations": {"d": {}}}}}])
def test_an_asset_manifest_of_another_shape_is_refused(cdk_out: Path, manifest: object) -> None:
    write(cdk_out / "App.assets.json", manifest)
    with pytest.raises(InputError, match=r"/App\.assets\.json: is not an asset manifest"):
        read_assembly([cdk_out])


def test_a_nested_template_is_found_by_a_path_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "parts/queue.yaml", "Resources: {Queue: {Type: AWS::SQS::Queue}}")
    path = write(
        tmp_path / "main.yaml",
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./parts/queue.yaml}}}",
    )
    assert names(read_assembly([path])) == ["main", "main/N"]


def test_a_nested_template_is_kept_as_it_is_written(tmp_path: Path) -> None:
    text = write(tmp_path / "inner.json", '{ "Resources": {} }').read_text()
    _, inner = read_assembly([written(tmp_path, N=nested())]).stacks
    assert inner.text == text


def test_a_nested_template_that_cannot_be_read_is_named_by_its_file(tmp_path: Path) -> None:
    write(tmp_path / "inner.json", "{")
    with pytest.raises(InputError, match=r"/inner\.json: line 1"):
        read_assembly([written(tmp_path, N=nested())])


def test_a_nested_template_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "outside.yaml", "Resources: {Queue: {Type: AWS::SQS::Queue}}")
    path = write(
        tmp_path / "in/main.yaml",
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../outside.yaml}}}",
    )
    assert names(read_assembly([path])) == ["main"]


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


@pytest.mark.parametrize("metadata", [None, [], "text", {"aws:asset:path": 3}])
def test_a_nested_stack_whose_metadata_is_malformed_is_not_at_hand(tmp_path: Path, metadata: object) -> None:
    nested = {"Type": "AWS::CloudFormation::Stack", "Metadata": metadata}
    assert names(read_assembly([write(tmp_path / "a.json", {"Resources": {"N": nested}})])) == ["a"]


LEGACY = {
    "path": "child.nested.template.json",
    "s3BucketParameter": "AssetS3Bucket",
    "s3KeyParameter": "AssetS3Key",
}


def legacy_url(bucket: str, key: str, *, host: str = "https://s3.") -> dict[str, Any]:
    """Where the CDK's legacy synthesizer says that a nested template is: two parameters hold it."""
    halves = [{"Fn::Select": [half, {"Fn::Split": ["||", {"Ref": key}]}]} for half in (0, 1)]
    region, suffix = {"Ref": "AWS::Region"}, {"Ref": "AWS::URLSuffix"}
    return {"Fn::Join": ["", [host, region, ".", suffix, "/", {"Ref": bucket}, "/", *halves]]}


def write_legacy(folder: Path, url: object) -> Path:
    """A cloud assembly with a nested stack whose asset the metadata names by parameters."""
    parameters = {name: {"Type": "String"} for name in ("AssetS3Bucket", "AssetS3Key", "Other")}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    write(folder / "App.template.json", {"Parameters": parameters, "Resources": {"Nested": nested}})
    write(folder / "child.nested.template.json", {"Resources": {"Queue": QUEUE}})
    metadata = {
        "/App": [
            {"type": "aws:cdk:asset", "data": LEGACY},
            {"type": "aws:cdk:asset", "data": {"path": "x", "imageNameParameter": "Image"}},
        ],
        "/App/N.NestedStack/N.NestedStackResource": [{"type": "aws:cdk:logicalId", "data": "Nested"}],
    }
    write(folder / "manifest.json", {"artifacts": {"App": stack_artifact("App") | {"metadata": metadata}}})
    return folder


def test_a_nested_template_is_found_by_the_parameters_of_a_legacy_stack(tmp_path: Path) -> None:
    url = legacy_url("AssetS3Bucket", "AssetS3Key")
    assert names(read_assembly([write_legacy(tmp_path, url)])) == ["App", "App/N"]


@pytest.mark.parametrize(
    "url",
    [
        legacy_url("Other", "AssetS3Key"),
        legacy_url("AssetS3Bucket", "Other"),
        legacy_url("AssetS3Bucket", "AssetS3Key", host="https://example.com/s3."),
        {"Fn::Join": ["", ["https://elsewhere.example.com/", {"Ref": "AssetS3Key"}]]},
    ],
)
def test_a_parameter_of_an_asset_somewhere_in_the_address_is_not_enough(tmp_path: Path, url: object) -> None:
    assert names(read_assembly([write_legacy(tmp_path, url)])) == ["App"]


def write_legacy_below(folder: Path, *given: Mapping[str, object]) -> Path:
    """A legacy assembly whose asset a stack deploys below others, which pass these parameters down."""
    deployed = nested("middle0.json", parameters=given[0])
    for depth, _ in enumerate(given):
        further = given[depth + 1 :]
        url = f"middle{depth + 1}.json" if further else legacy_url("Bucket", "Key")
        inner = nested(url, parameters=further[0] if further else None)
        parameters = {name: {"Type": "String"} for name in ("Bucket", "Key")}
        write(folder / f"middle{depth}.json", {"Parameters": parameters, "Resources": {"Inner": inner}})
    write_legacy(folder, "")
    template = json.loads((folder / "App.template.json").read_text())
    template["Resources"] = {"Middle": deployed}
    write(folder / "App.template.json", template)
    return folder


ASSET = {"Bucket": {"Ref": "AssetS3Bucket"}, "Key": {"Ref": "AssetS3Key"}}


def test_parameters_of_a_legacy_asset_are_followed_into_nested_stacks(tmp_path: Path) -> None:
    once = read_assembly([write_legacy_below(tmp_path / "once", ASSET)])
    assert names(once) == ["App", "App/Middle", "App/Middle/Inner"]
    below = {"Bucket": {"Ref": "Bucket"}, "Key": {"Ref": "Key"}}
    twice = read_assembly([write_legacy_below(tmp_path / "twice", ASSET, below)])
    assert names(twice) == ["App", "App/Middle", "App/Middle/Inner", "App/Middle/Inner/Inner"]


@pytest.mark.parametrize("bucket", [{"Fn::Sub": "${AssetS3Bucket}"}, {"Ref": "Other"}, "text", 3])
def test_a_parameter_that_is_not_passed_down_as_it_is_names_no_asset(tmp_path: Path, bucket: object) -> None:
    assembly = read_assembly([write_legacy_below(tmp_path, ASSET | {"Bucket": bucket})])
    assert names(assembly) == ["App", "App/Middle"]


# What a stack is given


DECLARED = {
    "Parameters": {"P": {"Type": "String", "Default": "own"}},
    "Resources": {"R": {"Type": "T::T::T", "Properties": {"P": {"Ref": "P"}}}},
}


def holder(make_stack: StackMaker, properties: str, kind: str = "Stack") -> Resource:
    """A resource that deploys a template, which is not at hand."""
    stack = make_stack(
        f"Resources: {{N: {{Type: AWS::CloudFormation::{kind}, Properties: {{{properties}}}}}}}"
    )
    return stack.resources["N"]


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("Stack", "{P: !Ref Q, R: text}"),
        (
            "StackSet",
            "[{ParameterKey: P, ParameterValue: !Ref Q}, {ParameterKey: R, ParameterValue: text}]",
        ),
    ],
)
def test_values_of_parameters_are_those_of_the_template_that_gives_them(
    make_stack: StackMaker, kind: str, parameters: str
) -> None:
    resource = holder(make_stack, f"Parameters: {parameters}", kind)
    stack = resource.stack
    assert given_to(resource, DECLARED) == {"P": ({"Ref": "Q"}, stack), "R": ("text", stack)}


@pytest.mark.parametrize(
    ("parameters", "otherwise"), [("[]", "own"), ("[{ParameterKey: P, ParameterValue: base}]", "base")]
)
def test_instances_of_a_stackset_have_their_own_value_or_that_of_all(
    make_stack: StackMaker, parameters: str, otherwise: str
) -> None:
    groups = ", ".join(
        f"{{ParameterOverrides: [{{ParameterKey: P, ParameterValue: {value}}}]}}"
        for value in ("east", "west")
    )
    resource = holder(make_stack, f"Parameters: {parameters}, StackInstancesGroup: [{groups}]", "StackSet")
    add_nested(resource, DECLARED)
    inner = resource.stack.nested["N"].resources["R"]
    values, _ = resource.stack.assembly.explorer.run_all(lambda: inner["P"].value)
    assert set(values) == {otherwise, "east", "west"}


UNDECIDED = "Parameters: !If [Some, {P: a}, {P: b}]"
"""Which values are given is a choice."""


@pytest.mark.parametrize("parameters", [UNDECIDED, "Parameters: [text]", "Parameters: !GetAtt N.Outputs.A"])
def test_each_parameter_is_unknown_where_what_is_given_is(make_stack: StackMaker, parameters: str) -> None:
    resource = holder(make_stack, parameters)
    ((name, (value, stack)),) = given_to(resource, DECLARED).items()
    assert (name, stack) == ("P", resource.stack)
    assert isinstance(value, Unknown)


def test_a_value_without_the_name_of_a_parameter_is_given_to_none(make_stack: StackMaker) -> None:
    parameters = "Parameters: [{ParameterValue: x}, {ParameterKey: P, ParameterValue: y}]"
    resource = holder(make_stack, parameters, "StackSet")
    assert given_to(resource, DECLARED) == {"P": ("y", resource.stack)}


@pytest.mark.parametrize("body", [[], "text", {}, {"Parameters": []}])
def test_nothing_is_given_to_what_declares_no_parameter(make_stack: StackMaker, body: object) -> None:
    assert given_to(holder(make_stack, UNDECIDED), body) == {}


# What comes out alike


@pytest.mark.parametrize(
    "parameters", [None, {}, {"P": "1", "Q": {"Ref": "AWS::Region"}}, {"P": {"Fn::GetAtt": ["B", "Arn"]}}]
)
def test_stacks_of_one_template_and_one_set_of_parameters_are_read_once(
    tmp_path: Path, parameters: object
) -> None:
    stacks = {f"N{number}": nested(parameters=parameters) for number in range(100)}
    assembly = read_assembly([written(tmp_path, **stacks, B={"Type": "AWS::S3::Bucket"})])
    assert names(assembly) == ["main", "main/N0"]
    assert assembly.stacks[0].nested.keys() == stacks.keys()
    assert assembly.stacks[1].also == tuple(f"main/N{number}" for number in range(1, 100))


@pytest.mark.parametrize(
    "other",
    [
        nested("./other.json"),
        nested(parameters={"P": "2"}),
        nested(parameters={"P": {"Ref": "AWS::Region"}}),
        nested(parameters={"P": "1"}, Condition="Some"),
    ],
)
def test_stacks_that_differ_are_read_each(tmp_path: Path, other: dict[str, Any]) -> None:
    (tmp_path / "other.json").write_text((tmp_path / "inner.json").read_text())
    assembly = read_assembly([written(tmp_path, A=nested(parameters={"P": "1"}), B=other)])
    assert names(assembly) == ["main", "main/A", "main/B"]


@pytest.mark.parametrize(
    "reading",
    [
        {"Fn::GetAtt": ["A", "Outputs.Name"]},
        {"Fn::GetAtt": "A.Outputs.Name"},
        {"Fn::Sub": "x-${ A.Outputs.Name }"},
        {"Fn::Sub": ["${A.Outputs.Name}-${x}", {"x": "y"}]},
        {"Fn::GetAtt": ["A", {"Ref": "Attribute"}]},
    ],
)
def test_a_stack_whose_outputs_are_read_is_like_no_other(tmp_path: Path, reading: object) -> None:
    """A finding about a part of it, such as the policy of its bucket, names this one alone."""
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": reading}}
    assembly = read_assembly([written(tmp_path, A=nested(), B=nested(), C=nested(), Policy=policy)])
    assert names(assembly) == ["main", "main/A", "main/B"]
    assert assembly.stacks[2].also == ("main/C",)


@pytest.mark.parametrize("word", [{"Fn::GetAtt": []}, {"Fn::GetAtt": {"Ref": "A"}}, "${A}"])
def test_a_word_that_reads_no_output_leaves_stacks_alike(tmp_path: Path, word: object) -> None:
    queue = QUEUE | {"Properties": {"QueueName": word}}
    assembly = read_assembly([written(tmp_path, A=nested(), B=nested(), Queue=queue)])
    assert names(assembly) == ["main", "main/A"]


def test_parameters_in_another_order_are_the_same_set(tmp_path: Path) -> None:
    stacks = {"A": nested(parameters={"P": "1", "Q": "2"}), "B": nested(parameters={"Q": "2", "P": "1"})}
    assert names(read_assembly([written(tmp_path, **stacks)])) == ["main", "main/A"]


@pytest.mark.parametrize("word", [{"Ref": "P"}, {"Fn::Sub": "${P}"}])
def test_the_same_words_in_two_templates_are_two_sets_of_parameters(tmp_path: Path, word: object) -> None:
    middle = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"N": nested(parameters={"Q": word})},
    }
    (tmp_path / "middle.json").write_text(json.dumps(middle))
    stacks = {name: nested("middle.json", parameters={"P": name}) for name in "AB"}
    assert names(read_assembly([written(tmp_path, **stacks)])) == [
        "main", "main/A", "main/A/N", "main/B", "main/B/N",
    ]  # fmt: skip


def test_literal_parameters_in_two_templates_are_one_set(tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        written(tmp_path, name, N=nested(parameters={"Q": "1"}))
    assembly = read_assembly([written(tmp_path, A=nested("one.json"), B=nested("two.json"))])
    assert names(assembly) == ["main", "main/A", "main/A/N", "main/B"]
    assert assembly.stacks[2].also == ("main/B/N",)


def test_stacks_of_two_deployments_are_read_each(tmp_path: Path) -> None:
    """They can be of two systems or environments."""
    paths = [written(tmp_path, name, N=nested()) for name in ("a.json", "b.json")]
    assert names(read_assembly(paths)) == ["a", "a/N", "b", "b/N"]


def stack_set(template: object, **properties: object) -> dict[str, Any]:
    return {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": template} | properties}


def test_stack_sets_of_one_template_are_read_once(tmp_path: Path) -> None:
    body = {"Resources": WEB, "Outputs": {}}
    turned = dict(reversed(body.items()))
    templates = {"A": json.dumps(body), "B": json.dumps(body), "C": body, "D": turned}
    sets = {name: stack_set(template) for name, template in templates.items()}
    assert names(read_assembly([written(tmp_path, **sets)])) == ["main", "main/A", "main/C"]


@pytest.mark.parametrize("spell", [json.dumps, dict])
def test_stack_sets_of_two_templates_are_read_each(tmp_path: Path, spell: Callable[[Any], object]) -> None:
    sets = {name: stack_set(spell({"Resources": {name: QUEUE}})) for name in "AB"}
    assert names(read_assembly([written(tmp_path, **sets)])) == ["main", "main/A", "main/B"]


def test_stack_sets_whose_instances_are_given_other_values_are_read_each(tmp_path: Path) -> None:
    sets = {
        name: stack_set(
            {"Resources": WEB},
            StackInstancesGroup=[{"ParameterOverrides": [{"ParameterKey": "P", "ParameterValue": name}]}],
        )
        for name in "AB"
    }
    assert names(read_assembly([written(tmp_path, **sets)])) == ["main", "main/A", "main/B"]


@pytest.mark.parametrize("template", [3, [], {"Fn::If": ["Some", "{}", "{}"]}, {"Fn::GetAtt": ["Q", "Arn"]}])
def test_a_stackset_whose_template_is_not_in_it_is_not_read(tmp_path: Path, template: object) -> None:
    path = written(tmp_path, S=stack_set(template), Q=QUEUE)
    assert names(read_assembly([path])) == ["main"]


def test_a_template_in_a_stackset_that_cannot_be_read_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^main/S/TemplateBody: line 1"):
        read_assembly([written(tmp_path, S=stack_set("{"))])


def test_each_holder_stands_for_what_it_holds(tmp_path: Path) -> None:
    written(tmp_path, "middle.json", C=nested(), D=nested())
    assembly = read_assembly([written(tmp_path, A=nested("middle.json"), B=nested("middle.json"))])
    assert names(assembly) == ["main", "main/A", "main/A/C"]
    assert assembly.stacks[2].also == ("main/A/D", "main/B/C")


def test_five_hundred_resources_nested_a_hundred_times_are_judged_once(tmp_path: Path) -> None:
    resources = {f"Q{number}": {"Type": "AWS::SQS::Queue"} for number in range(500)}
    (tmp_path / "inner.json").write_text(json.dumps({"Resources": resources}))
    judgment = reviewed(written(tmp_path, **{f"N{number}": nested() for number in range(100)})).judgment
    assert (judgment.templates, judgment.resources) == (2, 600)


# What is told of them


def test_a_finding_is_told_once_and_names_the_other_stacks(tmp_path: Path) -> None:
    stacks = {f"N{number}": nested() for number in range(6)}
    (finding,) = reviewed(written(tmp_path, **stacks)).judgment.findings
    assert finding.stack == "main/N0"
    assert finding.message.endswith(
        " It holds for main/N1, main/N2, main/N3 and 2 more too, which have the same template."
    )


def test_a_finding_of_one_stack_names_no_other(tmp_path: Path) -> None:
    (finding,) = reviewed(written(tmp_path, A=nested())).judgment.findings
    assert "the same template" not in finding.message


def waivers(folder: Path, *paths: str) -> Settings:
    text = "".join(
        f'[[waiver]]\nrule = "TTS-EC2-001"\npath = "{path}"\nreason = "r"\napproved_by = "a"\n'
        f'ticket = "{path}"\nexpires = 2030-03-01\n'
        for path in paths
    )
    (folder / "waivers.toml").write_text(text)
    return Settings(waivers=WaiverSettings(file=folder / "waivers.toml"))


def test_a_waiver_for_one_stack_does_not_cover_its_twin(tmp_path: Path) -> None:
    path = written(tmp_path, A=nested(), B=nested())
    result = reviewed(path, waivers(tmp_path, "main/A/Web"))
    assert [(stack, bool(waiver)) for stack, waiver in found(result)] == [
        ("main/A", True),
        ("main/B", False),
    ]
    assert result.judgment.blocks


def test_a_waiver_for_a_twin_is_met(tmp_path: Path) -> None:
    path = written(tmp_path, A=nested(), B=nested())
    result = reviewed(path, waivers(tmp_path, "main/A/Web", "main/B/Web"))
    assert [(stack, "main/" in str(waiver)) for stack, waiver in found(result)] == [
        ("main/A", True),
        ("main/B", True),
    ]
    assert not result.judgment.blocks


def test_the_baseline_knows_each_stack(tmp_path: Path) -> None:
    path = written(tmp_path, A=nested(), B=nested())
    write_baseline(tmp_path / "known.toml", entries_for(reviewed(path).found), recorded=RECORDED)
    settings = Settings(baseline=BaselineSettings(file=tmp_path / "known.toml"))
    result = reviewed(path, settings)
    assert [(stack, bool(waiver)) for stack, waiver in found(result)] == [("main/A", True), ("main/B", True)]
    written(tmp_path, A=nested(), B=nested(), New=nested())
    assert [stack for stack, waiver in found(reviewed(path, settings)) if not waiver] == ["main/New"]


def test_what_the_baseline_knows_of_a_twin_that_was_fixed_is_stale(tmp_path: Path) -> None:
    path = written(tmp_path, A=nested(), B=nested())
    write_baseline(tmp_path / "known.toml", entries_for(reviewed(path).found), recorded=RECORDED)
    (tmp_path / "inner.json").write_text(json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}))
    settings = Settings(baseline=BaselineSettings(file=tmp_path / "known.toml"))
    assert [entry.stack for entry in reviewed(path, settings).stale] == ["main/A", "main/B"]
