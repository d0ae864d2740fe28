"""The word list: what `codespell` refuses in this project, and that nothing here has such a word."""

from pathlib import Path

import pytest
from codespell_lib import main as codespell

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `make test` runs it: the options are those of pyproject.toml."""
    monkeypatch.chdir(ROOT)


def test_the_project_has_no_refused_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert codespell() == 0, capsys.readouterr().out


def test_british_misspelled_and_archaic_words_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = ["colour", "organisation", "recieve", "whom", "Mended"]  # codespell:ignore
    (tmp_path / "page.md").write_text("\n".join(["plain", *refused]))
    assert codespell(str(tmp_path / "page.md")) != 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == refused


def test_the_list_is_sorted_and_names_each_word_once() -> None:
    words = [line.split("->")[0] for line in Path("scripts/words.txt").read_text().splitlines()]
    assert words == sorted(set(words))


def test_each_word_of_the_list_has_a_replacement() -> None:
    lines = Path("scripts/words.txt").read_text().splitlines()
    assert [line for line in lines if not line.partition("->")[2].strip()] == []
