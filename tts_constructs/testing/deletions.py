"""Reads from a template if its resources are kept, refused, or deleted on deletion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tts_constructs.testing.template_changes import MISSING, value_at

_SWITCHES = (
    "DeleteProtection",
    "DeletionProtection",
    "DeletionProtectionEnabled",
    "DisableApiTermination",
    "Replicas/*/DeletionProtectionEnabled",
)
"""Properties that protect a resource of some type from its deletion."""

_OFF = ("false", "none", "inactive")
_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_SNAPSHOT_BY_DEFAULT = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")


def policy(resource: Mapping[str, Any], *, replaced: bool) -> str:
    """Returns what CloudFormation does with the old resource: `Delete`, `Retain`, or `Snapshot`.

    Args:
        resource: A resource of a template.
        replaced: Whether another one takes its place; else it is removed.
    """
    stated = resource.get("UpdateReplacePolicy" if replaced else "DeletionPolicy")
    if stated is None:
        kind, properties = resource.get("Type"), resource.get("Properties") or {}
        alone = kind in _SNAPSHOT_BY_DEFAULT and "DBClusterIdentifier" not in properties
        return "Snapshot" if not replaced and (kind == _SNAPSHOT_BY_DEFAULT[0] or alone) else "Delete"
    return "Retain" if stated == "RetainExceptOnCreate" else str(stated)


def obstacles(
    logical_id: str, resource: Mapping[str, Any], template: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    """Yields why AWS refuses to delete a resource, and whether that is sure.

    Args:
        logical_id: Its logical id.
        resource: The resource, as it is deployed.
        template: The template that it is deployed by.
    """
    kind, properties = resource.get("Type"), resource.get("Properties") or {}
    for place, value in _protections(kind, properties):
        if isinstance(value, Mapping | list):
            yield f"AWS refuses to delete it if {place} is on, which the template does not decide", False
        elif str(value).lower() not in _OFF:
            yield f"AWS refuses to delete it while {place} is on", True
    if kind == "AWS::S3::Bucket" and not _is_emptied(logical_id, template):
        yield "AWS refuses to delete it unless it is empty", False
    if kind == "AWS::ECR::Repository" and str(properties.get("EmptyOnDelete")).lower() != "true":
        yield "AWS refuses to delete it unless it is empty", False


def _protections(kind: Any, properties: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for path in _SWITCHES:
        value = value_at(properties, path)
        for switch in value if isinstance(value, list) and "*" in path else [value]:
            if switch is not MISSING:
                yield path.rpartition("/")[2], switch
    if kind == _BALANCER:
        attributes = properties.get("LoadBalancerAttributes")
        for attribute in attributes if isinstance(attributes, list) else ():
            if isinstance(attribute, Mapping) and attribute.get("Key") == "deletion_protection.enabled":
                yield "deletion_protection.enabled", attribute.get("Value")


def _is_emptied(logical_id: str, template: Mapping[str, Any]) -> bool:
    """Returns whether the CDK's custom resource empties a bucket before its deletion."""
    return any(
        one.get("Type") == "Custom::S3AutoDeleteObjects"
        and (one.get("Properties") or {}).get("BucketName") == {"Ref": logical_id}
        for one in (template.get("Resources") or {}).values()
    )
