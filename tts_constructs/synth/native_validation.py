"""AWS's validation at synth, natively: it reports what the CDK's own validation of templates would."""

from __future__ import annotations

import contextlib
import os
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import aws_cdk as cdk
import jsii

from tts_constructs.errors import TtsError
from tts_constructs.policy import native_validation
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.native_validation import Diagnosis, RegoRule, Validation

OFF = ("CDK_VALIDATION", "false")
"""The variable that switches the CDK's own validation off, in every release."""

TYPES_OF_THE_CDKS_RULES = ("AWS::GameLift::",)
"""Starts of the resource types that the CDK has rules of its own for, in addition to the engine's."""

_FOLDER_OF_RULES = "package/core/lib/validation/rules/"

Failed = Callable[[str, cdk.IPolicyValidationContext], cdk.PolicyValidationPluginReport]


@dataclass
class Violation:
    """One message of a rule with all its places, as in a report of the CDK."""

    rule_name: str
    severity: str
    description: str
    fix: str | None
    category: str | None
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """A place of a violation. The CDK finds the construct of a resource by itself."""

    template_path: str
    logical_id: str | None
    construct_path: str | None
    location: str | None


@jsii.implements(cdk.IPolicyValidationPlugin)
class NativeValidation:
    """A plugin that replaces the CDK's own validation, under its name.

    The CDK reports errors of this name as warnings, unless the app sets `validateAgainstDefaultRules`, and
    looks up acknowledgments by it. So both are as with its own.

    Args:
        failed: Makes the report of a run that decided nothing.
        failed_as: Name of the plugin of that report, as the CDK must not take it for a warning.
    """

    def __init__(self, failed: Failed, failed_as: str) -> None:
        self._failed = failed
        self._failed_as = failed_as
        self._running: dict[str, tuple[Validation, Stack]] = {}
        self._name = native_validation.NAME

    def begin(self) -> None:
        """Forgets an earlier synth, and loads the engine while the CDK writes the templates."""
        self._running.clear()
        self._name = native_validation.NAME
        Thread(target=_load_engine, name="tts-validation", daemon=True).start()

    def start(self, stacks: Sequence[Stack]) -> None:
        """Validates templates in threads, while the judge reads them."""
        validation = Validation(stacks, _rules_for(stacks))
        self._running |= {os.path.realpath(str(stack.template_path)): (validation, stack) for stack in stacks}

    # The CDK reads these through jsii, which sees properties but no class attributes.

    @property
    def name(self) -> str:
        """Name of the plugin in the CDK's report."""
        return self._name

    @property
    def version(self) -> str:
        """Version of the engine."""
        return native_validation.version()

    @property
    def rule_ids(self) -> list[str]:
        """IDs of all rules."""
        return native_validation.rule_ids()

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Reports on the templates that the CDK asks about. It never raises, as that would pass.

        A template that the judge did not reach is left out: then its own report fails the synth.
        """
        try:
            asked = [os.path.realpath(path) for path in context.template_paths]
            running = [self._running[path] for path in asked if path in self._running]
            said = [(stack, validation.of(stack)) for validation, stack in running]
            if incomplete := [stack.name for stack, diagnosis in said if not diagnosis.is_complete]:
                return self._gave_up(f"AWS's validation gave up on {', '.join(incomplete)}", context)
            return _report(violations(said))
        except TtsError as error:
            return self._gave_up(str(error), context)
        except Exception as error:
            return self._gave_up(f"AWS's validation failed ({type(error).__name__}: {error})", context)

    def _gave_up(
        self, message: str, context: cdk.IPolicyValidationContext
    ) -> cdk.PolicyValidationPluginReport:
        self._name = self._failed_as  # the CDK asks for the name after this
        return self._failed(message, context)


def violations(said: Iterable[tuple[Stack, Diagnosis]]) -> list[Violation]:
    """Groups what the engine says of stacks by rule, severity and message, in its order, as the CDK does."""
    groups: dict[tuple[str, str, str], Violation] = {}
    for stack, diagnosis in said:
        for one in diagnosis.diagnostics:
            path = one.property_path or ""
            description = f"{path.removeprefix('Properties.')}: {one.message}" if path else one.message
            violation = groups.setdefault(
                (one.rule_id, one.severity, description),
                Violation(one.rule_id, one.severity, description, one.fix, one.category),
            )
            construct_path = None if one.logical_id else stack.name
            place = Place(str(stack.template_path), one.logical_id, construct_path, one.property_path)
            violation.places.append(place)
    return list(groups.values())


def _report(found: Sequence[Violation]) -> cdk.PolicyValidationPluginReport:
    refused = any(violation.severity == "error" for violation in found)
    return cdk.PolicyValidationPluginReport(
        success=not refused,
        violations=[
            cdk.PolicyViolation(
                rule_name=violation.rule_name,
                description=violation.description,
                severity=violation.severity,
                fix=violation.fix,
                rule_metadata={"category": violation.category} if violation.category else None,
                violating_resources=[
                    cdk.PolicyViolatingResource(
                        resource_logical_id=place.logical_id,
                        construct_path=place.construct_path,
                        template_path=place.template_path,
                        locations=[place.location] if place.location else [],
                    )
                    for place in violation.places
                ],
            )
            for violation in found
        ],
    )


def _load_engine() -> None:
    with contextlib.suppress(Exception):  # whoever needs it is told
        native_validation.load_engine()


def _rules_for(stacks: Iterable[Stack]) -> tuple[RegoRule, ...]:
    """Returns the CDK's own rules, which it takes time to unpack, if a template has resources for them."""
    texts = (stack.text or "" for stack in stacks)
    concerned = any(start in text for text in texts for start in TYPES_OF_THE_CDKS_RULES)
    return rules_of_the_cdk() if concerned else ()


def rules_of_the_cdk() -> tuple[RegoRule, ...]:
    """Unpacks the rules that the installed CDK adds to the engine's."""
    rules = []
    for packed in (Path(cdk.__file__).parent / "_jsii").glob("*.tgz"):
        with tarfile.open(packed, "r|gz") as files:
            for file in files:
                is_rule = file.name.startswith(_FOLDER_OF_RULES) and file.name.endswith(".rego")
                if is_rule and (content := files.extractfile(file)):
                    rules.append(RegoRule(Path(file.name).name, content.read().decode("utf-8")))
                elif rules:
                    break  # the folder's files are in a row
    return tuple(sorted(rules))
