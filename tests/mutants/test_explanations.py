"""What is said of mutants that survive."""

import tomllib

from tests.mutants.explanations import Mutant, differences, explained

TAG = Mutant("rules/tagging.py", "_read", "plain = plain_tag(resource)", "plain = None")


def test_a_survivor_that_nothing_explains_is_named() -> None:
    assert list(differences([TAG], [])) == [f"Survives, and nothing explains it: {TAG}"]


def test_an_explanation_that_fits_no_survivor_is_named() -> None:
    assert list(differences([], [TAG])) == [f"Survives no more, and is explained: {TAG}"]


def test_a_survivor_that_is_explained_is_in_order() -> None:
    assert list(differences([TAG], [TAG])) == []


def test_a_mutant_is_named_as_an_explanation_names_it() -> None:
    quoted = Mutant("rules/tagging.py", "_read", "kind = 'x'", 'kind = "XXxXX"')
    entry = f'[[explained]]\nreason = "The same."\nmutants = [\n  {TAG},\n  {quoted},\n]\n'
    assert explained(tomllib.loads(entry)) == {TAG, quoted}


def test_an_explanation_without_a_line_is_of_all_changes_of_its_function() -> None:
    function = Mutant(TAG.module, TAG.function)
    assert list(differences([TAG], [function])) == []
    assert list(differences([], [function])) == [f"Survives no more, and is explained: {function}"]
    assert str(function) == "{ module = 'rules/tagging.py', function = '_read' }"
