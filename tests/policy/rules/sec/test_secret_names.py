"""Names of secrets by their words, in any order and case."""

import pytest

from tts_constructs.policy.rules.sec._secret_names import is_switched, names_a_secret

OF_SECRETS = [
    "DB_PASS",
    "PASSWORD_DB",
    "DB_PASSWORD_PROD",
    "DbCredentials",
    "GITHUB_TOKEN",
    "JWT_SECRET",
    "SECRET_KEY",
    "SLACK_WEBHOOK",
    "DbPass",
    "dbpassword",
    "dbPassword",
    "smtp.smtp_password",
    "X-Origin-Password",
    "NPM_AUTH",
    "_auth",
    "APIKEY",
    "api-key",
    "X-Api-Key",
    "apiKey",
    "API_KEYS",
    "HECToken",
    "ADDomainJoinPassword",
    "private_key",
    "ACCESS_KEY",
    "awsSecretAccessKey",
    "AccountKey",
    "DB_PWD",
    "token2",
    "PGPASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "REDISCLI_AUTH",
    "client_secret",
    "--password",
    "PASSWORD_V2",
    "aws_session_token",
    "API_TOKENS",
    "/benefits/db-password",
    "passwd",
    "Passphrase",
]
OF_OTHERS = [
    "SECRET_NAME",
    "TOKEN_URL",
    "passthrough",
    "PASS_THROUGH",
    "Compass",
    "COMPASS_VALUE",
    "BYPASS",
    "tokenize",
    "tokenizer",
    "authorizer",
    "AUTH",
    "AUTH_TYPE",
    "SECRET_ARN",
    "SECRET_ARNS",
    "ApiKeyId",
    "KeyName",
    "PasswordLength",
    "TokenTtl",
    "MAX_TOKENS",
    "maxTokens",
    "NextToken",
    "ClientToken",
    "ServiceToken",
    "ACCESS_KEY_ID",
    "PUBLIC_KEY",
    "SECRETS_MANAGER_ENDPOINT",
    "SecretsManager",
    "passenger",
    "passport",
    "password_encryption",
    "DB_SECRET_ARN",
    "TOKEN_EXPIRY",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "PASSWORD_FILE",
    "NOPASSWD",
    "KEY",
    "PRIMARY_KEY",
    "author",
    "oauth",
    "HttpTokens",
    "token_type",
    "token.actions.githubusercontent.com:sub",
    "WEBHOOK_URL",
    "PassRole",
    "iam:PassRole",
    "x-aws-ec2-metadata-token-ttl-seconds",
    "monkey",
    "keyboard",
    "CREDENTIALS_FILE",
    "PASSWORD_HASH",
    "minipass",
    "CreationToken",
    "LifecycleActionToken",
    "auth.existingSecret",
    "imagePullSecrets",
    "passwordCharacterEncoding",
]


@pytest.mark.parametrize("name", OF_SECRETS)
def test_a_name_says_that_its_value_is_a_secret(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize("name", OF_OTHERS)
def test_a_name_is_about_a_secret_or_about_something_else(name: str) -> None:
    assert not names_a_secret(name)


def test_a_name_that_nobody_wrote_is_none() -> None:
    assert not names_a_secret("password" * 1_000)


@pytest.mark.parametrize(
    ("name", "switched"), [("RequirePassword", True), ("use_token", True), ("DbPassword", False)]
)
def test_a_name_says_that_something_is_on_or_off(name: str, *, switched: bool) -> None:
    assert is_switched(name) == switched
