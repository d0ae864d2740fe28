"""The pytest plugin: the fixture `tts_snapshot`.

pytest imports it in every project that has this library, so it imports nothing that pytest has not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


@pytest.fixture
def tts_snapshot(request: pytest.FixtureRequest) -> SnapshotAssertion:
    """Compares the template of a stack with the one that was recorded: `assert stack == tts_snapshot`.

    A `Template` of the CDK's assertions or a map does as well as a stack. The template is kept as JSON in
    `__snapshots__`; `pytest --snapshot-update` records it. Guardrails that block do not matter here.
    """
    try:
        from tts_constructs.testing.snapshot import TemplateSnapshot
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "syrupy":
            raise
        pytest.fail("tts_snapshot needs syrupy; run: pip install syrupy", pytrace=False)
    snapshot: SnapshotAssertion = request.getfixturevalue("snapshot")
    return snapshot.use_extension(TemplateSnapshot)
