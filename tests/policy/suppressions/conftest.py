"""What the tests of the waiver file and of waivers share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tts_constructs.policy.settings.model import WaiverSettings


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], WaiverSettings]:
    def write(text: str) -> WaiverSettings:
        path = tmp_path / "tts-waivers.toml"
        path.write_text(text, encoding="utf-8")
        return WaiverSettings(file=path)

    return write
