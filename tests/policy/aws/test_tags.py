"""Tags of resources, as a template writes them."""

from typing import Any

import pytest

from tests.policy.judging import app
from tts_constructs.policy.aws.tags import plain_tag, tag
from tts_constructs.policy.model.stack import Resource

LIST = "AWS::S3::Bucket"
MAP = "AWS::Serverless::Function"
LATER = "{{resolve:ssm:/project}}"


def tagged(kind: str, tags: Any) -> Resource:
    return app({"R": {"Type": kind, "Properties": {"Tags": tags}}}).stacks[0].resources["R"]


@pytest.mark.parametrize(
    ("kind", "tags", "plain"),
    [
        (LIST, [{"Key": "Project", "Value": "benefits"}], "benefits"),
        (LIST, [{"Key": "Project", "Value": "a"}, {"Key": "Project", "Value": "b"}], "a"),
        (LIST, [{"Key": "project", "Value": "benefits"}], None),
        (LIST, [{"Key": "Project", "Value": LATER}], None),
        (LIST, [{"Key": "Project", "Value": {"Ref": "AWS::StackName"}}], None),
        (LIST, {"Project": "benefits"}, None),
        (MAP, {"Project": "benefits"}, "benefits"),
        (MAP, {"Project": LATER}, None),
        (MAP, [{"Key": "Project", "Value": "benefits"}], None),
        ("AWS::SQS::QueuePolicy", [{"Key": "Project", "Value": "benefits"}], None),
    ],
)
def test_a_tag_is_plain_where_a_text_is_written(kind: str, tags: Any, plain: str | None) -> None:
    assert plain_tag(tagged(kind, tags), "Project") == plain


@pytest.mark.parametrize(
    ("kind", "tags"),
    [
        (LIST, [{"Key": {"Fn::Sub": "Project"}, "Value": "benefits"}]),
        (LIST, {"Fn::If": ["Given", [{"Key": "Project", "Value": "benefits"}], []]}),
        (MAP, {"Project": {"Fn::Sub": "benefits"}}),
    ],
)
def test_a_tag_that_is_not_plain_is_found_all_the_same(kind: str, tags: Any) -> None:
    resource = tagged(kind, tags)
    assert plain_tag(resource, "Project") is None
    found = tag(resource, "Project")
    assert found
    assert found.text() == "benefits"
