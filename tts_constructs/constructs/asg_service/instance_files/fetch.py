"""Fetches what a service needs at boot: its release from S3, and its secrets."""

# It runs on the instance, so it needs only the standard library of Python 3.8. `fetched_at_boot.py` puts it
# into the user data without comments and docstrings. Each of these must be on a line of its own. No name of a
# secret may be set to what looks like a literal: TTS-SEC-001 reads the user data too.

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from typing import Any, Callable, Iterator
from urllib.parse import quote

METADATA = "169.254.169.254"
# Seconds between two tries.
WAITS = (1, 2, 4, 8, 16, 32)
# Seconds without a byte after which a try has failed.
TIMEOUT = 10


def fetch_release(bucket: str, key: str, region: str, digest: str, folder: str, unpack: bool) -> None:
    """Puts a release into a folder if it is the one of that digest."""
    what = f"release s3://{bucket}/{key}"
    part, new = f"{folder}.part", f"{folder}.new"
    found = until_done(what, lambda: download(bucket, key, region, part))
    if found != digest:
        os.remove(part)
        sys.exit(f"tts: {what}: its SHA-256 is {found}, not {digest}")
    shutil.rmtree(new, ignore_errors=True)
    os.makedirs(new)
    if unpack:
        # GNU tar writes nothing outside of the folder: it removes a leading /, refuses .. in a name, and
        # makes links that lead out of the folder only when everything else is there.
        options = ["--no-same-owner", "--no-same-permissions", "--file", part, "--directory", new]
        if subprocess.run(["tar", "--extract", *options]).returncode:
            sys.exit(f"tts: {what}: tar can't unpack it")
        os.remove(part)
    else:
        file = os.path.join(new, os.path.basename(key))
        os.rename(part, file)
        os.chmod(file, 0o755)
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(new, folder)
    sys.stdout.write(f"tts: {what} is in {folder}\n")


def download(bucket: str, key: str, region: str, file: str) -> str:
    """Downloads an object into a file. Returns its SHA-256 digest."""
    host, path = f"s3.{region}.amazonaws.com", f"/{quote(key)}"
    # The certificate of S3 covers no bucket with a dot in its name.
    if "." in bucket:
        path = f"/{bucket}{path}"
    else:
        host = f"{bucket}.{host}"
    digest = hashlib.sha256()
    with send("GET", host, path, region, "s3") as response, open(file, "wb") as opened:
        while block := response.read(1 << 20):
            digest.update(block)
            opened.write(block)
        if response.length:
            raise http.client.HTTPException("the connection ended early")
    return digest.hexdigest()


def fetch_secrets(file: str, values: list[dict[str, str]]) -> None:
    """Writes secrets into an environment file that only root can read: all of them, or none."""
    lines = [assignment(secret["env"], fetch_secret(**secret)) for secret in values]
    os.makedirs(os.path.dirname(file), exist_ok=True)
    new = f"{file}.new"
    if os.path.exists(new):
        os.remove(new)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with open(descriptor, "w", encoding="utf-8", newline="") as opened:
        opened.writelines(lines)
    os.rename(new, file)
    sys.stdout.write(f"tts: {file} has {', '.join(secret['env'] for secret in values)}\n")


def fetch_secret(env: str, service: str, name: str, region: str, field: str | None = None) -> str:
    """Returns the value of a secret. No message quotes it."""
    what = f"secret {env} ({name})"
    if service == "ssm":
        target, asked = "AmazonSSM.GetParameter", {"Name": name, "WithDecryption": True}
    else:
        target, asked = "secretsmanager.GetSecretValue", {"SecretId": name}
    answer = until_done(what, lambda: call(service, region, target, asked))
    value: Any = answer["Parameter"]["Value"] if service == "ssm" else answer.get("SecretString")
    if value is None:
        sys.exit(f"tts: {what}: it is binary, which no environment variable can hold")
    if field:
        try:
            value = json.loads(value)[field]
        except (ValueError, LookupError, TypeError):
            sys.exit(f"tts: {what}: it is no JSON object with the field {field}")
        value = value if isinstance(value, str) else json.dumps(value)
    if "\0" in value:
        sys.exit(f"tts: {what}: it has a null character, which no environment variable can hold")
    return str(value)


def assignment(name: str, value: str) -> str:
    """Returns a line that systemd and the shell read alike."""
    escaped = re.sub(r'(["\\$`])', r"\\\1", value)
    return f'{name}="{escaped}"\n'


def until_done(what: str, act: Callable[[], Any]) -> Any:
    """Tries until it succeeds, for some minutes at most."""
    for wait in (*WAITS, 0):
        try:
            return act()
        except ValueError:
            # Its text could quote what was read.
            reason = "not an answer of AWS"
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
        sys.stderr.write(f"tts: {what}: {reason}\n")
        time.sleep(wait)
    sys.exit(f"tts: {what}: not fetched after {len(WAITS) + 1} tries")


def call(service: str, region: str, target: str, asked: dict[str, Any]) -> Any:
    """Calls an AWS service that speaks JSON."""
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
    host, body = f"{service}.{region}.amazonaws.com", json.dumps(asked).encode()
    with send("POST", host, "/", region, service, headers, body) as response:
        return json.load(response)


@contextmanager
def send(
    method: str,
    host: str,
    path: str,
    region: str,
    service: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> Iterator[http.client.HTTPResponse]:
    """Sends a signed request as the instance's role. Gives the response if AWS accepts the request."""
    keys, digest = role_keys(), hashlib.sha256(body).hexdigest()
    headers = {
        **(headers or {}),
        "host": host,
        "x-amz-content-sha256": digest,
        "x-amz-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
        "x-amz-security-token": f"{keys['Token']}",
    }
    headers["authorization"] = authorization(method, path, headers, digest, keys, region, service)
    with closing(http.client.HTTPSConnection(host, timeout=TIMEOUT)) as connection:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        if response.status != 200:
            text = response.read(9999).decode("utf-8", "replace")
            code = re.search(r'(?:<Code>|"__type": ?"(?:[^"]*#)?)(\w+)', text)
            raise http.client.HTTPException(f"HTTP {response.status} {code[1] if code else response.reason}")
        yield response


def authorization(
    method: str,
    path: str,
    headers: dict[str, str],
    digest: str,
    keys: dict[str, str],
    region: str,
    service: str,
) -> str:
    """Returns the header of Signature Version 4 for a request without a query."""
    signed = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    names = ";".join(name for name, _ in signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed)
    request = f"{method}\n{path}\n\n{lines}\n{names}\n{digest}".encode()
    at = dict(signed)["x-amz-date"]
    scope = f"{at[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(request).hexdigest()}"
    key = f"AWS4{keys['SecretAccessKey']}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), "sha256").digest()
    credential = f"{keys['AccessKeyId']}/{scope}"
    return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={key.hex()}"


def role_keys() -> dict[str, str]:
    """Returns the temporary keys of the instance's role, by IMDSv2."""
    session = {
        "X-aws-ec2-metadata-token": metadata(
            "PUT", "api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
        )
    }
    folder = "meta-data/iam/security-credentials/"
    keys: dict[str, str] = json.loads(metadata("GET", folder + metadata("GET", folder, session), session))
    if "Token" not in keys:
        raise http.client.HTTPException("the role has no keys")
    return keys


def metadata(method: str, path: str, headers: dict[str, str]) -> str:
    """Asks the instance metadata service."""
    with closing(http.client.HTTPConnection(METADATA, timeout=TIMEOUT)) as connection:
        connection.request(method, f"/latest/{path}", headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise http.client.HTTPException(f"instance metadata: HTTP {response.status}")
        return response.read().decode()


def main(what: str) -> None:
    """Fetches the release or the secrets, as `fetch.json` beside this file says."""
    # Hardened images let nobody else read what root writes.
    os.umask(0o022)
    with open(
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "fetch.json"), encoding="utf-8"
    ) as file:
        wanted = json.load(file)[what]
    if what == "release":
        fetch_release(**wanted)
    else:
        fetch_secrets(**wanted)


if __name__ == "__main__":
    main(sys.argv[1])
