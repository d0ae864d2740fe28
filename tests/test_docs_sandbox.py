"""The command of docs/how-to/sandbox.md that empties a bucket, against an S3 that answers."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

PAGE = (Path(__file__).parents[1] / "docs/how-to/sandbox.md").read_text(encoding="utf-8")


def test_the_command_deletes_a_bucket_with_all_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = re.findall(r"^python -c .*$", PAGE, re.MULTILINE)
    _, _, code, bucket = shlex.split(line)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=bucket.lower())
        s3.put_bucket_versioning(Bucket=bucket.lower(), VersioningConfiguration={"Status": "Enabled"})
        for _ in range(2):
            s3.put_object(Bucket=bucket.lower(), Key="form", Body=b"data")
        s3.delete_object(Bucket=bucket.lower(), Key="form")
        monkeypatch.setattr(sys, "argv", ["-c", bucket.lower()])
        exec(compile(code, "sandbox.md", "exec"), {})  # noqa: S102 - what the page tells people to type
        assert s3.list_buckets()["Buckets"] == []
