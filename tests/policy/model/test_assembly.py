"""All that is judged at once: what it finds by type, by name, and by a key."""

from collections.abc import Callable, Hashable, Iterator

import pytest

from tts_constructs.policy.model.assembly import Assembly, Index, Lookups
from tts_constructs.policy.model.branches import MAX_RUNS
from tts_constructs.policy.model.stack import Resource, Stack
from tts_constructs.policy.settings.model import Settings

StackMaker = Callable[..., Stack]

ONE, TWO = "111111111111", "222222222222"
EAST = {"region": "us-east-1", "account": ONE}
WEST = {"region": "us-west-2", "account": ONE}
OTHER = {"region": "us-east-1", "account": TWO}


def test_an_assembly_of_which_nothing_is_said_has_defaults() -> None:
    settings = Settings()
    assembly = Assembly(settings)
    assert assembly.settings is settings
    assert assembly.lookups == Lookups({}, [])
    assert (assembly.stacks, assembly.nested_stacks, assembly.kept) == ([], 0, {})
    assert (assembly.alike, assembly.folders, assembly.resources_below) == ({}, [], {})
    assembly.files.check()
    assert assembly.synthesizing is False
    assert assembly.in_ci is False


def test_an_assembly_holds_what_is_said_of_it() -> None:
    lookups = Lookups({"a": 1})
    assembly = Assembly(Settings(), lookups, synthesizing=True, in_ci=True)
    assert assembly.lookups is lookups
    assert assembly.synthesizing is True
    assert assembly.in_ci is True


def test_resources_are_found_by_their_types_in_all_stacks(make_stack: StackMaker) -> None:
    make_stack("Resources: {A: {Type: T}, B: {Type: U}}", "One")
    assembly = make_stack("Resources: {C: {Type: T}, D: {Type: V}}", "Two").assembly
    for _ in range(2):
        assert [resource.logical_id for resource in assembly.of_type("U", "T", "W")] == ["B", "A", "C"]


def test_what_is_made_of_an_assembly_is_computed_once(assembly: Assembly) -> None:
    seen: list[Assembly] = []

    def compute(assembly: Assembly) -> int:
        seen.append(assembly)
        return len(seen)

    assert [assembly.cached(compute), assembly.cached(compute)] == [1, 1]
    assert assembly.cached(id) == id(assembly)
    assert seen == [assembly]


def test_a_key_is_read_in_any_way_once_whatever_the_run_is(make_stack: StackMaker) -> None:
    stack = make_stack(
        """
        Conditions: {Live: {"Fn::Equals": [{Ref: "AWS::StackName"}, live]}}
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: {"Fn::If": [Live, live, test]}}}
        """
    )
    assembly, queue = stack.assembly, stack.resources["Queue"]
    read: list[str] = []

    def name(_: Assembly, queue: Resource) -> str:
        read.append(queue["QueueName"].text() or "")
        return read[-1]

    runs, complete = assembly.explorer.run_all(
        lambda: (queue["QueueName"].text(), assembly.in_any_way(name, queue))
    )
    assert complete
    assert runs == [("live", (("live", "test"), True)), ("test", (("live", "test"), True))]
    assert read == ["live", "test"]


def test_what_more_ways_than_are_tried_make_is_not_complete(assembly: Assembly) -> None:
    many = MAX_RUNS + 1
    made, complete = assembly.in_any_way(lambda assembly, key: assembly.explorer.choose(key, many), "key")
    assert len(made) == MAX_RUNS
    assert not complete


# Exports, and stacks of a name

EXPORTER = "Resources: {}\nOutputs: {V: {Value: VALUE, Export: {Name: vpc}}}"


def export(make_stack: StackMaker, name: str, **place: str) -> None:
    make_stack(EXPORTER.replace("VALUE", name), name, **place)


@pytest.mark.parametrize(
    ("exporters", "expected"),
    [
        ({}, []),
        ({"Network": EAST}, ["Network"]),
        ({"Network": WEST}, []),
        ({"Network": OTHER}, []),
        ({"Network": {}}, []),
        ({"One/Network": EAST, "Two/Network": EAST}, ["One/Network", "Two/Network"]),
        ({"One/Network": EAST, "Prod/Network": EAST}, ["Prod/Network"]),
        ({"One/Network": EAST, "Prod/Network": WEST}, ["One/Network"]),
    ],
)
def test_an_export_is_one_of_the_same_place_and_rather_of_the_same_stage(
    make_stack: StackMaker, exporters: dict[str, dict[str, str]], expected: list[str]
) -> None:
    for name, place in exporters.items():
        export(make_stack, name, **place)
    importer = make_stack("Resources: {}", "Prod/App", **EAST)
    found = importer.assembly.exports(importer, "vpc")
    assert [stack.name for stack, _ in found] == [raw for _, raw in found] == expected
    assert importer.assembly.exports(importer, "other") == []


@pytest.mark.parametrize(
    "outputs",
    [
        "[vpc]",
        "{V: text}",
        "{V: {Value: 1}}",
        "{V: {Value: 1, Export: vpc}}",
        "{V: {Value: 1, Export: {Name: [vpc]}}}",
        "{V: {Value: 1, Export: {Name: !Ref X}}}",
    ],
)
def test_an_output_without_a_literal_name_is_no_export(make_stack: StackMaker, outputs: str) -> None:
    make_stack(f"Resources: {{}}\nOutputs: {outputs}", "Broken")
    export(make_stack, "Network")
    importer = make_stack("Resources: {}")
    assert [raw for _, raw in importer.assembly.exports(importer, "vpc")] == ["Network"]


def test_the_name_of_an_export_is_folded_in_its_own_stack(make_stack: StackMaker) -> None:
    text = "Resources: {}\nOutputs: {V: {Value: 1, Export: {Name: !Sub '${AWS::StackName}-vpc'}}}"
    make_stack(text, stack_name="network")
    importer = make_stack("Resources: {}", "App")
    assert [raw for _, raw in importer.assembly.exports(importer, "network-vpc")] == [1]


@pytest.mark.parametrize(
    ("stacks", "other_account", "expected"),
    [
        ({}, False, []),
        ({"Data": EAST}, False, ["Data"]),
        ({"Data": WEST}, False, []),
        ({"Data": OTHER}, False, []),
        ({"Data": OTHER}, True, ["Data"]),
        ({"One/Data": EAST, "Two/Data": EAST}, False, ["One/Data", "Two/Data"]),
        ({"One/Data": EAST, "Prod/Data": EAST}, False, ["Prod/Data"]),
    ],
)
def test_a_stack_of_a_name_is_one_of_the_region_and_rather_of_the_same_stage(
    make_stack: StackMaker, stacks: dict[str, dict[str, str]], other_account: bool, expected: list[str]
) -> None:
    for name, place in stacks.items():
        make_stack("Resources: {}", name, stack_name="data", **place)
    make_stack("Resources: {}", "Nameless", **EAST)
    reader = make_stack("Resources: {}", "Prod/App", stack_name="app", **EAST)
    find = reader.assembly.stacks_named
    assert [s.name for s in find(reader, "data", "us-east-1", other_account=other_account)] == expected
    assert find(reader, "other", "us-east-1") == []


def test_without_a_role_a_stack_of_another_account_is_not_meant(make_stack: StackMaker) -> None:
    make_stack("Resources: {}", "Data", stack_name="data", **OTHER)
    reader = make_stack("Resources: {}", **EAST)
    assert reader.assembly.stacks_named(reader, "data", "us-east-1") == []


def test_a_nested_stack_is_not_found_by_a_name(assembly: Assembly, make_stack: StackMaker) -> None:
    parent = make_stack("Resources: {N: {Type: AWS::CloudFormation::Stack}}", **EAST)
    assembly.stacks.append(
        Stack(assembly, "Nested", {}, parent=parent.resources["N"], stack_name="data", **EAST)  # type: ignore[arg-type]
    )
    assert assembly.stacks_named(parent, "data", "us-east-1") == []


# Indexes


def by_name(resource: Resource) -> Iterator[Hashable]:
    for name in resource["Names"].items():
        yield name.text()


def found(index: Index, key: object) -> list[str]:
    return [resource.logical_id for resource in index[key]]


def test_an_index_finds_resources_of_some_types_by_a_key(make_stack: StackMaker) -> None:
    assembly = make_stack(
        "Resources:\n"
        "  A: {Type: T, Properties: {Names: [a, b]}}\n"
        "  B: {Type: T, Properties: {Names: [b, b]}}\n"
        "  C: {Type: U, Properties: {Names: [b]}}\n"
        "  D: {Type: V, Properties: {Names: [b]}}\n"
    ).assembly
    index = assembly.index(by_name, "T", "U")
    assert (found(index, "a"), found(index, "b"), found(index, "c")) == (["A"], ["A", "B", "C"], [])
    assert "a" in index
    assert "c" not in index
    assert index.undecided == []


def test_an_index_is_made_once_for_a_key_and_types(make_stack: StackMaker) -> None:
    assembly = make_stack("Resources: {A: {Type: T, Properties: {Names: [a]}}}").assembly
    assert assembly.index(by_name, "T") is assembly.index(by_name, "T")
    assert found(assembly.index(by_name, "T"), "a") == ["A"]
    assert found(assembly.index(by_name, "U"), "a") == []
    assert found(assembly.index(lambda resource: [resource.type], "T"), "a") == []


def test_keys_that_are_maps_or_lists_find_nothing(make_stack: StackMaker) -> None:
    assembly = make_stack("Resources: {A: {Type: T, Properties: {Names: [{a: 1}, [a], b]}}}").assembly
    index = assembly.index(lambda resource: resource["Names"].values(), "T")
    assert (found(index, {"a": 1}), found(index, ["a"]), found(index, "b")) == ([], [], ["A"])
    assert {"a": 1} not in index


def test_a_resource_whose_keys_are_not_all_known_is_undecided(make_stack: StackMaker) -> None:
    assembly = make_stack(
        "Parameters: {Size: {Type: String}}\n"
        "Resources:\n"
        "  A: {Type: T, Properties: {Names: [a, !Ref Size, b]}}\n"
        "  B: {Type: T, Properties: {Names: [b]}}"
    ).assembly
    index = assembly.index(by_name, "T")
    assert [resource.logical_id for resource in index.undecided] == ["A"]
    assert (found(index, "a"), found(index, "b")) == (["A"], ["B"])


def test_a_resource_has_the_keys_of_the_run_that_is_under_way(make_stack: StackMaker) -> None:
    assembly = make_stack(
        "Resources:\n"
        "  A: {Type: T, Properties: {Names: [!If [C, a, b]]}}\n"
        "  B: {Type: T, Properties: {Names: [b]}}"
    ).assembly
    index = assembly.index(by_name, "T")
    runs, _ = assembly.explorer.run_all(lambda: (found(index, "a"), found(index, "b")))
    assert runs == [(["A"], ["B"]), ([], ["A", "B"])]
    assert index.undecided == []
    assert [resource.logical_id for resource in index.in_any_way("a")] == ["A"]
    assert [resource.logical_id for resource in index.in_any_way("b")] == ["A", "B"]
    assert index.in_any_way("c") == []


def test_a_resource_that_is_undecided_in_one_run_is_undecided(make_stack: StackMaker) -> None:
    assembly = make_stack(
        "Parameters: {Size: {Type: String}}\n"
        "Resources: {A: {Type: T, Properties: {Names: [!If [C, a, !Ref Size]]}}}"
    ).assembly
    assert len(assembly.index(by_name, "T").undecided) == 1


def test_a_resource_with_more_choices_than_are_tried_is_undecided(make_stack: StackMaker) -> None:
    names = ", ".join(f"!If [C{number}, a, b]" for number in range(MAX_RUNS.bit_length()))
    name = f'!Join ["", [{names}]]'
    assembly = make_stack(f"Resources: {{A: {{Type: T, Properties: {{Names: [{name}]}}}}}}").assembly
    assert len(assembly.index(by_name, "T").undecided) == 1
