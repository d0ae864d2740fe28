"""The registration record: which systems an assembly holds, and the message about them."""

import json
from pathlib import Path
from typing import Any

from tts_constructs.policy.loading.reader import add_nested, add_stack
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.records.registration import FILE_NAME, message, registrations, write
from tts_constructs.policy.settings.model import Settings

RECORD = {
    "version": 1,
    "system": "Prod/Web/System",
    "project": "benefits",
    "environment": "production",
    "owner": "benefits@example.gov",
    "data_sensitivity": "sensitive",
    "repository": "https://git.example.gov/benefits.git",
    "commit": "0123456789" * 4,
    "dirty": False,
}


def assembly(**stacks: tuple[Any, str | None]) -> Assembly:
    """An assembly of stacks, each with its record and region."""
    made = Assembly(Settings())
    for name, (record, region) in stacks.items():
        add_stack(made, {"Metadata": {"TTS": record}, "Resources": {}}, name, region=region)
    return made


def test_stacks_that_say_the_same_are_one_system_with_their_regions() -> None:
    (system,) = registrations(
        assembly(Web=(RECORD, "us-gov-west-1"), Data=(RECORD, "us-gov-east-1"), Any=(RECORD, None))
    )
    assert system.stacks == ("Any", "Data", "Web")
    assert system.regions == ("us-gov-east-1", "us-gov-west-1")


def test_a_system_has_what_its_record_states() -> None:
    (system,) = registrations(assembly(Web=(RECORD, "us-east-1")))
    assert {name: getattr(system, name) for name in RECORD if name != "version"} == {
        name: value for name, value in RECORD.items() if name != "version"
    }


def test_stacks_that_differ_in_their_record_are_two_systems() -> None:
    sandbox = RECORD | {"environment": "sandbox"}
    systems = registrations(assembly(Web=(RECORD, "us-east-1"), Try=(sandbox, "us-east-1")))
    assert [(system.environment, system.stacks) for system in systems] == [
        ("production", ("Web",)),
        ("sandbox", ("Try",)),
    ]


def test_a_stack_without_a_record_is_of_no_system() -> None:
    assert registrations(assembly(Web=({}, "us-east-1"), Other=(None, None))) == ()


def test_a_nested_stack_is_not_named_beside_the_stack_that_holds_it() -> None:
    made = Assembly(Settings())
    body = {
        "Metadata": {"TTS": RECORD},
        "Resources": {"Nested": {"Type": "AWS::CloudFormation::Stack"}},
    }
    web = add_stack(made, body, "Web", region="us-east-1")
    add_nested(web.resources["Nested"], {"Metadata": {"TTS": RECORD}, "Resources": {}})
    assert [system.stacks for system in registrations(made)] == [("Web",)]


def test_what_is_no_text_is_not_stated() -> None:
    record = {"project": {"Ref": "Project"}, "owner": 1, "dirty": "no"}
    (system,) = registrations(assembly(Web=(record, None)))
    assert (system.project, system.owner, system.commit, system.dirty) == (None, None, None, None)
    assert system.system == "Web"


def test_names_with_an_account_id_are_shown_without_it() -> None:
    record = RECORD | {"system": "Web-111122223333/System"}
    (system,) = registrations(assembly(**{"Web-111122223333": (record, None)}))
    assert system.system == "Web-<account>/System"
    assert system.stacks == ("Web-<account>",)


def test_the_record_is_a_file_of_the_assembly(tmp_path: Path) -> None:
    write(tmp_path, registrations(assembly(Web=(RECORD, "us-east-1"))))
    assert json.loads((tmp_path / FILE_NAME).read_text()) == {
        "version": 1,
        "systems": [
            {name: value for name, value in RECORD.items() if name != "version"}
            | {"stacks": ["Web"], "regions": ["us-east-1"]}
        ],
    }


def test_the_message_says_all_that_a_person_asks() -> None:
    assert message(registrations(assembly(Web=(RECORD, "us-gov-west-1")))) == (
        "*benefits* (production)\n"
        "• Owner: benefits@example.gov\n"
        "• System: Prod/Web/System\n"
        "• Repository: https://git.example.gov/benefits.git\n"
        f"• Commit: {RECORD['commit']}\n"
        "• Data: sensitive\n"
        "• Stacks: Web\n"
        "• Regions: us-gov-west-1"
    )


def test_the_message_says_that_the_tree_had_changes() -> None:
    systems = registrations(assembly(Web=(RECORD | {"dirty": True}, None)))
    assert f"• Commit: {RECORD['commit']} (with changes that are not committed)\n" in message(systems)


def test_the_message_says_what_is_not_stated() -> None:
    text = message(registrations(assembly(Web=({"project": "benefits"}, None))))
    assert text.startswith("*benefits* (not stated)\n• Owner: not stated\n")
    assert "• Commit: not stated\n" in text
    assert text.endswith("• Regions: not stated")


def test_systems_stand_apart_in_the_message() -> None:
    systems = registrations(assembly(Web=(RECORD, None), Try=(RECORD | {"project": "forms"}, None)))
    assert "\n\n*forms* (production)\n" in message(systems)
