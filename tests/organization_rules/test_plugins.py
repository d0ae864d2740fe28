"""What is taken for a rule of an organization, and what is refused."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tts_constructs.errors import SettingsError
from tts_constructs.policy.examples import load_examples
from tts_constructs.policy.rules import catalog, library_rules
from tts_constructs.policy.rules.entry_points import examples_folder, organization_rules

Installer = Callable[[str, str], None]

RULE = """
from tts_constructs.policy.model.rule import Rule

def rule(id, **changes):
    texts = dict(title="T", why="W.", source="S.", fix="F.", decides="D.", controls=("SC-7(5)",))
    levels = dict(force="S", production="block", sandbox=None)
    checks = {"AWS::S3::Bucket": lambda bucket: iter(())}
    return Rule(id=id, **(texts | levels | {"checks": checks} | changes))
"""


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """Where the examples of an installed module stand; the rule NEW-1 has one."""
    folder = tmp_path / "examples"
    folder.mkdir()
    (folder / "NEW-1.yaml").write_text("- {title: Empty, verdict: pass, template: {Resources: {}}}\n")
    return folder


def refusal() -> str:
    with pytest.raises(SettingsError) as caught:
        catalog()
    return str(caught.value)


@pytest.mark.usefixtures("install")
def test_without_packages_the_catalog_is_that_of_the_library() -> None:
    assert catalog() == library_rules()


@pytest.mark.usefixtures("examples")
def test_rules_of_a_package_follow_those_of_the_library(install: Installer) -> None:
    install("new", RULE + 'RULES = (rule("NEW-1"),)')
    assert catalog()[:-1] == library_rules()
    assert [rule.id for rule in organization_rules()] == [catalog()[-1].id] == ["NEW-1"]


@pytest.mark.usefixtures("examples")
def test_a_rule_may_judge_stacks_alone(install: Installer) -> None:
    install("new", RULE + 'RULES = (rule("NEW-1", checks={}, stack_check=lambda stack: iter(())),)')
    assert [rule.id for rule in organization_rules()] == ["NEW-1"]


def test_examples_stand_beside_the_module_of_the_entry_point(install: Installer, examples: Path) -> None:
    install("new", RULE + 'RULES = (rule("NEW-1"),)')
    assert examples_folder("NEW-1") == examples
    assert (examples_folder("TTS-S3-001") / "TTS-S3-001.yaml").is_file()
    assert [example.title for example in load_examples("NEW-1")] == ["Empty"]


def test_packages_come_by_name(install: Installer, examples: Path) -> None:
    (examples / "OLD-1.yaml").write_text("[]")
    install("old", RULE + 'RULES = [rule("OLD-1")]')
    install("new", RULE + 'RULES = [rule("NEW-1")]')
    assert [rule.id for rule in organization_rules()] == ["NEW-1", "OLD-1"]


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("raise ValueError('oops')", "new (new 1.0) cannot be loaded (ValueError: oops)"),
        ("OTHER = ()", "new (new 1.0) cannot be loaded (AttributeError: "),
        ("RULES = 1", "names new:RULES, which holds no rules; write there RULES = (Rule(…), …)"),
        ("RULES = ()", "names new:RULES, which holds no rules"),
        ("RULES = ('NEW-1',)", "names new:RULES, which holds no rules"),
    ],
)
def test_a_package_that_holds_no_rules_is_refused(install: Installer, source: str, fault: str) -> None:
    install("new", source)
    assert fault in refusal()


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ('rule("TTS-NEW-1")', "TTS-NEW-1 begins with TTS-, as rules of this library do"),
        ('rule("../NEW-1")', "../NEW-1 isn't a rule ID"),
        ('rule("new-1")', "new-1 isn't a rule ID"),
        ('rule("NEW-2")', "NEW-2 has no examples; write them in "),
        ('rule("NEW-1", why=" ", fix="")', "NEW-1 has no why, fix"),
        ('rule("NEW-1", force="X")', "NEW-1 has the force 'X'; write one of M, S, P"),
        ('rule("NEW-1", sandbox="error")', "NEW-1 has a level that is none of block, warn and None"),
        ('rule("NEW-1", controls=("SC7",))', "NEW-1 names SC7; a control of NIST SP 800-53 is written SC-7"),
        ('rule("NEW-1", checks={})', "NEW-1 checks nothing"),
    ],
)
def test_a_rule_that_could_not_be_reported_is_refused(install: Installer, rule: str, fault: str) -> None:
    install("new", f"{RULE}RULES = ({rule},)")
    assert f"new (new 1.0): {fault}" in refusal()


@pytest.mark.usefixtures("examples")
def test_an_id_that_another_package_has_is_refused(install: Installer) -> None:
    for name in ("new", "old"):
        install(name, RULE + 'RULES = (rule("NEW-1"),)')
    assert "old (old 1.0): NEW-1 is a rule of new (new 1.0) already; write another id" in refusal()


@pytest.mark.usefixtures("examples")
def test_all_faults_of_all_packages_are_named_at_once(install: Installer) -> None:
    install("new", RULE + 'RULES = (rule("NEW-1", why=""), rule("NEW-1", fix=""))')
    install("old", "oops")
    message = refusal()
    assert "4 faults" in message
    for fault in ("NEW-1 has no why", "NEW-1 has no fix", "NEW-1 is a rule of", "old (old 1.0) cannot be"):
        assert fault in message


def test_a_package_that_cannot_be_used_ends_a_command_with_2(tmp_path: Path, install: Installer) -> None:
    install("new", "oops")
    (tmp_path / "a.yaml").write_text("Resources: {}")
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from tts_constructs.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "check", "a.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("tts: rules of an organization (entry points tts_constructs.rules): new ")
    assert len(done.stderr.splitlines()) == 1
