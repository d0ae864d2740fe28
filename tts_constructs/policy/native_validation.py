"""AWS's own validation of templates, run natively: by the engine that the CDK brings as WebAssembly.

The engine is the package `cloudformation-validate`, by AWS, which the extra `validate` installs. It is asked
as the CDK asks it: for warnings and errors, without the rules that the CDK leaves out.
Source: `core/lib/validation/cloudformation-validate-plugin.js` of aws-cdk-lib 2.275.
"""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tts_constructs.errors import InputError, TtsError
from tts_constructs.policy.engine.judge import make_finding
from tts_constructs.policy.engine.judgment import JudgedStack, LocatedFinding
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Level, Result
from tts_constructs.policy.rules.builtin import ENGINE_RULE
from tts_constructs.redaction import redact

if TYPE_CHECKING:
    from concurrent.futures import Future

NAME = "CloudFormation Validate"
"""The name of this validation in the CDK's reports."""

ACKNOWLEDGED_AS = f"{NAME.replace(' ', '-')}::"
"""The start of the ids of its rules in the CDK's `acknowledge`."""

INSTALL = "pip install 'tts-constructs[validate]'"

LEFT_OUT = ("W3005", "W1020", "E1018", "W9002", "W9013", "W1103")
"""Rules that the CDK leaves out, since what it renders itself breaks them."""

_LEFT_OUT_OF_SERVICE = ("W3697", "AWS::AutoScaling")
_PACKAGE = "cloudformation_validate"
_MAX_THREADS = 4

_LEVELS: dict[str, Level] = {"error": "block", "warning": "warn"}


class RegoRule(NamedTuple):
    """A file of rules in addition to AWS's, written in Rego."""

    name: str
    content: str


@dataclass(frozen=True)
class Diagnostic:
    """One finding of AWS's engine about a template.

    Args:
        rule_id: Such as `E3003`; cfn-lint calls the same rules alike.
        severity: AWS refuses an `error`, and advises against a `warning`.
        message: What is wrong.
        property_path: Such as `Properties.BucketName`, or `Parameters/Image`; None: the whole subject.
        logical_id: The resource; None: it is about something else of the template.
        fix: What to write instead, where the engine says it.
        category: Such as `Schema`.
    """

    rule_id: str
    severity: Literal["error", "warning"]
    message: str
    property_path: str | None
    logical_id: str | None
    fix: str | None
    category: str | None


@dataclass(frozen=True)
class Diagnosis:
    """The findings of AWS's engine about a template, in its order.

    Args:
        diagnostics: The errors and warnings.
        is_complete: False if the engine gave up before its end.
    """

    diagnostics: tuple[Diagnostic, ...]
    is_complete: bool


def is_installed() -> bool:
    """Returns True if the engine is installed. It loads nothing."""
    return find_spec(_PACKAGE) is not None


def version() -> str:
    """Returns the version of the engine."""
    told: str = _engine_package().version()
    return told


def rule_ids() -> list[str]:
    """Returns the ids of the rules that can find an error or a warning."""
    return [rule.id for rule in _rules() if rule.id not in LEFT_OUT and rule.severity.name in _SEVERITIES]


def load_engine() -> None:
    """Starts the engine, which takes a quarter of a second once; else the first template waits for it."""
    _engine(())


def diagnose(
    text: str, name: str, *, account: str | None, region: str | None, extra_rules: Sequence[RegoRule] = ()
) -> Diagnosis:
    """Validates a template.

    Args:
        text: The template as written, in JSON or YAML.
        name: Its name, for an error.
        account: The account that it is deployed to, if it is known.
        region: The region that it is deployed to, if it is known.
        extra_rules: Rules in addition to AWS's.

    Raises:
        TtsError: The engine can't be loaded, or failed.
    """
    aws = _engine_package()
    template = aws.TemplateContent(text, name)
    place = aws.PseudoParameterOverrides(account_id=account, region=region)
    try:
        report = _engine(tuple(extra_rules)).validate_template(template, _config(aws, place))
    except Exception as error:  # the engine's own types, and what its bindings raise
        fault = f"AWS's validation failed ({type(error).__name__}: {error})"
        raise InputError(name, [fault]) from None
    said = tuple(_diagnostic(one) for one in report.diagnostics)
    return Diagnosis(said, is_complete=report.status is not aws.ReportStatus.ANALYSIS_INCOMPLETE)


class Validation:
    """Templates that are validated in threads, while the caller does something else.

    Args:
        stacks: The stacks whose templates are validated. One template for one place is validated once.
        extra_rules: Rules in addition to AWS's.

    Raises:
        TtsError: The engine is not installed.
    """

    def __init__(self, stacks: Iterable[Stack], extra_rules: Sequence[RegoRule] = ()) -> None:
        from concurrent.futures import ThreadPoolExecutor  # most runs validate nothing

        if not is_installed():
            raise _not_installed()
        self._running: dict[Stack, Future[Diagnosis]] = {}
        same: dict[tuple[str, str | None, str | None], Future[Diagnosis]] = {}
        pool = ThreadPoolExecutor(min(_MAX_THREADS, os.cpu_count() or 1), "tts-validation")
        for stack in stacks:
            key = (_text_of(stack), stack.account, stack.region)
            if key not in same:
                text, account, region = key
                name = str(stack.template_path or stack.name)
                same[key] = pool.submit(
                    diagnose, text, name, account=account, region=region, extra_rules=extra_rules
                )
            self._running[stack] = same[key]
        pool.shutdown(wait=False)

    def of(self, stack: Stack) -> Diagnosis:
        """Returns what is wrong with the template of a stack. It waits until that is known.

        Raises:
            TtsError: The engine can't be loaded, or failed.
        """
        return self._running[stack].result()


def findings_of(
    validation: Validation, judged: Iterable[JudgedStack], ignored: Collection[str] = ()
) -> Iterator[Finding]:
    """Yields a finding for each error and warning, except what the app acknowledges as the CDK wants it.

    An error blocks: AWS refuses the template. A warning warns.

    Args:
        validation: The validation of the templates.
        judged: The stacks.
        ignored: Rules of the engine whose findings are left out.
    """
    for one in judged:
        stack = one.stack
        diagnosis = validation.of(stack)
        acknowledged = _Acknowledged(stack) if diagnosis.diagnostics else None
        for diagnostic in diagnosis.diagnostics:
            finding = _finding(diagnostic, stack)
            if finding.rule_id not in ignored and not (acknowledged and acknowledged.cover(finding)):
                resource = stack.resources.get(finding.logical_id)
                yield LocatedFinding(finding, stack, resource, stack.also).for_all().finding
        if not diagnosis.is_complete:
            message = f"AWS's validation gave up on {stack.name}, which is too complex for it."
            yield make_finding(ENGINE_RULE, Result("unknown", "", message), stack, None, "block")


class _Acknowledged:
    """The rules of the engine that constructs of a stack acknowledge. That counts for all below them."""

    def __init__(self, stack: Stack) -> None:
        self._places = {(rule_id.replace(" ", "-"), path) for path, rule_id in stack.origins.acknowledged()}

    def cover(self, finding: Finding) -> bool:
        path = finding.construct_path or finding.stack
        while path:
            if (f"{ACKNOWLEDGED_AS}{finding.rule_id}", path) in self._places:
                return True
            path = path.rpartition("/")[0]
        return False


def _finding(diagnostic: Diagnostic, stack: Stack) -> Finding:
    resource = stack.resources.get(diagnostic.logical_id or "")
    origin = resource.origin if resource else None
    subject = f"the resource type {resource.type}" if resource else "templates"
    refused = (
        "CloudFormation or the service refuses it"
        if diagnostic.severity == "error"
        else "AWS advises against it"
    )
    return Finding(
        rule_id=diagnostic.rule_id,
        title=_titles().get(diagnostic.rule_id, "AWS's validation must find nothing"),
        verdict="violation",
        level=_LEVELS[diagnostic.severity],
        logical_id=diagnostic.logical_id or "",
        resource_type=resource.type if resource else "",
        stack=stack.name,
        construct_path=origin.construct_path if origin else None,
        location=_location(diagnostic),
        message=redact(f"{diagnostic.message.rstrip('.')}."),
        fix=redact(diagnostic.fix or f"Write what AWS's reference of {subject} allows here."),
        why=f"{refused}. (AWS CloudFormation Validate {version()}, the validation of the CDK.)",
        controls=(),
        source=origin.source if origin else None,
    )


def _location(diagnostic: Diagnostic) -> str:
    path = diagnostic.property_path or ""
    return path.replace(".", "/") if diagnostic.logical_id else path


def _text_of(stack: Stack) -> str:
    """Returns the template of a stack as written; one that another template holds has no file of its own."""
    return json.dumps(stack.body) if stack.text is None else stack.text


# The engine


_SEVERITIES: dict[str, Literal["error", "warning"]] = {
    "FATAL": "error",
    "ERROR": "error",
    "WARN": "warning",
}


def _engine_package() -> Any:
    """Returns the package that holds the engine.

    Raises:
        TtsError: It isn't installed, or this machine can't load it.
    """
    try:
        import cloudformation_validate
    except ModuleNotFoundError:
        raise _not_installed() from None
    except (ImportError, OSError) as error:  # the library is for another platform
        fault = f"cannot be loaded on this machine ({error}); run: pip uninstall cloudformation-validate"
        raise TtsError("AWS's validation", [fault]) from None
    return cloudformation_validate


def _not_installed() -> TtsError:
    return TtsError("AWS's validation", [f"is not installed; run: {INSTALL}"])


_starting = Lock()


def _engine(extra_rules: tuple[RegoRule, ...]) -> Any:
    with _starting:  # threads that ask at once would start one each
        return _started(extra_rules)


@lru_cache(maxsize=2)
def _started(extra_rules: tuple[RegoRule, ...]) -> Any:
    aws = _engine_package()
    rules = [aws.ExternalRuleSource(name=rule.name, content=rule.content) for rule in extra_rules]
    atexit.register(_started.cache_clear)  # later, the bindings can't free it, and complain
    return aws.CompositeEngine(aws.CompositeEngineConfig(rego_rules=rules))


def _config(aws: Any, place: Any) -> Any:
    rule_id, service = _LEFT_OUT_OF_SERVICE
    of_service = aws.ServiceFilter(rule_id=rule_id, service=service)
    return aws.ValidateConfig(
        exclude=aws.RuleFilterConfig(ids=list(LEFT_OUT), services=[of_service]),
        detail_level=aws.DetailLevel.STANDARD,
        severity_level=aws.Severity.WARN,
        pseudo_parameter_overrides=place,
    )


def _diagnostic(said: Any) -> Diagnostic:
    entity = said.entity
    resource = entity if entity and entity.entity_type.name == "RESOURCE" else None
    return Diagnostic(
        rule_id=said.rule_id,
        severity=_SEVERITIES.get(said.severity.name, "warning"),
        message=said.message,
        property_path=said.property_path,
        logical_id=resource.logical_id if resource else None,
        fix=said.suggested_fix,
        category=said.category,
    )


@cache
def _rules() -> list[Any]:
    return list(_engine(()).list_rules())


@cache
def _titles() -> dict[str, str]:
    return {rule.id: rule.description.rstrip(".") for rule in _rules()}
