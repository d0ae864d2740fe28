"""Lookups that are not recorded: which of them the run at hand will not make."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.policy.judging import ACCOUNT, REGION, app
from tts_constructs.policy.aws.pending_lookups import VPC, ZONES, is_vpc_part, is_vpc_range, is_zone, unmade
from tts_constructs.policy.model.assembly import Lookups

MISSING: list[Mapping[str, Any]] = [
    {"key": "zones", "provider": "availability-zones"},
    {"key": "image", "provider": "ami"},
]


def failed(message: str) -> dict[str, Any]:
    """What the `cdk` command hands to the app in place of a result."""
    return {"$providerError": message, "$dontSaveContext": True}


NO_CREDENTIALS = failed(
    "Need to perform AWS calls for account 444455556666, but no credentials have been configured"
)


def test_an_app_that_runs_by_itself_makes_no_lookup() -> None:
    assert unmade(Lookups(missing=MISSING), cdk_command=False) == ["ami", "availability-zones"]


def test_an_app_that_asks_twice_by_one_provider_names_it_once() -> None:
    assert unmade(Lookups(missing=[*MISSING, *MISSING]), cdk_command=False) == ["ami", "availability-zones"]


def test_where_nothing_is_missing_nothing_is_unmade() -> None:
    assert unmade(Lookups({"zones": ["us-east-1a"]}), cdk_command=False) == []


def test_the_command_looks_up_after_the_first_pass() -> None:
    assert unmade(Lookups(missing=MISSING), cdk_command=True) == []


def test_the_command_cannot_look_up_without_credentials() -> None:
    assert unmade(Lookups({"image": NO_CREDENTIALS}, MISSING), cdk_command=True) == ["ami"]


@pytest.mark.parametrize("record", [failed("No AMI found that matched the search criteria"), {}, "", None])
def test_a_lookup_that_finds_nothing_lacks_no_credentials(record: object) -> None:
    assert unmade(Lookups({"image": record}, MISSING), cdk_command=True) == []


HERE = {"account": ACCOUNT, "region": REGION}
ELSEWHERE = {"account": ACCOUNT, "region": "us-west-2"}


@pytest.mark.parametrize(
    ("text", "provider", "properties", "placeholder"),
    [
        ("vpc-12345", VPC, HERE, "vpc part"),
        ("s-12345", VPC, {**HERE, "filter": {}}, "vpc part"),
        ("p-67890", VPC, HERE, "vpc part"),
        ("vpc-0123456789abcdef0", VPC, HERE, None),
        ("vpc-12345", VPC, ELSEWHERE, None),
        ("vpc-12345", VPC, {"account": ACCOUNT}, None),
        ("vpc-12345", VPC, None, None),
        ("vpc-12345", ZONES, HERE, None),
        ("1.2.3.4/5", VPC, HERE, "range"),
        ("10.0.0.0/8", VPC, HERE, None),
        ("1.2.3.4/5", ZONES, HERE, None),
        ("dummy1a", VPC, HERE, "zone"),
        ("dummy1c", ZONES, HERE, "zone"),
        ("us-east-1a", ZONES, HERE, None),
        ("dummy1a", "ami", HERE, None),
    ],
)
def test_a_text_is_a_placeholder_where_a_lookup_for_its_place_is_pending(
    text: str, provider: str, properties: Any, placeholder: str | None
) -> None:
    lookups = Lookups(missing=[{"key": "k", "provider": provider, "props": properties}])
    stack = app({}, lookups=lookups).stacks[0]
    tests = {"vpc part": is_vpc_part, "range": is_vpc_range, "zone": is_zone}
    assert [name for name, test in tests.items() if test(text, stack)] == [placeholder] * bool(placeholder)
