"""`tts explain`."""

import subprocess
import sys

import pytest
from click.shell_completion import CompletionItem
from click.testing import CliRunner, Result

from tts_constructs.cli.explain import explain
from tts_constructs.cli.main import tts
from tts_constructs.errors import InputError
from tts_constructs.policy.examples import load_examples
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules import catalog
from tts_constructs.report.formats.text import WIDTH


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tts, ["explain", *arguments])


@pytest.mark.parametrize("rule_id", ["TTS-S3-004", "tts-s3-004", " Tts-S3-004 "])
def test_a_rule_is_explained_in_any_case(rule_id: str) -> None:
    result = run(rule_id)
    assert result.exit_code == 0
    assert result.output.startswith("TTS-S3-004: Access to buckets must be logged\n")


def words(*arguments: str) -> str:
    return " ".join(run(*arguments).output.split())


def test_a_rule_is_explained_by_why_source_and_fixes() -> None:
    (rule,) = [rule for rule in catalog() if rule.id == "TTS-S3-004"]
    for text in (rule.why, rule.source, rule.fix, rule.template_fix):
        assert text in words("TTS-S3-004")


def test_a_rule_is_explained_with_python_that_meets_it() -> None:
    assert '    logs = s3.Bucket(\n        stack,\n        "Logs",\n' in run("TTS-S3-004").output
    assert "(`stack` is a `cdk.Stack` and `system` is the `TtsSystem` of the stack):" in words("TTS-S3-004")


def test_examples_are_shown_when_they_are_asked_for() -> None:
    (rule,) = [rule for rule in catalog() if rule.id == "TTS-S3-004"]
    shown = words("TTS-S3-004", "--examples")
    assert rule.decides in shown
    assert all(control in shown for control in rule.controls)
    assert all(example.title in shown for example in load_examples("TTS-S3-004"))
    assert "Access to the bucket is not logged" not in words("TTS-S3-004")
    assert "More: tts explain TTS-S3-004 --examples" in words("TTS-S3-004")


def test_a_rule_says_how_to_get_a_waiver() -> None:
    assert "TTS Infrastructure can approve a waiver: see docs/how-to/waiver.md." in words("TTS-S3-004")
    assert "This rule can't be waived in production." in words("TTS-S3-001")


@pytest.mark.parametrize(
    ("rule_id", "levels"),
    [
        ("TTS-TLS-001", "Blocks in production, sandbox, and development."),
        ("TTS-EC2-005", "Blocks in production and development; warns in sandbox."),
        ("TTS-S3-004", "Blocks in production and development; not evaluated in sandbox."),
    ],
)
def test_a_rule_says_what_it_does_in_each_environment(rule_id: str, levels: str) -> None:
    assert levels in words(rule_id)


ONE_SCREEN = 44
"""Lines of the longest explanation; most have 30 or fewer."""


@pytest.mark.parametrize("rule", catalog(), ids=lambda rule: rule.id)
def test_every_rule_is_explained_on_one_screen(rule: Rule) -> None:
    lines = run(rule.id).output.splitlines()
    assert lines[0] == f"{rule.id}: {rule.title}"
    assert len(lines) <= ONE_SCREEN
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize("rule_id", ["TTS-WAIVER", "TTS-ENGINE", "TTS-BASELINE", "TTS-ENVIRONMENT"])
def test_what_the_judge_demands_itself_is_explained(rule_id: str) -> None:
    assert run(rule_id).output.startswith(f"{rule_id}: ")
    assert "HOW IT DECIDES" in run(rule_id, "--examples").output
    assert "--examples" not in run(rule_id).output
    assert run(rule_id).output.endswith("Waivers: This can't be waived.\n")


def test_a_rule_that_does_not_exist_is_refused_with_those_near_it() -> None:
    with pytest.raises(InputError) as caught:
        tts.main(["explain", "TTS-EC2-01"], standalone_mode=False)
    assert str(caught.value).startswith("TTS-EC2-01: isn't a rule; did you mean TTS-EC2-001 or ")
    assert str(caught.value).endswith("? `tts rules` lists them")


def test_what_is_near_no_rule_is_refused_without_a_guess() -> None:
    with pytest.raises(InputError, match=r"^qqq: isn't a rule; `tts rules` lists them$"):
        tts.main(["explain", "qqq"], standalone_mode=False)


@pytest.mark.slow
def test_the_refusal_is_one_line_and_exits_with_2() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tts_constructs.cli import main; main()", "explain", "qqq"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tts: qqq: isn't a rule; `tts rules` lists them\n"


@pytest.mark.slow
def test_a_reader_that_stops_reading_causes_no_traceback() -> None:
    script = """ "$0" -c 'from tts_constructs.cli import main; main()' explain TTS-EC2-003 | true """
    done = subprocess.run(["sh", "-c", script, sys.executable], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_shell_completes_ids() -> None:
    argument, _ = explain.params
    completed = argument.shell_complete(explain.make_context("explain", ["x"]), "tts-kms")
    assert [item.value for item in completed if isinstance(item, CompletionItem)] == ["TTS-KMS-001"]


def test_the_help_shows_an_example() -> None:
    assert "tts explain TTS-EC2-001" in run("--help").output
