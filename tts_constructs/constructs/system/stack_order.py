"""Keeps the order in which stacks of a system need others, so that no two need each other.

CloudFormation deploys a stack after those whose values it uses. If two use each other's, the CDK refuses the
app.
"""

from __future__ import annotations

import aws_cdk as cdk


class StackOrder:
    """The stacks of a system, and those that each needs.

    Args:
        own: The system's own stack, which all others need: they use its key and its network.
    """

    def __init__(self, own: cdk.Stack) -> None:
        self._own = own.node.path
        self._needed: dict[str, set[str]] = {}

    def lets(self, stack: cdk.Stack, need: cdk.Stack) -> bool:
        """Returns True if a stack may need another, and notes that it does. False: the other needs it."""
        if stack is need:  # nearly always
            return True
        this, other = _path(stack), _path(need)
        if this != other:
            if this == self._own or this in self._all_needed_by(other):
                return False
            self._needed.setdefault(this, set()).add(other)
        return True

    def _all_needed_by(self, path: str) -> set[str]:
        found: set[str] = set()
        waiting = [path]
        while waiting:
            new = self._needed.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found


def _path(stack: cdk.Stack) -> str:
    """Returns the path of the stack that is deployed: a nested one is deployed with its parent."""
    while stack.nested_stack_parent:
        stack = stack.nested_stack_parent
    return stack.node.path
