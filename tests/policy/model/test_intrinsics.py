"""What intrinsic functions fold to."""

from collections.abc import Callable
from typing import Any

import pytest

from tts_constructs.policy.loading.reader import add_nested
from tts_constructs.policy.model import branches, intrinsics
from tts_constructs.policy.model.intrinsics import fold, is_call
from tts_constructs.policy.model.json_text import parse_json
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.model.values import (
    ABSENT,
    Dynamic,
    Parameter,
    Pseudo,
    Reference,
    SsmParameter,
    Text,
    Unknown,
    Zones,
)

StackMaker = Callable[..., Stack]

ACCOUNT = "111111111111"
EAST = {"region": "us-east-1", "account": ACCOUNT}


def the(stack: Stack, logical_id: str = "R") -> Node:
    return stack.resources[logical_id]["P"]


def value_of(make_stack: StackMaker, text: str, rest: str = "", **known: object) -> object:
    resources = f"Other: {{Type: T::T::T}}, R: {{Type: T::T::T, Properties: {{P: {text}}}}}"
    return the(make_stack(f"Resources: {{{resources}}}\n{rest}", **known)).value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("!Join ['-', [a, 1, true]]", "a-1-true"),
        ("!Join ['', []]", ""),
        ("!Sub 'a-${!Literal}'", "a-${Literal}"),
        ("!Sub ['${X}-b', {X: a}]", "a-b"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', !Split ['|', 'a|b']]", "a"),
        ("!Base64 text", "text"),
        ("!Ref AWS::NoValue", ABSENT),
        ("!Ref AWS::Region", "us-gov-west-1"),
        ("!Ref AWS::Partition", "aws-us-gov"),
        ("!Sub 'arn:${AWS::Partition}:s3:::x'", "arn:aws-us-gov:s3:::x"),
        ("!FindInMap [M, a, b]", "found"),
        ("!FindInMap [M, !Ref AWS::Region, b]", "regional"),
        ("!FindInMap [M, none, b, {DefaultValue: other}]", "other"),
        ("!Length [a, b, c]", 3),
    ],
)
def test_literals_are_folded(make_stack: StackMaker, text: str, expected: object) -> None:
    mappings = "Mappings: {M: {a: {b: found}, us-gov-west-1: {b: regional}}}"
    assert value_of(make_stack, text, mappings, region="us-gov-west-1", account="111111111111") == expected


@pytest.mark.parametrize("raw", [{"a": {"Ref": "X"}}, {"Ref": "X", "Other": 1}, [{"Ref": "X"}], 7, None])
def test_what_is_no_call_is_returned_as_it_is(make_stack: StackMaker, raw: Any) -> None:
    stack = make_stack("Resources: {}")
    assert fold(raw, stack) == (raw, stack)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"Ref": "A"}, True),
        ({"Fn::Sub": "a"}, True),
        ({"Reference": "A"}, False),
        ({"Fn": "A"}, False),
        ({}, False),
        ({"Ref": "A", "Fn::Sub": "a"}, False),
        ("Ref", False),
        (["Ref"], False),
    ],
)
def test_a_call_is_a_map_of_one_function(raw: Any, expected: bool) -> None:
    assert is_call(raw) is expected


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"Fn::Cidr": ["10.0.0.0/16", 2]}, "address ranges"),
        ({"Fn::Transform": {"Name": "X"}}, "a transform"),
        ({"Fn::Nonsense": 1}, "the function Fn::Nonsense"),
    ],
)
def test_a_function_that_is_not_folded_is_named(make_stack: StackMaker, raw: Any, reason: str) -> None:
    stack = make_stack("Resources: {}")
    value, owner = fold(raw, stack)
    assert isinstance(value, Unknown)
    assert reason in value.reason
    assert owner is stack


@pytest.mark.parametrize(
    "text",
    [
        "!Ref Nowhere",
        "!GetAtt Nowhere.Arn",
        "!Ref AWS::StackId",
        "!FindInMap [M, none, b]",
        "!Select [9, [a]]",
        "!Select [x, [a]]",
        "!GetAZs ''",
        "!Cidr [10.0.0.0/16, 2]",
        "!ImportValue elsewhere",
        "{Fn::Transform: {Name: X}}",
        "{Fn::Nonsense: 1}",
        "!If [C]",
        "!Join [a]",
        "!Sub [1]",
        "!Split ['', a]",
        "{Ref: [a]}",
        "{Fn::GetAtt: 7}",
    ],
)
def test_what_cannot_be_folded_is_unknown(make_stack: StackMaker, text: str) -> None:
    assert isinstance(value_of(make_stack, text, "Mappings: {M: {a: {b: found}}}"), Unknown)


@pytest.mark.parametrize(
    "text",
    [
        "!FindInMap [M, a]",
        "!FindInMap [M, a, b, {DefaultValue: c}, d]",
        "{Fn::FindInMap: abc}",
        "!FindInMap [M, a, none]",
        "!FindInMap [M, a, none, {Default: c}]",
        "!FindInMap [M, a, none, [DefaultValue]]",
        "!FindInMap [M, a, b, c, d]",
        "!FindInMap [M, [a], b]",
        "!Select [2, [a, b]]",
        "!Select [-1, [a, b]]",
        "!Select [0, text]",
        "!Select [0]",
        "!Select [0, [a], b]",
        "!Select ab",
        "!Join ['-', text]",
        "!Join [1, [a]]",
        "!Join ['-', [a], b]",
        "!Join ab",
        "!Split ['-', [a]]",
        "!Split ['-', a, b]",
        "!Split [1, a]",
        "!Split ab",
        "!If [C, a]",
        "!If [C, a, b, c]",
        "!If [[C], a, b]",
        "!If abc",
        "!Sub [text, {}, more]",
        "!Sub [text, more]",
        "!Sub [[text], {}]",
        "!Length text",
        "!Length 3",
    ],
)
def test_a_call_that_cloudformation_would_refuse_is_unknown(make_stack: StackMaker, text: str) -> None:
    assert isinstance(value_of(make_stack, text, "Mappings: {M: {a: {b: {c: d}}}}"), Unknown)


@pytest.mark.parametrize(
    "raw",
    [
        {"Ref": "Nowhere"},
        {"Ref": ["A"]},
        {"Fn::GetAtt": "Child.Outputs.None"},
        {"Fn::GetAtt": ["Child", {"Ref": "Size"}]},
        {"Fn::GetStackOutput": {"StackName": "none", "OutputName": "Name"}},
        {"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "None"}},
        {"Fn::Join": ["", {"Ref": "Child"}]},
        {"Fn::Select": [{"Ref": "Size"}, ["a"]]},
        {"Fn::Length": {"Ref": "Size"}},
    ],
)
def test_an_unknown_value_belongs_to_the_template_that_reads_it(make_stack: StackMaker, raw: Any) -> None:
    make_stack(PRODUCER, "Producer", stack_name="producer", **EAST)
    stack = make_stack(
        "Parameters: {Size: {Type: String}}\nResources: {Child: {Type: AWS::CloudFormation::Stack}}", **EAST
    )
    add_nested(stack.resources["Child"], {"Resources": {}, "Outputs": {"Some": {"Value": 1}}})
    value, owner = fold(raw, stack)
    assert isinstance(value, Unknown)
    assert owner is stack


VALUE_PLACES = [
    "{Fn::Base64: VALUE}",
    "{Fn::Join: ['', [VALUE]]}",
    "{Fn::Sub: ['${X}', {X: VALUE}]}",
    "{Fn::Sub: '${P}'}",
    "{Fn::Select: [0, [VALUE]]}",
    "{Fn::Select: [0, {Fn::Split: ['|', VALUE]}]}",
    "{Fn::If: [C, VALUE, VALUE]}",
    "{Fn::FindInMap: [M, a, b]}",
    "{Fn::FindInMap: [M, a, none, {DefaultValue: VALUE}]}",
    "{Ref: P}",
]
"""Forms that come to the value in them; `M` and `P` hold it too."""


@pytest.mark.parametrize("form", VALUE_PLACES)
def test_a_call_inside_a_call_is_folded_first(make_stack: StackMaker, form: str) -> None:
    inner = "{Ref: AWS::AccountId}"
    rest = f"Parameters: {{P: {{Default: {inner}}}}}\nMappings: {{M: {{a: {{b: {inner}}}}}}}"
    assert value_of(make_stack, form.replace("VALUE", inner), rest, **EAST) == ACCOUNT


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("{Fn::FindInMap: [{Ref: P}, a, b]}", "one"),
        ("{Fn::FindInMap: [M, {Ref: P}, b]}", "two"),
        ("{Fn::FindInMap: [M, a, {Ref: P}]}", "three"),
        ("{Fn::Select: [{Ref: N}, [a, b]]}", "b"),
        ("{Fn::GetAZs: {Ref: P}}", Zones("the zones of the region", region="X")),
        ("{Fn::Length: [{Ref: P}, b, {Ref: AWS::NoValue}]}", 2),
        ("{Fn::Length: {Ref: L}}", 3),
        ("{Fn::Join: ['-', {Ref: L}]}", "a-b-c"),
    ],
)
def test_keys_positions_and_lists_can_be_calls(make_stack: StackMaker, form: str, expected: object) -> None:
    rest = (
        "Parameters: {P: {Default: X}, N: {Default: 1}, L: {Type: CommaDelimitedList, Default: 'a,b,c'}}\n"
        "Mappings: {X: {a: {b: one}}, M: {X: {b: two}, a: {X: three}}}"
    )
    assert value_of(make_stack, form, rest) == expected


# Pseudo parameters


@pytest.mark.parametrize(
    ("name", "region", "expected"),
    [
        ("AWS::AccountId", "us-east-1", ACCOUNT),
        ("AWS::Region", "us-east-1", "us-east-1"),
        ("AWS::Partition", "us-east-1", "aws"),
        ("AWS::URLSuffix", "us-east-1", "amazonaws.com"),
        ("AWS::URLSuffix", "us-gov-west-1", "amazonaws.com"),
        ("AWS::StackName", "us-east-1", "benefits"),
    ],
)
def test_a_pseudo_parameter_is_what_is_known_of_the_stack(
    make_stack: StackMaker, name: str, region: str, expected: str
) -> None:
    known = {"region": region, "account": ACCOUNT, "stack_name": "benefits"}
    assert value_of(make_stack, f"!Ref {name}", **known) == expected


@pytest.mark.parametrize(
    "name",
    ["AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix", "AWS::StackName", "AWS::StackId"],
)
def test_a_pseudo_parameter_that_is_not_known_is_named(make_stack: StackMaker, name: str) -> None:
    value = value_of(make_stack, f"!Ref {name}")
    assert isinstance(value, Pseudo)
    assert value.name == name
    assert name in value.reason
    assert "account and region" in value.remedy


def test_region_and_account_are_unknown_where_the_stack_has_none(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Sub '${AWS::Region}-${AWS::AccountId}'")
    assert isinstance(value, Text)
    assert [isinstance(part, Unknown) for part in value.parts] == [True, False, True]


# References and attributes


def test_a_reference_leads_to_its_resource(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Resources: {A: {Type: T::T::T}, R: {Type: T::T::T, Properties: {P: !GetAtt A.Deep.Arn, Q: !Ref A}}}"
    )
    assert the(stack).value == Reference(stack.resources["A"], "Deep.Arn")
    assert stack.resources["R"]["Q"].target() is stack.resources["A"]


@pytest.mark.parametrize(
    "argument",
    [
        "Other.Deep.Arn",
        ["Other", "Deep.Arn"],
        ["Other", "Deep", "Arn"],
        ["Other", {"Ref": "Deep"}, "Arn"],
        ["Other", {"Fn::Sub": "${Deep}.Arn"}],
    ],
)
def test_an_attribute_is_all_that_follows_the_resource(make_stack: StackMaker, argument: Any) -> None:
    stack = make_stack("Parameters: {Deep: {Default: Deep}}\nResources: {Other: {Type: T::T::T}}")
    assert fold({"Fn::GetAtt": argument}, stack)[0] == Reference(stack.resources["Other"], "Deep.Arn")


@pytest.mark.parametrize("argument", ["Other", ["Other"], [7, "Arn"], {"Other": "Arn"}, []])
def test_an_attribute_without_a_resource_is_refused(make_stack: StackMaker, argument: Any) -> None:
    value, _ = fold({"Fn::GetAtt": argument}, make_stack("Resources: {Other: {Type: T::T::T}}"))
    assert isinstance(value, Unknown)
    assert "would refuse" in value.reason


@pytest.mark.parametrize(
    "argument",
    [
        ["Other", {"Ref": "Size"}],
        ["Other", {"Ref": "Other"}],
        ["Other", "{{resolve:ssm:/attribute}}"],
        "Other.{{resolve:ssm:/a.b}}",
    ],
)
def test_an_attribute_that_is_not_literal_is_unknown(make_stack: StackMaker, argument: Any) -> None:
    stack = make_stack("Parameters: {Size: {Type: String}}\nResources: {Other: {Type: T::T::T}}")
    value, _ = fold({"Fn::GetAtt": argument}, stack)
    assert isinstance(value, Unknown)
    assert "not literal" in value.reason


# Texts


def test_a_join_of_one_reference_is_that_reference(make_stack: StackMaker) -> None:
    assert isinstance(value_of(make_stack, "!Join ['', ['', !Ref Other]]"), Reference)


def test_a_text_with_a_reference_keeps_its_parts(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Sub 'arn:aws:s3:::${Other}/*'")
    assert isinstance(value, Text)
    assert str(value) == "arn:aws:s3:::${Other}/*"
    assert [reference.resource.logical_id for reference in value.references] == ["Other"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Sub 'a${ Other.Deep.Arn }b'", "a${Other.Deep.Arn}b"),
        ("!Sub 'a${ Other }b'", "a${Other}b"),
        ("!Sub ['${X.Y}', {X.Y: mine}]", "mine"),
        ("!Sub ['${Other}', {Other: mine}]", "mine"),
        ("!Sub '$${!AWS::Region}{}${!Other}'", "$${AWS::Region}{}${Other}"),
        ("!Sub '${Nowhere.Arn}'", "${…}"),
    ],
)
def test_variables_of_a_text_are_replaced(make_stack: StackMaker, text: str, expected: str) -> None:
    value = value_of(make_stack, f"!Join ['', ['<', {{Fn::Sub: {text.removeprefix('!Sub ')}}}, '>']]")
    assert str(value) == f"<{expected}>"


def test_a_dynamic_reference_says_which_service_and_key(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "'{{resolve:secretsmanager:db:SecretString:password}}'")
    assert isinstance(value, Dynamic)
    assert (value.service, value.key) == ("secretsmanager", "db:SecretString:password")


def test_text_around_dynamic_references_is_kept(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "'a{{resolve:ssm:/b:1}}c{{resolve:ssm-secure:d}}'")
    assert isinstance(value, Text)
    first, ssm, between, secure = value.parts
    assert (first, between) == ("a", "c")
    assert isinstance(ssm, Dynamic)
    assert isinstance(secure, Dynamic)
    assert (ssm.service, ssm.key) == ("ssm", "/b:1")
    assert (secure.service, secure.key) == ("ssm-secure", "d")
    assert ssm.reason == "the dynamic reference to ssm"


def test_a_dynamic_reference_that_is_joined_is_found(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Join ['', ['{{resolve:ssm:', '/a', '}}']]")
    assert isinstance(value, Dynamic)
    assert value.key == "/a"


def test_a_dynamic_reference_whose_key_is_substituted_is_found(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Sub '{{resolve:ssm:/${AWS::Region}/ami}}'", **EAST)
    assert isinstance(value, Dynamic)
    assert value.key == "/us-east-1/ami"


# Lists and mappings


def test_a_split_of_a_text_with_references_keeps_them(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Select [1, !Split ['||', !Sub 'a||${Other}||b']]")
    assert isinstance(value, Reference)


def test_a_split_of_a_reference_is_unknown(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Split ['-', !Ref Other]")
    assert isinstance(value, Unknown)
    assert "${Other}" in value.reason


def test_a_joined_list_leaves_out_what_is_no_value(make_stack: StackMaker) -> None:
    assert value_of(make_stack, "!Join ['-', [a, !Ref AWS::NoValue, b]]") == "a-b"


@pytest.mark.parametrize("form", ["!Join ['-', LIST]", "!Length LIST"])
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("{Fn::GetAtt: [Other, Names]}", "the list ${Other.Names}"),
        ("{Fn::Sub: 'a-${Other}'}", "the list a-${Other}"),
        ("{Ref: AWS::NotificationARNs}", "AWS::NotificationARNs"),
    ],
)
def test_a_list_that_is_known_later_is_named(
    make_stack: StackMaker, form: str, raw: str, reason: str
) -> None:
    value = value_of(make_stack, form.replace("LIST", raw))
    assert isinstance(value, Unknown)
    assert reason in value.reason


def test_an_item_of_a_list_that_an_attribute_holds_is_a_reference(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {Other: {Type: T::T::T}}")
    assert fold({"Fn::Select": ["1", {"Fn::GetAtt": "Other.Names"}]}, stack)[0] == Reference(
        stack.resources["Other"], "Names.1"
    )


@pytest.mark.parametrize(("region", "expected"), [("''", "us-east-1"), ("us-west-2", "us-west-2")])
def test_zones_are_those_of_a_region(make_stack: StackMaker, region: str, expected: str) -> None:
    value = value_of(make_stack, f"!GetAZs {region}", **EAST)
    assert value == Zones("the zones of the region", region=expected)


def test_zones_of_a_region_that_is_not_known_say_so(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!GetAZs ''")
    assert isinstance(value, Zones)
    assert isinstance(value.region, Pseudo)


def test_one_zone_of_a_region_is_known_by_its_position(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Select ['1', {Fn::GetAZs: ''}]", **EAST)
    assert value == Zones("the zones of the region", region="us-east-1", position=1)


def test_a_mapping_is_read_by_numbers_too(make_stack: StackMaker) -> None:
    assert value_of(make_stack, "!FindInMap [M, 1, b]", "Mappings: {M: {1: {b: found}}}") == "found"


def ways_of(make_stack: StackMaker, text: str, rest: str, **known: object) -> list[object]:
    node_of = make_stack(f"Resources: {{R: {{Type: T::T::T, Properties: {{P: {text}}}}}}}\n{rest}", **known)
    return node_of.assembly.explorer.run_all(lambda: the(node_of).plain())[0]


BY_PLACE = """
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Any: {Type: String}
Mappings:
  M:
    us-east-1: {Zone: us-east-1a, Size: 1, Same: x, Only: here}
    us-west-2: {Zone: us-west-2b, Size: 2, Same: x}
    eu-west-1: {Zone: eu-west-1c, Size: 3, Same: x}
  Accounts: {'1': {Size: 1}, '2': {Size: 2}}
  Stages: {dev: {Size: 1}, prod: {Size: 2}, test: {Size: 3, Other: 4}}
  Other: {us-east-1: {Size: 8}, us-west-2: {Size: 9}, eu-west-1: {Size: 10}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!FindInMap [M, !Ref AWS::Region, Zone]", ["us-east-1a", "us-west-2b"]),
        ("!FindInMap [M, !Ref AWS::Region, Same]", ["x"]),
        ("!FindInMap [M, !Ref AWS::Region, Only]", ["here"]),
        ("!FindInMap [Accounts, !Ref AWS::AccountId, Size]", [1, 2]),
        ("!FindInMap [Accounts, !Ref AWS::Region, Size]", [1, 2]),
        ("!FindInMap [Stages, !Ref Stage, Size]", [1, 2]),
        ("!FindInMap [Stages, !Ref Any, Size]", [1, 2, 3]),
        ("!FindInMap [Stages, test, !Ref Any]", [3, 4]),
        ("!FindInMap [!Ref Any, prod, Size]", [2]),
        ("!FindInMap [M, !Sub 'us-${Any}', Size]", [1, 2]),
        ("!FindInMap [M, !Sub '${Any}-1', Size]", [1, 3]),
        ("!FindInMap [M, !Select [0, !Split [',', !Ref AWS::Region]], Size]", [1, 2, 3]),
        ("!FindInMap [Stages, !Ref Any, Size, {DefaultValue: 5}]", [1, 2, 3, 5]),
        ("!FindInMap [Stages, !Ref Any, None, {DefaultValue: 5}]", [5]),
        ("!FindInMap [Stages, dev, Size, {DefaultValue: 5}]", [1]),
        (
            "[!FindInMap [M, !Ref AWS::Region, Size], !FindInMap [Other, !Ref AWS::Region, Size]]",
            [[1, 8], [2, 9]],
        ),
        (
            "[!FindInMap [Accounts, !Ref Any, Size], !FindInMap [Accounts, !Ref AWS::AccountId, Size]]",
            [[1, 1], [1, 2], [2, 1], [2, 2]],
        ),
    ],
)
def test_a_mapping_counts_as_each_entry_that_its_keys_reach(
    make_stack: StackMaker, text: str, expected: list[object]
) -> None:
    assert ways_of(make_stack, text, BY_PLACE) == expected


def test_a_mapping_is_read_where_the_stack_is_deployed(make_stack: StackMaker) -> None:
    text = "!FindInMap [M, !Ref AWS::Region, Zone]"
    assert ways_of(make_stack, text, BY_PLACE, region="us-west-2") == ["us-west-2b"]


@pytest.mark.parametrize(
    "text",
    ["!FindInMap [Nothing, !Ref Any, Size]", "!FindInMap [M, !Ref Any, None]", "!FindInMap [M, [], Size]"],
)
def test_a_mapping_without_an_entry_that_its_keys_reach_is_unknown(make_stack: StackMaker, text: str) -> None:
    (value,) = ways_of(make_stack, text, BY_PLACE)
    assert isinstance(value, Unknown)


def test_pieces_of_what_is_not_known_differ(make_stack: StackMaker) -> None:
    pieces = "!Select [{}, !Split ['{}', !Ref AWS::StackId]]"
    texts = [pieces.format(0, "/"), pieces.format(2, "/"), pieces.format(0, "-"), "!Ref AWS::StackId"]
    values = [value_of(make_stack, text) for text in texts]
    assert [value.steps for value in values if isinstance(value, Pseudo)] == [
        ("/", 0), ("/", 2), ("-", 0), ()
    ]  # fmt: skip
    assert value_of(make_stack, texts[0]) == values[0]


def test_a_template_without_mappings_has_no_entry(make_stack: StackMaker) -> None:
    assert isinstance(value_of(make_stack, "!FindInMap [M, a, b]"), Unknown)


# Parameters


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("{Type: String, Default: a}", "a"),
        ("{Type: CommaDelimitedList, Default: 'a, b'}", ["a", "b"]),
        ("{Type: 'List<AWS::EC2::Subnet::Id>', Default: ''}", []),
        ("{Type: Number, Default: 3}", 3),
    ],
)
def test_a_parameter_counts_as_its_default(make_stack: StackMaker, declared: str, expected: object) -> None:
    assert value_of(make_stack, "!Ref X", f"Parameters: {{X: {declared}}}") == expected


def test_a_parameter_without_a_type_counts_as_its_default(make_stack: StackMaker) -> None:
    assert value_of(make_stack, "!Ref X", "Parameters: {X: {Default: 'a,b'}}") == "a,b"


def test_a_parameter_without_default_is_unknown_and_named(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Ref Size", "Parameters: {Size: {Type: String}}")
    assert isinstance(value, Unknown)
    assert "Size" in value.reason


@pytest.mark.parametrize("declared", ["{}", "{AllowedValues: a}", "{AllowedValues: []}"])
def test_a_parameter_without_values_says_how_to_make_it_known(make_stack: StackMaker, declared: str) -> None:
    value = value_of(make_stack, "!Ref Size", f"Parameters: {{Size: {declared}}}")
    assert isinstance(value, Parameter)
    assert (value.name, value.hidden) == ("Size", False)
    assert "Size" in value.remedy


@pytest.mark.parametrize("parameters", ["[Size]", "{Size: text}"])
def test_a_parameter_that_is_no_map_is_unknown(make_stack: StackMaker, parameters: str) -> None:
    value = value_of(make_stack, "!Ref Size", f"Parameters: {parameters}")
    assert isinstance(value, Unknown)
    assert not isinstance(value, Parameter)


def test_a_parameter_of_ssm_type_names_the_ssm_parameter(make_stack: StackMaker) -> None:
    parameters = (
        "Parameters: {X: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /tts/ami}}"
    )
    value = value_of(make_stack, "!Ref X", parameters)
    assert isinstance(value, SsmParameter)
    assert value.name == "/tts/ami"


def test_an_ssm_parameter_whose_name_is_no_literal_has_no_name(make_stack: StackMaker) -> None:
    value = value_of(
        make_stack, "!Ref X", "Parameters: {X: {Type: AWS::SSM::Parameter::Value<String>, Default: 7}}"
    )
    assert isinstance(value, SsmParameter)
    assert value.name == ""


def test_a_value_that_the_manifest_gives_belongs_to_the_stack(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Parameters: {P: {Type: String}, L: {Type: CommaDelimitedList}}\nResources: {}",
        given={"P": ("given", None), "L": ("a, b", None)},
    )
    assert fold({"Ref": "P"}, stack) == ("given", stack)
    assert fold({"Ref": "L"}, stack) == (["a", "b"], stack)


@pytest.mark.parametrize("declared", ["true", "'true'", "' True '"])
def test_a_parameter_that_is_not_shown_is_hidden(make_stack: StackMaker, declared: str) -> None:
    value = value_of(make_stack, "!Ref Secret", f"Parameters: {{Secret: {{NoEcho: {declared}}}}}")
    assert isinstance(value, Parameter)
    assert value.hidden is True


@pytest.mark.parametrize("declared", ["false", "'no'", "1", "null"])
def test_a_parameter_that_is_shown_is_not_hidden(make_stack: StackMaker, declared: str) -> None:
    value = value_of(make_stack, "!Ref Size", f"Parameters: {{Size: {{NoEcho: {declared}}}}}")
    assert isinstance(value, Parameter)
    assert value.hidden is False


def test_default_and_allowed_values_are_all_explored(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Parameters: {X: {Type: String, Default: a, AllowedValues: [a, b, c]}}\n"
        "Resources: {R: {Type: T::T::T, Properties: {P: !Ref X}}}"
    )
    assert stack.assembly.explorer.run_all(lambda: the(stack).value) == (["a", "b", "c"], True)


def test_two_parameters_with_allowed_values_are_two_choices(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Parameters: {X: {AllowedValues: [a, b]}, Y: {AllowedValues: [a, b]}}\n"
        "Resources: {R: {Type: T::T::T, Properties: {P: !Sub '${X}${Y}'}}}"
    )
    assert stack.assembly.explorer.run_all(lambda: the(stack).value) == (["aa", "ab", "ba", "bb"], True)


def test_one_parameter_of_two_stacks_is_two_choices(make_stack: StackMaker) -> None:
    text = (
        "Parameters: {X: {AllowedValues: [a, b]}}\nResources: {R: {Type: T::T::T, Properties: {P: !Ref X}}}"
    )
    one, two = make_stack(text, "One"), make_stack(text, "Two")
    results, _ = one.assembly.explorer.run_all(lambda: f"{the(one).value}{the(two).value}")
    assert results == ["aa", "ab", "ba", "bb"]


def test_conditions_of_two_stacks_are_two_choices(make_stack: StackMaker) -> None:
    text = "Resources: {R: {Type: T::T::T, Properties: {P: !If [C, 1, 2]}}}"
    one, two = make_stack(text, "One"), make_stack(text, "Two")
    results, _ = one.assembly.explorer.run_all(
        lambda: (one.resources["R"]["P"].value, two.resources["R"]["P"].value)
    )
    assert results == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_a_parameter_and_a_condition_of_one_name_are_two_choices(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Parameters: {X: {AllowedValues: [a, b]}}\n"
        "Resources: {R: {Type: T::T::T, Properties: {P: !Join ['', [!Ref X, !If [X, c, d]]]}}}"
    )
    results, _ = stack.assembly.explorer.run_all(lambda: the(stack).value)
    assert results == ["ac", "ad", "bc", "bd"]


@pytest.mark.parametrize(
    "declared", ["{Default: a}", "{AllowedValues: [a]}", "{Default: a, AllowedValues: [a]}"]
)
def test_a_parameter_of_one_value_is_no_choice(make_stack: StackMaker, declared: str) -> None:
    stack = make_stack(
        f"Parameters: {{X: {declared}}}\nResources: {{R: {{Type: T::T::T, Properties: {{P: !Ref X}}}}}}"
    )
    assert stack.assembly.explorer.run_once(lambda: the(stack).value) == ("a", True)


# Nested stacks


def test_a_nested_stack_is_given_its_parents_values(make_stack: StackMaker) -> None:
    parent = make_stack(
        "Resources:\n  Vpc: {Type: AWS::EC2::VPC}\n"
        "  N: {Type: AWS::CloudFormation::Stack, Properties: {Parameters: {V: !Ref Vpc, S: 'a,b'}}}"
    )
    body = {
        "Parameters": {"V": {"Type": "String"}, "S": {"Type": "CommaDelimitedList"}},
        "Resources": {"R": {"Type": "T::T::T", "Properties": {"P": {"Ref": "V"}, "Q": {"Ref": "S"}}}},
    }
    add_nested(parent.resources["N"], body)
    child = parent.nested["N"]
    assert the(child).target() is parent.resources["Vpc"]
    assert child.resources["R"]["Q"].value == ["a", "b"]


PARAMETER = {
    "Parameters": {"P": {"Type": "String", "Default": "own"}},
    "Resources": {"R": {"Type": "T::T::T", "Properties": {"P": {"Ref": "P"}}}},
}


@pytest.mark.parametrize(
    ("properties", "values"),
    [
        ("Parameters: {P: !Ref AWS::NoValue}", ["own"]),
        ("Parameters: {P: !If [Some, given, !Ref AWS::NoValue]}", ["given", "own"]),
        ("Parameters: [{ParameterKey: P, ParameterValue: given}]", ["given"]),
    ],
)
def test_a_parameter_that_is_given_nothing_has_its_default(
    make_stack: StackMaker, properties: str, values: list[str]
) -> None:
    parent = make_stack(
        f"Resources:\n  N: {{Type: AWS::CloudFormation::Stack, Properties: {{{properties}}}}}"
    )
    add_nested(parent.resources["N"], PARAMETER)
    assert parent.assembly.explorer.run_all(lambda: the(parent.nested["N"]).value) == (values, True)


@pytest.mark.parametrize(
    "parameters", ["!If [Some, {P: a}, {P: b}]", "!Ref Map", "[!If [Some, {ParameterKey: Q}, {}]]", "[text]"]
)
def test_what_is_given_is_not_known_where_it_is_a_choice(make_stack: StackMaker, parameters: str) -> None:
    parent = make_stack(
        f"Resources:\n  N: {{Type: AWS::CloudFormation::Stack, Properties: {{Parameters: {parameters}}}}}"
    )
    add_nested(parent.resources["N"], PARAMETER)
    assert the(parent.nested["N"]).is_unknown


def test_some_instances_of_a_stackset_are_given_other_values(make_stack: StackMaker) -> None:
    parent = make_stack(
        "Resources:\n"
        "  N:\n"
        "    Type: AWS::CloudFormation::StackSet\n"
        "    Properties:\n"
        "      StackInstancesGroup:\n"
        "      - ParameterOverrides: [{ParameterKey: P, ParameterValue: east}]\n"
        "      - ParameterOverrides: [{ParameterKey: P, ParameterValue: west}]\n"
    )
    add_nested(parent.resources["N"], PARAMETER)
    values, _ = parent.assembly.explorer.run_all(lambda: the(parent.nested["N"]).value)
    assert set(values) == {"west", "east", "own"}


@pytest.mark.parametrize(("inner", "name", "hidden"), [("false", "P", False), ("true", "Secret", True)])
def test_a_hidden_value_is_hidden_below_only_where_its_parameter_hides_it_too(
    make_stack: StackMaker, inner: str, name: str, hidden: bool
) -> None:
    parent = make_stack(
        "Parameters: {Secret: {NoEcho: true}}\n"
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {Parameters: {P: !Ref Secret}}}}"
    )
    add_nested(parent.resources["N"], PARAMETER | {"Parameters": {"P": {"NoEcho": inner}}})
    value = the(parent.nested["N"]).value
    assert isinstance(value, Parameter)
    assert (value.name, value.hidden) == (name, hidden)
    assert "Secret" in value.reason


def test_a_list_that_is_given_keeps_the_references_in_it(make_stack: StackMaker) -> None:
    parent = make_stack(
        "Resources:\n  Vpc: {Type: AWS::EC2::VPC}\n"
        "  N: {Type: AWS::CloudFormation::Stack, Properties: {Parameters: {P: !Sub 'a, ${Vpc},b'}}}"
    )
    add_nested(parent.resources["N"], PARAMETER | {"Parameters": {"P": {"Type": "CommaDelimitedList"}}})
    first, vpc, last = the(parent.nested["N"]).values()
    assert (first, last) == ("a", "b")
    assert str(vpc) == " ${Vpc}"


def test_a_list_in_which_an_unknown_part_could_hold_commas_is_unknown(make_stack: StackMaker) -> None:
    parent = make_stack(
        "Parameters: {Size: {Type: String}}\n"
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {Parameters: {P: !Sub 'a,${Size}'}}}}"
    )
    add_nested(parent.resources["N"], PARAMETER | {"Parameters": {"P": {"Type": "List<String>"}}})
    assert isinstance(the(parent.nested["N"]).value, Unknown)


def test_an_output_of_a_nested_stack_leads_to_its_resource(make_stack: StackMaker) -> None:
    parent = make_stack(
        "Resources:\n  R: {Type: T::T::T, Properties: {P: !GetAtt N.Outputs.Arn}}\n"
        "  N: {Type: AWS::CloudFormation::Stack}"
    )
    body = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Arn": {"Value": {"Ref": "Topic"}}},
    }
    add_nested(parent.resources["N"], body)
    assert the(parent).target() is parent.nested["N"].resources["Topic"]


def test_an_output_is_folded_in_the_template_that_has_it(make_stack: StackMaker) -> None:
    parent = make_stack("Resources: {N: {Type: AWS::CloudFormation::Stack}}")
    add_nested(parent.resources["N"], {"Resources": {}, "Outputs": {"A": {"Value": {"a": {"Ref": "P"}}}}})
    assert fold({"Fn::GetAtt": "N.Outputs.A"}, parent) == ({"a": {"Ref": "P"}}, parent.nested["N"])


@pytest.mark.parametrize("outputs", [None, [], {}, {"Arn": "text"}, {"Arn": {}}, {"Other": {"Value": 1}}])
def test_an_output_that_a_nested_stack_does_not_have_is_unknown(make_stack: StackMaker, outputs: Any) -> None:
    parent = make_stack("Resources: {N: {Type: AWS::CloudFormation::Stack}}")
    add_nested(parent.resources["N"], {"Resources": {}, "Outputs": outputs})
    value, _ = fold({"Fn::GetAtt": "N.Outputs.Arn"}, parent)
    assert isinstance(value, Unknown)
    assert "Arn" in value.reason


def test_an_output_of_a_stack_that_is_not_at_hand_is_a_reference(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {N: {Type: AWS::CloudFormation::Stack}}")
    assert fold({"Fn::GetAtt": "N.Outputs.Arn"}, stack)[0] == Reference(stack.resources["N"], "Outputs.Arn")


def test_an_attribute_of_a_nested_stack_that_is_no_output_is_a_reference(make_stack: StackMaker) -> None:
    parent = make_stack("Resources: {N: {Type: AWS::CloudFormation::Stack}}")
    add_nested(parent.resources["N"], {"Resources": {}, "Outputs": {"Arn": {"Value": "other"}}})
    assert fold({"Fn::GetAtt": "N.Arn"}, parent)[0] == Reference(parent.resources["N"], "Arn")


# Exports


def test_an_import_leads_to_the_resource_that_another_stack_exports(make_stack: StackMaker) -> None:
    exporter = make_stack(
        "Resources: {Vpc: {Type: AWS::EC2::VPC}}\n"
        "Outputs: {V: {Value: !Ref Vpc, Export: {Name: !Sub '${AWS::StackName}:vpc'}}}",
        "Network",
        stack_name="Network",
    )
    stack = make_stack("Resources: {R: {Type: T::T::T, Properties: {P: !ImportValue 'Network:vpc'}}}")
    assert the(stack).target() is exporter.resources["Vpc"]


def test_an_import_is_taken_from_the_same_stage(make_stack: StackMaker) -> None:
    text = "Resources: {Vpc: {Type: AWS::EC2::VPC}}\nOutputs: {V: {Value: !Ref Vpc, Export: {Name: vpc}}}"
    make_stack(text, "Test/Network")
    exporter = make_stack(text, "Prod/Network")
    stack = make_stack("Resources: {R: {Type: T::T::T, Properties: {P: !ImportValue vpc}}}", "Prod/App")
    assert the(stack).target() is exporter.resources["Vpc"]


def test_an_export_of_another_account_does_not_count(make_stack: StackMaker) -> None:
    text = "Resources: {Vpc: {Type: AWS::EC2::VPC}}\nOutputs: {V: {Value: !Ref Vpc, Export: {Name: vpc}}}"
    make_stack(text, "Network", account="222222222222")
    stack = make_stack(
        "Resources: {R: {Type: T::T::T, Properties: {P: !ImportValue vpc}}}", account="111111111111"
    )
    assert isinstance(the(stack).value, Unknown)


def test_the_name_of_an_export_can_be_a_call(make_stack: StackMaker) -> None:
    make_stack("Resources: {}\nOutputs: {V: {Value: found, Export: {Name: east}}}", "Network")
    assert value_of(make_stack, "!ImportValue {Ref: X}", "Parameters: {X: {Default: east}}") == "found"


def test_an_import_by_a_name_that_is_not_known_is_unknown(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!ImportValue {Ref: X}", "Parameters: {X: {Type: String}}")
    assert isinstance(value, Unknown)
    assert "not literal" in value.reason


@pytest.mark.parametrize(("exporters", "reason"), [([], "no stack"), (["One", "Two"], "several stacks")])
def test_an_export_that_not_exactly_one_stack_has_is_named(
    make_stack: StackMaker, exporters: list[str], reason: str
) -> None:
    for name in exporters:
        make_stack("Resources: {}\nOutputs: {V: {Value: found, Export: {Name: vpc}}}", f"{name}/Network")
    value = value_of(make_stack, "!ImportValue vpc")
    assert isinstance(value, Unknown)
    assert "vpc" in value.reason
    assert reason in value.reason


# Outputs of other stacks

PRODUCER = """
Resources: {Bucket: {Type: "AWS::S3::Bucket"}}
Outputs: {Name: {Value: !Ref Bucket}}
"""


def read(make_stack: StackMaker, arguments: str, **known: object) -> object:
    text = f"Resources: {{R: {{Type: T, Properties: {{P: {{Fn::GetStackOutput: {arguments}}}}}}}}}"
    return the(make_stack(text, "Reader", **{**EAST, **known})).value


def produce(make_stack: StackMaker, name: str = "Producer", **known: object) -> Reference:
    producer = make_stack(PRODUCER, name, stack_name="producer", **{**EAST, **known})
    return Reference(producer.resources["Bucket"])


def test_an_output_of_another_stack_is_read_by_the_names_of_stack_and_output(make_stack: StackMaker) -> None:
    bucket = produce(make_stack)
    assert read(make_stack, "{StackName: producer, Region: us-east-1, OutputName: Name}") == bucket


def test_names_of_stack_output_and_region_can_be_calls(make_stack: StackMaker) -> None:
    bucket = produce(make_stack)
    text = (
        "Parameters: {S: {Default: producer}, O: {Default: Name}}\nResources: {R: {Type: T, Properties: {P: "
        "{Fn::GetStackOutput: {StackName: !Ref S, OutputName: !Ref O, Region: !Ref AWS::Region}}}}}"
    )
    assert the(make_stack(text, "Reader", **EAST)).value == bucket


def test_without_a_region_the_readers_own_counts(make_stack: StackMaker) -> None:
    produce(make_stack, "West/Producer", region="us-west-2")
    bucket = produce(make_stack)
    assert read(make_stack, "{StackName: producer, OutputName: Name}") == bucket


def test_a_region_that_is_named_counts(make_stack: StackMaker) -> None:
    produce(make_stack)
    bucket = produce(make_stack, "West/Producer", region="us-west-2")
    assert read(make_stack, "{StackName: producer, OutputName: Name, Region: us-west-2}") == bucket


@pytest.mark.parametrize("place", ["", "Region: us-west-2"])
def test_a_stack_of_another_region_is_not_meant(make_stack: StackMaker, place: str) -> None:
    produce(make_stack, region="us-east-1" if place else "us-west-2")
    value = read(make_stack, f"{{StackName: producer, OutputName: Name, {place}}}")
    assert isinstance(value, Unknown)
    assert "no stack of the app has" in value.reason


def test_another_account_is_read_with_a_role_only(make_stack: StackMaker) -> None:
    bucket = produce(make_stack, account="222222222222")
    assert isinstance(read(make_stack, "{StackName: producer, OutputName: Name}"), Unknown)
    assert read(make_stack, "{StackName: producer, OutputName: Name, RoleArn: x}") == bucket


def test_of_stages_that_hold_the_same_stack_the_readers_own_counts(make_stack: StackMaker) -> None:
    produce(make_stack, "Blue/Producer")
    bucket = produce(make_stack, "Green/Producer")
    text = (
        "Resources: {R: {Type: T, Properties: {P: {Fn::GetStackOutput: "
        "{StackName: producer, OutputName: Name}}}}}"
    )
    assert the(make_stack(text, "Green/Reader", **EAST)).value == bucket


def test_two_stacks_of_one_name_are_undecided(make_stack: StackMaker) -> None:
    produce(make_stack, "Blue/Producer")
    produce(make_stack, "Green/Producer")
    value = read(make_stack, "{StackName: producer, OutputName: Name}")
    assert isinstance(value, Unknown)
    assert "several stacks" in value.reason


@pytest.mark.parametrize(
    "arguments",
    [
        "{StackName: producer, OutputName: Other}",
        "{StackName: producer}",
        "{OutputName: Name}",
        "{StackName: [producer], OutputName: Name}",
        "{StackName: producer, OutputName: [Name]}",
        "{StackName: producer, OutputName: Name, Region: !Ref AWS::StackId}",
        "[producer]",
        "x",
    ],
)
def test_an_output_that_is_not_there_and_arguments_of_a_wrong_shape_are_undecided(
    make_stack: StackMaker, arguments: str
) -> None:
    produce(make_stack)
    assert isinstance(read(make_stack, arguments), Unknown)


# Values that pass through many templates, and circles

MOST_STEPS = 65


def imports(make_stack: StackMaker, steps: int) -> Stack:
    make_stack("Resources: {}\nOutputs: {V: {Value: end, Export: {Name: e0}}}", "S0")
    for step in range(1, steps):
        outputs = f"{{V: {{Value: !ImportValue e{step - 1}, Export: {{Name: e{step}}}}}}}"
        make_stack(f"Resources: {{}}\nOutputs: {outputs}", f"S{step}")
    return make_stack(f"Resources: {{R: {{Type: T, Properties: {{P: !ImportValue e{steps - 1}}}}}}}")


def nested_outputs(make_stack: StackMaker, steps: int) -> Stack:
    top = stack = make_stack(
        "Resources:\n  N: {Type: AWS::CloudFormation::Stack}\n"
        "  R: {Type: T, Properties: {P: !GetAtt N.Outputs.O}}"
    )
    for step in range(1, steps + 1):
        value = "end" if step == steps else {"Fn::GetAtt": "N.Outputs.O"}
        body = {
            "Resources": {"N": {"Type": "AWS::CloudFormation::Stack"}},
            "Outputs": {"O": {"Value": value}},
        }
        add_nested(stack.resources["N"], body)
        stack = stack.nested["N"]
    return top


def given_parameters(make_stack: StackMaker, steps: int) -> Stack:
    stack = make_stack(
        "Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {Parameters: {P: end}}}}"
    )
    resources = {
        "N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"P": {"Ref": "P"}}}},
        "R": {"Type": "T", "Properties": {"P": {"Ref": "P"}}},
    }
    for _ in range(steps):
        add_nested(stack.resources["N"], {"Parameters": {"P": {"Type": "String"}}, "Resources": resources})
        stack = stack.nested["N"]
    return stack


def defaults(make_stack: StackMaker, steps: int) -> Stack:
    parameters = ", ".join(f"P{step}: {{Default: !Ref P{step - 1}}}" for step in range(1, steps))
    return make_stack(
        f"Parameters: {{P0: {{Default: end}}, {parameters}}}\n"
        f"Resources: {{R: {{Type: T, Properties: {{P: !Ref P{steps - 1}}}}}}}"
    )


@pytest.mark.parametrize("way", [imports, nested_outputs, given_parameters, defaults])
def test_a_value_is_followed_through_so_many_templates_and_no_more(
    make_stack: StackMaker, way: Callable[[StackMaker, int], Stack]
) -> None:
    assert the(way(make_stack, MOST_STEPS)).value == "end"


@pytest.mark.parametrize("way", [imports, nested_outputs, given_parameters, defaults])
def test_a_value_behind_more_templates_is_unknown(
    make_stack: StackMaker, way: Callable[[StackMaker, int], Stack]
) -> None:
    value = the(way(make_stack, MOST_STEPS + 1)).value
    assert isinstance(value, Unknown)
    assert "another template" in value.reason


@pytest.fixture
def one_detour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "MAX_DETOURS", 1)


@pytest.mark.usefixtures("one_detour")
def test_a_step_after_the_second_is_a_detour(make_stack: StackMaker) -> None:
    assert the(imports(make_stack, 3)).value == "end"


@pytest.mark.usefixtures("one_detour")
def test_a_value_with_more_detours_than_a_run_may_take_is_unknown(make_stack: StackMaker) -> None:
    assert isinstance(the(imports(make_stack, 4)).value, Unknown)


CIRCLE = "{Fn::ImportValue: a}"


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends a circle before Python ends it."""
    monkeypatch.setattr(intrinsics, "_MAX_HOPS", 4)


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize(
    "form",
    [
        *VALUE_PLACES,
        "VALUE",
        "{Fn::ImportValue: VALUE}",
        "{Fn::GetAtt: [Other, VALUE]}",
        "{Fn::GetAtt: [Other, a, VALUE]}",
        "{Fn::GetStackOutput: {StackName: VALUE, OutputName: a}}",
        "{Fn::GetStackOutput: {StackName: a, OutputName: VALUE}}",
        "{Fn::Join: ['', VALUE]}",
        "{Fn::Length: VALUE}",
        "{Fn::Select: [VALUE, [a]]}",
        "{Fn::Select: [0, VALUE]}",
        "{Fn::FindInMap: [VALUE, a, b]}",
        "{Fn::GetAZs: VALUE}",
    ],
)
def test_a_circle_through_any_function_is_unknown(make_stack: StackMaker, form: str) -> None:
    value = form.replace("VALUE", CIRCLE)
    stack = make_stack(
        f"Parameters: {{P: {{Default: {CIRCLE}}}}}\nMappings: {{M: {{a: {{b: {CIRCLE}}}}}}}\n"
        f"Resources: {{Other: {{Type: T}}, R: {{Type: T, Properties: {{P: {value}}}}}}}\n"
        f"Outputs: {{A: {{Value: {value}, Export: {{Name: a}}}}}}"
    )
    assert isinstance(the(stack).value, Unknown)


@pytest.mark.usefixtures("few_steps")
def test_a_circle_of_lists_ends(make_stack: StackMaker) -> None:
    stack = make_stack(
        f"Resources: {{R: {{Type: T, Properties: {{P: {CIRCLE}}}}}}}\n"
        f"Outputs: {{A: {{Value: {{Fn::Length: [{CIRCLE}]}}, Export: {{Name: a}}}}}}"
    )
    assert the(stack).value == 1


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("form", ["{Ref: P}", "{Fn::Sub: '${P}'}"])
def test_a_parameter_that_is_its_own_default_is_unknown(make_stack: StackMaker, form: str) -> None:
    assert isinstance(value_of(make_stack, form, f"Parameters: {{P: {{Default: {form}}}}}"), Unknown)


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("form", ["{Fn::GetAtt: N.Outputs.O}", "{Fn::Sub: '${N.Outputs.O}'}"])
def test_a_nested_stack_that_is_given_its_own_output_is_unknown(make_stack: StackMaker, form: str) -> None:
    parent = make_stack(
        f"Resources: {{N: {{Type: AWS::CloudFormation::Stack, Properties: {{Parameters: {{P: {form}}}}}}}}}"
    )
    add_nested(parent.resources["N"], PARAMETER | {"Outputs": {"O": {"Value": {"Ref": "P"}}}})
    assert isinstance(the(parent.nested["N"]).value, Unknown)


@pytest.mark.usefixtures("few_steps")
def test_a_stack_whose_output_is_its_own_output_is_unknown(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Resources: {}\nOutputs: {O: {Value: {Fn::GetStackOutput: {StackName: producer, OutputName: O}}}}",
        stack_name="producer",
        **EAST,
    )
    value, _ = fold({"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "O"}}, stack)
    assert isinstance(value, Unknown)


# What conditions rule out

OPTIONAL = """
Parameters:
  Key: {Type: String, Default: ''}
  Stage: {Type: String, Default: dev, AllowedValues: [dev, test, prod]}
  Arn: {Type: String, Default: '', AllowedPattern: 'arn:.+'}
  Zone: {Type: 'AWS::EC2::AvailabilityZone::Name'}
Conditions:
  HasKey: !Not [!Equals [!Ref Key, '']]
  NoKey: !Equals ['', !Ref Key]
  IsProd: !Equals [!Ref Stage, prod]
  IsLive: !And [!Condition HasKey, !Condition IsProd]
  IsSpecial: !Equals [!Ref Key, special]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!If [IsProd, !Ref Stage, x]", ["prod", "x"]),
        ("!If [IsProd, x, !Ref Stage]", ["x", "dev", "test"]),
        ("!If [IsSpecial, !Ref Key, x]", ["special", "x"]),
        ("!If [IsSpecial, x, !Ref Key]", ["x", ""]),
        ("!If [NoKey, !Ref Key, x]", ["", "x"]),
        ("!Ref Key", [""]),
        ("[!Ref Stage, !If [IsProd, !Ref Stage, x]]", None),
    ],
)
def test_a_condition_rules_out_what_it_excludes(
    make_stack: StackMaker, text: str, expected: list[object] | None
) -> None:
    found = ways_of(make_stack, text, OPTIONAL)
    if expected is None:
        assert all(way[1] in {"prod", "x"} for way in found if isinstance(way, list))
    else:
        assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "!If [HasKey, !Ref Key, !Ref AWS::NoValue]",
        "!If [NoKey, !Ref AWS::NoValue, !Ref Key]",
        "!If [IsLive, !Ref Key, !Ref AWS::NoValue]",
    ],
)
def test_a_parameter_that_is_not_empty_where_it_is_used_names_something(
    make_stack: StackMaker, text: str
) -> None:
    stack = make_stack(f"Resources: {{R: {{Type: T::T::T, Properties: {{P: {text}}}}}}}\n{OPTIONAL}")
    named, _ = stack.assembly.explorer.run_all(lambda: (the(stack).exists, the(stack).names_something()))
    assert set(named) == {(True, True), (False, False)}
    values = [value for value in ways_of(make_stack, text, OPTIONAL) if value is not ABSENT]
    assert [(value.name, value.filled) for value in values if isinstance(value, Parameter)] == [("Key", True)]


@pytest.mark.parametrize(("name", "filled"), [("Arn", True), ("Zone", True), ("Key", None)])
def test_a_parameter_that_cannot_be_empty_names_something(
    make_stack: StackMaker, name: str, filled: bool | None
) -> None:
    (value,) = ways_of(make_stack, f"!Ref {name}", OPTIONAL)
    assert (value.filled if isinstance(value, Parameter) else None) is filled


def test_the_way_out_of_a_ruled_out_default_is_told(make_stack: StackMaker) -> None:
    value = ways_of(make_stack, "!If [HasKey, !Ref Key, x]", OPTIONAL)[0]
    assert isinstance(value, Parameter)
    assert value.reason == "the parameter Key, where it has another value"
    assert value.remedy == "Give Key allowed values, or write the value itself."


def test_what_a_parameter_is_in_one_branch_is_not_kept_for_the_other(make_stack: StackMaker) -> None:
    text = "[!If [IsProd, 1, 2], {A: !Ref Stage}]"
    stack = make_stack(f"Resources: {{R: {{Type: T::T::T, Properties: {{P: {text}}}}}}}\n{OPTIONAL}")

    def stage(node: Node) -> object:
        return node["A"].value

    ways, _ = stack.assembly.explorer.run_all(lambda: (the(stack)[0].value, the(stack)[1].cached(stage)))
    assert ways == [(1, "prod"), (2, "dev"), (2, "test")]


OFTEN = """
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, test, prod]}
  Extra: {Type: String, Default: "no", AllowedValues: ["yes", "no"]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Equals [!Ref Stage, test]
  IsDev: !Equals [!Ref Stage, dev]
  IsLive: !Or [!Condition IsProd, !Condition IsTest]
  HasExtra: !Equals [!Ref Extra, "yes"]
  Both: !And [!Condition IsProd, !Condition HasExtra]
  Never: !And [!Condition IsProd, !Condition IsDev]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!If [IsProd, !If [IsProd, 1, 2], 3]", [1, 3]),
        ("!If [IsProd, !If [IsDev, 1, 2], 3]", [2, 3]),
        ("!If [IsLive, !If [IsDev, 1, 2], !If [IsDev, 3, 4]]", [2, 3]),
        ("!If [Both, !If [HasExtra, 1, 2], !If [IsProd, !If [HasExtra, 3, 4], 5]]", [1, 4, 5]),
        ("!If [IsProd, 1, !If [IsTest, 2, !If [IsDev, 3, 4]]]", [1, 2, 3]),
        ("!If [Never, 1, 2]", [2]),
        ("!If [Nowhere, !If [Nowhere, 1, 2], 3]", [1, 3]),
        ("[!Ref Stage, !If [IsProd, 1, 2]]", [["dev", 2], ["test", 2], ["prod", 1]]),
        ("[!If [IsLive, 1, 2], !Ref Stage]", [[1, "test"], [1, "prod"], [2, "dev"]]),
    ],
)
def test_a_branch_that_conditions_exclude_is_not_taken(
    make_stack: StackMaker, text: str, expected: list[object]
) -> None:
    assert ways_of(make_stack, text, OFTEN) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("!Equals [a, a]", [1]),
        ("!Equals [a, b]", [2]),
        ("!Equals [!Ref AWS::Region, us-west-2]", [2]),
        ("!Equals [!Ref AWS::StackName, us-west-2]", [1, 2]),
        ("!Equals [!FindInMap [M, us-east-1, active], true]", [1]),
        ("!Equals [!FindInMap [M, !Ref AWS::Region, active], true]", [1]),
        ("!Equals [!FindInMap [M, !Ref Where, active], true]", [1, 2]),
        ("!Equals [!Ref Where, us-east-1]", [1, 2]),
        ("!Equals [!Sub '${AWS::Region}', us-east-1]", [1]),
        ("!Equals [!Sub '${AWS::Region}-${AWS::StackName}', us-east-1]", [1, 2]),
        ("!Equals [!Join ['-', [!Ref AWS::Region, x]], us-east-1]", [2]),
        ("!Equals [!Join ['-', !Ref Where], us-east-1]", [1, 2]),
        ("!Equals [!Ref AWS::Partition, aws-cn]", [2]),
        ("!Equals [aws, !Ref AWS::Partition]", [1]),
        ("!Equals [!Ref AWS::URLSuffix, amazonaws.com]", [1]),
        ("!Equals [!Ref AWS::AccountId, '111111111111']", [1]),
        ("!Equals [!Ref AWS::AccountId, '222222222222']", [2]),
        ("!Equals [!FindInMap [M, us-east-1, called], true]", [1, 2]),
    ],
)
def test_a_condition_that_is_certain_leaves_no_choice(
    make_stack: StackMaker, condition: str, expected: list[object]
) -> None:
    rest = (
        f"Conditions: {{C: {condition}}}\n"
        "Mappings: {M: {us-east-1: {active: 'true', called: !Ref Where}}}\n"
        "Parameters: {Where: {Type: String, Default: us-east-1}}"
    )
    assert ways_of(make_stack, "!If [C, 1, 2]", rest, **EAST) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("!Equals [!Ref AWS::Region, us-west-2]", [1, 2]),
        ("!Equals [!Ref AWS::Region, cn-north-1]", [2]),
        ("!Equals [!Ref AWS::Partition, aws-us-gov]", [1, 2]),
        ("!Equals [!Ref AWS::Partition, aws-cn]", [2]),
        ("!Equals [!Ref AWS::URLSuffix, amazonaws.com]", [1]),
        ("!Equals [!Ref AWS::AccountId, '111111111111']", [1, 2]),
        ("!Equals [!Sub '${AWS::Region}', eu-west-1]", [2]),
        ("!Equals [!FindInMap [M, us-east-1, active], true]", [1]),
        ("!Equals [!FindInMap [M, !Ref AWS::Region, active], true]", [1, 2]),
    ],
)
def test_a_region_that_is_not_known_is_one_where_systems_run(
    make_stack: StackMaker, condition: str, expected: list[object]
) -> None:
    rest = f"Conditions: {{C: {condition}}}\nMappings: {{M: {{us-east-1: {{active: 'true'}}}}}}"
    assert ways_of(make_stack, "!If [C, 1, 2]", rest) == expected


REGIONAL = """
Mappings:
  M:
    us-east-1: {size: small, on: "yes"}
    us-west-2: {size: large, on: "no"}
    eu-west-1: {size: huge, on: "no"}
Conditions:
  IsEast: !Equals [!Ref AWS::Region, us-east-1]
  IsGov: !Equals [!Ref AWS::Partition, aws-us-gov]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!FindInMap [M, !Ref AWS::Region, size]", ["small", "large"]),
        ("!If [IsEast, !FindInMap [M, !Ref AWS::Region, size], none]", ["small", "none"]),
        ("!If [IsEast, none, !FindInMap [M, !Ref AWS::Region, size]]", ["none", "large"]),
        (
            "[!FindInMap [M, !Ref AWS::Region, size], !If [IsEast, 1, 2]]",
            [["small", 1], ["large", 2]],
        ),
        ("!If [IsEast, !If [IsGov, 1, 2], !If [IsGov, 3, 4]]", [2, 3, 4]),
        ("!If [IsGov, !FindInMap [M, !Ref AWS::Region, size], none]", ["small", "large", "none"]),
    ],
)
def test_a_condition_on_the_region_and_the_rows_of_a_mapping_agree(
    make_stack: StackMaker, text: str, expected: list[object]
) -> None:
    assert ways_of(make_stack, text, REGIONAL) == expected


def test_what_the_cdk_writes_for_a_stack_without_a_region_is_decided_by_the_region(
    make_stack: StackMaker,
) -> None:
    regions = ["af-south-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"]
    parts = ", ".join(f"!Equals [!Ref AWS::Region, {region}]" for region in regions)
    rest = f"Conditions: {{CDKMetadataAvailable: !Or [{parts}]}}"
    available = "!If [CDKMetadataAvailable, 1, 2]"
    assert ways_of(make_stack, available, rest) == [1, 2]
    assert ways_of(make_stack, available, rest, region="us-east-2") == [1]
    assert ways_of(make_stack, available, rest, region="us-gov-west-1") == [2]


def test_a_value_that_a_parent_states_decides_conditions(make_stack: StackMaker) -> None:
    nested = "{Type: 'AWS::CloudFormation::Stack', Properties: {Parameters: {Stage: prod}}}"
    parent = make_stack(f"Resources: {{N: {nested}}}")
    body = {
        "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"R": {"Type": "T::T::T", "Properties": {"P": {"Fn::If": ["IsProd", 1, 2]}}}},
    }
    add_nested(parent.resources["N"], body)
    assert parent.assembly.explorer.run_all(lambda: the(parent.nested["N"]).value) == ([1], True)


def optional_items(count: int, condition: str = "C") -> str:
    return ", ".join(f"!If [{condition}{number}, {number}, !Ref AWS::NoValue]" for number in range(count))


def sizes_of(make_stack: StackMaker, text: str, rest: str = "") -> list[int]:
    return [len(way) for way in ways_of(make_stack, text, rest) if isinstance(way, list)]


@pytest.mark.parametrize(("count", "ways"), [(6, 64), (7, 16), (9, 20), (100, 202)])
def test_many_optional_items_are_there_all_or_none_or_one_or_all_but_one(
    make_stack: StackMaker, count: int, ways: int
) -> None:
    sizes = sizes_of(make_stack, f"[{optional_items(count)}]")
    assert len(sizes) == ways
    if count > 6:
        assert sorted(sizes) == [0] + [1] * count + [count - 1] * count + [count]


def test_two_lists_under_the_same_conditions_are_decided_once(make_stack: StackMaker) -> None:
    found = ways_of(make_stack, f"{{A: [{optional_items(9)}], B: [{optional_items(9)}]}}", "")
    assert len(found) == 20
    assert all(isinstance(way, dict) and way["A"] == way["B"] for way in found)


def test_optional_items_that_exclude_each_other_are_there_with_as_many_others_as_they_leave(
    make_stack: StackMaker,
) -> None:
    names = [f"C{number}" for number in range(8)]
    values = ", ".join(names)
    conditions = "\n".join(f"  {name}: !Equals [!Ref P, {name}]" for name in names)
    rest = (
        f"Parameters: {{P: {{Type: String, AllowedValues: [{values}]}}}}\nConditions:\n{conditions}\n"
        "  Free: !Equals [!Ref Q, x]"
    )
    text = f"[{optional_items(8)}, !If [Free, free, !Ref AWS::NoValue]]"
    found = ways_of(make_stack, text, rest)
    assert [way for way in found if isinstance(way, list) and len(way) not in (1, 2)] == []
    assert {tuple(way) for way in found if isinstance(way, list)} == {
        *((number,) for number in range(8)),
        *((number, "free") for number in range(8)),
    }


def test_what_is_decided_by_itself_in_a_list_of_texts(make_stack: StackMaker) -> None:
    stack = make_stack(f"Resources: {{R: {{Type: T::T::T, Properties: {{P: [{optional_items(8)}]}}}}}}")
    ways, _ = stack.assembly.explorer.run_all(lambda: (the(stack).values(), the(stack).texts()))
    assert len(ways) == 18
    assert all([str(value) for value in values] == texts for values, texts in ways)


def json_of(make_stack: StackMaker, raw: str, rest: str = "Parameters: {Size: {Type: Number}}") -> object:
    return value_of(make_stack, f"{{Fn::ToJsonString: {raw}}}", rest)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("{}", "{}"),
        ("[]", "[]"),
        ('{a: [1, true, null, 2.5, "x\\"y"], b: {}}', '{"a": [1, true, null, 2.5, "x\\"y"], "b": {}}'),
        ("{a: !Ref AWS::NoValue, b: [!Ref AWS::NoValue, 1], c: 2}", '{"b": [1], "c": 2}'),
        ("!If [C, {a: 1}, {a: 2}]", '{"a": 1}'),
        ("{a: {Fn::ToJsonString: {b: 1}}}", '{"a": "{\\"b\\": 1}"}'),
        ("{7: x}", '{"7": "x"}'),
    ],
)
def test_a_map_or_list_becomes_a_json_text(make_stack: StackMaker, raw: str, expected: str) -> None:
    assert json_of(make_stack, raw) == expected


def test_what_is_not_known_in_a_json_text_is_a_part_of_it(make_stack: StackMaker) -> None:
    value = json_of(make_stack, "{a: !Ref Other, b: !Sub 'x\"-${Other}', c: !Ref Size}")
    assert isinstance(value, Text)
    assert str(value) == '{"a": "${Other}", "b": "x\\"-${Other}", "c": ${…}}'
    content = parse_json(value)
    assert isinstance(content, dict)
    assert isinstance(content["a"], Reference)
    assert isinstance(content["b"], Text)
    assert isinstance(content["c"], Parameter)


def test_json_texts_in_json_texts_take_steps_in_proportion(make_stack: StackMaker) -> None:
    nested = "{a: 1}"
    for _ in range(12):
        nested = f"{{Fn::ToJsonString: [{nested}]}}"
    assert isinstance(json_of(make_stack, nested), str)


IDS = """
  One: {Type: AWS::EC2::SecurityGroup}
  Nested: {Type: AWS::CloudFormation::Stack}
  Custom: {Type: Custom::Thing}
"""


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("!Split [',', !Ref One]", True),
        ("!Split [',', !GetAtt One.GroupId]", True),
        ("!Split [',', !GetAtt One.SomeArn]", True),
        ("!Split [',', !GetAtt One.Names]", False),
        ("!Split [':', !Ref One]", False),
        ("!Split [',', !Ref Custom]", False),
        ("!Split [',', !GetAtt Nested.Outputs.Id]", False),
    ],
)
def test_one_id_is_a_list_of_one(make_stack: StackMaker, text: str, is_one: bool) -> None:
    stack = make_stack(f"Resources:{IDS}\n  R: {{Type: T::T::T, Properties: {{P: {text}}}}}")
    value = the(stack).value
    if is_one:
        assert isinstance(value, list)
        (only,) = value
        assert isinstance(only, Reference)
        assert only.resource is stack.resources["One"]
    else:
        assert isinstance(value, Unknown)


@pytest.mark.parametrize(
    ("kind", "is_zone"),
    [
        ("AWS::EC2::AvailabilityZone::Name", True),
        ("List<AWS::EC2::AvailabilityZone::Name>", True),
        ("AWS::EC2::Subnet::Id", False),
        ("String", False),
    ],
)
def test_a_parameter_says_by_its_type_that_it_is_a_zone(
    make_stack: StackMaker, kind: str, is_zone: bool
) -> None:
    value = value_of(make_stack, "!Ref Zone", f"Parameters: {{Zone: {{Type: '{kind}'}}}}")
    assert isinstance(value, Parameter)
    assert value.is_zone is is_zone
    nested = "{Type: 'AWS::CloudFormation::Stack', Properties: {Parameters: {Zone: !Ref Text}}}"
    parent = make_stack(f"Parameters: {{Text: {{Type: String}}}}\nResources: {{N: {nested}}}", "Parent")
    body = {
        "Parameters": {"Zone": {"Type": kind}},
        "Resources": {"R": {"Type": "T::T::T", "Properties": {"P": {"Ref": "Zone"}}}},
    }
    add_nested(parent.resources["N"], body)
    given = the(parent.nested["N"]).value
    assert isinstance(given, Parameter)
    assert given.is_zone is is_zone


def test_two_lists_of_other_conditions_are_not_multiplied(make_stack: StackMaker) -> None:
    text = f"{{A: [{optional_items(9)}], B: [{optional_items(9, 'D')}]}}"
    sizes = [(len(way["A"]), len(way["B"])) for way in ways_of(make_stack, text, "") if isinstance(way, dict)]
    assert len(sizes) == 2 * 20 + 18 * 2
    assert {(9, 1), (0, 1), (9, 8), (1, 9), (1, 0), (8, 0), (0, 0), (9, 9)} <= set(sizes)
    assert (1, 1) not in sizes
