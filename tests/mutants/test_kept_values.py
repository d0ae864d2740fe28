"""What is kept from before a change."""

from tests.mutants.kept_values import forget
from tts_constructs.policy.aws.tags import carriers


def test_a_kept_value_is_computed_again() -> None:
    before = carriers()
    assert carriers() is before
    forget()
    assert carriers() == before
    assert carriers() is not before
