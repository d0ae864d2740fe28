"""What is judged in a folder: every template, known by its content, and nothing of others."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.on_disk import QUEUE, names, write
from tts_constructs.errors import InputError
from tts_constructs.files import MAX_BYTES
from tts_constructs.policy.loading.folders import is_manifest
from tts_constructs.policy.loading.reader import read_assembly

TEMPLATE = json.dumps({"Resources": {"Q": QUEUE}})
YAML = "Resources:\n  Q: {Type: AWS::SQS::Queue}\n"


def skipped_in(folder: Path) -> dict[str, str]:
    skipped: dict[str, str] = {}
    read_assembly(
        [folder], skip=lambda one: skipped.update({one.path.relative_to(folder).as_posix(): one.why})
    )
    return skipped


def write_cdk_out(folder: Path, name: str = "App") -> None:
    write(folder / f"{name}.template.json", TEMPLATE)
    write(folder / "old.template.json", TEMPLATE)
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111111111111/us-gov-west-1",
        "properties": {"templateFile": f"{name}.template.json", "terminationProtection": True},
    }
    write(folder / "manifest.json", {"version": "50.0.0", "artifacts": {name: artifact}})


def test_a_folder_holds_templates_and_skips_other_files(tmp_path: Path) -> None:
    write(tmp_path / "package.json", {"name": "x"})
    write(tmp_path / "notes.yaml", "just: notes")
    write(tmp_path / "b/queue.yml", YAML)
    write(tmp_path / "a.template.json", TEMPLATE)
    assert names(read_assembly([tmp_path])) == ["a", "b/queue"]
    assert skipped_in(tmp_path) == {"notes.yaml": "not a template", "package.json": "not a template"}


# Names and content


@pytest.mark.parametrize("name", ["t.JSON", "t.Yaml", "t.cfn", "t.tpl", "t.txt", "t", ".t", "t.template"])
@pytest.mark.parametrize(
    "text",
    [
        TEMPLATE,
        YAML,
        f"\ufeff{TEMPLATE}",
        '{"Resourc\\u0065s": {"Q": {"Type": "AWS::SQS::Queue"}}}',
        '{"Resources" : {}}',
        '{"AWSTemplateFormatVersion": "2010-09-09"}',
        '"Resour\\x63es": {Q: {Type: AWS::SQS::Queue}}',
        '? "Resour\\\nces"\n: {Q: {Type: AWS::SQS::Queue}}',
        '? "Resour\\\r\n  ces"\r\n: {Q: {Type: AWS::SQS::Queue}}',
        "---\n# comment\n{Resources: {Q: {Type: AWS::SQS::Queue}}}",
        "? Resources\n: {Q: {Type: AWS::SQS::Queue}}",
        "Resources: # all\n  Q: {Type: AWS::SQS::Queue}",
        "Resources: &all\n  Q: {Type: AWS::SQS::Queue}",
        "  Resources:\n    Q: {Type: AWS::SQS::Queue}",
        "Fn::Transform: {Name: AWS::Include}",
    ],
)
def test_a_template_is_known_by_its_content_whatever_its_name(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path / name, text)
    assert len(read_assembly([tmp_path]).stacks) == 1


@given(st.sampled_from(["Resources", "AWSTemplateFormatVersion"]), st.data())
def test_no_spelling_of_a_key_in_json_hides_a_template(
    tmp_path_factory: pytest.TempPathFactory, key: str, data: st.DataObject
) -> None:
    escaped = data.draw(st.sets(st.integers(0, len(key) - 1)))
    written = "".join(f"\\u{ord(c):04x}" if i in escaped else c for i, c in enumerate(key))
    folder = tmp_path_factory.mktemp("folder")
    write(folder / "t.cfn", f'{{"Description": "x\\ny", "{written}": {{}}}}')
    assert len(read_assembly([folder]).stacks) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", '{"name": "x", "resources": {}, "about": "Resources and Type"}'),
        ("escapes.json", '{"a": "Resourc\\u0065s", "\\u0062": 1}'),
        ("broken.json", '{"a\\u0062": '),
        ("chart.yaml", "kind: APIResources\n---\nkind: Other"),
        (
            "template.py",
            "class Template:\n    Resources: dict[str, int]\n    x = '''\nResources:\n  A: 1\n'''",
        ),
        ("README.md", "---\ntitle: x\n---\n# Deploy\n\n```yaml\nResources:\n  A: {Type: B}\n```"),
        ("NOTES.txt", "Resources: see below\nNote: a\nNote: b"),
        ("main.tf", 'template = <<EOF\nResources:\n  A: {Type: "B"}\nEOF'),
        ("page.html", "<h1>Resources:</h1>"),
        ("empty.yaml", ""),
    ],
)
def test_what_only_speaks_of_templates_is_skipped(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path / "t.json", TEMPLATE)
    write(tmp_path / name, text)
    assert names(read_assembly([tmp_path])) == ["t"]
    assert skipped_in(tmp_path) == {name: "not a template"}


def test_what_is_no_template_may_state_a_key_twice(tmp_path: Path) -> None:
    write(tmp_path / "t.json", TEMPLATE)
    write(tmp_path / "data.json", '{"a": 1, "a": 2}')
    assert skipped_in(tmp_path) == {"data.json": "not a template"}


def test_a_usual_name_makes_a_template_of_what_names_a_section(tmp_path: Path) -> None:
    write(tmp_path / "t.cfn", TEMPLATE)
    write(tmp_path / "list.cfn", {"Resources": []})
    assert skipped_in(tmp_path) == {"list.cfn": "not a template"}
    (tmp_path / "list.cfn").rename(tmp_path / "list.json")
    with pytest.raises(InputError, match="Resources is not a map"):
        read_assembly([tmp_path])


def test_what_was_judged_and_what_could_become_a_template_must_not_change(tmp_path: Path) -> None:
    contents = {"t.json": TEMPLATE, "t.cfn": TEMPLATE, "package.json": "{}", "notes.txt": "notes"}
    for name, text in contents.items():
        write(tmp_path / name, text)
    kept = read_assembly([tmp_path]).files.digests
    assert {path.name for path in kept} == {"t.json", "t.cfn", "package.json"}


@pytest.mark.parametrize("name", ["t.json", "t.YAML", "t.template"])
def test_a_template_that_cannot_be_read_is_an_error(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, "Resources: {Type: [")
    with pytest.raises(InputError, match=rf"/{name}: .*not valid YAML"):
        read_assembly([tmp_path])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"Resources": {}, "Resources": {"Q": {"Type": "T"}}}', "states the key 'Resources' twice"),
        ("Resources:\n  A: {Type: !Unheard x}", "the tag !Unheard"),
        ("Resources: {A: 1}", "Resources/A is not a map"),
        ("Resources: {A: " + "[" * 300 + "]" * 300 + "}", "nested more than 200 levels"),
    ],
)
def test_a_template_of_any_name_that_could_fool_the_judge_is_an_error(
    tmp_path: Path, text: str, fault: str
) -> None:
    write(tmp_path / "t.cfn", text)
    with pytest.raises(InputError, match=fault):
        read_assembly([tmp_path])


def test_bytes_are_skipped_unless_their_name_is_that_of_a_template(tmp_path: Path) -> None:
    write(tmp_path / "t.json", TEMPLATE)
    (tmp_path / "picture").write_bytes(b"\x89PNG\0Resources: {}")
    (tmp_path / "latin.txt").write_bytes(b"Resources: {} # \xe4")
    assert set(skipped_in(tmp_path)) == {"picture", "latin.txt"}
    (tmp_path / "latin.yaml").write_bytes(b"Resources: {} # \xe4")
    with pytest.raises(InputError, match=r"latin\.yaml: .*not text in UTF-8"):
        read_assembly([tmp_path])


def test_a_template_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_bytes(TEMPLATE.encode("utf-16"))
    with pytest.raises(InputError, match=r"t\.json: .*not text in UTF-8"):
        read_assembly([tmp_path])


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.txt", TEMPLATE.encode("utf-16")), ("picture.json", b"\x89PNG\0Resources: {}")],
)
def test_bytes_are_in_another_encoding_only_with_a_name_and_a_mark_that_say_so(
    tmp_path: Path, name: str, content: bytes
) -> None:
    write(tmp_path / "t.json", TEMPLATE)
    (tmp_path / name).write_bytes(content)
    assert skipped_in(tmp_path) == {name: "not a template"}


def large(path: Path, content: bytes, size: int = 400 * 1024 * 1024) -> None:
    """A file of that size, of which the disk holds the beginning only."""
    with path.open("wb") as file:
        file.write(content.ljust(10_000))
        file.truncate(size)


@pytest.mark.parametrize("content", [b'{"Resources": {}}', b"Resources: {}"])
def test_a_large_file_that_speaks_of_resources_is_refused_by_its_size(tmp_path: Path, content: bytes) -> None:
    large(tmp_path / "t.json", content)
    with pytest.raises(InputError, match=r"t\.json: is 400 MB large; tts reads files of at most 20 MB"):
        read_assembly([tmp_path])
    with pytest.raises(InputError, match="is 400 MB large"):
        read_assembly([tmp_path / "t.json"])


def test_a_file_of_the_largest_size_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "t.json", TEMPLATE)
    monkeypatch.setattr("tts_constructs.policy.loading.folders.MAX_BYTES", path.stat().st_size)
    assert names(read_assembly([tmp_path])) == ["t"]


def test_a_large_file_of_something_else_is_skipped(tmp_path: Path) -> None:
    write(tmp_path / "t.json", TEMPLATE)
    large(tmp_path / "data.json", b"[1, 2]", MAX_BYTES + 1)
    large(tmp_path / "data.bin", b"Resources: {}", MAX_BYTES + 1)
    assert set(skipped_in(tmp_path)) == {"data.json", "data.bin"}


@pytest.mark.parametrize("files", [{}, {"package.json": "{}"}, {".git/t.json": TEMPLATE}])
def test_a_folder_without_templates_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        write(tmp_path / name, text)
    with pytest.raises(InputError, match="holds neither a template nor a cloud assembly with a stack"):
        read_assembly([tmp_path])


def test_each_path_must_hold_something_to_judge(tmp_path: Path) -> None:
    write(tmp_path / "a/t.json", TEMPLATE)
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match="/b: holds neither"):
        read_assembly([tmp_path / "a", tmp_path / "b"])


def test_what_cannot_be_read_is_an_error_if_its_name_is_that_of_a_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("t.json", "locked"):
        write(tmp_path / name, TEMPLATE)
    opened = Path.open

    def refused(path: Path, *arguments: Any, **keywords: Any) -> Any:
        if path.name.startswith("locked"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **keywords)

    monkeypatch.setattr(Path, "open", refused)
    assert skipped_in(tmp_path) == {"locked": "not a template"}
    (tmp_path / "locked").rename(tmp_path / "locked.JSON")
    with pytest.raises(InputError, match=r"locked\.JSON: cannot be read \(Permission denied\)"):
        read_assembly([tmp_path])


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", refused)
    with pytest.raises(InputError, match="cannot be read"):
        read_assembly([tmp_path])


# Folders


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("node_modules", "packages of others"),
        ("web/node_modules", "packages of others"),
        (".git", "a hidden folder"),
        (".venv", "a hidden folder"),
    ],
)
def test_folders_of_others_are_not_entered(tmp_path: Path, folder: str, why: str) -> None:
    write(tmp_path / "t.json", TEMPLATE)
    write(tmp_path / folder / "a/bootstrap-template.yaml", YAML)
    assert names(read_assembly([tmp_path])) == ["t"]
    assert skipped_in(tmp_path) == {folder: why}


def test_a_virtual_environment_is_not_entered_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path / "t.json", TEMPLATE)
    write(tmp_path / "env/pyvenv.cfg", "home = /usr")
    write(tmp_path / "env/lib/t.json", TEMPLATE)
    assert names(read_assembly([tmp_path])) == ["t"]
    assert skipped_in(tmp_path) == {"env": "a virtual environment"}


@pytest.mark.parametrize("name", ["node_modules", ".hidden", "env"])
def test_a_folder_that_is_given_is_entered_whatever_it_is(tmp_path: Path, name: str) -> None:
    write(tmp_path / name / "pyvenv.cfg", "")
    write(tmp_path / name / "t.json", TEMPLATE)
    assert names(read_assembly([tmp_path / name])) == ["t"]


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/b/t.json", TEMPLATE)
    (tmp_path / "given").mkdir()
    (tmp_path / "given/linked").symlink_to(tmp_path / "elsewhere")
    assert names(read_assembly([tmp_path / "given"])) == ["linked/b/t"]


@pytest.mark.parametrize("real", ["a", "m", "z"])
def test_a_folder_is_entered_once_and_by_its_own_name(tmp_path: Path, real: str) -> None:
    write(tmp_path / real / "t.json", TEMPLATE)
    for link in ("b", "y"):
        (tmp_path / link).symlink_to(tmp_path / real)
    assert names(read_assembly([tmp_path])) == [f"{real}/t"]


def test_a_link_to_what_was_entered_keeps_no_other_from_being_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/u.json", TEMPLATE)
    write(tmp_path / "given/z/t.json", TEMPLATE)
    (tmp_path / "given/a").symlink_to(tmp_path / "given/z")
    (tmp_path / "given/b").symlink_to(tmp_path / "elsewhere")
    assert names(read_assembly([tmp_path / "given"])) == ["b/u", "z/t"]


def test_links_that_lead_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    write(tmp_path / "given/t.json", TEMPLATE)
    write(tmp_path / "beside/u.json", TEMPLATE)
    (tmp_path / "given/self").symlink_to(tmp_path / "given/self")
    (tmp_path / "given/here").symlink_to(tmp_path / "given")
    (tmp_path / "given/up").symlink_to(tmp_path)
    (tmp_path / "given/there").symlink_to(tmp_path / "beside")
    (tmp_path / "beside/back").symlink_to(tmp_path / "given")
    assert names(read_assembly([tmp_path / "given"])) == ["t", "there/u"]
    assert skipped_in(tmp_path / "given") == {
        "self": "neither a file nor a folder",
        "here": "a link to a folder that holds it",
        "up": "a link to a folder that holds it",
    }


def test_a_link_to_a_template_is_judged_and_one_to_nothing_is_skipped(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/x", TEMPLATE)
    (tmp_path / "given").mkdir()
    (tmp_path / "given/t").symlink_to(tmp_path / "elsewhere/x")
    (tmp_path / "given/gone.json").symlink_to(tmp_path / "elsewhere/gone.json")
    assert names(read_assembly([tmp_path / "given"])) == ["t"]
    assert skipped_in(tmp_path / "given") == {"gone.json": "neither a file nor a folder"}


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path / "t.json", TEMPLATE)
    os.mkfifo(tmp_path / "pipe.json")
    assert skipped_in(tmp_path) == {"pipe.json": "neither a file nor a folder"}


# Cloud assemblies


@pytest.mark.parametrize(
    "manifest",
    [
        {},
        [],
        {"name": "a web app", "icons": []},
        {"manifest_version": 3, "version": "1.0"},
        {"artifacts": []},
        {"artifacts": {}},
        {"artifacts": {"A": {}}},
        {"artifacts": {"A": {"type": 1}}},
        "{not json",
        "// comment\n{}",
        "",
    ],
)
def test_a_manifest_of_something_else_is_ignored(tmp_path: Path, manifest: object) -> None:
    write(tmp_path / "manifest.json", manifest)
    write(tmp_path / "t.json", TEMPLATE)
    assert names(read_assembly([tmp_path])) == ["t"]
    assert skipped_in(tmp_path) == {"manifest.json": "not a template"}


def test_a_manifest_that_two_readers_would_read_differently_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", '{"artifacts": {"A": {"type": "x"}}, "artifacts": {}}')
    write(tmp_path / "t.json", TEMPLATE)
    with pytest.raises(InputError, match=r"manifest\.json: states the key 'artifacts' twice"):
        read_assembly([tmp_path])


@pytest.mark.parametrize("body", [None, [], "x", {"artifacts": {"A": {"type": "cdk:tree"}, "B": []}}])
def test_not_every_map_is_a_manifest(body: object) -> None:
    assert not is_manifest(body)


def test_a_cloud_assembly_below_a_folder_is_read_as_one(tmp_path: Path) -> None:
    write_cdk_out(tmp_path / "infra/cdk.out")
    write(tmp_path / "t.json", TEMPLATE)
    assembly = read_assembly([tmp_path])
    assert names(assembly) == ["App", "t"]
    stack, _ = assembly.stacks
    assert (stack.region, stack.termination_protection) == ("us-gov-west-1", True)
    assert assembly.folders == [tmp_path / "infra/cdk.out"]


def test_a_folder_that_holds_nothing_but_a_cloud_assembly_is_judged(tmp_path: Path) -> None:
    write_cdk_out(tmp_path / "cdk.out")
    assert names(read_assembly([tmp_path])) == ["App"]
