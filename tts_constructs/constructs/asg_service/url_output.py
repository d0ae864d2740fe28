"""The output with the address of a service, under a name that scripts can rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import aws_cdk as cdk
import jsii
from constructs import Construct, IValidation


def url_output(service: Construct, name: str, url: str) -> cdk.CfnOutput:
    """Makes the output of a service's address: its name without punctuation and `Url`, such as `WebUrl`.

    Scripts read it by that name, which must not change when the service moves in the tree. Another output of
    the stack with the same name is reported at synth.

    Args:
        service: The service.
        name: Its construct id.
        url: Its address.
    """
    output = cdk.CfnOutput(service, "Url", value=url, description=f"Address of {name}")
    logical_id = re.sub(r"\W|_", "", f"{name}Url")
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
            f"the stack has the output {self._logical_id} twice: the address of the service "
            f'"{self._service.node.path}", and "{other.node.path}"; give that one another id'
            for other in _outputs(stack)
            if other is not self._output and stack.resolve(other.logical_id) == self._logical_id
        ]


def _outputs(stack: cdk.Stack) -> Iterator[cdk.CfnOutput]:
    return (part for part in stack.node.find_all() if isinstance(part, cdk.CfnOutput))
