"""`tts check`: what it prints, where it writes, and how it exits."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tts_constructs._version import __version__
from tts_constructs.cli import main as entry
from tts_constructs.cli.main import tts
from tts_constructs.errors import TtsError
from tts_constructs.policy import native_validation
from tts_constructs.policy.engine.environments import Guardrails
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.records.attestation import attest
from tts_constructs.report.formats import FORMATS
from tts_constructs.system_metadata import Environment

BAD = "Resources: {Web: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1}}}"
CLEAN = "Resources: {Handle: {Type: AWS::CloudFormation::WaitConditionHandle}}"
ONLY = ("--select", "TTS-EC2-001")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "clean.yaml").write_text(CLEAN)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tts, ["check", *arguments])


def test_what_blocks_exits_with_1() -> None:
    assert run("bad.yaml", *ONLY).exit_code == 1


def test_what_warns_exits_with_0() -> None:
    result = run("bad.yaml", *ONLY, "--environment", "sandbox")
    assert result.exit_code == 0
    assert "WARNS TTS-EC2-001" in result.output


def test_a_clean_template_exits_with_0() -> None:
    result = run("clean.yaml", *ONLY)
    assert result.exit_code == 0
    assert result.output == "0 findings block, 0 warn; 1 resource in 1 template judged.\n"


def test_the_text_has_a_block_for_each_rule_and_ends_with_the_count_and_three_next_steps() -> None:
    lines = run("bad.yaml", *ONLY).output.splitlines()
    assert lines[0].startswith("BLOCKS TTS-EC2-001 ")
    assert lines[1].startswith("  bad.yaml:1 bad/Web: AWS::EC2::Instance ")
    assert re.fullmatch(r"  fix: .+ \(Why: .+\)", lines[2])
    assert lines[3] == "1 finding blocks, 0 warn; 1 resource in 1 template judged."
    assert [line.lstrip("Next: ")[0] for line in lines[4:]] == ["1", "2", "3"]


def test_the_json_is_that_of_the_contract() -> None:
    report = json.loads(run("bad.yaml", *ONLY, "--format", "json").output)
    assert report["version"] == 1
    assert report["summary"] == {"block": 1, "warn": 0, "waived": 0, "resources": 1, "templates": 1}
    (finding,) = report["findings"]
    assert set(finding) == {
        "rule_id", "title", "verdict", "level", "logical_id", "resource_type", "stack", "construct_path",
        "location", "message", "fix", "why", "controls", "source", "waiver",
    }  # fmt: skip
    assert (finding["rule_id"], finding["stack"], finding["logical_id"]) == ("TTS-EC2-001", "bad", "Web")
    assert (finding["verdict"], finding["level"]) == ("violation", "block")


def test_a_report_is_written_to_a_file(folder: Path) -> None:
    result = run("bad.yaml", *ONLY, "--format", "json", "--output", "report.json")
    assert result.exit_code == 1
    assert result.output == ""
    assert json.loads((folder / "report.json").read_text())["summary"]["block"] == 1


def test_a_file_that_cannot_be_written_is_an_error() -> None:
    with pytest.raises(TtsError, match="cannot be written"):
        tts.main(["check", "clean.yaml", "--output", "none/report.json"], standalone_mode=False)


def test_several_paths_are_judged_at_once() -> None:
    report = json.loads(run("bad.yaml", "clean.yaml", *ONLY, "--format", "json").output)
    assert report["summary"]["templates"] == 2


def test_a_folder_is_judged() -> None:
    assert "2 resources in 2 templates judged" in run(".", *ONLY).output


# What a path holds


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", '{"name": "x"}'),
        ("compose.yaml", "services: {web: {image: x}}"),
        (
            "deployment.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {resources: {}}}}",
        ),
        ("cdk.out/manifest.json", '{"artifacts": {"T": {"type": "cdk:tree"}}}'),
        ("README.md", "# Nothing"),
    ],
)
def test_a_file_that_is_no_template_cannot_be_used(folder: Path, name: str, text: str) -> None:
    (folder / "cdk.out").mkdir()
    (folder / name).write_text(text)
    with pytest.raises(TtsError, match="has no Resources, so it isn't a CloudFormation template"):
        tts.main(["check", name], standalone_mode=False)


@pytest.mark.parametrize("manifest", ["{}", '{"name": "a web app", "icons": []}'])
def test_the_manifest_of_something_else_hides_no_template(folder: Path, manifest: str) -> None:
    (folder / "manifest.json").write_text(manifest)
    assert run(".", *ONLY).exit_code == 1


def test_what_is_skipped_in_a_folder_is_counted(folder: Path) -> None:
    (folder / "package.json").write_text("{}")
    (folder / "node_modules").mkdir()
    (folder / "node_modules/bootstrap.yaml").write_text(BAD)
    result = run(".", *ONLY)
    assert result.stderr == "tts: skipped 2 files and folders without a template; -v names them\n"
    assert "2 resources in 2 templates judged" in result.stdout


@pytest.mark.parametrize("option", ["-v", "--verbose"])
def test_what_is_skipped_in_a_folder_is_named(folder: Path, option: str) -> None:
    (folder / "package.json").write_text("{}")
    assert run(".", *ONLY, option).stderr.splitlines() == [
        "tts: skipped package.json: not a template",
        "tts: skipped 1 file or folder without a template",
    ]


def test_where_nothing_is_skipped_nothing_is_said_of_it() -> None:
    assert run(".", *ONLY, "--verbose").stderr == ""


def test_what_is_skipped_is_named_where_nothing_is_judged(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "docs").mkdir()
    (folder / "docs/package.json").write_text("{}")
    with pytest.raises(TtsError, match="docs: holds neither a template nor a cloud assembly with a stack"):
        tts.main(["check", "docs", "-v"], standalone_mode=False)
    assert capsys.readouterr().err == "tts: skipped docs/package.json: not a template\n"


def test_ignored_rules_are_not_evaluated() -> None:
    assert "TTS-EC2-001" not in run("bad.yaml", "--ignore", "TTS-EC2-001").output


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_rule_that_does_not_exist_is_refused(option: str) -> None:
    result = run("bad.yaml", option, "TTS-EC2-001, TTS-XYZ-999")
    assert result.exit_code == 2
    assert "no such rule: TTS-XYZ-999" in result.output


@pytest.mark.parametrize(
    "arguments", [(), ("bad.yaml", "--format", "xml"), ("bad.yaml", "--environment", "x")]
)
def test_a_command_that_cannot_be_used_exits_with_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_the_settings_of_the_folder_hold(folder: Path) -> None:
    (folder / "tts.toml").write_text('environment = "sandbox"')
    assert run("bad.yaml", *ONLY).exit_code == 0


def test_named_settings_hold_instead(folder: Path) -> None:
    (folder / "tts.toml").write_text('environment = "sandbox"')
    (folder / "other.toml").write_text('environment = "production"')
    assert run("bad.yaml", *ONLY, "--settings", "other.toml").exit_code == 1


def test_recorded_lookups_must_be_a_map(folder: Path) -> None:
    (folder / "cdk.context.json").write_text("[]")
    with pytest.raises(TtsError, match="does not hold recorded lookups"):
        tts.main(["check", "clean.yaml"], standalone_mode=False)


@pytest.fixture
def attested(folder: Path) -> Path:
    """An assembly of which guardrails said at synth that it is for a sandbox."""
    root = folder / "cdk.out"
    root.mkdir()
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "App.template.json"}}
    (root / "manifest.json").write_text(json.dumps({"artifacts": {"App": stack}}))
    instance = {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1"}}
    (root / "App.template.json").write_text(json.dumps({"Resources": {"Web": instance}}))
    sandbox = Guardrails(environment=Environment.SANDBOX)
    attest(root, read_assembly([root]), [], rules=[], judged=lambda _: True, guardrails=lambda _: sandbox)
    return root


@pytest.mark.usefixtures("attested")
def test_the_environment_that_guardrails_stated_holds() -> None:
    assert run("cdk.out", *ONLY).exit_code == 0


@pytest.mark.usefixtures("attested")
def test_the_environment_that_guardrails_stated_holds_from_the_folder_above(folder: Path) -> None:
    (folder / "bad.yaml").unlink()
    result = run(".", *ONLY)
    assert (result.exit_code, "WARNS TTS-EC2-001" in result.stdout) == (0, True)


@pytest.mark.usefixtures("attested")
def test_lookups_beside_an_assembly_are_used_from_the_folder_above(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "cdk.context.json").write_text("[]")
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    with pytest.raises(TtsError, match="does not hold recorded lookups"):
        tts.main(["check", ".."], standalone_mode=False)


@pytest.mark.usefixtures("attested")
def test_a_stated_environment_replaces_that_of_guardrails() -> None:
    assert run("cdk.out", *ONLY, "--environment", "production").exit_code == 1


def test_what_guardrails_stated_of_a_template_that_changed_does_not_hold(attested: Path) -> None:
    template = attested / "App.template.json"
    template.write_text(template.read_text() + "\n")
    assert run("cdk.out", *ONLY).exit_code == 1


# The whole command


def command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from tts_constructs.cli import main; main()", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.yaml", None, "there is no such file or folder"),
        ("a.yaml", "Resources: [", "not valid YAML"),
        ("a.json", '{"Resources": 1}', "Resources is not a map"),
        ("tts.toml", "x = 1", "x is not a setting"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(
    folder: Path, name: str, content: str | None, message: str
) -> None:
    if content is not None:
        (folder / name).write_text(content)
    done = command("check", name, folder=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("tts: ")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.slow
def test_a_reader_that_stops_reading_causes_no_traceback(folder: Path) -> None:
    script = """ "$0" -c 'from tts_constructs.cli import main; main()' check bad.yaml | true """
    done = subprocess.run(
        ["sh", "-c", script, sys.executable], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_a_fault_of_tts_itself_exits_with_2_and_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setitem(entry.__globals__, "tts", broken)
    monkeypatch.delenv("TTS_DEBUG", raising=False)
    with pytest.raises(SystemExit) as exit_:
        entry()
    assert exit_.value.code == 2
    assert "an error in tts itself (ZeroDivisionError: oops)" in capsys.readouterr().err


def test_the_version_is_that_of_the_library() -> None:
    assert CliRunner().invoke(tts, ["--version"]).output == f"tts, version {__version__}\n"


def test_the_help_shows_examples() -> None:
    assert "tts check cdk.out" in run("--help").output


@pytest.mark.slow
def test_the_command_loads_neither_the_cdk_nor_the_judge_nor_another_command_before_it_must() -> None:
    script = (
        "import sys; from tts_constructs.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "check", "--help"], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "tts_constructs.cli.check" in loaded
    assert loaded.isdisjoint(
        {"aws_cdk", "jsii", "yaml", "tts_constructs.policy.engine.judge", "tts_constructs.cli.init"}
    )


def test_color_is_left_out_of_files(folder: Path) -> None:
    run("bad.yaml", *ONLY, "--output", "report.txt")
    text = (folder / "report.txt").read_text()
    assert text == click.unstyle(text)
    assert os.linesep in text


# AWS's own validation

REFUSED = "Resources: {Files: {Type: AWS::S3::Bucket, Properties: {BucketName: UPPER, Color: red}}}"
BY_AWS = ("--select", "TTS-EC2-001", "--validate")


@pytest.fixture
def refused(folder: Path) -> str:
    """A template that AWS refuses, and that the judge has nothing against."""
    pytest.importorskip("cloudformation_validate", reason="AWS's engine is not installed")
    (folder / "refused.yaml").write_text(REFUSED)
    return "refused.yaml"


def test_what_aws_refuses_blocks_if_its_validation_is_asked_for(refused: str) -> None:
    assert run(refused, *ONLY).exit_code == 0
    result = run(refused, *BY_AWS)
    assert result.exit_code == 1
    assert (
        "BLOCKS F3002 Additional properties are not allowed\n  refused.yaml:1 refused/Files: "
        in result.output
    )


def test_a_rule_of_aws_can_be_left_out(refused: str) -> None:
    assert run(refused, *BY_AWS, "--ignore", "F3002").output.count("BLOCKS") == 1
    assert run(refused, *BY_AWS, "--ignore", "F3002,F3031").exit_code == 0


def test_every_format_shows_what_aws_refuses(refused: str) -> None:
    for format_ in FORMATS:
        result = run(refused, *BY_AWS, "--format", format_)
        assert result.exit_code == 1, format_
        assert "F3031" in result.output, format_


def test_without_the_engine_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(native_validation, "is_installed", lambda: False)
    monkeypatch.setattr(sys, "argv", ["tts", "check", "clean.yaml", "--validate"])
    with pytest.raises(SystemExit) as exit_:
        entry()
    assert exit_.value.code == 2
    said = "tts: AWS's validation: is not installed; run: pip install 'tts-constructs[validate]'\n"
    assert capsys.readouterr().err == said


def test_without_the_option_the_engine_is_not_loaded() -> None:
    script = (
        "import atexit, sys; atexit.register(lambda: print('cloudformation_validate' in sys.modules));"
        "from tts_constructs.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "check", "clean.yaml", *ONLY],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "False"


# What helps a person who types


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_rule_may_be_named_in_any_case(option: str) -> None:
    lower, upper = (run("bad.yaml", option, rule_id).output for rule_id in ("tts-ec2-001", "TTS-EC2-001"))
    assert lower == upper
    assert "judged." in lower


@pytest.mark.parametrize("path", ["cdk.out", "."])
def test_where_no_assembly_is_it_says_to_synthesize_first(
    path: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in folder.iterdir():
        file.unlink()
    monkeypatch.setattr(sys, "argv", ["tts", "check", path])
    with pytest.raises(SystemExit):
        entry()
    assert "run `cdk synth` first" in capsys.readouterr().err


def test_an_error_names_tts_once(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["tts", "init", str(folder / "..new"), "--project", ""])
    with pytest.raises(SystemExit):
        entry()
    assert capsys.readouterr().err.startswith("tts init: ")
