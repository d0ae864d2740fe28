"""Rules that the agency adds to those of tts-constructs."""

from collections.abc import Iterator

from tts_constructs.policy import Resource, Result, Rule

RUNTIMES = ("python3.13", "python3.14")
"""Runtimes whose images the agency's security team scans."""


def _runtime(function: Resource) -> Iterator[Result]:
    runtime = function["Runtime"]
    if runtime.exists and runtime.text() not in RUNTIMES:
        yield runtime.violation(f"Runtime is {runtime.shown}; it must be one of {', '.join(RUNTIMES)}.")


RULES = (
    Rule(
        id="AGENCY-LAMBDA-001",
        title="Functions use a runtime that the security team scans",
        why="A fault in a runtime that nobody scans is found by somebody else first.",
        source="Agency security handbook, 4.2: functions run on scanned runtimes.",
        fix=f"Write `runtime=lambda_.Runtime('{RUNTIMES[-1]}')`.",
        template_fix=f"Write `Runtime: {RUNTIMES[-1]}`.",
        decides="Runtime is one of the scanned ones. A function made of a container image has none.",
        controls=("SI-2", "RA-5"),
        force="S",
        production="block",
        sandbox="warn",
        checks={"AWS::Lambda::Function": _runtime},
    ),
)
