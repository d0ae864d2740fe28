"""A runner of mutmut that judges examples before it starts pytest, which takes longer than all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import import_module

from mutmut.runners.harness import PytestRunner

_EXAMPLES = re.compile(r"tests/mutants/examples\.py::\w+\[([A-Z0-9-]+)\]")
_NOTICED = 1
_MISSED = 0


class ExamplesFirst(PytestRunner):  # type: ignore[misc]  # mutmut has no types
    """Runs the tests of a mutant: examples as they are, what is left by pytest."""

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """Return 0 if no test noticed."""
        tests = list(tests)
        if mutant_name is None:
            code = int(super().run_tests(mutant_name=None, tests=tests))
            # Only now, so that it has the library that pytest has imported: the copy with all mutants.
            import_module("tests.mutants.examples")
            return code
        rules = [found[1] for test in tests if (found := _EXAMPLES.fullmatch(test))]
        if _is_noticed_by_examples(rules):
            return _NOTICED
        others = [test for test in tests if not _EXAMPLES.fullmatch(test)]
        if not others:
            return _MISSED
        return int(super().run_tests(mutant_name=mutant_name, tests=others))


def _is_noticed_by_examples(rules: Sequence[str]) -> bool:
    if not rules:
        return False
    examples = import_module("tests.mutants.examples")
    import_module("tests.mutants.kept_values").forget()  # pytest imported it, and must be the first to
    try:
        for rule in rules:
            examples.test_a_rule_says_of_its_examples_what_they_expect(rule)
    except Exception:
        return True
    return False
