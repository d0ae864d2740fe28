"""What secrets look like: keys, passwords, and the names of what holds them."""

import base64

import pytest

from tts_constructs.policy.rules.sec._secret_patterns import (
    can_be_secret,
    holds_key,
    holds_password,
    names_a_secret,
    refers_to_secret,
)

ACCESS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
HEADER = "-----BEGIN {}PRIVATE KEY-----"


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        ACCESS_KEY,
        f"key={ACCESS_KEY};",
        ACCESS_KEY.replace("AKIA", "ASIA"),
        f"aws_secret_access_key = {SECRET_KEY}",
        f'{{"AwsSecretAccessKey": "{SECRET_KEY}"}}',
        *(HEADER.format(kind) for kind in ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")),
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    ],
)
def test_keys_are_told_by_their_shape_also_in_base64(text: str) -> None:
    assert holds_key(text)
    assert holds_key(in_base64(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AKIA",
        f"X{ACCESS_KEY}",
        f"{ACCESS_KEY}X",
        ACCESS_KEY.lower(),
        SECRET_KEY,
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
    ],
)
def test_what_is_no_key_is_not_taken_for_one(text: str) -> None:
    assert not holds_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "DB_PASSWORD=correct-horse",
        "#!/bin/sh\n  export PGPASSWORD=correct-horse; psql",
        "mysql --password='correct-horse' benefits",
        '{"user": "app", "password": "correct-horse"}',
        "#cloud-config\npassword: correct-horse\n",
    ],
)
def test_a_literal_password_in_a_script_is_told(text: str) -> None:
    assert holds_password(text)
    assert holds_password(in_base64(text))


@pytest.mark.parametrize(
    "text",
    [
        "DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id x)",
        'DB_PASSWORD="${SECRET}"',
        "DB_PASSWORD={{resolve:secretsmanager:benefits/db}}",
        "password = get_password()",
        "password = os.environ['DB_PASSWORD']",
        "passwd -l root",
        "PASSWORD_FILE=/run/secrets/db",
        "DB_PASSWORD=/run/secrets/db",
        "PasswordAuthentication no",
    ],
)
def test_a_script_that_fetches_its_password_holds_none(text: str) -> None:
    assert not holds_password(text)


@pytest.mark.parametrize(
    "name", ["DbPassword", "DB_PASSWORD", "password2", "ClientSecret", "API_KEY", "AuthToken", "--passwd"]
)
def test_a_name_says_that_its_value_is_a_secret(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize(
    "name", ["PasswordLength", "DB_PASSWORD_SECRET_ARN", "SecretName", "TokenUrl", "ApiKeyId", "KeyName"]
)
def test_a_name_speaks_of_a_secret_and_is_none(name: str) -> None:
    assert not names_a_secret(name)


@pytest.mark.parametrize(
    "value",
    ["", " ", "true", "FALSE", "16", "/etc/x.pem", "arn:aws:secretsmanager:x", "https://example.gov/"],
)
def test_a_switch_a_number_a_path_or_an_arn_is_no_secret(value: str) -> None:
    assert not can_be_secret(value)


def test_an_address_with_a_password_in_it_can_be_one() -> None:
    assert can_be_secret("https://user:correct-horse@example.gov/")


def test_a_text_with_other_characters_between_is_no_base64() -> None:
    assert not holds_key("-".join(in_base64(ACCESS_KEY)))


def test_bytes_that_are_no_text_hold_no_key() -> None:
    assert not holds_key(base64.b64encode(b"\xff" + ACCESS_KEY.encode()).decode())


@pytest.mark.parametrize("service", ["secretsmanager", "ssm-secure"])
def test_a_reference_to_a_secret_is_none(service: str) -> None:
    reference = f"x{{{{resolve:{service}:benefits/db}}}}"
    assert refers_to_secret(reference)
    assert not can_be_secret(reference)


@pytest.mark.parametrize("text", ["correct-horse", "{{resolve:ssm:/benefits/db}}", "secretsmanager:db"])
def test_a_text_that_refers_to_no_secret_can_be_one(text: str) -> None:
    assert not refers_to_secret(text)
    assert can_be_secret(text)
