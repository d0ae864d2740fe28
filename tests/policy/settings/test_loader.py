"""`tts.toml`: what it says, where it is found, and its faults."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tts_constructs import standards
from tts_constructs.errors import SettingsError
from tts_constructs.policy.configuration import load_settings, read_settings, settings_of
from tts_constructs.policy.settings.model import BaselineSettings, Settings
from tts_constructs.system_metadata import Environment

Team = Callable[..., Settings]

WHOLE = """
environment = "development"
projects = ["benefits", "forms"]
[accounts]
"111122223333" = "production"
trusted = ["444455556666"]
[image]
owners = ["111122223333"]
name = "Baseline *"
ssm_parameters = ["/tts/ami/fisma-ready"]
devices = ["/dev/xvda", "/dev/xvdb"]
[agent]
version = "1.2.3b4"
sha256 = { x86_64 = "AbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAbAb" }
[services]
unknown = "block"
approved = "approved-services.csv"
[services.columns]
service = "AWS Service"
[levels.production]
"TTS-TAG-004" = "block"
[retention]
log_groups = 1827
log_buckets = 1000
[waivers]
file = "waivers.toml"
max_days = 30
[baseline]
file = "tts-baseline.toml"
allowed = true
until = 2027-09-30
[provenance]
repository = " https://git.example.gov/benefits"
"""


def settings_file(folder: Path, text: str, name: str = "tts.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_setting_of_the_contract_is_read(tmp_path: Path) -> None:
    path = settings_file(tmp_path, WHOLE)
    settings = read_settings(path)
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.projects == ("benefits", "forms")
    assert settings.accounts == {"111122223333": Environment.PRODUCTION}
    assert settings.trusted_accounts == ("444455556666",)
    assert settings.image.owners == ("111122223333",)
    assert settings.image.name == "Baseline *"
    assert settings.image.ssm_parameters == ("/tts/ami/fisma-ready",)
    assert settings.image.devices == ("/dev/xvda", "/dev/xvdb")
    assert (settings.agent.version, settings.agent.sha256) == ("1.2.3b4", {"x86_64": "ab" * 32})
    assert settings.services.unknown == "block"
    assert settings.services.approved == tmp_path / "approved-services.csv"
    assert settings.waivers.file == tmp_path / "waivers.toml"
    assert settings.waivers.max_days == 30
    assert settings.services.columns == {"service": "AWS Service"}
    assert settings.levels == {Environment.PRODUCTION: {"TTS-TAG-004": "block"}}
    assert (settings.retention.log_groups, settings.retention.log_buckets) == (1827, 1000)
    assert settings.baseline.file == tmp_path / "tts-baseline.toml"
    assert settings.baseline.allowed is True
    assert settings.baseline.until == date(2027, 9, 30)
    assert settings.provenance.repository == "https://git.example.gov/benefits"
    assert settings.path == path


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    settings = read_settings(settings_file(tmp_path, ""))
    assert settings.environment is None
    assert settings.image.name == standards.IMAGE_NAME
    assert settings.image.owners == ()
    assert settings.image.volumes == ("/dev/sda1", "/dev/sdk")
    assert settings.services.unknown == "warn"
    assert settings.retention.log_groups == standards.LOG_RETENTION_DAYS
    assert settings.retention.log_buckets == standards.LOG_BUCKET_RETENTION_DAYS
    assert settings.waivers.file is None
    assert settings.waivers.max_days == 180
    assert settings.baseline == BaselineSettings(file=None, allowed=None, until=None)
    assert settings.provenance.repository is None


def test_a_waiver_may_expire_a_year_ahead_where_the_organization_says_so(tmp_path: Path) -> None:
    assert read_settings(settings_file(tmp_path, "[waivers]\nmax_days = 366")).waivers.max_days == 366


def test_the_root_device_is_an_older_name_of_one_device(tmp_path: Path) -> None:
    settings = read_settings(settings_file(tmp_path, '[image]\nroot_device = "/dev/xvda"'))
    assert settings.image.devices == settings.image.volumes == ("/dev/xvda",)


@pytest.mark.parametrize(
    ("stated", "volumes", "guessed"),
    [
        ("", ("/dev/sda1", "/dev/sdk"), False),
        ('name = "Hardened *"', ("/dev/sda1",), True),
        ('ssm_parameters = ["/tts/ami"]', ("/dev/sda1",), True),
        ('name = "Hardened *"\ndevices = [" /dev/xvda"]', ("/dev/xvda",), False),
    ],
)
def test_without_devices_only_those_of_the_default_image_are_known(
    tmp_path: Path, stated: str, volumes: tuple[str, ...], guessed: bool
) -> None:
    image = read_settings(settings_file(tmp_path, f"[image]\n{stated}")).image
    assert (image.volumes, image.volumes_are_guessed) == (volumes, guessed)


@pytest.mark.parametrize(
    ("stated", "fault"),
    [
        ("devices = []", "image.devices must name each device of the image once"),
        ('devices = ["/dev/sda1", "/dev/sda1"]', "image.devices must name each device of the image once"),
        (
            'devices = ["sda1"]',
            "image.devices holds 'sda1', which isn't a device; write one such as /dev/sda1",
        ),
        (
            'devices = ["/dev/sda1"]\nroot_device = "/dev/sda1"',
            "image.root_device is an older name of image.devices; keep only devices",
        ),
    ],
)
def test_devices_that_cannot_be_meant_are_named(tmp_path: Path, stated: str, fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(settings_file(tmp_path, f"[image]\n{stated}"))
    assert len(caught.value.faults) == 1
    assert fault in caught.value.faults[0]


@pytest.mark.parametrize(
    ("stated", "fault"),
    [
        ('version = "latest"', "agent.version must be a version of the agent, such as '1.300072.0b1766'"),
        ('version = "1.2.3;reboot"', "agent.version must be a version of the agent"),
        (
            f'sha256 = {{ x86_64 = "{"ab" * 32}" }}',
            "agent.sha256 is the digest of one version; write version =",
        ),
        (
            'version = "1.2.3b4"\nsha256 = { arm64 = "ab" }',
            "agent.sha256.arm64 must be the 64 hexadecimal digits that sha256sum prints",
        ),
        (
            'version = "1.2.3b4"\nsha256 = { amd64 = "ab" }',
            "agent.sha256.amd64 is not a setting; write one of: x86_64, arm64",
        ),
    ],
)
def test_an_agent_that_cannot_be_meant_is_named(tmp_path: Path, stated: str, fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(settings_file(tmp_path, f"[agent]\n{stated}"))
    assert any(fault in one for one in caught.value.faults)


def test_the_nearest_file_upwards_counts(tmp_path: Path) -> None:
    settings_file(tmp_path, 'environment = "sandbox"')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load_settings(inner).environment is Environment.SANDBOX
    settings_file(tmp_path / "a", 'environment = "development"')
    assert load_settings(inner).environment is Environment.DEVELOPMENT


@pytest.mark.parametrize("others", ["[tool.other]\nx = 1", '[project]\nname = "x"'])
def test_a_pyproject_counts_only_with_a_table_of_its_own(tmp_path: Path, others: str) -> None:
    settings_file(tmp_path, 'environment = "sandbox"')
    inner = tmp_path / "inner"
    inner.mkdir()
    settings_file(inner, others, "pyproject.toml")
    assert load_settings(inner).environment is Environment.SANDBOX
    settings_file(inner, '[tool.tts]\nenvironment = "development"', "pyproject.toml")
    assert load_settings(inner).environment is Environment.DEVELOPMENT


def test_tts_toml_counts_before_the_pyproject_beside_it(tmp_path: Path) -> None:
    settings_file(tmp_path, '[tool.tts]\nenvironment = "development"', "pyproject.toml")
    settings_file(tmp_path, 'environment = "sandbox"')
    assert load_settings(tmp_path).environment is Environment.SANDBOX


@pytest.mark.parametrize("text", ["", "[tool.other]\nx = 1"])
def test_a_pyproject_that_is_named_and_has_no_settings_means_the_defaults(tmp_path: Path, text: str) -> None:
    path = settings_file(tmp_path, text, "pyproject.toml")
    assert read_settings(path) == replace(Settings(), path=path)


def test_the_search_begins_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_file(tmp_path, 'environment = "sandbox"')
    monkeypatch.chdir(tmp_path)
    assert load_settings().path == tmp_path / "tts.toml"


@pytest.mark.parametrize(("name", "table"), [("tts.toml", ""), ("pyproject.toml", "tool.tts.")])
def test_the_file_that_is_found_is_checked_against_the_catalog(tmp_path: Path, name: str, table: str) -> None:
    settings_file(tmp_path, f'[{table}levels.sandbox]\n"TTS-X" = "warn"', name)
    with pytest.raises(SettingsError, match=r"line 2: levels\.sandbox\.TTS-X isn't a rule"):
        load_settings(tmp_path)


def test_without_any_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'envronment = "sandbox"',
            "line 1: envronment is not a setting; write one of: environment, projects",
        ),
        ('\nenvironment = "prod"', "line 2: environment must be one of production, sandbox, development"),
        ("environment = 1", "line 1: environment must be one of"),
        ("projects = 1", "line 1: projects must be a list of texts"),
        ('projects = ["ok", "todo"]', "line 1: projects holds 'todo', which names no project"),
        ("accounts = 1", r"line 1: accounts must be a table; write \[accounts\]"),
        ('[accounts]\n"12" = "production"', "line 2: accounts.12 is not an account id of 12 digits"),
        (
            '[accounts]\ntrusted = ["12"]',
            "line 2: accounts.trusted must be account ids of 12 digits in quotes",
        ),
        ('[accounts]\ntrusted = "12"', "line 2: accounts.trusted must be a list of texts"),
        ('[accounts]\n"111122223333" = "x"', "line 2: accounts.111122223333 must be one of production"),
        ("[waivers]\nday = 1", "line 2: waivers.day is not a setting; write one of: file, max_days"),
        ("[baseline]\nday = 1", "line 2: baseline.day is not a setting; write one of: file"),
        (
            "[retention]\nday = 1",
            "line 2: retention.day is not a setting; write one of: log_groups, log_buckets",
        ),
        (
            "[services]\nday = 1",
            "line 2: services.day is not a setting; write one of: unknown, approved, columns",
        ),
        ("image = 1", r"line 1: image must be a table; write \[image\]"),
        ('[image]\nowner = ["x"]', "line 2: image.owner is not a setting"),
        ('[image]\nowners = ["self"]', "line 2: image.owners must be account ids of 12 digits"),
        ("[image]\nowners = [1]", "line 2: image.owners must be a list of texts"),
        ('[image]\nname = ""', "line 2: image.name must be text"),
        ('[services]\nunknown = "ignore"', "line 2: services.unknown must be one of warn, block"),
        ("[services]\napproved = 1", "line 2: services.approved must be text, such as 'file'"),
        ('[provenance]\nrepository = ""', "line 2: provenance.repository must be text, such as 'https://"),
        ("[provenance]\ncommit = 1", "line 2: provenance.commit is not a setting; write one of: repository"),
        ("[waivers]\nmax_days = 0", "line 2: waivers.max_days must be a whole number of days above 0"),
        ('[services.columns]\nname = "x"', "line 2: services.columns.name is not a setting"),
        (
            "[services.columns]\nservice = 1",
            "line 2: services.columns.service must be text, such as 'service'",
        ),
        ("[retention]\nlog_groups = 1000", "line 2: retention.log_groups must be one of 1096, 1827"),
        ("[retention]\nlog_groups = 365", "line 2: retention.log_groups must be one of 1096, 1827"),
        ("[retention]\nlog_buckets = 912", "line 2: retention.log_buckets must be at least 913 days"),
        ("[levels]\nprod = 1", "line 2: levels.prod is not a setting; write one of: production, sandbox"),
        ("[levels]\nsandbox = 1", r"line 2: levels.sandbox must be a table; write \[levels.sandbox\]"),
        ('[levels.sandbox]\n"TTS-X" = "warn"', "line 2: levels.sandbox.TTS-X isn't a rule"),
        (
            '[levels.sandbox]\n"TTS-S3-003" = "off"',
            "line 2: levels.sandbox.TTS-S3-003 must be one of block, warn",
        ),
        ('[levels.sandbox]\n"TTS-S3-003" = ["x"]', "line 2: levels.sandbox.TTS-S3-003 must be one of"),
        (
            '[levels.production]\n"TTS-EC2-001" = "warn"',
            "a mandate requires the rule; write block, or leave it out",
        ),
        (
            '[levels.sandbox]\n"TTS-TLS-001" = "warn"',
            "a mandate requires the rule; write block, or leave it out",
        ),
        ("[baseline]\nfile = 1", "line 2: baseline.file must be text"),
        ("[waivers]\nmax_days = 36526", "line 2: waivers.max_days must be a whole number of days above 0"),
        ("[baseline]\nallowed = 1", "line 2: baseline.allowed must be true or false"),
        ("[baseline]\nuntil = '2027-09-30'", "line 2: baseline.until must be a date without quotes"),
        ("[baseline]\nuntil = 2027-09-30T01:00:00", "line 2: baseline.until must be a date without quotes"),
        (
            "[baseline]\nname = 1",
            "line 2: baseline.name is not a setting; write one of: file, allowed, until",
        ),
        ('[baseline]\nallowed = false\nfile = "b"', "line 3: baseline.file is not allowed"),
        (
            "[waivers]\nmax_days = 367",
            "line 2: waivers.max_days must be at most 366: an exception must be reviewed every year",
        ),
        ("x = " + "[" * 100_000, "holds lists or tables in one another, more than can be read"),
        ("[waivers]\nmax_days = true", "line 2: waivers.max_days must be a whole number of days above 0"),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_to_write(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        read_settings(settings_file(tmp_path, text))


def test_a_fault_in_a_pyproject_has_its_line_too(tmp_path: Path) -> None:
    path = settings_file(tmp_path, '[project]\nname = "x"\n[tool.tts.image]\nname = 3', "pyproject.toml")
    with pytest.raises(SettingsError, match=r"line 4: image\.name must be text"):
        read_settings(path)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(settings_file(tmp_path, 'environment = "x"\nfoo = 1\n[image]\nname = 1'))
    assert len(caught.value.faults) == 3
    assert caught.value.subject == str(tmp_path / "tts.toml")


def test_an_account_id_is_not_repeated_in_the_message_about_owners(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(settings_file(tmp_path, '[image]\nowners = ["11112222333"]'))
    assert "11112222333" not in str(caught.value)


def test_what_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"not valid TOML.*line 2"):
        read_settings(settings_file(tmp_path, "environment = 'x'\nfoo = ="))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path / "none.toml")


@pytest.mark.parametrize("rule_id", ["TTS-EC2-004", "TTS-ASG-002"])
def test_an_organization_may_have_good_practice_warn(tmp_path: Path, rule_id: str) -> None:
    settings = read_settings(settings_file(tmp_path, f'[levels.production]\n"{rule_id}" = "warn"'))
    assert settings.levels[Environment.PRODUCTION][rule_id] == "warn"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("image = {name = 3}", 1),
        ("\nimage.name = 3", 2),
        ("[ image ]\n'name' = 3", 2),
        ('x = """\n\'\'\'\n"""\nimage.name = 3', 4),
        ('projects = [\n  "a",\n]\n[image] # the image\n"name"=3', 5),
    ],
)
def test_a_line_is_found_however_the_key_is_written(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(SettingsError, match=rf"line {line}: image\.name must be text"):
        read_settings(settings_file(tmp_path, text))


# Where the organization's file is


def test_all_that_a_team_does_not_state_is_as_the_organization_says(team: Team, tmp_path: Path) -> None:
    settings, organization = team(), read_settings(tmp_path / "org" / "tts.toml")
    assert settings.path == tmp_path / "team" / "tts.toml"
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.services.approved == tmp_path / "org" / "approved.csv"
    assert settings.waivers.file == tmp_path / "org" / "waivers.toml"
    for name in (
        "environment", "projects", "accounts", "trusted_accounts", "levels", "image", "services",
        "retention", "waivers", "baseline", "provenance",
    ):  # fmt: skip
        assert getattr(settings, name) == getattr(organization, name)


def test_a_file_of_an_installed_package_is_extended(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "tts_org_rules"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('is not run')")
    (package / "tts.toml").write_text('projects = ["benefits"]')
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    assert team(extends="tts_org_rules:tts.toml").projects == ("benefits",)


@pytest.mark.parametrize("package", ["tts_no_such_package", "tts_no_such.package", "tomllib.nothing"])
def test_a_package_that_is_not_installed_is_a_fault(team: Team, package: str) -> None:
    with pytest.raises(
        SettingsError, match=f"line 1: extends names a package that is not installed: {package}"
    ):
        team(extends=f"{package}:tts.toml")


def test_a_file_that_is_not_there_is_a_fault(team: Team) -> None:
    with pytest.raises(SettingsError, match=r"line 1: extends names a file that cannot be used: .*none.toml"):
        team(extends="none.toml")


def test_faults_of_both_files_are_named_at_once(team: Team) -> None:
    with pytest.raises(SettingsError) as caught:
        team("foo = 1", organization="bar = 1\nenvironment = 3")
    text = str(caught.value)
    assert "line 2: foo is not a setting" in text
    assert "line 1: bar is not a setting" in text
    assert "line 2: environment must be one of" in text


def test_an_extended_file_can_extend_another(team: Team, tmp_path: Path) -> None:
    (tmp_path / "agency.toml").write_text('projects = ["benefits", "forms"]')
    settings = team(organization='extends = "../agency.toml"\nprojects = ["forms"]')
    assert settings.projects == ("forms",)


def test_an_extended_file_is_checked_against_the_catalog(team: Team) -> None:
    with pytest.raises(
        SettingsError, match=r"line 1: extends .*: line 2: levels\.sandbox\.TTS-X isn't a rule"
    ):
        team(organization='[levels.sandbox]\n"TTS-X" = "warn"')


@pytest.mark.parametrize("extends", ["tts.toml", "../org/tts.toml"])
def test_a_circle_is_a_fault(team: Team, extends: str) -> None:
    with pytest.raises(SettingsError, match=r"extends goes in a circle: tts\.toml → "):
        team(organization='extends = "../team/tts.toml"', extends=extends)


def test_extends_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "tts.toml"
    path.write_text("extends = 1")
    with pytest.raises(SettingsError, match=r"line 1: extends must be text, such as '\.\./tts\.toml'"):
        read_settings(path)


def test_a_pyproject_can_extend_too(team: Team, tmp_path: Path) -> None:
    team()
    path = tmp_path / "team" / "pyproject.toml"
    path.write_text('[tool.tts]\nextends = "../org/tts.toml"\n[tool.tts.services]\nunknown = "warn"')
    with pytest.raises(SettingsError, match=r"line 4: services\.unknown is block in the organization's file"):
        read_settings(path)


# Settings that somebody else has parsed


def test_data_extend_a_file_and_name_others_relative_to_their_own(tmp_path: Path) -> None:
    (tmp_path / "org").mkdir()
    settings_file(tmp_path / "org", 'projects = ["benefits"]')
    document = {"extends": "org/tts.toml", "waivers": {"file": "waivers.toml"}}
    settings = settings_of(document, tmp_path / "tts.toml")
    assert settings.projects == ("benefits",)
    assert settings.waivers.file == tmp_path / "waivers.toml"
    assert settings.path == tmp_path / "tts.toml"


def test_faults_of_data_have_no_line_and_name_their_file(tmp_path: Path) -> None:
    document = {"foo": 1, "levels": {"sandbox": {"TTS-X": "warn"}}}
    with pytest.raises(SettingsError) as caught:
        settings_of(document, tmp_path / "tts.toml")
    assert caught.value.subject == str(tmp_path / "tts.toml")
    assert [fault.partition(" ")[0] for fault in caught.value.faults] == ["foo", "levels.sandbox.TTS-X"]


def test_levels_may_name_a_rule_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "tts.toml").write_text('[levels.production]\n"tts-tag-004" = "block"', encoding="utf-8")
    settings = read_settings(tmp_path / "tts.toml")
    assert settings.levels == {Environment.PRODUCTION: {"TTS-TAG-004": "block"}}
