"""An organization's settings, and a team's that extend them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tts_constructs.policy.configuration import read_settings
from tts_constructs.policy.settings.model import Settings

ORGANIZATION = """
environment = "development"
projects = ["benefits", "forms"]
[accounts]
"111122223333" = "production"
"444455556666" = "sandbox"
trusted = ["555566667777"]
[levels.sandbox]
"TTS-S3-003" = "warn"
[levels.production]
"TTS-TAG-004" = "block"
"TTS-EC2-004" = "warn"
[image]
owners = ["777788889999", "888899990000"]
name = "Baseline *"
ssm_parameters = ["/tts/ami/a", "/tts/ami/b"]
devices = ["/dev/xvda", "/dev/xvdb"]
[agent]
version = "1.2.3b4"
[services]
unknown = "block"
approved = "approved.csv"
[services.columns]
service = "AWS Service"
[retention]
log_groups = 1827
log_buckets = 1000
[waivers]
file = "waivers.toml"
max_days = 90
[baseline]
file = "baseline.toml"
[provenance]
repository = "https://git.example.gov/systems"
"""

Team = Callable[..., Settings]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """The settings of a team whose file extends the organization's."""

    def team(text: str = "", organization: str = ORGANIZATION, extends: str = "../org/tts.toml") -> Settings:
        for folder, content in {"org": organization, "team": f'extends = "{extends}"\n{text}'}.items():
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / "tts.toml").write_text(content, encoding="utf-8")
        return read_settings(tmp_path / "team" / "tts.toml")

    return team
