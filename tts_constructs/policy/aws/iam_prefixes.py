"""The IAM prefixes of services, and which of them the approved list leaves open.

`scripts/make_iam_prefixes.py` makes the table from the CloudFormation schemas.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from tts_constructs.policy.aws.approved_services import Service, Services, Status
from tts_constructs.policy.settings.model import ServiceSettings

TABLE = Path(__file__).parent / "data" / "iam-prefixes.json"

OF_EVERY_SYSTEM = ("sts", "tag")
"""Prefixes without a namespace, which nobody reviews: who a caller is, and the tags of resources."""


def open_prefixes(services: Services, settings: ServiceSettings, partition: str | None) -> tuple[str, ...]:
    """Return the IAM prefixes of the services that TTS-SVC-001 doesn't block, sorted, without `iam`.

    A prefix that several services share, as RDS and Aurora do, is open if one of them is.

    Args:
        services: The lists in force.
        settings: `[services]`, which says whether a service without a decision is blocked.
        partition: `aws` or `aws-us-gov`, as an approval can be limited to one; None: not known.
    """
    listed: dict[str, list[str]] = {}
    for row in services.rows:
        for name in row.namespaces:
            listed.setdefault(_namespace(name), []).append(name)
    found: set[str] = set(OF_EVERY_SYSTEM)
    for namespace, prefixes in iam_prefixes().items():
        names = dict.fromkeys((*listed.get(namespace, ()), f"aws::{namespace}"))
        if not all(_is_blocked(services.of(name), settings, partition) for name in names):
            found.update(prefixes)
    return tuple(sorted(found - {"iam"}))


@cache
def iam_prefixes() -> dict[str, tuple[str, ...]]:
    """Return the IAM prefixes of each namespace, in lower case without `AWS::`."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    return {namespace: tuple(prefixes) for namespace, prefixes in table.items()}


def _namespace(name: str) -> str:
    """Return the namespace of a name such as `aws::ssm::parameter`, without `aws::`."""
    return name.removeprefix("aws::").partition("::")[0]


def _is_blocked(row: Service | None, settings: ServiceSettings, partition: str | None) -> bool:
    if row is not None and row.status is Status.NOT_APPROVED:
        return True
    if settings.unknown == "warn":
        return False
    approved = row is not None and row.status is Status.APPROVED
    return not approved or bool(row and row.partitions and partition not in row.partitions)
