"""A route of a service: what happens to requests for some paths or hosts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

_PRIORITIES = range(1, 50_001)
_VALUES = 5
_LONGEST_PATTERN = 128
"""Limits of Elastic Load Balancing; none can be raised (quotas for Application Load Balancers)."""


@dataclass(frozen=True, kw_only=True)
class ListenerRoute:
    """A rule that each listener of a balancer has.

    Args:
        id: Name of the route.
        priority: Its place among the routes; the lowest number wins.
        paths: Path patterns.
        hosts: Host patterns.
        action: What happens to a request that matches.
    """

    id: str
    priority: int
    paths: Sequence[str]
    hosts: Sequence[str]
    action: elbv2.ListenerAction

    def faults(self, others: Sequence[ListenerRoute]) -> Iterator[str]:
        """Yields one sentence for each thing that AWS refuses.

        Args:
            others: The routes that the service already has.
        """
        for other in others:
            if other.id == self.id:
                yield f'its service already has a route "{self.id}"; write another id'
            elif other.priority == self.priority:
                taken = {one.priority for one in others}
                free = next(number for number in _PRIORITIES if number not in taken)
                yield f'priority={self.priority} is that of the route "{other.id}"; write another: {free}'
        if self.priority not in _PRIORITIES:
            yield f"priority={self.priority} is not a valid priority; write 1 to {_PRIORITIES[-1]}"
        patterns = [*self.paths, *self.hosts]
        if not patterns:
            yield 'names no request; write paths=["/docs/*"] or hosts=[...]'
        if len(patterns) > _VALUES:
            yield (
                f"paths= and hosts= hold {len(patterns)} patterns, and a rule takes {_VALUES}; write a "
                "further route for the others"
            )
        for pattern in patterns:
            if not cdk.Token.is_unresolved(pattern) and len(pattern) > _LONGEST_PATTERN:
                yield f"{pattern!r} has {len(pattern)} characters, and a pattern takes {_LONGEST_PATTERN}"

    def add_to(self, listener: elbv2.ApplicationListener) -> None:
        """Adds the rule to a listener."""
        conditions = []
        if self.paths:
            conditions.append(elbv2.ListenerCondition.path_patterns(list(self.paths)))
        if self.hosts:
            conditions.append(elbv2.ListenerCondition.host_headers(list(self.hosts)))
        listener.add_action(self.id, priority=self.priority, conditions=conditions, action=self.action)
