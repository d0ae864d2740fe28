"""Help for a team's own tests: what the judge finds, and a snapshot of a template.

    from tts_constructs.testing import assert_blocked, assert_compliant, findings

The fixture `tts_snapshot` comes with the pytest plugin, which pytest finds by itself. Names are loaded when
first used: the plugin stands in this package, and pytest imports it in every project.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tts_constructs.testing.assertions import assert_blocked as assert_blocked
    from tts_constructs.testing.assertions import assert_compliant as assert_compliant
    from tts_constructs.testing.assertions import findings as findings

__all__ = ["assert_blocked", "assert_compliant", "findings"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module("tts_constructs.testing.assertions"), name)
