"""Secrets in texts: scripts, commands, configurations in JSON, INI, and YAML, and code.

Each pattern takes linear time: repetitions are bounded or possessive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tts_constructs.policy.rules.sec._commands import COMMANDS, PROSE, VALUE
from tts_constructs.policy.rules.sec._encoded import readings
from tts_constructs.policy.rules.sec._secret_names import names_a_secret
from tts_constructs.policy.rules.sec._secret_values import can_be_secret, parsed, repeats_name
from tts_constructs.secret_shapes import found_shapes

_MOST_FOUND = 8
_DEEPEST = 3
"""How many texts within texts are read, such as JSON within JSON."""

_MARKS = re.compile(
    r"pass|pwd|secret|token|(?:api|private|access|account)[ _-]?key|cred|jwt|webhook|[_-]auth|authorization"
    r"|[a-z]Auth|identified|mysql|maria|login|curl|redis|zip |ldap|rabbit|net +user|sqlcmd|mongo|7z |jdbc:"
    r"|securestring|sqlplus|bcp |usermod|useradd|smbclient|cmdkey|schtasks|net use",
    re.IGNORECASE,
)
"""Marks that a text contains if it sets a secret."""

KEPT_ELSEWHERE = frozenset({"SECRETS_MANAGER", "PARAMETER_STORE"})
"""Types of build variables whose value is the name of a secret or parameter."""

_NAMES_OF_SECRETS = frozenset({"secrets-manager", "parameter-store"})
"""Sections of a build specification that hold names of secrets and parameters."""


def has_mark(text: str) -> bool:
    """Return whether a text may set a secret, or name one. False is certain."""
    return _MARKS.search(text) is not None


def secrets_in(text: str, *, is_code: bool = False) -> tuple[str, ...]:
    """Return what a text does with secrets, each as the rest of a sentence.

    Args:
        text: The text; `${…}` is a part that is not known.
        is_code: Whether it is code of a function: there, what is not in quotes isn't a literal.

    Returns:
        Such as `("sets DB_PASSWORD to a literal", "holds an access key of AWS")`, without repetition.
    """
    if len(text) < 5:
        return ()
    return _kept(text, is_code) if len(text) < 2_000 else _found(text, is_code)


def shapes_in(text: str) -> tuple[str, ...]:
    """Return which secrets a text holds that are told by their shape, each as the rest of a sentence."""
    return tuple(
        dict.fromkeys(
            f"holds {shape.what}" for reading in readings(text) for shape, _ in found_shapes(reading)
        )
    )


def _found(text: str, is_code: bool) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for reading in readings(text):
        for phrase in _phrases(reading, is_code, 0):
            found[phrase] = None
            if len(found) >= _MOST_FOUND:
                return tuple(found)
    return tuple(found)


_kept = lru_cache(maxsize=4096)(_found)


def _phrases(text: str, is_code: bool, depth: int) -> Iterator[str]:
    for shape, _ in found_shapes(text):
        yield f"holds {shape.what}"
    if not has_mark(text):
        return
    lowered = text.lower()
    held = parsed(text)
    if held is not None and depth < _DEEPEST:
        yield from _fields(held, depth + 1)
        return
    text = _without_names_of_secrets(text)
    for name in _assigned(text, is_code):
        yield f"sets {name[:60]} to a literal"
    for command in COMMANDS:
        if any(mark in lowered for mark in command.marks) and any(command.values(text)):
            yield f"hands a literal password to {command.name}"


# JSON


def _fields(held: Any, depth: int) -> Iterator[str]:
    """Yield what the fields of a JSON text say; loops in place of recursion, as it can be deep."""
    waiting = [held]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
            yield from _words(value)
        elif isinstance(value, dict):
            named = pair(value)
            if named and isinstance(named[1], str) and _is_literal(*named):
                yield f"sets {named[0][:60]} to a literal"
            for name, field in value.items():
                if isinstance(field, str) and name in _PROSE_FIELDS:
                    yield from shapes_in(field)
                elif isinstance(field, str) and _is_literal(str(name), field):
                    yield f"sets {str(name)[:60]} to a literal"
                elif name not in _NAMES_OF_SECRETS:
                    waiting.append(field)
        elif isinstance(value, str) and len(value) > 4:
            yield from _phrases(value, False, depth)


_PROSE_FIELDS = frozenset(
    {"comment", "Comment", "description", "markdown", "message", "summary", "text", "title"}
)


def _words(items: list[Any]) -> Iterator[str]:
    """Yield what a command in a list says: its words, put together."""
    if command := command_of(items):
        yield from (
            found for found in _phrases(command, False, _DEEPEST) if found.startswith(("sets", "hands"))
        )


def command_of(items: list[Any]) -> str | None:
    """Return a list of words as one command, or None if it is none."""
    if not any(isinstance(item, str) and item[:1] in "-|" and item for item in items):
        return None
    return " ".join(
        f"'{item}'" if " " in item and "'" not in item else item
        for item in items[:1_000]
        if isinstance(item, str)
    )


_PAIRS = (
    ("Name", "Value"), ("Key", "Value"), ("OptionName", "Value"), ("ParameterKey", "ParameterValue"),
    ("Variable", "Value"), ("HeaderName", "HeaderValue"), ("ParameterName", "ParameterValue"),
    ("name", "value"), ("key", "value"),
)  # fmt: skip


def pair(item: dict[str, Any]) -> tuple[str, Any] | None:
    """Return the name and the value of an item such as `{"Name": …, "Value": …}`, or None if it is none."""
    for name, value in _PAIRS:
        if value in item and isinstance(item.get(name), str):
            return None if is_kept_elsewhere(item) else (item[name], item[value])
    return None


def is_kept_elsewhere(item: dict[str, Any]) -> bool:
    """Return whether the value of a variable is the name of a secret or a parameter, by its type."""
    return str(item.get("Type", item.get("type"))) in KEPT_ELSEWHERE


def _is_literal(name: str, value: str) -> bool:
    return (names_a_secret(name) and can_be_secret(value) and not repeats_name(name, value)) or (
        name.lower() == "authorization" and is_login(value)
    )


_LOGIN = re.compile(r"(?i:bearer|basic|token|splunk|apikey)[ ]+([^\s\"'<>{}$]{8,})")


def is_login(value: str) -> bool:
    """Return whether the value of a header `Authorization` is a literal, such as `Bearer …`."""
    found = _LOGIN.fullmatch(value.strip())
    return found is not None and can_be_secret(found[1])


# Names and values: NAME=value, name: value, "name": "value", --name value, <name>value</name>

_NAME = re.compile(
    r"(?<![\w.])(?P<name>[A-Za-z_][\w.-]{1,100}+)(?P<after>\\?[\"']?\]?)[ \t]{0,20}+"
    r"(?P<sep>=>|:=|=(?![=~>])|:(?!:))"
)
_NAME_HAS = re.compile(r"pass|pwd|secret|token|key|cred|jwt|webhook|auth", re.IGNORECASE)
_QUOTED = re.compile(
    r"[ \t]{0,20}+(?P<kind>[fFbBrRuU@]{0,2})(?P<mark>\\?[\"'])(?P<value>[^\n]{0,1000}?)(?P=mark)"
)
_BARE = re.compile(r"(?P<gap>[ \t]{0,20}+)(?P<value>[^\s\"'`;&|<>]{1,1000})(?P<next>[\"'`]?)")
_REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)|[ \t]*[,}\]]")
_IDENTIFIER = re.compile(r"[A-Za-z_$@][\w.$]*(?:\[[\w\"'.]*\]){0,9}[!?,;]*")
_CALL = re.compile(r"[\w.]+\(")
_SECTION = re.compile(r"^[ \t]*\[[^\]\n]{1,100}\][ \t]*$", re.MULTILINE)
_START_OF_LINE = re.compile(r"[ \t]*(?:-[ \t]+)?[\"']?\Z")
_FLOW = re.compile(r"[{,][ \t]*[\"']?\Z")
_COMPARED = re.compile(r"(?:\[|\[\[|\bif|\btest|\(|!)[ \t]+[\"']?\$\{?\Z")


def _assigned(text: str, is_code: bool) -> Iterator[str]:
    """Yield each name of a secret that is set to a literal."""
    position = 0
    has_sections: list[bool] = []
    while found := _NAME.search(text, position):
        position = found.end("name")
        name = found["name"]
        if not _NAME_HAS.search(name) or not names_a_secret(name):
            continue
        before = text[max(0, found.start() - 40) : found.start()].rpartition("\n")[2]
        if _COMPARED.search(before) or (before.endswith(("$", "${")) and found["after"]):
            continue
        quoted = _QUOTED.match(text, found.end()) or _typed(text, found)
        if quoted:
            position = quoted.end("mark")
            is_filled_in = "f" in quoted["kind"].lower() and "{" in quoted["value"]
            if not is_filled_in and _stated(name, quoted["value"], shortest=3):
                position = quoted.end()
                yield name
            continue
        bare = None if is_code else _BARE.match(text, found.end())
        value = _without_quotes(text, found, bare, before, has_sections) if bare else None
        if bare and value and _stated(name, value):
            position = bare.end()
            yield name
    yield from _set_otherwise(text)


def _without_quotes(
    text: str, found: re.Match[str], bare: re.Match[str], before: str, has_sections: list[bool]
) -> str | None:
    """Return the literal without quotes that a name is set to, or None if it is none.

    Args:
        text: The whole text.
        found: The name.
        bare: What follows.
        before: The text before the name in its line.
        has_sections: Holds whether the text has sections, as an INI file has, once that is known.
    """
    if bare["next"] and not before.endswith((bare["next"], *_IN_A_QUERY)):
        return _replaced(text, found.start(), bare["value"])
    if not has_sections:
        has_sections.append(_SECTION.search(text) is not None)
    return _bare_value(text, found, bare, before, has_sections=has_sections[0])


_IN_A_QUERY = ("&", "?", ";")
"""The characters before a name in a URL, a form, or a connection string."""

_TYPE = re.compile(r"[ \t]{0,20}+[A-Za-z_][\w.]{0,40}+(?:\[[\w, .]{0,40}\])?[ \t]{0,20}+=(?!=)")


def _typed(text: str, found: re.Match[str]) -> re.Match[str] | None:
    """Return what is in quotes after a name with its type, as in `password: str = "…"`."""
    kind = _TYPE.match(text, found.end()) if found["sep"] == ":" else None
    return _QUOTED.match(text, kind.end()) if kind else None


_SED = re.compile(r"\bsed\b[^\n]{0,200}?[\"' ]s([/|#,@])")


def _replaced(text: str, start: int, value: str) -> str | None:
    """Return the literal that `sed` writes, up to the delimiter, or None if the line does not run `sed`."""
    line = text[max(0, start - 300) : start].rpartition("\n")[2]
    command = _SED.search(line)
    return value.partition(command[1])[0] if command else None


def _bare_value(
    text: str, found: re.Match[str], bare: re.Match[str], before: str, *, has_sections: bool
) -> str | None:
    """Return the literal without quotes that a name is set to, or None if it is none."""
    value = bare["value"]
    if bare["next"]:  # all of it is in quotes: "name=value", "name: value"
        return value.rstrip("\\") if found["sep"] == "=" or bare["gap"] else None
    starts = _START_OF_LINE.search(before) is not None and not before.strip(" \t-\"'")
    if found["sep"] in {"=>", ":="}:
        return None
    if found["sep"] == ":":
        flows = _FLOW.search(before) is not None
        if not bare["gap"] or not (starts or flows):
            return None
        value = value.rstrip(",}]") if flows or value.endswith((",", "}")) else value
        is_whole = _REST.match(text, bare.start("value") + len(value)) is not None
        return value.rstrip("!?;") if is_whole and not _CALL.match(value) else None
    if bare["gap"] or text[found.end("after")] in " \t":  # of an INI file, or of a program
        is_set = starts and (has_sections or not _IDENTIFIER.fullmatch(value))
        is_whole = _REST.match(text, bare.end("value")) is not None
        return value if is_set and is_whole and not _CALL.match(value) else None
    if "(" in value or value.endswith(")") or before.endswith(("(", ", ", "[")):
        return None  # an argument of a call
    head, comma, rest = value.partition(",")
    if comma and not rest:
        return None
    return head


def _stated(name: str, value: str, shortest: int = 1) -> bool:
    value = value.strip().strip("\\\"'")
    if len(value) < shortest or (value.isupper() and value in name.upper()):
        return False
    return not repeats_name(name, value) and can_be_secret(value)


_OPTION = re.compile(rf"(?<![\w-])--?(?P<name>[A-Za-z][\w-]{{2,60}}+)[ \t]+(?!-){VALUE}")
_INSTRUCTION = re.compile(
    r"(?<![\w-])(?:ENV|setx|setenv|SETENV|SetEnv|fastcgi_param)[ \t]+"
    rf"(?P<name>[A-Za-z_]\w{{1,60}}+)[ \t]+{VALUE}"
)
_CONFIGURED = re.compile(rf"\bconfig(?:ure)?[ \t]+set[ \t]+(?P<name>[^\s=]{{3,100}})[ \t=]+{VALUE}")
_CALLED = re.compile(
    r"\b(?:define|SetEnvironmentVariable|setProperty|setenv|setItem|setdefault|environ\.get|getenv|env)"
    r"[ ]?\([ ]?\\?[\"']"
    r"(?P<name>[A-Za-z_][\w.-]{1,60}+)\\?[\"'][ ]?,[ ]?(?P<value>\\?\"[^\"\n]{1,200}|\\?'[^'\n]{1,200})"
)
_ELEMENT = re.compile(r"<(?P<name>[A-Za-z][\w.-]{1,60}+)>(?P<value>[^<\n]{1,200})</")
_LISTED = re.compile(
    rf"^[ \t-]{{0,40}}(?:name|key)[ \t]?:[ \t]*[\"']?(?P<name>[\w.-]{{2,60}}+)[\"']?[ \t]*\r?\n"
    rf"[ \t]{{0,40}}value[ \t]?:[ \t]*{VALUE}",
    re.MULTILINE,
)
_PAIRED = re.compile(
    rf"\b(?:name|key)=\\?[\"'](?P<name>[A-Za-z_][\w.:-]{{1,60}}+)\\?[\"']\s{{1,20}}value={VALUE}",
    re.IGNORECASE,
)
_OR_ELSE = re.compile(
    r"\$\{(?P<name>[A-Za-z_]\w{1,60}+):?[-=](?P<value>[^}\n$]{1,200})\}"
    r"|process\.env\.(?P<name2>[A-Za-z_]\w{1,60}+)[ ]{0,5}(?:\|\||\?\?)[ ]{0,5}[\"'`]"
    r"(?P<value2>[^\"'`\n]{1,200})"
)
_SUBSTITUTED = re.compile(
    r"[\"' ]s(?P<mark>[/|#,@])[%@{<_ ]{0,4}(?P<name>[A-Za-z_][\w.-]{2,60}+)[%@}>_ ]{0,4}(?P=mark)"
    r"(?P<value>[^\s\"'/|#,]{1,200})(?P=mark)"
)
_OTHERWISE = (
    (("--", "-"), _OPTION), (("ENV", "set", "Set", "fastcgi"), _INSTRUCTION), (("set",), _CONFIGURED),
    (("define", "SetEnv", "setProp", "setenv", "setItem", "setdefault", "env"), _CALLED),
    (("</",), _ELEMENT), (("value",), _LISTED), (("value=",), _PAIRED),
    (("${", "process.env"), _OR_ELSE), (("sed ",), _SUBSTITUTED),
)  # fmt: skip


def _set_otherwise(text: str) -> Iterator[str]:
    for marks, pattern in _OTHERWISE:
        if any(mark in text for mark in marks):
            for found in pattern.finditer(text):
                name, value = (part.lstrip("\\\"'") for part in _named_parts(found))
                if pattern is _SUBSTITUTED and names_a_secret(value):
                    continue  # one word for another
                if (
                    _NAME_HAS.search(name)
                    and names_a_secret(name)
                    and value.lower() not in PROSE
                    and _stated(name, value)
                ):
                    yield name


def _named_parts(found: re.Match[str]) -> tuple[str, str]:
    """Return the name and the value of a match; a pattern of two parts has them as `name2` and `value2`."""
    if found["name"] is None:
        return found["name2"], found["value2"]
    return found["name"], found["value"]


_HEADING = re.compile(r"([ \t]*)(?:secrets-manager|parameter-store)[ \t]*:[ \t]*(?:#.*)?")


def _without_names_of_secrets(text: str) -> str:
    """Return a build specification in YAML without the sections that hold names of secrets."""
    if not any(f"{section}:" in text for section in _NAMES_OF_SECRETS):
        return text
    kept: list[str] = []
    depth: int | None = None
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        if depth is not None and (not line.strip() or indent > depth):
            continue
        heading = _HEADING.fullmatch(line)
        depth = len(heading[1]) if heading else None
        kept.append(line)
    return "\n".join(kept)
