"""Assertions for a team's tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from tts_constructs.errors import InputError, InvalidArgumentError
from tts_constructs.policy.configuration import load_settings
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.records.attestation import stated_guardrails
from tts_constructs.policy.review import review, review_paths
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import BUILTIN_RULES
from tts_constructs.report.by_rule import SharedPlaces, by_rule
from tts_constructs.report.formats import text
from tts_constructs.report.source_locations import SourceLocations
from tts_constructs.system_metadata import Environment

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.assertions import Template

    Judged = cdk.Stage | cdk.Stack | Template | Mapping[str, Any] | Path | str
    """Things to judge; a path may be anything that `tts check` takes."""


def findings(subject: Judged, *, environment: Environment | None = None) -> list[Finding]:
    """Returns all findings, which block, warn, or are waived; raises nothing because of them.

    An App, Stage or Stack is synthesized and judged as a whole, by the settings of the working folder,
    whether or not it has guardrails; what these say of environments counts. Of a Stage or Stack the findings
    below it are given, and joins see the whole app. A `Template` or map is judged alone: give the stack
    rather than its template where a rule has to see more than one.

    Args:
        subject: What is judged.
        environment: Of stacks that do not state one. Default: that of the settings, else production.

    Returns:
        The findings, sorted by stack, logical id, rule.

    Raises:
        InvalidArgumentError: `subject` is nothing that can be judged.
        InputError: A template cannot be read.
        SettingsError: The settings or the waiver file cannot be used.
    """
    return list(_judgment(subject, environment).findings)


def assert_compliant(subject: Judged, *, environment: Environment | None = None) -> None:
    """Asserts that nothing blocks; warnings and waived findings pass. The arguments are those of `findings`.

    Raises:
        AssertionError: Something blocks; it says what, where, why, and what to write instead.
    """
    __tracebackhide__ = True
    judgment = _judgment(subject, environment)
    if judgment.blocks:
        raise AssertionError(_told(judgment, lambda finding: finding.blocks))


def assert_blocked(subject: Judged, rule_id: str, *, environment: Environment | None = None) -> None:
    """Asserts that a rule blocks; others may too. The other arguments are those of `findings`.

    Args:
        subject: What is judged.
        rule_id: Such as `TTS-EC2-001`.
        environment: See `findings`.

    Raises:
        AssertionError: The rule does not block; it says which rules do.
        InvalidArgumentError: No rule has this ID, or `subject` can't be judged.
    """
    __tracebackhide__ = True
    _check_rule_id(rule_id)
    judgment = _judgment(subject, environment)
    blocking = {finding.rule_id for finding in judgment.findings if finding.blocks}
    if rule_id not in blocking:
        others = f"These block: {', '.join(sorted(blocking))}." if blocking else "Nothing blocks."
        told = _told(judgment, lambda finding: finding.blocks or finding.rule_id == rule_id)
        message = f"{rule_id} does not block here. {others}\n{told}"
        raise AssertionError(message)


def _check_rule_id(rule_id: str) -> None:
    ids = [rule.id for rule in (*catalog(), *BUILTIN_RULES)]
    if rule_id not in ids:
        alike = get_close_matches(str(rule_id), ids, n=1)
        meant = f"write {alike[0]!r}, or another" if alike else "write one"
        raise InvalidArgumentError(
            "assert_blocked", [f"{rule_id!r} isn't a rule; {meant} that `tts rules` lists"]
        )


def _told(judgment: Judgment, matters: Callable[[Finding], bool]) -> str:
    """Formats the counts, which the summary of a test run shows, then the findings that matter."""
    sources = SourceLocations(judgment)
    groups = by_rule(filter(matters, judgment.findings))
    shared = SharedPlaces(groups)
    blocks = [text.block(group, sources, shared) for group in groups]
    return click.unstyle("\n\n".join([text.summary(judgment), *blocks]))


def _judgment(subject: object, environment: Environment | None) -> Judgment:
    if isinstance(subject, str | Path):
        return _judged_path(Path(subject), environment)
    if isinstance(subject, Mapping):
        return _judged_template(subject, environment)
    import aws_cdk as cdk  # takes seconds, which files and maps need not wait for
    from aws_cdk.assertions import Template

    if isinstance(subject, Template):
        stated = {"Resources": {}, **subject.to_json()}  # the template of an empty stack has none
        return _judged_template(stated, environment)
    if isinstance(subject, cdk.Stage | cdk.Stack):
        return _judged_scope(subject, environment)
    fault = (
        "takes an App, Stage, Stack or Template of the CDK, a template as a map, or a path; "
        f"{subject!r} is none of these"
    )
    raise InvalidArgumentError("tts_constructs.testing", [fault])


def _judged_path(path: Path, environment: Environment | None) -> Judgment:
    """Judges a path as `tts check` does."""
    return review_paths([path], load_settings(), environment=environment).judgment


def _judged_template(body: Mapping[str, Any], environment: Environment | None) -> Judgment:
    """Judges a template as `tts check` judges it in a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "Template.json"
        path.write_text(json.dumps(body), encoding="utf-8")
        try:
            return _judged_path(path, environment)
        except InputError as error:
            raise InputError("the template", error.faults) from None


def _judged_scope(scope: cdk.Stage | cdk.Stack, environment: Environment | None) -> Judgment:
    """Judges a part of an app as guardrails on the whole app do."""
    from tts_constructs.testing.synthesis import synthesized

    app = synthesized(scope)
    path = scope.node.path

    def below(stack: Stack, _: Resource | None) -> bool:
        return not path or stack.name == path or stack.name.startswith(f"{path}/")

    assembly = read_assembly(
        [Path(app.outdir)], load_settings(), context=app.node.get_all_context(), synthesizing=True
    )
    guardrails = stated_guardrails([Path(app.outdir)])
    return review(assembly, guardrails=guardrails, override=environment, selected=below).judgment
