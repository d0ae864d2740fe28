"""Runs actions that need the complete construct tree of a system."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import aws_cdk as cdk
import jsii
from constructs import Construct, IConstruct


def when_complete(leaf: Construct, stacks: Sequence[cdk.Stack], act: Callable[[IConstruct], None]) -> None:
    """Calls `act` with every construct of some stacks and their nested stacks when Aspects run.

    An Aspect in Python calls JavaScript for each construct below its scope. This one is visited once, at a
    leaf, and gets a stack's constructs in one call. That takes a quarter of the time: 0.03 s for the 740
    constructs of a stack that took 0.45 s to make and synthesize.

    Args:
        leaf: A construct with nothing below it.
        stacks: The stacks. Stacks that join the list before Aspects run count too.
        act: Action to run with each construct.
    """
    cdk.Aspects.of(leaf).add(_Completion(stacks, act))


@jsii.implements(cdk.IAspect)
class _Completion:
    def __init__(self, stacks: Sequence[cdk.Stack], act: Callable[[IConstruct], None]) -> None:
        self._stacks = stacks
        self._act = act

    def visit(self, _: IConstruct) -> None:
        for stack in self._stacks:
            for part in stack.node.find_all():
                self._act(part)
