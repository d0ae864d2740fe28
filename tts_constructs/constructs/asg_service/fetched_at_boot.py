"""Makes the commands that fetch files at boot, and the rights that these commands need."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from tts_constructs.constructs.asg_service.release import Release
from tts_constructs.constructs.asg_service.secret import Secret

_PROGRAM = Path(__file__).parent / "instance_files" / "fetch.py"
_HOME = "/opt/tts"
_PYTHON = "/usr/bin/python3"  # that of cloud-init
UNIT_NAME = "tts-secrets.service"
UNIT = f"""\
[Unit]
Description=Fetch the secrets of the service into {Secret.FILE}
Wants=network-online.target
After=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={_PYTHON} {_HOME}/fetch.py environment
StandardOutput=journal+console
[Install]
WantedBy=multi-user.target"""
"""The systemd unit that fetches secrets at each start. A service's own unit requires it by its name."""


@dataclass(frozen=True, kw_only=True)
class FetchedAtBoot:
    """What instances fetch at boot.

    Args:
        release: Their release. None: none.
        secrets: Their secrets.
    """

    release: Release | None
    secrets: Sequence[Secret]

    def faults(self) -> Iterator[str]:
        """Yields one sentence for each wrong argument."""
        counted = Counter(secret.env for secret in self.secrets)
        yield from (
            f"secrets= has {count} secrets for the variable {env}; write another env= for all but one"
            for env, count in counted.items()
            if count > 1
        )

    @property
    def services(self) -> list[str]:
        """Names of the AWS services that instances fetch from, as endpoints call them."""
        kinds = {"ssm" if secret.secret is None else "secretsmanager" for secret in self.secrets}
        return [*(["s3"] if self.release else []), *sorted(kinds)]

    def commands(self, stack: cdk.Stack) -> list[str]:
        """Returns the shell commands that fetch, and that end the boot script if anything is missing.

        Secrets are fetched by a systemd unit, since they are gone from memory when the instance restarts.

        Args:
            stack: Stack of the instances.
        """
        if self.release is None and not self.secrets:
            return []
        commands = [
            f"mkdir --parents --mode 755 {_HOME}",
            _file(f"{_HOME}/fetch.py", _program()),
            _file(f"{_HOME}/fetch.json", json.dumps(self._wanted(stack))),
        ]
        if self.release is not None:
            commands.append(f"{_PYTHON} {_HOME}/fetch.py release || exit 1")
        if self.secrets:
            commands += [
                _file(f"/etc/systemd/system/{UNIT_NAME}", UNIT),
                f"systemctl enable --now {UNIT_NAME} || "
                f"{{ journalctl --unit {UNIT_NAME} --output cat --no-pager; exit 1; }}",
            ]
        return commands

    def grant(self, scope: Construct, role: iam.IRole) -> iam.Policy | None:
        """Lets a role read exactly the release and the secrets, and decrypt them with their keys.

        It is a policy of its own, which instances can wait for: the role's default policy may name what is
        made after them.

        Args:
            scope: Parent construct of the policy.
            role: The role.
        """
        statements = list(self._statements(cdk.Stack.of(scope)))
        if not statements:
            return None
        return iam.Policy(scope, "FetchPolicy", roles=[role], statements=statements)

    def _wanted(self, stack: cdk.Stack) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        if self.release is not None:
            wanted["release"] = {
                "bucket": self.release.bucket.bucket_name,
                "key": self.release.key,
                "region": _region(self.release.bucket, stack),
                "digest": self.release.sha256,
                "folder": Release.FOLDER,
                "unpack": self.release.is_archive,
            }
        if self.secrets:
            wanted["environment"] = {
                "file": Secret.FILE,
                "values": [_request(secret, stack) for secret in self.secrets],
            }
        return wanted

    def _statements(self, stack: cdk.Stack) -> Iterator[iam.PolicyStatement]:
        if self.release is not None:
            bucket = self.release.bucket
            yield _allow("s3:GetObject", bucket.arn_for_objects(self.release.key))
            yield from _decryption(bucket.encryption_key, "s3", _region(bucket, stack))
        for secret in self.secrets:
            if secret.secret is not None:
                region = _region(secret.secret, stack)
                # Six characters that Secrets Manager adds end the ARN of a secret that is known by its name.
                arn = secret.secret.secret_full_arn or f"{secret.secret.secret_arn}-??????"
                yield _allow("secretsmanager:GetSecretValue", arn)
                yield from _decryption(secret.secret.encryption_key, "secretsmanager", region)
            else:
                name = cast(str, secret.parameter).removeprefix("/")
                arn = stack.format_arn(service="ssm", resource="parameter", resource_name=name)
                yield _allow("ssm:GetParameter", arn)
                yield from _decryption(secret.key, "ssm", stack.region)


def _program() -> str:
    """Returns the program without comments and docstrings, indented by one: user data has little room."""
    lines = _PROGRAM.read_text(encoding="utf-8").splitlines()
    return "\n".join(
        re.sub("^ +", lambda indent: " " * (len(indent[0]) // 4), line)
        for line in lines
        if line.strip() and not line.strip().startswith(("#", '"""'))
    )


def _file(path: str, text: str) -> str:
    return f"cat > {path} <<'TTS'\n{text}\nTTS"


def _request(secret: Secret, stack: cdk.Stack) -> dict[str, str]:
    """Returns what the program takes for a secret."""
    if secret.secret is None:
        return {
            "env": secret.env,
            "service": "ssm",
            "name": cast(str, secret.parameter),
            "region": stack.region,
        }
    return {
        "env": secret.env,
        "service": "secretsmanager",
        "name": secret.secret.secret_arn,
        "region": _region(secret.secret, stack),
        **({"field": secret.field} if secret.field else {}),
    }


def _region(resource: cdk.IResource, stack: cdk.Stack) -> str:
    """Returns the Region of a resource; an imported one without a Region is in the stack's."""
    region = resource.env.region
    return stack.region if cdk.Token.is_unresolved(region) else region


def _allow(action: str, resource: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[action], resources=[resource])


def _decryption(key: Any, service: str, region: str) -> Iterator[iam.PolicyStatement]:
    if key is not None:
        yield iam.PolicyStatement(
            actions=["kms:Decrypt"],
            resources=[key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"}},
        )
