"""What is written instead of no tag."""

import pytest

from tests.policy.judging import findings
from tts_constructs.system_metadata import Environment


@pytest.mark.parametrize("environment", list(Environment))
def test_the_tag_of_the_environment_that_the_stack_runs_in_is_asked_for(environment: Environment) -> None:
    (finding,) = findings("TTS-TAG-004", {"Topic": {"Type": "AWS::SNS::Topic"}}, environment=environment)
    assert finding.fix == f"Add the tag `Environment` with the value `{environment}`."
