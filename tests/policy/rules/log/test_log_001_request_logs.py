"""What is written instead of a service that logs no requests."""

from typing import Any

import pytest

from tests.policy.judging import findings


def fix(**metadata: str) -> str:
    database = {"Type": "AWS::RDS::DBInstance", "Metadata": metadata, "Properties": {}}
    resources: dict[str, Any] = {"Database": database}
    (finding,) = findings("TTS-LOG-001", resources)
    return finding.fix


def test_a_database_is_told_the_property_of_an_app_or_of_a_template() -> None:
    assert fix().startswith("Write `EnableCloudwatchLogsExports`")
    assert fix(**{"aws:cdk:path": "App/Database/Resource"}).startswith("Write `cloudwatch_logs_exports=`")


def test_the_place_of_a_destination_is_named_from_the_resource_on() -> None:
    (finding,) = findings("TTS-LOG-001", {"Stage": {"Type": "AWS::ApiGateway::Stage"}})
    assert finding.message == "AccessLogSetting.DestinationArn is not set, so requests are logged nowhere."


@pytest.mark.parametrize(
    ("properties", "shown"), [({}, "not set"), ({"EnableCloudwatchLogsExports": []}, "empty")]
)
def test_exports_that_are_empty_or_not_set_are_shown_so(properties: dict[str, Any], shown: str) -> None:
    (finding,) = findings(
        "TTS-LOG-001", {"Database": {"Type": "AWS::RDS::DBInstance", "Properties": properties}}
    )
    assert finding.message.startswith(f"EnableCloudwatchLogsExports is {shown}, so")
