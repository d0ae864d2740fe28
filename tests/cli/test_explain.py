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


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tts, ["explain", *arguments])


@pytest.mark.parametrize("rule_id", ["TTS-S3-004", "tts-s3-004", " Tts-S3-004 "])
def test_a_rule_is_explained_in_any_case(rule_id: str) -> None:
    result = run(rule_id)
    assert result.exit_code == 0
    assert result.output.startswith("TTS-S3-004: Access to buckets must be logged\n")


def test_why_source_decision_fix_controls_and_examples_are_shown() -> None:
    shown = " ".join(run("TTS-S3-004").output.split())
    (rule,) = [rule for rule in catalog() if rule.id == "TTS-S3-004"]
    for text in (rule.why, rule.source, rule.decides, rule.fix, rule.template_fix):
        assert text in shown
    assert all(control in shown for control in rule.controls)
    assert all(example.title in shown for example in load_examples("TTS-S3-004"))


@pytest.mark.parametrize("rule", catalog(), ids=lambda rule: rule.id)
def test_every_rule_can_be_explained(rule: Rule) -> None:
    assert run(rule.id).exit_code == 0


@pytest.mark.parametrize("rule_id", ["TTS-WAIVER", "TTS-ENGINE", "TTS-BASELINE", "TTS-ENVIRONMENT"])
def test_what_the_judge_demands_itself_is_explained(rule_id: str) -> None:
    assert run(rule_id).output.startswith(f"{rule_id}: ")


def test_a_rule_that_does_not_exist_is_refused_with_those_near_it() -> None:
    with pytest.raises(InputError) as caught:
        tts.main(["explain", "TTS-EC2-01"], standalone_mode=False)
    assert str(caught.value).startswith("TTS-EC2-01: is no rule; did you mean TTS-EC2-001 or ")
    assert str(caught.value).endswith("? `tts rules` lists them")


def test_what_is_near_no_rule_is_refused_without_a_guess() -> None:
    with pytest.raises(InputError, match=r"^qqq: is no rule; `tts rules` lists them$"):
        tts.main(["explain", "qqq"], standalone_mode=False)


@pytest.mark.slow
def test_the_refusal_is_one_line_and_exits_with_2() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tts_constructs.cli import main; main()", "explain", "qqq"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tts: qqq: is no rule; `tts rules` lists them\n"


@pytest.mark.slow
def test_a_reader_that_stops_reading_causes_no_traceback() -> None:
    script = """ "$0" -c 'from tts_constructs.cli import main; main()' explain TTS-EC2-003 | true """
    done = subprocess.run(["sh", "-c", script, sys.executable], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_shell_completes_ids() -> None:
    (argument,) = explain.params
    completed = argument.shell_complete(explain.make_context("explain", ["x"]), "tts-kms")
    assert [item.value for item in completed if isinstance(item, CompletionItem)] == ["TTS-KMS-001"]


def test_the_help_shows_an_example() -> None:
    assert "tts explain TTS-EC2-001" in run("--help").output
