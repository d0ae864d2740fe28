"""Detects continuous integration (CI)."""

from __future__ import annotations

from collections.abc import Mapping

VARIABLES = ("CI", "CODEBUILD_BUILD_ID", "TF_BUILD")
"""Variables that CI systems set. Most set `CI`; AWS CodeBuild and Azure Pipelines set their own."""

_OFF = frozenset({"", "0", "false"})


def in_ci(environ: Mapping[str, str]) -> bool:
    """Return whether these environment variables are those of a CI system.

    A CI build is deployed, so some findings that only warn on a developer's machine block there.
    """
    return any(environ.get(name, "").strip().lower() not in _OFF for name in VARIABLES)
