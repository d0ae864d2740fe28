"""The pytest plugin: the fixtures `tts_app` and `tts_snapshot`.

pytest imports it in every project that has this library, so it imports nothing that pytest has not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from tts_constructs.synth import TtsApp


@pytest.fixture(scope="session")
def tts_app(pytestconfig: pytest.Config) -> Callable[..., TtsApp]:
    """Makes a `TtsApp` for a test, as fast as may be: `stack = build(tts_app())`.

    It has the context of `cdk.json` and `cdk.context.json` in pytest's root folder, as an app has that the
    `cdk` command runs, and takes the arguments of `TtsApp`. AWS's validation of templates doesn't run, as it
    takes seconds; a synth in CI does that. An `aws-cdk-lib` before 2.275 runs it anyway, unless
    `CDK_VALIDATION=false` is in the environment.
    """

    def make(**arguments: Any) -> TtsApp:
        from tts_constructs.testing.apps import app_of

        return app_of(pytestconfig.rootpath, **arguments)

    return make


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
