"""`replacements`: what CloudFormation would replace, create, delete, and keep between two templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts_constructs.errors import InputError, InvalidArgumentError
from tts_constructs.files import read_text
from tts_constructs.policy.aws.create_only import UpdateBehavior, update_behaviors
from tts_constructs.policy.loading.parser import is_template, parse
from tts_constructs.policy.loading.reader import checked_template
from tts_constructs.testing import deletions
from tts_constructs.testing.template_changes import (
    MISSING,
    Certainty,
    Change,
    Comparison,
    references,
    together,
    value_at,
)

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.assertions import Template

    Compared = cdk.Stack | Template | Mapping[str, Any] | Path | str
    """Templates to compare; a path is that of a template in JSON or YAML."""

_GROUP = "AWS::AutoScaling::AutoScalingGroup"
_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_LISTENER_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
_TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


@dataclass(frozen=True)
class Replacement:
    """A resource that CloudFormation replaces: it creates a new one, then deletes the old one.

    Attributes:
        type: Its resource type.
        properties: Properties that cause it, such as `Scheme` or `Placement/Tenancy`; `*` is each item of a
            list.
        because_of: Logical ids of changed resources that these properties refer to.
    """

    type: str
    properties: tuple[str, ...]
    because_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Something that AWS refuses.

    Attributes:
        logical_id: The resource.
        reason: Why, in one sentence.
        certain: Whether the templates alone decide it. False: it depends on more, such as whether a bucket is
            empty.
    """

    logical_id: str
    reason: str
    certain: bool = True


@dataclass(frozen=True)
class StackUpdate:
    """The effects of an update of a stack on its resources, by logical id. `str` lists them.

    A refused creation or update rolls the update back. An old resource that AWS refuses to delete stays:
    CloudFormation tries three times, then it completes the update and no longer knows the resource. The
    deletion of a whole stack, or the rollback of its creation, fails (`DELETE_FAILED`, `ROLLBACK_FAILED`).

    Attributes:
        replaced: Resources that are replaced.
        may_be_replaced: Resources that may be, depending on what the templates don't say.
        created: Type of each resource that comes.
        deleted: Type of each resource that goes from the stack.
        left_behind: What stays of old resources when the stack lets them go: `Retain` or `Snapshot`.
        undecided: Resources of which nothing can be said, and why: their type is unknown, or a condition
            changed.
        refusals: What AWS refuses.
    """

    replaced: Mapping[str, Replacement]
    may_be_replaced: Mapping[str, Replacement]
    created: Mapping[str, str]
    deleted: Mapping[str, str]
    left_behind: Mapping[str, str]
    undecided: Mapping[str, str]
    refusals: tuple[Refusal, ...]

    def __str__(self) -> str:
        """Returns one line for each thing that happens; empty if nothing does."""
        return "\n".join(_lines(self))


def replacements(before: Compared, after: Compared) -> StackUpdate:
    """Says what CloudFormation would replace, create, delete, and refuse between two templates of a stack.

    It knows the create-only properties of all resource types of the regions that systems run in, from
    CloudFormation's schemas. It follows `Ref` and `Fn::GetAtt`: a resource is replaced too if a create-only
    property refers to a resource that is replaced. It doesn't know the account: exports that other stacks
    import, values of parameters, and the contents of nested stacks are not looked at.

    Args:
        before: The deployed template: a stack, a `Template`, a map, or the path of a file. `{}`: the stack
            doesn't exist yet.
        after: The next one. `{}`: the stack is deleted, or its creation is rolled back.

    Returns:
        What happens, by logical id.

    Raises:
        InvalidArgumentError: An argument is none of these.
        InputError: A file or map is not a template.
        RuntimeError: A stack can't be synthesized; that guardrails block it doesn't count.
    """
    old, new = _template(before, "before"), _template(after, "after")
    comparison = Comparison(old, new)
    was, will_be = _resources(old), _resources(new)
    stay = {one: was[one] for one in was if one in will_be and was[one]["Type"] == will_be[one]["Type"]}
    found = _followed(comparison, stay, will_be)
    replaced = {one: replacement for one, (sure, replacement) in found.items() if sure}
    created = {one: will_be[one]["Type"] for one in will_be if one not in was}
    deleted = {one: was[one]["Type"] for one in was if one not in will_be}
    left_behind = {
        one: kept
        for one in was
        if one in deleted or one in replaced
        if (kept := _kept(was[one], will_be.get(one))) != "Delete"
    }
    return StackUpdate(
        replaced=replaced,
        may_be_replaced={one: replacement for one, (sure, replacement) in found.items() if not sure},
        created=created,
        deleted=deleted,
        left_behind=left_behind,
        undecided=dict(_undecided(comparison, stay, will_be)),
        refusals=(
            *_other_types(was, will_be),
            *_taken_names(comparison, was, replaced, created),
            *_shared_target_groups(was, will_be, replaced),
            *_kept_from_deletion(old, {*deleted, *replaced}, left_behind),
        ),
    )


def _template(subject: object, argument: str) -> dict[str, Any]:
    if isinstance(subject, str | Path):
        path = Path(subject)
        body = parse(read_text(path), str(path))
        if not is_template(body):
            raise InputError(str(path), ["is not a CloudFormation template"])
        return checked_template(body, str(path))
    if isinstance(subject, Mapping):
        return checked_template(dict(subject), f"`{argument}`")
    import aws_cdk as cdk  # takes seconds, which files and maps need not wait for
    from aws_cdk.assertions import Template

    if isinstance(subject, cdk.Stack | Template):
        from tts_constructs.testing.synthesis import template_of

        return template_of(subject, "replacements")
    fault = (
        f"{argument}= takes a Stack or Template of the CDK, a template as a map, or a path; "
        f"{subject!r} is none of these"
    )
    raise InvalidArgumentError("replacements", [fault])


def _resources(template: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: one for name, one in (template.get("Resources") or {}).items() if not name.startswith("Fn::")
    }


def _followed(
    comparison: Comparison, stay: Mapping[str, Any], will_be: Mapping[str, Any]
) -> dict[str, tuple[bool, Replacement]]:
    """Finds replacements, and what they replace in turn, until nothing is added."""
    found: dict[str, tuple[bool, Replacement]] = {}
    while True:
        modified = set(comparison.modified)
        for one, resource in stay.items():
            properties = (given.get("Properties") or {} for given in (resource, will_be[one]))
            if comparison.compare(*properties).certainty:
                comparison.modified.add(one)
            change, replacement = _replacement(comparison, resource, will_be[one])
            if change.certainty:
                found[one] = change.certainty is Certainty.SURE, replacement
        known = {one: Certainty.SURE if sure else Certainty.MAY for one, (sure, _) in found.items()}
        if (known, modified) == (comparison.replaced, comparison.modified):
            return dict(sorted(found.items()))
        comparison.replaced = known


def _replacement(
    comparison: Comparison, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Change, Replacement]:
    behavior = update_behaviors().get(before["Type"], UpdateBehavior())
    old, new = before.get("Properties") or {}, after.get("Properties") or {}
    changes: dict[str, Change] = {}
    for path in {**old, **new} if behavior.immutable else behavior.create_only:
        changes[path] = comparison.compare(value_at(old, path), value_at(new, path))
    for path in _conditional(before["Type"], behavior, after):
        change = comparison.compare(value_at(old, path), value_at(new, path))
        certainty = change.certainty if before["Type"] == _GROUP else min(change.certainty, Certainty.MAY)
        changes.setdefault(path, Change(certainty, change.causes))
    whole = together(changes.values())
    causing = sorted(path for path, change in changes.items() if change.certainty)
    return whole, Replacement(before["Type"], tuple(causing), tuple(sorted(whole.causes)))


def _conditional(kind: str, behavior: UpdateBehavior, after: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the paths that may replace a resource; of groups, the update policy decides."""
    if kind != _GROUP:
        return behavior.conditional
    stated = ((after.get("UpdatePolicy") or {}).get("AutoScalingReplacingUpdate") or {}).get("WillReplace")
    return behavior.conditional if str(stated).lower() == "true" else ()


def _undecided(
    comparison: Comparison, stay: Mapping[str, Any], will_be: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for one, resource in sorted(stay.items()):
        conditions = {resource.get("Condition"), will_be[one].get("Condition")}
        if len(conditions) > 1 or conditions & comparison.redefined:
            yield one, "its condition changed, so it may come or go"
        elif resource["Type"] not in update_behaviors() and one in comparison.modified:
            yield one, f"its properties change, and {resource['Type']} is not known"


def _kept(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> str:
    """Returns what is done with an old resource; it is only kept for sure if both templates say so."""
    policy = deletions.policy(before, replaced=after is not None)
    return policy if after is None or policy == deletions.policy(after, replaced=True) else "Delete"


def _other_types(was: Mapping[str, Any], will_be: Mapping[str, Any]) -> Iterator[Refusal]:
    for one in sorted(was.keys() & will_be.keys()):
        old, new = was[one]["Type"], will_be[one]["Type"]
        if old != new:
            yield Refusal(one, f"CloudFormation refuses to make {new} of {old} under one logical id")


def _taken_names(
    comparison: Comparison, was: Mapping[str, Any], replaced: Mapping[str, Any], created: Mapping[str, str]
) -> Iterator[Refusal]:
    """Yields new resources whose stated name an old one has, as CloudFormation creates before it deletes."""
    for one in sorted({*replaced, *created}):
        new = comparison.resources[one]
        behavior = update_behaviors().get(new["Type"], UpdateBehavior())
        olds = {one} if one in replaced else was.keys()
        for old in sorted(olds):
            if was[old]["Type"] != new["Type"] or (old == one and behavior.deleted_first):
                continue
            names = [
                (value_at(was[old].get("Properties"), path), value_at(new.get("Properties"), path))
                for path in behavior.name
            ]
            stated = names and all(MISSING not in pair for pair in names)
            if stated and not any(comparison.compare(*pair).certainty for pair in names):
                what = " and ".join(behavior.name)
                yield Refusal(one, f"the old {old} still has its {what}; AWS lets no two share it")


def _shared_target_groups(
    was: Mapping[str, Any], will_be: Mapping[str, Any], replaced: Mapping[str, Any]
) -> Iterator[Refusal]:
    """Yields target groups that an old balancer still has when a new one needs them."""
    before, after = _balancers_of_target_groups(was), _balancers_of_target_groups(will_be)
    for group in sorted((before.keys() & after.keys()) - replaced.keys()):
        new = {one for one in after[group] if one in replaced or one not in was}
        old = {one for one in before[group] if one in replaced or one not in will_be}
        if new and before[group]:
            names = ", ".join(sorted(old or before[group]))
            reason = f"it still belongs to {names}; AWS lets a target group have one load balancer"
            yield Refusal(group, reason, certain=bool(old))


def _balancers_of_target_groups(resources: Mapping[str, Any]) -> dict[str, set[str]]:
    """Returns the balancers whose listeners and rules name each target group."""

    def named(one: str, path: str) -> set[str]:
        value = value_at(resources[one].get("Properties"), path)
        return {reference.name for reference in references(value) if reference.name in resources}

    balancers: dict[str, set[str]] = {}
    for one, resource in resources.items():
        if resource["Type"] == _LISTENER:
            owners, actions = named(one, "LoadBalancerArn"), "DefaultActions"
        elif resource["Type"] == _LISTENER_RULE:
            listeners = named(one, "ListenerArn")
            owners, actions = {name for it in listeners for name in named(it, "LoadBalancerArn")}, "Actions"
        else:
            continue
        for group in named(one, actions):
            if resources[group]["Type"] == _TARGET_GROUP:
                balancers.setdefault(group, set()).update(owners)
    return balancers


def _kept_from_deletion(
    template: Mapping[str, Any], gone: set[str], left_behind: Mapping[str, str]
) -> Iterator[Refusal]:
    resources = _resources(template)
    for one in sorted(gone):
        if left_behind.get(one) != "Retain":
            for reason, certain in deletions.obstacles(one, resources[one], template):
                yield Refusal(one, reason, certain)


def _lines(update: StackUpdate) -> Iterator[str]:
    for word, found in (("replaced", update.replaced), ("may be replaced", update.may_be_replaced)):
        for one, replacement in found.items():
            through = f" (through {', '.join(replacement.because_of)})" if replacement.because_of else ""
            yield f"{word}: {one}, {replacement.type}, by {', '.join(replacement.properties)}{through}"
    for word, types in (("created", update.created), ("deleted", update.deleted)):
        yield from (f"{word}: {one}, {kind}" for one, kind in sorted(types.items()))
    yield from (f"left behind: {one}, {policy}" for one, policy in sorted(update.left_behind.items()))
    yield from (f"undecided: {one}: {why}" for one, why in update.undecided.items())
    for refusal in update.refusals:
        yield f"{'refused' if refusal.certain else 'may be refused'}: {refusal.logical_id}: {refusal.reason}"
