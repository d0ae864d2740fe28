"""The rule catalog: a package for each family of ids, a module for each rule."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from tts_constructs.policy.model.rule import Rule

FAMILIES = (
    "ec2", "asg", "vpc", "net", "tls", "s3", "data", "kms", "sec", "acc", "iam", "cd", "svc", "tag", "log",
    "mon", "sbx", "cfn", "reg",
)  # fmt: skip
"""Middle parts of the ids (`TTS-EC2-001`) in lower case, in the order of the catalog."""


def library_rules() -> tuple[Rule, ...]:
    """Return the rules of this library, in the order of the catalog."""
    return tuple(
        importlib.import_module(f"{__name__}.{family}.{name}").RULE
        for family in FAMILIES
        for name in _rule_modules(family)
    )


def _rule_modules(family: str) -> list[str]:
    """Return the modules of a family that hold a rule: those whose name has no leading underscore."""
    found = pkgutil.iter_modules([str(Path(folder) / family) for folder in __path__])
    return sorted(module.name for module in found if not module.name.startswith("_"))


@cache
def catalog() -> tuple[Rule, ...]:
    """Return all rules: those of this library, then those of organizations (see `entry_points.py`).

    Raises:
        SettingsError: The rules of an organization can't be used; all faults are named.
    """
    from tts_constructs.policy.rules.entry_points import may_bring_rules, organization_rules

    return (*library_rules(), *(organization_rules() if may_bring_rules() else ()))
