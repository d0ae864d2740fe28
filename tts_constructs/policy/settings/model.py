"""The settings of an organization or team, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from tts_constructs import standards
from tts_constructs.policy.result import Level
from tts_constructs.system_metadata import Environment

SERVICE_COLUMNS = ("service", "status", "caveats", "source", "as_of")
"""Columns of a list of approved services (contract)."""


@dataclass(frozen=True)
class ImageSettings:
    """`[image]`: where the baseline image comes from.

    Args:
        owners: Account ids that own the image. Required before a lookup: the image is private to the account
            that builds it, and a name alone could be anyone's.
        name: EC2 name filter of the image; `*` and `?` are wildcards.
        ssm_parameters: SSM parameters that hold an image id and are accepted instead of a lookup.
        devices: Device names of the image's volumes, the root device first. Empty: the file names none, and
            `volumes` is what counts.
    """

    owners: tuple[str, ...] = ()
    name: str = standards.IMAGE_NAME
    ssm_parameters: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()

    @property
    def volumes(self) -> tuple[str, ...]:
        """The devices whose volumes must be encrypted, the root device first."""
        if self.devices:
            return self.devices
        return (standards.ROOT_DEVICE,) if self.volumes_are_guessed else standards.IMAGE_DEVICES

    @property
    def volumes_are_guessed(self) -> bool:
        """True if the file names no devices, and the image may not be the FISMA Ready default."""
        return not self.devices and (self.name != standards.IMAGE_NAME or bool(self.ssm_parameters))


@dataclass(frozen=True)
class AgentSettings:
    """`[agent]`: the CloudWatch agent that instances install at boot.

    Args:
        version: Version of its package, such as `1.300072.0b1766`. None: the latest.
        sha256: SHA-256 of that version's package for Ubuntu, in hexadecimal digits, by architecture
            (`x86_64`, `arm64`). Empty: instances check Amazon's signature.
    """

    version: str | None = None
    sha256: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceSettings:
    """`[services]`: the approved list.

    Args:
        unknown: The level of a service that nobody has reviewed.
        approved: CSV file of approved services; None: the bundled list alone.
        columns: Headings of that file that differ from the contract's, by the contract's name.
    """

    unknown: Literal["warn", "block"] = "warn"
    approved: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RetentionSettings:
    """`[retention]`: the minimum days to keep logs, if that is longer than OMB M-21-31 requires.

    Args:
        log_groups: In CloudWatch Logs, one of the numbers of days that it accepts.
        log_buckets: In buckets that receive logs.
    """

    log_groups: int = standards.LOG_RETENTION_DAYS
    log_buckets: int = standards.LOG_BUCKET_RETENTION_DAYS


MOST_WAIVER_DAYS = 366
"""The most days ahead that a waiver may expire, whatever a file says: one year, leap years too.

A control is assessed at least once a year (FISMA, 44 U.S.C. 3554(b)(5)), and its exceptions with it.
"""


WARN_DAYS = 30
"""Days before its last day from which on a waiver or a baseline warns."""


@dataclass(frozen=True)
class WaiverSettings:
    """`[waivers]`: the waiver file, and how many days ahead a waiver may expire.

    Args:
        file: The waiver file; None: there are no waivers.
        max_days: At most `MOST_WAIVER_DAYS`.
    """

    file: Path | None = None
    max_days: int = 180


@dataclass(frozen=True)
class BaselineSettings:
    """`[baseline]`: the file of findings that an app had when it adopted the rules.

    Args:
        file: The baseline file; None: there is no baseline.
        allowed: Whether there may be one. None: the file does not say, and a team that extends it names none.
        until: Last day on which it counts, in UTC; None: until it is empty.
    """

    file: Path | None = None
    allowed: bool | None = None
    until: date | None = None


@dataclass(frozen=True)
class ProvenanceSettings:
    """`[provenance]`: where the code comes from.

    Args:
        repository: Address of the repository, if neither the CI system nor git knows the right one.
    """

    repository: str | None = None


@dataclass(frozen=True)
class Settings:
    """All settings, with their defaults.

    Args:
        environment: Environment of a stack if nothing else states one.
        projects: Registered values of the `Project` tag; empty: any real name.
        accounts: Environment of each account that is tied to one.
        trusted_accounts: Accounts that roles may trust besides their own (`[accounts] trusted`).
        levels: Level of a violation, by environment and rule id, if it differs from the catalog's.
        path: File that the settings were read from; None: defaults.
    """

    environment: Environment | None = None
    projects: tuple[str, ...] = ()
    accounts: Mapping[str, Environment] = field(default_factory=dict)
    trusted_accounts: tuple[str, ...] = ()
    levels: Mapping[Environment, Mapping[str, Level]] = field(default_factory=dict)
    image: ImageSettings = ImageSettings()
    agent: AgentSettings = field(default_factory=AgentSettings)
    services: ServiceSettings = field(default_factory=ServiceSettings)
    retention: RetentionSettings = RetentionSettings()
    waivers: WaiverSettings = WaiverSettings()
    baseline: BaselineSettings = BaselineSettings()
    provenance: ProvenanceSettings = ProvenanceSettings()
    path: Path | None = None
