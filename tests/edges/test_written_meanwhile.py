"""An assembly that somebody writes while it is judged: an error or one version of it, never a mixture."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from tts_constructs.errors import InputError
from tts_constructs.policy.engine.environments import Guardrails
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.records import attestation
from tts_constructs.policy.review import review
from tts_constructs.system_metadata import Environment

HANDLE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))


@pytest.fixture
def root(folder: Path) -> Path:
    """A stack with a nested one, an asset manifest and a file of metadata."""
    root = folder / "cdk.out"
    root.mkdir()
    properties = {"templateFile": "App.template.json"}
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111122223333/us-east-1",
        "properties": properties,
        "additionalMetadataFile": "App.metadata.json",
    }
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "App.assets.json"}}
    write(root / "manifest.json", {"artifacts": {"App": artifact, "App.assets": assets}})
    write(root / "App.metadata.json", {"/App/Handle": [{"type": "aws:cdk:logicalId", "data": "Handle"}]})
    destination = {"bucketName": "assets", "objectKey": "n.json"}
    file = {"source": {"path": "N.template.json"}, "destinations": {"to": destination}}
    write(root / "App.assets.json", {"files": {"n": file}})
    url = "https://s3.us-east-1.amazonaws.com/assets/n.json"
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    write(root / "App.template.json", {"Resources": {"Handle": HANDLE, "N": nested}})
    write(root / "N.template.json", {"Resources": {"Handle": HANDLE}})
    return root


FILES = ["manifest.json", "App.template.json", "N.template.json", "App.assets.json", "App.metadata.json"]


def test_an_assembly_that_nobody_writes_is_judged(root: Path) -> None:
    assembly = read_assembly([root])
    review(assembly)
    assert {path.name for path in assembly.files.digests} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_what_changes_before_the_judge_is_done_is_an_error(root: Path, name: str) -> None:
    assembly = read_assembly([root])
    review(assembly)
    (root / name).write_text((root / name).read_text() + "\n")
    with pytest.raises(InputError, match=f"{name}: changed while it was judged; run this again when"):
        review(assembly)


def test_what_is_gone_before_the_judge_is_done_is_an_error(root: Path) -> None:
    assembly = read_assembly([root])
    (root / "N.template.json").unlink()
    with pytest.raises(InputError, match=r"N\.template\.json: changed while it was judged"):
        review(assembly)


def test_a_template_that_was_empty_when_it_was_read_is_not_passed_over(folder: Path) -> None:
    (folder / "new.yaml").touch()
    assembly = read_assembly([folder])
    (folder / "new.yaml").write_text((folder / "bad.yaml").read_text())
    with pytest.raises(InputError, match=r"new\.yaml: changed while it was judged"):
        review(assembly)


def test_metadata_that_changes_between_two_readings_is_an_error(root: Path) -> None:
    stack = read_assembly([root]).stacks[0]
    stack.origins.of("App", "Handle")
    write(root / "App.metadata.json", {})
    with pytest.raises(InputError, match=r"App\.metadata\.json: changed while it was judged"):
        list(stack.origins.acknowledged())


@pytest.mark.parametrize("name", ["manifest.json", "App.template.json", "N.template.json"])
def test_an_attestation_is_of_what_was_judged_and_not_of_what_was_written_since(
    root: Path, name: str
) -> None:
    assembly = read_assembly([root])
    (root / name).write_text((root / name).read_text() + "\n")
    sandbox = Guardrails(environment=Environment.SANDBOX)
    attestation.attest(root, assembly, [], rules=[], judged=lambda _: True, guardrails=lambda _: sandbox)
    assert attestation.faults(root) == [f"{name} has changed since it was judged"]


def test_a_synth_whose_template_another_one_replaces_is_no_synth_that_can_be_deployed(
    app: cdk.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = Path(app.outdir) / "Stack.template.json"

    def evaluate_late(*arguments: Any, **keywords: Any) -> Judgment:
        write(template, {"Resources": {"Key": {"Type": "AWS::EC2::KeyPair"}}})
        return review(*arguments, **keywords).judgment

    monkeypatch.setattr("tts_constructs.synth.plugin.review", evaluate_late)
    with pytest.raises(RuntimeError, match="changed while it was judged"):
        app.synth()
    assert attestation.faults(Path(app.outdir))


@pytest.mark.slow
def test_a_pipe_can_be_judged(folder: Path) -> None:
    command = [sys.executable, "-c", "from tts_constructs.cli import main; main()", "check", "/dev/stdin"]
    for format_ in ("text", "sarif"):
        done = subprocess.run(
            [*command, "--format", format_],
            input=(folder / "bad.yaml").read_bytes(), capture_output=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (1, b"")


def test_a_folder_that_is_written_all_the_time_is_judged_as_it_stood_at_one_moment(folder: Path) -> None:
    (folder / "bad.yaml").unlink()
    _write_version(folder, 0)
    stop = threading.Event()
    writer = threading.Thread(target=_write_versions, args=(folder, stop))
    writer.start()
    try:
        judged = [_versions_judged(folder) for _ in range(60)]
        while None not in judged and len(judged) < 10_000:  # a busy machine may let the writer wait
            judged.append(_versions_judged(folder))
    finally:
        stop.set()
        writer.join()
    assert None in judged  # some were caught, or this shows nothing
    for versions in filter(None, judged):
        assert versions == sorted(versions, reverse=True)
        assert versions[0] - versions[-1] <= 1


def _write_versions(folder: Path, stop: threading.Event) -> None:
    version = 0
    while not stop.is_set():
        version += 1
        _write_version(folder, version)


def _write_version(folder: Path, version: int) -> None:
    for number in range(8):
        write(folder / "draft", {"Resources": {f"V{version}": HANDLE}})
        (folder / "draft").replace(folder / f"t{number}.json")


def _versions_judged(folder: Path) -> list[int] | None:
    """The version of each template in what was judged, in the order in which they are written."""
    assembly = read_assembly([folder])
    try:
        review(assembly, rules=())
    except InputError:
        return None
    return [int(name.removeprefix("V")) for stack in assembly.stacks for name in stack.resources]
