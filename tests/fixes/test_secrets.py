"""SEC: what the fixes of the rule about secrets say."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager

from tests.fixes.following import Fix

_PLAIN = "Tr0ub4dor-and-3"


def _database(stack: cdk.Stack, password: str) -> None:
    rds.CfnDBInstance(
        stack,
        "Database",
        db_instance_class="db.t4g.small",
        engine="postgres",
        master_username="master",
        master_user_password=password,
    )


def _literal_password(stack: cdk.Stack) -> None:
    _database(stack, _PLAIN)


def _parameter(stack: cdk.Stack, *, no_echo: bool = False) -> None:
    _database(stack, cdk.CfnParameter(stack, "Password", no_echo=no_echo).value_as_string)


def _hidden_parameter(stack: cdk.Stack) -> None:
    _database(stack, cdk.CfnParameter(stack, "Password", no_echo=True).value_as_string)


def _password_of_a_secret(stack: cdk.Stack) -> None:
    secret = secretsmanager.Secret(stack, "Login")
    _database(stack, secret.secret_value_from_json("password").unsafe_unwrap())


def _function(stack: cdk.Stack, environment: dict[str, str]) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): return {}"),
        environment=environment,
    )


def _literal_variable(stack: cdk.Stack) -> None:
    _function(stack, {"DB_PASSWORD": _PLAIN})


def _variable_that_names_a_secret(stack: cdk.Stack) -> None:
    secret = secretsmanager.Secret(stack, "Login")
    secret.grant_read(_function(stack, {"DB_SECRET_ARN": secret.secret_arn}))


def _user_data(stack: cdk.Stack, line: str) -> ec2.LaunchTemplate:
    user_data = ec2.UserData.for_linux()
    user_data.add_commands(line)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    return ec2.LaunchTemplate(stack, "Template", user_data=user_data, role=role)


def _literal_in_user_data(stack: cdk.Stack) -> None:
    _user_data(stack, f"export DB_PASSWORD={_PLAIN}")


def _user_data_that_reads_a_secret(stack: cdk.Stack) -> None:
    secret = secretsmanager.Secret(stack, "Login")
    read = f"aws secretsmanager get-secret-value --secret-id {secret.secret_arn} > /run/login"
    template = _user_data(stack, read)
    assert template.role
    secret.grant_read(template.role)


FIXES = (
    Fix("TTS-SEC-001", _literal_password, _password_of_a_secret),
    Fix("TTS-SEC-001", _parameter, (_hidden_parameter, _password_of_a_secret)),
    Fix("TTS-SEC-001", _literal_variable, _variable_that_names_a_secret),
    Fix("TTS-SEC-001", _literal_in_user_data, _user_data_that_reads_a_secret),
)


@pytest.mark.parametrize("fix", FIXES, ids=str)
def test_what_the_fix_says_is_enough(
    fix: Fix, make_stack: Callable[..., cdk.Stack], make_app: Callable[..., cdk.App]
) -> None:
    fix.follow(make_stack, make_app)
