"""Commands that take a secret: each finds its examples, and nothing that only looks alike."""

import pytest

from tts_constructs.policy.rules.sec._commands import COMMANDS
from tts_constructs.policy.rules.sec._programs import secrets_in

EXAMPLES = [(command, "".join(parts)) for command in COMMANDS for parts in command.examples]
OTHERS = ["".join(parts) for command in COMMANDS for parts in command.others]


@pytest.mark.parametrize(("command", "text"), EXAMPLES)
def test_a_command_with_a_literal_password_is_found(command: object, text: str) -> None:
    assert command in COMMANDS
    assert any(COMMANDS[COMMANDS.index(command)].values(text))
    assert secrets_in(text)


@pytest.mark.parametrize("text", OTHERS)
def test_a_command_without_one_is_not(text: str) -> None:
    assert not secrets_in(text)
