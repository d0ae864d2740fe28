"""Every format of `tts check`, as the command writes it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tts_constructs.cli.main import tts
from tts_constructs.report.formats import FORMATS

TEMPLATE = """\
Resources:
  Web:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: ami-0123456789abcdef0
      IamInstanceProfile: arn:aws:iam::111122223333:instance-profile/web
      PrivateIpAddress: 10.1.2.3
      UserData: "mail admin@example.gov"
      NetworkInterfaces: [{AssociatePublicIpAddress: "10.1.2.3 of 111122223333, admin@example.gov"}]
"""


def check(format_: str, folder: Path) -> str:
    (folder / "app.yaml").write_text(TEMPLATE)
    result = CliRunner().invoke(tts, ["check", str(folder / "app.yaml"), "--format", format_])
    assert result.exit_code == 1
    return result.output


@pytest.mark.parametrize("format_", FORMATS)
def test_a_report_names_what_blocks(format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = check(format_, tmp_path)
    assert "TTS-EC2-001" in report
    assert "TTS-EC2-006" in report


@pytest.mark.parametrize("format_", FORMATS)
def test_a_report_holds_nothing_of_the_account_or_the_machine(
    format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = check(format_, tmp_path)
    for secret in ("111122223333", "10.1.2.3", "admin@example.gov", "0123456789abcdef0", str(tmp_path)):
        assert secret not in report


@pytest.mark.parametrize("format_", sorted({*FORMATS} - {"html", "oscal"}))
def test_a_report_is_the_same_each_time(
    format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert check(format_, tmp_path) == check(format_, tmp_path)


@pytest.mark.parametrize("format_", FORMATS)
def test_half_a_character_in_a_template_is_no_obstacle(
    format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.json").write_text(
        '{"Resources": {"\\ud800": {"Type": "AWS::EC2::Instance", "Properties": {"Tags": "\\udfff"}}}}'
    )
    result = CliRunner().invoke(tts, ["check", "app.json", "--format", format_, "--output", "report"])
    assert result.exit_code == 1
    assert "TTS-EC2-001" in (tmp_path / "report").read_text(encoding="utf-8")
