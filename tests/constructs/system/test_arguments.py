"""Every wrong argument of a system is told, in words that say what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from tts_constructs import standards
from tts_constructs.constructs.system.network_policy import Flow, NetworkPolicy
from tts_constructs.constructs.system.tts_system import TtsSystem
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.synth.git_provenance import Provenance
from tts_constructs.system_metadata import DataSensitivity, Environment

MakeSystem = Callable[..., TtsSystem]


@pytest.fixture
def fault_of(make_system: MakeSystem) -> Callable[..., str]:
    """The one fault of a system with these arguments."""

    def fault(stack: cdk.Stack | None = None, **arguments: Any) -> str:
        with pytest.raises(InvalidArgumentError) as refused:
            make_system(stack, **arguments)
        (only,) = refused.value.faults
        return only

    return fault


FaultOf = Callable[..., str]


@pytest.mark.parametrize("project", ["", "  ", "TODO", "test", "---"])
def test_a_project_that_names_none_is_refused(fault_of: FaultOf, project: str) -> None:
    assert fault_of(project=project) == (
        f"project is {project!r}, which names no project; write the name it is registered under"
    )


def test_a_project_that_a_tag_cannot_hold_is_refused(fault_of: FaultOf) -> None:
    assert fault_of(project="benefits#1!") == (
        "project is 'benefits#1!', and a tag cannot hold ! #; "
        "write letters, digits, spaces and _ . : / = + - @"
    )


def test_a_project_of_every_character_that_a_tag_can_hold_is_taken(make_system: MakeSystem) -> None:
    assert make_system(project="Bénéfits 2 _.:/=+-@").project == "Bénéfits 2 _.:/=+-@"


def test_a_project_may_have_256_characters_and_no_more(fault_of: FaultOf, make_system: MakeSystem) -> None:
    assert make_system(project="p" * 256).project == "p" * 256
    assert fault_of(project="p" * 257) == "project has 257 characters; a tag holds 256"


def test_a_project_that_is_no_text_is_refused(fault_of: FaultOf) -> None:
    assert fault_of(project=None) == "project=None; write text"


@pytest.mark.parametrize("owner", ["", "benefits", "benefits@", "@example.gov", "a b@example.gov", "a@gov"])
def test_an_owner_without_an_e_mail_address_is_refused(fault_of: FaultOf, owner: str) -> None:
    assert fault_of(owner=owner) == (
        f"owner is {owner!r}; write the e-mail address of the team that is responsible for the system"
    )


def test_an_owner_that_a_tag_cannot_hold_is_refused(fault_of: FaultOf) -> None:
    assert "owner is 'a!b@example.gov', and a tag cannot hold !" in fault_of(owner="a!b@example.gov")


def test_an_owner_that_is_no_text_is_refused(fault_of: FaultOf) -> None:
    assert fault_of(owner=7) == "owner=7 is a number; write text"


def test_an_environment_that_is_none_is_refused(fault_of: FaultOf) -> None:
    assert fault_of(environment="prod") == (
        "environment='prod' is text; write one of Environment.PRODUCTION, Environment.SANDBOX, "
        "Environment.DEVELOPMENT"
    )


def test_a_data_sensitivity_that_is_none_is_refused(fault_of: FaultOf) -> None:
    assert fault_of(data_sensitivity="secret") == (
        "data_sensitivity='secret' is text; write one of DataSensitivity.SENSITIVE, DataSensitivity.PUBLIC, "
        "DataSensitivity.SYNTHETIC"
    )


@pytest.mark.parametrize(
    ("declared", "word"), [(None, "undeclared"), (DataSensitivity.SENSITIVE, "sensitive")]
)
def test_a_sandbox_keeps_no_sensitive_data(
    fault_of: FaultOf, declared: DataSensitivity | None, word: str
) -> None:
    assert fault_of(environment=Environment.SANDBOX, data_sensitivity=declared) == (
        f"data_sensitivity is {word}, and a sandbox keeps no sensitive information; "
        "write DataSensitivity.SYNTHETIC or DataSensitivity.PUBLIC"
    )


@pytest.mark.parametrize("declared", [DataSensitivity.PUBLIC, DataSensitivity.SYNTHETIC])
def test_a_sandbox_keeps_public_and_synthetic_data(
    make_system: MakeSystem, declared: DataSensitivity
) -> None:
    system = make_system(environment=Environment.SANDBOX, data_sensitivity=declared)
    assert system.data_sensitivity is declared


def test_a_system_in_no_stack_is_refused(make_app: Callable[..., cdk.App]) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        TtsSystem(
            make_app(),
            "System",
            project="benefits",
            environment=Environment.PRODUCTION,
            owner="benefits@example.gov",
        )
    assert str(refused.value) == 'TtsSystem "System": scope= is in no stack; write a stack with `env=`'


def test_a_stack_without_account_and_region_is_refused(
    fault_of: FaultOf, make_app: Callable[..., cdk.App]
) -> None:
    assert fault_of(cdk.Stack(make_app(), "Stack")) == (
        'its stack "Stack" has no concrete account and region, without which no zone and no image is found; '
        "write Stack(..., env=Environment(account=..., region='us-east-1'))"
    )


@pytest.mark.parametrize("env", [{"account": "111122223333"}, {"region": "us-east-1"}])
def test_a_stack_with_half_an_environment_is_refused(
    fault_of: FaultOf, make_app: Callable[..., cdk.App], env: dict[str, str]
) -> None:
    stack = cdk.Stack(make_app(), "Stack", env=cdk.Environment(**env))
    assert "has no concrete account and region" in fault_of(stack)


def test_a_region_outside_the_united_states_is_refused(
    fault_of: FaultOf, make_app: Callable[..., cdk.App]
) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    assert fault_of(cdk.Stack(make_app(), "Stack", env=env)) == (
        "its region is 'eu-west-1'; systems run in us-east-1, us-east-2, us-west-1, us-west-2, "
        "us-gov-east-1, us-gov-west-1"
    )


@pytest.mark.parametrize("region", standards.REGIONS)
def test_every_region_of_the_catalog_is_taken(make_system: MakeSystem, region: str) -> None:
    assert make_system(region=region).stack.region == region


@pytest.mark.parametrize(
    ("cidr", "fault"),
    [
        ("10.0.0.0", "cidr is '10.0.0.0'; write a range from /16 to /23, such as '10.0.0.0/16'"),
        ("10.0.0.0/15", "cidr is '10.0.0.0/15'; write a range from /16 to /23, such as '10.0.0.0/16'"),
        ("10.0.0.0/24", "cidr is '10.0.0.0/24'; write a range from /16 to /23, such as '10.0.0.0/16'"),
        ("10.0.0.1/16", "cidr: 10.0.0.1/16 has host bits set; write an IPv4 range such as '10.0.0.0/16'"),
        (
            "8.8.0.0/16",
            "cidr is '8.8.0.0/16', whose addresses are others'; write a private range such as '10.0.0.0/16'",
        ),
    ],
)
def test_an_address_range_that_is_none_for_a_vpc_is_refused(fault_of: FaultOf, cidr: str, fault: str) -> None:
    assert fault_of(cidr=cidr) == fault


def test_an_ipv6_range_is_refused_for_a_vpc(fault_of: FaultOf) -> None:
    assert fault_of(cidr="fd00::/16").startswith("cidr: ")


@pytest.mark.parametrize("zones", [0, 1])
def test_too_few_zones_are_refused(fault_of: FaultOf, zones: int) -> None:
    assert fault_of(availability_zones=zones) == (
        f"availability_zones are {zones}; a system uses 2 to 4 of them"
    )


def test_more_zones_than_the_range_has_room_for_are_refused(fault_of: FaultOf) -> None:
    zones = [f"us-east-1{letter}" for letter in "abcde"]
    known = {"availability-zones:account=111122223333:region=us-east-1": zones}
    env = cdk.Environment(account="111122223333", region="us-east-1")
    assert fault_of(cdk.Stack(cdk.App(context=known), "Stack", env=env), availability_zones=zones) == (
        "availability_zones are 5; a system uses 2 to 4 of them"
    )


def test_one_named_zone_is_refused(fault_of: FaultOf) -> None:
    assert fault_of(availability_zones=["us-east-1a"]) == (
        "availability_zones are 1; a system uses 2 to 4 of them"
    )


def test_more_zones_than_the_account_has_are_refused(fault_of: FaultOf) -> None:
    assert fault_of(availability_zones=4) == (
        "availability_zones are 4, and the account has 3 in the region: us-east-1a, us-east-1b, us-east-1c"
    )


def test_a_zone_that_the_account_does_not_have_is_refused(fault_of: FaultOf) -> None:
    assert fault_of(availability_zones=["us-east-1a", "us-west-2a"]) == (
        "availability_zones name 'us-west-2a', which the account has not in the region; "
        "it has: us-east-1a, us-east-1b, us-east-1c"
    )


def test_a_zone_named_twice_is_refused(fault_of: FaultOf) -> None:
    assert (
        fault_of(availability_zones=["us-east-1a", "us-east-1a"])
        == "availability_zones name 'us-east-1a' twice"
    )


def test_zones_in_one_text_are_refused(fault_of: FaultOf) -> None:
    assert fault_of(availability_zones="us-east-1a,us-east-1b", nat_gateways=2) == (
        "availability_zones='us-east-1a,us-east-1b' is text; write ['us-east-1a', 'us-east-1b'] "
        "or a whole number"
    )


def test_zones_are_not_checked_before_they_are_looked_up(make_system: MakeSystem) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account="111122223333", region="us-east-1"))
    assert len(make_system(stack, availability_zones=4).vpc.private_subnets) == 3


@pytest.mark.parametrize("number", [-1, 3])
def test_a_number_of_nat_gateways_that_does_not_do_is_refused(fault_of: FaultOf, number: int) -> None:
    assert fault_of(nat_gateways=number) == (
        f"nat_gateways is {number}; write a number from 0 to 2, the number of availability zones"
    )


def test_a_policy_that_no_network_acl_can_hold_is_refused(fault_of: FaultOf) -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to(f"192.0.{n}.0/24", 5432) for n in range(18)])
    assert fault_of(network=policy) == (
        "network: its flows need 20 outbound entries in the network ACL of the private subnets, "
        "which holds 19; state fewer outbound flows"
    )


def test_an_ipv6_flow_is_refused_where_the_vpc_speaks_none(
    fault_of: FaultOf, make_system: MakeSystem
) -> None:
    policy = NetworkPolicy(outbound=[Flow.tcp_to("2001:db8::/32", 587)])
    assert fault_of(network=policy) == (
        "network: Flow.tcp_to('2001:db8::/32', 587) is of IPv6, which the VPC does not speak; "
        "write `ipv6=True`"
    )
    assert make_system(network=policy, ipv6=True).network is policy


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize("environment", Environment)
def test_a_system_that_nobody_knows_the_origin_of_says_why(
    make_system: MakeSystem, monkeypatch: pytest.MonkeyPatch, environment: Environment
) -> None:
    missing = {"repository": "no-git", "commit": "no-git", "dirty": "no-git"}
    monkeypatch.setattr("tts_constructs.synth.metadata.provenance", lambda _: Provenance(missing=missing))
    system = make_system(environment=environment, data_sensitivity=DataSensitivity.SYNTHETIC)
    record = Template.from_stack(system.stack).to_json()["Metadata"]["TTS"]
    assert record == {
        "version": 1,
        "system": "Stack/System",
        "project": "benefits",
        "environment": environment.value,
        "owner": "benefits@example.gov",
        "data_sensitivity": "synthetic",
        "missing": missing,
    }


def test_all_faults_are_told_at_once_with_the_place(make_system: MakeSystem) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        make_system(
            project="", owner="x", environment=Environment.SANDBOX, cidr="10.0.0.0/8", availability_zones=1
        )
    assert str(refused.value).startswith('TtsSystem "Stack/System": 5 faults:\n  - project is')
