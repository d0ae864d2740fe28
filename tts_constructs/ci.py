"""Whether this runs in continuous integration (CI)."""

from __future__ import annotations

from collections.abc import Mapping

VARIABLES = ("CI", "CODEBUILD_BUILD_ID", "TF_BUILD")
"""Variables that a CI sets: most of them `CI`, AWS CodeBuild and Azure Pipelines one of their own."""

_OFF = frozenset({"", "0", "false"})


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether these environment variables are those of a CI.

    What runs there is deployed, so that what only warns on a desk blocks.
    """
    return any(environ.get(name, "").strip().lower() not in _OFF for name in VARIABLES)
