"""Rules of an organization: packages add them through the entry point group `tts_constructs.rules`.

    [project.entry-points."tts_constructs.rules"]
    agency = "agency_rules:RULES"

It names a module and the rules in it. Their examples are in the folder `examples` beside that module, one
file for each rule (see `examples.py`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from tts_constructs.errors import SettingsError
from tts_constructs.policy.model.rule import Force, Rule
from tts_constructs.policy.result import Level

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "tts_constructs.rules"
"""Group of the entry points with which a package adds rules."""

_STATED = "*-info/entry_points.txt"
"""Files in which an installed package states its entry points, below a folder of `sys.path`."""

_SUBJECT = f"rules of an organization (entry points {GROUP})"
_OURS = "TTS-"
_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
_CONTROL = re.compile(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?")
_TEXTS = ("title", "why", "source", "fix", "decides")


def may_bring_rules() -> bool:
    """Return whether any package on `sys.path` may state entry points of the group.

    A package in an archive may: `importlib.metadata` can look into it.
    """
    folders = [Path(path) for path in dict.fromkeys(sys.path)]
    return any(folder.is_file() or any(map(_names_group, folder.glob(_STATED))) for folder in folders)


def _names_group(file: Path) -> bool:
    try:
        return GROUP.encode() in file.read_bytes()
    except OSError:  # `importlib.metadata` reports an unreadable folder
        return True


@dataclass(frozen=True)
class RulePackage:
    """Rules that an organization adds.

    Args:
        name: Name of the entry point, with the installed distribution that states it.
        rules: The rules.
        examples: Folder of their examples.
    """

    name: str
    rules: tuple[Rule, ...]
    examples: Path


@cache
def rule_packages() -> tuple[RulePackage, ...]:
    """Return the installed rule packages, sorted by name.

    Raises:
        SettingsError: Some cannot be used; all faults are named.
    """
    from importlib.metadata import entry_points  # slow, and most runs do not need it

    packages, faults = [], []
    for entry_point in sorted(entry_points(group=GROUP), key=_name):
        try:
            packages.append(_load(entry_point))
        except _Unusable as error:
            faults.append(f"{_name(entry_point)} {error}")
    faults.extend(_faults(packages))
    if faults:
        raise SettingsError(_SUBJECT, faults)
    return tuple(packages)


def organization_rules() -> tuple[Rule, ...]:
    """Return the rules of all installed packages.

    Raises:
        SettingsError: A package cannot be used; all faults are named.
    """
    return tuple(rule for package in rule_packages() for rule in package.rules)


def examples_folder(rule_id: str) -> Path:
    """Return the folder with a rule's examples: that of its family, or of the package that adds it.

    Raises:
        SettingsError: A package cannot be used; all faults are named.
    """
    for package in rule_packages():
        if any(rule.id == rule_id for rule in package.rules):
            return package.examples
    return Path(__file__).parent / rule_id.split("-")[1].lower() / "examples"


class _Unusable(Exception):
    """An entry point names something unusable."""


def _name(entry_point: EntryPoint) -> str:
    distribution = entry_point.dist
    return (
        f"{entry_point.name} ({distribution.name} {distribution.version})"
        if distribution
        else entry_point.name
    )


def _load(entry_point: EntryPoint) -> RulePackage:
    try:
        loaded = entry_point.load()
    except Exception as error:  # anything that a package's code raises on import
        message = f"cannot be loaded ({type(error).__name__}: {error})"
        raise _Unusable(message) from None
    rules = tuple(loaded) if isinstance(loaded, Iterable) else ()
    if not rules or not all(isinstance(rule, Rule) for rule in rules):
        message = f"names {entry_point.value}, which holds no rules; write there RULES = (Rule(…), …)"
        raise _Unusable(message)
    file = sys.modules[entry_point.module].__file__
    return RulePackage(_name(entry_point), rules, Path(file or entry_point.module).parent / "examples")


def _faults(packages: Iterable[RulePackage]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for package in packages:
        for rule in package.rules:
            yield from (
                f"{package.name}: {rule.id} {fault}" for fault in _rule_faults(rule, package.examples)
            )
            if rule.id in owners:
                yield f"{package.name}: {rule.id} is a rule of {owners[rule.id]} already; write another id"
            owners[rule.id] = package.name


def _rule_faults(rule: Rule, examples: Path) -> Iterator[str]:
    """Yield what this library could not report, or could confuse with its own rules."""
    if rule.id.startswith(_OURS):
        yield f"begins with {_OURS}, as rules of this library do; begin with a name of your own"
    elif not _ID.fullmatch(rule.id):
        yield "isn't a rule ID; write capitals, digits and hyphens, such as AGENCY-S3-001"
    elif not (examples / f"{rule.id}.yaml").is_file():
        yield f"has no examples; write them in {examples.parent.name}/{examples.name}/{rule.id}.yaml"
    if empty := [name for name in _TEXTS if not getattr(rule, name).strip()]:
        yield f"has no {', '.join(empty)}"
    if rule.force not in get_args(Force):
        yield f"has the force {rule.force!r}; write one of {', '.join(get_args(Force))}"
    if not {rule.production, rule.sandbox} <= {*get_args(Level), None}:
        yield f"has a level that is none of {', '.join(get_args(Level))} and None"
    if strange := [control for control in rule.controls if not _CONTROL.fullmatch(control)]:
        yield f"names {', '.join(strange)}; a control of NIST SP 800-53 is written SC-7 or SC-7(5)"
    if not rule.checks and not rule.stack_check:
        yield "checks nothing; write checks={…} or stack_check=…"
