"""`Secret`: a secret that a service's instances fetch at boot, by the name of its environment variable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from tts_constructs.arguments import checked, refuse

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARAMETER = re.compile(r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


@checked
@dataclass(frozen=True)
class Secret:
    """A secret that instances fetch at each boot. Make one with `from_secrets_manager` or `from_ssm`.

    Instances write all secrets of the service into the file `Secret.FILE`, which is in memory (tmpfs) and
    readable for root only: a line `NAME="value"` for each. systemd reads it
    (`EnvironmentFile=/run/tts/secrets.env`), and so does a shell. No value is in the template, the user data
    or a log.

    Attributes:
        FILE: `/run/tts/secrets.env`.
    """

    FILE: ClassVar[str] = "/run/tts/secrets.env"

    env: str
    secret: secretsmanager.ISecret | None = None
    field: str | None = None
    parameter: str | None = None
    key: kms.IKey | None = None

    @staticmethod
    @checked(values=True)
    def from_secrets_manager(secret: secretsmanager.ISecret, *, env: str, field: str | None = None) -> Secret:
        """Names a secret in AWS Secrets Manager.

        Args:
            secret: The secret, of this app or imported, such as
                `secretsmanager.Secret.from_secret_name_v2(self, "Token", "forms/token")`. Import one that has
                a key of its own with `from_secret_attributes(..., encryption_key=...)`; without its key,
                instances can't decrypt it.
            env: Name of the environment variable.
            field: Field of a secret that is a JSON object, such as `password`. Default: the whole secret.

        Raises:
            InvalidArgumentError: An argument is wrong. The message lists all faults.
        """
        refuse("Secret.from_secrets_manager", [*_env_faults(env), *_field_faults(field)])
        return Secret(env, secret=secret, field=field)

    @staticmethod
    @checked(values=True)
    def from_ssm(parameter: str, *, env: str, key: kms.IKey | None = None) -> Secret:
        """Names a SecureString parameter in AWS Systems Manager, of the account and Region of the service.

        CloudFormation can't create such a parameter. Create it with
        `aws ssm put-parameter --type SecureString`.

        Args:
            parameter: Name of the parameter, such as `/forms/token`.
            env: Name of the environment variable.
            key: Key that it is encrypted with. Default: `aws/ssm`, which needs no grant.

        Raises:
            InvalidArgumentError: An argument is wrong. The message lists all faults.
        """
        refuse("Secret.from_ssm", [*_parameter_faults(parameter), *_env_faults(env)])
        return Secret(env, parameter=parameter, key=key)


def _env_faults(env: str) -> Iterator[str]:
    if not _VARIABLE.fullmatch(env):
        yield (
            f"env={env!r} is not a name of an environment variable; write letters, digits and underscores, "
            "such as 'FORMS_TOKEN'"
        )


def _field_faults(field: str | None) -> Iterator[str]:
    if field == "":
        yield "field is empty; write the field's name, such as 'password', or leave it out"


def _parameter_faults(parameter: str) -> Iterator[str]:
    if not _PARAMETER.fullmatch(parameter):
        yield (
            f"parameter={parameter!r} is not a name of a parameter; write letters, digits and any of _ . - "
            "between slashes, such as '/forms/token'"
        )
    elif parameter.startswith("/aws/"):
        yield (
            f"parameter={parameter!r} is one of AWS's own; for a secret in Secrets Manager, write "
            "Secret.from_secrets_manager(...)"
        )
