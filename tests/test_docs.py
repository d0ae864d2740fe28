"""The documentation: generated pages are fresh, commands exist, and what people are told to type works."""

import os
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from tts_constructs.cli.main import tts
from tts_constructs.policy.rules import library_rules
from tts_constructs.report.nist_controls import TITLES
from tts_constructs.report.rule_docs.site import pages

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GENERATED = pages()
WRITTEN = sorted(
    path.relative_to(DOCS).as_posix()
    for path in DOCS.rglob("*.md")
    if path.relative_to(DOCS).as_posix() not in GENERATED
)
AGENCY = ROOT / "tests/organization_rules/agency"

BLOCK = re.compile(
    r"^(?P<indent> *)(?:<!-- (?P<note>[^\n]*) -->\n +|<!-- (?P<note_>[^\n]*) -->\n)?"
    r"```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^(?P=indent)```$",
    re.M | re.S,
)

# Pages that the rules make


@pytest.mark.parametrize("path", GENERATED)
def test_a_generated_page_is_what_the_rules_say(path: str) -> None:
    file = DOCS / path
    assert file.is_file(), "write it: python scripts/make_rule_pages.py"
    assert file.read_text(encoding="utf-8") == GENERATED[path], "renew it: python scripts/make_rule_pages.py"


def test_no_page_is_left_of_a_rule_that_is_no_more() -> None:
    written = {path.relative_to(DOCS).as_posix() for path in (DOCS / "rules").iterdir()}
    assert written <= GENERATED.keys()


def test_the_index_leads_to_every_rule() -> None:
    assert [rule.id for rule in library_rules() if f"({rule.id}.md)" not in GENERATED["rules/index.md"]] == []


def test_the_matrix_leads_from_every_control_to_its_rules() -> None:
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in GENERATED["controls.md"].splitlines()}
    for rule in library_rules():
        for control in rule.controls:
            assert f"[{rule.id}](rules/{rule.id}.md)" in rows[control]


def test_the_matrix_names_the_constructs_that_serve_a_control() -> None:
    (row,) = [line for line in GENERATED["controls.md"].splitlines() if line.startswith("| SC-28(1) ")]
    assert row.endswith("| TtsSystem, TtsAsgService, TtsBucket |")


def test_every_control_has_its_title() -> None:
    assert {control for rule in library_rules() for control in rule.controls} <= TITLES.keys()


# Commands


def commands(page: str) -> list[list[str]]:
    """The words of each command `tts …` that a page shows."""
    text = (DOCS / page).read_text(encoding="utf-8")
    shown = [line for block in BLOCK.finditer(text) for line in block["text"].splitlines()]
    shown += re.findall(r"`(tts [^`]*)`", text)
    lines = [re.sub(r"^\W*(run: )?|#.*", "", line) for line in shown]
    return [shlex.split(line) for line in lines if line.startswith("tts ")]


@pytest.mark.parametrize("page", WRITTEN)
def test_a_command_that_a_page_shows_exists(page: str) -> None:
    for _, name, *words in commands(page):
        if not name.isupper() and not name.startswith("-"):
            command = tts.commands[name]
            if isinstance(command, click.Group) and words:
                command = command.commands[words[0]]
            known = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if word.startswith("-")} <= known | {"--help"}


def test_the_reference_names_every_command() -> None:
    page = (DOCS / "reference/command.md").read_text(encoding="utf-8")
    assert [name for name in tts.commands if f"`tts {name}" not in page] == []


def test_the_reference_names_every_format_of_a_report() -> None:
    page = (DOCS / "reference/command.md").read_text(encoding="utf-8")
    (option,) = [option for option in tts.commands["check"].params if option.name == "format_"]
    assert isinstance(option.type, click.Choice)
    assert [name for name in option.type.choices if f"| `{name}` |" not in page] == []


# Links

SITE = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def entries(nav: Any) -> Iterator[str]:
    """The pages that a navigation leads to, in all of its sections."""
    if isinstance(nav, str):
        yield nav
    else:
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from entries(entry)


def prose(page: Path) -> str:
    """A page without its code, where a link is text."""
    return re.sub(r"`[^`\n]+`", "", BLOCK.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the site makes them."""
    headings = re.findall(r"^#+ (.*)", BLOCK.sub("", page.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


def test_every_entry_of_the_navigation_is_a_page() -> None:
    assert set(entries(SITE["nav"])) <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_site_leads_to_a_page_and_its_heading(page: str) -> None:
    for target in re.findall(r"\]\((?!\w+:)([^)\s]+)", prose(DOCS / page)):
        path, _, anchor = target.partition("#")
        file = (DOCS / page).parent / path if path else DOCS / page
        assert file.is_file(), f"{target} is no file"
        assert file.resolve().is_relative_to(DOCS), f"{target} is not on the site"
        assert not anchor or anchor in anchors(file), f"{target} is no heading"


# What people type


def blocks(page: str) -> list[re.Match[str]]:
    return list(BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")))


def test_the_page_about_rules_of_ones_own_shows_the_example_package() -> None:
    shown = {block["title"]: block["text"] for block in blocks("how-to/rule.md") if block["title"]}
    assert len(shown) == 4
    assert shown == {title: (AGENCY / title).read_text(encoding="utf-8") for title in shown}


def test_the_pipelines_are_yaml() -> None:
    actions, gitlab = (yaml.safe_load(b["text"]) for b in blocks("how-to/ci.md") if b["language"] == "yaml")
    assert {"run": "tts verify cdk.out"} in actions["jobs"]["check"]["steps"]
    assert "tts verify cdk.out" in gitlab["check"]["script"]


@pytest.mark.slow
@pytest.mark.parametrize("page", ["index.md", "tutorial.md"])
def test_what_a_page_has_people_type_works_without_credentials(page: str, tmp_path: Path) -> None:
    tools = os.pathsep.join(
        [str(Path(sys.executable).parent), str(ROOT / "node_modules/.bin"), os.environ["PATH"]]
    )
    ran = 0
    for block in blocks(page):
        note = block["note"] or block["note_"] or ""
        if block["title"]:
            (tmp_path / block["title"]).write_text(block["text"], encoding="utf-8")
        elif block["language"] == "sh" and note != "not run":
            done = subprocess.run(
                ["sh", "-e", "-c", textwrap.dedent(block["text"])],
                cwd=tmp_path,
                env={"PATH": tools, "HOME": str(tmp_path)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            assert done.returncode == note.startswith("exit 1"), f"{block['text']}{done.stdout}{done.stderr}"
            assert [rule for rule in re.findall(r"TTS-[A-Z0-9]+-\d+", note) if rule not in done.stderr] == []
            ran += 1
    assert ran >= 2
