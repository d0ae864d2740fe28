"""Places in a template, as rules read them."""

from collections.abc import Callable
from typing import Any

import pytest

from tts_constructs.policy.loading.reader import add_nested
from tts_constructs.policy.model import assembly as assembly_module
from tts_constructs.policy.model.assembly import Index
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.model.values import ABSENT, Reference, Unknown
from tts_constructs.policy.result import Result

StackMaker = Callable[..., Stack]


def the(stack: Stack, logical_id: str = "R") -> Node:
    return stack.resources[logical_id]["P"]


@pytest.fixture
def place(make_stack: StackMaker) -> Callable[..., Node]:
    """The place of the property `P`, in a template with a bucket and a parameter that has no value."""

    def place(raw: str, **known: object) -> Node:
        return the(
            make_stack(
                "Parameters: {Size: {Type: String}}\n"
                "Resources:\n  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}\n"
                f"  R: {{Type: T::T::T, Properties: {{P: {raw}}}}}",
                **known,
            )
        )

    return place


PlaceMaker = Callable[..., Node]


def refusal(read: Callable[[], object]) -> Result:
    """What a rule says that reads what it cannot decide."""
    with pytest.raises(UnknownValue) as caught:
        read()
    assert str(caught.value) == caught.value.result.message
    return caught.value.result


# Places


def test_a_place_is_known_by_its_path_and_its_value(place: PlaceMaker) -> None:
    node = place("[{a: 1}]").items()[0]["a"]
    assert (node.location, node.key, node.shown) == ("Properties/P/0/a", "a", "1")
    assert (node.exists, node.is_unknown) == (True, False)
    assert repr(node) == "<Node R Properties/P/0/a: 1>"


def test_a_place_where_nothing_stands_does_not_exist(place: PlaceMaker) -> None:
    node = place("!Ref AWS::NoValue")
    assert (node.exists, node.is_unknown, node.shown) == (False, False, "not set")


def test_a_place_whose_value_is_not_known_exists(place: PlaceMaker) -> None:
    node = place("!Ref Size")
    assert (node.exists, node.is_unknown) == (True, True)


def test_a_place_beside_the_properties_is_folded_too(make_stack: StackMaker) -> None:
    resource = make_stack("Resources: {R: {Type: T::T::T}}", region="us-east-1").resources["R"]
    node = Node.of(resource, "DeletionPolicy", {"Ref": "AWS::Region"})
    assert (node.location, node.value, node.resource) == ("DeletionPolicy", "us-east-1", resource)
    assert node.stack is resource.stack


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("{a: 1}", 1), ("{b: 1}", ABSENT), ("{}", ABSENT), ("!Ref AWS::NoValue", ABSENT)],
)
def test_a_key_of_a_map_leads_to_what_stands_there(place: PlaceMaker, raw: str, expected: object) -> None:
    node = place(raw)["a"]
    assert node.value == expected
    assert (node.location, node.resource.logical_id) == ("Properties/P/a", "R")


@pytest.mark.parametrize(("position", "expected"), [(0, "a"), (1, "b"), (2, ABSENT), (7, ABSENT)])
def test_a_position_of_a_list_leads_to_the_item(place: PlaceMaker, position: int, expected: object) -> None:
    assert place("[a, b]")[position].value == expected


def test_what_is_below_an_unknown_place_is_unknown_for_the_same_reason(place: PlaceMaker) -> None:
    node = place("!Ref Size")
    assert node["a"].value == node.value
    assert node[0].value == node.value


@pytest.mark.parametrize(
    ("raw", "shown"), [("!Ref Bucket", "${Bucket}"), ("!Sub 'a-${Bucket}'", "a-${Bucket}")]
)
def test_what_is_below_a_reference_is_unknown(place: PlaceMaker, raw: str, shown: str) -> None:
    value = place(raw)["a"].value
    assert isinstance(value, Unknown)
    assert shown in value.reason


@pytest.mark.parametrize(
    ("raw", "key", "expected"),
    [
        ("text", "Key", "Properties/P: P is text where a map belongs"),
        ("text", 0, "Properties/P: P is text where a list belongs"),
        ("7", "Key", "Properties/P: P is 7 where a map belongs"),
        ("[a]", "Key", "Properties/P: P is a list where a map belongs"),
    ],
)
def test_a_key_of_what_has_none_is_undecided(
    place: PlaceMaker, raw: str, key: str | int, expected: str
) -> None:
    result = refusal(lambda: place(raw)[key])
    assert f"{result.location}: {result.message}".startswith(expected)
    assert result.verdict == "unknown"


@pytest.mark.parametrize(
    ("raw", "key", "shown"),
    [
        ("{a: !Ref AWS::Region}", "a", "us-east-1"),
        ("[!Ref AWS::Region]", 0, "us-east-1"),
        ("{a: 'us-{{resolve:ssm:/a}}'}", "a", "us-${…}"),
    ],
)
def test_what_stands_at_a_key_is_folded(place: PlaceMaker, raw: str, key: str | int, shown: str) -> None:
    assert place(raw, region="us-east-1")[key].shown == shown


def test_a_value_of_another_template_is_read_there(make_stack: StackMaker) -> None:
    parent = make_stack(
        "Parameters: {Name: {Default: outer}}\n"
        "Resources:\n  N: {Type: AWS::CloudFormation::Stack}\n"
        "  R: {Type: T, Properties: {P: !GetAtt N.Outputs.O}}"
    )
    body = {
        "Parameters": {"Name": {"Default": "inner"}},
        "Resources": {},
        "Outputs": {"O": {"Value": {"a": {"b": [{"Ref": "Name"}], "c": 1}}}},
    }
    add_nested(parent.resources["N"], body)
    node = the(parent)["a"]
    assert node["b"][0].value == "inner"
    assert node["b"].values() == ["inner"]
    assert node["b"].stack is parent.nested["N"]
    assert node["c"].resource is parent.resources["R"]


def test_a_path_leads_through_maps(place: PlaceMaker) -> None:
    node = place("{a: {b: {c: 1}}}").at("a/b/c")
    assert (node.location, node.value) == ("Properties/P/a/b/c", 1)
    assert place("{a: {b: 1}}").at("a").value == {"b": 1}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("one", ["Properties/P/one"]),
        ("absent/x", ["Properties/P/absent/x"]),
        ("list/*/b", ["Properties/P/list/0/b", "Properties/P/list/2/b"]),
        ("list/*", ["Properties/P/list/0", "Properties/P/list/2"]),
        ("map/*/b", ["Properties/P/map/x/b", "Properties/P/map/y/b"]),
        ("map/*", ["Properties/P/map/x", "Properties/P/map/y"]),
        ("list/*/c/*/d", ["Properties/P/list/0/c/0/d", "Properties/P/list/0/c/1/d"]),
        ("*", [f"Properties/P/{key}" for key in ("one", "list", "map", "X")]),
        ("X/*/X", ["Properties/P/X/0/X"]),
    ],
)
def test_a_path_with_stars_leads_to_each_item_and_entry(
    place: PlaceMaker, path: str, expected: list[str]
) -> None:
    lists = "list: [{c: [{d: 1}, {d: 2}]}, !Ref AWS::NoValue, {b: 1}]"
    node = place(f"{{one: 1, {lists}, map: {{x: {{b: 1}}, y: {{b: 2}}}}, X: [{{X: 1}}]}}")
    assert [found.location for found in node.find_all(path)] == expected


def test_a_path_through_a_list_that_is_not_known_is_undecided(place: PlaceMaker) -> None:
    assert "Size" in refusal(lambda: list(place("{list: !Ref Size}").find_all("list/*/b"))).message


def test_a_place_can_hold_another_value(place: PlaceMaker) -> None:
    node = place("{a: text}")["a"]
    other = node.holding("other")
    assert (other.value, other.location, other.stack, other.resource) == (
        "other",
        node.location,
        node.stack,
        node.resource,
    )


# Transforms


@pytest.mark.parametrize("entry", ["Fn::Transform: {Name: X}", "'Fn::ForEach::L': [a, b, {}]"])
def test_what_a_transform_may_add_is_unknown_and_what_stands_is_known(place: PlaceMaker, entry: str) -> None:
    node = place(f"{{a: 1, {entry}}}")
    assert node["a"].value == 1
    assert isinstance(node["b"].value, Unknown)


def test_a_template_without_transforms_holds_what_it_says(place: PlaceMaker) -> None:
    node = place("{a: 1, Fn::Transform: {Name: X}}", may_transform=False)
    assert node["b"].value is ABSENT


@pytest.mark.parametrize(
    ("raw", "may_transform", "expected"),
    [
        ("{a: 1}", False, True),
        ("{b: 1}", False, False),
        ("{b: 1}", True, True),
        ("text", False, True),
        ("!Ref Size", False, True),
    ],
)
def test_a_map_tells_quickly_whether_something_may_stand_at_a_key(
    place: PlaceMaker, raw: str, may_transform: bool, expected: bool
) -> None:
    assert ("a" in place(raw, may_transform=may_transform)) is expected


# What is computed once


def test_what_is_made_of_a_place_is_computed_once(place: PlaceMaker) -> None:
    node = place("[a, b]")
    seen: list[str] = []

    def compute(node: Node) -> int:
        seen.append(node.location)
        return len(node.items())

    assert [node.cached(compute), node.cached(compute)] == [2, 2]
    assert seen == ["Properties/P"]


def test_two_functions_make_two_things_of_a_place(place: PlaceMaker) -> None:
    node = place("[a, b]")
    assert (node.cached(lambda node: len(node.items())), node.cached(Node.texts)) == (2, ["a", "b"])


def test_two_resources_that_share_a_value_are_two(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Resources: {R: {Type: T, Properties: {P: &shared [a]}}, S: {Type: T, Properties: {P: *shared}}}"
    )
    places = [the(stack, "R"), the(stack, "S")]
    assert places[0].value is places[1].value
    assert [place.cached(owner) for place in places] == ["R", "S"]


def owner(node: Node) -> str:
    return node.resource.logical_id


def test_a_value_that_is_gone_is_not_taken_for_the_next_one(place: PlaceMaker) -> None:
    node = place("[]")
    numbers = range(100)
    assert [node.holding([number]).cached(Node.values) for number in numbers] == [
        [number] for number in numbers
    ]


def test_what_depends_on_a_choice_is_computed_in_each_run(place: PlaceMaker) -> None:
    node = place("[!If [C, a, b]]")
    assert node.stack.assembly.explorer.run_all(lambda: node.cached(Node.texts)) == ([["a"], ["b"]], True)


# Texts, numbers and booleans


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("' a '", "a"), ("7", "7"), ("true", "true"), ("1.5", "1.5"), ("!Ref AWS::NoValue", None)],
)
def test_a_text_is_read_without_the_spaces_around_it(
    place: PlaceMaker, raw: str, expected: str | None
) -> None:
    assert place(raw).text() == expected


def test_the_spaces_around_a_text_that_is_put_together_go_too(place: PlaceMaker) -> None:
    assert place("!Join ['', [' ', 7, ' ']]").text() == "7"


@pytest.mark.parametrize("raw", ["[a]", "{a: 1, b: 2}", "null"])
def test_what_is_no_text_is_undecided(place: PlaceMaker, raw: str) -> None:
    result = refusal(place(raw).text)
    assert "where a text belongs" in result.message
    assert result.location == "Properties/P"


@pytest.mark.parametrize(
    ("raw", "expected"), [("true", True), ("' True '", True), ("false", False), ("'FALSE'", False)]
)
def test_booleans_are_read_in_any_spelling(place: PlaceMaker, raw: str, expected: bool) -> None:
    assert place(raw).boolean() is expected


@pytest.mark.parametrize("raw", ["'yes'", "1", "[true]", "{a: true}", "null"])
def test_what_is_no_boolean_is_undecided(place: PlaceMaker, raw: str) -> None:
    assert "where true or false belongs" in refusal(place(raw).boolean).message


@pytest.mark.parametrize("raw", ["30", "'30'", "30.0", "' 30 '"])
def test_numbers_are_read_in_any_spelling(place: PlaceMaker, raw: str) -> None:
    assert place(raw).number() == 30


@pytest.mark.parametrize("raw", ["many", "true", "[30]", "null", "nan", "inf", f"1{'0' * 400}"])
def test_what_is_no_number_is_undecided(place: PlaceMaker, raw: str) -> None:
    assert "where a number belongs" in refusal(place(raw).number).message


def test_where_nothing_stands_there_is_no_number_and_no_boolean(place: PlaceMaker) -> None:
    node = place("!Ref AWS::NoValue")
    assert (node.number(), node.boolean()) == (None, None)


READERS = [Node.text, Node.number, Node.boolean]


@pytest.mark.parametrize("read", READERS)
def test_what_is_not_known_is_undecided_and_says_what_it_depends_on(
    place: PlaceMaker, read: Callable[[Node], object]
) -> None:
    node = place("{a: !Ref Size}")["a"]
    result = refusal(lambda: read(node))
    assert (result.verdict, result.location) == ("unknown", "Properties/P/a")
    assert result.message.startswith(
        "a can't be evaluated before deployment: it depends on the parameter Size,"
    )
    assert "Give Size a default" in result.message


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("raw", ["!Ref Bucket", "!Sub 'x${Bucket}'"])
def test_what_is_known_at_deployment_only_is_undecided_and_says_so(
    place: PlaceMaker, read: Callable[[Node], object], raw: str
) -> None:
    message = refusal(lambda: read(place(raw))).message
    assert "${Bucket}, which is known at deployment only" in message
    assert "Write the value itself." in message


# Lists


def test_a_single_value_is_a_list_of_one(place: PlaceMaker) -> None:
    assert [item["a"].value for item in place("{a: 1}").items()] == [1]


def test_a_single_reference_is_a_list_of_one(place: PlaceMaker) -> None:
    node = place("!Ref Bucket")
    assert node.items() == [node]
    assert node.values() == [node.value]


def test_items_that_are_no_value_are_left_out(place: PlaceMaker) -> None:
    node = place("[a, !Ref AWS::NoValue, b]")
    assert [item.location for item in node.items()] == ["Properties/P/0", "Properties/P/2"]
    assert node.values() == ["a", "b"]


def test_where_nothing_stands_there_are_no_items(place: PlaceMaker) -> None:
    node = place("!Ref AWS::NoValue")
    assert [node.items(), node.values(), node.texts(), node.entries()] == [[], [], [], []]


@pytest.mark.parametrize("read", [Node.items, Node.values, Node.texts, Node.entries])
def test_a_list_or_map_that_is_not_known_is_undecided(
    place: PlaceMaker, read: Callable[[Node], object]
) -> None:
    assert refusal(lambda: read(place("!Ref Size"))).message.startswith(
        "P can't be evaluated before deployment: it depends on the parameter Size"
    )


def test_a_value_in_a_list_may_be_unknown(place: PlaceMaker) -> None:
    first, second = place("[a, !Ref Size]").values()
    assert first == "a"
    assert isinstance(second, Unknown)


@pytest.mark.parametrize(
    ("raw", "expected"), [("[' a ', '', 7]", ["a", "", "7"]), ("' a '", ["a"]), ("7", ["7"]), ("[]", [])]
)
def test_texts_of_a_list_are_read_without_the_spaces_around_them(
    place: PlaceMaker, raw: str, expected: list[str]
) -> None:
    assert place(raw).texts() == expected


def test_a_text_of_a_list_that_is_not_known_is_undecided(place: PlaceMaker) -> None:
    assert refusal(place("[a, !Ref Size]").texts).location == "Properties/P/1"


# Maps


def test_entries_that_are_no_value_are_left_out(place: PlaceMaker) -> None:
    entries = place("{a: 1, b: !Ref AWS::NoValue, c: !Ref Size}").entries()
    assert [(key, node.location) for key, node in entries] == [
        ("a", "Properties/P/a"),
        ("c", "Properties/P/c"),
    ]


@pytest.mark.parametrize("raw", ["text", "[a]", "!Ref Bucket"])
def test_entries_of_what_is_no_map_are_undecided(place: PlaceMaker, raw: str) -> None:
    assert "where a map belongs" in refusal(place(raw).entries).message


# References


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("name", True),
        ("!Ref Bucket", True),
        ("!Sub '${Bucket}-x'", True),
        ("' '", False),
        ("!Ref AWS::NoValue", False),
    ],
)
def test_an_empty_text_names_nothing(place: PlaceMaker, raw: str, expected: bool) -> None:
    assert place(raw).names_something() is expected


@pytest.mark.parametrize("read", [Node.names_something, Node.reference, Node.target])
def test_a_name_that_is_not_known_is_undecided(place: PlaceMaker, read: Callable[[Node], object]) -> None:
    assert "Size" in refusal(lambda: read(place("!Ref Size"))).message


def test_a_reference_is_read(place: PlaceMaker) -> None:
    node = place("!GetAtt Bucket.Arn")
    assert node.reference() == Reference(node.stack.resources["Bucket"], "Arn")


def test_what_is_named_is_a_resource_or_a_text(place: PlaceMaker) -> None:
    node = place("!GetAtt Bucket.Arn")
    assert node.identity() is node.stack.resources["Bucket"]
    assert place("' vpc-1 '").identity() == "vpc-1"
    assert place("!Ref AWS::NoValue").identity() is None


@pytest.mark.parametrize("raw", ["data", "!Ref AWS::NoValue", "!Sub 'x${Bucket}'"])
def test_a_literal_and_a_text_are_no_reference(place: PlaceMaker, raw: str) -> None:
    assert place(raw).reference() is None
    assert place(raw).target() is None


@pytest.mark.parametrize(
    ("types", "found"),
    [((), True), (("AWS::S3::Bucket",), True), (("T", "AWS::S3::Bucket"), True), (("T",), False)],
)
def test_a_target_is_of_one_of_the_types(place: PlaceMaker, types: tuple[str, ...], found: bool) -> None:
    node = place("!Ref Bucket")
    assert node.target(*types) is (node.stack.resources["Bucket"] if found else None)


@pytest.mark.parametrize(
    ("raw", "types", "name", "found"),
    [
        ("' data '", ("AWS::S3::Bucket",), "BucketName", True),
        ("other", ("AWS::S3::Bucket",), "BucketName", False),
        ("data", ("T::T::T",), "BucketName", False),
        ("data", ("AWS::S3::Bucket",), "Name", False),
        ("data", ("AWS::S3::Bucket",), None, False),
        ("7", ("AWS::S3::Bucket",), "BucketName", False),
    ],
)
def test_a_literal_names_a_resource_by_a_property(
    place: PlaceMaker, raw: str, types: tuple[str, ...], name: str | None, found: bool
) -> None:
    node = place(raw)
    assert node.target(*types, name=name) is (node.stack.resources["Bucket"] if found else None)


def test_a_name_means_the_resource_beside_the_one_that_names_it(make_stack: StackMaker) -> None:
    text = (
        "Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: data}},"
        " R: {Type: T, Properties: {P: data}}}"
    )
    for stack in [make_stack(text, "Test/App"), make_stack(text, "Prod/App")]:
        assert the(stack).target("AWS::S3::Bucket", name="BucketName") is stack.resources["Bucket"]


def test_a_resource_without_a_name_is_not_named(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Resources:\n  Bucket: {Type: AWS::S3::Bucket}\n"
        "  Empty: {Type: AWS::S3::Bucket, Properties: {BucketName: ''}}\n"
        "  R: {Type: T, Properties: {P: ''}}"
    )
    assert the(stack).target("AWS::S3::Bucket", name="BucketName") is None


def test_resources_are_indexed_once_for_a_name(
    make_stack: StackMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = make_stack("Resources: {R: {Type: T, Properties: {P: data}}}")
    made: list[tuple[Any, ...]] = []

    class Counted(Index):
        def __init__(self, *given: Any) -> None:
            made.append(given)
            super().__init__(*given)

    monkeypatch.setattr(assembly_module, "Index", Counted)
    for name in ["BucketName", "BucketName", "Name"]:
        the(stack).target("AWS::S3::Bucket", name=name)
    assert len(made) == 2


# Everything at a place


def test_all_that_stands_at_a_place_is_folded_to_the_last_leaf(place: PlaceMaker) -> None:
    raw = (
        "{a: [!Ref AWS::Region, {b: !Ref AWS::NoValue, c: 1}, !Ref AWS::NoValue], d: !Ref AWS::NoValue, e: x}"
    )
    assert place(raw, region="us-east-1").plain() == {"a": ["us-east-1", {"c": 1}], "e": "x"}


def test_each_text_below_a_place_is_found_with_its_place(place: PlaceMaker) -> None:
    node = place(
        "{a: [x, 7, !Ref AWS::NoValue, {b: !Sub 'y-${Size}-${Bucket}'}], c: !Ref Size, d: !Ref Bucket}"
    )
    assert [(text, below.location) for text, below in node.strings()] == [
        ("x", "Properties/P/a/0"),
        ("y-${…}-${Bucket}", "Properties/P/a/3/b"),
    ]


# Results


@pytest.mark.parametrize("verdict", ["violation", "unknown"])
def test_a_result_says_the_place_and_what_to_do(place: PlaceMaker, verdict: str) -> None:
    node = place("{a: 1}")["a"]
    make = getattr(node, verdict)
    assert make("Wrong.") == Result(verdict, "Properties/P/a", "Wrong.")  # type: ignore[arg-type]
    told = make("Wrong.", fix="Fix it.", at_most="warn", template_fix="Fix the template.")
    where = "Properties/P/a"
    assert told == Result(verdict, where, "Wrong.", "Fix it.", "warn", "Fix the template.")  # type: ignore[arg-type]


NAMED = """
Parameters: {Size: {Type: String}, Other: {Type: String}}
Resources:
  R: {Type: T::T::T, Properties: {P: PLACE}}
  A: {Type: T::T::A, Properties: {Name: !Sub '${Size}-a'}}
  B: {Type: T::T::A, Properties: {Name: !Ref Size}}
  C: {Type: T::T::A, Properties: {Name: literal}}
  D: {Type: T::T::A, Properties: {Name: !If [C]}}
  E: {Type: T::T::A}
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("!Join ['-', [!Ref Size, a]]", "A"),
        ("!Ref Size", "B"),
        ("' literal '", "C"),
        ("!Ref E", "E"),
        ("!Sub '${Other}-a'", None),
        ("other", None),
        ("''", None),
        ("!Ref AWS::NoValue", None),
    ],
)
def test_an_equal_expression_names_a_resource(make_stack: StackMaker, text: str, found: str | None) -> None:
    node = make_stack(NAMED.replace("PLACE", text)).resources["R"]["P"]
    target = node.target("T::T::A", name="Name")
    assert (target.logical_id if target else None) == found


def test_an_expression_that_names_no_resource_is_undecided(make_stack: StackMaker) -> None:
    for text, what in (("!Ref Other", "Other"), ("!If [C]", "Fn::If")):
        node = make_stack(NAMED.replace("PLACE", text)).resources["R"]["P"]
        assert what in refusal(lambda node=node: node.target("T::T::A", name="Name")).message  # type: ignore[misc]


def test_equal_expressions_identify_one_thing(make_stack: StackMaker) -> None:
    one, other = (make_stack(NAMED.replace("PLACE", "!Ref Size"), name) for name in ("One", "Other"))
    identity = one.resources["R"]["P"].identity()
    assert identity == one.resources["B"]["Name"].identity()
    assert identity != other.resources["B"]["Name"].identity()
    assert one.resources["C"]["Name"].identity() == other.resources["C"]["Name"].identity() == "literal"
    assert one.resources["E"]["Name"].identity() is None
    assert one.resources["E"]["Name"].name_key() is None
    assert "Fn::If" in refusal(one.resources["D"]["Name"].identity).message


def test_a_text_with_unknown_parts_says_which(make_stack: StackMaker) -> None:
    node = make_stack(NAMED.replace("PLACE", "!Sub '${E}-${Size}'")).resources["R"]["P"]
    assert "the parameter Size" in refusal(node.text).message
    assert "Give Size a default or allowed values" in refusal(node.text).message


ANSWERERS = """
  Custom: {Type: "Custom::Lookup"}
  Made: {Type: "AWS::CloudFormation::CustomResource"}
  Nested: {Type: "AWS::CloudFormation::Stack"}
  Queue: {Type: "AWS::SQS::Queue"}
"""


@pytest.mark.parametrize(
    ("raw", "is_known"),
    [
        ("!GetAtt Custom.Id", False),
        ("!GetAtt Made.Id", False),
        ("!GetAtt Nested.Outputs.Id", False),
        ("!Ref Custom", True),
        ("!GetAtt Queue.Arn", True),
        ("!Ref Queue", True),
        ("literal", True),
    ],
)
def test_what_another_resource_answers_may_name_any(
    make_stack: Callable[..., Stack], raw: str, is_known: bool
) -> None:
    stack = make_stack(f"Resources:{ANSWERERS}\n  R: {{Type: T, Properties: {{P: {raw}}}}}")
    here = stack.resources["R"]["P"]
    if is_known:
        assert here.target("AWS::EC2::Subnet") is None
        assert here.identity() in {"literal", *stack.resources.values()}
    else:
        with pytest.raises(UnknownValue, match="known at deployment only"):
            here.target("AWS::EC2::Subnet")
        with pytest.raises(UnknownValue, match="known at deployment only"):
            here.identity()
        assert here.target() is here.value.resource


@pytest.mark.parametrize(("text", "is_known"), [("${Size}-a", False), ("sg-${Size}", True)])
def test_an_id_that_begins_with_what_is_not_known_may_be_any(
    place: PlaceMaker, text: str, is_known: bool
) -> None:
    here = place(f"!Sub '{text}'")
    if is_known:
        assert here.target("AWS::EC2::Subnet") is None
    else:
        with pytest.raises(UnknownValue, match="the parameter Size"):
            here.target("AWS::EC2::Subnet")
