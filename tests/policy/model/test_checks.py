"""What is added to the results of a check."""

from collections.abc import Iterator

from tts_constructs.policy.model.checks import as_warnings, with_fix
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.result import Result

OWN = Result("violation", "Properties/A", "A is off.", fix="Write a.", template_fix="Write A.")
BARE = Result("violation", "Properties/B", "B is off.")
OPEN = Result("unknown", "Properties/C", "C is open.")


def _results() -> Iterator[Result]:
    yield OWN
    yield BARE
    raise UnknownValue(OPEN)


def test_what_says_no_fix_gets_one_what_is_undecided_too() -> None:
    own, bare, undecided = with_fix(_results(), "Write x.", "Write X.")
    assert own is OWN
    assert (bare.fix, bare.template_fix) == ("Write x.", "Write X.")
    assert (undecided.verdict, undecided.fix, undecided.template_fix) == ("unknown", "Write x.", "Write X.")


def test_one_fix_does_for_templates_too() -> None:
    (_, bare, _) = with_fix(_results(), "Write x.")
    assert (bare.fix, bare.template_fix) == ("Write x.", None)


def test_what_is_undecided_warns_as_the_rest_does() -> None:
    assert [result.at_most for result in as_warnings(_results())] == ["warn", "warn", "warn"]
