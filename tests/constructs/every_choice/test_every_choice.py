"""What teams may choose meets our own rules, and CloudFormation takes it: every argument, in many apps."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from tests.constructs.every_choice.apps import ACCOUNT, APPS, Scene
from tests.test_arguments import CALLABLES, parameters
from tests.test_cfn_lint import IGNORED
from tts_constructs import arguments, standards
from tts_constructs.policy.model.finding import Finding
from tts_constructs.testing import findings

ROOT = Path(__file__).parents[3]

LOOKED_UP: dict[str, Any] = {
    f"ami:account={ACCOUNT}:filters.architecture.0={architecture}:filters.image-type.0=machine:filters.name.0="
    "FISMA Ready Baseline Ubuntu (* - Packer):filters.state.0=available:owners.0=777788889999:"
    f"region={region}": "ami-0f15a0b1e5ea50001"
    for region in standards.REGIONS
    for architecture in ("x86_64", "arm64")
} | {
    f"availability-zones:account={ACCOUNT}:region={region}": [f"{region}{letter}" for letter in "abcd"]
    for region in standards.REGIONS
}
"""What the account answers to the lookups of images and zones."""

OF_THE_CDK = "Resources/CustomS3AutoDeleteObjectsCustomResourceProviderHandler"
"""The CDK's own function, which states a dependency (W3005) that its role's ARN implies."""


@dataclass(frozen=True)
class Result:
    """What became of an app.

    Args:
        findings: All findings of our judge.
        templates: The templates by file, with the region of each.
        used: Each argument that it gave: the callable and the parameter.
    """

    findings: list[Finding]
    templates: dict[str, tuple[str, dict[str, Any]]]
    used: frozenset[tuple[str, str]]


@pytest.fixture(scope="session")
def result_of(
    make_app: Callable[..., cdk.App], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Result]:
    """Builds and synthesizes an app once."""
    known: dict[str, Result] = {}

    def result(name: str) -> Result:
        if name not in known:
            known[name] = _built(name, make_app, tmp_path_factory.mktemp("app"))
        return known[name]

    return result


def _built(name: str, make_app: Callable[..., cdk.App], folder: Path) -> Result:
    made = APPS[name]
    used: set[tuple[str, str]] = set()
    bind = arguments._Signature.bind

    def noting(self: Any, args: Any, kwargs: Any) -> inspect.BoundArguments:
        given = bind(self, args, kwargs)
        used.update((self._of.__qualname__, parameter) for parameter in given.arguments)
        return given

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arguments._Signature, "bind", noting)
        patch.chdir(ROOT)
        if made.settings is not None:
            (folder / "tts.toml").write_text(made.settings, encoding="utf-8")
            patch.chdir(folder)
        app = make_app(LOOKED_UP, outdir=str(folder / "cdk.out"))
        made.build(Scene(app, made.region))
        found = findings(app)
    return Result(found, dict(_templates(app)), frozenset(used))


def _templates(app: cdk.App) -> Iterator[tuple[str, tuple[str, dict[str, Any]]]]:
    for stack in app.node.find_all():
        if isinstance(stack, cdk.Stack):
            stage = cdk.Stage.of(stack)
            assert stage
            file = Path(stage.synth().directory) / stack.template_file
            yield stack.node.path, (stack.region, json.loads(file.read_text(encoding="utf-8")))


def test_there_are_sixty_apps() -> None:
    assert len(APPS) >= 60


@pytest.mark.parametrize("name", APPS)
def test_our_judge_finds_nothing_but_what_the_app_states(
    name: str, result_of: Callable[[str], Result]
) -> None:
    found = {f"{one.rule_id} {one.path}: {one.message}" for one in result_of(name).findings}
    stated = APPS[name].warns
    assert {line for line in found if line.split()[0] not in stated} == set()
    assert set(stated) == {line.split()[0] for line in found}


def test_every_argument_is_used_by_an_app(result_of: Callable[[str], Result]) -> None:
    used = {argument for name in APPS for argument in result_of(name).used}
    wanted = {
        (function.__qualname__, parameter.name)
        for function in CALLABLES.values()
        if not function.__qualname__.startswith("TtsApp.")  # which makes no resource: tests/synth/test_app.py
        for parameter in parameters(function)
    }
    assert wanted - used == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", APPS)
def test_cfn_lint_finds_nothing_in_an_apps_templates(name: str, result_of: Callable[[str], Result]) -> None:
    found = [
        f"{path}: {finding}"
        for path, (region, template) in result_of(name).templates.items()
        for finding in _lint(template, region)
    ]
    assert found == []


def _lint(template: dict[str, Any], region: str) -> Iterator[str]:
    # Here, so that who leaves this test out does not wait seconds for the import.
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    for match in lint(json.dumps(template), config=ManualArgs(regions=[region], ignore_checks=IGNORED)):
        place = "/".join(map(str, match.path or ()))
        if not (match.rule.id == "W3005" and place.startswith(OF_THE_CDK)):
            yield f"{match.rule.id} {place}: {match.message}"
