"""Every argument of every public construct is checked by type, and the fault says what to write instead."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import Duration
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

import tts_constructs
from tts_constructs import Access, Alarms, DataSensitivity, Environment, Flow, NetworkPolicy, TtsAsgService
from tts_constructs.arguments import checked, refuse
from tts_constructs.constructs.system.tts_system import TtsSystem
from tts_constructs.errors import InvalidArgumentError

TOKEN = cdk.Token.as_string({"Ref": "Something"})
NUMBER_TOKEN = cdk.Token.as_number({"Ref": "Something"})
LIST_TOKEN = cdk.Token.as_list({"Ref": "Something"})

CALLED_BY_THE_CDK = {"TtsGuardrails.visit", "FismaReadyImage.get_image"}
"""Methods that no app calls; the first is called for every construct."""

Function = Callable[..., Any]


def parameters(function: Function) -> list[inspect.Parameter]:
    """The parameters that a caller gives."""
    named = inspect.signature(function).parameters.values()
    return [parameter for parameter in named if parameter.name not in ("self", "cls")]


def public_callables() -> Iterator[tuple[str, Function]]:
    """Each `__init__` and public method of an exported class that takes an argument."""
    for exported in tts_constructs.__all__:
        kind = getattr(tts_constructs, exported)
        if not inspect.isclass(kind) or issubclass(kind, str):
            continue
        for owner in kind.__mro__:
            if not owner.__module__.startswith("tts_constructs."):
                continue
            for name, member in vars(owner).items():
                function = getattr(member, "__func__", member)
                is_public = name == "__init__" or not name.startswith("_")
                if not (is_public and inspect.isfunction(function)):
                    continue
                if getattr(function, "__isabstractmethod__", False) or not parameters(function):
                    continue
                yield f"{exported}.{name}", function


CALLABLES = {name: function for name, function in public_callables() if name not in CALLED_BY_THE_CDK}


class Wrong:
    """A value that fits no argument."""


def call(function: Function, value: object) -> InvalidArgumentError:
    """What a function says if each argument has one value."""
    positional: list[object] = [None] if "self" in inspect.signature(function).parameters else []
    positional += [TtsSystem] if "cls" in inspect.signature(function).parameters else []
    named = {}
    for parameter in parameters(function):
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional.append(value)
        else:
            named[parameter.name] = value
    with pytest.raises(InvalidArgumentError) as refused:
        function(*positional, **named)
    return refused.value


def test_the_callables_are_those_of_every_construct() -> None:
    assert {
        "TtsSystem.__init__",
        "TtsSystem.of",
        "TtsAsgService.__init__",
        "TtsAsgService.add_user_data",
        "TtsBucket.from_bucket_name",
        "TtsGuardrails.__init__",
        "NetworkPolicy.__init__",
        "Flow.tcp_to",
        "Alarms.none",
        "Access.restricted",
        "FismaReadyImage.__init__",
    } <= CALLABLES.keys()


@pytest.mark.parametrize("name", CALLABLES)
def test_each_argument_of_a_wrong_type_is_named(name: str) -> None:
    function = CALLABLES[name]
    faults = call(function, Wrong()).faults
    unnamed = [
        parameter.name
        for parameter in parameters(function)
        if not any(
            fault.startswith((f"{parameter.name}= is a Wrong", f"{parameter.name}[0]=")) for fault in faults
        )
    ]
    assert unnamed == []
    assert [fault for fault in faults if "; write " not in fault] == []


def test_an_argument_that_is_not_annotated_would_be_seen() -> None:
    def unchecked(port):  # type: ignore[no-untyped-def]  # noqa: ARG001 - what is tested
        raise InvalidArgumentError("unchecked", ["something else"])

    assert not any(fault.startswith("port=") for fault in call(unchecked, Wrong()).faults)


# What to write instead


@checked(tokens=("arn", "names"), values=True)
def function(
    *more: str,
    port: int = 443,
    percent: float = 50.0,
    on: bool = False,
    name: str = "name",
    arn: str = "arn",
    names: Sequence[str] = (),
    zones: Sequence[str] | int = 2,
    flows: Sequence[tts_constructs.InboundFlow] = (),
    pair: tuple[str, ...] = (),
    environment: Environment = Environment.SANDBOX,
    instance_type: ec2.InstanceType | None = None,
    grace: Duration | None = None,
    certificate: acm.ICertificate | None = None,
    key: kms.IKey | None = None,
    grantee: iam.IGrantable | None = None,
    alarms: Alarms | None = None,
    scope: Construct | None = None,
) -> dict[str, Any]:
    """A function with an argument of every kind."""
    given = dict(locals())
    refuse("function", [f"port={port} is odd"] if port % 2 == 0 else [])
    return given


def fault_of(**arguments: Any) -> str:
    with pytest.raises(InvalidArgumentError) as refused:
        function(**arguments)
    (fault,) = refused.value.faults
    return fault


@pytest.mark.parametrize(
    ("argument", "value", "fault"),
    [
        ("port", "8081", "port='8081' is text; write 8081"),
        ("port", "http", "port='http' is text; write a whole number"),
        ("port", 8081.0, "port=8081.0 is a number; write 8081"),
        ("port", 80.5, "port=80.5 is a number; write a whole number"),
        ("port", True, "port=True; write a whole number"),
        ("port", None, "port=None; write a whole number"),
        ("port", [443], "port= is a list; write a whole number"),
        ("percent", "60", "percent='60' is text; write 60"),
        ("percent", float("nan"), "percent=nan is a number; write a number"),
        ("on", 1, "on=1 is a number; write True or False"),
        ("on", "yes", "on='yes' is text; write True or False"),
        ("name", 7, "name=7 is a number; write text"),
        ("name", None, "name=None; write text"),
        ("names", "a b", "names='a b' is text; write ['a b']"),
        ("names", "a,b", "names='a,b' is text; write ['a', 'b']"),
        ("names", "one\ntwo", "names='one\\ntwo' is text; write a list, such as text.splitlines()"),
        ("names", (name for name in "ab"), "names= is a generator, which can be read only once; write a "
         "list, such as list(...) of it"),
        ("names", {"a"}, "names= is a set; write a list, such as list(...) of it"),
        ("names", None, "names=None; write a list: [text]"),
        ("names", ["a", 2], "names[1]=2 is a number; write text"),
        ("zones", "a,b", "zones='a,b' is text; write ['a', 'b'] or a whole number"),
        ("zones", ("a", None), "zones[1]=None; write text"),
        ("zones", True, "zones=True; write a list: [text] or a whole number"),
        ("flows", Flow.https_from_internet(), "flows= is an InboundFlow; write a list that holds it: [...]"),
        ("environment", "Sandbox", "environment='Sandbox' is text; write Environment.SANDBOX"),
        ("environment", DataSensitivity.PUBLIC, "environment=DataSensitivity.PUBLIC; write one of "
         "Environment.PRODUCTION, Environment.SANDBOX, Environment.DEVELOPMENT"),
        ("instance_type", "t3.small", "instance_type='t3.small' is text; write ec2.InstanceType('t3.small')"),
        ("instance_type", ec2.InstanceType, "instance_type= is the class ec2.InstanceType; write "
         "ec2.InstanceType(...)"),
        ("grace", 300, "grace=300 is a number; write Duration.seconds(300)"),
        ("grace", "5m", "grace='5m' is text; write Duration.seconds(300)"),
        ("certificate", "arn:aws:acm:us-east-1:111122223333:certificate/1", "certificate="
         "'arn:aws:acm:us-east-1:<account>:certificate/1' is text; write "
         "acm.Certificate.from_certificate_arn(self, 'Certificate', "
         "'arn:aws:acm:us-east-1:<account>:certificate/1')"),
        ("certificate", TOKEN, "certificate= is a token; write acm.Certificate.from_certificate_arn(self, "
         "'Certificate', ...)"),
        ("alarms", "a@example.gov", "alarms='a@example.gov' is text; write Alarms.to_topic(topic), "
         "Alarms.to_email('team@example.gov') or Alarms.none(reason='...')"),
        ("scope", "self", "scope='self' is text; write a construct, such as a stack or self"),
        ("port", NUMBER_TOKEN, "port= is a token, whose value is known only at deployment; write the number"),
        ("port", TOKEN, "port= is a token, whose value is known only at deployment; write the number"),
        ("name", f"web-{TOKEN}", "name= is a token, whose value is known only at deployment; write the text"),
        ("zones", LIST_TOKEN, "zones= is a token, whose value is known only at deployment; write the number "
         "or the list"),
        ("grace", Duration.seconds(NUMBER_TOKEN), "grace= is a token, whose value is known only at "
         "deployment; write the time"),
        ("flows", LIST_TOKEN, "flows= is a token, whose value is known only at deployment; write the list"),
        ("pair", ["a", TOKEN], "pair[1]= is a token, whose value is known only at deployment; write the "
         "text"),
    ],
)  # fmt: skip
def test_a_fault_says_what_was_given_and_what_to_write(argument: str, value: object, fault: str) -> None:
    assert fault_of(**{argument: value}) == fault


def test_one_of_several_arguments_is_named_by_its_position() -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        function("a", 2)  # type: ignore[arg-type]  # what is tested
    assert refused.value.faults == ("more[1]=2 is a number; write text",)


def test_long_text_is_cut_short() -> None:
    assert len(fault_of(port="x" * 1000)) < 150


# What it takes


def test_tokens_are_taken_where_only_cloudformation_reads_them() -> None:
    assert function(arn=TOKEN, names=LIST_TOKEN)["names"] == LIST_TOKEN
    assert function(names=["a", TOKEN])["names"] == ["a", TOKEN]


@pytest.mark.parametrize("zones", [["a", "b"], ("a", "b"), types.MappingProxyType({"a": 1, "b": 2}).keys()])
def test_a_tuple_is_a_sequence_that_jsii_takes(zones: Any) -> None:
    if isinstance(zones, Sequence):
        assert function(zones=zones)["zones"] == ["a", "b"]
    else:
        assert fault_of(zones=zones).endswith("write a list, such as list(...) of it or a whole number")


def test_a_list_becomes_a_tuple_where_a_value_class_keeps_one() -> None:
    given: Any = ["a", "b"]
    assert function(pair=given)["pair"] == ("a", "b")


def test_a_list_is_handed_on_as_it_is() -> None:
    given = ["a"]
    assert function(names=given)["names"] is given


def test_access_takes_a_generator_of_ranges() -> None:
    assert Access.restricted(f"192.0.2.{n}/32" for n in range(2)).ranges == ("192.0.2.0/32", "192.0.2.1/32")


def test_a_list_of_ranges_makes_a_flow() -> None:
    flow = tts_constructs.InboundFlow(["192.0.2.0/24"])  # type: ignore[arg-type]  # what is tested
    assert flow == Flow.https_from("192.0.2.0/24")


@jsii.implements(iam.IGrantable)
class Grantee:
    """A class of an app that implements an interface of the CDK."""

    def __init__(self, role: iam.IRole) -> None:
        self._role = role

    @property
    def grant_principal(self) -> iam.IPrincipal:
        return self._role.grant_principal


def test_what_implements_an_interface_is_taken_however_it_was_made(
    make_stack: Callable[..., cdk.Stack],
) -> None:
    stack = make_stack()
    bucket = s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    arn = "arn:aws:kms:us-east-1:111122223333:key/1"
    keys = [
        kms.Key(stack, "Key"),
        kms.Key.from_key_arn(stack, "Imported", arn),
        kms.Alias(stack, "Alias", alias_name="alias/a", target_key=kms.Key(stack, "Aliased")),
        kms.Key.from_lookup(stack, "LookedUp", alias_name="alias/b"),
        bucket.encryption_key,
    ]
    for key in keys:
        assert function(key=key)["key"] is key
    imported = iam.Role.from_role_arn(stack, "ImportedRole", "arn:aws:iam::111122223333:role/r")
    grantees: list[Any] = [role, imported, Grantee(role)]
    for grantee in grantees:
        assert function(grantee=grantee)["grantee"] is grantee
    found: Any = stack.node.find_child("Bucket")  # as JavaScript hands it on
    assert function(scope=found)["scope"] is found


def test_what_implements_another_interface_is_refused(make_stack: Callable[..., cdk.Stack]) -> None:
    key = kms.Key.from_key_arn(make_stack(), "Key", "arn:aws:kms:us-east-1:111122223333:key/1")
    assert fault_of(certificate=key) == (
        "certificate= is a kms.IKey; write acm.Certificate.from_certificate_arn(self, 'Certificate', ...)"
    )


# All faults at once


def test_faults_of_types_and_of_values_are_told_together() -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        function(port=80, name=7, on="yes")  # type: ignore[arg-type]  # what is tested
    assert refused.value.faults == (
        "on='yes' is text; write True or False",
        "name=7 is a number; write text",
        "port=80 is odd",
    )


def test_a_value_is_not_judged_by_a_default_that_stands_in_for_a_wrong_type() -> None:
    @checked(values=True)
    def sized(smallest: int = 2, largest: int = 4) -> None:
        refuse("sized", [f"largest={largest} is below smallest={smallest}"] if largest < smallest else [])

    with pytest.raises(InvalidArgumentError) as refused:
        sized(smallest="1", largest=1)  # type: ignore[arg-type]  # what is tested
    assert refused.value.faults == ("smallest='1' is text; write 1",)


def test_nothing_is_made_of_a_wrong_type() -> None:
    made = []

    @checked(values=True)
    def make(size: int) -> None:
        refuse("make", [])
        made.append(size)

    with pytest.raises(InvalidArgumentError):
        make("1")  # type: ignore[arg-type]  # what is tested
    make(1)
    assert made == [1]


def test_a_part_that_a_check_makes_is_not_taken_for_the_one_with_the_wrong_type() -> None:
    @checked(values=True)
    def outer(size: int) -> None:  # noqa: ARG001 - what is wrong
        refuse("outer", [str(len(NetworkPolicy().inbound))])

    with pytest.raises(InvalidArgumentError) as refused:
        outer("1")  # type: ignore[arg-type]  # what is tested
    assert refused.value.faults == ("size='1' is text; write 1", "1")


def test_a_system_tells_all_faults_at_once(make_system: Callable[..., TtsSystem]) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        make_system(project=7, ipv6="yes", cidr="10.0.0.0/8", availability_zones=("us-east-1a", 2), owner="x")
    assert [fault.partition(" ")[0].partition("=")[0] for fault in refused.value.faults] == [
        "project", "availability_zones[1]", "ipv6", "owner", "cidr",
    ]  # fmt: skip


def test_a_service_tells_all_faults_at_once(make_system: Callable[..., TtsSystem]) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        TtsAsgService(
            make_system(),
            "Web",
            access=Access.public(),
            port=0,
            alarms=Alarms.none(reason="a test"),
            certificate="arn",  # type: ignore[arg-type]  # what is tested
            instance_type="t3.small",  # type: ignore[arg-type]
            replace_after=30,  # type: ignore[arg-type]
            health_check_path="health",
        )
    assert str(refused.value).startswith('TtsAsgService "Web": 5 faults:')
    assert [fault.partition("=")[0] for fault in refused.value.faults] == [
        "certificate", "instance_type", "replace_after", "port", "health_check_path",
    ]  # fmt: skip


def test_the_subject_of_a_method_is_its_name() -> None:
    with pytest.raises(InvalidArgumentError, match=r"^Flow\.tcp_to: port='443' is text; write 443$"):
        Flow.tcp_to("192.0.2.0/24", "443")  # type: ignore[arg-type]  # what is tested


def test_a_missing_argument_is_named_by_python() -> None:
    with pytest.raises(TypeError, match=r"^Flow\.tcp_to\(\) missing 1 required positional argument: 'port'$"):
        Flow.tcp_to("192.0.2.0/24")  # type: ignore[call-arg]  # what is tested


def test_a_token_must_be_a_parameter() -> None:
    with pytest.raises(TypeError, match="has no parameter arm"):
        checked(tokens=["arm"])(lambda arn: arn)


def test_zones_may_be_a_tuple(make_system: Callable[..., TtsSystem]) -> None:
    system = make_system(availability_zones=("us-east-1b", "us-east-1c"))
    assert system.vpc.availability_zones[:2] == ["us-east-1b", "us-east-1c"]


def test_a_service_takes_what_an_app_imports(make_system: Callable[..., TtsSystem]) -> None:
    system = make_system()
    certificate = acm.Certificate.from_certificate_arn(system, "Certificate", TOKEN)
    service = TtsAsgService(
        system,
        "Web",
        access=Access.public(),
        port=8080,
        alarms=Alarms.none(reason="a test"),
        certificate=certificate,
        volume_key=kms.Key.from_key_arn(system, "Volumes", "arn:aws:kms:us-east-1:111122223333:key/1"),
        user_data=("one", "two"),
        target_protocol=elbv2.ApplicationProtocol.HTTPS,
        signals=autoscaling.Signals.wait_for_all(),
    )
    assert service.url.startswith("https://")
