"""A team's first month with the rules, through `tts check`: what the whole of it feels like."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tts_constructs.cli.main import tts
from tts_constructs.policy import review

RULES = "TTS-EC2-001,TTS-NET-002"
GROUP = (
    "Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupIngress: "
    "[{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}]}}"
)
INSTANCE = "Batch: {Type: AWS::EC2::Instance}"
CLOSED = GROUP.replace("22", "443")


@dataclass(frozen=True)
class Checked:
    """What `tts check` said."""

    exit_code: int
    report: dict[str, Any]

    def blocking(self) -> list[str]:
        return [
            finding["rule_id"]
            for finding in self.report["findings"]
            if finding["level"] == "block" and not finding["waiver"]
        ]


@dataclass
class Month:
    """A team's folder, and the day."""

    folder: Path
    today: date

    def write(self, *resources: str) -> None:
        text = ", ".join(["Vpc: {Type: AWS::EC2::VPC}", *resources])
        (self.folder / "benefits.yaml").write_text(f"Resources: {{{text}}}")

    def run(self, *arguments: str) -> Any:
        return CliRunner().invoke(tts, arguments, catch_exceptions=False)

    def check(self) -> Checked:
        result = self.run("check", "benefits.yaml", "--select", RULES, "--format", "json")
        return Checked(result.exit_code, json.loads(result.output))


@pytest.fixture
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Month:
    monkeypatch.chdir(tmp_path)
    month = Month(tmp_path, date(2026, 3, 2))
    today: Callable[[], date] = lambda: month.today  # noqa: E731
    monkeypatch.setattr(review, "utc_today", today)
    return month


WAIVER = """
[[waiver]]
rule = "TTS-EC2-001"
path = "benefits/Nightly"
reason = "moves to a group with the next release"
approved_by = "infrastructure@example.gov"
ticket = "OPS-12"
expires = 2026-03-20
"""


def test_a_team_adopts_the_rules_and_is_clean_after_a_month(month: Month) -> None:
    # 2 March: the app exists and breaks two rules.
    month.write(GROUP, INSTANCE)
    first = month.check()
    assert first.exit_code == 1
    assert sorted(first.blocking()) == ["TTS-EC2-001", "TTS-NET-002"]

    # It adopts the rules with a baseline: from now on only what is new blocks.
    (month.folder / "tts.toml").write_text('[baseline]\nfile = "tts-baseline.toml"')
    assert month.run("baseline", "benefits.yaml").exit_code == 0
    adopted = month.check()
    assert adopted.exit_code == 0
    assert adopted.report["summary"]["waived"] == 2

    # 4 March: a second instance is new, and blocks.
    month.today = date(2026, 3, 4)
    month.write(GROUP, INSTANCE, INSTANCE.replace("Batch", "Nightly"))
    assert month.check().blocking() == ["TTS-EC2-001"]

    # The infrastructure team allows it until 20 March; that is soon, so it warns.
    (month.folder / "tts-waivers.toml").write_text(WAIVER)
    (month.folder / "tts.toml").write_text(
        '[baseline]\nfile = "tts-baseline.toml"\n[waivers]\nfile = "tts-waivers.toml"'
    )
    allowed = month.check()
    assert allowed.exit_code == 0
    assert allowed.report["summary"] == {
        "block": 0, "warn": 1, "waived": 3, "resources": 4, "templates": 1,
    }  # fmt: skip
    (nightly,) = (f for f in allowed.report["findings"] if f["logical_id"] == "Nightly")
    assert "infrastructure@example.gov" in nightly["waiver"]

    # 20 March is its last day; on the 21st the finding is back, and the waiver is one too.
    month.today = date(2026, 3, 20)
    assert month.check().exit_code == 0
    month.today = date(2026, 3, 21)
    expired = month.check()
    assert expired.exit_code == 1
    assert sorted(expired.blocking()) == ["TTS-EC2-001", "TTS-WAIVER"]

    # The instance is gone: the waiver is left over until it is removed.
    month.write(GROUP, INSTANCE)
    assert month.check().blocking() == ["TTS-WAIVER"]
    (month.folder / "tts-waivers.toml").write_text("")
    assert month.check().exit_code == 0

    # What the baseline knew is fixed too: its entries are left over until they are taken out.
    month.write(CLOSED)
    assert month.check().blocking() == ["TTS-BASELINE", "TTS-BASELINE"]
    assert month.run("baseline", "benefits.yaml", "--prune").exit_code == 0
    assert month.check().exit_code == 0

    # Both files go, and nothing is left that lets anything pass.
    for name in ("tts.toml", "tts-waivers.toml", "tts-baseline.toml"):
        (month.folder / name).unlink()
    clean = month.check()
    assert (clean.exit_code, clean.report["summary"]["waived"]) == (0, 0)
    month.write(CLOSED, INSTANCE)
    assert month.check().exit_code == 1
