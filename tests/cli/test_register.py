"""`tts register`: the message that it prints; its content is tested with the registration."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tts_constructs.cli.register import register
from tts_constructs.errors import InputError

RECORD = {"system": "App/System", "project": "benefits", "environment": "production"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def synthesize(folder: Path, record: dict[str, Any]) -> None:
    """Writes an assembly of one stack."""
    folder.mkdir()
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111122223333/us-gov-west-1",
        "properties": {"templateFile": "App.template.json"},
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"App": stack}}))
    template = {"Metadata": {"TTS": record}, "Resources": {}}
    (folder / "App.template.json").write_text(json.dumps(template))


@pytest.mark.parametrize(("folder_name", "arguments"), [("cdk.out", ()), ("other", ("other",))])
def test_the_message_is_printed(folder: Path, folder_name: str, arguments: tuple[str, ...]) -> None:
    synthesize(folder / folder_name, RECORD)
    result = CliRunner().invoke(register, arguments)
    assert result.exit_code == 0
    assert result.output.startswith("*benefits* (production)\n")
    assert result.output.endswith("• Regions: us-gov-west-1\n")
    assert "111122223333" not in result.output


def test_an_assembly_without_a_system_is_refused(folder: Path) -> None:
    synthesize(folder / "cdk.out", {})
    with pytest.raises(InputError, match=r"cdk.out: no stack names its system; use TtsSystem"):
        register.main([], standalone_mode=False)


def test_a_folder_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="there is no such file or folder"):
        register.main([], standalone_mode=False)
