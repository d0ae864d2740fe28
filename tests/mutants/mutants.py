"""Runs mutmut, and says what its mutants came to: each is killed by a test, or explained in `explained.toml`.

Run by `make mutants`, in the environment of the group e2e. It fails on a survivor that is not explained, and
on an explanation that fits no survivor any more. Arguments name modules, such as `aws/vpcs.py`; without any,
all modules are changed, and docs/mutants.md is renewed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mutmut.__main__ import cli
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key
from mutmut.workers import isolation

from tests.mutants.examples_first import ExamplesFirst
from tests.mutants.explanations import Mutant, differences, explained
from tests.mutants.groups import Group, chosen, groups_in
from tests.mutants.unchanged import unchanged_functions

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/mutants.md"
GROUPS = Path(__file__).with_name("groups.toml")
EXPLAINED = Path(__file__).with_name("explained.toml")
POLICY = Path("tts_constructs/policy")

_KILLED = frozenset({"killed", "timeout"})  # a test that no longer ends has noticed too

_HEAD = """\
# Mutants of the judge

`make mutants` writes this page. mutmut {version} changes the functions of a module one by one: a
comparison, a text, an argument, a condition. The tests must notice each change.
`tests/mutants/explained.toml` explains the changes that no test can notice: the changed code does the
same, or it ran before the change, while modules were imported. A mutant that is neither killed nor
explained fails. The sentences of messages aren't changed.

These modules are changed:

- the rules;
- the facts about AWS that rules share: what a policy allows, which bucket, group, or subnet is meant, how
  wide a range is;
- the evaluator under them, which reads templates, folds values, tries choices, judges, reads settings,
  and keeps a finding from blocking.

`tests/mutants/groups.toml` names the tests that must notice. For a module of the evaluator, only the
tests in its own file count.

mutmut doesn't change functions with a decorator (other than `staticmethod` and `classmethod`), or code
outside of functions. The last column names the functions that it leaves unchanged; tests check what they
return.

| module | mutants | killed | explained | not changed |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Outcome:
    """What the mutants of a module came to.

    Args:
        mutants: How many there are.
        alive: Those that no test noticed.
        unchanged: Functions that mutmut left as they are.
    """

    mutants: int
    alive: tuple[Mutant, ...]
    unchanged: tuple[str, ...]


def main(modules: list[str]) -> None:
    """Runs mutmut for some modules or all, and names what must be put right."""
    try:
        groups = chosen(groups_in(_read(GROUPS)), modules)
    except ValueError as error:
        sys.exit(str(error))
    outcomes = {module: outcome for group in groups for module, outcome in _outcomes(group).items()}
    survivors = [mutant for outcome in outcomes.values() for mutant in outcome.alive]
    faults = list(differences(survivors, _explained(outcomes)))
    if faults:
        sys.exit("\n".join(faults))
    if not modules:
        PAGE.write_text("".join(_page(outcomes)), encoding="utf-8")


def _explained(modules: Collection[str]) -> set[Mutant]:
    return {mutant for mutant in explained(_read(EXPLAINED)) if mutant.module in modules}


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _outcomes(group: Group) -> dict[str, Outcome]:
    """The outcomes of a group, by module; in a process of its own, since mutmut imports what it changes."""
    with TemporaryDirectory() as folder:
        result = Path(folder) / "outcomes.json"
        process = get_context("fork").Process(target=_run, args=(group, result))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)
        return {
            module: _read_outcome(**of_module) for module, of_module in json.loads(result.read_text()).items()
        }


def _run(group: Group, result: Path) -> None:
    sys.stdout.write(f"==> {', '.join(group.modules)}\n")
    shutil.rmtree("mutants", ignore_errors=True)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(result.parent)  # else each mutant leaves a folder behind
    config().only_mutate = [str(POLICY / pattern) for pattern in group.modules]
    config().pytest_add_cli_args_test_selection = list(group.tests)
    isolation.PytestRunner = ExamplesFirst
    cli.main(["run"], standalone_mode=False)
    outcomes = {_module(path): asdict(_outcome(path)) for path in sorted(walk_mutatable_files())}
    result.write_text(json.dumps(outcomes))


def _read_outcome(mutants: int, alive: list[dict[str, str]], unchanged: list[str]) -> Outcome:
    return Outcome(mutants, tuple(Mutant(**mutant) for mutant in alive), tuple(unchanged))


def _outcome(path: Path) -> Outcome:
    results = SourceFileMutationData(path=path)
    results.load()
    alive = [
        _mutant(path, key)
        for key, exit_code in results.exit_code_by_key.items()
        if status_by_exit_code[exit_code] not in _KILLED
    ]
    left = unchanged_functions(path.read_text(encoding="utf-8"))
    return Outcome(len(results.exit_code_by_key), tuple(alive), tuple(left))


def _mutant(path: Path, key: str) -> Mutant:
    function, class_name = orig_function_and_class_names_from_key(key)
    changes = get_diff_for_mutant(key, path=path).splitlines()[2:]
    was, now = (" ".join(line[1:].strip() for line in changes if line.startswith(sign)) for sign in "-+")
    return Mutant(_module(path), f"{class_name}.{function}" if class_name else function, was, now)


def _module(path: Path) -> str:
    return path.relative_to(POLICY).as_posix()


def _page(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    yield _HEAD.format(version=version("mutmut"))
    total = Counter[str]()
    for module, outcome in sorted(outcomes.items()):
        if outcome.mutants:
            left = ", ".join(f"`{name}`" for name in outcome.unchanged)
            yield f"| `{module}` | {_counts(outcome.mutants, len(outcome.alive))} | {left} |\n"
            total.update(mutants=outcome.mutants, alive=len(outcome.alive))
    yield f"| all | {_counts(total['mutants'], total['alive'])} | |\n"


def _counts(mutants: int, alive: int) -> str:
    return f"{mutants} | {mutants - alive} | {alive}"


if __name__ == "__main__":
    main(sys.argv[1:])
