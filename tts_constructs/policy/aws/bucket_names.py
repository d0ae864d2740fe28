"""Which bucket a name, an ARN or a domain name speaks of."""

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
    """Buckets whose name fits a pattern of `fnmatch`; `unknown`: what is not known in it stands as `*`."""

    glob: str
    unknown: bool = False

    def fits(self, bucket: Resource) -> bool | None:
        """Whether a bucket's name fits; None where it cannot be decided before deployment."""
        name = bucket["BucketName"].value
        if name is ABSENT and bucket.stack.stack_name:  # as CloudFormation makes it up
            name = f"{bucket.stack.stack_name}-{bucket.logical_id}-0123456789ab".lower()
        if isinstance(name, str):
            arn = f"arn:{bucket.stack.partition or 'aws'}:s3:::{name}/"
            possible = fnmatchcase(name, self.glob) or fnmatchcase(arn, self.glob)
            return possible and (None if self.unknown else True)
        return True if self.glob == "*" and not self.unknown else None


ANYTHING = Pattern("*", unknown=True)
"""What can be any bucket."""

_ENDPOINT = re.compile(r"\.s3([.-][a-z0-9-]+)*\.amazonaws\.com$")
_REFERRED = "\0"


def bucket_named(value: Value) -> Resource | str | Pattern:
    """The bucket that a value speaks of: its name, its ARN, the ARN of objects of it, or its domain name.

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
            # Partition and service, known or not, say nothing of the bucket.
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
    """Whether an attribute of a resource that is no bucket can be the name or ARN of one."""
    return resource.type.startswith(("Custom::", "AWS::CloudFormation::", "AWS::SSM::"))


def keys_of(bucket: Resource) -> Iterator[Hashable]:
    """The keys by which an index finds what speaks of a bucket; see `keys_named`."""
    yield bucket
    name = bucket["BucketName"]
    if isinstance(name.value, str):
        yield name.value.strip()
    elif isinstance(name.value, Text):
        yield name.stack, name.value


def keys_named(node: Node) -> Iterator[Hashable]:
    """The keys of the bucket that a node speaks of; none where nothing stands."""
    if node.exists:
        yield bucket_named(node.value)
    if isinstance(node.value, Text):  # with parts that are not known: the same text within a stack
        yield node.stack, node.value
