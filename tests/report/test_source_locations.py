"""Where a finding is shown: the app's Python, else the line of the resource in its template."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.policy.engine.judgment import JudgedStack, Judgment
from tts_constructs.policy.model.assembly import Assembly, Lookups
from tts_constructs.policy.model.finding import Finding
from tts_constructs.policy.model.origin import Origins
from tts_constructs.policy.model.stack import Stack
from tts_constructs.policy.settings.model import Settings
from tts_constructs.report import source_locations
from tts_constructs.report.source_locations import SourceLocation, SourceLocations, lines_of
from tts_constructs.system_metadata import Environment

YAML = """\
Description: Web is described here.
Parameters:
  Web: {Type: String}
Resources:
  # Web: no
  "Web":
    Type: AWS::EC2::Instance
    Properties: {ImageId: !Ref Web}
"""


def test_the_line_of_the_apps_python_comes_first(
    make_finding: Callable[..., Finding], judged: Callable[..., Judgment]
) -> None:
    finding = make_finding(stack="app", source="benefits/app.py:42")
    assert SourceLocations(judged(YAML)).of(finding) == SourceLocation("benefits/app.py", 42)


def test_a_source_without_a_line_is_a_file(make_finding: Callable[..., Finding]) -> None:
    assert SourceLocations(Judgment((), 0, 0)).of(make_finding(source="tts.toml")) == SourceLocation(
        "tts.toml", None
    )


def test_a_resource_is_found_in_its_template(
    make_finding: Callable[..., Finding], judged: Callable[..., Judgment]
) -> None:
    assert SourceLocations(judged(YAML)).of(make_finding(stack="app")) == SourceLocation("app.yaml", 6)


def test_what_a_loop_made_has_the_file_alone(
    make_finding: Callable[..., Finding], judged: Callable[..., Judgment]
) -> None:
    assert SourceLocations(judged(YAML)).of(make_finding(stack="app", logical_id="WebA")) == SourceLocation(
        "app.yaml", None
    )


def test_a_finding_about_a_stack_has_the_file_alone(
    make_finding: Callable[..., Finding], judged: Callable[..., Judgment]
) -> None:
    assert SourceLocations(judged(YAML)).of(make_finding(stack="app", logical_id="")) == SourceLocation(
        "app.yaml", None
    )


def test_a_finding_about_no_stack_has_no_place(make_finding: Callable[..., Finding]) -> None:
    assert SourceLocations(Judgment((), 0, 0)).of(make_finding()) is None


def test_a_template_within_a_resource_is_where_that_resource_is(judged: Callable[..., Judgment]) -> None:
    inner = json.dumps({"Resources": {"Web": {"Type": "AWS::EC2::Instance"}}})
    stack_set = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": inner}}
    judgment = judged(
        json.dumps({"Resources": {"Everywhere": stack_set}}, indent=1), "app.json", "TTS-EC2-001"
    )
    (finding,) = judgment.findings
    assert finding.stack == "app/Everywhere"
    assert SourceLocations(judgment).of(finding) == SourceLocation("app.json", 3)


def test_of_a_file_outside_the_working_folder_the_name_alone_is_shown(
    judged: Callable[..., Judgment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judgment = judged(YAML, str(tmp_path / "app.yaml"), "TTS-EC2-001")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    (finding,) = judgment.findings
    assert SourceLocations(judgment).of(finding) == SourceLocation("app.yaml", 6)


def test_a_file_below_the_working_folder_is_shown_from_there(
    judged: Callable[..., Judgment], tmp_path: Path
) -> None:
    (tmp_path / "cdk.out").mkdir()
    judgment = judged(YAML, str(tmp_path / "cdk.out" / "app.yaml"), "TTS-EC2-001")
    assert SourceLocations(judgment).of(judgment.findings[0]) == SourceLocation("cdk.out/app.yaml", 6)


def test_the_lines_of_a_template_are_counted_once_and_only_for_a_line_in_it(
    judged: Callable[..., Judgment], monkeypatch: pytest.MonkeyPatch
) -> None:
    judgment = judged(YAML, rules="TTS-EC2-001")
    (finding,) = judgment.findings
    counted: list[str] = []

    def lines_of(text: str) -> dict[str, int]:
        counted.append(text)
        return {}

    monkeypatch.setattr(source_locations, "lines_of", lines_of)
    places_of = SourceLocations(judgment)
    places_of.of(replace(finding, source="app.py:1"))
    places_of.of(replace(finding, logical_id=""))
    assert counted == []
    places_of.of(finding)
    places_of.of(finding)
    assert counted == [YAML]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('{"Resources": {"A": {"Type": "T"}}}', {"A": 1}),
        ('\ufeff\n{\n"Resources":{\n\n"A":{}, "B" :\n{}\n,"C":{}}}', {"A": 5, "B": 5, "C": 7}),
        ('{"Metadata": {\n"Resources": {"A": "}"}},\n"Resources": {"B": "\\"{"}}', {"B": 3}),
        ('{"Resources": {"A":\n"\\\\",\n"\\u0042": [1, {"C": 2}]},\n"Outputs": {"D": {}}}', {"A": 1, "B": 3}),
        ("{}", {}),
        ('{"Resources": {}}', {}),
    ],
)
def test_resources_are_found_in_json(text: str, lines: dict[str, int]) -> None:
    assert lines_of(text) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (YAML, {"Web": 6}),
        ("Metadata: {Resources: {A: 1}}\nResources: {\n  A: {}, B: {}}", {"A": 3, "B": 3}),
        ("Resources:\n  A: !Sub |\n    B: no\n  ? C\n  : {}\n", {"A": 2, "C": 4}),
        ("Resources: !Transform {Name: X}", {"Name": 1}),
        ("Resources: []", {}),
        ("- Resources", {}),
    ],
)
def test_resources_are_found_in_yaml(text: str, lines: dict[str, int]) -> None:
    assert lines_of(text) == lines


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    before=st.dictionaries(st.text().filter(lambda key: key != "Resources"), _JSON, max_size=3),
    resources=st.dictionaries(st.text(min_size=1), _JSON, max_size=5),
    ascii_=st.booleans(),
)
def test_each_line_found_in_any_json_holds_the_logical_id(
    before: dict[str, object], resources: dict[str, object], ascii_: bool
) -> None:
    text = json.dumps({**before, "Resources": resources}, indent=2, ensure_ascii=ascii_)
    lines = lines_of(text)
    assert list(lines) == list(resources)
    for logical_id, line in lines.items():
        written = json.dumps(logical_id, ensure_ascii=ascii_)
        assert text.split("\n")[line - 1].startswith(f"    {written}: ")


def test_a_finding_about_a_stack_is_at_the_line_that_makes_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_finding: Callable[..., Finding]
) -> None:
    monkeypatch.chdir(tmp_path)
    trace = {"type": "aws:cdk:creationStack", "data": [f"<module> ({tmp_path}/app.py:3)"]}
    stack = Stack(Assembly(Settings(), Lookups()), "Prod", {}, origins=Origins(lambda _: {"/Prod": [trace]}))
    judged = JudgedStack(stack, Environment.PRODUCTION, whole=True, resources=0)
    sources = SourceLocations(Judgment((), resources=0, templates=1, stacks=(judged,)))
    assert sources.of(make_finding(stack="Prod", logical_id="")) == SourceLocation("app.py", 3)
