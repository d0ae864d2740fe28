"""Annotations of GitHub Actions, read back as its runner reads them."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.model.finding import Finding
from tts_constructs.printable import printable
from tts_constructs.report.formats import github

FindingMaker = Callable[..., Finding]
JudgmentMaker = Callable[..., Judgment]


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Command, properties and message of an annotation, by the rules of GitHub's runner."""
    assert line.startswith("::")
    head, _, data = line[2:].partition("::")
    command, _, stated = head.partition(" ")
    properties = dict(part.split("=", 1) for part in stated.split(","))

    def unescaped(text: str, *pairs: tuple[str, str]) -> str:
        for escape, character in (("%0D", "\r"), ("%0A", "\n"), *pairs, ("%25", "%")):
            text = text.replace(escape, character)
        return text

    more = (("%3A", ":"), ("%2C", ","))
    return command, {key: unescaped(value, *more) for key, value in properties.items()}, unescaped(data)


def annotation_of(judgment: Judgment) -> tuple[str, dict[str, str], str]:
    line, _ = github.render(judgment).split("\n")
    return read(line)


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, "error"),
        ({"verdict": "unknown"}, "error"),
        ({"level": "warn"}, "warning"),
        ({"waiver": "TICKET-1"}, "notice"),
        ({"waiver": "TICKET-1", "level": "warn"}, "notice"),
    ],
)
def test_the_command_says_what_a_finding_does(
    changes: dict[str, str], command: str, of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    assert annotation_of(of(make_finding(**changes)))[0] == command


def test_an_annotation_marks_the_line_of_the_python(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    _, properties, message = annotation_of(of(make_finding(source="benefits/app.py:42")))
    assert properties == {
        "file": "benefits/app.py",
        "line": "42",
        "title": "TTS-EC2-001 EC2 instances must be launched by an Auto Scaling group",
    }
    assert message == "Benefits/Web\nProperties/ImageId: It is alone.\nfix: Use TtsAsgService."


def test_an_annotation_marks_the_line_of_the_template(judged: JudgmentMaker) -> None:
    judgment = judged("Resources:\n  Web:\n    Type: AWS::EC2::Instance\n", rules="TTS-EC2-001")
    _, properties, _ = annotation_of(judgment)
    assert (properties["file"], properties["line"]) == ("app.yaml", "2")


def test_what_has_no_line_is_marked_at_its_file(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    _, properties, _ = annotation_of(of(make_finding(source="tts.toml")))
    assert properties["file"] == "tts.toml"
    assert "line" not in properties


def test_what_has_no_file_has_a_title(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    assert list(annotation_of(of(make_finding()))[1]) == ["title"]


def test_many_findings_of_a_rule_on_a_resource_are_an_annotation_each(
    of: JudgmentMaker, make_finding: FindingMaker
) -> None:
    findings = [make_finding(location=location) for location in ("A", "B")]
    *lines, _ = github.render(of(*findings)).split("\n")
    assert [read(line)[2].split("\n")[1] for line in lines] == ["A: It is alone.", "B: It is alone."]


def test_a_waiver_is_named(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    assert annotation_of(of(make_finding(waiver="TICKET-1")))[2].endswith("\nwaived: TICKET-1")


def test_the_summary_is_the_last_line_and_has_no_color(of: JudgmentMaker, make_finding: FindingMaker) -> None:
    assert github.render(of(make_finding())).split("\n")[-1] == (
        "1 finding blocks, 0 warn; 3 resources in 1 template judged."
    )


@example(title="100 %, 1:2", message="%0A, %25, %3A", file="50%,a.py")
@given(
    title=st.text(),
    message=st.text(),
    file=st.text(st.characters(blacklist_characters=":"), min_size=1),
)
def test_any_finding_is_one_line_and_is_read_back_as_a_terminal_shows_it(
    of: JudgmentMaker, make_finding: FindingMaker, title: str, message: str, file: str
) -> None:
    command, properties, text = annotation_of(
        of(make_finding(title=title, message=message, source=f"{file}:7"))
    )
    assert command == "error"
    title = printable(f"TTS-EC2-001 {title}")
    assert properties == {"file": printable(file), "line": "7", "title": title}
    location = printable(f"Properties/ImageId: {message}")
    assert text == f"Benefits/Web\n{location}\nfix: Use TtsAsgService."
