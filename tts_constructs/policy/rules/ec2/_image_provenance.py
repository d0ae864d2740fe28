"""Proof that an image is the baseline image: a recorded lookup, or an SSM parameter of the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tts_constructs.policy.aws.ami_lookups import image_records, is_baseline, properties_of
from tts_constructs.policy.aws.pending_lookups import unrecorded
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Dynamic, Reference, SsmParameter
from tts_constructs.policy.result import Result
from tts_constructs.policy.settings.model import ImageSettings

PLACEHOLDERS = frozenset({"ami-1234", "dummyValue"})
"""The CDK's placeholder for an image that is not looked up yet. Nothing can be launched from it. An app can
choose another placeholder for a lookup; it could be launched, so it does not count."""

_AT_LAUNCH = "resolve:ssm:"
"""Prefix of a launch template's ImageId that EC2 reads from an SSM parameter at each launch."""

_PARAMETER = "AWS::SSM::Parameter"

_NO_OWNER = "The settings name no owner of the baseline image; write [image] owners in tts.toml."


def unproven(image: Node) -> Iterator[Result]:
    """Yield what prevents proof that a node's image id is the baseline image; nothing if it is proven.

    Source: handbook, "You should always launch new instances from this baseline."
    """
    parameter = _parameter_name(image)
    if parameter:
        yield from _unproven_parameter(image, parameter)
    elif isinstance(image.value, Reference) and image.value.resource.type == _PARAMETER:
        yield from _unproven_id(image.holding(image.value.resource["Value"].value))
    else:
        yield from _unproven_id(image)


def _parameter_name(image: Node) -> str | None:
    """Return the SSM parameter that holds the image id, perhaps with a version or label: `name:3`."""
    value = image.value
    if isinstance(value, SsmParameter):
        return value.name.strip()
    if isinstance(value, Dynamic):
        return value.key.strip() if value.service == "ssm" else None
    if isinstance(value, str) and value.strip().startswith(_AT_LAUNCH):
        return value.strip().removeprefix(_AT_LAUNCH)
    return None


def _unproven_parameter(image: Node, parameter: str) -> Iterator[Result]:
    assembly = image.stack.assembly
    accepted = assembly.settings.image.ssm_parameters
    without, _, selector = parameter.rpartition(":")
    name = next((name for name in (parameter, without) if name in accepted), None)
    if name is None:
        yield image.violation(
            f"The image comes from the SSM parameter {parameter}, which the settings do not name."
        )
        return
    if name == without and selector.strip().isdigit():
        yield image.violation(
            f"Version {selector.strip()} of the SSM parameter {name} stays when a newer image is built.",
            fix=f"Leave out the version: `{name}`.",
        )
        return
    # If the app itself writes the parameter, its name in the settings proves nothing: judge what it writes.
    for written in assembly.index(_name, _PARAMETER)[name]:
        yield from _unproven_id(image.holding(written["Value"].value))


def _name(parameter: Resource) -> Iterator[str]:
    name = parameter["Name"].text()
    if name:
        yield name


def _unproven_id(image: Node) -> Iterator[Result]:
    assembly = image.stack.assembly
    image_id = image.text()
    known: _Known = assembly.cached(_Known.of)
    if image_id in known.proven:
        return
    if image_id in known.pending:
        yield unrecorded(image, f"The image is the placeholder {image_id}: its lookup is not recorded yet.")
        return
    owner = "" if assembly.settings.image.owners else f" {_NO_OWNER}"
    yield image.violation(
        f"The image is {image.shown}, and no recorded lookup says that it is the baseline image.{owner}"
    )


@dataclass(frozen=True)
class _Known:
    """Images that the lookups of an assembly found or still await.

    Args:
        proven: Ids that were found as the baseline image.
        pending: Placeholders for the baseline image until it is looked up.
    """

    proven: frozenset[str]
    pending: frozenset[str]

    @classmethod
    def of(cls, assembly: Assembly) -> _Known:
        settings = assembly.settings.image
        proven = {
            found
            for key, found in assembly.lookups.recorded.items()
            if isinstance(found, str) and _was_of_parameter(key, settings)
        }
        proven |= {
            record.image_id
            for record in image_records(assembly.lookups.recorded)
            if record.is_of_baseline(settings)
        }
        pending = (_placeholders(entry, settings) for entry in assembly.lookups.missing)
        return cls(frozenset(proven), frozenset().union(*pending))


def _was_of_parameter(key: str, settings: ImageSettings) -> bool:
    """Return whether a lookup asked for an SSM parameter that the settings name, by its context key."""
    properties = properties_of(key)
    return key.startswith("ssm:") and properties.get("parameterName") in settings.ssm_parameters


def _placeholders(missing: Mapping[str, Any], settings: ImageSettings) -> frozenset[str]:
    """Return the placeholders for the baseline image in an entry of the manifest's `missing`."""
    match missing:
        case {"provider": "ami", "props": {"filters": {"name": [*_]} as filters, "owners": [*owners]}}:
            return PLACEHOLDERS if is_baseline(filters, owners, settings) else frozenset()
        case {"provider": "ssm", "props": {"parameterName": str(name)}} if name in settings.ssm_parameters:
            return frozenset({f"dummy-value-for-{name}"})
    return frozenset()
