"""What is shown of an example."""

from pathlib import Path

import pytest

from tts_constructs.policy.examples import load_examples
from tts_constructs.policy.loading.yaml_parser import parse_yaml
from tts_constructs.policy.rules import library_rules
from tts_constructs.report.rule_docs.example_source import texts

SAID_IN_WORDS = {"title", "verdict", "at", "level"}


def shown(folder: Path, text: str) -> list[str]:
    (folder / "NEW-1.yaml").write_text(text, encoding="utf-8")
    return texts(load_examples("NEW-1", folder))


@pytest.mark.parametrize("rule_id", [rule.id for rule in library_rules()])
def test_what_is_shown_is_what_is_judged(rule_id: str) -> None:
    examples = load_examples(rule_id)
    for example, text in zip(examples, texts(examples), strict=True):
        stated = {key: value for key, value in example.data.items() if key not in SAID_IN_WORDS}
        expected = stated["template"] if set(stated) == {"template"} else stated
        assert parse_yaml(f"{text}\n", example.title) == expected, text


def test_a_template_stands_alone_as_it_is_written(tmp_path: Path) -> None:
    text = "- title: A\n  verdict: pass\n  template:\n    # why\n    Resources: {B: {Type: !Sub x}}\n"
    assert shown(tmp_path, text) == ["# why\nResources: {B: {Type: !Sub x}}"]


def test_what_else_an_example_states_stands_beside_its_template(tmp_path: Path) -> None:
    text = (
        "- title: A\n  verdict: violation\n  at: [B]\n  level: warn\n"
        "  region: us-west-2\n  template:\n    Resources: {}\n\n- title: B\n  verdict: pass\n  template: {}\n"
    )
    assert shown(tmp_path, text)[0] == "region: us-west-2\ntemplate:\n  Resources: {}"


def test_what_refers_to_another_example_is_written_out(tmp_path: Path) -> None:
    text = (
        "- title: A\n  verdict: pass\n  template: &a\n    Resources: {B: {Type: C}}\n"
        "- title: B\n  verdict: pass\n  template: *a\n"
    )
    assert shown(tmp_path, text) == [
        "Resources: {B: {Type: C}}",
        "Resources:\n  B:\n    Type: C",
    ]


def test_an_anchor_is_shown_only_where_something_refers_to_it(tmp_path: Path) -> None:
    text = "- title: A\n  verdict: pass\n  template:\n    A: &a x\n    B: &b y\n    C: *b\n"
    assert shown(tmp_path, text) == ["A: x\nB: &b y\nC: *b"]


def test_a_rule_without_examples_shows_none() -> None:
    assert texts(()) == []
