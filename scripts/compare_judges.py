"""Renews docs/comparison.md: what each judge finds in an app that breaks each rule once, and in ours.

Run by `make compare`, in the environment of the group e2e; it takes some minutes.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

import aws_cdk as cdk

from tests import raw_app
from tests.judges.judges import CONTEXT, JUDGES, OURS, Finding, attach, findings, plain
from tests.raw_app.app import build
from tests.raw_app.faults import FAULTS
from tts_constructs.policy.rules import catalog
from tts_constructs.synth import metadata
from tts_constructs.synth.git_provenance import Provenance

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/comparison.md"
ACCEPTED = ROOT / "tests/judges/accepted.toml"
PROJECT = Path(raw_app.__file__).parent

CLEAN = "clean"
"""Folder of the app without a fault."""

_HEAD = """\
# What each judge finds

`make compare` writes this page: {versions}.

## In an app that breaks each rule once

`tests/raw_app` is an app of raw resources that meets every rule. We have one fault for each rule, and put
each fault into the app by itself. If a judge then says something that it doesn't say about the app without a
fault, the fault counts as found. This count is generous, because the judge may mean something else. All
judges read the same assembly, each with its default rules. For cdk-nag we use two of its packs.

Most of the faults that others don't find are about rules that only TTS has: a system must be registered, its
image must be the baseline, and a sandbox must not contain real data. And many faults are overrides of a
property, as teams write them. cdk-nag doesn't see those, because it reads the constructs and not the
template. The second part lists what others ask for beyond our catalog.

"""

_OURS = """
## In what our constructs make

The other judges also check everything that the constructs and the sample app make (`make e2e`). We fix what
they find, or list it here with the reason why we accept it (`tests/judges/accepted.toml`). `*` matches
anything. The test fails if a finding isn't accepted, or if an accepted finding is no longer found.

"""


def main() -> None:
    """Judges the app with each fault, and writes the page."""
    origin = Provenance("https://git.example.gov/forms.git", "0123456789abcdef" * 2 + "01234567", dirty=False)
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(PROJECT),  # where its settings are
        patch.object(metadata, "provenance", return_value=origin),
    ):
        for name in (CLEAN, *FAULTS):
            _synthesize(Path(folder) / name, name)
            print(f"synthesized {name}")
        found = findings(Path(folder))
    PAGE.write_text("".join(_page(found)), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


def _synthesize(folder: Path, fault: str) -> None:
    """Synthesizes the app, with the fault of a rule or `CLEAN`."""
    recorded = json.loads((PROJECT / "cdk.context.json").read_text(encoding="utf-8"))
    built = build(cdk.App(outdir=str(folder), context=recorded | CONTEXT))
    if fault in FAULTS:
        FAULTS[fault](built)
    attach(built.app)
    with contextlib.suppress(RuntimeError):  # the judges find something, and the CDK then raises
        built.app.synth()


def _page(found: Sequence[Finding]) -> Iterator[str]:
    said = {name: _said_in(found, name) for name in (CLEAN, *FAULTS)}
    by_fault = {name: said[name] - said[CLEAN] for name in FAULTS}
    yield _HEAD.format(versions=_versions())
    judges = {OURS: "tts_constructs", **JUDGES}
    yield "| judge | faults found |\n|---|---|\n"
    for judge, name in judges.items():
        count = sum(any(one[0] == judge for one in new) for new in by_fault.values())
        yield f"| {name} | {count} of {len(FAULTS)} |\n"
    yield f"\n| rule | {' | '.join(judges.values())} |\n|---|{'---|' * len(judges)}\n"
    titles = {rule.id: rule.title for rule in catalog()}
    for rule_id, new in by_fault.items():
        cells = [_cell({one[1] for one in new if one[0] == judge}) for judge in judges]
        yield f"| [{rule_id}](rules/{rule_id}.md) {titles[rule_id]} | {' | '.join(cells)} |\n"
    yield _OURS
    yield "| rules | where | why it stays |\n|---|---|---|\n"
    for entry in tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))["accepted"]:
        rules, paths = (", ".join(f"`{one}`" for one in entry[key]) for key in ("rules", "paths"))
        yield f"| {rules} | {paths} | {' '.join(entry['reason'].split())} |\n"


def _said_in(found: Sequence[Finding], assembly: str) -> set[tuple[str, str, str]]:
    """Judge, rule and construct of what was said of an assembly."""
    return {
        (one.judge, plain(one.rule), one.path)
        for one in found
        if one.assembly == assembly and one.rule != "TTS-SUMMARY"  # which says that something else blocks
    }


def _cell(rules: set[str]) -> str:
    return ", ".join(f"`{rule}`" for rule in sorted(rules)) or "-"


def _versions() -> str:
    names = ("aws-cdk-lib", "cdk-nag", "cfn-lint", "checkov")
    return ", ".join(f"{name} {version(name)}" for name in names)


if __name__ == "__main__":
    main()
