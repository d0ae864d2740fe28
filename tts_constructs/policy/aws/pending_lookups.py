"""Lookups that are not recorded yet, and the placeholders that the CDK writes for their results.

Source: `core/lib/stack.js` and `aws-ec2/lib/vpc.js` of aws-cdk-lib 2.275.
"""

from __future__ import annotations

import re

from tts_constructs.policy.model.assembly import Lookups
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.result import Result

RECORD = "Run `cdk synth` once with credentials and commit cdk.context.json."
"""The fix for every pending lookup."""

ZONES = "availability-zones"
VPC = "vpc-provider"

_ZONES = frozenset({"dummy1a", "dummy1b", "dummy1c"})
_VPC_RANGE = "1.2.3.4/5"
_VPC_PART = re.compile(r"vpc-12345|[ps]-(12345|67890)")


def unrecorded(place: Node, message: str) -> Result:
    """Return the result for a placeholder: a warning at synth, as the `cdk` command looks up after a pass."""
    return place.unknown(message, fix=RECORD, at_most="warn" if place.stack.assembly.synthesizing else None)


def unmade(lookups: Lookups, *, cdk_command: bool) -> list[str]:
    """Return the providers of the lookups that this run does not make, sorted.

    Args:
        lookups: The lookups of the assembly that is being synthesized, with the context given to the app.
        cdk_command: The `cdk` command runs the app. It looks up after the first pass, and its errors are
            in the context of the next pass.
    """
    return sorted(
        {
            str(lookup.get("provider"))
            for lookup in lookups.missing
            if not cdk_command or _lacks_credentials(lookups.recorded.get(str(lookup.get("key"))))
        }
    )


def _lacks_credentials(recorded: object) -> bool:
    """Return whether the `cdk` command had no credentials, as opposed to AWS finding nothing."""
    return isinstance(recorded, dict) and "credentials" in str(recorded.get("$providerError"))


def is_zone(text: str, stack: Stack) -> bool:
    """Return whether a text is the placeholder for a zone of a pending lookup of zones or of a VPC."""
    return text in _ZONES and _is_pending(stack, ZONES, VPC)


def is_vpc_range(text: str, stack: Stack) -> bool:
    """Return whether a text is the placeholder for the address range of a VPC of a pending lookup."""
    return text == _VPC_RANGE and _is_pending(stack, VPC)


def is_vpc_part(text: str, stack: Stack) -> bool:
    """Return whether a text is the placeholder for the ID of a VPC or its subnets of a pending lookup."""
    return bool(_VPC_PART.fullmatch(text)) and _is_pending(stack, VPC)


def _is_pending(stack: Stack, *providers: str) -> bool:
    """Return whether the manifest has a pending lookup by one of these providers for the stack."""
    environment = {"account": stack.account, "region": stack.region}
    return any(
        lookup.get("provider") in providers
        and isinstance(properties := lookup.get("props"), dict)
        and environment.items() <= properties.items()
        for lookup in stack.assembly.lookups.missing
    )
