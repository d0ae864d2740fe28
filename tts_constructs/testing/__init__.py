"""Helpers for a team's tests: findings of the judge, examples of the team's rules, and template snapshots.

    from tts_constructs.testing import assert_blocked, assert_compliant, check_examples, findings

The fixture `tts_snapshot` comes with the pytest plugin, which pytest finds by itself. Names are loaded when
first used: the plugin is in this package, and pytest imports it in every project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tts_constructs._lazy import lazy_names

if TYPE_CHECKING:
    from tts_constructs.testing.assertions import assert_blocked as assert_blocked
    from tts_constructs.testing.assertions import assert_compliant as assert_compliant
    from tts_constructs.testing.assertions import findings as findings
    from tts_constructs.testing.rule_examples import check_examples as check_examples

_HOMES = {
    "assert_blocked": "tts_constructs.testing.assertions",
    "assert_compliant": "tts_constructs.testing.assertions",
    "check_examples": "tts_constructs.testing.rule_examples",
    "findings": "tts_constructs.testing.assertions",
}

__getattr__, __dir__, __all__ = lazy_names(__name__, _HOMES)
