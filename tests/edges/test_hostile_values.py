"""Files that are too large, too deep or too long for what they should be: one clear error, and at once."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tts_constructs.errors import InputError, SettingsError
from tts_constructs.files import MAX_BYTES, read_text
from tts_constructs.policy.aws.approved_services import read_services
from tts_constructs.policy.configuration import read_settings
from tts_constructs.policy.loading.context import read_context
from tts_constructs.policy.loading.reader import read_assembly
from tts_constructs.policy.records import attestation
from tts_constructs.redaction import redact
from tts_constructs.secret_shapes import SHAPES

Command = Callable[..., subprocess.CompletedProcess[str]]

DIGITS = "7" * 5_000
IN_SECONDS = 5


def large(path: Path) -> Path:
    """A file of 400 MB, of which the disk holds nothing."""
    with path.open("wb") as file:
        file.truncate(400 * 1024 * 1024)
    return path


@pytest.mark.slow
def test_a_file_of_four_hundred_megabytes_takes_no_memory(tts: Command, folder: Path) -> None:
    large(folder / "t.json")
    most = 256 * 1024 * 1024
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_DATA, ({most}, {most}))"
    done = tts("check", "t.json", before=limited)
    assert done.returncode == 2
    assert done.stderr == (
        "tts: t.json: is 400 MB large; tts reads files of at most 20 MB (a template has at most 1 MB)\n"
    )


@pytest.mark.parametrize(
    "read", [read_text, read_settings, read_services, read_context, lambda path: read_assembly([path])]
)
def test_a_large_file_is_refused_by_whatever_reads_it(folder: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises((InputError, SettingsError), match="is 400 MB large"):
        read(large(folder / "large"))


def test_a_device_is_not_read_without_end() -> None:
    with pytest.raises(InputError, match="MB large"):
        read_text(Path("/dev/zero"))


@pytest.mark.parametrize("size", [MAX_BYTES, MAX_BYTES + 1])
def test_the_largest_file_is_read(folder: Path, size: int) -> None:
    path = folder / "t.txt"
    path.write_bytes(b" " * size)
    if size > MAX_BYTES:
        with pytest.raises(InputError, match="20 MB large"):
            read_text(path)
    else:
        assert len(read_text(path)) == size


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000])
def test_a_name_that_no_file_can_have_is_an_error(name: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_text(Path(name))


# Settings


@pytest.mark.parametrize(
    "key",
    [
        ".".join(["a"] * 20_000),
        " . ".join(["a"] * 20_000),
        ".".join(['"a"'] * 20_000),
        ".".join(["'a'"] * 20_000),
        ".".join(["a"] * 33),
    ],
)
@pytest.mark.parametrize("line", ["{} = 1", "[{}]", "[[{}]]", "x = {{ {} = 1 }}", "x = [\n{{ {} = 1 }}\n]"])
def test_a_key_of_very_many_parts_is_refused_before_it_is_read(folder: Path, key: str, line: str) -> None:
    path = folder / "tts.toml"
    path.write_text(f"environment = 'sandbox'\n{line.format(key)}")
    began = time.monotonic()
    with pytest.raises(SettingsError, match=r"line [23]: has a key of more than 32 parts between dots"):
        read_settings(path)
    assert time.monotonic() - began < IN_SECONDS


@pytest.mark.parametrize(
    "text",
    [
        f"# {'. ' * 100}",
        f'[image]\nname = "{"." * 200}"',
        f'[image]\nname = "{" a b." * 200}"',
        "[image]\nowners = [{}]".format(", ".join(['"111122223333"'] * 40)),
        f'projects = ["{"https://example.gov/a.b, " * 50}"]',
    ],
)
def test_dots_elsewhere_do_not_matter(folder: Path, text: str) -> None:
    path = folder / "tts.toml"
    path.write_text(text)
    read_settings(path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"x = {DIGITS}", "holds a number with more digits than can be read"),
        (f"x = {'[' * 5_000}{']' * 5_000}", "holds lists or tables in one another"),
        (f"x = [\n[{' ' * 20_000}1\n]]", "x is not a setting"),
    ],
)
def test_settings_that_python_cannot_read_are_one_clear_error(folder: Path, text: str, fault: str) -> None:
    path = folder / "tts.toml"
    path.write_text(text)
    began = time.monotonic()
    with pytest.raises(SettingsError, match=fault):
        read_settings(path)
    assert time.monotonic() - began < IN_SECONDS


# Secrets


@pytest.mark.parametrize("secret", ["".join(parts) for shape in SHAPES for parts in shape.examples])
@pytest.mark.parametrize("end", ["", " ", "\n"])
def test_much_that_is_nearly_a_secret_is_read_in_a_moment(secret: str, end: str) -> None:
    for near in (secret[:-1], secret[: len(secret) // 2], secret[len(secret) // 2 :]):
        text = f"{near}{end}" * (50_000 // len(near))
        began = time.monotonic()
        redact(text)
        assert time.monotonic() - began < IN_SECONDS


# Templates and lookups


@pytest.mark.parametrize("name", ["t.json", "cdk.context.json", "manifest.json"])
def test_a_number_of_thousands_of_digits_is_one_clear_error(folder: Path, name: str) -> None:
    (folder / name).write_text(f'{{"Resources": {{}}, "x": {DIGITS}}}')
    with pytest.raises(InputError, match="holds a number with more digits than can be read"):
        read_context(folder / name)
    with pytest.raises(InputError, match="holds a number with more digits than can be read"):
        read_assembly([folder])


def test_nine_hundred_levels_with_language_extensions_are_one_clear_error(folder: Path) -> None:
    value = '{"Fn::Join": ["", [' * 300 + '"x"' + "]]}" * 300
    queue = f'{{"Type": "AWS::SQS::Queue", "Properties": {{"QueueName": {value}}}}}'
    text = f'{{"Transform": "AWS::LanguageExtensions", "Resources": {{"Q": {queue}}}}}'
    (folder / "t.json").write_text(text)
    with pytest.raises(InputError, match=r"t\.json: is nested more than 200 levels deep"):
        read_assembly([folder / "t.json"])


@pytest.mark.parametrize("text", ["[" * 100_000, f'{{"x": {DIGITS}}}', '{"version": 1, "version": 1}', "\0"])
def test_an_attestation_that_cannot_be_read_is_none(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text('{"artifacts": {}}')
    (folder / "tts-attestation.json").write_text(text)
    (fault,) = attestation.faults(folder)
    assert fault.startswith("no tts-attestation.json that can be read")


def test_two_hundred_levels_with_language_extensions_are_read(folder: Path) -> None:
    value = "[" * 190 + "]" * 190
    queue = f'{{"Type": "AWS::SQS::Queue", "Properties": {{"QueueName": {value}}}}}'
    text = f'{{"Transform": "AWS::LanguageExtensions", "Resources": {{"Q": {queue}}}}}'
    (folder / "t.json").write_text(text)
    assert len(read_assembly([folder / "t.json"]).stacks) == 1


@pytest.mark.slow
def test_a_template_of_five_hundred_resources_nested_a_hundred_times_is_reported_once(
    tts: Command, folder: Path
) -> None:
    web = {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1"}}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.json"}}
    (folder / "inner.json").write_text(json.dumps({"Resources": {f"W{n}": web for n in range(500)}}))
    (folder / "main.json").write_text(json.dumps({"Resources": {f"N{n}": nested for n in range(100)}}))
    done = tts("check", "main.json")
    assert done.returncode == 1
    assert "600 resources in 2 templates judged" in done.stdout
    assert len(done.stdout) < 5_000_000
