"""The arrows of the design: what may import what."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tts_constructs
from tts_constructs import system_metadata

PACKAGE = Path(tts_constructs.__file__).parent
CDK = ("aws_cdk", "constructs", "jsii")


def rooms(*names: str) -> tuple[str, ...]:
    """The modules of the package that are its rooms `names`."""
    return tuple(f"tts_constructs.{name}" for name in names)


FORBIDDEN = {
    "policy": (*CDK, *rooms("constructs", "synth", "report", "cli", "testing")),
    "report": (*CDK, *rooms("constructs", "synth", "cli", "testing")),
    "cli": (*CDK, *rooms("constructs", "synth", "testing")),
    "constructs": rooms("report", "cli", "testing"),
    "synth": rooms("constructs", "cli", "testing"),
    "testing": rooms("constructs", "synth"),
}


def modules(room: str) -> list[str]:
    """The modules of a room of the package, by their full names; the room itself where it is one module."""
    files = [*(PACKAGE / room).rglob("*.py"), *PACKAGE.glob(f"{room}.py")]
    return sorted(
        ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for file in files
    )


def imports(module: str) -> Iterator[str]:
    """Every module that the source of `module` names in an import, wherever it stands in the file."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    file = path.with_suffix(".py")
    package = module.rpartition(".")[0]
    if not file.is_file():
        file, package = path / "__init__.py", module
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def crosses(imported: str, forbidden: tuple[str, ...]) -> bool:
    """Whether a module is one of `forbidden` or stands below one."""
    return any(imported == name or imported.startswith(f"{name}.") for name in forbidden)


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_imports_only_what_the_arrows_allow(room: str) -> None:
    crossings = {
        f"{module} imports {imported}"
        for module in modules(room)
        for imported in imports(module)
        if crosses(imported, FORBIDDEN[room])
    }
    assert not crossings


@pytest.mark.slow
@pytest.mark.parametrize("room", ["policy", "report", "cli"])
def test_a_room_without_the_cdk_loads_no_part_of_it(room: str) -> None:
    names = modules(room)
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
    ("line", "imported"),
    [
        ("import aws_cdk.aws_s3", "aws_cdk.aws_s3"),
        ("from aws_cdk import aws_s3", "aws_cdk.aws_s3"),
        ("def f():\n    import jsii", "jsii"),
    ],
)
def test_an_import_is_seen_in_any_form(
    line: str, imported: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room.py").write_text(line, encoding="utf-8")
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "tts_constructs")
    assert imported in set(imports("room"))


def test_a_name_of_the_package_is_loaded_when_it_is_first_used() -> None:
    assert tts_constructs.Environment is system_metadata.Environment


def test_the_package_lists_its_names() -> None:
    assert dir(tts_constructs) == sorted(tts_constructs.__all__)


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'tts_constructs' has no attribute 'TtsLambda'"):
        tts_constructs.TtsLambda  # noqa: B018 - reading it is the test
