"""Compares the judge with the unit tests of AWS Guard rules in a checkout of a suite; see docs/judgment.md.

    python scripts/measure_judge.py CHECKOUT [RULES.toml]

Prints each case on which the two disagree, then how many were compared; exits 1 while any disagrees.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_constructs.errors import InputError
from tts_constructs.policy.loading.yaml_parser import parse_yaml
from tts_constructs.system_metadata import Environment
from tts_constructs.testing import findings

RULES = Path(__file__).parent / "data/suite-rules.toml"
"""Their rules, and ours for the same topic."""

_MUST_BE_FOUND = {"FAIL": True, "PASS": False}  # SKIP says that a rule doesn't apply: nothing to compare


@dataclass(frozen=True)
class Case:
    """A template of a suite, and what the suite says of it.

    Args:
        place: The file and the name of the case.
        rule: The suite's rule.
        template: The template.
        is_bad: Whether the suite calls it failing.
    """

    place: str
    rule: str
    template: Mapping[str, Any]
    is_bad: bool


def cases(checkout: Path) -> Iterator[Case]:
    """Yields each case of the unit tests of Guard rules: YAML files in folders named `tests`."""
    for file in sorted(checkout.rglob("tests/*.y*ml")):
        try:
            tests = parse_yaml(file.read_text(encoding="utf-8"), str(file.relative_to(checkout)))
        except InputError as error:
            print(f"Not read: {error}", file=sys.stderr)
            continue
        for test in tests if isinstance(tests, list) else ():
            template = test.get("input")
            if not isinstance(template, dict) or not template.get("Resources"):
                continue
            for rule, expected in (test.get("expectations", {}).get("rules") or {}).items():
                if expected in _MUST_BE_FOUND:
                    place = f"{file.relative_to(checkout)}: {test.get('name', 'unnamed')}"
                    yield Case(place, rule, template, _MUST_BE_FOUND[expected])


def disagreement(case: Case, ours: list[str]) -> str | None:
    """Returns how the judge disagrees with a case, by our rules for its topic; None: it agrees."""
    try:
        found = {one.rule_id for one in findings(case.template, environment=Environment.PRODUCTION)}
    except InputError as error:
        return f"{case.place}: {case.rule} can't be judged: {error}"
    if bool(found & set(ours)) is case.is_bad:
        return None
    said = "fails and nothing is found" if case.is_bad else "passes and it is found"
    return f"{case.place}: {case.rule} {said} ({', '.join(ours)})"


def main(arguments: list[str] | None = None) -> int:
    """Compares a checkout; returns the exit code."""
    parser = argparse.ArgumentParser(description="Compares the judge with the unit tests of Guard rules.")
    parser.add_argument("checkout", type=Path)
    parser.add_argument("rules", type=Path, nargs="?", default=RULES)
    given = parser.parse_args(arguments)
    rules = tomllib.loads(given.rules.read_text(encoding="utf-8"))
    compared = [case for case in cases(given.checkout) if case.rule in rules]
    if not compared:
        print(f"{given.checkout} has no case of a rule in {given.rules.name}.", file=sys.stderr)
        return 2
    wrong = [told for case in compared if (told := disagreement(case, rules[case.rule]))]
    print(*wrong, sep="\n")
    print(f"{len(compared)} cases compared, {len(compared) - len(wrong)} agree.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
