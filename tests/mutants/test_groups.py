"""Which modules mutmut changes, and which tests must notice."""

import tomllib
from pathlib import Path

import pytest

from tests.mutants.groups import Group, chosen, groups_in, own_tests

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "tts_constructs/policy"
GROUPS = groups_in(tomllib.loads(Path(__file__).with_name("groups.toml").read_text(encoding="utf-8")))

ALONE = Group(("branches.py",), ("tests/policy/test_branches.py",))
TOGETHER = Group(("vpcs.py", "rules/*"), ("tests/policy/rules",))


def test_a_module_alone_is_held_by_its_own_tests_and_others_by_what_is_named() -> None:
    document = {
        "alone": ["branches.py"],
        "together": [{"modules": TOGETHER.modules, "tests": TOGETHER.tests}],
    }
    assert groups_in(document) == [ALONE, TOGETHER]


def test_tests_are_found_where_the_module_is() -> None:
    assert own_tests("branches.py") == "tests/policy/test_branches.py"
    assert own_tests("model/branches.py") == "tests/policy/model/test_branches.py"


def test_without_a_name_all_groups_run() -> None:
    assert chosen([ALONE, TOGETHER], []) == [ALONE, TOGETHER]


def test_a_module_that_is_named_runs_with_the_tests_of_its_group() -> None:
    assert chosen([ALONE, TOGETHER], ["rules/vpc.py"]) == [Group(("rules/vpc.py",), TOGETHER.tests)]


def test_a_module_of_no_group_is_a_fault() -> None:
    with pytest.raises(ValueError, match=r"none\.py: in no group"):
        chosen([ALONE, TOGETHER], ["branches.py", "none.py"])


@pytest.mark.parametrize("module", [module for group in GROUPS for module in group.modules])
def test_each_module_of_a_group_is_there(module: str) -> None:
    assert list(POLICY.glob(module))


@pytest.mark.parametrize("tests", [tests for group in GROUPS for tests in group.tests])
def test_the_tests_of_each_group_are_there(tests: str) -> None:
    assert (ROOT / tests).exists()


def test_no_module_is_in_two_groups() -> None:
    modules = [module for group in GROUPS for module in group.modules]
    assert len(modules) == len(set(modules))
