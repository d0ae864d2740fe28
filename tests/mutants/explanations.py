"""Mutants that no test can notice, and the explanations of them in `explained.toml`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Mutant:
    """A change of the code, known by what it changes, so that edits elsewhere leave it what it is.

    Args:
        module: Its file, below `tts_constructs/policy`.
        function: The function that is changed, with its class if it has one.
        was: The lines that are changed, as they stand in the code. Empty: all changes of the function.
        now: The text there instead.
    """

    module: str
    function: str
    was: str = ""
    now: str = ""

    @property
    def any_of_its_function(self) -> Mutant:
        """What an explanation of all changes of the function names."""
        return Mutant(self.module, self.function)

    def __str__(self) -> str:
        """As an explanation names it."""
        items = ", ".join(f"{key} = {_literal(text)}" for key, text in asdict(self).items() if text)
        return f"{{ {items} }}"


def explained(document: Mapping[str, Any]) -> set[Mutant]:
    """The mutants that the file of explanations names, each reason with all that it is true of."""
    return {Mutant(**mutant) for entry in document["explained"] for mutant in entry["mutants"]}


def differences(survivors: Iterable[Mutant], known: Collection[Mutant]) -> Iterator[str]:
    """What must be fixed: survivors without an explanation, and explanations without a survivor."""
    alive = set(survivors)
    for mutant in sorted(alive - set(known)):
        if mutant.any_of_its_function not in known:
            yield f"Survives, and nothing explains it: {mutant}"
    for mutant in sorted(set(known) - alive - {mutant.any_of_its_function for mutant in alive}):
        yield f"Survives no more, and is explained: {mutant}"


def _literal(text: str) -> str:
    quotes = "'''" if "'" in text else "'"
    return f"{quotes}{text}{quotes}"
