"""A plugin of pytest, for mutmut alone: forgets what was computed before the change.

The process that makes all mutants has run the tests before. What functions with `functools.cache` kept would
hide each change of what they call.
"""

import sys

import pytest


def pytest_sessionstart(session: pytest.Session) -> None:  # noqa: ARG001  # pytest gives it by this name
    forget()


def forget() -> None:
    """Empty the caches of all functions of the library that have one."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "tts_constructs":
            for held in list(vars(module).values()):
                empty = getattr(held, "cache_clear", None)
                if callable(empty):
                    empty()
