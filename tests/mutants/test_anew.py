"""What is kept from before a change."""

from tests.mutants.anew import forget
from tts_constructs.policy.aws.tags import carriers


def test_what_was_kept_is_worked_out_anew() -> None:
    before = carriers()
    assert carriers() is before
    forget()
    assert carriers() == before
    assert carriers() is not before
