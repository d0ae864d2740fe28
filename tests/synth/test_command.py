"""The official `cdk` command, and Python alone, run apps that must fail."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checkout import git

ROOT = Path(__file__).parents[2]
CDK = ROOT / "node_modules" / ".bin" / "cdk"

pytestmark = pytest.mark.slow

HEAD = """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from tts_constructs import Environment, TtsGuardrails

env = cdk.Environment(account="111122223333", region="us-east-1")
app = cdk.App()

def clean(scope, name):
    stack = cdk.Stack(scope, name, env=env, termination_protection=True)
    cdk.CfnWaitCondition(stack, "Wait")
    return stack

def bad(scope, name):
    stack = clean(scope, name)
    ec2.CfnInstance(stack, "Instance", image_id="ami-1", instance_type="t3.small")
    return stack
"""
TAIL = """
cdk.Aspects.of(app).add(TtsGuardrails(environment=ENVIRONMENT))
app.synth()
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs an app with the `cdk` command, or with Python alone."""

    def run_app(
        body: str,
        *arguments: str,
        command: bool = True,
        verb: str = "synth",
        sandbox: bool = False,
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        (tmp_path / "app.py").write_text(
            HEAD + body + TAIL.replace("ENVIRONMENT", "Environment.SANDBOX" if sandbox else "None")
        )
        synth = [
            str(CDK),
            verb,
            *(["--quiet"] if verb == "synth" else []),
            "--no-notices",
            "--app",
            f"{shlex.quote(sys.executable)} app.py",
            *arguments,
        ]
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CDK_", "JSII_", "PYTEST_"))
        }
        environment |= variables
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        return subprocess.run(
            synth if command else [sys.executable, "app.py"],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    return run_app


def test_an_app_whose_stacks_are_all_in_a_stage_fails(run: Run) -> None:
    done = run('bad(cdk.Stage(app, "Prod"), "Stack")')
    assert done.returncode == 1
    assert "Prod/Stack/Instance: AWS::EC2::Instance" in done.stderr


def test_a_clean_selected_stack_beside_a_bad_one_fails(run: Run) -> None:
    done = run('clean(app, "Clean")\nbad(app, "Bad")', "Clean")
    assert done.returncode == 1
    assert "Bad/Instance: AWS::EC2::Instance" in done.stderr


def test_a_rule_that_raises_fails(run: Run) -> None:
    body = """
from tts_constructs.synth import plugin
def fails(*_, **__):
    raise ZeroDivisionError("oops")
plugin.review = fails
clean(app, "Clean")
"""
    done = run(body)
    assert done.returncode == 1
    assert "TTS-ENGINE the judge failed" in done.stderr


def test_a_selected_bad_stack_shows_why_and_what_to_write_instead(run: Run) -> None:
    done = run('bad(app, "Bad")', "Bad")
    assert done.returncode == 1
    assert "(Why: " in done.stderr
    assert "  fix: " in done.stderr
    assert "TtsAsgService" in done.stderr
    assert "  app.py:16 Bad/Instance: " in done.stderr


def test_the_last_lines_of_a_synth_that_fails_are_the_summary_with_the_next_steps(run: Run) -> None:
    said = run('bad(app, "Bad")').stderr.splitlines()
    (summary,) = (number for number, line in enumerate(said) if line.endswith(" judged."))
    steps, of_the_command = said[summary + 1 : summary + 4], said[summary + 4 :]
    assert [line.split(".")[0].lstrip("Next: ") for line in steps] == ["1", "2", "3"]
    assert any(line.endswith("Subprocess exited with error 1") for line in of_the_command)
    assert not [line for line in of_the_command if "TTS-" in line]


def test_the_terminal_shows_a_rule_once_and_the_report_keeps_every_place(run: Run, tmp_path: Path) -> None:
    done = run('for name in "ABCDE":\n    bad(app, name)')
    assert done.stderr.count("TTS-EC2-001 ") == 1
    assert "Suggested fix" not in done.stderr
    assert "Acknowledge with" not in done.stderr
    report = json.loads((tmp_path / "cdk.out/validation-report.json").read_text())
    places = [
        place["constructPath"]
        for violation in report["pluginReports"][0]["violations"]
        if violation["ruleName"] == "TTS-EC2-001"
        for place in violation["violatingConstructs"]
    ]
    assert places == [f"{name}/Instance" for name in "ABCDE"]


def test_warnings_have_a_line_for_each_rule_and_no_block_of_the_cdk(run: Run) -> None:
    body = """
for name in "AB":  # a stack that only waits makes nothing that the rule is about
    cdk.CfnWaitCondition(clean(app, name), "Condition")
cdk.Aspects.of(app).add(TtsGuardrails(
    environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov"))
"""
    done = run(body, CI="")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "TTS-CD-001" in line]
    assert line.startswith("WARNS TTS-CD-001 ")
    assert "(2 places): " in line
    assert "Acknowledge with" not in done.stderr


def test_what_another_plugin_refuses_is_said_too(run: Run) -> None:
    body = """
import jsii

@jsii.implements(cdk.IPolicyValidationPlugin)
class Other:
    name = property(lambda self: "other-plugin")
    version = property(lambda self: "1")
    rule_ids = property(lambda self: ["O1"])

    def validate(self, context):
        place = cdk.PolicyViolatingResource(construct_path="Bad/Instance", locations=[])
        violation = cdk.PolicyViolation(
            rule_name="O1", severity="error", description="No instances.", violating_resources=[place])
        return cdk.PolicyValidationPluginReport(success=False, violations=[violation])

cdk.Validations.of(app).add_plugins(Other())
bad(app, "Bad")
"""
    done = run(body)
    assert done.returncode == 1
    assert "ERROR Bad/Instance: No instances. (other-plugin)" in done.stderr.splitlines()


def test_what_an_annotation_of_the_app_refuses_is_said_too(run: Run) -> None:
    done = run('cdk.Annotations.of(bad(app, "Bad")).add_error("Not on a Friday.")')
    assert done.returncode == 1
    assert "ERROR Bad: Not on a Friday. (annotation)" in done.stderr.splitlines()


def test_a_command_that_needs_no_synth_to_pass_is_not_stopped(run: Run) -> None:
    done = run('bad(app, "Bad")', verb="ls")
    assert (done.returncode, done.stdout) == (0, "Bad\n")


def test_what_an_app_does_at_its_end_is_done(run: Run) -> None:
    done = run('import atexit\natexit.register(print, "the end")\nbad(app, "Bad")')
    assert done.returncode == 1
    assert "the end" in done.stdout + done.stderr


def test_a_clean_app_passes(run: Run) -> None:
    done = run('clean(app, "Clean")', sandbox=True)
    assert done.returncode == 0, done.stderr


def verified(folder: Path) -> list[str]:
    """What `tts verify` says against a copy of the assembly that the command has written."""
    copy = folder / "artifact"
    shutil.copytree(folder / "cdk.out", copy, dirs_exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", "from tts_constructs.cli import main; main()", "verify", str(copy)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    faults = [line.removeprefix(f"{copy}: ") for line in done.stderr.splitlines()]
    assert done.returncode == (1 if faults else 0), done.stderr
    return faults


def test_a_pipeline_refuses_a_template_edited_after_synth(run: Run, tmp_path: Path) -> None:
    assert run('clean(app, "Clean")\nclean(cdk.Stage(app, "Prod"), "Stack")', sandbox=True).returncode == 0
    assert verified(tmp_path) == []
    template = tmp_path / "cdk.out" / "Clean.template.json"
    template.write_text(template.read_text().replace("WaitCondition", "Macro"))
    assert verified(tmp_path) == ["Clean.template.json has changed since it was judged"]


def test_a_pipeline_refuses_what_the_command_was_told_to_ignore(run: Run, tmp_path: Path) -> None:
    assert run('bad(app, "Bad")', "--ignore-errors").returncode == 1
    assert any(fault.startswith("TTS-EC2-001 blocked at Bad/Instance: ") for fault in verified(tmp_path))


def test_a_dirty_tree_blocks_in_continuous_integration_alone(run: Run, tmp_path: Path) -> None:
    """An app of raw resources in production, in a checkout with a file that the commit has not."""
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "remote", "add", "origin", "https://git.example.gov/raw.git")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "Begin")
    body = """
clean(app, "Clean")
cdk.Aspects.of(app).add(TtsGuardrails(
    environment=Environment.PRODUCTION, project="benefits", owner="benefits@example.gov"))
"""
    at_home = run(body, CI="")
    assert at_home.returncode == 0, at_home.stderr
    assert "WARNS TTS-CD-001 " in at_home.stderr
    in_ci = run(body, CI="true")
    assert in_ci.returncode == 1
    assert re.search(r"^BLOCKS TTS-CD-001 .*\n  (?:\S+:\d+ )?Clean: ", in_ci.stderr, re.M)


def test_python_alone_fails_without_a_traceback_and_ends_with_the_count(run: Run) -> None:
    done = run('bad(cdk.Stage(app, "Prod"), "Stack")', command=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Suggested fix: " in done.stderr
    assert done.stderr.splitlines()[-4].endswith("judged.")


def test_python_alone_fails_when_the_judge_fails(run: Run) -> None:
    body = 'from tts_constructs.synth import plugin\nplugin.review = None\nclean(app, "Clean")'
    done = run(body, command=False)
    assert done.returncode == 1
    assert "TTS-ENGINE" in done.stderr.splitlines()[-1]


def test_another_error_of_an_app_keeps_its_traceback(run: Run) -> None:
    done = run('clean(app, "Clean")\nraise ValueError("mine")', command=False)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "ValueError: mine" in done.stderr


# Arguments that cannot be used

WRONG_ARGUMENT = """
from tts_constructs import TtsSystem
TtsSystem(
    clean(app, "Clean"),
    "System",
    project="",
    environment=Environment.PRODUCTION,
    owner="nobody",
)
"""
WRONG_ARGUMENT_BELOW_JSII = """
import jsii
from tts_constructs import TtsBucket

@jsii.implements(cdk.IAspect)
class AddsABucket:
    def visit(self, node):
        if isinstance(node, cdk.Stack):
            TtsBucket(node, "Uploads")

clean(app, "Clean")
cdk.Aspects.of(app).add(AddsABucket())
"""


NO_SYSTEM = (
    'tts_constructs: TtsBucket "Uploads": it is not in a TtsSystem; create it below one, or pass the '
    "system with `system=`"
)
TWO_FAULTS = """\
tts_constructs: TtsSystem "Clean/System": 2 faults:
  - project is '', which names no project; write the name it is registered under
  - owner is 'nobody'; write the e-mail address of the team that is responsible for the system"""


def at(source: str, folder: Path) -> str:
    """The place of a line of the app, as an error shows it."""
    lines = [line.strip() for line in (folder / "app.py").read_text().splitlines()]
    return f"  at app.py:{lines.index(source) + 1}: {source}"


@pytest.mark.parametrize("command", [True, False])
@pytest.mark.parametrize(
    ("body", "message", "source"),
    [
        (WRONG_ARGUMENT, TWO_FAULTS, "TtsSystem("),
        (WRONG_ARGUMENT_BELOW_JSII, NO_SYSTEM, 'TtsBucket(node, "Uploads")'),
    ],
)
def test_an_argument_that_cannot_be_used_shows_its_message_and_the_line_of_the_app(
    run: Run, tmp_path: Path, body: str, message: str, source: str, command: bool
) -> None:
    done = run(body, command=command)
    assert done.returncode == 1
    said = done.stderr.splitlines()
    if command:
        assert said.pop().endswith("Subprocess exited with error 1")
    assert said == [*message.splitlines(), at(source, tmp_path)]


def test_a_refused_switch_shows_its_message_and_the_line_of_the_app(run: Run, tmp_path: Path) -> None:
    done = run('clean(app, "Clean")', command=False, CDK_APP_MODE="process")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "tts_constructs: TtsGuardrails: CDK_APP_MODE=process lets a synth pass that should fail; unset it",
        at("app.synth()", tmp_path),
    ]


def test_settings_that_cannot_be_used_show_no_traceback_when_a_construct_reads_them(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "tts.toml").write_text("environment = 1")
    body = "from tts_constructs import FismaReadyImage\nFismaReadyImage()"
    done = run(body, command=False)
    assert done.returncode == 1
    assert "tts.toml: line 1: environment must be one of production" in done.stderr
    assert done.stderr.splitlines()[-1] == at("FismaReadyImage()", tmp_path)


def test_the_whole_traceback_is_there_for_who_asks_for_it(run: Run) -> None:
    done = run(WRONG_ARGUMENT, command=False, TTS_DEBUG="1")
    assert "Traceback" in done.stderr
    assert "InvalidArgumentError: TtsSystem" in done.stderr


def test_an_error_below_jsii_of_an_app_keeps_its_traceback(run: Run) -> None:
    body = """
from tts_constructs.errors import TtsError
TtsError("mine", ["an error that was handled"])

@jsii.implements(cdk.IAspect)
class Fails:
    def visit(self, node):
        raise ValueError("theirs")

cdk.Aspects.of(app).add(Fails())
"""
    done = run(f"import jsii\n{body}", command=False)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "RuntimeError: theirs" in done.stderr
