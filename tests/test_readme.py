"""The README keeps its word: its first example synthesizes, its commands and links exist."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *(ROOT / "docs/adr").glob("*.md"))
)


def example(language: str) -> str:
    """The first example of the README in a language."""
    found = re.search(rf"```{language}\n(.*?)```", README, re.S)
    assert found
    return found[1]


@pytest.mark.slow
def test_the_first_example_synthesizes(tmp_path: Path, recorded_lookups: Callable[[Path], None]) -> None:
    (tmp_path / "app.py").write_text(example("python"), encoding="utf-8")
    (tmp_path / "tts.toml").write_text(example("toml"), encoding="utf-8")
    recorded_lookups(tmp_path)
    tools = f"{Path(sys.executable).parent}:{ROOT / 'node_modules/.bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        ["cdk", "synth", "--quiet", "--no-notices", "--app", "python app.py"],
        cwd=tmp_path,
        env={"PATH": tools, "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    template = json.loads((tmp_path / "cdk.out/Forms.template.json").read_text(encoding="utf-8"))
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert {"AWS::EC2::VPC", "AWS::AutoScaling::AutoScalingGroup", "AWS::S3::Bucket"} <= types


def test_the_first_example_has_25_lines_at_most_beside_its_imports() -> None:
    lines = [line for line in example("python").splitlines() if line and "import" not in line]
    assert len(lines) <= 25


def test_the_command_of_the_first_example_is_the_one_that_is_tested() -> None:
    assert '`cdk synth --app "python app.py"`' in README


def test_the_readme_is_of_one_screen() -> None:
    assert len(README.splitlines()) <= 80


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_link_within_the_project_leads_somewhere(document: str) -> None:
    file = ROOT / document
    links = re.findall(r"\]\((?!\w+:)([^)#]+)", file.read_text(encoding="utf-8"))
    assert [link for link in links if not (file.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_make_command_that_is_named_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = re.findall(r"(?:^|`)make ([a-z0-9-]+)", (ROOT / document).read_text(encoding="utf-8"), re.M)
    assert set(named) <= targets
