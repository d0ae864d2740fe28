"""Reading TOML: what is no file of settings, the lines of keys, and values of the wrong kind."""

from pathlib import Path
from typing import Any

import pytest

from tts_constructs.errors import SettingsError
from tts_constructs.policy.settings.toml_reader import Reader, read_toml


def toml_file(folder: Path, text: str) -> Path:
    path = folder / "some.toml"
    path.write_text(text, encoding="utf-8")
    return path


# Files


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_gives_its_content_and_its_text_without_a_byte_order_mark(tmp_path: Path, mark: str) -> None:
    assert read_toml(toml_file(tmp_path, f"{mark}a = 1\n")) == ({"a": 1}, "a = 1\n")


def dotted(parts: int) -> str:
    return ".".join("a" * parts)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a = 'x'\nb =\n", r"is not valid TOML: .*line 2"),
        (f"a = 1\n{dotted(33)} = 1", r"line 2: has a key of more than 32 parts between dots"),
        ("x = " + "[" * 100_000, r"holds lists or tables in one another, more than can be read"),
        ("x = " + "1" * 5_000, r"holds a number with more digits than can be read"),
    ],
)
def test_what_is_no_toml_that_python_can_read_is_a_fault_of_the_file(
    tmp_path: Path, text: str, fault: str
) -> None:
    path = toml_file(tmp_path, text)
    with pytest.raises(SettingsError, match=fault) as caught:
        read_toml(path)
    assert caught.value.subject == str(path)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("text", [f"{dotted(32)} = 1", f"a = '{'. ' * 40}'"])
def test_32_parts_of_a_key_and_any_dots_of_a_sentence_are_read(tmp_path: Path, text: str) -> None:
    assert read_toml(toml_file(tmp_path, text))[0].keys() == {"a"}


def test_a_file_that_is_not_there_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_toml(tmp_path / "none.toml")
    assert caught.value.subject == str(tmp_path / "none.toml")
    assert caught.value.faults == ("cannot be read (No such file or directory)",)


# Lines


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a = 1\nb = 2", "b", 2),
        ("[t]\na = 1", "t", 1),
        ("[t]\na = 1", "t.a", 2),
        ("[t.u]\na = 1", "t.u.a", 2),
        ("t.u = {a = {b = 1}}\nt.x = 1", "t.u.a.b", 1),
        ("t = {a = 1}", "t.a", 1),
        ("a = 1", "b", None),
        ("a = 1", "b.c", None),
        ("a = 1", "ab", None),
        ("", "a", None),
    ],
)
def test_a_key_has_its_line_else_that_of_the_table_that_holds_it(
    text: str, key: str, line: int | None
) -> None:
    assert Reader(text).line(key) == line


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("w", 2),
        ("w[0]", 2),
        ("w[0].a", 3),
        ("w[0].other", 2),
        ("w[0].a[7]", 3),
        ("w[1]", 4),
        ("w[1].a", 4),
        ("w[2].b", 6),
        ("w[3].a", 2),
        ("v[0].a", 8),
    ],
)
def test_tables_of_a_list_are_counted_for_each_list(key: str, line: int) -> None:
    text = "x = 1\n[[w]]\na = [1]\n[[w]]\n[[w]]\nb = 1\n[[v]]\na = 1\n"
    assert Reader(text).line(key) == line


@pytest.mark.parametrize(
    "written",
    ["[t.u]\nk = 1", " [ t . u ] # here\n k=1", "['t'.\"u\"]\n'k' = 1", "[t]\nu.k = 1", "[t]\n\"u\" . 'k'=1"],
)
def test_a_key_is_found_however_it_is_written(written: str) -> None:
    assert Reader(written).line("t.u.k") == 2


@pytest.mark.parametrize(("quotes", "other"), [('"""', "'''"), ("'''", '"""')])
@pytest.mark.parametrize("inside", ["k = 0", "[t]", "[[t]]", ""])
def test_what_a_text_of_many_lines_holds_is_no_key(quotes: str, other: str, inside: str) -> None:
    inside = inside or other
    reader = Reader(f"x = {quotes}\n{inside}\n{quotes}\nk = 1\n[t]")
    assert (reader.line("x"), reader.line("k"), reader.line("t")) == (1, 4, 5)


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_a_text_in_three_quotes_may_end_on_its_line(quotes: str) -> None:
    assert Reader(f"x = {quotes}a{quotes}\nk = 1").line("k") == 2


def test_keys_are_named_without_the_prefix_that_they_have_in_the_file() -> None:
    reader = Reader("[tool.other]\nk = 1\n[tool.tts]\nk = 2", "tool.tts.")
    reader.fault("k", "is wrong")
    assert reader.faults == ["line 4: k is wrong"]


# Faults


def test_without_the_text_of_a_file_a_fault_has_no_line() -> None:
    reader = Reader()
    reader.fault("a.b", "is wrong")
    assert reader.faults == ["a.b is wrong"]


def test_a_fault_is_named_once_and_others_after_it() -> None:
    reader = Reader("a = 1")
    for message in ("is wrong", "is wrong", "is bad"):
        reader.fault("a", message)
    assert reader.faults == ["line 1: a is wrong", "line 1: a is bad"]


def test_each_key_that_is_not_known_is_named_with_those_that_are() -> None:
    reader = Reader()
    reader.known_keys({"a": 1, "x": 1, "y": 1}, "", ("a", "b"))
    reader.known_keys({"x": 1}, "t", ("a",))
    assert reader.faults == [
        "x is not a setting; write one of: a, b",
        "y is not a setting; write one of: a, b",
        "t.x is not a setting; write one of: a",
    ]


# Values: the last part of a path is the key in the table that is given

GOOD: list[tuple[str, tuple[Any, ...], Any, Any]] = [
    ("table", (), {"x": 1}, {"x": 1}),
    ("table", (("x", "y"),), {"x": 1}, {"x": 1}),
    ("text", ("default",), "value", "value"),
    ("text", ("default",), " value ", " value "),
    ("required", ("example",), "value", "value"),
    ("texts", (), ["x", "y"], ("x", "y")),
    ("texts", (), [], ()),
    ("choice", (("x", "y"), "x"), "y", "y"),
    ("days", (7,), 1, 1),
    ("days", (7,), 36_525, 36_525),
]


@pytest.mark.parametrize(("kind", "more", "value", "read"), GOOD)
@pytest.mark.parametrize("key", ["k", "t.k", "t.u.k"])
def test_a_value_is_read_by_the_last_part_of_its_path(
    kind: str, more: tuple[Any, ...], value: Any, read: Any, key: str
) -> None:
    reader = Reader()
    assert getattr(reader, kind)({"k": value}, key, *more) == read
    assert reader.faults == []


@pytest.mark.parametrize(
    ("kind", "more", "read"),
    [
        ("table", (), {}),
        ("table", (("x",),), {}),
        ("text", ("default",), "default"),
        ("texts", (), ()),
        ("choice", (("x", "y"), "x"), "x"),
        ("days", (7,), 7),
    ],
)
def test_a_value_that_is_not_there_is_the_default(kind: str, more: tuple[Any, ...], read: Any) -> None:
    reader = Reader()
    assert getattr(reader, kind)({}, "t.u.k", *more) == read
    assert reader.faults == []


@pytest.mark.parametrize(
    ("kind", "more", "value", "read", "fault"),
    [
        ("table", (), 1, {}, "must be a table; write [t.u.k] above its keys"),
        ("text", ("default",), 1, "default", "must be text, such as 'default'"),
        ("text", ("default",), " ", "default", "must be text, such as 'default'"),
        ("required", ("example",), 1, "example", "must be text, such as 'example'"),
        ("texts", (), "x", (), 'must be a list of texts, such as ["…"]'),
        ("texts", (), ["x", 1], (), 'must be a list of texts, such as ["…"]'),
        ("texts", (), ["x", " "], (), 'must be a list of texts, such as ["…"]'),
        ("choice", (("x", "y"), "x"), "z", "x", "must be one of x, y"),
        ("days", (7,), 0, 7, "must be a whole number of days above 0, such as 7"),
        ("days", (7,), 36_526, 7, "must be a whole number of days above 0, such as 7"),
        ("days", (7,), True, 7, "must be a whole number of days above 0, such as 7"),
        ("days", (7,), "30", 7, "must be a whole number of days above 0, such as 7"),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_fault_of_its_whole_path(
    kind: str, more: tuple[Any, ...], value: Any, read: Any, fault: str
) -> None:
    reader = Reader()
    assert getattr(reader, kind)({"k": value}, "t.u.k", *more) == read
    assert reader.faults == [f"t.u.k {fault}"]


def test_a_table_has_no_other_keys_than_those_that_are_known() -> None:
    reader = Reader()
    reader.table({"k": {"x": 1}}, "t.k", ("y",))
    assert reader.faults == ["t.k.x is not a setting; write one of: y"]


def test_a_required_text_that_is_missing_is_a_fault_with_what_to_write() -> None:
    reader = Reader()
    assert reader.required({}, "t.u.k", "example") == ""
    assert reader.faults == ["t.u.k is missing; write k = 'example'"]


def test_each_table_of_a_list_has_its_place() -> None:
    reader = Reader()
    tables = [{"x": 1}, {"x": 2, "z": 3}]
    assert list(reader.tables({"w": tables}, "w", ("x",))) == [("w[0]", tables[0]), ("w[1]", tables[1])]
    assert reader.faults == ["w[1].z is not a setting; write one of: x"]


def test_a_list_of_tables_may_be_missing() -> None:
    reader = Reader()
    assert list(reader.tables({}, "w", ())) == []
    assert reader.faults == []


@pytest.mark.parametrize("value", [{"x": 1}, [{"x": 1}, 1], 1])
def test_what_is_no_list_of_tables_is_a_fault(value: Any) -> None:
    reader = Reader()
    assert list(reader.tables({"w": value}, "w", ("x",))) == []
    assert reader.faults == ["w must be a list of tables; write [[w]] above the keys of each"]
