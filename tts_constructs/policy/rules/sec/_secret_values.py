"""Decides if a literal under the name of a secret can be one, or only looks like it."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from tts_constructs.secret_shapes import found_shapes

_DYNAMIC_SECRETS = ("{{resolve:secretsmanager:", "{{resolve:ssm-secure:")

_SWITCHES = frozenset(
    {
        # Switches, and words for nothing
        "true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "null", "nil", "none",
        "undefined", "nan", "na", "n/a", "~", "empty", "enabled", "disabled", "enable", "disable",
        "required", "optional", "default", "auto", "automatic", "always", "never", "all", "any",
        "inherit", "include", "omit", "same-origin",
        # Ways to log in, and algorithms
        "basic", "bearer", "digest", "plain", "login", "oauth", "oauth2", "iam", "aws_iam", "aws-iam",
        "jwt", "cognito", "cognito_user_pools", "saml", "sso", "oidc", "ldap", "kerberos",
        "scram-sha-256", "scram-sha-512", "md5", "sha256", "sha512", "mysql_native_password",
        "caching_sha2_password", "hs256", "hs384", "hs512", "rs256", "rs384", "rs512", "es256",
        "es384", "ps256", "eddsa", "token", "header", "cookie", "query", "api_key", "apikey",
        "api-key", "custom", "secrets_manager", "parameter_store", "plaintext", "secretsmanager",
        # Databases of users, of nsswitch.conf
        "files", "compat", "db", "systemd", "sss",
        # Types of data
        "string", "str", "text", "int", "integer", "bool", "boolean", "number", "object", "array",
        "uuid", "varchar", "char", "id", "securestring",
    }
)  # fmt: skip
"""Literals that aren't secrets, in lower case."""

_NUMBER = re.compile(r"[+-]?\d{1,5}(?:\.\d{1,20})?%?")
_TIME = re.compile(
    r"\d{1,9} ?(?:ms|s|m|h|d|w|y|(?:milli)?sec(?:ond)?s?|min(?:ute)?s?|hours?|days?|weeks?|months?|years?)"
    r"|P[\dYMWDTHS.]{2,30}|\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]{1,30})?|(?:rate|cron|at)\([^()]{1,100}\)",
    re.IGNORECASE,
)
_REFERS = (
    "$", "{{", "#{", "<", "%{", "@{", "@@", "!Ref", "!Sub", "!GetAtt", "!ImportValue", "process.env",
    "os.environ", "env.", "env:", "var.", "local.", "secrets.", "context.", "method.",
    "stageVariables.", "integration.", "ENC[", "ENC(", "AQICAH", "ssm:", "ssm-secure:",
    "secretsmanager:", "vault:", "vault ", "file:", "kms:", "arn:", "alias/", "ssh-rsa ",
    "ssh-ed25519 ", "ecdsa-sha2-", "-----BEGIN PUBLIC", "-----BEGIN CERT", "-----BEGIN RSA PUBLIC",
    "MIIBIjANBg", "MIICIjANBg", "sha256:", "{SHA", "{CRYPT}", "id=", "type=", "src=", "source=",
)  # fmt: skip
"""How references, ciphertexts, and public keys begin, and mounts of secrets."""

_VARIABLE = re.compile(
    r"\$\{|\$\(|\{\{|\}\}|`|(?:^|[^$])\$[A-Za-z_]\w|%\([a-z]\w{0,60}\)s|\\\$|<[^<>]{1,60}>"
)
_PLACEHOLDER = re.compile(
    r"[*.•_#?!-]+|%[A-Za-z_]\w{1,60}%|[xX]{3,}|\{[^{}\s]{0,60}\}|\[[^\[\]\s]{0,60}\]|%[sdvq]"
    r"|:[A-Za-z_]\w{0,60}|\?+|\.\*.*|\[(?:\^|[aA0]-|\[:|\\w|\\S).*|\(\.[*+].*|@[A-Za-z]\w{0,60}@?"
)
_STANDS_FOR_ONE = (
    "changeme", "changeit", "changethis", "replaceme", "replacewith", "replacethis", "todo", "tbd", "fixme",
    "insertyour", "inserthere", "yourpassword", "yoursecret", "yourtoken", "yourapikey", "youraccess",
    "yourclient", "yourprivate", "placeholder", "redacted", "dummyvalue", "putyour", "enteryour",
    "notused", "notset", "unused",
)  # fmt: skip
_PATH = re.compile(r"(?:/|\./|\.\./|~/|[A-Za-z]:\\|\\\\)[^\s+=]{0,1000}")
_FILE = re.compile(
    r"[\w./-]{1,200}\.(?:pem|key|crt|cer|json|ya?ml|txt|env|conf|ini|p12|pfx|jks|pub|toml|xml|properties|cfg|gpg)"
)
_URL = re.compile(r"(?:jdbc:)?(?:[A-Za-z][A-Za-z0-9+.-]{1,30}:){1,2}//\S*")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}(?:/[A-Za-z0-9._-]{1,100}){1,10}(?::[A-Za-z0-9_.:-]{0,100})?")
_SPEAKS = re.compile(r"(?i)\b(?:pass(?:word|phrase|code)?s?|secrets?|tokens?|keys?|credentials?)\b")


@lru_cache(maxsize=4096)
def can_be_secret(value: str) -> bool:
    """Return whether a literal can be a secret.

    None is a switch, a number below 100,000, a time, a path, a URL without a password, an ARN, the name of a
    secret, a reference, a placeholder, a public key, a sentence, or an object whose fields are judged.
    """
    value = value.strip().strip("\"'")
    if not value or refers_to_secret(value):
        return False
    if any(found_shapes(value)):
        return True
    return not (
        value.lower() in _SWITCHES
        or value.startswith(_REFERS)
        or any(
            pattern.fullmatch(value) for pattern in (_NUMBER, _TIME, _PLACEHOLDER, _PATH, _FILE, _URL, _EMAIL)
        )
        or _VARIABLE.search(value)
        or re.sub(r"[^a-z]", "", value[:40].lower()).startswith(_STANDS_FOR_ONE)
        or _names_a_secret_elsewhere(value)
        or _is_a_sentence(value)
        or is_object(value)
    )


def repeats_name(name: str, value: str) -> bool:
    """Return whether a value is its name, or what a key is called, as in `PASSWORD_KEY = "password"`."""
    name, value = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (name, value))
    return value == name or (name.endswith("key") and name.startswith(value))


def refers_to_secret(text: str) -> bool:
    """Return whether a text refers to Secrets Manager or to a secure string of SSM."""
    return any(reference in text for reference in _DYNAMIC_SECRETS)


def is_object(text: str) -> bool:
    """Return whether a text is a JSON object or list."""
    return parsed(text) is not None


def parsed(text: str) -> object | None:
    """Return the object or list that a JSON text holds, or None if it holds none."""
    if text[:1] in "{[" or text.lstrip()[:1] in {"{", "["}:
        try:
            held: object = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return held
    return None


def _names_a_secret_elsewhere(value: str) -> bool:
    """Return whether a value is a name such as `benefits/db-password`, and not 40 letters at random."""
    if not _NAME.fullmatch(value):
        return False
    words = _PART.findall(value)
    return all(len(word) <= 4 if word.isdigit() else len(word) > 1 for word in words) and (
        value.islower() or sum(map(len, words)) / len(words) >= 3
    )


def _is_a_sentence(value: str) -> bool:
    if " " not in value:
        return False
    is_long = value.count(" ") > 1 and (value[-1] in ".!?:" or value[0].isupper())
    return is_long or _SPEAKS.search(value) is not None
