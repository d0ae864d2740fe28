"""What tells a finding from others, and what does not change it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.model.finding import Finding
from tts_constructs.report.fingerprints import fingerprints

FindingMaker = Callable[..., Finding]


@pytest.mark.parametrize(
    "change",
    [
        {"source": "app.py:99"},
        {"message": "It is worded differently."},
        {"level": "warn"},
        {"waiver": "TICKET-1"},
        {"construct_path": "Benefits/Web"},
        {"fix": "Another."},
    ],
)
def test_a_finding_stays_the_same(change: dict[str, str], make_finding: FindingMaker) -> None:
    assert fingerprints([make_finding(**change)]) == fingerprints([make_finding()])


@pytest.mark.parametrize(
    "change",
    [
        {"rule_id": "TTS-EC2-002"},
        {"stack": "Forms"},
        {"logical_id": "Api"},
        {"location": "Properties"},
        {"stack": "Benefit", "logical_id": "sWeb"},
    ],
)
def test_another_finding_is_told_apart(change: dict[str, str], make_finding: FindingMaker) -> None:
    assert fingerprints([make_finding(**change)]) != fingerprints([make_finding()])


def test_a_fingerprint_is_the_same_in_every_release(make_finding: FindingMaker) -> None:
    assert fingerprints([make_finding()])[0][:16] == "3788ca37679af0dd"


@given(data=st.data())
def test_fingerprints_are_distinct_and_do_not_depend_on_the_order(
    make_finding: FindingMaker, data: st.DataObject
) -> None:
    few = st.sampled_from(["A", "B"])
    one = st.builds(make_finding, logical_id=few, location=few, message=st.text())
    findings = data.draw(st.lists(one, max_size=6, unique=True))
    shuffled = data.draw(st.permutations(findings))
    prints = dict(zip(findings, fingerprints(findings), strict=True))
    assert len(set(prints.values())) == len(findings)
    assert dict(zip(shuffled, fingerprints(shuffled), strict=True)) == prints
