"""The help of each command."""

import click
import pytest
from click.testing import CliRunner

from tts_constructs.cli.main import tts


@pytest.mark.parametrize(
    "name", [name for name, command in tts.commands.items() if not isinstance(command, click.Group)]
)
def test_the_help_of_a_command_shows_an_example_on_a_line_of_its_own(name: str) -> None:
    lines = CliRunner().invoke(tts, [name, "--help"]).output.splitlines()
    assert any(line.startswith(f"  tts {name}") or line.endswith(f"&& tts {name}") for line in lines)
    assert not any("\\b" in line for line in lines)
