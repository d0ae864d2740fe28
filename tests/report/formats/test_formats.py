"""Every format of `tts check`, as the command writes it."""

import html
import pkgutil
import unicodedata
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_constructs.cli.main import tts
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.report import formats
from tts_constructs.report.formats import FORMATS

FindingMaker = Callable[..., Finding]
JudgmentMaker = Callable[..., Judgment]

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


# One registry: a format is one module and one entry


def test_each_module_is_a_format_and_each_format_a_module() -> None:
    modules = {module.name for module in pkgutil.iter_modules(formats.__path__)}
    assert modules == set(FORMATS)


@pytest.mark.parametrize("format_", FORMATS)
def test_each_module_renders(format_: str) -> None:
    assert callable(import_module(f"{formats.__name__}.{format_}").render)


def test_the_command_offers_the_formats_of_the_registry() -> None:
    (option,) = [option for option in tts.commands["check"].params if option.name == "format_"]
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == FORMATS


def test_a_new_module_renders_without_another_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "counted.py").write_text(
        "def render(judgment):\n    return f'{len(judgment.findings)} findings'\n"
    )
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    assert formats.render(Judgment((), resources=0, templates=0), "counted") == "0 findings"


UNSEEN: Final = ("Cc", "Cf", "Zl", "Zp", "Cs")
"""Unicode's categories of characters that act, or hide, where they are shown."""

HIDING = st.text(st.characters(categories=UNSEEN, include_characters="A<"), min_size=1, max_size=10)


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=40)
@given(text=HIDING)
def test_no_report_holds_a_character_that_is_not_seen(
    format_: str, of: JudgmentMaker, make_finding: FindingMaker, text: str
) -> None:
    fields = ("title", "logical_id", "resource_type", "stack", "construct_path", "location", "message")
    said = dict.fromkeys((*fields, "why", "fix", "waiver"), f"x{text}")
    judgment = of(make_finding(**said), make_finding(**said, verdict="unknown"))
    written = click.unstyle(formats.render(judgment, format_))
    if format_ == "junit":
        written = html.unescape(written)  # its characters are written by their numbers
    found = {one for one in written if unicodedata.category(one) in UNSEEN}
    assert found <= {"\n"}
