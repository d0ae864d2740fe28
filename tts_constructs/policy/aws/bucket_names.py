"""Finds the bucket that a name, an ARN, or a domain name refers to."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tts_constructs.policy.aws.bucket_policies import BUCKET, may_meet
from tts_constructs.policy.aws.cross_region import as_exported
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.model.values import ABSENT, Reference, Text, Unknown, Value, concatenate, name_key


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
        if isinstance(name, str | Text):
            spelled = "".join(part if isinstance(part, str) else _SOME for part in _parts(name))
            arn = f"arn:{bucket.stack.partition or 'aws'}:s3:::{spelled}/"
            if fnmatchcase(spelled, self.glob) or fnmatchcase(arn, self.glob):
                return None if self.unknown else True
            return None if _SOME in spelled and may_meet(spelled.replace(_SOME, "*"), self.glob) else False
        return True if self.glob == "*" and not self.unknown else None


ANYTHING = Pattern("*", unknown=True)
"""Matches any bucket."""

_SOME = "\U000f0000"
"""Marks a part of a name that is not known, with a character that no name has."""

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
    for part in _parts(value):
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


def _parts(value: Value) -> tuple[Value, ...]:
    parts = value.parts if isinstance(value, Text) else (value,)
    return tuple(as_exported(part) for part in parts)


def _can_name_a_bucket(resource: Resource) -> bool:
    """Return whether an attribute of a resource that is not a bucket can be a bucket's name or ARN."""
    return resource.type.startswith(("Custom::", "AWS::CloudFormation::", "AWS::SSM::"))


def keys_of(bucket: Resource) -> Iterator[Hashable]:
    """Yield the keys under which an index finds references to a bucket; see `keys_named`."""
    yield bucket
    if key := bucket["BucketName"].name_key():
        yield key


def keys_named(node: Node) -> Iterator[Hashable]:
    """Yield the keys of the bucket that a node refers to; nothing if the node is absent."""
    if node.exists:
        yield bucket_named(node.value)
        if key := spelled_key(node.value, node.resource.stack):
            yield key


def spelled_key(value: Value, stack: Stack) -> Hashable:
    """Return the key of the bucket in a name, ARN or domain name with unknown parts; None for any other."""
    if not isinstance(value, Text | Unknown):
        return None
    pieces: list[Value] = []
    for part in _parts(value):
        if not isinstance(part, str):
            pieces.append(part)
            continue
        _, arn, rest = part.rpartition(":::")
        name, slash, _ = rest.partition("/")
        pieces = [name] if arn else [*pieces, name]
        if slash:
            break
    if isinstance(pieces[-1], str):
        pieces[-1] = _ENDPOINT.sub("", pieces[-1])
    return name_key(concatenate(pieces), stack)
