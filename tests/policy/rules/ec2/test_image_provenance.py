"""Which image ids are proven to be the baseline image's."""

from typing import Any

import pytest

from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.loading.yaml_parser import parse_yaml
from tts_constructs.policy.model.assembly import Assembly, Lookups
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.ec2._image_provenance import unproven
from tts_constructs.policy.settings.model import ImageSettings, Settings

OWNER = "777788889999"
NAME = "Baseline *"
PARAMETER = "/tts/ami"
SHARED = "arn:aws:ssm:us-east-1:777788889999:parameter/shared"
SETTINGS = ImageSettings(owners=(OWNER,), name=NAME, ssm_parameters=(PARAMETER, SHARED))

BY_NAME = f"ami:account=111122223333:filters.name.0={NAME}:owners.0={OWNER}:region=us-east-1"
BY_PARAMETER = f"ssm:account=111122223333:parameterName={PARAMETER}:region=us-east-1"
RECORDED = {BY_NAME: "ami-name", BY_PARAMETER: "ami-parameter"}

AMI_IS_MISSING = {"provider": "ami", "props": {"filters": {"name": [NAME]}, "owners": [OWNER]}}
PARAMETER_IS_MISSING = {"provider": "ssm", "props": {"parameterName": PARAMETER}}


def results(
    raw: str,
    *,
    others: str = "",
    recorded: dict[str, Any] | None = None,
    missing: tuple[dict[str, Any], ...] = (),
    settings: ImageSettings = SETTINGS,
    synthesizing: bool = False,
) -> list[Result]:
    """What keeps an image id from being proven, in a template with other resources and parameters."""
    lookups = Lookups(RECORDED if recorded is None else recorded, list(missing))
    assembly = Assembly(Settings(image=settings), lookups, synthesizing=synthesizing)
    text = (
        "Parameters:\n"
        "  Ami: {Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>, Default: ' /tts/ami '}\n"
        "  Strange: {Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>, Default: /other/ami}\n"
        "  Nameless: {Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>, Default: 7}\n"
        f"Resources:\n  Web: {{Type: AWS::EC2::Instance, Properties: {{ImageId: {raw}}}}}\n{others}"
    )
    stack = add_stack(assembly, checked_template(parse_yaml(text, "Example"), "Example"), "Example")
    return list(unproven(stack.resources["Web"]["ImageId"]))


def parameter(name: str, value: str) -> str:
    return f"  {name}: {{Type: AWS::SSM::Parameter, Properties: {{Name: {name}, Value: {value}}}}}\n"


# Ids of images


@pytest.mark.parametrize("image_id", ["ami-name", "ami-parameter", "' ami-name '"])
def test_an_image_that_a_lookup_of_the_baseline_found_is_proven(image_id: str) -> None:
    assert results(image_id) == []


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (BY_NAME, "ami-other"),
        (BY_NAME.replace(NAME, "Other *"), "ami-1"),
        (BY_NAME.replace(OWNER, "111122223333"), "ami-1"),
        (BY_NAME.replace("ami:", "vpc:"), "ami-1"),
        (BY_PARAMETER.replace(PARAMETER, "/other/ami"), "ami-1"),
        (BY_PARAMETER.replace("parameterName", "name"), "ami-1"),
        (BY_PARAMETER.replace("ssm:", "ami:"), "ami-1"),
        (BY_PARAMETER, {"id": "ami-1"}),
        (BY_NAME, ["ami-1"]),
    ],
)
def test_an_image_that_no_lookup_of_the_baseline_found_is_a_violation(key: str, found: Any) -> None:
    (result,) = results("ami-1", recorded={key: found})
    assert (result.verdict, result.location) == ("violation", "Properties/ImageId")
    assert "The image is ami-1" in result.message
    assert result.message.endswith("the baseline image.")


def test_settings_without_an_owner_prove_nothing_and_the_message_says_so() -> None:
    (result,) = results("ami-name", settings=ImageSettings(name=NAME))
    assert "The settings name no owner" in result.message


@pytest.mark.parametrize("raw", ["!Ref Nameless", "!Ref Web", "'{{resolve:secretsmanager:ami}}'"])
def test_an_image_that_is_known_later_is_undecided(raw: str) -> None:
    with pytest.raises(UnknownValue):
        results(raw)


# Placeholders


@pytest.mark.parametrize(
    ("missing", "image_id"),
    [
        (AMI_IS_MISSING, "ami-1234"),
        (AMI_IS_MISSING, "dummyValue"),
        (PARAMETER_IS_MISSING, "dummy-value-for-/tts/ami"),
    ],
)
@pytest.mark.parametrize(("synthesizing", "at_most"), [(False, None), (True, "warn")])
def test_a_placeholder_of_the_baseline_is_undecided_and_only_warns_while_the_app_is_synthesized(
    missing: dict[str, Any], image_id: str, synthesizing: bool, at_most: str | None
) -> None:
    (result,) = results(image_id, missing=(missing,), synthesizing=synthesizing)
    assert (result.verdict, result.location, result.at_most) == ("unknown", "Properties/ImageId", at_most)
    assert image_id in result.message
    assert "cdk.context.json" in (result.fix or "")


@pytest.mark.parametrize(
    ("missing", "image_id"),
    [
        ({"provider": "ami", "props": {"filters": {"name": ["Other *"]}, "owners": [OWNER]}}, "ami-1234"),
        ({"provider": "ami", "props": {"filters": {"name": [NAME]}, "owners": ["1"]}}, "ami-1234"),
        ({"provider": "ami", "props": {"filters": {"name": NAME}, "owners": [OWNER]}}, "ami-1234"),
        ({"provider": "ssm", "props": {"parameterName": "/other"}}, "dummy-value-for-/other"),
        ({"provider": "vpc", "props": {"parameterName": PARAMETER}}, "dummy-value-for-/tts/ami"),
        ({}, "ami-1234"),
    ],
)
def test_a_placeholder_of_another_image_is_a_violation(missing: dict[str, Any], image_id: str) -> None:
    assert [result.verdict for result in results(image_id, missing=(missing,))] == ["violation"]


def test_placeholders_of_several_lookups_count() -> None:
    missing = (PARAMETER_IS_MISSING, {"provider": "vpc"}, AMI_IS_MISSING)
    for image_id in ("ami-1234", "dummy-value-for-/tts/ami"):
        assert [result.verdict for result in results(image_id, missing=missing)] == ["unknown"]


# SSM parameters


@pytest.mark.parametrize(
    "raw",
    [
        "!Ref Ami",
        "'{{resolve:ssm:/tts/ami}}'",
        "'{{resolve:ssm: /tts/ami }}'",
        "'{{resolve:ssm:/tts/ami:stable}}'",
        "' resolve:ssm:/tts/ami '",
        "'resolve:ssm:/tts/ami:stable'",
        f"'resolve:ssm:{SHARED}'",
        f"'resolve:ssm:{SHARED}:stable'",
    ],
)
def test_an_image_of_a_parameter_that_the_settings_name_is_proven(raw: str) -> None:
    assert results(raw) == []


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("'{{resolve:ssm:/tts/ami:3}}'", "/tts/ami"),
        ("'resolve:ssm:/tts/ami:3'", "/tts/ami"),
        (f"'resolve:ssm:{SHARED}:3'", SHARED),
    ],
)
def test_an_image_of_a_version_of_a_parameter_is_a_violation(raw: str, name: str) -> None:
    (result,) = results(raw)
    assert result.verdict == "violation"
    assert f"Version 3 of the SSM parameter {name} stays" in result.message
    assert result.fix == f"Leave out the version: `{name}`."


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("!Ref Strange", "/other/ami"),
        ("'{{resolve:ssm:/other/ami:3}}'", "/other/ami:3"),
        ("'resolve:ssm:/tts/ami/new'", "/tts/ami/new"),
    ],
)
def test_an_image_of_another_parameter_is_a_violation(raw: str, name: str) -> None:
    (result,) = results(raw)
    assert (result.verdict, result.location) == ("violation", "Properties/ImageId")
    assert f"the SSM parameter {name}, which" in result.message


@pytest.mark.parametrize(("value", "verdicts"), [("ami-name", []), ("ami-1", ["violation"])])
def test_what_the_app_writes_into_a_parameter_of_the_settings_counts(value: str, verdicts: list[str]) -> None:
    found = results("!Ref Ami", others=parameter("/tts/ami", value))
    assert [result.verdict for result in found] == verdicts
    assert {result.location for result in found} <= {"Properties/ImageId"}
    assert all(value in result.message for result in found)


def test_what_the_app_writes_into_another_parameter_does_not_count() -> None:
    nameless = "  Nobody: {Type: AWS::SSM::Parameter, Properties: {Value: ami-1}}\n"
    assert results("!Ref Ami", others=parameter("/other/ami", "ami-1") + nameless) == []


@pytest.mark.parametrize(("value", "verdicts"), [("ami-name", []), ("ami-1", ["violation"])])
def test_a_reference_to_a_parameter_of_the_app_is_what_the_app_writes(
    value: str, verdicts: list[str]
) -> None:
    found = results("!GetAtt Mine.Value", others=parameter("Mine", value))
    assert [result.verdict for result in found] == verdicts
    assert all(value in result.message for result in found)
