"""Results of the instance rules about launch templates outside the app."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.launch_templates import launch_template, specifications
from tts_constructs.policy.model.checks import stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Check
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result


def stated(resource: Resource, key: str) -> bool:
    """Return whether a property is set, whatever its value.

    Raises:
        UnknownValue: A transform may put it there.
    """
    node = resource[key]
    properties = resource.properties.value
    if node.is_unknown and not (isinstance(properties, dict) and key in properties):
        node.text()
    return node.exists


def outside_the_app(what: str) -> Check:
    """Return a check that says that `what` cannot be seen in launch templates outside the app."""

    def check(launcher: Resource) -> Iterator[Result]:
        for specification in specifications(launcher):
            yield from stop_at_unknown(unseen(specification, what))

    return check


def unseen(specification: Node, what: str) -> Iterator[Result]:
    if launch_template(specification) is None:
        yield specification.unknown(
            f"The launch template is not one of the app, so {what} cannot be seen. Make it in the app."
        )
