"""Lookups that are not recorded yet, and what the CDK writes in place of their results.

Source: `core/lib/stack.js` and `aws-ec2/lib/vpc.js` of aws-cdk-lib 2.275.
"""

from __future__ import annotations

import re

from tts_constructs.policy.model.assembly import Lookups
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Result

RECORD = "Run `cdk synth` once with credentials and commit cdk.context.json."
"""What to do about every pending lookup."""

ZONES = "availability-zones"
VPC = "vpc-provider"

_ZONES = frozenset({"dummy1a", "dummy1b", "dummy1c"})
_VPC_RANGE = "1.2.3.4/5"
_VPC_PART = re.compile(r"vpc-12345|[ps]-(12345|67890)")


def unrecorded(place: Node, message: str) -> Result:
    """The result for a placeholder: a warning at synth, as the `cdk` command looks up after a pass."""
    return place.unknown(message, fix=RECORD, at_most="warn" if place.stack.assembly.synthesizing else None)


def unmade(lookups: Lookups, *, cdk_command: bool) -> list[str]:
    """The providers of the lookups that this run does not make, sorted.

    Args:
        lookups: Of the assembly that is being synthesized, with the context that the app was given.
        cdk_command: The `cdk` command runs the app. It looks up after the first pass; what keeps it from
            looking up comes with the context of the next one.
    """
    return sorted(
        {
            str(lookup.get("provider"))
            for lookup in lookups.missing
            if not cdk_command or _lacks_credentials(lookups.recorded.get(str(lookup.get("key"))))
        }
    )


def _lacks_credentials(recorded: object) -> bool:
    """Whether the `cdk` command recorded that it had no credentials, and not that AWS found nothing."""
    return isinstance(recorded, dict) and "credentials" in str(recorded.get("$providerError"))


def is_zone(text: str, stack: Stack) -> bool:
    """Whether a text stands for a zone that comes from a pending lookup of zones or of a VPC."""
    return text in _ZONES and _is_pending(stack, ZONES, VPC)


def is_vpc_range(text: str, stack: Stack) -> bool:
    """Whether a text stands for the address range of a VPC that comes from a pending lookup."""
    return text == _VPC_RANGE and _is_pending(stack, VPC)


def is_vpc_part(text: str, stack: Stack) -> bool:
    """Whether a text stands for the ID of a VPC, or of its subnets, that come from a pending lookup."""
    return bool(_VPC_PART.fullmatch(text)) and _is_pending(stack, VPC)


def _is_pending(stack: Stack, *providers: str) -> bool:
    """Whether the manifest has a pending lookup by one of the providers in the stack's account and region."""
    environment = {"account": stack.account, "region": stack.region}
    return any(
        lookup.get("provider") in providers
        and isinstance(properties := lookup.get("props"), dict)
        and environment.items() <= properties.items()
        for lookup in stack.assembly.lookups.missing
    )
