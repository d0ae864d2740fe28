"""The program that fetches a release and secrets at boot, against AWS's examples and moto."""

from __future__ import annotations

import ast
import hashlib
import http.client
import io
import json
import os
import runpy
import stat
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
import requests
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from tts_constructs.constructs.asg_service.instance_files import fetch

REGION = "us-west-2"
KEY = "web/web 1.4.0+é.tar.gz"

# Signatures that AWS published

SUITE_KEYS = {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
SUITE_HEADERS = {"Host": "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z"}
SUITE_SESSION = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflf"
    "KD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd"
    "8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3i"
    "SIlTJabIQwj2ICCR/oLxBA=="
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UNRESERVED = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "signature"),
    [
        pytest.param(
            "GET",
            "/",
            {},
            b"",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            id="get-vanilla",
        ),
        pytest.param(
            "POST",
            "/",
            {},
            b"",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            id="post-vanilla",
        ),
        pytest.param(
            "GET",
            "/",
            {"My-Header1": " value1", "My-Header2": ' "a   b   c"'},
            b"",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            id="get-header-value-trim",
        ),
        pytest.param(
            "POST",
            "/",
            {"My-Header1": "VALUE1"},
            b"",
            "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
            id="post-header-value-case",
        ),
        pytest.param(
            "GET",
            "/%E1%88%B4",
            {},
            b"",
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
            id="get-utf8",
        ),
        pytest.param(
            "GET",
            UNRESERVED,
            {},
            b"",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
            id="get-unreserved",
        ),
        pytest.param(
            "GET",
            "/example%20space/",
            {},
            b"",
            "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
            id="get-space-normalized",
        ),
        pytest.param(
            "POST",
            "/",
            FORM,
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            id="post-x-www-form-urlencoded",
        ),
        pytest.param(
            "POST",
            "/",
            {"X-Amz-Security-Token": SUITE_SESSION},
            b"",
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            id="post-sts-header-before",
        ),
    ],
)
def test_it_signs_as_the_test_suite_of_aws_does(
    method: str, path: str, headers: dict[str, str], body: bytes, signature: str
) -> None:
    # https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite/v4
    digest = hashlib.sha256(body).hexdigest()
    signed = fetch.authorization(
        method, path, SUITE_HEADERS | headers, digest, SUITE_KEYS, "us-east-1", "service"
    )
    names = ";".join(sorted(name.lower() for name in SUITE_HEADERS | headers))
    assert signed == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={names}, Signature={signature}"
    )


def test_it_signs_as_the_documentation_of_s3_does() -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "Example: GET Object"
    nothing = hashlib.sha256().hexdigest()
    headers = {
        "Host": "examplebucket.s3.amazonaws.com",
        "Range": "bytes=0-9",
        "x-amz-content-sha256": nothing,
        "x-amz-date": "20130524T000000Z",
    }
    keys = {
        "AccessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }
    signed = fetch.authorization("GET", "/test.txt", headers, nothing, keys, "us-east-1", "s3")
    assert signed.endswith("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")


KEYS_OF_S3 = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


@given(key=KEYS_OF_S3, body=st.binary(max_size=60), service=st.sampled_from(["s3", "ssm"]))
def test_it_signs_as_botocore_does(key: str, body: bytes, service: str) -> None:
    path = f"/{quote(key)}" if service == "s3" else "/"
    digest = hashlib.sha256(body).hexdigest()
    request = AWSRequest("POST", f"https://host.example.gov{path}", {"x-amz-target": "T"}, body)
    signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(
        Credentials("ID", "key", "a/token=="), service, REGION
    )
    signer.add_auth(request)
    headers = {name: value for name, value in request.headers.items() if name != "Authorization"}
    headers["Host"] = "host.example.gov"
    keys = {"AccessKeyId": "ID", "SecretAccessKey": "key"}
    signed = fetch.authorization("POST", path, headers, digest, keys, REGION, service)
    assert signed == request.headers["Authorization"]


# moto


class Handler(BaseHTTPRequestHandler):
    """Answers on the loopback as `answer` says."""

    protocol_version = "HTTP/1.1"
    answer: Callable[[BaseHTTPRequestHandler, bytes], tuple[int, dict[str, str], bytes]]

    def do_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        status, headers, answer = type(self).answer(self, body)
        self.send_response(status)
        for name, value in ({"content-length": str(len(answer))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_any  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def forward(request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Asks moto, which answers to requests to AWS's hosts in this process."""
    address = f"https://{request.headers['host']}{request.path}"
    answer = requests.request(request.command, address, headers=dict(request.headers), data=body, timeout=9)
    return answer.status_code, {}, answer.content


class Instance:
    """An instance whose role is allowed what a test says. `log` holds what it asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.keys: dict[str, str] = {}
        self.log: list[str] = []
        self.trouble: list[tuple[int, dict[str, str], bytes]] = []

    def metadata(self, request: BaseHTTPRequestHandler, _: bytes) -> tuple[int, dict[str, str], bytes]:
        """Answers as IMDSv2 does: to nobody without a token of its own."""
        self.log.append(f"{request.command} {request.path}")
        if (request.command, request.path) == ("PUT", "/latest/api/token"):
            lifetime = request.headers["X-aws-ec2-metadata-token-ttl-seconds"]
            return (200, {}, b"a-token") if 1 <= int(lifetime) <= 21600 else (400, {}, b"")
        if request.headers["X-aws-ec2-metadata-token"] != "a-token":
            return 401, {}, b""
        folder = "/latest/meta-data/iam/security-credentials/"
        known = {folder: "web-role", f"{folder}web-role": json.dumps(self.keys)}
        return (200, {}, known[request.path].encode()) if request.path in known else (404, {}, b"")

    def aws(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Answers as AWS does, after the trouble that a test asked for."""
        self.log.append(f"{request.command} https://{request.headers['host']}{request.path}")
        return self.trouble.pop(0) if self.trouble else forward(request, body)

    def connect(self, servers: dict[str, int]) -> None:
        """Leads the program to servers on the loopback instead of IMDS and AWS."""
        plain = http.client.HTTPConnection

        def to_metadata(host: str, timeout: float) -> http.client.HTTPConnection:
            assert host == "169.254.169.254"
            return plain("127.0.0.1", servers["metadata"], timeout=timeout)

        def to_aws(host: str, timeout: float) -> http.client.HTTPConnection:
            assert host.endswith(f".{REGION}.amazonaws.com")
            return plain("127.0.0.1", servers["aws"], timeout=timeout)

        self._monkeypatch.setattr(http.client, "HTTPConnection", to_metadata)
        self._monkeypatch.setattr(http.client, "HTTPSConnection", to_aws)


def allowed(*statements: tuple[str, str]) -> str:
    """A policy that allows an action with a resource in each statement."""
    rows = [{"Effect": "Allow", "Action": action, "Resource": arn} for action, arn in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": rows})


EVERYTHING = allowed(*((f"{name}:*", "*") for name in ("s3", "secretsmanager", "ssm")))


@pytest.fixture(scope="module", autouse=True)
def aws() -> Iterator[None]:
    """An AWS in this process, for all tests: clients take longer to make than what they do."""
    with mock_aws():
        yield
    client.cache_clear()


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """An instance beside an AWS that checks signatures and policies."""
    monkeypatch.setattr(fetch, "WAITS", (0, 0))
    made = Instance(monkeypatch)
    servers = [
        ThreadingHTTPServer(("127.0.0.1", 0), type(name, (Handler,), {"answer": staticmethod(answer)}))
        for name, answer in (("Metadata", made.metadata), ("Aws", made.aws))
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    made.connect({"metadata": servers[0].server_port, "aws": servers[1].server_port})
    yield made
    requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=9)
    for server in servers:
        server.shutdown()
        server.server_close()


@cache
def client(service: str) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}  # moto takes any
    return boto3.client(service, region_name=REGION, **keys)


def run(instance: Instance, policy: str, act: Callable[[], None]) -> None:
    """Acts as a role with a policy, before an AWS that refuses a wrong signature and what isn't allowed."""
    iam = client("iam")
    role = iam.create_role(RoleName="web-role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.put_role_policy(RoleName="web-role", PolicyName="fetch", PolicyDocument=policy)
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="i-0f15a4ea")["Credentials"]
    instance.keys = {
        "Code": "Success",
        "AccessKeyId": keys["AccessKeyId"],
        "SecretAccessKey": keys["SecretAccessKey"],
        "Token": keys["SessionToken"],
    }
    set_initial_no_auth_action_count(0)(act)()


def archive(*members: tuple[str, bytes], mode: int = 0o755) -> bytes:
    """A .tar.gz of some files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def put_release(content: bytes, bucket: str = "releases", key: str = KEY) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key=key, Body=content)


def release(content: bytes, folder: Path, **more: Any) -> Callable[[], None]:
    wanted: dict[str, Any] = {
        "bucket": "releases",
        "key": KEY,
        "region": REGION,
        "digest": hashlib.sha256(content).hexdigest(),
        "folder": str(folder),
        "unpack": True,
    }
    return lambda: fetch.fetch_release(**wanted | more)


# The release


def test_a_release_is_kept_as_it_is_in_the_bucket(instance: Instance, tmp_path: Path) -> None:
    put_release(b"a program", key="web")
    folder = tmp_path / "release"
    run(instance, EVERYTHING, release(b"a program", folder, key="web", unpack=False))
    assert [file.name for file in folder.iterdir()] == ["web"]
    assert (folder / "web").read_bytes() == b"a program"
    assert stat.S_IMODE((folder / "web").stat().st_mode) == 0o755
    assert [file.name for file in tmp_path.iterdir()] == ["release"]


@pytest.mark.parametrize(
    ("bucket", "address"),
    [
        ("releases", f"https://releases.s3.{REGION}.amazonaws.com/web"),
        ("releases.example.gov", f"https://s3.{REGION}.amazonaws.com/releases.example.gov/web"),
    ],
)
def test_the_certificate_of_s3_covers_the_host_of_each_bucket(
    bucket: str, address: str, instance: Instance, tmp_path: Path
) -> None:
    put_release(b"a program", bucket, key="web")
    wanted = {"bucket": bucket, "key": "web", "unpack": False}
    run(instance, EVERYTHING, release(b"a program", tmp_path / "release", **wanted))
    assert instance.log[-1] == f"GET {address}"
    assert (tmp_path / "release/web").read_bytes() == b"a program"


def test_a_key_may_have_any_letters(instance: Instance, tmp_path: Path) -> None:
    put_release(b"a program")
    run(instance, EVERYTHING, release(b"a program", tmp_path / "release", unpack=False))
    assert (tmp_path / "release" / Path(KEY).name).read_bytes() == b"a program"


def test_the_role_needs_no_more_than_to_get_that_object(instance: Instance, tmp_path: Path) -> None:
    put_release(b"a program", key="web")
    policy = allowed(("s3:GetObject", "arn:aws:s3:::releases/web"))
    run(instance, policy, release(b"a program", tmp_path / "release", key="web", unpack=False))
    assert (tmp_path / "release/web").exists()


def test_a_role_that_may_not_read_the_release_ends_the_boot(
    instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_release(b"a program", key="web")
    policy = allowed(("s3:GetObject", "arn:aws:s3:::releases/api"))
    with pytest.raises(SystemExit, match=r"release s3://releases/web: not fetched after 3 tries"):
        run(instance, policy, release(b"a program", tmp_path / "release", key="web"))
    assert (
        capsys.readouterr().err.splitlines() == ["tts: release s3://releases/web: HTTP 403 AccessDenied"] * 3
    )
    assert list(tmp_path.iterdir()) == []


def test_another_secret_key_is_refused(instance: Instance, tmp_path: Path) -> None:
    put_release(b"a program", key="web")

    def act() -> None:
        instance.keys["SecretAccessKey"] = "another"
        release(b"a program", tmp_path / "release", key="web")()

    with pytest.raises(SystemExit):
        run(instance, EVERYTHING, act)


def test_a_release_of_another_digest_ends_the_boot_at_once(instance: Instance, tmp_path: Path) -> None:
    put_release(b"another program", key="web")
    with pytest.raises(SystemExit, match=r"its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}"):
        run(instance, EVERYTHING, release(b"a program", tmp_path / "release", key="web"))
    assert list(tmp_path.iterdir()) == []
    assert sum("s3." in line for line in instance.log) == 1


def test_a_missing_release_ends_the_boot(
    instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_release(b"a program", key="web")
    with pytest.raises(SystemExit):
        run(instance, EVERYTHING, release(b"a program", tmp_path / "release", key="api"))
    assert "tts: release s3://releases/api: HTTP 404 NoSuchKey" in capsys.readouterr().err


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param((503, {}, b"<Error><Code>SlowDown</Code></Error>"), id="slow down"),
        pytest.param((500, {}, b""), id="no answer"),
        pytest.param((200, {"content-length": "9", "connection": "close"}, b"a pro"), id="cut off"),
    ],
)
def test_it_tries_again(
    trouble: tuple[int, dict[str, str], bytes], instance: Instance, tmp_path: Path
) -> None:
    put_release(b"a program", key="web")
    instance.trouble = [trouble]
    run(instance, EVERYTHING, release(b"a program", tmp_path / "release", key="web", unpack=False))
    assert (tmp_path / "release/web").read_bytes() == b"a program"


def test_it_waits_twice_as_long_before_each_try(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)

    def act() -> None:
        raise TimeoutError

    with pytest.raises(SystemExit, match="after 7 tries"):
        fetch.until_done("release", act)
    assert waited == [1, 2, 4, 8, 16, 32, 0]


def test_the_hosts_of_govcloud_have_the_same_domain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []

    def send(method: str, host: str, path: str, region: str, service: str, *_: Any) -> None:
        asked.append(f"{method} {host}{path} {region} {service}")
        raise TimeoutError

    monkeypatch.setattr(fetch, "send", send)
    with pytest.raises(TimeoutError):
        fetch.download("releases", "web", "us-gov-west-1", str(tmp_path / "part"))
    with pytest.raises(TimeoutError):
        fetch.call("ssm", "us-gov-east-1", "AmazonSSM.GetParameter", {})
    assert asked == [
        "GET releases.s3.us-gov-west-1.amazonaws.com/web us-gov-west-1 s3",
        "POST ssm.us-gov-east-1.amazonaws.com/ us-gov-east-1 ssm",
    ]


@pytest.mark.slow
def test_an_archive_is_unpacked_with_its_modes(instance: Instance, tmp_path: Path) -> None:
    content = archive(("bin/web", b"#!/bin/sh"), ("web.service", b"[Unit]"), mode=0o6777)
    put_release(content)
    folder = tmp_path / "release"
    previous = os.umask(0o022)
    try:
        run(instance, EVERYTHING, release(content, folder))
    finally:
        os.umask(previous)
    assert (folder / "web.service").read_bytes() == b"[Unit]"
    assert stat.S_IMODE((folder / "bin/web").stat().st_mode) == 0o755, "nobody gets root's rights by it"
    assert [file.name for file in tmp_path.iterdir()] == ["release"]


@pytest.mark.slow
def test_a_second_run_replaces_the_release(instance: Instance, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    (folder / "old").mkdir(parents=True)
    (tmp_path / "release.new").mkdir()
    (tmp_path / "release.new/left").touch()
    content = archive(("web", b""))
    put_release(content)
    run(instance, EVERYTHING, release(content, folder))
    assert [file.name for file in folder.iterdir()] == ["web"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["../evil", "a/../../evil"])
def test_an_archive_that_leaves_its_folder_ends_the_boot(
    name: str, instance: Instance, tmp_path: Path
) -> None:
    content = archive((name, b""))
    put_release(content)
    with pytest.raises(SystemExit, match="tar can't unpack it"):
        run(instance, EVERYTHING, release(content, tmp_path / "release"))
    assert not list(tmp_path.rglob("evil"))
    assert not (tmp_path / "release").exists()


@pytest.mark.slow
def test_a_link_in_an_archive_leads_no_file_out_of_its_folder(instance: Instance, tmp_path: Path) -> None:
    packed = io.BytesIO()
    outside = tmp_path / "outside"
    outside.mkdir()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, str(outside)
        tar.addfile(link)
        tar.addfile(tarfile.TarInfo("link/evil"))
    put_release(packed.getvalue())
    with pytest.raises(SystemExit, match="tar can't unpack it"):
        run(instance, EVERYTHING, release(packed.getvalue(), tmp_path / "release"))
    assert list(outside.iterdir()) == []


@pytest.mark.slow
def test_what_is_no_archive_ends_the_boot(instance: Instance, tmp_path: Path) -> None:
    put_release(b"<html>")
    with pytest.raises(SystemExit, match="tar can't unpack it"):
        run(instance, EVERYTHING, release(b"<html>", tmp_path / "release"))


# Secrets

VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
HARD = """it's "$HOME" `id` \\n $(id) !! # ; & é
second line
"""


def secrets(file: Path, *wanted: dict[str, str]) -> Callable[[], None]:
    return lambda: fetch.fetch_secrets(str(file), [{"region": REGION} | one for one in wanted])


def managed(name: str, **more: str) -> dict[str, str]:
    return {"env": "TOKEN", "service": "secretsmanager", "name": name, **more}


def parameter(name: str) -> dict[str, str]:
    return {"env": "OTHER", "service": "ssm", "name": name}


def put_secret(value: str) -> str:
    return str(client("secretsmanager").create_secret(Name="forms/token", SecretString=value)["ARN"])


def put_parameter(value: str) -> None:
    client("ssm").put_parameter(Name="/forms/token", Value=value, Type="SecureString")


def test_secrets_are_in_a_file_that_only_root_reads(instance: Instance, tmp_path: Path) -> None:
    arn = put_secret("s3cret")
    put_parameter("0ther")
    file = tmp_path / "tts/secrets.env"
    policy = allowed(("secretsmanager:GetSecretValue", "*"), ("ssm:GetParameter", "*"))
    run(instance, policy, secrets(file, managed(arn), parameter("/forms/token")))
    assert file.read_text(encoding="utf-8") == 'TOKEN="s3cret"\nOTHER="0ther"\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert list(file.parent.iterdir()) == [file]


def test_a_second_run_replaces_the_secrets(instance: Instance, tmp_path: Path) -> None:
    arn = put_secret("new")
    file = tmp_path / "secrets.env"
    for left in (file, tmp_path / "secrets.env.new"):
        left.write_text("old")
        left.chmod(0o400)
    run(instance, EVERYTHING, secrets(file, managed(arn)))
    assert file.read_text(encoding="utf-8") == 'TOKEN="new"\n'


def test_a_secret_is_known_by_its_arn_without_the_last_characters(instance: Instance, tmp_path: Path) -> None:
    arn = put_secret("s3cret")
    run(instance, EVERYTHING, secrets(tmp_path / "secrets.env", managed(arn[:-7])))
    assert "s3cret" in (tmp_path / "secrets.env").read_text(encoding="utf-8")


@pytest.mark.parametrize(("field", "value"), [("password", "p w"), ("port", "5432"), ("tls", "true")])
def test_a_field_of_a_secret_is_its_text(field: str, value: str, instance: Instance, tmp_path: Path) -> None:
    arn = put_secret(json.dumps({"password": "p w", "port": 5432, "tls": True}))
    run(instance, EVERYTHING, secrets(tmp_path / "secrets.env", managed(arn, field=field)))
    assert (tmp_path / "secrets.env").read_text(encoding="utf-8") == f'TOKEN="{value}"\n'


@pytest.mark.parametrize("value", ["s3cret", '["s3cret"]', '{"s3cret": 1}', '"s3cret"', "7"])
def test_a_secret_without_the_field_ends_the_boot_and_no_message_quotes_it(
    value: str, instance: Instance, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arn = put_secret(value)
    with pytest.raises(SystemExit) as ended:
        run(instance, EVERYTHING, secrets(tmp_path / "secrets.env", managed(arn, field="password")))
    said = f"{ended.value}{capfd.readouterr()}"
    assert "it is no JSON object with the field password" in said
    assert "s3cret" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_binary_secret_ends_the_boot(instance: Instance, tmp_path: Path) -> None:
    arn = client("secretsmanager").create_secret(Name="forms/token", SecretBinary=b"s3cret")["ARN"]
    with pytest.raises(SystemExit, match="it is binary"):
        run(instance, EVERYTHING, secrets(tmp_path / "secrets.env", managed(arn)))


def test_a_secret_with_a_null_character_ends_the_boot(instance: Instance, tmp_path: Path) -> None:
    arn = put_secret("a\0b")
    with pytest.raises(SystemExit, match="a null character"):
        run(instance, EVERYTHING, secrets(tmp_path / "secrets.env", managed(arn)))


def test_if_one_secret_is_missing_none_is_written(
    instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = put_secret("s3cret")
    with pytest.raises(SystemExit, match=r"secret OTHER \(/forms/token\): not fetched after 3 tries"):
        run(
            instance,
            EVERYTHING,
            secrets(tmp_path / "secrets.env", managed(arn), parameter("/forms/token")),
        )
    assert "HTTP 400 ParameterNotFound" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_answer_of_aws_is_not_quoted(
    instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = put_secret("s3cret")
    instance.trouble = [(200, {}, b'{"SecretString": "s3cret')] * 3
    with pytest.raises(SystemExit):
        run(instance, EVERYTHING, secrets(tmp_path / "secrets.env", managed(arn)))
    said = capsys.readouterr().err
    assert "not an answer of AWS" in said
    assert "s3cret" not in said


def test_the_log_names_the_variables_and_no_value(
    instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = put_secret("s3cret")
    put_parameter("0ther")
    file = tmp_path / "secrets.env"
    run(instance, EVERYTHING, secrets(file, managed(arn), parameter("/forms/token")))
    assert capsys.readouterr() == (f"tts: {file} has TOKEN, OTHER\n", "")


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_a_shell_reads_each_value_as_it_is(shell: str, tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    values = {
        "A": HARD,
        "B": "",
        "C": "  ",
        "D": "\\",
        "E": '\\"',
        "F": "\\\n\\\\$",
        "G": "'\"'",
        "H": "\r\n\t",
    }
    file.write_bytes("".join(fetch.assignment(*item) for item in values.items()).encode())
    shown = subprocess.run(
        [
            shell,
            "-c",
            f'set -a; . "{file}"; {sys.executable} -c '
            "'import os; print({n: os.environ[n] for n in \"ABCDEFGH\"})'",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert ast.literal_eval(shown.stdout) == values


def read_by_systemd(text: str) -> dict[str, str]:
    """Reads an environment file by the rules of systemd.exec(5), "EnvironmentFile=".

    Only what is in double quotes: a backslash before one of " \\ ` $ is removed, one before a line end is
    removed with it, and any other stays.
    """
    found: dict[str, str] = {}
    while text:
        name, quote, text = text.partition('="')
        assert quote
        value = ""
        while (character := text[0]) != '"':
            if character == "\\":
                character = {"\n": ""}.get(text[1], text[1] if text[1] in '"\\`$' else text[:2])
                text = text[1:]
            value += character
            text = text[1:]
        assert text[1] == "\n"
        found[name] = value
        text = text[2:]
    return found


@given(st.lists(VALUES, max_size=4))
def test_systemd_reads_each_value_as_it_is(values: list[str]) -> None:
    wanted = {f"V{number}": value for number, value in enumerate(values)}
    assert read_by_systemd("".join(fetch.assignment(*item) for item in wanted.items())) == wanted


# Keys of the role


def test_it_asks_the_metadata_service_with_a_token(instance: Instance, tmp_path: Path) -> None:
    run(instance, EVERYTHING, secrets(tmp_path / "secrets.env", managed(put_secret("s3cret"))))
    folder = "/latest/meta-data/iam/security-credentials/"
    assert instance.log == [
        "PUT /latest/api/token",
        f"GET {folder}",
        f"GET {folder}web-role",
        f"POST https://secretsmanager.{REGION}.amazonaws.com/",
    ]


@pytest.mark.parametrize("keys", [{"Code": "Failed"}, {}])
def test_a_role_without_keys_is_asked_again(
    keys: dict[str, str], instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    instance.keys = keys
    with pytest.raises(SystemExit, match="not fetched after 3 tries"):
        secrets(tmp_path / "secrets.env", managed("forms/token"))()
    assert capsys.readouterr().err.count("the role has no keys") == 3


@pytest.mark.usefixtures("instance")
def test_a_metadata_service_that_refuses_is_named() -> None:
    with pytest.raises(http.client.HTTPException, match="instance metadata: HTTP 404"):
        fetch.metadata("GET", "meta-data/nothing", {"X-aws-ec2-metadata-token": "a-token"})


# The program as a whole


def test_it_does_what_the_file_beside_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "fetch.py"
    program.write_text(Path(str(fetch.__file__)).read_text(encoding="utf-8"), encoding="utf-8")
    wanted = {"environment": {"file": str(tmp_path / "run/secrets.env"), "values": []}}
    (tmp_path / "fetch.json").write_text(json.dumps(wanted), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(program), "environment"])
    previous = os.umask(0o077)
    try:
        runpy.run_path(str(program), run_name="__main__")
    finally:
        os.umask(previous)
    assert (tmp_path / "run/secrets.env").read_text(encoding="utf-8") == ""
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o755


def test_it_is_written_for_the_python_of_older_images() -> None:
    source = Path(str(fetch.__file__)).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else [str(node.module)]
        )
    }
    assert imported <= sys.stdlib_module_names
