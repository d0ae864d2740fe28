"""Which parts of a template are read completely."""

from typing import Any

import pytest

from tts_constructs.policy.rules.sec._programs import is_login
from tts_constructs.policy.rules.sec._suspects import is_suspect

TOKEN = "Qx7Lm2" + "Vr9Tz4Kp"


@pytest.mark.parametrize(
    ("raw", "suspect"),
    [
        ({"Fn::Join": ["", ["DB_PA", "SSWORD=x"]]}, True),
        ({"Fn::Join": ["-", ["DB_PA", "SSWORD=x"]]}, False),
        ({"Fn::Join": [{"Ref": "Mark"}, ["DB_PA", "SSWORD=x"]]}, True),
        ({"Fn::Join": ["", ["DB_", {"Ref": "X"}, "PASSWORD"]]}, True),
        ({"Fn::Join": ["", ["DB_PA", {"Ref": "X"}, "SSWORD"]]}, False),
        ({"Fn::Join": ["", ["a", {"Fn::Select": [0, ["DB_PASSWORD=x"]]}]]}, True),
        ({"Fn::Join": ["DB_PASSWORD", ["a", "b"]]}, True),
        ({"Fn::Join": "DB_PASSWORD"}, True),
        ({"Fn::Join": ["", "DB_PASSWORD"]}, True),
        ({"Fn::Join": ["", ["a"], "DB_PASSWORD"]}, True),
        ({"Fn::Join": ["", ["a"]]}, False),
        ({"Fn::Join": 7}, False),
        ({"Ref": "DbPassword"}, False),
        (["iam:PassRole", "secretsmanager:GetSecretValue"], False),
        ("iam:PassRole and more", True),
        ({"DbPassword": 7}, True),
        ({"Authorization": "Bearer x"}, True),
        ({"Author": "x"}, False),
        ({"a": {"b": ["c", 7, None]}}, False),
    ],
    ids=str,
)
def test_what_may_hold_a_secret_is_suspect(raw: Any, suspect: bool) -> None:
    assert is_suspect(raw) is suspect


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (f"Bearer {TOKEN}", True),
        (f" basic {TOKEN} ", True),
        (f"Splunk {TOKEN}", True),
        (TOKEN, False),
        (f"Digest {TOKEN}", False),
        ("Bearer short", False),
        ("Bearer ${Token}", False),
        ("Bearer changeme-please", False),
        ("Bearer", False),
        ("", False),
    ],
)
def test_a_header_is_a_login_where_its_token_is_a_literal(value: str, is_one: bool) -> None:
    assert is_login(value) is is_one
