"""An app of raw resources keeps every rule, and each fault breaks its rule and no other."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from tests import raw_app
from tests.checkout import commit_all
from tests.raw_app.app import build
from tests.raw_app.faults import FAULTS
from tts_constructs.policy.rules import catalog

ROOT = Path(__file__).parents[2]
PROJECT = Path(raw_app.__file__).parent
RULES = {rule.id: rule for rule in catalog()}
SEVERITIES = {"block": "fatal", "warn": "warning"}

Violations = list[dict[str, Any]]
Break = Callable[..., Violations]


@pytest.fixture(scope="module")
def with_faults(make_app: Callable[..., cdk.App], report: Callable[[cdk.App], Any]) -> Break:
    """Synthesizes the app with the faults of some rules in CI, which takes no warning; what is found."""
    recorded = json.loads((PROJECT / "cdk.context.json").read_text(encoding="utf-8"))

    def synthesize(*rule_ids: str) -> Violations:
        raw = build(make_app(recorded))
        for rule_id in rule_ids:
            FAULTS[rule_id](raw)
        with contextlib.chdir(PROJECT), pytest.MonkeyPatch.context() as patch:  # where its settings are
            patch.setenv("CI", "true")
            violations = report(raw.app).violations
        return [violation for violation in violations if violation["ruleName"] != "TTS-SUMMARY"]

    return synthesize


@pytest.fixture(scope="module")
def with_all_faults(with_faults: Break) -> Violations:
    return with_faults(*FAULTS)


def rules_and_severities(violations: Violations) -> list[tuple[str, str]]:
    return sorted((violation["ruleName"], violation["severity"]) for violation in violations)


def expected(rule_id: str) -> tuple[str, str]:
    """What the fault of a rule is reported as: it is in production if the rule is evaluated there."""
    rule = RULES[rule_id]
    return rule_id, SEVERITIES[rule.production or rule.sandbox or ""]


def test_every_rule_has_a_fault() -> None:
    assert FAULTS.keys() == RULES.keys()


def test_nothing_is_found_in_the_app(with_faults: Break) -> None:
    assert with_faults() == []


def test_all_faults_together_break_each_rule_once(with_all_faults: Violations) -> None:
    assert rules_and_severities(with_all_faults) == sorted(map(expected, RULES))


def test_each_fault_has_a_message_of_its_own(with_all_faults: Violations) -> None:
    # The first line is the title, the last ones say why.
    messages = [violation["description"].splitlines()[1] for violation in with_all_faults]
    assert len(set(messages)) == len(FAULTS)


@pytest.mark.slow
@pytest.mark.parametrize("rule_id", FAULTS)
def test_a_fault_breaks_its_rule_and_no_other(rule_id: str, with_faults: Break) -> None:
    assert rules_and_severities(with_faults(rule_id)) == [expected(rule_id)]


# The `cdk` command


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the team, in version control as production has to be."""
    folder = tmp_path_factory.mktemp("team")
    shutil.copytree(PROJECT, folder / PROJECT.name, ignore=shutil.ignore_patterns("__pycache__", "*.out"))
    commit_all(folder, "forms")
    return folder / PROJECT.name


def run(command: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs the `cdk` or `tts` command."""
    folders = (str(Path(sys.executable).parent), str(ROOT / "node_modules/.bin"), os.environ["PATH"])
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("CDK_", "PYTEST_"))
    } | {"PATH": os.pathsep.join(folders)}
    return subprocess.run(
        [command, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def refused(checkout: Path) -> subprocess.CompletedProcess[str]:
    """What the `cdk` command says of the app with all faults."""
    faulty = "PYTHONPATH=.. python -m raw_app.faults"
    return run("cdk", "synth", "--quiet", "--app", faulty, "--output", "faulty.out", cwd=checkout)


@pytest.mark.slow
def test_the_cdk_command_synthesizes_the_app_without_a_warning(checkout: Path) -> None:
    done = run("cdk", "synth", "--quiet", cwd=checkout)
    assert done.returncode == 0, done.stderr
    assert "TTS-" not in done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()


@pytest.mark.slow
def test_the_cdk_command_refuses_the_faults_and_names_each_rule(
    refused: subprocess.CompletedProcess[str],
) -> None:
    assert refused.returncode == 1
    assert [rule_id for rule_id in RULES if rule_id not in refused.stderr] == []


@pytest.mark.slow
def test_the_tts_command_finds_in_the_assembly_what_was_found_at_synth(
    refused: subprocess.CompletedProcess[str], checkout: Path
) -> None:
    done = run("tts", "check", "faulty.out", "--format", "json", cwd=checkout)
    assert refused.returncode == done.returncode == 1
    assert {finding["rule_id"] for finding in json.loads(done.stdout)["findings"]} == RULES.keys()
