"""The help of each command."""

import pytest
from click.testing import CliRunner

from tts_constructs.cli.main import tts


@pytest.mark.parametrize("name", tts.commands)
def test_the_help_of_a_command_shows_an_example_on_a_line_of_its_own(name: str) -> None:
    lines = CliRunner().invoke(tts, [name, "--help"]).output.splitlines()
    assert any(line.startswith(f"  tts {name}") or line.endswith(f"&& tts {name}") for line in lines)
    assert not any("\\b" in line for line in lines)


@pytest.mark.parametrize("group", [(), ("image",)])
def test_no_line_about_a_command_is_cut_off_on_a_terminal_of_80_columns(group: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(tts, [*group, "--help"], terminal_width=80).output
    lines = shown.partition("Commands:")[2].strip().splitlines()
    assert lines
    assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []
