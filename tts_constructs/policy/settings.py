"""The settings of an organisation or team: `tts.toml`, or `[tool.tts]` in `pyproject.toml`.

The nearest file from a folder upwards counts. Every fault of a file is reported at once, with its line.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tts_constructs.errors import SettingsError
from tts_constructs.policy import baseline
from tts_constructs.policy.system import Environment

FILE_NAME = "tts.toml"
_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True)
class ImageSettings:
    """`[image]`: where the baseline image comes from.

    Args:
        owners: Account ids that own the image. Required before a lookup: the image is private to the account
            that builds it, and a name alone could be anyone's.
        name: EC2 name filter of the image; `*` and `?` are wildcards.
        ssm_parameters: SSM parameters that hold an image id and are accepted instead of a lookup.
        root_device: Device name of the image's root volume.
    """

    owners: tuple[str, ...] = ()
    name: str = baseline.IMAGE_NAME
    ssm_parameters: tuple[str, ...] = ()
    root_device: str = baseline.ROOT_DEVICE


@dataclass(frozen=True)
class ServiceSettings:
    """`[services]`: what an unlisted service does, and the file of approved services."""

    unknown: Literal["warn", "block"] = "warn"
    approved: Path | None = None


@dataclass(frozen=True)
class WaiverSettings:
    """`[waivers]`: the waiver file, and how many days ahead a waiver may expire."""

    file: Path | None = None
    max_days: int = 180


@dataclass(frozen=True)
class Settings:
    """All settings, with their defaults.

    Args:
        environment: Environment of a stack for which nothing else says one.
        projects: Registered values of the `Project` tag; empty: any real name.
        accounts: Environment of each account that is tied to one.
        path: File that the settings were read from; None: defaults.
    """

    environment: Environment | None = None
    projects: tuple[str, ...] = ()
    accounts: dict[str, Environment] = field(default_factory=dict)
    image: ImageSettings = ImageSettings()
    services: ServiceSettings = ServiceSettings()
    waivers: WaiverSettings = WaiverSettings()
    path: Path | None = None


def load_settings(start: Path | None = None) -> Settings:
    """The settings that hold in a folder.

    Args:
        start: Folder to search from, upwards. Default: the working folder.

    Raises:
        SettingsError: The nearest file cannot be used.
    """
    folder = (start or Path.cwd()).resolve()
    for candidate in (folder, *folder.parents):
        if (path := candidate / FILE_NAME).is_file():
            return read_settings(path)
        if (path := candidate / "pyproject.toml").is_file() and "tts" in _parse(path).get("tool", {}):
            return read_settings(path)
    return Settings()


def read_settings(path: Path) -> Settings:
    """The settings of one file: a `tts.toml`, or a `pyproject.toml` with `[tool.tts]`.

    Raises:
        SettingsError: The file cannot be read, is no TOML, or has a fault; all faults are named.
    """
    document = _parse(path)
    prefix = ""
    if path.name == "pyproject.toml":
        prefix = "tool.tts."
        document = document.get("tool", {}).get("tts", {})
    return settings_of(document, path, _Reader(path.read_text(encoding="utf-8"), prefix))


def settings_of(document: dict[str, Any], path: Path, reader: _Reader | None = None) -> Settings:
    """The settings in data.

    Args:
        document: What a settings file holds.
        path: The file; other files are named relative to its folder.
        reader: Knows the lines of the file, for messages.

    Raises:
        SettingsError: The data has a fault; all faults are named.
    """
    reader = reader or _Reader()
    settings = _settings(reader, document, path)
    if reader.faults:
        raise SettingsError(str(path), reader.faults)
    return settings


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(str(path), [f"cannot be read ({error.strerror})"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), [f"is not valid TOML: {error}"]) from None


def _settings(reader: _Reader, document: dict[str, Any], path: Path) -> Settings:
    known = ("environment", "projects", "accounts", "image", "services", "waivers")
    reader.known_keys(document, "", known)
    image = reader.table(document, "image", ("owners", "name", "ssm_parameters", "root_device"))
    services = reader.table(document, "services", ("unknown", "approved"))
    waivers = reader.table(document, "waivers", ("file", "max_days"))
    owners = reader.texts(image, "image.owners")
    for owner in owners:
        if not _ACCOUNT.fullmatch(owner):
            reader.fault(
                "image.owners", 'takes account ids of 12 digits in quotes, such as owners = ["<account id>"]'
            )
    return Settings(
        environment=reader.environment(document.get("environment"), "environment"),
        projects=reader.projects(document),
        accounts=reader.accounts(document),
        image=ImageSettings(
            owners=owners,
            name=reader.text(image, "image.name", baseline.IMAGE_NAME),
            ssm_parameters=reader.texts(image, "image.ssm_parameters"),
            root_device=reader.text(image, "image.root_device", baseline.ROOT_DEVICE),
        ),
        services=ServiceSettings(
            unknown="block"
            if reader.choice(services, "services.unknown", ("warn", "block")) == "block"
            else "warn",
            approved=reader.file(services, "services.approved", path.parent),
        ),
        waivers=WaiverSettings(
            file=reader.file(waivers, "waivers.file", path.parent),
            max_days=reader.days(waivers, "waivers.max_days", WaiverSettings.max_days),
        ),
        path=path,
    )


class _Reader:
    """Reads typed values out of a document and collects every fault with its line."""

    def __init__(self, text: str = "", prefix: str = "") -> None:
        self.faults: list[str] = []
        self._lines = text.splitlines()
        self._prefix = prefix

    def fault(self, key: str, message: str) -> None:
        line = _line_of(self._lines, self._prefix + key)
        sentence = f"line {line}: {key} {message}" if line else f"{key} {message}"
        if sentence not in self.faults:
            self.faults.append(sentence)

    def known_keys(self, table: dict[str, Any], name: str, known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                full = f"{name}.{key}" if name else key
                self.fault(full, f"is not a setting; here stand: {', '.join(known)}")

    def table(self, document: dict[str, Any], name: str, known: tuple[str, ...]) -> dict[str, Any]:
        table = document.get(name, {})
        if not isinstance(table, dict):
            self.fault(name, f"is a table; write [{name}] above its keys")
            return {}
        self.known_keys(table, name, known)
        return table

    def text(self, table: dict[str, Any], key: str, default: str) -> str:
        value = table.get(key.rpartition(".")[2], default)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(key, f"takes a text, such as {default!r}")
        return default

    def texts(self, table: dict[str, Any], key: str) -> tuple[str, ...]:
        value = table.get(key.rpartition(".")[2], [])
        if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
            return tuple(value)
        self.fault(key, 'takes a list of texts, such as ["…"]')
        return ()

    def choice(self, table: dict[str, Any], key: str, choices: tuple[str, ...]) -> str:
        value = table.get(key.rpartition(".")[2], choices[0])
        if value in choices:
            return str(value)
        self.fault(key, f"is one of {', '.join(choices)}")
        return choices[0]

    def file(self, table: dict[str, Any], key: str, folder: Path) -> Path | None:
        name = key.rpartition(".")[2]
        return folder / self.text(table, key, "file") if name in table else None

    def days(self, table: dict[str, Any], key: str, default: int) -> int:
        value = table.get(key.rpartition(".")[2], default)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.fault(key, f"takes a number of days above 0, such as {default}")
        return default

    def environment(self, value: object, key: str) -> Environment | None:
        if value is None:
            return None
        if isinstance(value, str) and value in set(Environment):
            return Environment(value)
        self.fault(key, f"is one of {', '.join(Environment)}")
        return None

    def projects(self, document: dict[str, Any]) -> tuple[str, ...]:
        projects = self.texts(document, "projects")
        for project in projects:
            if not baseline.names_a_project(project):
                self.fault("projects", f"holds {project!r}, which names no project")
        return projects

    def accounts(self, document: dict[str, Any]) -> dict[str, Environment]:
        table = document.get("accounts", {})
        if not isinstance(table, dict):
            self.fault("accounts", 'is a table; write [accounts] and below it "<account id>" = "production"')
            return {}
        tied = {}
        for account, value in table.items():
            environment = self.environment(value, f"accounts.{account}")
            if not _ACCOUNT.fullmatch(account):
                self.fault(f"accounts.{account}", "is not an account id of 12 digits")
            elif environment:
                tied[account] = environment
        return tied


def _line_of(lines: list[str], key: str) -> int | None:
    """The line where a dotted key stands, read as people write TOML: a table header, then the key."""
    header, _, name = key.rpartition(".")
    table = ""
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if match := re.match(r"\[+\s*([^\]]+?)\s*\]+", text):
            table = match[1]
            if table == key:
                return number
        elif table == header and re.match(rf"""["']?{re.escape(name)}["']?\s*[=.]""", text):
            return number
    return None
