"""`tts rules`."""

import json

from click.testing import CliRunner, Result

from tts_constructs.cli.main import tts
from tts_constructs.policy.rules import catalog


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tts, ["rules", *arguments])


def test_every_rule_is_listed_with_its_levels() -> None:
    heading, *lines = run().output.splitlines()
    assert heading.split() == ["rule", "what", "it", "requires", "production", "sandbox", "development"]
    assert [line.split()[0] for line in lines] == [rule.id for rule in catalog()]
    (line,) = [line for line in lines if line.startswith("TTS-S3-004 ")]
    assert " ".join(line.split()) == "TTS-S3-004 Access to buckets must be logged blocks not evaluated blocks"


def test_the_json_has_a_version_and_all_rules() -> None:
    listed = json.loads(run("--format", "json").output)
    assert listed["version"] == 1
    assert [rule["id"] for rule in listed["rules"]] == [rule.id for rule in catalog()]


def test_the_json_of_a_rule_names_its_levels() -> None:
    listed = json.loads(run("--format", "json").output)["rules"]
    (keys,) = [rule for rule in catalog() if rule.id == "TTS-KMS-001"]
    assert [rule for rule in listed if rule["id"] == keys.id] == [
        {
            "id": "TTS-KMS-001",
            "title": "KMS keys must rotate, and their policies must limit who can use them",
            "levels": {"production": "block", "sandbox": None, "development": "warn"},
            "force": "P",
            "waivable": True,
            "controls": list(keys.controls),
        }
    ]


def test_a_format_that_there_is_not_is_refused() -> None:
    result = run("--format", "xml")
    assert result.exit_code == 2
    assert "'xml' is not one of 'text', 'json'" in result.output


def test_the_help_shows_an_example() -> None:
    assert "tts rules --format json" in run("--help").output


def test_the_rules_are_an_oscal_component_definition_too() -> None:
    result = CliRunner().invoke(tts, ["rules", "--format", "oscal"])
    assert result.exit_code == 0
    components = json.loads(result.output)["component-definition"]["components"]
    assert [component["title"] for component in components] == [
        "TtsSystem",
        "TtsAsgService",
        "TtsBucket",
        "TtsGuardrails",
    ]
