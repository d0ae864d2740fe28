"""Lookups that are not recorded: which of them the run at hand will not make."""

from collections.abc import Mapping
from typing import Any

import pytest

from tts_constructs.policy.aws.pending_lookups import unmade
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
