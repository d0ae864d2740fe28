"""What a template hides: what the examples of the rule do not say."""

from typing import Any

import pytest

from tests.policy.judging import findings


@pytest.mark.parametrize(
    "body",
    [
        {"Transform": "Agency::Macro", "Resources": {}},
        {"Transform": "AWS::LanguageExtensions", "Resources": {"Fn::ForEach::Topics": "every"}},
        {"Resources": {"Site": {"Type": "Agency::Web::Site::MODULE"}}},
        {"Resources": {"Site": {"Type": "AWS::ServiceCatalog::CloudFormationProvisionedProduct"}}},
        {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Fn::Transform": {"Name": "M"}}}}},
    ],
)
def test_whoever_hides_resources_is_told_to_write_them_out(body: dict[str, Any]) -> None:
    (finding,) = findings("CFN", body)
    assert finding.fix == "Write the resources directly into the template."


def test_what_puts_something_into_a_resource_is_named() -> None:
    properties = {"Fn::Transform": {"Name": "M"}}
    (finding,) = findings(
        "CFN", {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}}
    )
    assert finding.location == "Resources/Topic/Properties"
    assert finding.message.startswith("Fn::Transform puts")


def test_a_transform_of_a_template_without_resources_hides_nothing() -> None:
    assert findings("CFN", {"Transform": "AWS::LanguageExtensions"}) == ()
