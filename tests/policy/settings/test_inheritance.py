"""`extends`: what a team may make stricter, and what it may not loosen."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tts_constructs.errors import SettingsError
from tts_constructs.policy.settings.model import BaselineSettings, Settings
from tts_constructs.system_metadata import Environment

PRODUCTION, SANDBOX = Environment.PRODUCTION, Environment.SANDBOX

Team = Callable[..., Settings]


# What a team may make stricter


@pytest.mark.parametrize(
    ("text", "stricter"),
    [
        ('environment = "production"', lambda s: s.environment is PRODUCTION),
        ('projects = ["forms"]', lambda s: s.projects == ("forms",)),
        (
            '[accounts]\n"444455556666" = "production"',
            lambda s: s.accounts == {"111122223333": PRODUCTION, "444455556666": PRODUCTION},
        ),
        ('[accounts]\n"000000000000" = "sandbox"', lambda s: s.accounts["000000000000"] is SANDBOX),
        (
            '[levels.sandbox]\n"TTS-S3-003" = "block"',
            lambda s: s.levels[SANDBOX] == {"TTS-S3-003": "block"} and "TTS-TAG-004" in s.levels[PRODUCTION],
        ),
        (
            '[levels.production]\n"TTS-EC2-004" = "block"',
            lambda s: s.levels[PRODUCTION]["TTS-EC2-004"] == "block",
        ),
        ('[image]\nowners = ["888899990000"]', lambda s: s.image.owners == ("888899990000",)),
        ('[image]\nssm_parameters = ["/tts/ami/b"]', lambda s: s.image.ssm_parameters == ("/tts/ami/b",)),
        (
            '[image]\ndevices = ["/dev/xvdb", "/dev/xvda", "/dev/xvdc"]',
            lambda s: s.image.volumes == ("/dev/xvdb", "/dev/xvda", "/dev/xvdc"),
        ),
        ("[retention]\nlog_groups = 3653\nlog_buckets = 1001", lambda s: s.retention.log_groups == 3653),
        ("[waivers]\nmax_days = 89", lambda s: s.waivers.max_days == 89),
    ],
)
def test_a_team_may_be_stricter(team: Team, text: str, stricter: Callable[[Settings], bool]) -> None:
    assert stricter(team(text))


@pytest.mark.parametrize(
    ("organization", "text", "read"),
    [
        ("", '[waivers]\nfile = "mine.toml"', lambda s: s.waivers.file),
        ("[baseline]\nallowed = true", '[baseline]\nfile = "mine.toml"', lambda s: s.baseline.file),
        ("[baseline]\nuntil = 2027-01-31", '[baseline]\nfile = "mine.toml"', lambda s: s.baseline.file),
        (
            "[baseline]\nallowed = true",
            '[baseline]\nallowed = true\nfile = "mine.toml"',
            lambda s: s.baseline.file,
        ),
    ],
)
def test_a_team_names_its_files_where_the_organization_names_none(
    team: Team, tmp_path: Path, organization: str, text: str, read: Callable[[Settings], Path]
) -> None:
    assert read(team(text, organization=organization)) == tmp_path / "team" / "mine.toml"


def test_a_team_may_do_without_the_baseline_of_its_organization(team: Team) -> None:
    assert team("[baseline]\nallowed = false").baseline == BaselineSettings(None, allowed=False)


def test_a_team_may_end_its_baseline_before_its_organization_does(team: Team) -> None:
    organization = "[baseline]\nuntil = 2027-01-31"
    assert team(organization=organization).baseline.until == date(2027, 1, 31)
    for last in (date(2027, 1, 30), date(2027, 1, 31)):
        assert team(f"[baseline]\nuntil = {last}", organization=organization).baseline.until == last


@pytest.mark.parametrize(
    ("organization", "text", "fault"),
    [
        (
            "",
            '[baseline]\nfile = "mine.toml"',
            "line 3: baseline.file is allowed only where the organization's",
        ),
        (
            "",
            "[baseline]\nallowed = true",
            "line 3: baseline.allowed can be set only in the organization's file",
        ),
        (
            "",
            '[baseline]\nallowed = true\nfile = "m"',
            "line 3: baseline.allowed can be set only in the organization's",
        ),
        (
            "[baseline]\nallowed = false",
            '[baseline]\nfile = "mine.toml"',
            "line 3: baseline.file is not allowed: baseline.allowed is false; leave it out",
        ),
        (
            "[baseline]\nallowed = false",
            "[baseline]\nallowed = true",
            "line 3: baseline.allowed can be set only in the organization's file, which allows no baseline",
        ),
        (
            "[baseline]\nallowed = false\nuntil = 2027-01-31",
            "[baseline]\nallowed = true",
            "line 3: baseline.allowed can be set only in the organization's file",
        ),
        (
            "[baseline]\nuntil = 2027-01-31",
            "[baseline]\nuntil = 2027-02-01",
            "line 3: baseline.until must be at most 2027-01-31, as in the organization's file",
        ),
    ],
)
def test_a_team_has_no_baseline_that_its_organization_does_not_allow(
    team: Team, organization: str, text: str, fault: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        team(text, organization=organization)
    assert len(caught.value.faults) == 1
    assert fault in caught.value.faults[0]


@pytest.mark.parametrize(
    "text",
    [
        'environment = "production"',
        'projects = ["any"]',
        '[agent]\nversion = "1.2.3"',
        '[services]\nunknown = "block"',
    ],
)
def test_a_team_states_what_the_organization_leaves_open(team: Team, text: str) -> None:
    assert team(text, organization="")


def test_a_team_names_the_repository_of_its_own_system(team: Team) -> None:
    own = "https://git.example.gov/forms"
    assert team(f'[provenance]\nrepository = "{own}"').provenance.repository == own


# What a team may not make looser


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'environment = "sandbox"',
            "line 2: environment is laxer than development, which the organization's file states",
        ),
        ('projects = ["forms", "more"]', "line 2: projects holds one that the organization's file does not"),
        ('[accounts]\n"111122223333" = "sandbox"', "line 3: accounts.111122223333 is laxer than production"),
        (
            '[accounts]\ntrusted = ["000000000000"]',
            "line 3: accounts.trusted holds one that the organization",
        ),
        ('[accounts]\n"111122223333" = "development"', "is laxer than production, which"),
        (
            '[levels.production]\n"TTS-TAG-004" = "warn"',
            "line 3: levels.production.TTS-TAG-004 is looser than block",
        ),
        ('[levels.production]\n"TTS-ASG-002" = "warn"', "levels.production.TTS-ASG-002 is looser than block"),
        ('[image]\nowners = ["777788889999", "000000000000"]', "line 3: image.owners holds one"),
        ('[image]\nname = "*"', "line 3: image.name can be set only in the organization's file"),
        ('[image]\nssm_parameters = ["/mine"]', "line 3: image.ssm_parameters holds one"),
        ('[image]\ndevices = ["/dev/xvdb"]', "line 3: image.devices leaves out /dev/xvda, which"),
        ('[image]\nroot_device = "/dev/sda1"', "image.devices leaves out /dev/xvda, /dev/xvdb, which"),
        (
            '[agent]\nversion = "1.2.4"',
            "line 2: agent differs from the organization's file, which pins 1.2.3b4",
        ),
        ('[services]\nunknown = "warn"', "line 3: services.unknown is block in the organization's file"),
        (
            '[services]\napproved = "mine.csv"',
            "line 3: services.approved can be set only in the organization's file",
        ),
        (
            '[services.columns]\nstatus = "x"',
            "line 2: services.columns can be set only in the organization's file",
        ),
        ("[retention]\nlog_groups = 1096", "line 3: retention.log_groups must be at least 1827"),
        ("[retention]\nlog_buckets = 999", "line 3: retention.log_buckets must be at least 1000"),
        ("[waivers]\nmax_days = 91", "line 3: waivers.max_days must be at most 90"),
        (
            '[waivers]\nfile = "mine.toml"',
            "line 3: waivers.file replaces the organization's waivers.toml",
        ),
        ('[baseline]\nfile = "mine.toml"', "line 3: baseline.file replaces the organization's"),
    ],
)
def test_a_team_may_not_be_looser(team: Team, text: str, fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        team(text)
    assert len(caught.value.faults) == 1
    assert fault in caught.value.faults[0]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[image]\nowners = ["777788889999"]', "image.owners"),
        ('[image]\nname = "*"', "image.name"),
        ('[image]\nssm_parameters = ["/mine"]', "image.ssm_parameters"),
        ('[services]\napproved = "mine.csv"', "services.approved"),
        ('[image]\ndevices = ["/dev/sda1"]', "image.devices"),
        ("[waivers]\nmax_days = 181", "waivers.max_days"),
        (
            'environment = "sandbox"',
            "line 2: environment is laxer than production, which counts where the organization's file states",
        ),
        ('environment = "development"', "environment is laxer than production"),
    ],
)
def test_what_is_looser_than_the_default_is_so_below_an_organization_that_says_nothing(
    team: Team, text: str, key: str
) -> None:
    with pytest.raises(SettingsError, match=key):
        team(text, organization="")


def test_all_that_is_looser_is_named_at_once(team: Team) -> None:
    with pytest.raises(SettingsError) as caught:
        team('environment = "sandbox"\n[services]\nunknown = "warn"\n[waivers]\nmax_days = 100')
    assert len(caught.value.faults) == 3
