"""`TtsApp`: a `cdk.App` that is judged, and whose templates one engine of AWS's validates, never none."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from tts_constructs import DataSensitivity, Environment, TtsApp, TtsGuardrails, TtsSystem
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.policy import native_validation
from tts_constructs.synth import app as module
from tts_constructs.synth import guardrails
from tts_constructs.synth.app import without_validation
from tts_constructs.synth.plugin import Plugin

Reports = Callable[[cdk.App], Any]
Maker = Callable[..., Any]

ENV = cdk.Environment(account="111122223333", region="us-east-1")
INSTANCE = "TTS-EC2-001"


@pytest.fixture
def unvalidated() -> Iterator[None]:
    """Nothing validates templates: what is tested is something else."""
    with without_validation():
        yield


def template_of(app: cdk.App, stack: cdk.Stack) -> Any:
    path = Path(app.synth().directory, stack.template_file)
    return json.loads(path.read_text(encoding="utf-8"))


# An App that is judged


@pytest.mark.usefixtures("unvalidated")
def test_it_is_an_app_of_the_cdk() -> None:
    assert isinstance(TtsApp(), cdk.App)


@pytest.mark.usefixtures("unvalidated")
def test_its_stacks_are_judged_without_more(instance: Maker, report: Reports) -> None:
    app = TtsApp()
    instance(cdk.Stack(app, "Stack", env=ENV))
    instance(cdk.Stack(cdk.Stage(app, "Prod", env=ENV), "Stack"))
    result = report(app)
    assert result.failed
    assert sorted(result.of(INSTANCE)) == ["Prod/Stack/Instance", "Stack/Instance"]


@pytest.mark.usefixtures("unvalidated")
def test_its_environment_is_that_of_its_stacks(instance: Maker, report: Reports) -> None:
    app = TtsApp(environment=Environment.SANDBOX)
    instance(cdk.Stack(app, "Stack", env=ENV))
    assert report(app).of(INSTANCE, "warning") == ["Stack/Instance"]


@pytest.mark.usefixtures("unvalidated")
def test_guardrails_below_state_the_environment_of_their_part(instance: Maker, report: Reports) -> None:
    app = TtsApp(environment=Environment.SANDBOX)
    stack = cdk.Stack(app, "Stack", env=ENV)
    instance(stack)
    cdk.Aspects.of(stack).add(TtsGuardrails(environment=Environment.PRODUCTION))
    assert report(app).of(INSTANCE) == ["Stack/Instance"]


@pytest.mark.usefixtures("unvalidated")
def test_a_system_states_its_own_environment(make_app: Maker, instance: Maker, report: Reports) -> None:
    app = TtsApp(environment=Environment.SANDBOX, context=make_app().node.get_all_context())
    stack = cdk.Stack(app, "Stack", env=ENV)
    TtsSystem(stack, "System", project="benefits", environment=Environment.PRODUCTION, owner="a@example.gov")
    instance(stack)
    assert report(app).of(INSTANCE) == ["Stack/Instance"]


@pytest.mark.usefixtures("unvalidated")
def test_a_finding_is_told_once_in_an_app_with_a_system(
    make_app: Maker, instance: Maker, report: Reports
) -> None:
    app = TtsApp(context=make_app().node.get_all_context())
    stack = cdk.Stack(app, "Stack", env=ENV)
    TtsSystem(stack, "System", project="benefits", environment=Environment.PRODUCTION, owner="a@example.gov")
    instance(stack)
    cdk.Aspects.of(app).add(TtsGuardrails())
    assert report(app).of(INSTANCE) == ["Stack/Instance"]


@pytest.mark.usefixtures("unvalidated")
def test_it_writes_the_record_of_its_stacks() -> None:
    app = TtsApp(
        environment=Environment.DEVELOPMENT, project="benefits", owner="a@example.gov",
        data_sensitivity=DataSensitivity.SYNTHETIC,
    )  # fmt: skip
    stack = cdk.Stack(app, "Stack", env=ENV, termination_protection=True)
    cdk.CfnWaitConditionHandle(stack, "Handle")
    record = template_of(app, stack)["Metadata"]["TTS"]
    stated = {
        "system": "Stack",
        "project": "benefits",
        "environment": "development",
        "owner": "a@example.gov",
    }
    assert record | stated | {"data_sensitivity": "synthetic"} == record


@pytest.mark.usefixtures("unvalidated")
def test_without_project_and_owner_it_writes_nothing() -> None:
    app = TtsApp(environment=Environment.SANDBOX)
    stack = cdk.Stack(app, "Stack", env=ENV)
    cdk.CfnWaitConditionHandle(stack, "Handle")
    assert "TTS" not in template_of(app, stack).get("Metadata", {})


@pytest.mark.usefixtures("unvalidated")
def test_it_takes_the_arguments_of_the_cdks_app(tmp_path: Path) -> None:
    app = TtsApp(outdir=str(tmp_path / "out"), context={"a": "b"}, tree_metadata=False)
    assert (app.outdir, app.node.try_get_context("a")) == (str(tmp_path / "out"), "b")


# Arguments


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"environment": "production"}, "write Environment.PRODUCTION"),
        ({"project": "benefits"}, "project and owner go together"),
        ({"project": "todo", "owner": "a@example.gov"}, "names no project"),
        ({"data_sensitivity": "public"}, "write DataSensitivity.PUBLIC"),
        ({"outdir": 1}, "outdir=1 is a number"),
        ({"context": ["a"]}, "context= is a list"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidArgumentError, match=f"TtsApp: .*{fault}"):
        TtsApp(**arguments)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(InvalidArgumentError, match="3 faults") as error:
        TtsApp(environment="x", project="benefits", tree_metadata="no")  # type: ignore[arg-type]
    assert "owner" in str(error.value)


def test_an_argument_of_a_newer_cdk_is_refused_by_an_older_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_arguments_of_the_cdk", lambda: {"context"})
    with pytest.raises(InvalidArgumentError, match="tree_metadata= needs a newer aws-cdk-lib; leave it out"):
        TtsApp(tree_metadata=False)


# Which engine validates


@dataclass
class Choice:
    """What a `TtsApp` chose: whether the CDK's own engine is on, and whether the native one runs."""

    own: bool | None
    native: bool


Choose = Callable[..., Choice]


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Makes a `TtsApp` on a machine with or without the extra, and with an older or a newer CDK."""
    chosen = Choice(None, native=False)
    make = cdk.App.__init__

    @functools.wraps(make)
    def recording(self: cdk.App, **arguments: Any) -> None:
        chosen.own = arguments.pop("builtin_cloud_formation_validation", None)
        make(self, **arguments)

    def run(*, installed: bool, off: bool = False, older: bool = False, **arguments: Any) -> Choice:
        monkeypatch.setattr(cdk.App, "__init__", recording)
        monkeypatch.setattr(native_validation, "is_installed", lambda: installed)
        monkeypatch.setattr(Plugin, "validate_natively", lambda _: setattr(chosen, "native", True))
        monkeypatch.setattr(module, "_hinted", False)
        taken = {"context", *(() if older else ("builtin_cloud_formation_validation",))}
        monkeypatch.setattr(module, "_arguments_of_the_cdk", lambda: taken)
        monkeypatch.setenv("CDK_VALIDATION", "false" if off else "true")
        TtsApp(**arguments)
        return chosen

    return run


OWN = "builtin_cloud_formation_validation"


@pytest.mark.parametrize(
    ("machine", "own", "native"),
    [
        ({"installed": True}, False, True),
        ({"installed": True, OWN: False}, False, True),
        ({"installed": True, OWN: True}, True, False),
        ({"installed": True, OWN: True, "off": True}, False, True),
        ({"installed": True, "off": True}, False, True),
        ({"installed": True, "older": True}, None, False),
        ({"installed": True, "older": True, "off": True}, None, True),
        ({"installed": False}, None, False),
        ({"installed": False, OWN: True}, True, False),
        ({"installed": False, "older": True}, None, False),
    ],
)
def test_one_engine_validates(
    machine: dict[str, Any], own: bool | None, native: bool, choose: Choose
) -> None:
    assert choose(**machine) == Choice(own, native)


@pytest.mark.parametrize(
    ("machine", "fault"),
    [
        ({OWN: False}, f"{OWN}=False leaves templates unvalidated"),
        ({"off": True}, "CDK_VALIDATION=false in the environment leaves templates unvalidated"),
        (
            {"off": True, "older": True},
            "CDK_VALIDATION=false in the environment leaves templates unvalidated",
        ),
        ({"off": True, OWN: True}, "CDK_VALIDATION=false in the environment leaves templates unvalidated"),
    ],
)
def test_an_app_that_nothing_would_validate_is_refused(
    machine: dict[str, Any], fault: str, choose: Choose
) -> None:
    with pytest.raises(InvalidArgumentError, match=f"{fault}; run `pip install 'tts-constructs"):
        choose(installed=False, **machine)


def test_an_older_cdk_is_told_how_to_validate_faster(
    choose: Choose, capsys: pytest.CaptureFixture[str]
) -> None:
    choose(installed=True, older=True)
    assert capsys.readouterr().err.startswith("tts_constructs: For a faster synth, set CDK_VALIDATION=false ")
    TtsApp()
    assert capsys.readouterr().err == ""


def test_whoever_cannot_validate_faster_is_told_nothing(
    choose: Choose, capsys: pytest.CaptureFixture[str]
) -> None:
    choose(installed=False, older=True)
    assert capsys.readouterr().err == ""


def test_guardrails_that_cannot_validate_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guardrails, "is_installed", lambda: False)
    with pytest.raises(
        InvalidArgumentError, match="native_validation=True needs AWS's engine; run: pip install"
    ):
        TtsGuardrails(native_validation=True)
