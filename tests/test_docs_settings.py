"""The page about settings: its examples are read as they stand, and it names every setting."""

import re
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path

import pytest

from tts_constructs.policy.configuration import read_settings
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.settings.model import Settings, WaiverSettings
from tts_constructs.policy.suppressions.waiver_file import read_waivers

PAGE = (Path(__file__).parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")
SETTINGS, WAIVER = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "tts.toml"
    path.write_text(SETTINGS.replace('extends = "tts_org_rules:tts.toml"', ""), encoding="utf-8")
    return read_settings(path)


def test_the_settings_of_the_page_can_be_used_and_none_is_left_out(settings: Settings) -> None:
    default = Settings()
    for field in fields(Settings):
        value = getattr(settings, field.name)
        assert value != getattr(default, field.name), field.name
        for part in fields(value) if is_dataclass(value) else ():
            assert re.search(rf"^(\[services\.)?{part.name}\b", SETTINGS, re.MULTILINE), part.name


def test_the_waiver_of_the_page_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "tts-waivers.toml"
    path.write_text(WAIVER, encoding="utf-8")
    (waiver,) = read_waivers(WaiverSettings(path), date(2026, 12, 1))
    assert waiver.pattern.matches("Benefits-Production/Legacy/Group")


def test_the_page_names_the_rules_that_take_no_waiver() -> None:
    for rule in catalog():
        assert rule.waivable or rule.id in PAGE
