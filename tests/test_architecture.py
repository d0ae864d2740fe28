"""What each package may import: the table of docs/adr/0075, row by row."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import tts_constructs
from tts_constructs import system_metadata

PACKAGE = Path(tts_constructs.__file__).parent
CDK = ("aws_cdk", "constructs", "jsii")

ROWS: tuple[dict[str, tuple[str, ...]], ...] = (
    {"secret_shapes": ()},
    {"_lazy": (), "_version": (), "ci": (), "printable": (), "redaction": (), "standards": ()},
    {"argument_types": (), "errors": ()},
    {"arguments": (), "files": (), "provenance": (), "system_metadata": ()},
    {"policy.result": ("errors", "files", "provenance", "standards", "system_metadata")},
    {"policy.settings": ()},
    {"policy.model": ("policy.settings",)},
    {"policy.aws": ("policy.settings",), "policy.loading": ()},
    {"policy.rules": ("policy.loading", "policy.settings")},
    {"policy.engine": ("policy.loading",)},
    {
        "policy.configuration": (),
        "policy.native_validation": ("policy.loading",),
        "policy.records": (),
        "policy.suppressions": ("policy.loading",),
    },
    {"policy.examples": ("policy.records", "policy.suppressions")},
    {"policy.review": ()},
    {"report": ()},
    {"cli": (), "synth": ()},
    {"testing": ("cli",)},
    {"constructs": ("cli", "report", "testing")},
)
"""The layers, from the bottom up: each may import itself and the rows above, except what it names."""

FOR_ALL = "tts_constructs.policy.settings.model"
"""The settings as data are for each row below them; how they are read is not."""

LAZY = ("tts_constructs", "tts_constructs.policy", "tts_constructs.testing")
"""Packages that only name what others hold."""

WITHOUT_THE_CDK = ("policy", "report", "cli")


def module_of(file: Path) -> str:
    """The full name of a module of the package."""
    return ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}
ROOMS = [room for row in ROWS for room in row]


def room_of(module: str) -> str | None:
    """The row of the table that a module is in; None: a package that only holds others."""
    below = module.removeprefix("tts_constructs.")
    return next((room for room in ROOMS if below == room or below.startswith(f"{room}.")), None)


def imports(source: str, *, while_imported: bool = False) -> Iterator[str]:
    """Every module that a source names in an import.

    Args:
        source: The source.
        while_imported: Leave out what is imported in a function, or for the type checker alone.
    """
    for node in _statements(ast.parse(source), while_imported=while_imported):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, "imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def _statements(node: ast.AST, *, while_imported: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or (
            isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        )
        if not (while_imported and later):
            yield child
            yield from _statements(child, while_imported=while_imported)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_stands_in_a_row_of_the_table(module: str) -> None:
    holds_others = any(other.startswith(f"{module}.") for other in MODULES)
    assert room_of(module) or holds_others


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_stands_above_it_and_is_not_barred(room: str) -> None:
    row = next(number for number, row in enumerate(ROWS) if room in row)
    above = {other for row in ROWS[:row] for other in row} - set(ROWS[row][room])
    wrong = {
        f"{module} imports {imported}"
        for module, file in MODULES.items()
        if room_of(module) == room
        for imported in imports(file.read_text(encoding="utf-8"))
        if imported in MODULES and imported not in LAZY and room_of(imported) not in {*above, room}
        if not (imported == FOR_ALL and room != "policy.result")
    }
    assert wrong == set()


def test_a_family_of_rules_never_imports_another() -> None:
    wrong = {
        f"{module} imports {imported}"
        for module, file in MODULES.items()
        if (family := _family(module))
        for imported in imports(file.read_text(encoding="utf-8"))
        if (other := _family(imported)) and other != family
    }
    assert wrong == set()


def _family(module: str) -> str | None:
    below = module.removeprefix("tts_constructs.policy.rules.")
    return below.partition(".")[0] if below != module and "." in below else None


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        module: {
            imported
            for imported in imports(file.read_text(encoding="utf-8"), while_imported=True)
            if imported in MODULES and imported != module
        }
        for module, file in MODULES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("room", ["policy", "report", "cli", "testing"])
def test_a_room_that_may_not_need_the_cdk_names_it_nowhere_on_top(room: str) -> None:
    wrong = {
        f"{module} imports {imported}"
        for module, file in MODULES.items()
        if module.startswith(f"tts_constructs.{room}") and module != "tts_constructs.testing.synthesis"
        for imported in imports(file.read_text(encoding="utf-8"), while_imported=room == "testing")
        if imported.partition(".")[0] in CDK
    }
    assert wrong == set()


@pytest.mark.slow
@pytest.mark.parametrize("room", WITHOUT_THE_CDK)
def test_a_room_without_the_cdk_loads_no_part_of_it(room: str) -> None:
    names = [module for module in MODULES if module.startswith(f"tts_constructs.{room}")]
    program = (
        f"import importlib, sys\nfor name in {names!r}:\n    importlib.import_module(name)\n"
        f"print(*sorted({set(CDK)!r} & sys.modules.keys()))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


@pytest.mark.slow
def test_the_package_alone_loads_no_part_of_the_cdk() -> None:
    program = f"import sys, tts_constructs\nprint(*sorted({set(CDK)!r} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


@pytest.mark.parametrize(
    ("source", "imported"),
    [
        ("import aws_cdk.aws_s3", "aws_cdk.aws_s3"),
        ("from aws_cdk import aws_s3", "aws_cdk"),
        ("def f():\n    import jsii", "jsii"),
        ("from tts_constructs.policy import review", "tts_constructs.policy.review"),
        ("from tts_constructs.policy.review import review", "tts_constructs.policy.review"),
    ],
)
def test_an_import_is_seen_in_any_form(source: str, imported: str) -> None:
    assert imported in set(imports(source))


def test_what_only_the_type_checker_or_a_function_imports_closes_no_circle() -> None:
    source = "if TYPE_CHECKING:\n    import a\ndef f():\n    import b\nclass C:\n    import c"
    assert list(imports(source, while_imported=True)) == ["c"]


def test_a_name_of_the_package_is_loaded_when_it_is_first_used() -> None:
    assert tts_constructs.Environment is system_metadata.Environment


def test_the_package_lists_its_names() -> None:
    assert dir(tts_constructs) == sorted(tts_constructs.__all__)


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'tts_constructs' has no attribute 'TtsLambda'"):
        tts_constructs.TtsLambda  # noqa: B018 - reading it is the test
