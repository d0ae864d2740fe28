"""`TtsGuardrails`: judges what an app synthesizes, and fails the synth when something blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import jsii
from constructs import Construct, IConstruct

from tts_constructs.arguments import checked, refuse
from tts_constructs.errors import SettingsError
from tts_constructs.policy.configuration import load_settings
from tts_constructs.policy.native_validation import INSTALL, is_installed
from tts_constructs.policy.settings.model import Settings
from tts_constructs.synth import host_stack_traces
from tts_constructs.synth.metadata import record, record_in, write_record
from tts_constructs.synth.plugin import Plugin, plugin_of
from tts_constructs.synth.scopes import Scope
from tts_constructs.system_metadata import (
    RECORD_VERSION,
    DataSensitivity,
    Environment,
    owner_faults,
    project_faults,
)

host_stack_traces.switch_on()  # so that a finding names the file and line of the app's Python


@jsii.implements(cdk.IAspect)
class TtsGuardrails:
    """Judges everything that is synthesized below a scope, by every rule of the catalog.

        Aspects.of(app).add(TtsGuardrails(environment=Environment.PRODUCTION))

    It judges the rendered templates, so it doesn't matter how something got into them. A finding that blocks
    fails the synth: `app.synth()` raises, and the `cdk` command exits 1. Every `TtsSystem` adds guardrails
    for its whole app.

    Args:
        environment: Environment of the stacks below that don't state their own. Default: that of the
            settings, else production.
        minimum: True to allow nothing laxer than `environment` below. A stack that states a laxer one is
            judged by `environment`.
        project: Registered project of the stacks below, for apps without a `TtsSystem`. With it the record
            (`Metadata.TTS`) is written into each stack that has none.
        owner: E-mail address of the team that is responsible for the system. Give it with `project`.
        data_sensitivity: Sensitivity that the owner of the data in the stacks below has declared, for apps
            without a `TtsSystem`. It is written into the record, or without `project` into one of its own.
        native_validation: True to run AWS's validation of the templates natively too. It is for an app whose
            own validation is off, as it is for `cdk.App(builtin_cloud_formation_validation=False)`; `TtsApp`
            does both by itself. It needs the extra `validate`.

    Raises:
        InvalidArgumentError: An argument is wrong. The message lists all faults.
    """

    @checked(values=True)
    def __init__(
        self,
        *,
        environment: Environment | None = None,
        minimum: bool = False,
        project: str | None = None,
        owner: str | None = None,
        data_sensitivity: DataSensitivity | None = None,
        native_validation: bool = False,
    ) -> None:
        faults = faults_of_guardrails(
            environment, project, owner, minimum=minimum, native_validation=native_validation
        )
        refuse("TtsGuardrails", faults)
        self._environment = environment
        self._minimum = minimum
        self._record = _record(project, owner, environment) if project and owner else None
        self._data_sensitivity = data_sensitivity and data_sensitivity.value
        self._writes = bool(self._record or self._data_sensitivity)
        self._native_validation = native_validation
        self._visited = False

    def visit(self, node: IConstruct) -> None:
        """Registers the validation plugin at the root of the tree on the first visit. The CDK calls this."""
        if not self._visited:
            self._visited = True
            self._register(node)
            if self._writes:
                self._write_records_in_stages(node)
        if self._writes and isinstance(node, cdk.Stack):
            self._write_record(node)

    def _register(self, first: IConstruct) -> None:
        plugin = plugin_of(first.node.root)
        plugin.add(Scope(self, first, self._environment, minimum=self._minimum))
        if self._native_validation:
            plugin.validate_natively()

    def _write_records_in_stages(self, scope: IConstruct) -> None:
        """Synthesizes stages again with their records, as the CDK does so before Aspects above them run."""
        stages = [part for part in scope.node.find_all() if isinstance(part, cdk.Stage) and part is not scope]
        for stage in reversed(stages):
            stacks = [part for part in stage.node.find_all() if isinstance(part, cdk.Stack)]
            written = [self._write_record(stack) for stack in stacks]
            if any(written):
                stage.synth(force=True)

    def _write_record(self, stack: cdk.Stack) -> bool:
        written = record_in(stack)
        content = written
        if self._record and "system" not in written:
            content = self._record | written | {"system": stack.node.path}
        if self._declares(stack, content):
            content = {"version": RECORD_VERSION} | content | {"data_sensitivity": self._data_sensitivity}
        if content == written:
            return False
        write_record(stack, content)
        return True

    def _declares(self, stack: cdk.Stack, content: dict[str, Any]) -> bool:
        """Returns True if the declared sensitivity goes into a record. It never lowers a record's own."""
        is_of_a_system = content.get("system", stack.node.path) != stack.node.path
        inherits = stack.nested and not content
        is_sensitive = content.get("data_sensitivity") == DataSensitivity.SENSITIVE
        return bool(self._data_sensitivity) and not (is_of_a_system or inherits or is_sensitive)


def attach(leaf: Construct) -> None:
    """Judges the whole app that contains `leaf`, once, even if several systems ask for it.

    Args:
        leaf: A construct with nothing below it, so that the Aspect costs one visit.
    """
    root = leaf.node.root
    if not plugin_of(root).judges_all:
        plugin_of(root).judges_all = True
        cdk.Aspects.of(leaf).add(TtsGuardrails())


def guard(
    app: cdk.App,
    *,
    environment: Environment | None,
    project: str | None,
    owner: str | None,
    data_sensitivity: DataSensitivity | None,
) -> Plugin:
    """Judges a whole app. It takes an Aspect, which visits every construct, only to write records."""
    plugin = plugin_of(app)
    plugin.judges_all = True
    plugin.add(Scope(None, app, environment, minimum=False))
    if project or data_sensitivity:
        cdk.Aspects.of(app).add(
            TtsGuardrails(
                environment=environment, project=project, owner=owner, data_sensitivity=data_sensitivity
            )
        )
    return plugin


def _record(project: str, owner: str, environment: Environment | None) -> dict[str, Any]:
    return record(
        system="",
        project=project,
        environment=environment or _environment_of_settings() or Environment.PRODUCTION,
        owner=owner,
        data_sensitivity=None,
    )


def _environment_of_settings() -> Environment | None:
    settings = _settings()
    return settings.environment if settings else None


def _settings() -> Settings | None:
    try:
        return load_settings()
    except SettingsError:  # the judge says what is wrong with them, and fails the synth
        return None


def faults_of_guardrails(
    environment: Environment | None,
    project: str | None,
    owner: str | None,
    *,
    minimum: bool = False,
    native_validation: bool = False,
) -> Iterator[str]:
    """Yields a sentence for each fault in the values of guardrails' arguments."""
    if minimum and environment is None:
        yield "minimum=True needs an environment that nothing below may be laxer than"
    if (project is None) != (owner is None):
        yield "project and owner go together: a record names both"
    if project is not None:
        settings = _settings()
        yield from project_faults(project, settings.projects if settings else ())
    if owner is not None:
        yield from owner_faults(owner)
    if native_validation and not is_installed():
        yield f"native_validation=True needs AWS's engine; run: {INSTALL}"
