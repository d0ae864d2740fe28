"""What a terminal and a CI log are shown of anybody's text."""

import json
import re
import sys
import textwrap
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.printable import json_text, printable, prose
from tts_constructs.system_metadata import Environment

COMMAND = re.compile(r"^\s*::[A-Za-z]|##\w*\[")
"""What CI systems look for in a line: GitHub Actions at its beginning, others anywhere."""

HOSTILE = st.lists(
    st.sampled_from(["::", "##", "vso[", *"a :#[]\n\r\t\x1b\x07\x9b\u2028\u202e%="]), max_size=20
).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë 日本 😀", "Zoë 日本 😀"),
        ("AWS::S3::Bucket, ::/0 and ::1", "AWS::S3::Bucket, ::/0 and ::1"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[2K\x1b]8;;x\x07\x7f", r"\x1b[2K\x1b]8;;x\x07\x7f"),
        ("\x9b2K\x85", r"\x9b2K\x85"),
        ("a\u202eb\u2066c\u200f", r"a\u202eb\u2066c\u200f"),
        ("a\u2028b", r"a\u2028b"),
        ("pay\u200bload\xad\ufeff\u2060", r"pay\u200bload\xad\ufeff\u2060"),
        ("a\U000e0041\ud800", r"a\U000e0041\ud800"),
        ("::stop-commands::x", r"\x3a:stop-commands::x"),
        ("x ::warning::y", r"x \x3a:warning::y"),
        ("##[error]x ##vso[task.setvariable]y", r"#\x23[error]x #\x23vso[task.setvariable]y"),
        ("## heading [1]", "## heading [1]"),
    ],
)
def test_what_would_act_is_shown_escaped_and_all_else_as_it_is(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(HOSTILE | st.text())
def test_no_text_acts_however_it_is_wrapped(text: str) -> None:
    shown = printable(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown)
    for line in textwrap.wrap(shown, 10, break_long_words=False, break_on_hyphens=False):
        assert not COMMAND.search(line)


@given(st.text(st.characters(blacklist_categories=["Cc", "Cf", "Zl", "Zp"], blacklist_characters=":#")))
def test_what_cannot_act_is_shown_as_it_is(text: str) -> None:
    assert printable(text) == text


UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cs"}
"""Unicode's categories of characters that are not seen where they are shown."""


def test_every_character_that_is_not_seen_is_escaped() -> None:
    everything = [chr(code) for code in range(sys.maxunicode + 1)]
    shown = printable("".join(one for one in everything if unicodedata.category(one) in UNSEEN))
    assert shown.isascii()
    assert shown.isprintable()


def test_json_says_each_character_that_is_not_seen() -> None:
    said = "".join(chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf")
    text = json_text([said])
    assert json.loads(text) == [said]
    assert text.isascii()


def test_prose_on_several_lines_is_one_line() -> None:
    assert prose("  because\n  of  this\x1b ") == r"because of this\x1b"


@given(st.dictionaries(HOSTILE, HOSTILE | st.integers() | st.none()))
def test_json_says_what_it_said_and_holds_nothing_that_acts(document: dict[str, object]) -> None:
    text = json_text(document)
    assert json.loads(text) == document
    assert not re.search(r"[\x7f-\x9f\u2028\u202e]|##\w*\[", text)


def test_json_keeps_the_letters_of_every_script() -> None:
    assert json_text({"Gerät": "日本"}) == '{\n  "Gerät": "日本"\n}'


SEEN = st.text(st.characters(max_codepoint=0x24F, exclude_categories=["Cf"], exclude_characters="#")).filter(
    lambda text: not re.search("[\x7f-\x9f]", text)
)
"""Texts in which nothing acts in JSON."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SEEN,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(SEEN | st.integers() | st.booleans() | st.none(), inner)
    ),
)


@given(JSON)
def test_json_is_written_as_python_writes_it(document: object) -> None:
    assert json_text(document) == json.dumps(document, indent=2, ensure_ascii=False)


def test_json_has_a_member_of_an_enumeration_as_its_text() -> None:
    assert json_text([Environment.PRODUCTION]) == '[\n  "production"\n]'
