"""Buckets and their policies, anywhere in the app."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from fnmatch import fnmatchcase

from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.model.values import Reference, Text, Unknown, Value, is_one_value

BUCKET = "AWS::S3::Bucket"
BUCKET_POLICY = "AWS::S3::BucketPolicy"

ANY_KEY = "any key whatever, such as nobody writes into a policy"
"""Key of an object that only a pattern for all objects matches."""


def policies_of(bucket: Resource) -> list[Resource]:
    """Return the policies that name a bucket by reference or name, and exist whenever it does.

    Stages can hold the same stacks; then only the policies in the bucket's stage count.
    """
    policies = bucket.stack.assembly.index(_bucket_named, BUCKET_POLICY)
    keys = (bucket, bucket["BucketName"].name_key())
    beside = [policy for key in keys for policy in policies[bucket.stack.stage, key]]
    found = dict.fromkeys(beside or [policy for key in keys for policy in policies[key]])
    return [policy for policy in found if policy.exists_whenever(bucket)]


def undecided_policies(bucket: Resource) -> list[Resource]:
    """Return the bucket policies of the app that may or may not belong to this bucket."""
    return bucket.stack.assembly.cached(_undecided)


def _undecided(assembly: Assembly) -> list[Resource]:
    policies = assembly.index(_bucket_named, BUCKET_POLICY)
    buckets = assembly.index(_bucket_name, BUCKET)
    return policies.undecided + [
        policy
        for policy in assembly.index(_open_name, BUCKET_POLICY)[True]
        if policy not in policies.undecided and policy["Bucket"].name_key() not in buckets
    ]


def _open_name(policy: Resource) -> Iterator[bool]:
    yield isinstance(policy["Bucket"].name_key(), tuple)  # a text with parts that are not known


def _bucket_name(bucket: Resource) -> Iterator[Hashable]:
    yield bucket["BucketName"].name_key()


def names(resource: Value, bucket: Resource, key: str = "", *, stack: Stack | None = None) -> bool | None:
    """Return whether a value at `Resource` in a statement names a bucket or an object in it.

    Args:
        resource: A folded value, such as one of `Statement.resources`.
        bucket: The bucket.
        key: Key of an object; empty: the bucket itself.
        stack: The stack that holds the statement; None: the bucket's.

    Returns:
        None if it cannot be decided before deployment.
    """
    name = bucket["BucketName"].value
    letters = _Letters()
    called = letters.spelled(name if isinstance(name, str | Text | Unknown) else "", bucket, bucket.stack)
    called_so = {_PLACEHOLDER, called} - {""}
    own = "".join(called_so)
    pattern = letters.spelled(resource, bucket, stack or bucket.stack, own).replace("[", "[[]")
    suffix = f"/{key}" if key else ""
    if any(fnmatchcase(one + suffix, pattern) for one in called_so):
        return True
    wider = _OPEN.sub(lambda letter: letter[0] if letter[0] in own else "*", pattern)
    if any(fnmatchcase(one + suffix, wider) for one in called_so):
        return None
    stays = all(letter in pattern for letter in _OPEN.findall(called))
    return False if stays or not may_meet(_OPEN.sub("*", called + suffix), _OPEN.sub("*", pattern)) else None


_PLACEHOLDER = "<bucket>"
"""Placeholder for the bucket's name where a statement refers to it."""

_ELSEWHERE = "<elsewhere>"
"""Placeholder for the name of any other resource."""

_FIRST = 0xF0000
_OPEN = re.compile("[\U000f0000-\U000ffffd]")
"""Letters for parts that are not known, in characters that no name has."""


class _Letters:
    """Gives each part of texts that is not known a letter; equal expressions in one stack have the same."""

    def __init__(self) -> None:
        self._letters: dict[Hashable, str] = {}

    def spelled(self, value: Value, bucket: Resource, stack: Stack, own: str = "") -> str:
        """Return the name and key in an ARN or a name.

        Args:
            value: A folded value.
            bucket: The bucket that references are compared with.
            stack: The stack that states the value.
            own: The bucket's name, spelled; a resource that is not part of it is one elsewhere.
        """
        spelled = ""
        for part in value.parts if isinstance(value, Text) else (value,):
            if isinstance(part, str):
                _, arn, rest = part.rpartition(":::")
                spelled = rest if arn else spelled + rest  # partition and service identify no bucket
            elif isinstance(part, Reference) and part.resource is bucket:
                spelled += _PLACEHOLDER
            elif isinstance(part, Reference) and own and self._letter((stack, part)) not in own:
                spelled += _ELSEWHERE
            else:
                spelled += self._letter((stack, part) if is_one_value(part) else object())
        return spelled

    def _letter(self, part: Hashable) -> str:
        return self._letters.setdefault(part, chr(_FIRST + len(self._letters) % 0xFFFE))


def may_meet(one: str, other: str) -> bool:
    """Return whether one text may match two `fnmatch` patterns, by how they begin and end.

    At least one of them has a wildcard.
    """
    begins = [_WILD.split(pattern)[0] for pattern in (one, other)]
    ends = [_WILD.split(pattern)[-1] for pattern in (one, other)]
    return (begins[0].startswith(begins[1]) or begins[1].startswith(begins[0])) and (
        ends[0].endswith(ends[1]) or ends[1].endswith(ends[0])
    )


_WILD = re.compile(r"[*?[]")


def _bucket_named(policy: Resource) -> Iterator[Hashable]:
    named = policy["Bucket"].identity()
    yield named
    yield policy.stack.stage, named
