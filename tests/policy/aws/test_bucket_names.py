"""Which bucket a value speaks of."""

from typing import Any

import pytest

from tts_constructs.policy.aws.bucket_names import ANYTHING, Pattern, bucket_named, keys_named, keys_of
from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.settings.model import Settings

NOWHERE = {"Fn::ImportValue": "of-no-stack"}


def stack(bucket: dict[str, Any] | None = None, *, name: str | None = "Benefits", value: Any = None) -> Stack:
    resources = {
        "Logs": {"Type": "AWS::S3::Bucket", "Properties": bucket or {}},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Seed": {"Type": "Custom::Seed"},
        "Lookup": {"Type": "AWS::CloudFormation::CustomResource"},
        "Setting": {"Type": "AWS::SSM::Parameter"},
        "Asking": {"Type": "AWS::IAM::Policy", "Properties": {"Value": value}},
    }
    body = checked_template({"Resources": resources}, "Stack")
    return add_stack(Assembly(Settings()), body, "Stack", stack_name=name, region="us-gov-west-1")


def named(value: Any) -> Resource | str | Pattern:
    return bucket_named(stack(value=value).resources["Asking"]["Value"].value)


REFERENCES: list[Any] = [
    {"Ref": "Logs"},
    {"Fn::GetAtt": ["Logs", "Arn"]},
    {"Fn::GetAtt": ["Logs", "RegionalDomainName"]},
    {"Fn::Sub": "${Logs.Arn}/AWSLogs/*"},
    {"Fn::Sub": "arn:${AWS::Partition}:s3:::${Logs}"},
    {"Fn::Sub": ["arn:${P}:s3:::${Logs}/*", {"P": NOWHERE}]},
    {"Fn::Sub": "${Logs}.s3.amazonaws.com"},
]


@pytest.mark.parametrize("value", REFERENCES, ids=str)
def test_a_reference_names_the_bucket_of_the_app(value: Any) -> None:
    found = named(value)
    assert isinstance(found, Resource)
    assert found.logical_id == "Logs"


@pytest.mark.parametrize(
    "value",
    ["logs", " logs ", "arn:aws:s3:::logs", "arn:aws:s3:::logs/a/*", "logs.s3.us-east-1.amazonaws.com"],
)
def test_a_literal_names_a_bucket_by_its_name(value: str) -> None:
    assert named(value) == "logs"


def test_a_name_that_is_made_of_another_is_a_pattern() -> None:
    assert named({"Fn::Sub": "${Logs}-copy"}) == Pattern("*-copy", unknown=True)
    assert named({"Fn::Sub": ["logs-${X}/*", {"X": NOWHERE}]}) == Pattern("logs-*", unknown=True)


def test_a_key_that_is_not_known_leaves_the_bucket_known() -> None:
    assert named({"Fn::Sub": ["arn:aws:s3:::logs/${X}/*", {"X": NOWHERE}]}) == "logs"


def test_wildcards_are_a_pattern_in_which_brackets_are_literal() -> None:
    assert named("arn:aws:s3:::logs-*") == Pattern("logs-*")
    assert named("logs?[x]") == Pattern("logs?[[]x]")


def test_what_no_bucket_has_names_none() -> None:
    assert named({"Fn::GetAtt": ["Queue", "Arn"]}) == ""


NOT_KNOWN: list[Any] = [
    NOWHERE,
    {"Fn::GetAtt": ["Seed", "Bucket"]},
    {"Fn::GetAtt": ["Lookup", "Bucket"]},
    {"Fn::GetAtt": ["Setting", "Value"]},
    None,
    {"a": "map"},
]


@pytest.mark.parametrize("value", NOT_KNOWN, ids=str)
def test_what_is_not_known_can_be_any_bucket(value: Any) -> None:
    assert named(value) == ANYTHING


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        (Pattern("*"), True),
        (Pattern("our-*"), True),
        (Pattern("other-*"), False),
        (Pattern("OUR-*"), False),
        (Pattern("arn:aws-us-gov:s3:::our*"), True),
        (Pattern("arn:aws:s3:::our*"), False),
        (Pattern("our-*", unknown=True), None),
        (Pattern("other-*", unknown=True), False),
    ],
)
def test_a_pattern_fits_a_bucket_by_its_name(pattern: Pattern, fits: bool | None) -> None:
    assert pattern.fits(stack({"BucketName": "our-logs"}).resources["Logs"]) is fits


def test_a_bucket_without_a_name_is_named_after_its_stack() -> None:
    bucket = stack().resources["Logs"]
    assert Pattern("benefits-logs-*").fits(bucket)
    assert Pattern("forms-*").fits(bucket) is False


@pytest.mark.parametrize("pattern", [Pattern("benefits-*"), Pattern("x*"), ANYTHING])
def test_a_name_that_is_not_known_may_fit_any_pattern(pattern: Pattern) -> None:
    assert pattern.fits(stack(name=None).resources["Logs"]) is None
    assert pattern.fits(stack({"BucketName": NOWHERE}).resources["Logs"]) is None


def test_a_pattern_for_all_names_fits_a_name_that_is_not_known() -> None:
    assert Pattern("*").fits(stack({"BucketName": NOWHERE}).resources["Logs"]) is True


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        (Pattern("our-*"), True),
        (Pattern("our-*-logs"), True),
        (Pattern("our-a*"), None),
        (Pattern("*-data"), False),
        (Pattern("*-logs", unknown=True), None),
        (Pattern("*-data", unknown=True), False),
        (Pattern("our-x-logs"), None),
        (Pattern("arn:aws-us-gov:s3:::our*"), True),
    ],
)
def test_a_pattern_fits_a_name_with_unknown_parts_as_known(pattern: Pattern, fits: bool | None) -> None:
    name = {"Fn::Sub": ["our-${X}-logs", {"X": NOWHERE}]}
    assert pattern.fits(stack({"BucketName": name}).resources["Logs"]) is fits


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Sub": "${AWS::StackName}-logs"},
        {"Fn::Sub": "arn:aws:s3:::${AWS::StackName}-logs/AWSLogs/*"},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "AWS::StackName"}, "-logs"]]},
        {"Fn::Sub": ["arn:${P}:s3:::${AWS::StackName}-logs/*", {"P": NOWHERE}]},
        {"Fn::Sub": "${AWS::StackName}-logs.s3.amazonaws.com"},
    ],
    ids=str,
)
def test_an_equal_expression_names_the_bucket(value: Any) -> None:
    template = stack({"BucketName": {"Fn::Sub": "${AWS::StackName}-logs"}}, name=None, value=value)
    node = template.resources["Asking"]["Value"]
    assert set(keys_of(template.resources["Logs"])) & set(keys_named(node))


@pytest.mark.parametrize(
    "value", [{"Fn::Sub": "${AWS::StackName}-data"}, {"Fn::Sub": "x-${AWS::StackName}-logs"}, "logs"], ids=str
)
def test_another_expression_does_not_name_the_bucket(value: Any) -> None:
    template = stack({"BucketName": {"Fn::Sub": "${AWS::StackName}-logs"}}, name=None, value=value)
    node = template.resources["Asking"]["Value"]
    assert not set(keys_of(template.resources["Logs"])) & set(keys_named(node))
