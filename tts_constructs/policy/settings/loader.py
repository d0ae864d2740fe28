"""Loads the settings of an organization or team: `tts.toml`, or `[tool.tts]` in `pyproject.toml`.

The nearest file in a folder or above it counts. All faults of a file are reported at once, with their lines.

A file with `extends` inherits the settings of another one, such as one that an infrastructure team ships.
It may make the rules stricter and never looser: `inheritance.py` defines that for each setting. A file that
extends nothing belongs to the organization; it cannot weaken what a mandate requires either.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tts_constructs import standards
from tts_constructs.errors import SettingsError
from tts_constructs.policy.result import Level
from tts_constructs.policy.settings.inheritance import loosened
from tts_constructs.policy.settings.model import (
    MOST_WAIVER_DAYS,
    SERVICE_COLUMNS,
    AgentSettings,
    BaselineSettings,
    ImageSettings,
    ProvenanceSettings,
    RetentionSettings,
    ServiceSettings,
    Settings,
    WaiverSettings,
)
from tts_constructs.policy.settings.toml_reader import Reader, read_toml
from tts_constructs.system_metadata import Environment, is_yet_to_be_written

FILE_NAME = "tts.toml"
_ACCOUNT = re.compile(r"\d{12}")
_AGENT_VERSION = re.compile(r"[0-9]+(\.[0-9a-z]+)+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DEVICE = re.compile(r"/dev/[a-z0-9/]+")
_OF_PACKAGE = re.compile(r"([A-Za-z_]\w+(?:\.\w+)*):(.+)")

Check = Callable[[Settings | None, Settings], Iterator[tuple[str, str]]]
"""Yields what is wrong with settings, given those that they extend: the key, and the fault."""

Checks = Sequence[Check]


def load_settings(start: Path | None = None, checks: Checks = ()) -> Settings:
    """Return the settings that apply in a folder.

    Args:
        start: Folder to search from, upwards. Default: the working folder.
        checks: Further checks, such as of `[levels]`; see `Check`.

    Raises:
        SettingsError: The nearest file cannot be used.
    """
    folder = (start or Path.cwd()).resolve()
    for candidate in (folder, *folder.parents):
        if (path := candidate / FILE_NAME).is_file():
            return read_settings(path, checks)
        if (path := candidate / "pyproject.toml").is_file() and "tts" in read_toml(path)[0].get("tool", {}):
            return read_settings(path, checks)
    return Settings()


def read_settings(path: Path, checks: Checks = ()) -> Settings:
    """Return the settings of one file: a `tts.toml`, or a `pyproject.toml` with `[tool.tts]`.

    Raises:
        SettingsError: The file, or one that it extends, cannot be read, is not TOML, or has a fault; all
            faults are named.
    """
    return _read(path, (), checks)


def settings_of(document: dict[str, Any], path: Path, checks: Checks = ()) -> Settings:
    """Return the settings in a parsed document.

    Args:
        document: What a settings file holds.
        path: The file; other files are named relative to its folder.
        checks: See `load_settings`.

    Raises:
        SettingsError: The data has a fault; all faults are named.
    """
    return _checked(Reader(), document, path, (), checks)


def _read(path: Path, extending: tuple[Path, ...], checks: Checks) -> Settings:
    document, text = read_toml(path)
    prefix = ""
    if path.name == "pyproject.toml":
        prefix = "tool.tts."
        document = document.get("tool", {}).get("tts", {})
    return _checked(Reader(text, prefix), document, path, extending, checks)


def _checked(
    reader: Reader, document: dict[str, Any], path: Path, extending: tuple[Path, ...], checks: Checks
) -> Settings:
    organization = _extended(reader, document, path, extending, checks)
    settings = _settings(reader, document, path, organization or Settings())
    for check in (loosened, *checks):
        for key, fault in check(organization, settings):
            reader.fault(key, fault)
    if reader.faults:
        raise SettingsError(str(path), reader.faults)
    return settings


def _extended(
    reader: Reader, document: dict[str, Any], path: Path, extending: tuple[Path, ...], checks: Checks
) -> Settings | None:
    """Return the settings that a file extends; their faults are also faults of this file."""
    if "extends" not in document:
        return None
    named = reader.text(document, "extends", "../tts.toml")
    extended = _extended_path(named, path.parent)
    if extended is None:
        reader.fault("extends", f"names a package that is not installed: {named}")
    elif extended in (chain := (*extending, path.resolve())):
        reader.fault("extends", f"goes in a circle: {' → '.join(one.name for one in (*chain, extended))}")
    else:
        try:
            return _read(extended, chain, checks)
        except SettingsError as error:
            for fault in error.faults:
                reader.fault("extends", f"names a file that cannot be used: {error.subject}: {fault}")
    return None


def _extended_path(named: str, folder: Path) -> Path | None:
    """Return a path relative to a folder, or `package:file` of a package, or None if not installed."""
    of_package = _OF_PACKAGE.fullmatch(named)
    if not of_package:
        return (folder / named).resolve()
    try:
        found = importlib.util.find_spec(of_package[1])
    except (ImportError, ValueError):
        return None
    places = (found.submodule_search_locations if found else None) or ()
    return next(((Path(place) / of_package[2]).resolve() for place in places), None)


def _settings(reader: Reader, document: dict[str, Any], path: Path, base: Settings) -> Settings:
    """Return the settings in a document; `base` gives those that it does not state."""
    reader.known_keys(
        document,
        "",
        (
            "environment", "projects", "accounts", "levels", "image", "agent", "services", "retention",
            "waivers", "baseline", "provenance", "extends",
        ),
    )  # fmt: skip
    waivers = reader.table(document, "waivers", ("file", "max_days"))
    return Settings(
        environment=_environment(reader, document.get("environment"), "environment") or base.environment,
        projects=_projects(reader, document) or base.projects,
        accounts={**base.accounts, **_accounts(reader, document)},
        trusted_accounts=_trusted_accounts(reader, document) or base.trusted_accounts,
        levels=_levels(reader, document, base),
        image=_image(reader, document, base.image),
        agent=_agent(reader, document, base.agent),
        services=_services(reader, document, path.parent, base.services),
        retention=_retention(reader, document, base.retention),
        waivers=WaiverSettings(
            file=_file(reader, waivers, "waivers.file", path.parent, base.waivers.file),
            max_days=_max_days(reader, waivers, base.waivers.max_days),
        ),
        baseline=_baseline(reader, document, path.parent, base.baseline),
        provenance=_provenance(reader, document, base.provenance),
        path=path,
    )


def _environment(reader: Reader, value: object, key: str) -> Environment | None:
    if value is None:
        return None
    if isinstance(value, str) and value in set(Environment):
        return Environment(value)
    reader.fault(key, f"must be one of {', '.join(Environment)}")
    return None


def _projects(reader: Reader, document: dict[str, Any]) -> tuple[str, ...]:
    projects = reader.texts(document, "projects")
    for project in projects:
        if is_yet_to_be_written(project):
            reader.fault("projects", f"holds {project!r}, which names no project")
    return projects


def _accounts(reader: Reader, document: dict[str, Any]) -> dict[str, Environment]:
    table = document.get("accounts", {})
    if not isinstance(table, dict):
        reader.fault(
            "accounts", 'must be a table; write [accounts] and below it "<account id>" = "production"'
        )
        return {}
    tied = {}
    for account, value in table.items():
        if account == "trusted":
            continue
        environment = _environment(reader, value, f"accounts.{account}")
        if not _ACCOUNT.fullmatch(account):
            reader.fault(f"accounts.{account}", "is not an account id of 12 digits")
        elif environment:
            tied[account] = environment
    return tied


def _trusted_accounts(reader: Reader, document: dict[str, Any]) -> tuple[str, ...]:
    table = document.get("accounts")
    if not isinstance(table, dict):
        return ()  # `_accounts` says so
    trusted = reader.texts(table, "accounts.trusted")
    if not all(map(_ACCOUNT.fullmatch, trusted)):
        reader.fault(
            "accounts.trusted",
            'must be account ids of 12 digits in quotes, such as trusted = ["<account id>"]',
        )
    return trusted


def _levels(reader: Reader, document: dict[str, Any], base: Settings) -> dict[Environment, dict[str, Level]]:
    """Return the levels in `[levels.<environment>]`, added to those of `base`."""
    stated = reader.table(document, "levels", tuple(Environment))
    levels = {environment: dict(of_base) for environment, of_base in base.levels.items()}
    for name in Environment:
        for rule_id, level in reader.table(stated, f"levels.{name}").items():
            if level in ("block", "warn"):
                levels.setdefault(name, {})[rule_id.upper()] = level
            else:
                reader.fault(f"levels.{name}.{rule_id}", "must be one of block, warn")
    return levels


def _image(reader: Reader, document: dict[str, Any], base: ImageSettings) -> ImageSettings:
    image = reader.table(document, "image", ("owners", "name", "ssm_parameters", "devices", "root_device"))
    owners = reader.texts(image, "image.owners")
    if not all(map(_ACCOUNT.fullmatch, owners)):
        reader.fault(
            "image.owners", 'must be account ids of 12 digits in quotes, such as owners = ["<account id>"]'
        )
    return ImageSettings(
        owners=owners or base.owners,
        name=reader.text(image, "image.name", base.name),
        ssm_parameters=reader.texts(image, "image.ssm_parameters") or base.ssm_parameters,
        devices=_devices(reader, image) or base.devices,
    )


def _devices(reader: Reader, image: dict[str, Any]) -> tuple[str, ...]:
    """Return `devices`, or `root_device`, its older name for a list of one; empty if neither is stated."""
    if "root_device" in image:
        if "devices" in image:
            reader.fault("image.root_device", "is an older name of image.devices; keep only devices")
        return (reader.text(image, "image.root_device", standards.ROOT_DEVICE).strip(),)
    devices = tuple(device.strip() for device in reader.texts(image, "image.devices"))
    if "devices" in image and (not devices or len(set(devices)) < len(devices)):
        reader.fault(
            "image.devices", 'must name each device of the image once, such as devices = ["/dev/sda1"]'
        )
    for device in devices:
        if not _DEVICE.fullmatch(device):
            reader.fault(
                "image.devices", f"holds {device!r}, which isn't a device; write one such as /dev/sda1"
            )
    return devices


def _agent(reader: Reader, document: dict[str, Any], base: AgentSettings) -> AgentSettings:
    agent = reader.table(document, "agent", ("version", "sha256"))
    stated = reader.table(agent, "agent.sha256", ("x86_64", "arm64"))
    example = "1.300072.0b1766"
    version = reader.text(agent, "agent.version", example).strip() if "version" in agent else base.version
    if version and not _AGENT_VERSION.fullmatch(version):
        reader.fault("agent.version", f"must be a version of the agent, such as {example!r}")
    if stated and not version:
        reader.fault("agent.sha256", f"is the digest of one version; write version = {example!r} too")
    digests = {name: str(digest).strip().lower() for name, digest in stated.items()}
    for name, digest in digests.items():
        if not _SHA256.fullmatch(digest):
            reader.fault(f"agent.sha256.{name}", "must be the 64 hexadecimal digits that sha256sum prints")
    # A digest is of one version: another version does without the organization's.
    return AgentSettings(version, digests or (base.sha256 if version == base.version else {}))


def _services(
    reader: Reader, document: dict[str, Any], folder: Path, base: ServiceSettings
) -> ServiceSettings:
    services = reader.table(document, "services", ("unknown", "approved", "columns"))
    columns = reader.table(services, "services.columns", SERVICE_COLUMNS)
    return ServiceSettings(
        unknown="block"
        if reader.choice(services, "services.unknown", ("warn", "block"), base.unknown) == "block"
        else "warn",
        approved=_file(reader, services, "services.approved", folder, base.approved),
        columns={name: reader.text(columns, f"services.columns.{name}", name) for name in columns}
        or base.columns,
    )


def _retention(reader: Reader, document: dict[str, Any], base: RetentionSettings) -> RetentionSettings:
    retention = reader.table(document, "retention", ("log_groups", "log_buckets"))
    groups = reader.days(retention, "retention.log_groups", base.log_groups)
    buckets = reader.days(retention, "retention.log_buckets", base.log_buckets)
    if groups not in standards.LOG_RETENTION_CHOICES:
        choices = ", ".join(map(str, standards.LOG_RETENTION_CHOICES))
        reader.fault("retention.log_groups", f"must be one of {choices}")
    if buckets < standards.LOG_BUCKET_RETENTION_DAYS:
        reader.fault("retention.log_buckets", f"must be at least {standards.LOG_BUCKET_RETENTION_DAYS} days")
    return RetentionSettings(groups, buckets)


def _max_days(reader: Reader, waivers: dict[str, Any], default: int) -> int:
    days = reader.days(waivers, "waivers.max_days", default)
    if days > MOST_WAIVER_DAYS:
        reason = "an exception must be reviewed every year"
        reader.fault("waivers.max_days", f"must be at most {MOST_WAIVER_DAYS}: {reason}")
    return days


def _baseline(
    reader: Reader, document: dict[str, Any], folder: Path, base: BaselineSettings
) -> BaselineSettings:
    baseline = reader.table(document, "baseline", ("file", "allowed", "until"))
    allowed = baseline.get("allowed", base.allowed)
    if allowed is not None and not isinstance(allowed, bool):
        reader.fault("baseline.allowed", "must be true or false")
    until = baseline.get("until", base.until)
    if until is not None and (not isinstance(until, date) or isinstance(until, datetime)):
        reader.fault("baseline.until", "must be a date without quotes, such as until = 2027-09-30")
    file = _file(reader, baseline, "baseline.file", folder, base.file)
    if allowed is False and "file" in baseline:
        reader.fault("baseline.file", "is not allowed: baseline.allowed is false; leave it out")
    return BaselineSettings(None if allowed is False else file, allowed, until)


def _provenance(reader: Reader, document: dict[str, Any], base: ProvenanceSettings) -> ProvenanceSettings:
    provenance = reader.table(document, "provenance", ("repository",))
    if "repository" not in provenance:
        return base
    example = "https://git.example.gov/benefits"
    return ProvenanceSettings(reader.text(provenance, "provenance.repository", example).strip())


def _file(reader: Reader, table: dict[str, Any], key: str, folder: Path, default: Path | None) -> Path | None:
    if key.rpartition(".")[2] not in table:
        return default
    return folder / reader.text(table, key, "file")
