"""What identifies an account, a network or a person stays out of what is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.redaction import redact, redact_contact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("owner 111122223333 has it", "owner <account> has it"),
        ("arn:aws:iam::111122223333:role/x", "arn:aws:iam::<account>:role/x"),
        ("ami-0123456789abcdef0 and vpc-12345678", "ami-… and vpc-…"),
        ("from 10.20.30.40/16 on", "from <address>/16 on"),
        ("from fd00:1234::1/64 on", "from <address>/64 on"),
        ("ask someone@example.gov.", "ask <e-mail>"),
    ],
)
def test_it_is_left_out(text: str, shown: str) -> None:
    assert redact(text).rstrip(".") == shown


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0/0 and ::/0",
        "AWS::EC2::Instance",
        "Properties/Listeners/0/Port is 8080",
        "RetentionInDays is 1096",
        "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
        "TLSv1.2_2021",
        "max-age=31536000",
        "arn:${AWS::Partition}:s3:::${Bucket}/*",
        "version 1.2.3",
        "2026-11-24T10:11:12",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert redact(text) == text


@given(st.integers(min_value=10**11, max_value=10**12 - 1), st.text(alphabet=" :/-", max_size=3))
def test_no_account_id_is_shown(account: int, edge: str) -> None:
    assert str(account) not in redact(f"{edge}{account}{edge}")


def test_a_contact_keeps_its_e_mail_address_and_nothing_else_that_is_sensitive() -> None:
    said = "someone@example.gov, 111122223333@example.gov, 111122223333, 10.20.30.40"
    assert redact_contact(said) == "someone@example.gov, <account>@example.gov, <account>, <address>"


@given(st.text(max_size=80))
def test_what_is_redacted_stays_as_it_is(text: str) -> None:
    assert redact(redact(text)) == redact(text)
