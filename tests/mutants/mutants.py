"""What mutmut's mutants came to: each is killed by a test, or explained in `explained.toml`.

Run by `make mutants`, in the environment of the group e2e: it renews docs/mutants.md, and fails on a survivor
that is not explained and on an explanation that fits no survivor any more.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

from tests.mutants.explanations import Mutant, differences, explained

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/mutants.md"
EXPLAINED = Path(__file__).with_name("explained.toml")
POLICY = Path("tts_constructs/policy")

_KILLED = frozenset({"killed", "timeout"})  # a test that no longer ends has noticed too

_HEAD = """\
# Mutants of the rules

`make mutants` writes this page: mutmut {version} changes the functions of a module one by one (a comparison,
a text, an argument, a condition), and the tests must notice each change. What no test can notice, as the
changed code does the same or has run while modules were imported, before the change, is explained in
`tests/mutants/explained.toml`. A mutant that is neither killed nor explained fails. Sentences in messages
are left as they are: tests do not hold their wording.

Mutated are the rules, and the modules by which they read a template and decide: what a policy allows, which
bucket, group or subnet is meant, how wide a range is. The engine under them, which folds values and weighs
choices, is not, nor are functions with a decorator and what stands outside of functions.

| module | mutants | killed | explained |
|---|---|---|---|
"""


def main() -> None:
    """Reads what the last run of mutmut left, writes the page, and names what must be mended."""
    outcomes = {_module(path): _outcomes(path) for path in sorted(walk_mutatable_files())}
    survivors = [mutant for _, alive in outcomes.values() for mutant in alive]
    faults = list(differences(survivors, explained(tomllib.loads(EXPLAINED.read_text(encoding="utf-8")))))
    if faults:
        sys.exit("\n".join(faults))
    PAGE.write_text("".join(_page(outcomes)), encoding="utf-8")


def _outcomes(path: Path) -> tuple[int, list[Mutant]]:
    """How many mutants a file has, and those that no test noticed."""
    results = SourceFileMutationData(path=path)
    results.load()
    alive = [
        _mutant(path, key)
        for key, exit_code in results.exit_code_by_key.items()
        if status_by_exit_code[exit_code] not in _KILLED
    ]
    return len(results.exit_code_by_key), alive


def _mutant(path: Path, key: str) -> Mutant:
    function, class_name = orig_function_and_class_names_from_key(key)
    changes = get_diff_for_mutant(key, path=path).splitlines()[2:]
    was, now = (" ".join(line[1:].strip() for line in changes if line.startswith(sign)) for sign in "-+")
    return Mutant(_module(path), f"{class_name}.{function}" if class_name else function, was, now)


def _module(path: Path) -> str:
    return path.relative_to(POLICY).as_posix()


def _page(outcomes: Mapping[str, tuple[int, list[Mutant]]]) -> Iterator[str]:
    yield _HEAD.format(version=version("mutmut"))
    total = Counter[str]()
    for module, (mutants, alive) in outcomes.items():
        if mutants:
            yield f"| `{module}` | {mutants} | {mutants - len(alive)} | {len(alive)} |\n"
            total.update(mutants=mutants, alive=len(alive))
    yield f"| all | {total['mutants']} | {total['mutants'] - total['alive']} | {total['alive']} |\n"


if __name__ == "__main__":
    main()
