"""What is written instead of a door."""

from tests.policy.judging import findings


def test_a_door_is_named_with_what_to_remove() -> None:
    (finding,) = findings("TTS-ACC-001", {"Key": {"Type": "AWS::EC2::KeyPair"}})
    assert finding.message == "A key pair lets whoever holds it log in to instances."
    assert finding.fix.startswith("Remove the key pair. You don't need to log in")
