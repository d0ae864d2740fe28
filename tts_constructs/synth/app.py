"""`TtsApp`: an App with guardrails. AWS's engine validates its templates natively where it is installed."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import aws_cdk as cdk

from tts_constructs.arguments import checked, refuse
from tts_constructs.policy import native_validation
from tts_constructs.synth import stderr
from tts_constructs.synth.guardrails import faults_of_guardrails, guard
from tts_constructs.synth.native_validation import OFF
from tts_constructs.system_metadata import DataSensitivity, Environment

_SWITCH = "builtin_cloud_formation_validation"
_SWITCH_SINCE = "2.275"
"""The first release of aws-cdk-lib whose App takes the switch."""

_VARIABLE = "=".join(OFF)

_hinted = False

_unvalidated: ContextVar[bool] = ContextVar("unvalidated", default=False)


class TtsApp(cdk.App):
    """An App whose stacks the guardrails judge, and whose templates are validated fast.

        app = TtsApp()
        FormsStack(app, "Forms")
        app.synth()

    It is a `cdk.App` that needs no `Aspects.of(app).add(TtsGuardrails(…))`. AWS's own engine validates each
    template: natively if the extra `validate` is installed (`pip install 'tts-constructs[validate]'`), and
    else as WebAssembly, as in any CDK app. The findings are the same, and a synth takes about half as long.

    Args:
        environment: Environment of the stacks that don't state their own. Default: that of the settings, else
            production.
        project: Registered project of the stacks, for apps without a `TtsSystem`. With it the record
            (`Metadata.TTS`) is written into each stack that has none.
        owner: E-mail address of the team that is responsible for the system. Give it with `project`.
        data_sensitivity: Sensitivity that the owner of the data in the stacks has declared, for apps without
            a `TtsSystem`.
        analytics_reporting, auto_synth, confirm_validation_plugins_do_not_mutate, context,
            default_stack_synthesizer, outdir, performance_reporting, policy_validation_beta1,
            post_cli_context, property_injectors, stack_traces, tree_metadata: As of `cdk.App`.
        builtin_cloud_formation_validation: True to validate by the CDK's WebAssembly in any case. False needs
            the extra `validate`, as something must validate. Default: False if the extra is installed.

    Raises:
        InvalidArgumentError: An argument is wrong, the installed CDK doesn't have it, or nothing would
            validate the templates. The message lists all faults.
    """

    @checked(values=True)
    def __init__(
        self,
        *,
        environment: Environment | None = None,
        project: str | None = None,
        owner: str | None = None,
        data_sensitivity: DataSensitivity | None = None,
        analytics_reporting: bool | None = None,
        auto_synth: bool | None = None,
        builtin_cloud_formation_validation: bool | None = None,
        confirm_validation_plugins_do_not_mutate: bool | None = None,
        context: Mapping[str, Any] | None = None,
        default_stack_synthesizer: cdk.IReusableStackSynthesizer | None = None,
        outdir: str | None = None,
        performance_reporting: bool | None = None,
        policy_validation_beta1: Sequence[cdk.IPolicyValidationPluginBeta1] | None = None,
        post_cli_context: Mapping[str, Any] | None = None,
        property_injectors: Sequence[cdk.IPropertyInjector] | None = None,
        stack_traces: bool | None = None,
        tree_metadata: bool | None = None,
    ) -> None:
        given: dict[str, Any] = {
            "analytics_reporting": analytics_reporting,
            "auto_synth": auto_synth,
            _SWITCH: builtin_cloud_formation_validation,
            "confirm_validation_plugins_do_not_mutate": confirm_validation_plugins_do_not_mutate,
            "context": context,
            "default_stack_synthesizer": default_stack_synthesizer,
            "outdir": outdir,
            "performance_reporting": performance_reporting,
            "policy_validation_beta1": policy_validation_beta1,
            "post_cli_context": post_cli_context,
            "property_injectors": property_injectors,
            "stack_traces": stack_traces,
            "tree_metadata": tree_metadata,
        }
        stated = {name: value for name, value in given.items() if value is not None}
        taken = _arguments_of_the_cdk()
        natively = _runs_natively(builtin_cloud_formation_validation, can_switch=_SWITCH in taken)
        refuse(
            "TtsApp",
            [
                *faults_of_guardrails(environment, project, owner),
                *(f"{name}= needs a newer aws-cdk-lib; leave it out" for name in stated.keys() - taken),
                *_faults_of_validation(builtin_cloud_formation_validation, natively=natively),
            ],
        )
        if natively or _unvalidated.get():
            stated |= {_SWITCH: False} if _SWITCH in taken else {}
        super().__init__(**stated)
        plugin = guard(
            self, environment=environment, project=project, owner=owner, data_sensitivity=data_sensitivity
        )
        if natively and not _unvalidated.get():
            plugin.validate_natively()


def _arguments_of_the_cdk() -> set[str]:
    """Returns the names of the arguments that the installed CDK's App takes."""
    return set(inspect.signature(cdk.App.__init__).parameters)


@contextmanager
def without_validation() -> Iterator[None]:
    """Lets each `TtsApp` that is made meanwhile do without AWS's validation, for tests of other things."""
    token = _unvalidated.set(True)
    try:
        yield
    finally:
        _unvalidated.reset(token)


def _runs_natively(builtin: bool | None, *, can_switch: bool) -> bool:
    """Returns True if the native engine validates: it is installed, and the CDK's own is off."""
    if not native_validation.is_installed():
        return False
    if _is_off() or (can_switch and not builtin):
        return True
    if builtin is None:
        _hint()
    return False


def _is_off() -> bool:
    variable, off = OFF
    return os.environ.get(variable) == off


def _faults_of_validation(builtin: bool | None, *, natively: bool) -> Iterator[str]:
    if natively or _unvalidated.get():
        return
    advice = f"run `{native_validation.INSTALL}`, which lets AWS's engine validate natively, or"
    if builtin is False:
        yield f"{_SWITCH}=False leaves templates unvalidated; {advice} leave it out"
    if _is_off():
        yield f"{_VARIABLE} in the environment leaves templates unvalidated; {advice} unset it"


def _hint() -> None:
    """Says once how an app of an older CDK gets the speed."""
    global _hinted
    if not _hinted:
        _hinted = True
        stderr.say(
            f"tts_constructs: For a faster synth, set {_VARIABLE} in the environment: AWS's validation then "
            f"runs natively. From aws-cdk-lib {_SWITCH_SINCE} on, TtsApp does that by itself."
        )
