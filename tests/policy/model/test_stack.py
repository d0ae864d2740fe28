"""Resources, and the stacks that hold them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tts_constructs.policy.loading.reader import add_nested
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.model.origin import Origin, Origins
from tts_constructs.policy.model.stack import Resource, Stack, assumed_by
from tts_constructs.policy.model.values import ABSENT
from tts_constructs.system_metadata import Environment

StackMaker = Callable[..., Stack]

NEST = "AWS::CloudFormation::Stack"
ONE, TWO = "111111111111", "222222222222"
EAST = {"region": "us-east-1", "account": ONE}
WEST = {"region": "us-west-2", "account": ONE}
OTHER = {"region": "us-east-1", "account": TWO}


def resource_of(make_stack: StackMaker, body: str, **known: object) -> Resource:
    return make_stack(f"Resources: {{R: {{Type: T::T::T, {body}}}}}", **known).resources["R"]


# Resources


def test_a_resource_has_a_type_properties_and_attributes(make_stack: StackMaker) -> None:
    resource = resource_of(make_stack, "Properties: {P: 1}, DeletionPolicy: Retain")
    assert repr(resource) == "<T::T::T Example/R>"
    assert (resource["P"].location, resource["P"].value) == ("Properties/P", 1)
    policy = resource.attribute("DeletionPolicy")
    assert (policy.location, policy.value) == ("DeletionPolicy", "Retain")
    missing = resource.attribute("UpdatePolicy")
    assert (missing.location, missing.value) == ("UpdatePolicy", ABSENT)


def test_a_resource_without_properties_has_none(make_stack: StackMaker) -> None:
    properties = resource_of(make_stack, "DependsOn: []").properties
    assert (properties.location, properties.value) == ("Properties", {})


def test_properties_are_read_once(make_stack: StackMaker) -> None:
    resource = resource_of(make_stack, "Properties: {P: 1}")
    assert resource.properties is resource.properties


def test_properties_that_a_condition_chooses_are_read_in_each_run(make_stack: StackMaker) -> None:
    resource = resource_of(make_stack, "Properties: {Fn::If: [C, {P: 1}, {P: 2}]}")
    values, _ = resource.stack.assembly.explorer.run_all(lambda: resource["P"].value)
    assert values == [1, 2]


def test_what_is_made_of_a_resource_is_computed_once(make_stack: StackMaker) -> None:
    resource = resource_of(make_stack, "Properties: {}")
    seen: list[str] = []

    def compute(resource: Resource) -> int:
        seen.append(resource.logical_id)
        return len(seen)

    assert [resource.cached(compute), resource.cached(compute)] == [1, 1]
    assert resource.cached(repr) == "<T::T::T Example/R>"
    assert seen == ["R"]


@pytest.mark.parametrize(
    ("body", "expected"), [("Metadata: {a: 1}", {"a": 1}), ("Metadata: [a]", {}), ("Properties: {}", {})]
)
def test_metadata_of_a_resource_is_a_map(make_stack: StackMaker, body: str, expected: object) -> None:
    assert resource_of(make_stack, body).metadata == expected


@pytest.mark.parametrize(
    ("body", "expected"), [("Condition: C", "C"), ("Condition: 7", "7"), ("Properties: {}", None)]
)
def test_a_resource_may_have_a_condition(make_stack: StackMaker, body: str, expected: str | None) -> None:
    assert resource_of(make_stack, body).condition == expected


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        (None, None, True),
        (None, "C", True),
        ("C", None, False),
        ("C", "C", True),
        ("C", "D", False),
    ],
)
def test_a_resource_is_there_with_another_of_its_condition(
    make_stack: StackMaker, own: str | None, others: str | None, expected: bool
) -> None:
    stack = make_stack("Resources: {A: {Type: T}, B: {Type: T}}")
    one, other = stack.resources.values()
    one.body["Condition"], other.body["Condition"] = own, others
    assert one.exists_whenever(other) is expected


def test_conditions_of_one_name_in_two_stacks_are_two(make_stack: StackMaker) -> None:
    text = "Resources: {R: {Type: T, Condition: C}}"
    one, two = (make_stack(text, name).resources["R"] for name in ("One", "Two"))
    assert not one.exists_whenever(two)


def test_the_condition_of_a_nested_stack_counts_for_what_is_in_it(make_stack: StackMaker) -> None:
    parent = make_stack(
        f"Resources: {{N: {{Type: {NEST}, Condition: C}}, A: {{Type: T, Condition: C}}, B: {{Type: T}}}}"
    )
    add_nested(
        parent.resources["N"], {"Resources": {"R": {"Type": "T"}, "S": {"Type": "T", "Condition": "D"}}}
    )
    plain, conditional = parent.nested["N"].resources.values()
    assert plain.exists_whenever(parent.resources["A"])
    assert not plain.exists_whenever(parent.resources["B"])
    assert plain.exists_whenever(conditional)
    assert not conditional.exists_whenever(plain)
    assert parent.resources["A"].exists_whenever(conditional)


ENTRIES = {"/Example/Part/R": [{"type": "aws:cdk:logicalId", "data": "R"}]}


@pytest.mark.parametrize(
    ("origins", "body", "expected"),
    [
        (Origins(lambda _: ENTRIES), "Properties: {}", Origin("Example/Part/R")),
        (Origins(lambda _: ENTRIES), "Metadata: {aws:cdk:path: other}", Origin("Example/Part/R")),
        (None, "Metadata: {aws:cdk:path: Example/R}", Origin("Example/R")),
        (None, "Metadata: {aws:cdk:path: [a]}", Origin()),
        (None, "Properties: {}", Origin()),
    ],
)
def test_a_resource_comes_from_its_construct(
    make_stack: StackMaker, origins: Origins | None, body: str, expected: Origin
) -> None:
    assert resource_of(make_stack, body, origins=origins).origin == expected


# Stacks


def test_a_stack_holds_what_is_known_of_it(assembly: Assembly) -> None:
    known = EAST | {
        "stack_name": "benefits",
        "termination_protection": True,
        "template_path": Path("App.template.json"),
        "text": "text",
        "may_transform": False,
        "has_escapes": False,
    }
    stack = Stack(assembly, "Prod/App", {}, **known)  # type: ignore[arg-type]
    assert repr(stack) == "<Stack Prod/App>"
    assert {name: getattr(stack, name) for name in known} == known


def test_a_stack_of_which_nothing_is_known_has_defaults(assembly: Assembly) -> None:
    stack = Stack(assembly, "Example", {})
    assert (stack.resources, stack.hidden, stack.nested, stack.given) == ({}, [], {}, {})
    assert (stack.unread, stack.twins) == ({}, [])
    assert (stack.may_transform, stack.has_escapes) == (True, True)
    assert stack.environment is Environment.PRODUCTION
    assert stack.origins.of("Example", "R") == Origin()
    nothing = ("region", "account", "partition", "parent", "stack_name", "termination_protection", "text")
    assert {getattr(stack, name) for name in (*nothing, "template_path")} == {None}


def test_values_that_are_given_are_the_stacks_own(assembly: Assembly) -> None:
    given = {"P": ("a", None)}
    stack = Stack(assembly, "Example", {}, given=given)
    stack.given["Q"] = ("b", None)
    assert given == {"P": ("a", None)}


def test_what_stands_in_place_of_resources_is_no_resource(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {R: {Type: T}, 'Fn::ForEach::Loop': [a], 'Fn::Transform': {Name: X}}")
    assert list(stack.resources) == ["R"]
    assert stack.hidden == ["Fn::ForEach::Loop", "Fn::Transform"]


@pytest.mark.parametrize(
    ("region", "expected"), [("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov"), (None, None)]
)
def test_the_partition_is_that_of_the_region(
    make_stack: StackMaker, region: str | None, expected: str | None
) -> None:
    assert make_stack("Resources: {}", region=region).partition == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("App", ""), ("Prod/App", "Prod"), ("Prod/East/App", "Prod/East")]
)
def test_the_stage_is_what_holds_the_stack_that_is_deployed(
    make_stack: StackMaker, name: str, expected: str
) -> None:
    stack = make_stack(f"Resources: {{N: {{Type: {NEST}}}}}", name)
    add_nested(stack.resources["N"], {"Resources": {}})
    nested = stack.nested["N"]
    assert (stack.stage, nested.stage) == (expected, expected)
    assert (stack.outermost, nested.outermost) == (stack, stack)


@pytest.mark.parametrize(
    ("metadata", "origins", "expected"),
    [
        ("{}", None, False),
        ("{aws:cdk:path: Example/R}", None, True),
        ("{}", Origins(), True),
    ],
)
def test_a_stack_is_made_by_the_cdk_if_a_manifest_or_a_resource_says_so(
    make_stack: StackMaker, metadata: str, origins: Origins | None, expected: bool
) -> None:
    text = f"Resources: {{A: {{Type: T}}, R: {{Type: T, Metadata: {metadata}}}, N: {{Type: {NEST}}}}}"
    stack = make_stack(text, origins=origins)
    add_nested(stack.resources["N"], {"Resources": {}})
    assert stack.is_of_cdk is expected
    assert stack.nested["N"].is_of_cdk is expected


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ("{}", False),
        ("{M: {Type: AWS::CDK::Metadata}}", False),
        ("{M: {Type: AWS::CDK::Metadata}, R: {Type: T}}", True),
    ],
)
def test_a_stack_that_makes_something_is_deployed(
    make_stack: StackMaker, resources: str, expected: bool
) -> None:
    assert make_stack(f"Resources: {resources}").is_deployed is expected


def test_a_nested_stack_is_deployed_with_its_parent_alone(make_stack: StackMaker) -> None:
    stack = make_stack(f"Resources: {{N: {{Type: {NEST}}}}}")
    add_nested(stack.resources["N"], {"Resources": {"R": {"Type": "T"}}})
    assert not stack.nested["N"].is_deployed


def test_a_stack_stands_for_its_twins_and_for_those_in_twins_of_its_parent(make_stack: StackMaker) -> None:
    parent = make_stack(f"Resources: {{N: {{Type: {NEST}}}}}", "App")
    add_nested(parent.resources["N"], {"Resources": {}})
    child = parent.nested["N"]
    parent.twins, child.twins = ["Copy"], ["App/M"]
    assert parent.also == ("Copy",)
    assert child.also == ("App/M", "Copy/N")


@pytest.mark.parametrize(
    ("kind", "here", "there", "expected"),
    [
        ("T", EAST, EAST, True),
        ("T", EAST, WEST, False),
        ("T", EAST, OTHER, False),
        ("T", EAST, {}, True),
        ("T", {}, EAST, True),
        ("T", {}, {}, True),
        ("AWS::IAM::Role", EAST, WEST, True),
        ("AWS::IAM::Role", EAST, OTHER, False),
        ("AWS::IAMX::Role", EAST, WEST, False),
    ],
)
def test_a_name_means_a_resource_in_the_same_place(
    make_stack: StackMaker, kind: str, here: dict[str, str], there: dict[str, str], expected: bool
) -> None:
    named = make_stack(f"Resources: {{R: {{Type: {kind}}}}}", "There", **there).resources["R"]
    assert make_stack("Resources: {}", "Here", **here).can_name(named) is expected


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({}, None),
        ({"Test/App": WEST}, None),
        ({"Test/App": WEST, "Old/App": EAST, "New/App": EAST}, "Old/App"),
        ({"Test/App": EAST, "Prod/Data": EAST}, "Prod/Data"),
        ({"Test/App": EAST, "Prod/Data": WEST}, "Test/App"),
    ],
)
def test_the_nearest_resource_of_a_name_is_meant(
    make_stack: StackMaker, places: dict[str, dict[str, str]], expected: str | None
) -> None:
    named = [
        make_stack("Resources: {R: {Type: T}}", name, **place).resources["R"]
        for name, place in places.items()
    ]
    nearest = make_stack("Resources: {}", "Prod/App", **EAST).nearest(named)
    assert (nearest and nearest.stack.name) == expected


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("{TTS: {environment: sandbox}}", {"environment": "sandbox"}),
        ("{TTS: {}}", {}),
        ("{TTS: text}", {}),
        ("{Other: 1}", {}),
        ("text", {}),
    ],
)
def test_a_template_holds_what_its_system_says(
    make_stack: StackMaker, metadata: str, expected: object
) -> None:
    assert make_stack(f"Metadata: {metadata}\nResources: {{}}").system_metadata == expected


def test_a_nested_stack_is_of_the_system_that_holds_it_unless_it_says_its_own(make_stack: StackMaker) -> None:
    parent = make_stack(
        f"Metadata: {{TTS: {{project: outer}}}}\nResources: {{A: {{Type: {NEST}}}, B: {{Type: {NEST}}}}}"
    )
    add_nested(parent.resources["A"], {"Resources": {}})
    add_nested(parent.resources["B"], {"Resources": {}, "Metadata": {"TTS": {"project": "inner"}}})
    assert [stack.system_metadata["project"] for stack in parent.nested.values()] == ["outer", "inner"]


STAGES = """
Parameters: {Stage: {Type: String, AllowedValues: [dev, test, prod]}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Equals [!Ref Stage, dev]
  IsLive: !Not [!Condition IsDev]
  Never: !And [!Condition IsProd, !Condition IsDev]
"""


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("IsProd", "IsProd", True),
        ("IsLive", "IsProd", True),
        ("IsProd", "IsLive", False),
        ("IsProd", "IsDev", False),
        ("IsProd", "Elsewhere", False),
    ],
)
def test_a_resource_exists_wherever_its_condition_follows_from_that_of_another(
    make_stack: StackMaker, own: str, other: str, expected: bool
) -> None:
    resources = f"{{A: {{Type: T, Condition: {own}}}, B: {{Type: T, Condition: {other}}}, C: {{Type: T}}}}"
    made = make_stack(f"Resources: {resources}\n{STAGES}").resources
    assert made["A"].exists_whenever(made["B"]) is expected
    assert not made["A"].exists_whenever(made["C"])
    assert made["C"].exists_whenever(made["A"])


@pytest.mark.parametrize(("condition", "expected"), [("IsProd", True), ("Nowhere", True), ("Never", False)])
def test_a_resource_whose_condition_never_holds_cannot_exist(
    make_stack: StackMaker, condition: str, expected: bool
) -> None:
    holder = f"N: {{Type: {NEST}, Condition: IsProd}}"
    stack = make_stack(f"Resources: {{A: {{Type: T, Condition: {condition}}}, {holder}}}\n{STAGES}")
    assert stack.resources["A"].can_exist is expected
    body = {
        "Conditions": {"C": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"R": {"Type": "T", "Condition": "C"}},
    }
    add_nested(stack.resources["N"], body)
    nested = stack.nested["N"]
    assert not nested.resources["R"].can_exist
    assert {stack.name: facts.conditions for stack, facts in assumed_by(nested.resources["R"]).items()} == {
        nested.name: {"C": True},
        stack.name: {"IsProd": True},
    }
