"""The names that apps and rules import: three packages hold all of them, and each list is complete."""

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest
from constructs import Construct

import tts_constructs
import tts_constructs.constructs
import tts_constructs.policy
import tts_constructs.testing

ROOT = Path(__file__).parents[1]
SCAFFOLD = ROOT / "tts_constructs/cli/scaffold"

FOR_APPS = (tts_constructs, tts_constructs.testing)
FOR_RULES = (tts_constructs.policy, tts_constructs.testing)

OF_RULES = [
    ROOT / "docs/how-to/rule.md",
    *sorted((ROOT / "tests/organization_rules/agency").rglob("*.py")),
]
PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "adr"]
OF_APPS = [
    *sorted((ROOT / "sample_app").rglob("*.py")),
    *sorted((ROOT / "tests/consumer/project").rglob("*.py")),
    *sorted(SCAFFOLD.rglob("*.template")),
    ROOT / "README.md",
    *(page for page in PAGES if page not in OF_RULES),
]

IMPORT = re.compile(
    r"""^[ \t]*(?:
        from\ +(?P<module>tts_constructs[\w.]*)\ +import\ +(?:\((?P<lines>[^)]*)\)|(?P<line>[^\n#]*))
        | import\ +(?P<whole>tts_constructs[\w.]*)
    )""",
    re.M | re.X,
)


def imports(text: str) -> Iterator[tuple[str, str]]:
    """Each module and name of this library that a text imports, in code or in a page."""
    for found in IMPORT.finditer(text):
        names = found["lines"] or found["line"] or ""
        for name in filter(None, re.split(r"[\s,]+", re.sub(r"#.*| as \w+", "", names))):
            yield found["module"], name
        if found["whole"]:
            yield found["whole"], ""


def private(text: str, packages: tuple[ModuleType, ...]) -> list[tuple[str, str]]:
    """The imports of a text that these packages do not hold."""
    public = {(package.__name__, name) for package in packages for name in [*package.__all__, ""]}
    return sorted(set(imports(text)) - public)


def path(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", OF_APPS, ids=path)
def test_what_an_app_is_shown_imports_public_names_only(file: Path) -> None:
    assert private(file.read_text(encoding="utf-8"), FOR_APPS) == []


@pytest.mark.parametrize("file", OF_RULES, ids=path)
def test_what_an_author_of_rules_is_shown_imports_public_names_only(file: Path) -> None:
    assert private(file.read_text(encoding="utf-8"), FOR_RULES) == []


def test_what_is_shown_imports_something() -> None:
    importing = [file for file in [*OF_APPS, *OF_RULES] if any(imports(file.read_text(encoding="utf-8")))]
    assert {"sample_app/benefits.py", "README.md", "docs/tutorial.md", "docs/how-to/rule.md"} <= {
        path(file) for file in importing
    }
    assert any(file.is_relative_to(SCAFFOLD) for file in importing)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "from tts_constructs.constructs.alarms import Alarms",
            ("tts_constructs.constructs.alarms", "Alarms"),
        ),
        ("    from tts_constructs import Nothing as N  # why", ("tts_constructs", "Nothing")),
        ("from tts_constructs import (\n    TtsSystem,\n    Nothing,\n)", ("tts_constructs", "Nothing")),
        ("import tts_constructs.synth", ("tts_constructs.synth", "")),
    ],
)
def test_an_import_of_another_name_is_seen_in_any_form(text: str, found: tuple[str, str]) -> None:
    assert private(text, FOR_APPS) == [found]


@pytest.mark.parametrize("text", ["from tts_constructs import Flow, TtsSystem", "import tts_constructs"])
def test_an_import_of_a_public_name_is_let_through(text: str) -> None:
    assert private(text, FOR_APPS) == []


# The lists of exports

CLASSES = [name for name in tts_constructs.__all__ if inspect.isclass(getattr(tts_constructs, name))]
LISTS = [tts_constructs, tts_constructs.policy, tts_constructs.testing]


@pytest.mark.parametrize("package", LISTS, ids=lambda package: str(package.__name__))
def test_a_type_checker_sees_each_name_where_it_is_loaded_from(package: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(package))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == package._HOMES


@pytest.mark.parametrize("package", LISTS, ids=lambda package: str(package.__name__))
def test_each_name_of_a_list_is_there(package: ModuleType) -> None:
    assert [name for name in package.__all__ if getattr(package, name, None) is None] == []


def constructs() -> Iterator[type]:
    """Each public construct that a module of `tts_constructs.constructs` defines."""
    package = tts_constructs.constructs
    for module in pkgutil.walk_packages(package.__path__, prefix=f"{package.__name__}."):
        for name, value in vars(import_module(module.name)).items():
            defined = inspect.isclass(value) and value.__module__ == module.name
            if defined and issubclass(value, Construct) and not name.startswith("_"):
                yield value


def test_every_construct_is_exported() -> None:
    found = {construct.__name__ for construct in constructs()}
    assert {"TtsSystem", "TtsAsgService", "TtsBucket"} <= found <= set(tts_constructs.__all__)


def test_the_reference_shows_every_exported_class() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs/reference").glob("*.md"))
    assert [name for name in CLASSES if not re.search(rf"^::: [\w.]+\.{name}$", pages, re.M)] == []


def types(hint: Any) -> Iterator[type]:
    """Each class of this library that a type hint names; a protocol needs no name, as it is met by shape."""
    for argument in get_args(hint):
        yield from types(argument)
    of_the_library = inspect.isclass(hint) and hint.__module__.partition(".")[0] == tts_constructs.__name__
    if of_the_library and not is_protocol(hint):
        yield hint


def is_protocol(kind: type) -> bool:
    return bool(getattr(kind, "_is_protocol", False))


def hints(exported: type) -> Iterator[Any]:
    """Each type hint of a class: of its fields, and of its public methods and properties."""
    yield from get_type_hints(exported).values()
    for name, member in vars(exported).items():
        if name == "__init__" or not name.startswith("_"):
            function = (
                getattr(member, "fget", None) or getattr(member, "func", None) or getattr(exported, name)
            )
            if inspect.isroutine(function):
                yield from get_type_hints(function).values()


@pytest.mark.parametrize("name", CLASSES)
def test_an_app_can_name_the_type_of_all_that_it_gives_and_gets(name: str) -> None:
    named = {kind.__name__ for hint in hints(getattr(tts_constructs, name)) for kind in types(hint)}
    assert named - set(tts_constructs.__all__) == set()


def test_a_type_that_a_method_gives_is_seen() -> None:
    assert {tts_constructs.InboundFlow} <= {
        kind for hint in hints(tts_constructs.Flow) for kind in types(hint)
    }
