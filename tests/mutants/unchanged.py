"""Functions that mutmut leaves as they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_CHANGED_ALL_THE_SAME = frozenset({"staticmethod", "classmethod"})


def unchanged_functions(source: str) -> Iterator[str]:
    """Names of the functions of a module that mutmut does not change, with the class of a method.

    A decorator runs when its function is defined, so mutmut changes no function that has one, except for
    `staticmethod` and `classmethod`.
    """
    for statement in ast.parse(source).body:
        yield from _unchanged(statement, "")
        if isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                yield from _unchanged(inner, f"{statement.name}.")


def _unchanged(statement: ast.stmt, prefix: str) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef):
        decorators = {ast.unparse(decorator) for decorator in statement.decorator_list}
        if decorators - _CHANGED_ALL_THE_SAME:
            yield f"{prefix}{statement.name}"
