"""Buckets and their policies, anywhere in the app."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from fnmatch import fnmatchcase

from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Value

BUCKET = "AWS::S3::Bucket"
BUCKET_POLICY = "AWS::S3::BucketPolicy"

ANY_KEY = "any key whatever, such as nobody writes into a policy"
"""Key of an object that only a pattern for all objects matches."""


def policies_of(bucket: Resource) -> list[Resource]:
    """Return the policies that name a bucket by reference or name, and exist whenever it does."""
    policies = bucket.stack.assembly.index(_bucket_named, BUCKET_POLICY)
    keys: list[Hashable] = [bucket, *_names(bucket["BucketName"])]
    found = {policy: None for key in keys for policy in policies[key]}
    return [policy for policy in found if policy.exists_whenever(bucket)]


def undecided_policies(bucket: Resource) -> list[Resource]:
    """Return the bucket policies of the app that may or may not belong to this bucket."""
    return bucket.stack.assembly.index(_bucket_named, BUCKET_POLICY).undecided


def names(resource: Value, bucket: Resource, key: str = "") -> bool | None:
    """Return whether a value at `Resource` in a statement names a bucket or an object in it.

    Args:
        resource: A folded value, such as one of `Statement.resources`.
        bucket: The bucket.
        key: Key of an object; empty: the bucket itself.

    Returns:
        None if it cannot be decided before deployment.
    """
    parts = resource.parts if isinstance(resource, Text) else (resource,)
    pattern = _without_arn(parts, bucket)
    if pattern is None:
        return None
    suffix = f"/{key}" if key else ""
    return fnmatchcase(_PLACEHOLDER + suffix, pattern) or any(
        fnmatchcase(name + suffix, pattern) for name in _names(bucket["BucketName"]) if isinstance(name, str)
    )


_PLACEHOLDER = "<bucket>"
"""Placeholder for the bucket's name where a statement refers to it."""

_ELSEWHERE = "<elsewhere>"
"""Placeholder for the name of any other resource."""


def _without_arn(parts: tuple[Value, ...], bucket: Resource) -> str | None:
    """Return the name and key in an ARN as an `fnmatch` pattern, or None if a part of them is not known."""
    rendered = ""
    unknown = False
    for part in parts:
        if isinstance(part, Reference):
            rendered += _PLACEHOLDER if part.resource is bucket else _ELSEWHERE
        elif isinstance(part, str):
            _, arn, rest = part.rpartition(":::")
            if arn:  # partition and service do not identify the bucket, known or not
                rendered, unknown = rest, False
            else:
                rendered += rest
        else:
            unknown = True
    return None if unknown else rendered.replace("[", "[[]")


def _bucket_named(policy: Resource) -> Iterator[Hashable]:
    node = policy["Bucket"]
    reference = node.reference()
    if reference:
        yield reference.resource
    else:
        yield from _names(node)


def _names(node: Node) -> Iterator[Hashable]:
    """Yield a bucket's name: a text or, within one stack, a text with unknown parts."""
    value = node.value
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, Text):
        yield node.stack, value
