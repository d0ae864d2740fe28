"""Reads the effects of API calls, and the rules that judge them: `data/api-calls.csv`."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from tts_constructs.policy.aws.api_calls import CALLERS, Call, action_named, calls_of
from tts_constructs.policy.model.checks import stop_at_unknown
from tts_constructs.policy.model.rule import Check
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_TABLE = Path(__file__).parent / "data" / "api-calls.csv"
_ANY = "*"
"""As service and action: the rule that is undecided where neither of them is known."""

CallCheck = Callable[[Call, str], Iterator[Result]]
"""Checks a call by its parameters; the text is what the table says, such as the parameters to look at."""

INSTEAD = (
    "Remove the call. What it makes or changes, write as a resource of the stack, where it is judged and "
    "every change is reviewed."
)
"""The fix of a call."""


@dataclass(frozen=True)
class Effect:
    """The effect of a call, for one rule.

    Args:
        verdict: `violation` or `unknown`; else the name of a check of the rule, which reads the parameters.
        effect: As part of a sentence, such as "makes a user"; for a check, what it needs: a parameter.
    """

    verdict: str
    effect: str


@cache
def effects_for(rule_id: str) -> Mapping[tuple[str, str], Effect]:
    """Return the rows of the table for a rule, by service and action as `Call` has them."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            (row["service"], action_named(row["action"]) or ""): Effect(row["verdict"], row["effect"])
            for row in csv.DictReader(file)
            if row["rule"] == rule_id
        }


def with_calls(
    rule_id: str, checks: Mapping[str, Check], by_parameters: Mapping[str, CallCheck] | None = None
) -> dict[str, Check]:
    """Return the checks of a rule with those of the calls that its resources make.

    Args:
        rule_id: The rule.
        checks: Its checks of resources.
        by_parameters: Checks of calls whose parameters decide, by their name in the table.
    """

    def check_calls(resource: Resource) -> Iterator[Result]:
        for call in calls_of(resource):
            yield from stop_at_unknown(_judged(call, rule_id, by_parameters or {}))

    found = dict(checks)
    for caller in CALLERS:
        for name in [caller, *(name for name in checks if "*" in caller and fnmatchcase(name, caller))]:
            own = _check_of(name, checks)
            found[name] = _both(own, check_calls) if own else check_calls
    return found


def _check_of(name: str, checks: Mapping[str, Check]) -> Check | None:
    """Return the check of a type: the exact one, else the longest pattern that matches, as a rule does it."""
    patterns = [pattern for pattern in checks if "*" in pattern and fnmatchcase(name, pattern)]
    return checks.get(name) or (checks[max(patterns, key=len)] if patterns else None)


def _both(first: Check, second: Check) -> Check:
    def check(resource: Resource) -> Iterator[Result]:
        yield from stop_at_unknown(first(resource))
        yield from second(resource)

    return check


def _judged(call: Call, rule_id: str, by_parameters: Mapping[str, CallCheck]) -> Iterator[Result]:
    effects = effects_for(rule_id)
    if call.service is None or call.action is None:
        if any(_may_be(call, service, action) for service, action in effects):
            yield call.place.unknown(
                f"{call.name} calls an API that is not known. Write its service and action as text.",
                fix=INSTEAD,
            )
        return
    found = effects.get((call.service, call.action))
    if found is None or _is_a_trial(call):
        return
    if found.verdict in {"violation", "unknown"}:
        told = call.place.unknown if found.verdict == "unknown" else call.place.violation
        yield told(f"{call.name} {found.effect}.", fix=INSTEAD)
    elif call.parameters.is_unknown:
        yield call.place.unknown(
            f"{call.name} has parameters that are not known, and they decide what it does. Write them out.",
            fix=INSTEAD,
        )
    else:
        for result in stop_at_unknown(by_parameters[found.verdict](call, found.effect)):
            yield replace(result, location=call.place.location, fix=result.fix or INSTEAD)


def _is_a_trial(call: Call) -> bool:
    """Return whether EC2 only says whether it would allow the call."""
    return call.service == "ec2" and call.parameter("DryRun").value in (True, "true")


def _may_be(call: Call, service: str, action: str) -> bool:
    if call.service is None and call.action is None:
        return service == _ANY
    return call.service == service or call.action == action
