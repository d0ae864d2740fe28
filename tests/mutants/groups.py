"""Groups of modules that mutmut changes in one run, with the tests that must notice: `groups.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

TESTS = "tests/policy"


@dataclass(frozen=True)
class Group:
    """What one run of mutmut changes, and what must notice.

    Args:
        modules: Patterns of files below `tts_constructs/policy`.
        tests: Files and folders of tests.
    """

    modules: tuple[str, ...]
    tests: tuple[str, ...]

    def holds(self, module: str) -> bool:
        """Whether a module is one of the group."""
        return any(fnmatch(module, pattern) for pattern in self.modules)


def groups_in(document: Mapping[str, Any]) -> list[Group]:
    """The groups in the data of `groups.toml`."""
    alone = [Group((module,), (own_tests(module),)) for module in document["alone"]]
    together = [Group(tuple(group["modules"]), tuple(group["tests"])) for group in document["together"]]
    return [*alone, *together]


def own_tests(module: str) -> str:
    """The file that holds the tests of a module alone."""
    path = PurePosixPath(module)
    return str(TESTS / path.with_name(f"test_{path.name}"))


def chosen(groups: Iterable[Group], modules: Sequence[str]) -> list[Group]:
    """The groups of some modules, each with these modules alone; all groups where none is named.

    Raises:
        ValueError: A module is in no group.
    """
    groups = list(groups)
    if not modules:
        return groups
    strange = [module for module in modules if not any(group.holds(module) for group in groups)]
    if strange:
        message = f"{', '.join(strange)}: in no group of tests/mutants/groups.toml; write such as aws/vpcs.py"
        raise ValueError(message)
    named = [(group, tuple(filter(group.holds, modules))) for group in groups]
    return [replace(group, modules=of_group) for group, of_group in named if of_group]
