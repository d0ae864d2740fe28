"""What is written instead of logs that are removed too soon."""

from tests.policy.judging import findings
from tts_constructs import standards


def test_instead_of_a_date_the_days_that_the_settings_ask_for_are_named() -> None:
    rules = [{"Status": "Enabled", "ExpirationDate": "2027-01-01T00:00:00Z"}]
    attributes = [{"Key": "access_logs.s3.bucket", "Value": {"Ref": "Logs"}}]
    (finding,) = findings(
        "TTS-LOG-002",
        {
            "Web": {
                "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Properties": {"LoadBalancerAttributes": attributes},
            },
            "Logs": {"Type": "AWS::S3::Bucket", "Properties": {"LifecycleConfiguration": {"Rules": rules}}},
        },
    )
    assert f"`ExpirationInDays: {standards.LOG_BUCKET_RETENTION_DAYS}`" in finding.fix
