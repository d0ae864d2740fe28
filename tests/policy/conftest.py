"""Templates for tests of the judge."""

from collections.abc import Callable
from typing import Any

import pytest

from tts_constructs.policy.loading.reader import add_stack, checked_template
from tts_constructs.policy.loading.yaml_parser import parse_yaml
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.settings.model import Settings

StackMaker = Callable[..., Stack]


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(Settings())


@pytest.fixture
def make_stack(assembly: Assembly) -> StackMaker:
    """Adds a template, written in YAML, to the test's assembly."""

    def make(text: str, name: str = "Example", **known: Any) -> Stack:
        return add_stack(assembly, checked_template(parse_yaml(text, name), name), name, **known)

    return make
