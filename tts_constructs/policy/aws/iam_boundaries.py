"""Computes the actions that a permissions boundary leaves of those that policies grant."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from tts_constructs.policy.aws.iam_identity_policies import MANAGED_POLICY
from tts_constructs.policy.aws.iam_statements import Statement, is_all, statements
from tts_constructs.policy.aws.wildcards import covers, overlap
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text, Value, after_last, name_key

BOUNDED = ("AWS::IAM::Role", "AWS::IAM::User")
"""Types of identities that can have a boundary."""

MOST_CHARACTERS = 6_144
"""The most characters of a managed policy (IAM, quotas); its actions alone may not have more."""

MOST_CHARACTERS_OF_ANY = 10_240
"""The most characters of the inline policies of a role, which no other policy may have either."""


@dataclass(frozen=True)
class Boundary:
    """The actions that a permissions boundary allows and denies, read once.

    Args:
        allowed: Patterns of allowed actions, by the service that they name; "" holds those of any service.
        all_but: For each statement with `NotAction` that allows, the patterns of the other actions.
        denied: Patterns of the actions that it denies on every resource without a condition, in the same way.
    """

    allowed: dict[str, list[str]]
    all_but: list[tuple[str, ...]]
    denied: dict[str, list[str]]
    _known: dict[str, bool] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, policy: Resource) -> Boundary:
        """Return the boundary that a managed policy is.

        Raises:
            UnknownValue: A statement of it can't be decided, or IAM would refuse it.
        """
        return policy["PolicyDocument"].cached(_read)

    def voids(self, action: str) -> bool:
        """Return whether no action that a pattern such as `s3:get*` matches is left. False if some are."""
        known = self._known.get(action)
        if known is None:
            known = self._known[action] = not self._leaves(action)
        return known

    def voids_all_but(self, actions: tuple[str, ...]) -> bool:
        """Return whether no action is left that none of these patterns matches."""
        return not self.all_but and all(
            any(covers(other, pattern) for other in actions) for pattern in _all(self.allowed)
        )

    def _leaves(self, action: str) -> bool:
        if any(covers(pattern, action) for pattern in _about(self.denied, action)):
            return False
        return any(overlap(pattern, action) for pattern in _about(self.allowed, action)) or any(
            not any(covers(other, action) for other in others) for others in self.all_but
        )


def boundary_policy(identity: Resource) -> Resource | None:
    """Return the managed policy of the app that is the boundary of a role or user, or None if none is."""
    return _policy(identity["PermissionsBoundary"])


def bounded_identities(policy: Resource) -> list[Resource]:
    """Return the roles and users of the app to which a policy resource is attached.

    Raises:
        UnknownValue: A list of them is not known.
    """
    found = {identity: None for key in ("Roles", "Users") for identity in _named(policy, key)}
    if policy.type == MANAGED_POLICY:
        attached = policy.stack.assembly.index(_attached_policies, *BOUNDED)
        found.update(dict.fromkeys(attached[policy]))
    return [identity for identity in found if identity["PermissionsBoundary"].exists]


def is_granted_something(identity: Resource) -> bool:
    """Return whether a policy of the app grants something to a role or user."""
    if identity["Policies"].exists or any(_attached_policies(identity)):
        return True
    index = identity.stack.assembly.index(
        _identities_of, MANAGED_POLICY, "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy"
    )
    return identity in index


def _read(document: Node) -> Boundary:
    boundary = Boundary({}, [], {})
    length = 0
    for node in statements(document):
        statement = Statement.read(node)
        length += sum(map(len, (*statement.actions, *statement.not_actions)))
        if length > MOST_CHARACTERS:
            raise UnknownValue(document.unknown(f"IAM takes at most {MOST_CHARACTERS:,} characters."))
        if statement.allows and statement.not_actions:
            boundary.all_but.append(statement.not_actions)
        elif statement.allows or _always(statement):
            kept = boundary.allowed if statement.allows else boundary.denied
            for action in statement.actions:
                kept.setdefault(_service(action), []).append(action)
    return boundary


def _always(statement: Statement) -> bool:
    """Return whether a statement holds for every resource, without a condition."""
    return (
        not statement.conditions
        and not statement.not_resources
        and any(is_all(value) for value in statement.resources)
    )


def _service(action: str) -> str:
    prefix, colon, _ = action.partition(":")
    return prefix if colon and not {"*", "?"} & set(prefix) else ""


def _about(patterns: dict[str, list[str]], action: str) -> Iterator[str]:
    """Yield the patterns that may match an action that the given pattern matches."""
    service = _service(action)
    if not service:
        yield from _all(patterns)
    else:
        yield from patterns.get(service, ())
        yield from patterns.get("", ())


def _all(patterns: dict[str, list[str]]) -> Iterator[str]:
    for found in patterns.values():
        yield from found


def _named(policy: Resource, key: str) -> Iterator[Resource]:
    kind, name = _KINDS[key]
    single = _SINGLE.get(policy.type)
    items = [policy[single[1]]] if single and single[0] == key else policy[key].items()
    for item in items:
        identity = None if item.is_unknown else item.target(kind, name=name)
        if identity:
            yield identity


_KINDS = {"Roles": ("AWS::IAM::Role", "RoleName"), "Users": ("AWS::IAM::User", "UserName")}
_SINGLE = {"AWS::IAM::RolePolicy": ("Roles", "RoleName"), "AWS::IAM::UserPolicy": ("Users", "UserName")}


def _identities_of(policy: Resource) -> Iterator[Hashable]:
    for key in _KINDS:
        yield from _named(policy, key)


def _attached_policies(identity: Resource) -> Iterator[Hashable]:
    for arn in identity["ManagedPolicyArns"].items():
        policy = _policy(arn)
        if policy:
            yield policy


def _policy(arn: Node) -> Resource | None:
    """Return the managed policy of the app that an ARN names, or None if it is elsewhere."""
    value: Value = arn.value
    if isinstance(value, Reference):
        return arn.target(MANAGED_POLICY)
    if not isinstance(value, str | Text):
        return None
    name = name_key(after_last(value, "/"), arn.resource.stack)
    return arn.stack.nearest(arn.stack.assembly.index(_name, MANAGED_POLICY)[name])


def _name(policy: Resource) -> list[Hashable]:
    name = policy["ManagedPolicyName"].name_key()
    return [name] if name else []
