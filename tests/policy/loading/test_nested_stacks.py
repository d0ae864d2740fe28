"""Nested stacks of one template with one set of parameters: judged once, and told for each."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.policy.on_disk import names
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.review import Review, review
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import BaselineSettings, Settings, WaiverSettings
from tts_constructs.policy.suppressions.baseline import entries_for, write_baseline

WEB = {"Web": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1"}}}
RULES = tuple(rule for rule in catalog() if rule.id == "TTS-EC2-001")
TODAY = date(2030, 1, 1)


def nested(url: str = "inner.json", **attributes: Any) -> dict[str, Any]:
    parameters = attributes.pop("parameters", None)
    properties = {"TemplateURL": url} | ({"Parameters": parameters} if parameters is not None else {})
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties, **attributes}


def write(folder: Path, name: str = "main.json", /, **resources: object) -> Path:
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


# What comes out alike


@pytest.mark.parametrize(
    "parameters", [None, {}, {"P": "1", "Q": {"Ref": "AWS::Region"}}, {"P": {"Fn::GetAtt": ["B", "Arn"]}}]
)
def test_stacks_of_one_template_and_one_set_of_parameters_are_read_once(
    tmp_path: Path, parameters: object
) -> None:
    stacks = {f"N{number}": nested(parameters=parameters) for number in range(100)}
    assembly = read_assembly([write(tmp_path, **stacks, B={"Type": "AWS::S3::Bucket"})])
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
    assembly = read_assembly([write(tmp_path, A=nested(parameters={"P": "1"}), B=other)])
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
    """What stands beside it, such as the policy of its bucket, is said of this one alone."""
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": reading}}
    assembly = read_assembly([write(tmp_path, A=nested(), B=nested(), C=nested(), Policy=policy)])
    assert names(assembly) == ["main", "main/A", "main/B"]
    assert assembly.stacks[2].also == ("main/C",)


def test_the_same_words_in_two_templates_are_two_sets_of_parameters(tmp_path: Path) -> None:
    middle = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"N": nested(parameters={"Q": {"Ref": "P"}})},
    }
    (tmp_path / "middle.json").write_text(json.dumps(middle))
    stacks = {name: nested("middle.json", parameters={"P": name}) for name in "AB"}
    assert names(read_assembly([write(tmp_path, **stacks)])) == [
        "main", "main/A", "main/A/N", "main/B", "main/B/N",
    ]  # fmt: skip


def test_literal_parameters_in_two_templates_are_one_set(tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        write(tmp_path, name, N=nested(parameters={"Q": "1"}))
    assembly = read_assembly([write(tmp_path, A=nested("one.json"), B=nested("two.json"))])
    assert names(assembly) == ["main", "main/A", "main/A/N", "main/B"]
    assert assembly.stacks[2].also == ("main/B/N",)


def test_stacks_of_two_deployments_are_read_each(tmp_path: Path) -> None:
    """They can be of two systems or environments."""
    paths = [write(tmp_path, name, N=nested()) for name in ("a.json", "b.json")]
    assert names(read_assembly(paths)) == ["a", "a/N", "b", "b/N"]


def test_stack_sets_of_one_template_are_read_once(tmp_path: Path) -> None:
    body = json.dumps({"Resources": WEB})
    sets = {
        name: {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": text}}
        for name, text in {"A": body, "B": body, "C": {"Resources": WEB}, "D": {"Resources": WEB}}.items()
    }
    assert names(read_assembly([write(tmp_path, **sets)])) == ["main", "main/A", "main/C"]


def test_each_holder_stands_for_what_it_holds(tmp_path: Path) -> None:
    write(tmp_path, "middle.json", C=nested(), D=nested())
    assembly = read_assembly([write(tmp_path, A=nested("middle.json"), B=nested("middle.json"))])
    assert names(assembly) == ["main", "main/A", "main/A/C"]
    assert assembly.stacks[2].also == ("main/A/D", "main/B/C")


def test_five_hundred_resources_nested_a_hundred_times_are_judged_once(tmp_path: Path) -> None:
    resources = {f"Q{number}": {"Type": "AWS::SQS::Queue"} for number in range(500)}
    (tmp_path / "inner.json").write_text(json.dumps({"Resources": resources}))
    judgment = reviewed(write(tmp_path, **{f"N{number}": nested() for number in range(100)})).judgment
    assert (judgment.templates, judgment.resources) == (2, 600)


# What is told of them


def test_a_finding_is_told_once_and_names_the_other_stacks(tmp_path: Path) -> None:
    stacks = {f"N{number}": nested() for number in range(6)}
    (finding,) = reviewed(write(tmp_path, **stacks)).judgment.findings
    assert finding.stack == "main/N0"
    assert finding.message.endswith(
        " It holds for main/N1, main/N2, main/N3 and 2 more too, which have the same template."
    )


def test_a_finding_of_one_stack_names_no_other(tmp_path: Path) -> None:
    (finding,) = reviewed(write(tmp_path, A=nested())).judgment.findings
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
    path = write(tmp_path, A=nested(), B=nested())
    result = reviewed(path, waivers(tmp_path, "main/A/Web"))
    assert [(stack, bool(waiver)) for stack, waiver in found(result)] == [
        ("main/A", True),
        ("main/B", False),
    ]
    assert result.judgment.blocks


def test_a_waiver_for_a_twin_is_met(tmp_path: Path) -> None:
    path = write(tmp_path, A=nested(), B=nested())
    result = reviewed(path, waivers(tmp_path, "main/A/Web", "main/B/Web"))
    assert [(stack, "main/" in str(waiver)) for stack, waiver in found(result)] == [
        ("main/A", True),
        ("main/B", True),
    ]
    assert not result.judgment.blocks


def test_the_baseline_knows_each_stack(tmp_path: Path) -> None:
    path = write(tmp_path, A=nested(), B=nested())
    write_baseline(tmp_path / "known.toml", entries_for(reviewed(path).found))
    settings = Settings(baseline=BaselineSettings(file=tmp_path / "known.toml"))
    result = reviewed(path, settings)
    assert [(stack, bool(waiver)) for stack, waiver in found(result)] == [("main/A", True), ("main/B", True)]
    write(tmp_path, A=nested(), B=nested(), New=nested())
    assert [stack for stack, waiver in found(reviewed(path, settings)) if not waiver] == ["main/New"]


def test_what_the_baseline_knows_of_a_twin_that_was_fixed_is_stale(tmp_path: Path) -> None:
    path = write(tmp_path, A=nested(), B=nested())
    write_baseline(tmp_path / "known.toml", entries_for(reviewed(path).found))
    (tmp_path / "inner.json").write_text(json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}))
    settings = Settings(baseline=BaselineSettings(file=tmp_path / "known.toml"))
    assert [entry.stack for entry in reviewed(path, settings).stale] == ["main/A", "main/B"]
