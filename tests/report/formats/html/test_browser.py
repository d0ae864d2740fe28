"""The HTML report in a real Chromium: pages are made here, `browser/report.test.mjs` opens them."""

import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.review import review
from tts_constructs.policy.settings.model import BaselineSettings, Settings, WaiverSettings
from tts_constructs.policy.suppressions import baseline, baseline_file
from tts_constructs.report.formats import html

ROOT = Path(__file__).parents[4]
HERE = Path(__file__).parent / "browser"
SAMPLE = (
    ROOT
    / "tests/__snapshots__/test_sample_app/test_the_sample_app_renders_as_reviewed[Benefits-Production].json"
)
HOSTILE = "<script>window.hacked=1</script>\"'><img src=x onerror=window.hacked=1>"
NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
TODAY = NOW.date()
WAIVER = """
[[waiver]]
rule = "TTS-EC2-001"
path = "bad/Server"
reason = "It moves behind a group in May."
approved_by = "A. Person"
ticket = "OPS-1"
expires = 2026-05-31
"""
COMMANDS = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((command for name in COMMANDS if name and (command := shutil.which(name))), None)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages that the browser opens, each of one or more templates."""
    folder = tmp_path_factory.mktemp("pages")
    handle: dict[str, Any] = {"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
    hostile = {
        "Metadata": {"TTS": {"version": 1, "system": HOSTILE, "project": HOSTILE, "commit": HOSTILE}},
        "Resources": {
            HOSTILE: {"Type": "AWS::EC2::Instance", "Properties": {"KeyName": HOSTILE}},
            "Vpc": {"Type": "AWS::EC2::VPC", "Metadata": {"aws:cdk:path": HOSTILE}},
            "Subnet": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": {"Ref": "Vpc"}, "AvailabilityZone": HOSTILE},
            },
        },
    }
    many = {"Resources": {f"Bucket{number:04}": {"Type": "AWS::S3::Bucket"} for number in range(560)}}
    _page(folder, "clean", clean=handle)
    _page(folder, "hostile", hostile=hostile)
    _page(folder, "many", many=many)
    _page(folder, "sample", sample=json.loads(SAMPLE.read_text(encoding="utf-8")))
    waivers = folder / "waivers.toml"
    waivers.write_text(WAIVER, encoding="utf-8")
    bad = (HERE / "bad.yaml").read_text(encoding="utf-8")
    waits: dict[str, Any] = {"Resources": {"Wait": {"Type": "AWS::CloudFormation::WaitCondition"}}}
    _page(folder, "bad", Settings(waivers=WaiverSettings(waivers)), bad=bad, clean=waits)
    _accepted(folder)
    return folder


def _accepted(folder: Path) -> None:
    """Makes a page on which nothing blocks, but somebody accepts a lot: with all that can allow a finding."""
    file, old = folder / "accepted.toml", HERE / "accepted.yaml"
    file.write_text(WAIVER.replace("bad/", "accepted/"), encoding="utf-8")
    settings = Settings(
        waivers=WaiverSettings(file),
        baseline=BaselineSettings(folder / "baseline.toml", until=date(2026, 9, 30)),
    )
    template = old.read_text(encoding="utf-8")
    _page(folder, "accepted", settings, accepted=template)
    found = review(read_assembly([folder / "accepted"], settings), today=TODAY).found
    recorded = baseline_file.Recorded("A. Recorder", date(2026, 2, 1))
    baseline_file.write_baseline(folder / "baseline.toml", baseline.entries_for(found), recorded=recorded)
    _page(folder, "accepted", settings, accepted=template)


def _page(
    folder: Path, name: str, settings: Settings | None = None, **templates: dict[str, Any] | str
) -> None:
    (folder / name).mkdir(exist_ok=True)
    for stack, template in templates.items():
        text = template if isinstance(template, str) else json.dumps(template)
        (folder / name / f"{stack}.yaml").write_text(text, encoding="utf-8")
    report = html.render(review(read_assembly([folder / name], settings), today=TODAY).judgment, when=NOW)
    (folder / f"{name}.html").write_text(report, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here; `make browser` says how to get one")
def test_the_report_works_in_chromium(pages: Path) -> None:
    done = subprocess.run(
        ["node", "--test", "--test-reporter=spec", str(HERE / "report.test.mjs")],
        env={**os.environ, "PAGES": str(pages), "CHROMIUM": str(CHROMIUM)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped 0" in done.stdout
