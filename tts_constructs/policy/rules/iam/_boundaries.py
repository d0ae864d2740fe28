"""Judges the permissions that boundaries leave of those that policies grant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tts_constructs.policy.aws.iam_boundaries import (
    BOUNDED,
    MOST_CHARACTERS_OF_ANY,
    Boundary,
    boundary_policy,
    bounded_identities,
    is_granted_something,
)
from tts_constructs.policy.aws.iam_identity_policies import identity_policies
from tts_constructs.policy.aws.iam_statements import Statement, statements
from tts_constructs.policy.model.node import Node, UnknownValue
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_MOST_NAMES = 5


def has_a_known_boundary(identity: Resource) -> Iterator[Result]:
    """Yield a warning if the boundary of a role or user can't be read, so that grants may be void."""
    if identity.type not in BOUNDED or not identity["PermissionsBoundary"].exists:
        return
    place = identity["PermissionsBoundary"]
    try:
        policy = boundary_policy(identity)
        if policy:
            Boundary.read(policy)
            return
        why = "is not one of the app"
    except UnknownValue as undecided:
        why = f"cannot be read: {undecided.result.message.rstrip('.')}"
    try:
        is_granted = is_granted_something(identity)
    except UnknownValue:
        is_granted = True
    if is_granted:
        yield place.unknown(
            f"The permissions boundary {why}. A role can do what both its policies and its boundary allow.",
            fix="Check that the boundary allows what the app grants. Or let TtsSystem make it, and leave "
            "`permissions_boundary=` out.",
            template_fix="Check that the boundary allows what the template grants, or make it in the "
            "template.",
        )


def is_left_by_boundaries(resource: Resource) -> Iterator[Result]:
    """Yield each statement of a policy that allows an action of which a boundary leaves nothing."""
    bounded = _by_boundary(resource)
    try:
        documents = identity_policies(resource) if bounded else []
    except UnknownValue:
        return  # said where the policies are
    for document in documents:
        if document.cached(_is_too_long):  # for each of many boundaries, this would take quadratic time
            yield document.unknown(
                f"IAM takes at most {MOST_CHARACTERS_OF_ANY:,} characters.", fix="Split the policy."
            )
            continue
        for policy, identities in bounded.items():
            try:
                boundary = Boundary.read(policy)
            except UnknownValue:
                continue  # said where the boundary is
            for node in _known(document):
                yield from _is_left(node, boundary, policy, identities)


def _by_boundary(resource: Resource) -> dict[Resource, list[Resource]]:
    """Return the roles and users that a resource grants something to, by their boundary."""
    try:
        identities = [resource] if resource.type in BOUNDED else bounded_identities(resource)
    except UnknownValue:
        return {}
    found: dict[Resource, list[Resource]] = {}
    for identity in identities:
        if policy := boundary_policy(identity):
            found.setdefault(policy, []).append(identity)
    return found


def _known(document: Node) -> list[Node]:
    try:
        return statements(document)
    except UnknownValue:
        return []


def _is_too_long(document: Node) -> bool:
    actions = (action for node in _known(document) for action in _actions(node))
    return sum(map(len, actions)) > MOST_CHARACTERS_OF_ANY


def _actions(node: Node) -> tuple[str, ...]:
    try:
        return Statement.read(node).actions
    except UnknownValue:
        return ()


def _is_left(
    node: Node, boundary: Boundary, policy: Resource, identities: Sequence[Resource]
) -> Iterator[Result]:
    try:
        statement = Statement.read(node)
    except UnknownValue:
        return
    if not statement.allows:
        return
    if statement.not_actions:
        void = ["everything that it allows"] if boundary.voids_all_but(statement.not_actions) else []
    else:
        void = _as_written(node, [action for action in statement.actions if boundary.voids(action)])
    if void:
        actions = _listed(void)
        kind = identities[0].type.rpartition("::")[2].lower()
        who = _listed([identity.logical_id for identity in identities])
        yield node.violation(
            f"{policy.logical_id}, the permissions boundary of the {kind} {who}, does not allow {actions}, "
            "so the statement has no effect for it.",
            fix="Use a service that TTS-SVC-001 does not block; TtsSystem's boundary follows the list of "
            "approved services. Or extend the boundary: give TtsSystem one that allows "
            f"{actions} (`permissions_boundary=`).",
            template_fix=f"Use another service, or extend the boundary: allow {actions} in "
            f"{policy.logical_id}.",
        )


def _as_written(node: Node, actions: list[str]) -> list[str]:
    """Return actions with the upper and lower case of the template."""
    written = {text.lower(): text for text in reversed(node["Action"].texts())} if actions else {}
    return [written.get(action, action) for action in actions]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    return f"{shown} and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else shown
