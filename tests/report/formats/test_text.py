"""What the text report folds: findings of several rules about one property."""

from typing import Any

import click

from tests.policy.judging import RULES, app
from tts_constructs.policy.engine.judge import judge
from tts_constructs.report.formats import text


def report(properties: dict[str, Any], *rule_ids: str) -> str:
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}
    judgment = judge(app({"Web": group}), [RULES[rule_id] for rule_id in rule_ids])
    return click.unstyle(text.render(judgment))


def ingress(*ports: int) -> dict[str, Any]:
    rules = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "0.0.0.0/0"} for port in ports]
    return {"SecurityGroupIngress": rules}


def test_a_port_that_breaks_two_rules_is_shown_once_with_both() -> None:
    shown = report(ingress(22), "TTS-NET-001", "TTS-NET-002")
    assert shown.count("BLOCKS") == 1
    assert "    also TTS-NET-002: " in shown
    assert shown.count("  fix: ") == 2
    assert shown.splitlines()[-1].startswith("2 findings block")


def test_what_a_rule_finds_elsewhere_too_is_shown_in_a_block_of_its_own() -> None:
    shown = report({**ingress(22), "GroupDescription": "x"}, "TTS-NET-002", "TTS-NET-003")
    assert shown.count("BLOCKS") == 2
    assert "also" not in shown


def test_only_the_places_that_a_rule_shares_name_it() -> None:
    lines = report(ingress(8080, 22), "TTS-NET-001", "TTS-NET-002").splitlines()
    (also,) = (number for number, line in enumerate(lines) if "also TTS-NET-002" in line)
    places = [line for line in lines[:also] if line.startswith("  - ")]
    assert "SecurityGroupIngress/1" in places[-1]
