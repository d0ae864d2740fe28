"""`Release`: the file of a service that its instances fetch from a bucket at boot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from aws_cdk import aws_s3 as s3

from tts_constructs.arguments import checked, refuse
from tts_constructs.constructs.bucket import TtsBucket

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MISREAD = re.compile(r"[*?$\\\x00-\x1f\x7f]")
"""Characters that an IAM policy reads otherwise, or that can't be in a key."""


@checked
@dataclass(frozen=True)
class Release:
    """A release that instances fetch from S3 at boot. Make one with `Release.from_bucket`.

    Instances put it into the folder `Release.FOLDER`, owned by root and readable for everybody. An archive is
    unpacked there. Any other file keeps its name and is executable. The service's `user_data` runs after that
    and starts it.

    Attributes:
        FOLDER: `/opt/tts/release`.
    """

    FOLDER: ClassVar[str] = "/opt/tts/release"

    bucket: s3.IBucket
    key: str
    sha256: str

    @staticmethod
    @checked(values=True)
    def from_bucket(bucket: s3.IBucket | TtsBucket, key: str, *, sha256: str) -> Release:
        """Names a release in a bucket.

        Args:
            bucket: The bucket. The release must be in it before instances start, so deploy the bucket first,
                in a stack of its own. Import one with `TtsBucket.from_bucket_name(..., encryption_key=...)`;
                without its key, instances can't decrypt the release.
            key: Key of the object, such as `web-1.4.0.tar.gz`. An object whose key ends with `.tar`,
                `.tar.gz`, `.tgz`, `.tar.xz` or `.tar.bz2` is an archive.
            sha256: SHA-256 digest of the object as `sha256sum` prints it: 64 hexadecimal digits. Instances
                accept nothing else. Another digest changes the user data, so a deployment replaces the
                instances.

        Raises:
            InvalidArgumentError: An argument is wrong. The message lists all faults.
        """
        refuse("Release.from_bucket", [*_key_faults(key), *_digest_faults(sha256)])
        return Release(bucket.bucket if isinstance(bucket, TtsBucket) else bucket, key, sha256.lower())

    @property
    def is_archive(self) -> bool:
        """True if instances unpack it."""
        return self.key.endswith(_ARCHIVES)


def _key_faults(key: str) -> Iterator[str]:
    if not key:
        yield "key is empty; write the key of the object, such as 'web-1.4.0.tar.gz'"
    elif key.startswith("/") or key.endswith("/"):
        yield f"key={key!r} begins or ends with a slash; write {key.strip('/')!r}"
    elif found := _MISREAD.search(key):
        yield (
            f"key={key!r} contains {found[0]!r}, which an IAM policy doesn't take literally; "
            "give the object another key"
        )
    elif key.endswith(".zip"):
        yield f"key={key!r} is a ZIP file, which loses permissions of files; pack the release as .tar.gz"


def _digest_faults(sha256: str) -> Iterator[str]:
    if not _SHA256.fullmatch(sha256.lower()):
        yield f"sha256={sha256!r} is not a digest; write the 64 hexadecimal digits that `sha256sum` prints"
