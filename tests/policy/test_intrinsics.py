"""What intrinsic functions fold to."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.node import Node, Undecided
from tts_constructs.policy.template import Stack
from tts_constructs.policy.values import (
    ABSENT,
    Dynamic,
    Reference,
    SsmParameter,
    Text,
    Unknown,
    concatenate,
    split,
)

StackMaker = Callable[..., Stack]


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


def test_region_and_account_are_unknown_where_the_stack_has_none(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Sub '${AWS::Region}-${AWS::AccountId}'")
    assert isinstance(value, Text)
    assert [isinstance(part, Unknown) for part in value.parts] == [True, False, True]


def test_a_reference_leads_to_its_resource(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Resources: {A: {Type: T::T::T}, R: {Type: T::T::T, Properties: {P: !GetAtt A.Deep.Arn, Q: !Ref A}}}"
    )
    assert the(stack).value == Reference(stack.resources["A"], "Deep.Arn")
    assert stack.resources["R"]["Q"].target() is stack.resources["A"]


def test_a_join_of_one_reference_is_that_reference(make_stack: StackMaker) -> None:
    assert isinstance(value_of(make_stack, "!Join ['', ['', !Ref Other]]"), Reference)


def test_a_text_with_a_reference_keeps_its_parts(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Sub 'arn:aws:s3:::${Other}/*'")
    assert isinstance(value, Text)
    assert str(value) == "arn:aws:s3:::${Other}/*"
    assert [reference.resource.logical_id for reference in value.references] == ["Other"]


def test_a_split_of_a_text_with_references_keeps_them(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Select [1, !Split ['||', !Sub 'a||${Other}||b']]")
    assert isinstance(value, Reference)


def test_a_dynamic_reference_says_which_service_and_key(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "'{{resolve:secretsmanager:db:SecretString:password}}'")
    assert isinstance(value, Dynamic)
    assert (value.service, value.key) == ("secretsmanager", "db:SecretString:password")


def test_a_dynamic_reference_that_is_joined_is_found(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Join ['', ['{{resolve:ssm:', '/a', '}}']]")
    assert isinstance(value, Dynamic)
    assert value.key == "/a"


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


def test_a_parameter_without_default_is_unknown_and_named(make_stack: StackMaker) -> None:
    value = value_of(make_stack, "!Ref Size", "Parameters: {Size: {Type: String}}")
    assert isinstance(value, Unknown)
    assert "Size" in value.reason


def test_a_parameter_of_ssm_type_names_the_ssm_parameter(make_stack: StackMaker) -> None:
    parameters = (
        "Parameters: {X: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /tts/ami}}"
    )
    value = value_of(make_stack, "!Ref X", parameters)
    assert isinstance(value, SsmParameter)
    assert value.name == "/tts/ami"


def test_default_and_allowed_values_are_all_explored(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Parameters: {X: {Type: String, Default: a, AllowedValues: [a, b, c]}}\n"
        "Resources: {R: {Type: T::T::T, Properties: {P: !Ref X}}}"
    )
    assert stack.assembly.explorer.explore(lambda: the(stack).value) == (["a", "b", "c"], True)


# Across templates


def test_a_nested_stack_is_given_its_parents_values(make_stack: StackMaker) -> None:
    from tts_constructs.policy.assembly import add_nested

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
    from tts_constructs.policy.assembly import add_nested

    parent = make_stack(
        f"Resources:\n  N: {{Type: AWS::CloudFormation::Stack, Properties: {{{properties}}}}}"
    )
    add_nested(parent.resources["N"], PARAMETER)
    assert parent.assembly.explorer.explore(lambda: the(parent.nested["N"]).value) == (values, True)


@pytest.mark.parametrize(
    "parameters", ["!If [Some, {P: a}, {P: b}]", "!Ref Map", "[!If [Some, {ParameterKey: Q}, {}]]", "[text]"]
)
def test_what_is_given_is_not_known_where_it_is_a_choice(make_stack: StackMaker, parameters: str) -> None:
    from tts_constructs.policy.assembly import add_nested

    parent = make_stack(
        f"Resources:\n  N: {{Type: AWS::CloudFormation::Stack, Properties: {{Parameters: {parameters}}}}}"
    )
    add_nested(parent.resources["N"], PARAMETER)
    assert the(parent.nested["N"]).is_unknown


def test_some_instances_of_a_stackset_are_given_other_values(make_stack: StackMaker) -> None:
    from tts_constructs.policy.assembly import add_nested

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
    values, _ = parent.assembly.explorer.explore(lambda: the(parent.nested["N"]).value)
    assert set(values) == {"west", "east", "own"}


def test_an_output_of_a_nested_stack_leads_to_its_resource(make_stack: StackMaker) -> None:
    from tts_constructs.policy.assembly import add_nested

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


def test_values_that_go_in_a_circle_are_unknown(make_stack: StackMaker) -> None:
    stack = make_stack(
        "Resources: {R: {Type: T::T::T, Properties: {P: !ImportValue a}}}\n"
        "Outputs: {A: {Value: !ImportValue a, Export: {Name: a}}}"
    )
    assert isinstance(the(stack).value, Unknown)


# Reading a node


@pytest.mark.parametrize(
    ("raw", "expected"), [("true", True), ("'True'", True), ("false", False), ("'false'", False)]
)
def test_booleans_are_read_in_any_spelling(make_stack: StackMaker, raw: str, expected: bool) -> None:
    stack = make_stack(f"Resources: {{R: {{Type: T::T::T, Properties: {{P: {raw}}}}}}}")
    assert the(stack).boolean() is expected


@pytest.mark.parametrize("raw", ["'yes'", "1", "[true]", "{a: true}", "null", "!Ref R"])
def test_what_is_no_boolean_is_undecided(make_stack: StackMaker, raw: str) -> None:
    stack = make_stack(f"Resources: {{R: {{Type: T::T::T, Properties: {{P: {raw}}}}}}}")
    with pytest.raises(Undecided):
        the(stack).boolean()


@pytest.mark.parametrize("raw", ["30", "'30'", "30.0", "' 30 '"])
def test_numbers_are_read_in_any_spelling(make_stack: StackMaker, raw: str) -> None:
    stack = make_stack(f"Resources: {{R: {{Type: T::T::T, Properties: {{P: {raw}}}}}}}")
    assert the(stack).number() == 30


@pytest.mark.parametrize("raw", ["many", "true", "[30]", "null", "nan", "inf", "!Ref R"])
def test_what_is_no_number_is_undecided(make_stack: StackMaker, raw: str) -> None:
    stack = make_stack(f"Resources: {{R: {{Type: T::T::T, Properties: {{P: {raw}}}}}}}")
    with pytest.raises(Undecided):
        the(stack).number()


def test_a_single_value_is_a_list_of_one(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {R: {Type: T::T::T, Properties: {P: {a: 1}}}}")
    assert [item["a"].value for item in the(stack).items()] == [1]


def test_items_that_are_no_value_are_left_out(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {R: {Type: T::T::T, Properties: {P: [a, !Ref AWS::NoValue, b]}}}")
    assert [item.value for item in the(stack).items()] == ["a", "b"]


def test_a_location_is_a_path_of_keys_and_positions(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {R: {Type: T::T::T, Properties: {P: [{a: 1}]}}}")
    assert the(stack).items()[0]["a"].location == "Properties/P/0/a"


def test_what_a_transform_may_add_is_unknown_and_what_stands_is_known(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {R: {Type: T::T::T, Properties: {P: {a: 1, Fn::Transform: {Name: X}}}}}")
    assert the(stack)["a"].value == 1
    assert isinstance(the(stack)["b"].value, Unknown)


def test_a_key_of_a_text_is_undecided(make_stack: StackMaker) -> None:
    stack = make_stack("Resources: {R: {Type: T::T::T, Properties: {P: text}}}")
    with pytest.raises(Undecided, match="a map belongs"):
        the(stack)["Key"]


# Properties


LITERALS = st.one_of(st.text(max_size=5), st.integers(), st.booleans())


@given(st.lists(LITERALS, max_size=6))
def test_concatenation_of_literals_is_a_text(values: list[object]) -> None:
    assert isinstance(concatenate(values), str)


@given(st.lists(st.one_of(st.text(max_size=4), st.just(Unknown("x"))), max_size=8))
def test_no_two_literal_parts_stand_side_by_side(values: list[object]) -> None:
    joined = concatenate(values)
    parts = joined.parts if isinstance(joined, Text) else (joined,)
    assert not any(isinstance(a, str) and isinstance(b, str) for a, b in itertools.pairwise(parts))


@given(st.lists(st.text(alphabet="ab", max_size=3), min_size=1, max_size=5))
def test_splitting_undoes_joining(pieces: list[str]) -> None:
    assert split(",".join(pieces), ",") == pieces
