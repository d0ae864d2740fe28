"""The example package, installed as a team would: at every door its rule is one like any other."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

AGENCY = Path(__file__).parent / "agency"
ROOT = Path(__file__).parents[2]
FUNCTION = "{Type: AWS::Lambda::Function, Properties: {Runtime: nodejs24.x}}"

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the package is installed into."""
    folder = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(AGENCY)], check=True)
    return folder


@pytest.fixture
def run(site: Path, tmp_path: Path) -> Run:
    """Runs Python where the package is installed."""

    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment["PYTHONPATH"] = os.pathsep.join([str(site), str(ROOT)])
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    return python


@pytest.fixture
def tts(run: Run) -> Run:
    """Runs the command where the package is installed."""
    return lambda *arguments: run("-c", "from tts_constructs.cli import main; main()", *arguments)


def test_the_command_judges_by_its_rule(tts: Run, tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(f"Resources: {{Resize: {FUNCTION}}}")
    done = tts("check", "app.yaml", "--select", "AGENCY-LAMBDA-001", "--format", "json")
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["rule_id"], finding["location"]) == ("AGENCY-LAMBDA-001", "Properties/Runtime")


def test_the_command_lists_and_explains_its_rule(tts: Run) -> None:
    assert "AGENCY-LAMBDA-001" in tts("rules").stdout
    explained = tts("explain", "agency-lambda-001", "--examples").stdout
    assert "A function made of a container image has no runtime" in explained


def test_settings_and_waivers_know_its_rule(tts: Run, tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(f"Resources: {{Resize: {FUNCTION}}}")
    (tmp_path / "tts.toml").write_text('[levels.sandbox]\n"AGENCY-LAMBDA-001" = "block"\n')
    checked = ("check", "app.yaml", "--select", "AGENCY-LAMBDA-001", "--environment", "sandbox")
    assert tts(*checked).returncode == 1


def test_a_synth_is_judged_by_its_rule(run: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import aws_cdk as cdk\n"
        "from tts_constructs import TtsGuardrails\n"
        "app = cdk.App()\n"
        'env = cdk.Environment(account="111122223333", region="us-east-1")\n'
        'stack = cdk.Stack(app, "Stack", env=env)\n'
        'properties = {"Runtime": "nodejs24.x"}\n'
        'cdk.CfnResource(stack, "Resize", type="AWS::Lambda::Function", properties=properties)\n'
        "cdk.Aspects.of(app).add(TtsGuardrails())\n"
        "app.synth()\n"
    )
    done = run("app.py")
    assert done.returncode == 1
    assert "BLOCKS AGENCY-LAMBDA-001 " in done.stderr
    assert " Stack/Resize: " in done.stderr


def test_its_own_tests_pass(run: Run) -> None:
    done = run(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", str(AGENCY / "tests"), "--rootdir", str(AGENCY)
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_a_package_that_cannot_be_used_fails_a_synth(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken-1.0.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (broken / "entry_points.txt").write_text("[tts_constructs.rules]\nbroken = broken:RULES\n")
    (tmp_path / "app.py").write_text(
        "import aws_cdk as cdk\n"
        "from tts_constructs import TtsGuardrails\n"
        "app = cdk.App()\n"
        'env = cdk.Environment(account="111122223333", region="us-east-1")\n'
        'cdk.CfnWaitConditionHandle(cdk.Stack(app, "Stack", env=env), "Handle")\n'
        "cdk.Aspects.of(app).add(TtsGuardrails())\n"
        "app.synth()\n"
    )
    done = run("app.py")
    assert done.returncode == 1
    assert "broken (broken 1.0) cannot be loaded (ModuleNotFoundError: " in done.stderr
