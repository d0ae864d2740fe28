"""A page, as Markdown and in a terminal."""

import click
import pytest

from tts_constructs.report.rule_docs.markup import Code, Heading, Link, Paragraph, Table, markdown, terminal

LINKED = ("See ", Link("TTS-S3-001", "rules/TTS-S3-001.md"), ".")


def shown(*blocks: Code | Heading | Paragraph | Table) -> str:
    return click.unstyle(terminal(blocks))


def test_blocks_stand_apart() -> None:
    assert markdown([Heading(1, "A"), Paragraph(("b",))]) == "# A\n\nb\n"
    assert shown(Heading(1, "A"), Paragraph(("b",))) == "A\n\nb"


def test_sections_stand_in_capitals_in_a_terminal() -> None:
    assert shown(Heading(1, "Rule"), Heading(2, "Why"), Heading(3, "Example")) == "Rule\n\nWHY\nExample"
    assert markdown([Heading(3, "Example")]) == "### Example\n"


def test_a_link_is_its_words_in_a_terminal() -> None:
    assert markdown([Paragraph(LINKED)]) == "See [TTS-S3-001](rules/TTS-S3-001.md).\n"
    assert shown(Paragraph(LINKED)) == "See TTS-S3-001."


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("an Allow of * on s3:*", r"an Allow of \* on s3:\*"),
        ("(Custom::<name>)", r"(Custom::\<name>)"),
        ("owners=[…]", r"owners=\[…]"),
        ("a|b", r"a\|b"),
        ("`s3:*` and *", r"`s3:*` and \*"),
        ("rds.force_ssl", "rds.force_ssl"),
    ],
)
def test_markdown_shows_text_as_it_is(text: str, written: str) -> None:
    assert markdown([Paragraph((text,))]) == f"{written}\n"
    assert shown(Paragraph((text,))) == text


def test_a_table_is_aligned_in_a_terminal() -> None:
    table = Table(("rule", "level"), ((LINKED, ("warns",)), (("x",), ("blocks",))))
    assert shown(table).splitlines() == [
        "rule             level",
        "See TTS-S3-001.  warns",
        "x                blocks",
    ]
    assert markdown([table]).splitlines() == [
        "| rule | level |",
        "| --- | --- |",
        "| See [TTS-S3-001](rules/TTS-S3-001.md). | warns |",
        "| x | blocks |",
    ]


def test_yaml_is_indented_in_a_terminal() -> None:
    assert shown(Code("a:\n  b: 1")) == "    a:\n      b: 1"
    assert markdown([Code("a: 1")]) == "```yaml\na: 1\n```\n"


def test_a_paragraph_is_wrapped_in_a_terminal_only() -> None:
    long = Paragraph(("word " * 40,))
    assert max(map(len, shown(long).splitlines())) <= 100
    assert len(markdown([long]).splitlines()) == 1
