"""Finds the bucket that a name, an ARN, or a domain name refers to."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tts_constructs.policy.aws.bucket_policies import BUCKET
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import ABSENT, Reference, Text, Value


@dataclass(frozen=True, slots=True)
class Pattern:
    """Buckets whose name matches an `fnmatch` pattern. `unknown`: `*` marks parts that are not known."""

    glob: str
    unknown: bool = False

    def fits(self, bucket: Resource) -> bool | None:
        """Return whether a bucket's name matches, or None if it cannot be decided before deployment."""
        name = bucket["BucketName"].value
        if name is ABSENT and bucket.stack.stack_name:  # the name that CloudFormation would generate
            name = f"{bucket.stack.stack_name}-{bucket.logical_id}-0123456789ab".lower()
        if isinstance(name, str):
            arn = f"arn:{bucket.stack.partition or 'aws'}:s3:::{name}/"
            possible = fnmatchcase(name, self.glob) or fnmatchcase(arn, self.glob)
            return possible and (None if self.unknown else True)
        return True if self.glob == "*" and not self.unknown else None


ANYTHING = Pattern("*", unknown=True)
"""Matches any bucket."""

_ENDPOINT = re.compile(r"\.s3([.-][a-z0-9-]+)*\.amazonaws\.com$")
_REFERRED = "\0"


def bucket_named(value: Value) -> Resource | str | Pattern:
    """Return the bucket that a value refers to by its name, ARN, object ARN, or domain name.

    Args:
        value: A folded value.

    Returns:
        A bucket of the app, the name of a bucket, or a pattern for names.
    """
    name, unknown, bucket = "", False, None
    for part in value.parts if isinstance(value, Text) else (value,):
        if isinstance(part, Reference) and part.resource.type == BUCKET:
            name, bucket = name + _REFERRED, part.resource
        elif isinstance(part, str):
            _, arn, rest = part.rpartition(":::")
            # Partition and service do not identify the bucket, known or not.
            name, unknown = (rest, False) if arn else (name + rest, unknown)
        elif part is value and isinstance(part, Reference) and not _can_name_a_bucket(part.resource):
            return ""
        else:
            name, unknown = name + "*", True
        if "/" in name:
            break
    name = _ENDPOINT.sub("", name.partition("/")[0].strip())
    if bucket and name == _REFERRED:
        return bucket
    unknown = unknown or _REFERRED in name
    name = name.replace(_REFERRED, "*")
    return Pattern(name.replace("[", "[[]"), unknown) if unknown or "*" in name or "?" in name else name


def _can_name_a_bucket(resource: Resource) -> bool:
    """Return whether an attribute of a resource that is not a bucket can be a bucket's name or ARN."""
    return resource.type.startswith(("Custom::", "AWS::CloudFormation::", "AWS::SSM::"))


def keys_of(bucket: Resource) -> Iterator[Hashable]:
    """Yield the keys under which an index finds references to a bucket; see `keys_named`."""
    yield bucket
    name = bucket["BucketName"]
    if isinstance(name.value, str):
        yield name.value.strip()
    elif isinstance(name.value, Text):
        yield name.stack, name.value


def keys_named(node: Node) -> Iterator[Hashable]:
    """Yield the keys of the bucket that a node refers to; nothing if the node is absent."""
    if node.exists:
        yield bucket_named(node.value)
    if isinstance(node.value, Text):  # a text with unknown parts is comparable only within a stack
        yield node.stack, node.value
