"""Tells which pass of the `cdk` command runs the app, and who shows the findings.

Source: `lib/index.js` of aws-cdk 2.1148.1 (`execProgram`, `doSynthesize`, `ValidationReportFormatter`).
Decision record 84 has the reasons.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tts_constructs.policy.model.assembly import Assembly, Lookups
from tts_constructs.printable import prose

_COMMANDS = "aws:cdk:bundling-stacks"
"""Context that isn't empty for synth, diff, deploy, and others that fail if the CDK's report does."""

_SEVERITIES = ("fatal", "error")


def is_cdk_command() -> bool:
    """Returns True if the `cdk` command, or a program with the CDK's toolkit, runs the app."""
    return "CDK_CLI_VERSION" in os.environ


def shows_report(context: Mapping[str, Any]) -> bool:
    """Returns True if the `cdk` command prints the validation report on the terminal after this run.

    `cdk lsp` reads the report too, but doesn't print it. It runs the app without `CDK_ERROR_FILE`.

    Args:
        context: The context of the app.
    """
    return is_cdk_command() and "CDK_ERROR_FILE" in os.environ and bool(context.get(_COMMANDS))


def runs_again(lookups: Lookups) -> bool:
    """Returns True if the `cdk` command looks something up now, and then runs the app again.

    It doesn't after a pass whose missing lookups have all failed.

    Args:
        lookups: The lookups of the assembly that is being synthesized, with the context given to the app.
    """
    results = [lookups.recorded.get(str(lookup.get("key"))) for lookup in lookups.missing]
    return is_cdk_command() and not all(
        isinstance(result, dict) and "$providerError" in result for result in results
    )


def errors_of_the_app(assembly: Assembly) -> Iterator[str]:
    """Yields a line for each error that the app has set on a construct, or the CDK for a failed lookup."""
    yield from dict.fromkeys(
        f"ERROR {prose(path)}: {prose(said)} (annotation)"
        for stack in assembly.stacks
        for path, said in stack.origins.errors()
    )


def errors_of_others(report: Path, plugin: str) -> Iterator[str]:
    """Yields a line for each error that other plugins report. The CDK doesn't print them if the app fails.

    Args:
        report: `validation-report.json`. If it can't be read, there is nothing to yield.
        plugin: Name of our plugin.
    """
    try:
        reports = json.loads(report.read_text(encoding="utf-8"))["pluginReports"]
        yield from dict.fromkeys(
            f"ERROR {prose(place['constructPath'])}: {prose(violation['description'])} ({prose(name)})"
            for name, violations in ((other["pluginName"], other["violations"]) for other in reports)
            if name != plugin
            for violation in violations
            if violation["severity"] in _SEVERITIES
            for place in violation["violatingConstructs"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return


class ExitCode:
    """Ends the process with exit code 1 if a synth has failed, after Python has done everything else.

    The command then shows what the app has said, and not the report. Python lets go of this object last,
    after functions of `atexit`. A process that ends otherwise leaves the report to the command, which fails
    too.

    Attributes:
        failed: Folders of the cloud assemblies whose synth has failed.
    """

    def __init__(self, end: Callable[[int], object] = os._exit) -> None:
        self.failed: set[Path] = set()
        self._end = end

    def __del__(self) -> None:
        """Ends the process if a synth has failed."""
        if self.failed:
            self._end(1)
