"""Literals under the name of a secret: what can be one, and what only looks like it."""

import pytest

from tts_constructs.policy.rules.sec._secret_values import (
    can_be_secret,
    parsed,
    refers_to_secret,
    repeats_name,
)

SECRETS = [
    "hunter2hunter2", "correct-horse", "correct horse battery staple", "app:hunter2hunter2",
    "c5nk_iU[sCoF[2ENQT4", "P@$$w0rd", "Tr0ub4dor&3", "password", "postgres", "Password1!", "100000",
    "12345678", "x", "MyP4ss/word", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "https://user:correct-horse@example.gov/", "AKIA" + "IOSFODNN7EXAMPLE", "0123456789abcdef" * 2,
    "benefits/20245/db-password", "Ab/Cd/Ef",
    "8f14e45f-ceea-467e-9b2d-1c5a0e6d2f11", "0000%A00000%",
]  # fmt: skip
OTHERS = [
    "", " ", "true", "FALSE", "none", "16", "99999", "-1", "0.5", "/etc/x.pem", "./x", "~/x", "C:\\x",
    "creds.json", "arn:aws:secretsmanager:x", "https://example.gov/", "jdbc:mysql://host/db", "s3://b/k",
    "benefits/db", "benefits/db:password", "prod/my-app/DbPassword", "MyApp/Prod/DbSecret",
    "benefits/2024/db-password", "benefits/7/db", "Abc/Def",
    "alias/aws/ssm", "${X}", "$X", "$(cat x)", "`cat x`", "prefix-${X}", "<password>", "{password}",
    "****", "xxxx", "changeme", "CHANGE_ME", "REPLACE-ME", "todo", "your-password-here", "%s", "?",
    ":password", "%DB_PASSWORD%", "7d", "15 minutes", "P7D", "PT1H", "2027-01-01", "rate(1 day)",
    "string", "RS256", "AQICAHabcdef", "ssh-rsa AAAA x", "-----BEGIN PUBLIC KEY-----", "me@example.gov",
    "Invalid token", "Your temporary password is wrong.", '{"a": 1}', "#{Login.TOKEN}", "$.password",
    "'true'", "method.request.header.Authorization", "process.env.TOKEN", "Bearer", "include",
    "{{resolve:ssm:/benefits/db}}", "~", "!", "changeit", "[^&]*", "[a-z0-9]+", "(.*)", "id=token,src=/x",
]  # fmt: skip


@pytest.mark.parametrize("value", SECRETS)
def test_a_literal_can_be_a_secret(value: str) -> None:
    assert can_be_secret(value)


@pytest.mark.parametrize("value", OTHERS)
def test_what_looks_like_one_is_none(value: str) -> None:
    assert not can_be_secret(value)


@pytest.mark.parametrize("service", ["secretsmanager", "ssm-secure"])
def test_a_reference_to_a_secret_is_none(service: str) -> None:
    reference = f"x{{{{resolve:{service}:benefits/db}}}}"
    assert refers_to_secret(reference)
    assert not can_be_secret(reference)


@pytest.mark.parametrize("text", ["correct-horse", "{{resolve:ssm:/benefits/db}}", "secretsmanager:db"])
def test_another_text_refers_to_no_secret(text: str) -> None:
    assert not refers_to_secret(text)


@pytest.mark.parametrize(
    ("text", "held"), [(' {"a": [1]}', {"a": [1]}), ("[]", []), ("{a", None), ("7", None)]
)
def test_a_json_text_is_parsed_if_it_holds_an_object_or_a_list(text: str, held: object) -> None:
    assert parsed(text) == held


@pytest.mark.parametrize(
    ("name", "value"), [("Password", "password"), ("PASSWORD_KEY", "password"), ("dbTokenKey", "db_token")]
)
def test_a_value_can_repeat_its_name(name: str, value: str) -> None:
    assert repeats_name(name, value)


@pytest.mark.parametrize(("name", "value"), [("DB_PASSWORD", "password"), ("API_KEY", "password")])
def test_another_value_does_not_repeat_its_name(name: str, value: str) -> None:
    assert not repeats_name(name, value)
