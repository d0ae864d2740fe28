"""Values that no property should have, in any place that a rule reads: they crash no rule."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_constructs.errors import InputError
from tts_constructs.policy.examples import Example, load_examples
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import ENGINE

ODD: tuple[Any, ...] = ("x", [None], {"x": None})
"""A value of each kind, each different from the one that a rule expects."""
RULES = catalog()
EXAMPLES = [
    example for rule in RULES for example in load_examples(rule.id) if example.data["template"]["Resources"]
]
Place = tuple[str | int, ...]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(),
    st.sampled_from(
        ["", "*", "true", "443", "0.0.0.0/0", "::/0", "{{resolve:ssm:/x}}", "${", "AWS::NoValue", "\x00"]
    ),
    st.text(max_size=4),
)
CALLS = st.one_of(
    st.sampled_from(["A", "B", "P", "AWS::Region", "AWS::NoValue", "None"]).map(lambda name: {"Ref": name}),
    st.sampled_from([["A", "Arn"], "B.Arn", ["A"], [], 7]).map(lambda call: {"Fn::GetAtt": call}),
    st.sampled_from(["${A}", "${P}-${AWS::Region}", "${A.Arn}/*", "${!x}", 3]).map(
        lambda call: {"Fn::Sub": call}
    ),
    SCALARS.map(lambda value: {"Fn::If": ["C", value, {"Ref": "A"}]}),
    SCALARS.map(lambda value: {"Fn::Join": ["", [value, {"Ref": "B"}]]}),
    SCALARS.map(lambda value: {"Fn::Select": [value, [1, {"Ref": "P"}]]}),
    SCALARS.map(lambda value: {"Fn::Transform": value}),
    SCALARS.map(lambda value: {"Fn::Split": [",", value]}),
)
VALUES = st.recursive(
    st.one_of(SCALARS, CALLS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """All places in data, from the outermost on."""
    yield place
    children: Any = ()
    if isinstance(value, dict | list):
        children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        yield from places(child, (*place, key))


def replaced(body: Any, place: Place, value: Any) -> Any:
    """A copy of data with another value at a place."""
    if not place:
        return value
    key, *rest = place
    changed = body.copy()
    changed[key] = replaced(body[key], tuple(rest), value)
    return changed


def likeness(template: dict[str, Any], place: Place) -> Place:
    """What two places have in common that are the same property of the same type."""
    names = tuple("*" if isinstance(key, int) else key for key in place)
    if place[0] != "Resources":
        return names
    resource = template["Resources"][place[1]]
    return (resource["Type"] if "Type" in resource else place[1], *names[2:])


def places_in_resources(example: Example) -> Iterator[Place]:
    """The places below the resources of an example."""
    template = example.data["template"]
    yield from (place for place in places(template) if place[:1] == ("Resources",) and len(place) > 2)


def places_of(rule: Rule) -> dict[Place, tuple[Example, Place]]:
    """One place in the rule's examples of each property, and of each part of the other sections."""
    return {
        likeness(example.data["template"], place): (example, place)
        for example in EXAMPLES
        if example.rule_id == rule.id
        for place in places(example.data["template"])
        if place and (place[0] != "Resources" or len(place) > 2)
    }


def crashes(example: Example, place: Place, value: Any, rules: Iterable[Rule]) -> bool:
    """Whether a rule fails on the example with another value at a place; a template may be refused too."""
    template = replaced(example.data["template"], place, value)
    try:
        found = replace(example, data={**example.data, "template": template}).judge(rules).findings
    except InputError:
        return False
    return any(finding.rule_id == ENGINE for finding in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_an_odd_value_in_any_place_of_an_example_never_crashes_its_rule(rule: Rule) -> None:
    crashed = [
        (place, odd)
        for example, place in places_of(rule).values()
        for odd in ODD
        if crashes(example, place, odd, [rule])
    ]
    assert crashed == []


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_an_example_with_anything_in_any_place_never_crashes_a_rule(data: st.DataObject) -> None:
    example = data.draw(st.sampled_from(EXAMPLES))
    place = data.draw(st.sampled_from(list(places_in_resources(example))))
    assert not crashes(example, place, data.draw(VALUES), RULES), place
