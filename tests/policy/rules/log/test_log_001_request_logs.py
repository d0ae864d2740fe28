"""What is written instead of a service that logs no requests."""

from typing import Any

from tests.policy.rules.judging import findings


def fix(**metadata: str) -> str:
    database = {"Type": "AWS::RDS::DBInstance", "Metadata": metadata, "Properties": {}}
    resources: dict[str, Any] = {"Database": database}
    (finding,) = findings("TTS-LOG-001", resources)
    return finding.fix


def test_a_database_is_told_the_property_of_an_app_or_of_a_template() -> None:
    assert fix().startswith("Write `EnableCloudwatchLogsExports`")
    assert fix(**{"aws:cdk:path": "App/Database/Resource"}).startswith("Write `cloudwatch_logs_exports=`")
