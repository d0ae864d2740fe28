"""What a rule found, as every door shows it."""

from dataclasses import replace

import pytest

from tests.policy.samples import FINDING
from tts_constructs.policy.model.finding import Finding


@pytest.mark.parametrize(
    ("construct_path", "logical_id", "expected"),
    [
        ("Example/Data/Resource", "R", "Example/Data/Resource"),
        (None, "R", "Example/R"),
        (None, "", "Example"),
    ],
)
def test_a_finding_is_at_its_construct_or_else_at_its_logical_id(
    construct_path: str | None, logical_id: str, expected: str
) -> None:
    assert replace(FINDING, construct_path=construct_path, logical_id=logical_id).path == expected


@pytest.mark.parametrize(
    ("level", "waiver", "expected"),
    [("block", None, True), ("warn", None, False), ("block", "allowed by Ada", False)],
)
def test_a_finding_blocks_unless_it_only_warns_or_is_allowed(
    level: str, waiver: str | None, expected: bool
) -> None:
    assert replace(FINDING, level=level, waiver=waiver).blocks is expected  # type: ignore[arg-type]


def test_the_report_shows_all_of_a_finding() -> None:
    shown = FINDING.as_dict()
    assert Finding(**shown) == FINDING
    assert shown["controls"] == ("SC-28",)
