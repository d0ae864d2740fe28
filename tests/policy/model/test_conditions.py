"""What conditions exclude."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.judging import app
from tts_constructs import standards
from tts_constructs.policy.model import conditions
from tts_constructs.policy.model.branches import Facts
from tts_constructs.policy.model.conditions import OTHER, REGION, Conditions, takes_empty
from tts_constructs.policy.model.intrinsics import is_call
from tts_constructs.policy.model.stack import assumed_by

STAGES = ["dev", "test", "prod"]
PARAMETERS = {
    "Stage": {"Type": "String", "Default": "dev", "AllowedValues": STAGES},
    "Extra": {"Type": "String", "Default": "no", "AllowedValues": ["yes", "no"]},
    "Key": {"Type": "String", "Default": ""},
    "Arn": {"Type": "String", "AllowedPattern": "arn:.+"},
    "Names": {"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]},
    "Ports": {"Type": "List<Number>", "AllowedValues": [80, 443]},
    "Image": {"Type": "AWS::SSM::Parameter::Value<String>", "AllowedValues": ["/a", "/b"]},
}


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def equals(one: Any, other: Any) -> dict[str, Any]:
    return {"Fn::Equals": [one, other]}


def is_(name: str, value: Any) -> dict[str, Any]:
    return equals(ref(name), value)


def no(raw: Any) -> dict[str, Any]:
    return {"Fn::Not": [raw]}


def both(*raw: Any) -> dict[str, Any]:
    return {"Fn::And": list(raw)}


def either(*raw: Any) -> dict[str, Any]:
    return {"Fn::Or": list(raw)}


def named(name: str) -> dict[str, Any]:
    return {"Condition": name}


def of_the_place(region: str) -> dict[str, str]:
    return {"AWS::Region": region, "AWS::Partition": standards.partition(region)}


def stated(raw: Any, region: str | None) -> str | None:
    if region is not None and is_call(raw):
        return of_the_place(region).get(raw.get("Ref"))
    return str(raw).lower() if isinstance(raw, bool) else raw if isinstance(raw, str) else None


def conditions_of(raw: Any, parameters: Any = PARAMETERS) -> Conditions:
    return Conditions(raw, parameters, stated)


def ways(first: Any, second: Any, **others: Any) -> set[tuple[bool, bool]]:
    """Every way in which two conditions can turn out together."""
    read = conditions_of({"A": first, "B": second, **others})
    found = set()
    for one, other in product((True, False), repeat=2):
        if read.can_hold("A", one, Facts()) and read.can_hold("B", other, Facts({"A": one})):
            found.add((one, other))
    return found


ALL = {(True, True), (True, False), (False, True), (False, False)}
SAME = {(True, True), (False, False)}
CONTRARY = {(True, False), (False, True)}
EXCLUDING = ALL - {(True, True)}
IMPLIED = ALL - {(True, False)}
"""The second holds wherever the first does."""

PROD, DEV, TEST, EXTRA = (
    is_("Stage", "prod"),
    is_("Stage", "dev"),
    equals("test", ref("Stage")),
    is_("Extra", "yes"),
)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (PROD, EXTRA, ALL),
        (PROD, PROD, SAME),
        (PROD, named("A"), SAME),
        (PROD, no(PROD), CONTRARY),
        (PROD, no(no(named("A"))), SAME),
        (PROD, DEV, EXCLUDING),
        (both(PROD, EXTRA), PROD, IMPLIED),
        (PROD, either(PROD, EXTRA), IMPLIED),
        (PROD, either(DEV, TEST), CONTRARY),
        (either(PROD, EXTRA), both(no(PROD), is_("Extra", "no")), CONTRARY),
        (both(PROD, DEV), EXTRA, {(False, True), (False, False)}),
        (either(PROD, DEV, TEST), EXTRA, {(True, True), (True, False)}),
        (is_("Stage", "elsewhere"), PROD, {(False, True), (False, False)}),
        (is_("Key", ""), is_("Key", "x"), EXCLUDING),
        (is_("Arn", ""), PROD, {(False, True), (False, False)}),
        (is_("Image", "/a"), is_("Image", "ami-1"), EXCLUDING),
        (is_("Names", "a,b"), is_("Names", "a"), EXCLUDING),
        (is_("Ports", "80,443"), is_("Ports", "80"), EXCLUDING),
        (is_("Nowhere", "a"), is_("Nowhere", "b"), EXCLUDING),
        (is_("AWS::Region", "us-east-1"), is_("AWS::Region", "us-west-2"), EXCLUDING),
        (is_("AWS::Region", "cn-north-1"), PROD, {(False, True), (False, False)}),
        (is_("AWS::Partition", "aws"), is_("AWS::Region", "us-gov-west-1"), EXCLUDING),
        (is_("AWS::Partition", "aws"), is_("AWS::Partition", "aws-us-gov"), CONTRARY),
        (is_("AWS::Partition", "aws-cn"), PROD, {(False, True), (False, False)}),
        (is_("AWS::AccountId", "1"), is_("AWS::AccountId", "2"), EXCLUDING),
        (equals(ref("AWS::Region"), ref("Key")), is_("AWS::Region", "us-east-1"), ALL),
        (equals("a", "a"), PROD, {(True, True), (True, False)}),
        (equals("a", "b"), PROD, {(False, True), (False, False)}),
        (equals(ref("Key"), ref("Key")), PROD, {(True, True), (True, False)}),
        (equals(ref("Key"), ref("Arn")), equals(ref("Arn"), ref("Key")), SAME),
        (equals(ref("Key"), ref("Arn")), equals(ref("Arn"), ref("Stage")), ALL),
        (is_("Extra", True), is_("Extra", "true"), {(False, False)}),
        (named("Nowhere"), named("B"), ALL),
        ("text", {}, ALL),
        ({**PROD, "Condition": "B"}, PROD, ALL),
        ({"Condition": ["B"]}, PROD, ALL),
        ({"Fn::Equals": "Stage"}, PROD, ALL),
        ({"Fn::Equals": [ref("Stage")]}, PROD, ALL),
        ({"Fn::Not": [PROD, PROD]}, PROD, ALL),
        ({"Fn::Not": PROD}, PROD, ALL),
        ({"Fn::And": []}, PROD, ALL),
        ({"Fn::Each": [PROD]}, PROD, ALL),
        (either("text", PROD), PROD, ALL - {(False, True)}),
        (both("text", PROD), PROD, IMPLIED),
    ],
)
def test_two_conditions_turn_out_together_as_they_can(
    first: Any, second: Any, expected: set[tuple[bool, bool]]
) -> None:
    assert ways(first, second) == expected


@pytest.mark.parametrize("raw", [None, [PROD], "text"])
def test_what_is_no_map_of_conditions_excludes_nothing(raw: Any) -> None:
    read = conditions_of(raw, None)
    assert read.can_hold("A", True, Facts())
    assert read.can_be("Stage", "prod", Facts({"A": False}))
    assert not read.mention("Stage")


@pytest.mark.parametrize(
    ("name", "value", "facts", "expected"),
    [
        ("Stage", "prod", Facts({"A": True}), True),
        ("Stage", "dev", Facts({"A": True}), False),
        ("Stage", "prod", Facts({"A": False}), False),
        ("Stage", "dev", Facts({"A": False}, {"Stage": "dev"}), True),
        ("Stage", "test", Facts({}, {"Stage": "dev"}), False),
        ("Extra", "yes", Facts({"A": True, "B": True}), True),
        ("Extra", "no", Facts({"A": True, "B": True}), False),
        ("Extra", "no", Facts({"B": True}, {"Stage": "dev"}), True),
        ("Key", "any", Facts({"A": True}), True),
    ],
)
def test_a_parameter_has_the_values_that_conditions_leave(
    name: str, value: str, facts: Facts, expected: bool
) -> None:
    read = conditions_of({"A": PROD, "B": either(DEV, EXTRA)})
    assert read.can_be(name, value, facts) is expected


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("Stage", Facts({"A": True}), "prod"),
        ("Stage", Facts({"A": False}), None),
        ("Stage", Facts(), None),
        ("Key", Facts({"B": True}), ""),
        ("Key", Facts({"B": False}), None),
        ("Arn", Facts({"A": True}), None),
    ],
)
def test_a_condition_can_leave_one_value(name: str, facts: Facts, expected: str | None) -> None:
    assert conditions_of({"A": PROD, "B": is_("Key", "")}).only_value(name, facts) == expected


def test_a_region_that_is_not_known_is_one_that_conditions_leave() -> None:
    read = conditions_of({"Gov": is_("AWS::Partition", "aws-us-gov"), "West": is_(REGION, "us-gov-west-1")})
    assert not read.can_be(REGION, "cn-north-1", Facts())
    assert not read.can_be(REGION, "us-east-1", Facts({"Gov": True}))
    assert read.can_be(REGION, "us-east-1", Facts({"Gov": False}))
    assert read.only_value(REGION, Facts({"Gov": True})) is None
    assert read.only_value(REGION, Facts({"Gov": True, "West": False})) == "us-gov-east-1"


def test_conditions_are_related_by_what_they_speak_of() -> None:
    read = conditions_of({"A": PROD, "B": both(named("A"), EXTRA), "C": is_("Key", "")})
    assert read.are_related(["A", "B"])
    assert not read.are_related(["A", "C"])


def test_conditions_that_can_all_hold() -> None:
    read = conditions_of({"A": PROD, "B": DEV, "C": EXTRA})
    assert read.can_all_hold(Facts({"A": True, "C": True}))
    assert not read.can_all_hold(Facts({"A": True, "B": True}))
    assert read.can_all_hold(Facts())


def test_a_long_chain_of_conditions_excludes_nothing() -> None:
    chain = {"A": PROD} | {f"C{number}": named(f"C{number - 1}" if number else "A") for number in range(30)}
    read = conditions_of(chain)
    assert not read.can_hold("C10", False, Facts({"A": True}))
    assert read.can_hold("C29", False, Facts({"A": True}))


def test_conditions_that_multiply_are_read_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    doubled = {"A": PROD} | {
        f"C{number}": both(*[named(f"C{number - 1}" if number else "A")] * 2) for number in range(15)
    }
    assert not conditions_of(doubled).can_hold("C5", True, Facts({"A": False}))
    monkeypatch.setattr(conditions, "_MOST_STEPS", 3)
    assert conditions_of(doubled).can_hold("C5", True, Facts({"A": False}))
    monkeypatch.setattr(conditions, "_MOST_STEPS_IN_ALL", 0)
    assert conditions_of({"A": PROD, "B": no(PROD)}).can_hold("B", True, Facts({"A": True}))


def test_a_value_that_no_condition_names_is_one_of_those_that_are_allowed() -> None:
    read = conditions_of({"A": PROD, "B": DEV})
    assert read.can_be("Stage", OTHER, Facts({"A": False, "B": False}))
    assert not conditions_of({"A": PROD, "B": DEV, "C": TEST}).can_hold(
        "C", False, Facts({"A": False, "B": False})
    )


ATOMS = st.one_of(
    st.sampled_from(STAGES).map(lambda value: is_("Stage", value)),
    st.sampled_from(["yes", "no"]).map(lambda value: is_("Extra", value)),
    st.sampled_from([*standards.REGIONS, "cn-north-1"]).map(lambda value: is_("AWS::Region", value)),
    st.sampled_from(["aws", "aws-us-gov", "aws-cn"]).map(lambda value: is_("AWS::Partition", value)),
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(inner.map(no), st.builds(both, inner, inner), st.builds(either, inner, inner)),
    max_leaves=6,
)


def holds(raw: Any, values: dict[str, str]) -> bool:
    """What a condition is at deployment."""
    ((function, argument),) = raw.items()
    if function == "Fn::Equals":
        return values[argument[0]["Ref"]] == str(argument[1])
    found = [holds(part, values) for part in argument]
    return {"Fn::Not": not found[0], "Fn::And": all(found), "Fn::Or": any(found)}[function]


CHOICES = st.recursive(
    st.sampled_from(["good", "bad", "Stage", "Extra", "Row"]),
    lambda inner: st.tuples(st.sampled_from(["C0", "C1", "C2"]), inner, inner),
    max_leaves=8,
)
DEPLOYED = [
    {"Stage": stage, "Extra": extra, "Row": f"row of {region}", **of_the_place(region)}
    for stage, extra, region in product(STAGES, ("yes", "no"), standards.REGIONS)
]
MAPPINGS = {"M": {region: {"Row": f"row of {region}"} for region in (*standards.REGIONS, "cn-north-1")}}


def written(choice: Any) -> Any:
    """A tree of choices in a template; its leaves are texts and parameters."""
    if choice == "Row":
        return {"Fn::FindInMap": ["M", ref("AWS::Region"), "Row"]}
    if isinstance(choice, str):
        return ref(choice) if choice in PARAMETERS else choice
    name, one, other = choice
    return {"Fn::If": [name, written(one), written(other)]}


def made(choice: Any, raw: dict[str, Any], values: dict[str, str]) -> str:
    """What a tree of choices is at deployment."""
    if isinstance(choice, str):
        return values.get(choice, choice)
    name, one, other = choice
    return made(one if holds(raw[name], values) else other, raw, values)


@given(
    CHOICES,
    st.lists(EXPRESSIONS, min_size=3, max_size=3),
    st.sampled_from([None, "C0"]),
    st.sampled_from([None, "us-west-2", "us-gov-west-1"]),
)
def test_choices_turn_out_as_they_do_at_deployment(
    choice: Any, expressions: list[Any], condition: str | None, region: str | None
) -> None:
    raw = {f"C{number}": expression for number, expression in enumerate(expressions)}
    resource = {"Type": "T::T::T", "Properties": {"P": written(choice)}}
    resource |= {"Condition": condition} if condition else {}
    body = {"Parameters": PARAMETERS, "Mappings": MAPPINGS, "Conditions": raw, "Resources": {"R": resource}}
    assembly = app(body, region=region)
    read = assembly.stacks[0].resources["R"]
    deployed = [
        values
        for values in DEPLOYED
        if region in {None, values[REGION]} and (condition is None or holds(raw[condition], values))
    ]
    assert read.can_exist is bool(deployed)
    if deployed:
        found, complete = assembly.explorer.run_all(lambda: read["P"].text(), assumed_by(read))
        assert set(found) == {made(choice, raw, values) for values in deployed}
        assert complete


@given(st.lists(EXPRESSIONS, min_size=2, max_size=4))
def test_conditions_turn_out_together_as_they_do_at_deployment(raw: list[Any]) -> None:
    names = [f"C{number}" for number in range(len(raw))]
    read = conditions_of(dict(zip(names, raw, strict=True)))
    possible = {
        way
        for way in product((True, False), repeat=len(raw))
        if all(
            read.can_hold(name, way[at], Facts(dict(zip(names[:at], way[:at], strict=True))))
            for at, name in enumerate(names)
        )
    }
    assert possible == {tuple(holds(one, values) for one in raw) for values in DEPLOYED}


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({}, True),
        ({"Type": "String"}, True),
        ({"Type": "AWS::EC2::VPC::Id"}, False),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, True),
        ({"MinLength": 1}, False),
        ({"MinLength": " 1 "}, False),
        ({"MinLength": "0"}, True),
        ({"MinLength": "one"}, True),
        ({"AllowedPattern": "arn:.+"}, False),
        ({"AllowedPattern": "(arn:.+)?"}, True),
        ({"AllowedPattern": "a|"}, True),
        ({"AllowedPattern": "[[a]"}, False),
        ({"AllowedPattern": "("}, True),
        ({"AllowedPattern": 7}, True),
        ({"AllowedPattern": "a" * 1_000}, False),
        ({"AllowedPattern": "a" * 1_001}, True),
    ],
)
def test_a_parameter_can_be_empty_unless_it_says_otherwise(parameter: dict[str, Any], expected: bool) -> None:
    assert takes_empty(parameter) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Stage", True),
        ("Arn", True),
        ("Names", False),
        ("Ports", False),
        ("Image", False),
        ("Key", False),
    ],
)
def test_a_condition_mentions_what_it_compares_as_it_is_declared(name: str, expected: bool) -> None:
    compared = ("Stage", "Arn", "Names", "Ports", "Image")
    read = conditions_of({f"C{at}": is_(each, "a") for at, each in enumerate(compared)})
    assert read.mention(name) is expected
