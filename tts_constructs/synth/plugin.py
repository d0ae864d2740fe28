"""The validation plugin. An app has one, even with several guardrails."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

import aws_cdk as cdk
import click
import jsii
from constructs import IConstruct, IValidation

from tts_constructs._version import __version__
from tts_constructs.errors import BlockedError, InputError, TtsError
from tts_constructs.policy.aws import pending_lookups
from tts_constructs.policy.configuration import load_settings
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.records import attestation, registration
from tts_constructs.policy.review import review
from tts_constructs.policy.rules import catalog, library_rules
from tts_constructs.policy.rules.builtin import BASELINE, ENGINE, ENVIRONMENT, WAIVER
from tts_constructs.printable import printable, prose
from tts_constructs.report.formats import text
from tts_constructs.report.source_locations import shown
from tts_constructs.synth import cdk_command, stderr
from tts_constructs.synth.native_validation import NativeValidation
from tts_constructs.synth.scopes import (
    ConstructTree,
    GuardedScopes,
    Scope,
    acknowledged_above_stacks,
    areas_of,
)

NAME = "tts-constructs"
SUMMARY = "TTS-SUMMARY"

_ATTRIBUTE = "_tts_guardrails_plugin"
_APP_MODE = "@aws-cdk/core:appMode"
_FAIL_ON_ERRORS = "@aws-cdk/core:failSynthOnValidationErrors"

_exit_code = cdk_command.ExitCode()

library_rules()  # imports them with the app, as a synth need not wait for it
gc.freeze()  # what is imported by now stays, and looking through it slows each collection of garbage


def plugin_of(root: IConstruct) -> Plugin:
    """Returns the plugin of an app, which its root construct keeps."""
    plugin = getattr(root, _ATTRIBUTE, None)
    if plugin is None:
        plugin = Plugin(root)
        setattr(root, _ATTRIBUTE, plugin)
    return plugin


@jsii.implements(cdk.IPolicyValidationPlugin)
class Plugin:
    """Judges the cloud assembly of an app after the CDK has written it.

    Attributes:
        judges_all: True to judge everything in the app, wherever the guardrails are.
    """

    def __init__(self, root: IConstruct) -> None:
        self._root = root
        self._scopes: list[Scope] = []
        self._asked: set[str] = set()
        self._found: list[Finding] = []
        self._native: NativeValidation | None = None
        self._errors: list[str] = []
        self.judges_all = False

    def add(self, scope: Scope) -> None:
        """Adds another `TtsGuardrails`. The first one registers the plugin with the CDK.

        Raises:
            BlockedError: The environment or context lets a synth pass that should fail.
        """
        if not self._scopes:
            _refuse_switches(self._root)
            cdk.Validations.of(self._root).add_plugins(self)
            self._root.node.add_validation(_BeforeEachSynth(self.begin))
        self._scopes.append(scope)

    def validate_natively(self) -> None:
        """Runs AWS's validation of the templates beside the judge, for an app whose own is off."""
        if self._native is None:
            self._native = NativeValidation(self._failed, NAME)
            cdk.Validations.of(self._root).add_plugins(self._native)

    def begin(self) -> list[str]:
        """Forgets an earlier synth and removes its files, as the CDK doesn't let a plugin change a file.

        Returns:
            One sentence for each thing that prevents it.
        """
        self._asked.clear()
        self._found.clear()
        if self._native:
            self._native.begin()
        outdir = self._outdir
        _exit_code.failed.discard(outdir)
        try:
            for name in (attestation.FILE_NAME, registration.FILE_NAME):
                (outdir / name).unlink(missing_ok=True)
        except OSError as error:
            fault = f"{error.filename}: cannot be removed ({error.strerror})"
            stderr.failed(fault)
            return [fault]
        return []

    # The CDK reads these through jsii, which sees properties but no class attributes.

    @property
    def name(self) -> str:
        """Name of the plugin in the CDK's report."""
        return NAME

    @property
    def version(self) -> str:
        """Version of this library."""
        return __version__

    @property
    def rule_ids(self) -> list[str]:
        """IDs of all rules."""
        ids = [ENGINE, WAIVER, BASELINE, ENVIRONMENT, SUMMARY]
        with contextlib.suppress(TtsError):  # `validate` says what is wrong with an organization's rules
            ids += [rule.id for rule in catalog()]
        return ids

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Judges the assembly. The CDK calls this after it has written the assembly.

        It never raises, because the `cdk` command treats a plugin that raises as one that found nothing.
        """
        collecting = gc.isenabled()
        gc.disable()  # the CDK's classes make each collection slow, and judging leaves little to collect
        try:
            return self._validate(context)
        except TtsError as error:
            return self._failed(str(error), context)
        except Exception as error:
            stderr.say(traceback.format_exc())
            fault = printable(f"{type(error).__name__}: {error}")
            message = f"the judge failed and has decided nothing ({fault})"
            return self._failed(message, context)
        finally:
            if collecting:
                gc.enable()

    def _validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        outdir = self._outdir
        assembly = read_assembly(
            [outdir], load_settings(), context=self._root.node.get_all_context(), synthesizing=True
        )
        asked = _stacks_at(context.template_paths, assembly)
        names = set(asked)
        if self._native:
            self._native.start([stack for stack in assembly.stacks if stack.name in names])
        tree = ConstructTree(self._root, asked)
        areas = areas_of(self._scopes, tree, everything=self.judges_all)

        def selected(stack: Stack, resource: Resource | None) -> bool:
            """Returns True if the CDK asks about it. Older CDKs ask for each environment of the app."""
            return stack.outermost.name in names and areas.cover(stack, resource)

        judgment = review(
            assembly,
            guardrails=areas.guardrails,
            selected=selected,
            acknowledged=acknowledged_above_stacks(tree),
        ).judgment
        self._asked.update(asked)
        self._found += judgment.findings
        self._write_records(outdir, assembly, areas)
        is_printed = self._show(judgment, assembly, outdir)
        violations = [] if is_printed and not judgment.blocks else self._violations(judgment, assembly)
        return cdk.PolicyValidationPluginReport(success=not judgment.blocks, violations=violations)

    def _show(self, judgment: Judgment, assembly: Assembly, outdir: Path) -> bool:
        """Shows the findings, unless the command runs the app again.

        The CDK's report has a block for each place. So the command must not print it: if something blocks,
        the app ends with exit code 1, and otherwise the report has nothing to print.

        Returns:
            True if the command prints the report of an app that doesn't fail.
        """
        lookups = assembly.lookups
        if cdk_command.runs_again(lookups):
            return False
        if providers := pending_lookups.unmade(lookups, cdk_command=cdk_command.is_cdk_command()):
            stderr.say(f"Lookups without a record: {', '.join(providers)}. {pending_lookups.RECORD}")
        is_printed = cdk_command.shows_report(lookups.recorded)
        fails_at_exit = is_printed and judgment.blocks
        stderr.show(judgment, shown(outdir), fails_at_exit=fails_at_exit)
        if fails_at_exit:
            self._errors = list(cdk_command.errors_of_the_app(assembly))
            atexit.unregister(self._end)  # the CDK can ask more than once
            atexit.register(self._end, outdir)
            _exit_code.failed.add(outdir)
        return is_printed

    def _end(self, outdir: Path) -> None:
        """Shows what else makes the synth fail, and the summary, when the app ends."""
        if outdir in _exit_code.failed:
            gc.unfreeze()  # or Python doesn't let go of the exit code
            others = cdk_command.errors_of_others(outdir / "validation-report.json", NAME)
            stderr.end(*self._errors, *others)

    def _violations(self, judgment: Judgment, assembly: Assembly) -> list[cdk.PolicyViolation]:
        """Returns a violation for each rule and resource, as `cdk lsp` and other programs read them."""
        groups = text.grouped(judgment.findings)
        templates = {
            name: _template_path(stack) for stack in assembly.stacks for name in (stack.name, *stack.also)
        }
        violations = [_violation(group, stacks, templates) for group, stacks in _said_once(groups)]
        if judgment.blocks:
            violations.append(_unfiltered(click.unstyle(text.summary(judgment))))
        return violations

    def _write_records(self, outdir: Path, assembly: Assembly, areas: GuardedScopes) -> None:
        """Writes registration and attestation. If the CDK asks more than once, they hold everything so far.

        The attestation comes last, because it says that everything else went well.
        """
        registration.write(outdir, registration.registrations(assembly))
        attestation.attest(
            outdir,
            assembly,
            dict.fromkeys(self._found),
            rules=[rule.id for rule in catalog()],
            judged=lambda stack: stack.outermost.name in self._asked and areas.cover(stack, None),
            guardrails=areas.guardrails,
        )

    def _failed(
        self, message: str, context: cdk.IPolicyValidationContext
    ) -> cdk.PolicyValidationPluginReport:
        """Returns the report, and writes the attestation, of a judge that failed.

        Outside the `cdk` command, the CDK fails a synth only if some violation has a place. So this one has
        the place of the first stack.
        """
        stderr.failed(message)
        with contextlib.suppress(OSError, TtsError):  # without an attestation nothing is deployed either
            (self._outdir / attestation.FILE_NAME).unlink(missing_ok=True)
            attestation.attest_failure(self._outdir, ENGINE, message)
        first = context.stack_templates[0].stack_construct_path
        violation = cdk.PolicyViolation(
            rule_name=ENGINE,
            severity="fatal",
            description=message,
            violating_resources=[cdk.PolicyViolatingResource(construct_path=first, locations=[])],
        )
        return cdk.PolicyValidationPluginReport(success=False, violations=[violation, _unfiltered(message)])

    @property
    def _outdir(self) -> Path:
        return Path(cast(cdk.App, self._root).outdir)


@jsii.implements(IValidation)
class _BeforeEachSynth:
    """Runs an action before the CDK looks at the assembly and calls its plugins.

    Args:
        act: The action. It returns one sentence for each thing that must stop the synth.
    """

    def __init__(self, act: Callable[[], list[str]]) -> None:
        self._act = act

    def validate(self) -> list[str]:
        """Runs the action. The CDK calls this whenever it synthesizes the app."""
        return self._act()


def _refuse_switches(root: IConstruct) -> None:
    """Refuses settings that let a synth with fatal findings pass. The `cdk` command ignores them."""
    if cdk_command.is_cdk_command():
        return
    faults = []
    if os.environ.get("CDK_APP_MODE") == "process":
        faults.append("CDK_APP_MODE=process lets a synth pass that should fail; unset it")
    if root.node.try_get_context(_APP_MODE) == "process":
        faults.append(f"the context {_APP_MODE}: process lets a synth pass that should fail; remove it")
    if root.node.try_get_context(_FAIL_ON_ERRORS) in {False, "false"}:
        faults.append(f"the context {_FAIL_ON_ERRORS}: false lets a synth pass that should fail; remove it")
    if faults:
        raise BlockedError("TtsGuardrails", faults)


def _stacks_at(template_paths: Iterable[str], assembly: Assembly) -> list[str]:
    """Returns the names of the stacks that the CDK asks about.

    It uses the paths of their templates, because `stack_templates` takes eight jsii calls for each stack.

    Raises:
        InputError: The assembly doesn't have some of them.
    """
    names = {
        os.path.realpath(stack.template_path): stack.name
        for stack in assembly.stacks
        if stack.template_path and not stack.parent
    }
    asked = [os.path.realpath(path) for path in template_paths]
    if unknown := [Path(path).name for path in asked if path not in names]:
        raise InputError(
            "cloud assembly", [f"{name} is in no manifest, so it cannot be judged" for name in unknown]
        )
    return [names[path] for path in asked]


def _template_path(stack: Stack) -> str:
    if stack.template_path is None and stack.parent:
        return _template_path(stack.parent.stack)
    return str(stack.template_path)


def _said_once(groups: Iterable[list[Finding]]) -> Iterator[tuple[list[Finding], list[str]]]:
    """Yields each group of findings. Warnings about stacks in the same words become one, with all stacks.

    Nobody needs to read for each stack that git doesn't know the commit. The command shows a violation at
    each of its places, so this one has a single place. It is outside of stages if possible, because the
    command doesn't select those by default. A finding that blocks keeps all its places, whatever is selected.
    """
    alike: dict[object, list[list[Finding]]] = {}
    for group in groups:
        words = tuple((finding.rule_id, finding.location, finding.message, finding.fix) for finding in group)
        can_join = group[0].level == "warn" and not group[0].logical_id and not group[0].waiver
        alike.setdefault(words if can_join else id(group), []).append(group)
    for same in alike.values():
        first, *others = sorted(same, key=lambda group: group[0].stack.count("/"))
        yield first, [group[0].stack for group in others]


def _violation(group: list[Finding], stacks: list[str], templates: dict[str, str]) -> cdk.PolicyViolation:
    first = group[0]
    lines = [f"{prose(first.title)}.", *(printable(text.located(finding)) for finding in group)]
    if stacks:
        lines.append(printable(f"The same holds for {', '.join(stacks)}."))
    if first.waiver:
        lines.append(f"Waived: {prose(first.waiver)}")
    return cdk.PolicyViolation(
        rule_name=first.rule_id,
        severity="fatal" if first.blocks else "warning",
        description="\n".join([*lines, f"Why: {prose(first.why)}"]),
        fix="\n".join(dict.fromkeys(prose(finding.fix) for finding in group)),
        rule_metadata={"controls": ", ".join(first.controls)},
        violating_resources=[
            cdk.PolicyViolatingResource(
                resource_logical_id=first.logical_id or None,
                template_path=templates[first.stack],
                construct_path=first.construct_path or (None if first.logical_id else first.stack),
                locations=[printable(finding.location) for finding in group if finding.location],
            )
        ],
    )


def _unfiltered(description: str) -> cdk.PolicyViolation:
    """Returns a violation without a place, which passes the command's filter by stack, and fails its run."""
    return cdk.PolicyViolation(
        rule_name=SUMMARY, severity="fatal", description=description, violating_resources=[]
    )
