"""Packages of rules, installed for a test."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tts_constructs.policy.rules import catalog, entry_points

collect_ignore = ["agency"]  # an example package; its own tests run where it is installed

Installer = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installer]:
    """Installs a module by its source, with an entry point of its name, for one test."""
    installed = []

    def make(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        metadata = tmp_path / f"{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{entry_points.GROUP}]\n{name} = {name}:RULES\n")
        installed.append(name)

    monkeypatch.syspath_prepend(str(tmp_path))
    _forget()
    yield make
    _forget()
    for name in installed:
        sys.modules.pop(name, None)


def _forget() -> None:
    entry_points.rule_packages.cache_clear()
    catalog.cache_clear()
