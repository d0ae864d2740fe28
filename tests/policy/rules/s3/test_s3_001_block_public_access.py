"""What is written instead of an access point without its blocks."""

from tests.policy.judging import findings


def test_an_access_point_is_told_that_it_has_the_flags_by_itself() -> None:
    off = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}}
    found = findings("TTS-S3-001", {"Point": {"Type": "AWS::S3::AccessPoint", "Properties": off}})
    assert {finding.fix.partition(":")[0] for finding in found} == {"Remove the public access block"}
