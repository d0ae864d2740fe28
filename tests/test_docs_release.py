"""The page about a release and secrets: its app synthesizes, and what it says of the instance is so."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from tts_constructs import Release, Secret, standards
from tts_constructs.constructs.asg_service import fetched_at_boot
from tts_constructs.constructs.asg_service.instance_files import fetch
from tts_constructs.testing import findings

PAGE = (Path(__file__).parents[1] / "docs/how-to/release.md").read_text(encoding="utf-8")
IMAGE = (
    "ami:account=111122223333:filters.architecture.0=x86_64:filters.image-type.0=machine:"
    f"filters.name.0={standards.IMAGE_NAME}:filters.state.0=available:owners.0=777788889999:region=us-east-1"
)


def example(language: str) -> str:
    found = re.search(rf"```{language}[^\n]*\n(.*?)```", PAGE, re.S)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def app(make_app: Callable[..., cdk.App], tmp_path_factory: pytest.TempPathFactory) -> cdk.App:
    """The app of the page, in an account whose lookups are recorded."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "tts.toml").write_text('[image]\nowners = ["777788889999"]\n', encoding="utf-8")
    names: dict[str, Any] = {}
    ready = make_app({IMAGE: "ami-0f15a4ead40000001"})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(cdk, "App", lambda: ready)
        exec(compile(example("python"), "app.py", "exec"), names)  # noqa: S102 - the page's own example
    return names["app"]  # type: ignore[no-any-return]


def test_the_app_of_the_page_meets_every_rule(app: cdk.App) -> None:
    assert [str(finding) for finding in findings(app)] == []


def test_the_service_can_be_deployed_after_the_bucket(app: cdk.App) -> None:
    base, web = (stack for stack in app.node.children if isinstance(stack, cdk.Stack))
    assert [other.stack_name for other in web.dependencies] == ["Forms-Base"]
    assert list(base.dependencies) == []


def test_the_unit_of_the_page_reads_the_secrets_that_the_library_fetches() -> None:
    unit, ours = (configparser.ConfigParser() for _ in range(2))
    for parser in (unit, ours):
        parser.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(example("ini"))
    ours.read_string(fetched_at_boot.UNIT)
    assert unit["Service"]["EnvironmentFile"] == Secret.FILE
    assert unit["Service"]["ExecStart"].startswith(Release.FOLDER)
    assert unit["Unit"]["Requires"] == unit["Unit"]["After"] == fetched_at_boot.UNIT_NAME
    assert ours["Service"]["Type"] == "oneshot"


def test_the_page_says_how_often_and_for_how_long_a_request_is_tried() -> None:
    assert len(fetch.WAITS) + 1 == 7
    assert "tried seven times in about a minute" in PAGE
    assert 55 <= sum(fetch.WAITS) <= 70
