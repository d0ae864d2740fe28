"""Where launchers of instances name their launch templates."""

from typing import Any

import pytest

from tts_constructs.policy.aws.launch_templates import COMPUTE_ENVIRONMENT, GROUP, NODE_GROUP, specifications
from tts_constructs.policy.loading.reader import add_stack
from tts_constructs.policy.model.assembly import Assembly
from tts_constructs.policy.settings.model import Settings


@pytest.mark.parametrize(
    ("kind", "properties", "places"),
    [
        (NODE_GROUP, {"LaunchTemplate": {}}, ["LaunchTemplate"]),
        (NODE_GROUP, {}, []),
        (
            COMPUTE_ENVIRONMENT,
            {"ComputeResources": {"LaunchTemplate": {"Overrides": [{}, {}]}}},
            [
                "ComputeResources/LaunchTemplate",
                "ComputeResources/LaunchTemplate/Overrides/0",
                "ComputeResources/LaunchTemplate/Overrides/1",
            ],
        ),
        (GROUP, {"LaunchTemplate": {}}, ["LaunchTemplate"]),
    ],
)
def test_a_launcher_names_launch_templates_in_its_own_places(
    kind: str, properties: dict[str, Any], places: list[str]
) -> None:
    body = {"Resources": {"Launcher": {"Type": kind, "Properties": properties}}}
    launcher = add_stack(Assembly(Settings()), body, "Example").resources["Launcher"]
    assert [node.location for node in specifications(launcher)] == [f"Properties/{place}" for place in places]
