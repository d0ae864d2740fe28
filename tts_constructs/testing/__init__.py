"""Helpers for a team's tests: findings of the judge, examples of the team's rules, and template snapshots.

    from tts_constructs.testing import assert_blocked, assert_compliant, findings, replacements

The fixtures `tts_app` and `tts_snapshot` come with the pytest plugin, which pytest finds by itself. Names are
loaded when first used: the plugin is in this package, and pytest imports it in every project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tts_constructs._lazy import lazy_names

if TYPE_CHECKING:
    from tts_constructs.testing.assertions import assert_blocked as assert_blocked
    from tts_constructs.testing.assertions import assert_compliant as assert_compliant
    from tts_constructs.testing.assertions import findings as findings
    from tts_constructs.testing.rule_examples import check_examples as check_examples
    from tts_constructs.testing.stack_update import Refusal as Refusal
    from tts_constructs.testing.stack_update import Replacement as Replacement
    from tts_constructs.testing.stack_update import StackUpdate as StackUpdate
    from tts_constructs.testing.stack_update import replacements as replacements

_HOMES = {
    "Refusal": "tts_constructs.testing.stack_update",
    "Replacement": "tts_constructs.testing.stack_update",
    "StackUpdate": "tts_constructs.testing.stack_update",
    "assert_blocked": "tts_constructs.testing.assertions",
    "assert_compliant": "tts_constructs.testing.assertions",
    "check_examples": "tts_constructs.testing.rule_examples",
    "findings": "tts_constructs.testing.assertions",
    "replacements": "tts_constructs.testing.stack_update",
}

__getattr__, __dir__, __all__ = lazy_names(__name__, _HOMES)
