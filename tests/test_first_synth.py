"""What an app that is new to the rules prints fits on a few screens, as docs/first-synth.md shows it."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bare_machine import BareMachine

ROOT = Path(__file__).parents[1]
APP = ROOT / "tests/new_to_rules"
PAGE = ROOT / "docs/first-synth.md"
PROSE = """\
# The first synth of an app

This is what the terminal shows for an app that knew nothing of the rules, on a machine without AWS
credentials and git. The app (`tests/new_to_rules`) has a Fargate service, workers, a database, a bucket, a
queue, and a function. These are 56 resources. A test runs the commands and compares.

- Each rule is shown once: its first places with the line of `app.py`, what to write instead, and why.
- What blocks comes first, and the rule with the most places before the others.
- A rule that warns gets one line.
- The summary comes last. It says what to fix first, and how to [adopt the rules](how-to/adopt.md) without
  fixing everything today.

`tts check cdk.out --verbose` shows every place. `cdk.out/validation-report.json` keeps every place too:
`cdk lsp` shows them in an editor at the lines of `app.py`.

Before, each place had a block of its own, such as the one below. The first synth printed {before} lines, and
the one after `tts baseline` {before_adopted}.

```text
{old}
```

Now:

```text
{shown}
```
"""
OLD = """\
app.py:37
FATAL Data at rest is encrypted.
Properties/StorageEncrypted: StorageEncrypted is not set; it must be true.
Why: Any system may hold what people have told the government in confidence. Encryption keeps a lost disk, a copied snapshot or a stolen backup from telling it on. (Handbook, "Other people's information": "Any system in AWS might have the public's information (as opposed to public data) at any time."; NIST SP 800-53 SC-28) (tts-constructs)
   Permits/Db/Resource (Db5D02A0A9) aws-cdk-lib.aws_rds.CfnDBInstance
   Suggested fix: Write `storage_encrypted=True`.
   Rule tts-constructs::TTS-DATA-001"""  # noqa: E501 - as it was printed
BEFORE, BEFORE_ADOPTED = 928, 957

MOST_LINES = 120
MOST_LINES_AFTER_A_BASELINE = 5
MOST_LINES_OF_WHAT_NO_BASELINE_COVERS = 25

COMMANDS = (
    "cdk synth --quiet",
    """printf '[baseline]\\nfile = "tts-baseline.toml"\\n' > tts.toml""",
    "tts baseline cdk.out --recorded-by forms@example.gov --recorded-on 2026-11-30",
    "cdk synth --quiet",
)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each command prints."""
    folder = tmp_path_factory.mktemp("machine")
    machine = BareMachine(folder)
    app = folder / "permits"
    shutil.copytree(APP, app, ignore=shutil.ignore_patterns("__pycache__", "cdk.out"))
    assert machine.sh("npm install aws-cdk", app).returncode == 0
    set_up = f"""
export PATH="$PWD/node_modules/.bin:$PATH" PYTHONPATH={shlex.quote(str(ROOT))}:"$PYTHONPATH"
tts() {{ python3 -c 'from tts_constructs.cli import main; main()' "$@"; }}
"""

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return machine.sh(f"{set_up}\n{command}", app)

    return [run(command).stdout for command in COMMANDS]


def lines_of_what_no_baseline_covers(adopted: str) -> int:
    """How many lines say what still blocks after a baseline, and the next steps for it."""
    blocks: list[str] = re.findall(r"^(?:UNKNOWN, )?BLOCKS .*\n(?:  .*\n)*", adopted, re.M)
    steps = re.findall(r"^(?:Next: 1|      [23])\. .*\n|^.*Subprocess exited with error 1$", adopted, re.M)
    return sum(block.count("\n") for block in blocks) + len(steps)


@pytest.mark.slow
def test_the_first_synth_prints_120_lines_at_most(printed: list[str]) -> None:
    lines = printed[0].splitlines()
    assert len(lines) <= MOST_LINES
    assert [line for line in lines if re.search(r"Acknowledge with|Suggested fix", line)] == []


@pytest.mark.slow
def test_a_synth_ends_with_the_summary_and_the_next_steps_though_lookups_are_pending(
    printed: list[str],
) -> None:
    for output in (printed[0], printed[-1]):
        said = output.splitlines()
        assert said[-5].endswith(" judged.")
        assert said[-4].startswith("Next: 1. Fix ")
        assert "`tts explain TTS-" in said[-3]
    assert "`tts baseline cdk.out`" in printed[0].splitlines()[-2]


@pytest.mark.slow
def test_after_a_baseline_only_what_it_cannot_cover_takes_more_than_5_lines(printed: list[str]) -> None:
    uncovered = lines_of_what_no_baseline_covers(printed[-1])
    assert 0 < uncovered <= MOST_LINES_OF_WHAT_NO_BASELINE_COVERS
    assert len(printed[-1].splitlines()) - uncovered <= MOST_LINES_AFTER_A_BASELINE


@pytest.mark.slow
def test_the_page_shows_what_is_printed(printed: list[str], request: pytest.FixtureRequest) -> None:
    shown = "\n".join(
        f"$ {command}\n{output}".rstrip() for command, output in zip(COMMANDS, printed, strict=True)
    )
    page = PROSE.format(before=BEFORE, before_adopted=BEFORE_ADOPTED, old=OLD, shown=shown)
    if request.config.getoption("--snapshot-update"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, (
        "renew it: pytest tests/test_first_synth.py --snapshot-update"
    )
