"""Twice the input takes twice the steps, for what each family of rules joins and for all of it together.

Lines are counted, as time says little on a machine that does other things too. What a size adds is compared
with what the next adds, so that what is done once does not hide what grows.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.edges.growing_inputs import (
    SHAPES,
    Shape,
    buckets_and_writers,
    many_findings_of_one_group,
    resource,
    sections,
)
from tests.steps import lines
from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.review import Review, review, utc_today
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import BaselineSettings, Settings, WaiverSettings
from tts_constructs.policy.suppressions.baseline import entries_for
from tts_constructs.policy.suppressions.baseline_file import Recorded, write_baseline
from tts_constructs.report import formats

MOST_GROWTH = 2.2
"""Of what a size adds, beside what half of the size adds: twice as much, and less than any power of it."""


def assert_linear(act: Callable[[int], Callable[[], object]], size: int) -> None:
    """Fail if the lines that run grow faster than the size.

    Args:
        act: Prepares the act for a size, which is not counted.
        size: The smallest of three sizes.
    """
    act(1)()  # what is done once in a process, such as to read tables
    small, middle, large = (lines(act(size * factor)) for factor in (1, 2, 4))
    assert large - middle <= MOST_GROWTH * (middle - small)


def templates(*shapes: Shape, number: int) -> dict[str, dict[str, Any]]:
    """A template for each shape, by the name of its stack."""
    return {f"S{one}": {"Resources": shape(number), **sections(number)} for one, shape in enumerate(shapes)}


def judged(
    bodies: dict[str, dict[str, Any]], rules: Sequence[Rule], said: Settings | None = None, **known: Any
) -> Review:
    assembly = Assembly(said or Settings())
    for name, body in bodies.items():
        add_stack(assembly, checked_template(body, name), name, **known)
    return review(assembly, rules=rules)


def of_families(*names: str) -> list[Rule]:
    families = " ".join(names).split()
    return [rule for rule in catalog() if rule.id.split("-")[1] in families]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_a_family_of_rules_joins_takes_steps_that_grow_as_it_does(shape: Shape) -> None:
    rules = of_families(SHAPES[shape])
    assert_linear(lambda number: lambda: judged(templates(shape, number=number), rules), 12)


@pytest.mark.parametrize("shape", SHAPES)
def test_equal_stacks_in_many_stages_take_steps_that_grow_as_their_number(shape: Shape) -> None:
    rules = of_families(SHAPES[shape])
    body = {"Resources": shape(2), **sections(2)}
    known: dict[str, Any] = {"stack_name": "S", "account": "111122223333", "region": "us-east-1"}

    def stages(number: int) -> Callable[[], object]:
        return lambda: judged({f"Stage{one}/S": body for one in range(number)}, rules, **known)

    assert_linear(stages, 6)


@given(st.lists(st.sampled_from(list(SHAPES)), min_size=1, max_size=3, unique=True), st.integers(7, 15))
@settings(max_examples=8)
def test_whatever_is_judged_together_takes_steps_that_grow_as_it_does(shapes: list[Shape], size: int) -> None:
    # From 7 on: of up to 6 optional items all combinations are tried, which is bounded.
    rules = of_families(*(SHAPES[shape] for shape in shapes))
    assert_linear(lambda number: lambda: judged(templates(*shapes, number=number), rules), size)


# Waivers and the baseline


@pytest.fixture
def many_buckets() -> Callable[[int], dict[str, dict[str, Any]]]:
    def made(number: int) -> dict[str, dict[str, Any]]:
        return {f"S{one}": {"Resources": {"Data": resource("S3::Bucket")}} for one in range(number)}

    return made


@pytest.mark.parametrize(
    "path", ["S{}/Data", "S{}/*", "*/Data{}", "**/Data{}", "S{}/**/Data", "S{}/Da*", "Other{}/Data"]
)
def test_waivers_and_findings_take_steps_that_grow_as_they_do(
    folder: Path, many_buckets: Callable[[int], dict[str, dict[str, Any]]], path: str
) -> None:
    rules = [rule for rule in catalog() if rule.id == "TTS-S3-003"]
    last = utc_today() + timedelta(days=100)

    def waived(number: int) -> Callable[[], object]:
        file = folder / f"{number}.toml"
        file.write_text(
            "".join(
                f'[[waiver]]\nrule = "TTS-S3-003"\npath = "{path.format(one)}"\nreason = "r"\n'
                f'approved_by = "a"\nticket = "t"\nexpires = {last}\n'
                for one in range(number)
            )
        )
        said = Settings(waivers=WaiverSettings(file))
        return lambda: judged(many_buckets(number), rules, said)

    assert_linear(waived, 10)


@pytest.mark.parametrize("fixed", [False, True])
def test_a_baseline_and_findings_take_steps_that_grow_as_they_do(
    folder: Path, many_buckets: Callable[[int], dict[str, dict[str, Any]]], fixed: bool
) -> None:
    rules = [rule for rule in catalog() if rule.id == "TTS-S3-003"]

    def known(number: int) -> Callable[[], object]:
        file = folder / f"{number}.toml"
        entries = entries_for(judged(many_buckets(number), rules).found)
        write_baseline(file, entries, recorded=Recorded("ada", date(2026, 3, 2)))
        bodies = {name: {"Resources": {}} for name in many_buckets(number)} if fixed else many_buckets(number)
        return lambda: judged(bodies, rules, Settings(baseline=BaselineSettings(file)))

    assert_linear(known, 10)


def test_a_mapping_and_the_baseline_entries_that_refer_to_it_take_steps_that_grow_as_they_do(
    folder: Path,
) -> None:
    rules = [rule for rule in catalog() if rule.id == "TTS-NET-002"]

    def template(number: int) -> dict[str, dict[str, Any]]:
        address = {"Fn::FindInMap": ["Map", {"Fn::Sub": "k${Open}"}, "v"]}
        port = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": address}
        groups = {
            f"G{one}": resource("EC2::SecurityGroup", SecurityGroupIngress=[port]) for one in range(number)
        }
        rows = {f"k{one}": {"v": "10.0.0.0/8"} for one in range(number)}
        return {"S": {"Resources": groups, **sections(1), "Mappings": {"Map": rows}}}

    def known(number: int) -> Callable[[], object]:
        file = folder / f"{number}.toml"
        entries = entries_for(judged(template(number), rules).found)
        assert len(entries) == number
        write_baseline(file, entries, recorded=Recorded("ada", date(2026, 3, 2)))
        return lambda: judged(template(number), rules, Settings(baseline=BaselineSettings(file)))

    assert_linear(known, 10)


# Reports


@pytest.mark.parametrize("format_", formats.FORMATS)
@pytest.mark.parametrize("shape", [many_findings_of_one_group, buckets_and_writers])
def test_a_report_takes_steps_that_grow_as_its_findings_do(shape: Shape, format_: str) -> None:
    rules = of_families("NET S3")

    def report(number: int) -> Callable[[], object]:
        judgment = judged(templates(shape, number=number), rules).judgment
        return lambda: formats.render(judgment, format_)

    assert_linear(report, 30)  # smaller networks are drawn, which is limited


@pytest.mark.parametrize("format_", formats.FORMATS)
def test_a_report_takes_steps_that_grow_as_its_stacks_do(
    many_buckets: Callable[[int], dict[str, dict[str, Any]]], format_: str
) -> None:
    def report(number: int) -> Callable[[], object]:
        judgment = judged(many_buckets(number), of_families("S3")).judgment
        return lambda: formats.render(judgment, format_)

    assert_linear(report, 12)
