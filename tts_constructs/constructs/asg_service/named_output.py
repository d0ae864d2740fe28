"""Outputs of a service, under names that scripts can rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import aws_cdk as cdk
import jsii
from constructs import Construct, IValidation


def named_output(service: Construct, name: str, what: str, value: str, description: str) -> cdk.CfnOutput:
    """Makes an output that begins with a service's name, without punctuation, such as `WebUrl`.

    Scripts read it by that name, which must not change when the service moves in the tree. Another output of
    the stack with the same name is reported at synth.

    Args:
        service: The service.
        name: Its construct id.
        what: The rest of the output's name, such as `Url`.
        value: The value.
        description: What the value is.
    """
    output = cdk.CfnOutput(service, what, value=value, description=description)
    logical_id = re.sub("[^a-zA-Z0-9]", "", f"{name}{what}")
    output.override_logical_id(logical_id)
    service.node.add_validation(_NoOtherOutput(service, output, logical_id))
    return output


@jsii.implements(IValidation)
class _NoOtherOutput:
    """Reports another output of the stack that has the name of a service's."""

    def __init__(self, service: Construct, output: cdk.CfnOutput, logical_id: str) -> None:
        self._service = service
        self._output = output
        self._logical_id = logical_id

    def validate(self) -> list[str]:
        """Returns one sentence for each output that has the name."""
        stack = self._output.stack
        return [
            f"the stack has the output {self._logical_id} twice: that of the service "
            f'"{self._service.node.path}", and "{other.node.path}"; give that one another id'
            for other in _outputs(stack)
            if other is not self._output and stack.resolve(other.logical_id) == self._logical_id
        ]


def _outputs(stack: cdk.Stack) -> Iterator[cdk.CfnOutput]:
    return (part for part in stack.node.find_all() if isinstance(part, cdk.CfnOutput))
