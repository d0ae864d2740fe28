"""Judges an assembly, and applies waivers and the baseline: what every front end calls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from tts_constructs.policy import native_validation
from tts_constructs.policy.engine import account_environment
from tts_constructs.policy.engine.environments import NO_GUARDRAILS, Guardrails
from tts_constructs.policy.engine.judge import Selected, judge_stacks, judgment_of
from tts_constructs.policy.engine.judgment import JudgedStack, Judgment, LocatedFinding
from tts_constructs.policy.loading.context import recorded_lookups
from tts_constructs.policy.loading.folders import Skipped
from tts_constructs.policy.loading.reader import Track, read_assembly
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.records.attestation import stated_guardrails
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import Settings
from tts_constructs.policy.suppressions import acknowledgments, baseline, baseline_file, waiver_file, waivers
from tts_constructs.system_metadata import Environment


@dataclass(frozen=True)
class Review:
    """A judgment after waivers and the baseline were applied.

    Args:
        judgment: All findings, including those about waivers and the baseline.
        found: The findings of rules.
        uses: What each waiver did, in the order of their file.
        stale: Entries of the baseline that match nothing.
        refused: Entries of the baseline for findings that it never covers.
    """

    judgment: Judgment
    found: tuple[LocatedFinding, ...]
    uses: tuple[waivers.WaiverUsage, ...]
    stale: tuple[baseline_file.Entry, ...]
    refused: tuple[baseline_file.Entry, ...] = ()


def utc_today() -> date:
    """Return today's date in UTC, which decides if waivers expired."""
    return datetime.now(UTC).date()


def review_paths(
    paths: Sequence[Path],
    settings: Settings,
    *,
    environment: Environment | None = None,
    context_file: Path | None = None,
    rules: Iterable[Rule] | None = None,
    track: Track = list,
    skip: Callable[[Skipped], object] = lambda _: None,
    validate: bool = False,
    ignored: Collection[str] = (),
) -> Review:
    """Read the files at the paths and judge them, as `tts check` does.

    Args:
        paths: Cloud assemblies, folders of templates, templates.
        settings: Settings of the organization.
        environment: For stacks that do not state one.
        context_file: Recorded lookups. Default: those beside the paths, else in the working folder.
        rules: The rules that are evaluated. Default: all.
        track: Passes on the files of a folder, and can show progress.
        skip: Called for each file and folder in a given folder that is not judged.
        validate: Whether AWS's own engine validates the templates too.
        ignored: Rules of that engine whose findings are left out.

    Raises:
        InputError: Something cannot be read, or a path holds nothing that can be judged.
        SettingsError: The waiver or baseline file cannot be used; all faults are named.
        TtsError: AWS's engine is not installed, or failed.
    """
    assembly = read_assembly(paths, settings, track=track, skip=skip)
    assembly.lookups.recorded = recorded_lookups([*paths, *assembly.folders], context_file)
    return review(
        assembly,
        rules=rules,
        guardrails=stated_guardrails(assembly.folders),
        override=environment,
        validate=validate,
        ignored=ignored,
    )


def review(
    assembly: Assembly,
    *,
    rules: Iterable[Rule] | None = None,
    guardrails: Callable[[Stack], Guardrails] = lambda _: NO_GUARDRAILS,
    override: Environment | None = None,
    selected: Selected = lambda _stack, _resource: True,
    acknowledged: Iterable[acknowledgments.Acknowledgment] = (),
    today: date | None = None,
    validate: bool = False,
    ignored: Collection[str] = (),
) -> Review:
    """Judge an assembly, with the waivers and the baseline that its settings name.

    Args:
        assembly: What is judged at once.
        rules: The rules that are evaluated. Default: all of the catalog.
        guardrails: What guardrails in the app say about a stack.
        override: `--environment` of the command.
        selected: The stacks and resources to judge. Rules that join resources still see the whole assembly.
        acknowledged: Acknowledgments (the CDK's `acknowledge`) of constructs above the stacks.
        today: The day for which waivers are read. Default: today in UTC.
        validate: Whether AWS's own engine validates the templates too. Waivers and the baseline do not cover
            what it finds.
        ignored: Rules of that engine whose findings are left out.

    Raises:
        TtsError: AWS's engine is not installed, or failed.
        SettingsError: The waiver or baseline file cannot be used; all faults are named.
        InputError: A file of the assembly changed meanwhile.
    """
    today = today or utc_today()
    settings = assembly.settings
    allowances = waiver_file.read_waivers(settings.waivers, today)
    known = baseline_file.load_baseline(settings.baseline.file)
    entries, until = known.entries, settings.baseline.until
    ended = until if until and until < today else None

    validation = native_validation.Validation(assembly.stacks) if validate else None
    evaluated = {rule.id: rule for rule in (catalog() if rules is None else rules)}
    judged = judge_stacks(
        assembly, evaluated.values(), guardrails=guardrails, override=override, selected=selected
    )
    excepted = {waiver.rule for waiver in allowances} | {entry.rule for entry in entries}
    judged = _for_each_exception(judged, excepted)
    uses = waivers.match_waivers(allowances, judged, evaluated, today)
    found = waivers.apply_waivers(judged, uses)
    comparison = baseline.compare(entries, judged, found, evaluated, ended)
    findings = [
        *(one.for_all().finding for one in comparison.found),
        *account_environment.findings_of(judged, guardrails, override),
        *acknowledgments.findings_of(judged, acknowledged),
        *(finding for use in uses for finding in waivers.findings_of(use)),
    ]
    if settings.baseline.file:
        findings += baseline.findings_of(comparison.stale, judged, settings.baseline.file)
        findings += baseline.findings_of_file(known, settings.baseline, judged, today)
    if validation:
        findings += native_validation.findings_of(validation, judged, ignored)
    assembly.files.check()
    allowed_by = {one.finding.waiver for one in comparison.found}
    approved = (waiver.allowance for waiver in allowances)
    judgment = replace(
        judgment_of(judged, findings),
        baseline=baseline.record_of(known, settings.baseline),
        allowances=tuple(dict.fromkeys(one for one in approved if one.text in allowed_by)),
    )
    return Review(judgment, comparison.found, uses, comparison.stale, comparison.refused)


def _for_each_exception(judged: list[JudgedStack], rules: set[str]) -> list[JudgedStack]:
    """Return the judged stacks, with findings that exceptions name split into one for each stack.

    Other findings appear once for all stacks of one template with one set of parameters.

    Args:
        judged: The judged stacks.
        rules: Ids of the rules that waivers and the baseline name: these may name one stack and not another.
    """
    return [
        replace(stack, found=[one for found in stack.found for one in _said(found, rules)])
        if stack.stack.also
        else stack
        for stack in judged
    ]


def _said(found: LocatedFinding, rules: set[str]) -> Iterable[LocatedFinding]:
    return found.in_each_stack() if found.finding.rule_id in rules else (found,)
