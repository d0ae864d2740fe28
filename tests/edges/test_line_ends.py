"""Files as Windows writes them, with other line ends and a mark at the start, say the same as any others."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tts_constructs.cli.main import tts
from tts_constructs.policy.engine.environments import NO_GUARDRAILS
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.records import attestation
from tts_constructs.policy.review import utc_today

TEMPLATE = {
    "Resources": {
        "Data": {"Type": "AWS::S3::Bucket"},
        "Web": {"Type": "AWS::EC2::Instance", "Properties": {"UserData": "one\ntwo"}},
    }
}
YAML = """\
Resources:
  Data:
    Type: AWS::S3::Bucket

  Web:
    Type: AWS::EC2::Instance
    Properties:
      UserData: |
        one
        two
"""
SETTINGS = """\
[waivers]
file = "waivers.toml"
[baseline]
file = "known.toml"
[services]
approved = "services.csv"
"""
WAIVERS = """\
# Exceptions

[[waiver]]
rule = "TTS-EC2-001"
path = "one/Web"
reason = "Zoë allows it"
approved_by = "Zoë"
ticket = "T-1"
expires = {day}
"""
SERVICES = 'service,status,caveats,source,as_of\nDynamoDB,Approved,"Encrypt, always",GSA IT,2026-05-01\n'

WRITINGS = {"windows": ("", "\r\n"), "marked": ("\ufeff", "\n"), "marked windows": ("\ufeff", "\r\n")}

Write = Callable[..., None]


@pytest.fixture
def write(folder: Path) -> Write:
    """Writes templates and settings in a folder of the working one, and goes there."""

    def write(name: str, mark: str, end: str) -> None:
        place = folder / name
        place.mkdir()
        texts = {
            "one.json": json.dumps(TEMPLATE, indent=2),
            "two.yaml": YAML,
            "tts.toml": SETTINGS,
            "waivers.toml": WAIVERS.format(day=utc_today() + timedelta(days=90)),
            "services.csv": SERVICES,
        }
        for file, text in texts.items():
            (place / file).write_bytes((mark + text.replace("\n", end)).encode())

    return write


@pytest.fixture(params=WRITINGS, name="pair")
def both(request: pytest.FixtureRequest, write: Write) -> tuple[str, str]:
    """Folders with the same files, as one and as another system writes them."""
    write("theirs", *WRITINGS[request.param])
    write("ours", "", "\n")
    return "ours", "theirs"


def run(folder: str, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(tts, arguments)


@pytest.mark.parametrize("format_", ["sarif", "text", "github"])
def test_findings_and_their_lines_are_the_same(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    ours, theirs = (run(one, monkeypatch, "check", ".", "--format", format_) for one in pair)
    assert ours.exit_code == 1
    assert "TTS-EC2-001" in ours.output
    assert theirs.output == ours.output


def test_a_waiver_is_the_same_at_the_same_line(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (run(one, monkeypatch, "waivers", ".").output for one in pair)
    assert "waivers.toml:3: allowed by Zoë" in ours
    assert "covers one/Web" in ours
    assert theirs == ours


def test_a_list_of_services_is_the_same(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = (run(one, monkeypatch, "services").output for one in pair)
    assert "DynamoDB  (GSA IT, 2026-05-01)" in ours
    assert theirs == ours


def test_the_baseline_of_one_system_holds_on_another(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (Path(one) for one in pair)
    assert run("ours", monkeypatch, "baseline", ".").exit_code == 0
    recorded = (ours / "known.toml").read_bytes()
    (theirs / "known.toml").write_bytes(b"\xef\xbb\xbf" + recorded.replace(b"\n", b"\r\n"))
    only = ("--select", "TTS-EC2-001")
    assert run("theirs", monkeypatch, "check", ".", *only).exit_code == 0
    (theirs / "known.toml").unlink()
    run("theirs", monkeypatch, "baseline", ".")
    assert (theirs / "known.toml").read_bytes() == recorded


def test_a_fault_is_named_with_its_line(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for one in map(Path, pair):
        file = one / "waivers.toml"
        file.write_bytes(file.read_bytes().replace(b"TTS-EC2-001", b"TTS-EC2-999"))
    ours, theirs = (str(run(one, monkeypatch, "waivers").exception) for one in pair)
    assert "line 4: waiver[0].rule" in ours
    assert theirs.partition("waivers.toml")[2] == ours.partition("waivers.toml")[2]


def test_recorded_lookups_are_read(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    context = Path(pair[1]) / "cdk.context.json"
    context.write_bytes(b'\xef\xbb\xbf{\r\n "zones": []\r\n}\r\n')
    assert run(pair[1], monkeypatch, "check", "one.json").exit_code == 1


def test_an_attestation_is_of_bytes_and_sees_changed_line_ends(folder: Path) -> None:
    root = folder / "cdk.out"
    root.mkdir()
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "App.template.json"}}
    (root / "manifest.json").write_text(json.dumps({"artifacts": {"App": stack}}))
    template = root / "App.template.json"
    template.write_bytes(b'{\r\n"Resources": {}\r\n}\r\n')
    attestation.attest(
        root,
        read_assembly([root]),
        [],
        rules=[],
        judged=lambda _: True,
        guardrails=lambda _: NO_GUARDRAILS,
    )
    assert attestation.faults(root) == []
    template.write_bytes(template.read_bytes().replace(b"\r\n", b"\n"))
    assert attestation.faults(root) == ["App.template.json has changed since it was judged"]
