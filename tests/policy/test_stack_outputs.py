"""What `Fn::GetStackOutput` reads: the CDK's "weak" reference to another stack."""

from collections.abc import Callable

from tts_constructs.policy.template import Stack
from tts_constructs.policy.values import Reference, Unknown

StackMaker = Callable[..., Stack]

HERE = {"region": "us-east-1", "account": "111111111111"}
PRODUCER = """
Resources: {Bucket: {Type: "AWS::S3::Bucket"}}
Outputs: {Name: {Value: !Ref Bucket}}
"""


def read(make_stack: StackMaker, arguments: str, **known: object) -> object:
    text = f"Resources: {{R: {{Type: T, Properties: {{P: {{Fn::GetStackOutput: {arguments}}}}}}}}}"
    return make_stack(text, "Reader", **{**HERE, **known}).resources["R"]["P"].value


def test_an_output_of_another_stack_is_read_by_the_names_of_stack_and_output(make_stack: StackMaker) -> None:
    producer = make_stack(PRODUCER, "Producer", stack_name="producer", **HERE)
    value = read(make_stack, "{StackName: producer, Region: us-east-1, OutputName: Name}")
    assert value == Reference(producer.resources["Bucket"])


def test_without_a_region_the_readers_own_counts(make_stack: StackMaker) -> None:
    producer = make_stack(PRODUCER, "Producer", stack_name="producer", **HERE)
    assert read(make_stack, "{StackName: producer, OutputName: Name}") == Reference(
        producer.resources["Bucket"]
    )


def test_a_stack_of_another_region_is_not_meant(make_stack: StackMaker) -> None:
    make_stack(PRODUCER, "Producer", stack_name="producer", region="us-west-2", account=HERE["account"])
    value = read(make_stack, "{StackName: producer, OutputName: Name}")
    assert isinstance(value, Unknown)
    assert "no stack of the app has" in value.reason


def test_another_account_is_read_with_a_role_only(make_stack: StackMaker) -> None:
    make_stack(PRODUCER, "Producer", stack_name="producer", region="us-east-1", account="222222222222")
    assert isinstance(read(make_stack, "{StackName: producer, OutputName: Name}"), Unknown)
    assert isinstance(read(make_stack, "{StackName: producer, OutputName: Name, RoleArn: x}"), Reference)


def test_of_stages_that_hold_the_same_stack_the_readers_own_counts(make_stack: StackMaker) -> None:
    make_stack(PRODUCER, "Blue/Producer", stack_name="producer", **HERE)
    green = make_stack(PRODUCER, "Green/Producer", stack_name="producer", **HERE)
    text = (
        "Resources: {R: {Type: T, Properties: {P: {Fn::GetStackOutput: "
        "{StackName: producer, OutputName: Name}}}}}"
    )
    reader = make_stack(text, "Green/Reader", **HERE)
    assert reader.resources["R"]["P"].value == Reference(green.resources["Bucket"])


def test_two_stacks_of_one_name_are_undecided(make_stack: StackMaker) -> None:
    make_stack(PRODUCER, "Blue/Producer", stack_name="producer", **HERE)
    make_stack(PRODUCER, "Green/Producer", stack_name="producer", **HERE)
    value = read(make_stack, "{StackName: producer, OutputName: Name}")
    assert isinstance(value, Unknown)
    assert "several stacks" in value.reason


def test_an_output_that_is_not_there_and_arguments_of_a_wrong_shape_are_undecided(
    make_stack: StackMaker,
) -> None:
    make_stack(PRODUCER, "Producer", stack_name="producer", **HERE)
    for arguments in ("{StackName: producer, OutputName: Other}", "{StackName: producer}", "[producer]", "x"):
        assert isinstance(read(make_stack, arguments), Unknown), arguments
