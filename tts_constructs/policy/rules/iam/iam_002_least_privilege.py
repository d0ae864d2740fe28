"""TTS-IAM-002: Policies must grant least privilege."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.iam_conditions import is_narrowed
from tts_constructs.policy.aws.iam_identity_policies import (
    IDENTITIES,
    IDENTITY_POLICY_TYPES,
    identity_policies,
)
from tts_constructs.policy.aws.iam_statements import (
    ROLE,
    Statement,
    is_all,
    may_speak_of,
    name_in,
    statement_list,
)
from tts_constructs.policy.model.checks import check_items, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Text, Unknown
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules._handbook import NO_BACK_CHANNEL
from tts_constructs.policy.rules.iam._boundaries import has_a_known_boundary, is_left_by_boundaries
from tts_constructs.policy.rules.iam._trust import trusts_stated_callers


def _grants_the_least(resource: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_grants_least_by_policies(resource))
    if resource.type in IDENTITIES:
        yield from stop_at_unknown(_is_no_administrator(resource["ManagedPolicyArns"]))
    if resource.type == "AWS::SSO::PermissionSet":
        yield from stop_at_unknown(_is_no_administrator(resource["ManagedPolicies"]))
    if resource.type == ROLE:
        yield from stop_at_unknown(trusts_stated_callers(resource))
    yield from has_a_known_boundary(resource)
    yield from is_left_by_boundaries(resource)


def _grants_least_by_policies(resource: Resource) -> Iterator[Result]:
    for document in identity_policies(resource):
        yield from stop_at_unknown(_grants_least_by_document(document))


def _grants_least_by_document(document: Node) -> Iterator[Result]:
    yield from check_items(statement_list(document), _is_limited)


_TAKES_MORE = {
    "iam:PassRole": "role",
    "iam:PutRolePolicy": "role",
    "iam:PutUserPolicy": "user",
    "iam:PutGroupPolicy": "group",
    "iam:AttachRolePolicy": "role",
    "iam:AttachUserPolicy": "user",
    "iam:AttachGroupPolicy": "group",
    "iam:CreatePolicyVersion": "policy",
}
"""Actions that let an identity give itself every permission, with the kind of their resource."""

_PASSED_TO = frozenset({"iam:passedtoservice"})
_BOUNDED_BY = frozenset({"iam:permissionsboundary", "iam:policyarn"})


def _is_limited(node: Node) -> Iterator[Result]:
    if not may_speak_of(node.value, "iam"):
        return
    statement = Statement.read(node)
    if not statement.allows:
        return
    if statement.not_actions or any(not action.strip("*:") for action in statement.actions):
        yield from _is_on_stated_resources(statement, "every action", None)
        return
    covered = [action for action in _TAKES_MORE if statement.covers(action)]
    if not covered or is_narrowed(statement, _BOUNDED_BY):
        return
    for action in covered:
        results = list(_is_on_stated_resources(statement, action, _TAKES_MORE[action]))
        if results:
            yield from results
            return


def _is_on_stated_resources(statement: Statement, what: str, kind: str | None) -> Iterator[Result]:
    node = statement.node
    if statement.not_resources or any(is_all(value, kind) for value in statement.resources):
        message = f"The statement allows {what} on every resource."
        if what == "iam:PassRole":
            passed = is_narrowed(statement, _PASSED_TO)
            yield node.violation(
                f"{message} iam:PassedToService limits the service, and not the role." if passed else message,
                fix="Name the role that is passed: `role.grant_pass_role(…)` does.",
                template_fix="Name the role that is passed in `Resource`.",
                at_most="warn" if passed else None,
            )
        elif kind:
            yield node.violation(
                f"{message} Whoever has it can give any permission to themselves.",
                fix="Leave it out: policies change by deployments of this app. Or name the resource.",
                template_fix="Leave it out: policies change by deployments of this template. Or name the "
                "resource in `Resource`.",
            )
        else:
            yield node.violation(message)
    elif any(isinstance(value, Unknown) for value in statement.resources):
        yield node["Resource"].unknown(f"The statement allows {what} on a resource that is not known.")


_ADMINISTRATORS = frozenset(
    {
        "AWSElasticBeanstalkService", "AmazonDynamoDBFullAccesswithDataPipeline",
        "AmazonElasticMapReduceFullAccess", "AmazonElasticMapReduceRole", "IAMFullAccess", "PowerUserAccess",
    }
)  # fmt: skip
"""Managed policies of AWS besides AdministratorAccess… that allow what this rule finds in a statement
(AWS managed policy reference)."""


def _is_no_administrator(arns: Node) -> Iterator[Result]:
    yield from check_items(arns, _does_not_administer)


def _does_not_administer(arn: Node) -> Iterator[Result]:
    if arn.reference() is not None:
        return
    name = name_in(arn.value)
    if name.startswith("AdministratorAccess") or name in _ADMINISTRATORS:
        everything = name in {"AdministratorAccess", "PowerUserAccess"}
        what = "every action" if everything else "its holder to take on more permissions"
        yield arn.violation(
            f"{name} allows {what} on every resource.",
            fix="Remove the policy, and use the grants of the CDK, such as `bucket.grant_read_write(role)`.",
            template_fix="Remove the policy, and write one with the actions and resources that are needed.",
        )
    elif isinstance(arn.value, Text) and isinstance(arn.value.parts[-1], Unknown):
        arn.text()


RULE = Rule(
    id="TTS-IAM-002",
    title="Policies must grant least privilege",
    why=(
        "If an attacker takes over a part of a system, the attacker can do everything that its role may do. "
        "With every permission, or with permission to pass any role to a service, that is the whole account."
    ),
    source=f"NIST SP 800-53 AC-6, least privilege. {NO_BACK_CHANNEL}",
    section="Permissions",
    fix=(
        "Use the grants of the CDK, such as `bucket.grant_read_write(role)`, which also work with "
        "TtsBucket. Or name the actions and resources that you need."
    ),
    template_fix="Name the actions and resources that you need in `Action` and `Resource`.",
    decides=(
        "No identity policy may allow every action on every resource, or allow on every resource an action "
        "that gives more permissions: iam:PassRole, iam:Put…Policy, iam:Attach…Policy, or "
        "iam:CreatePolicyVersion. iam:PassRole on every role with iam:PassedToService warns. "
        "AdministratorAccess, PowerUserAccess, IAMFullAccess, and similar policies must not be attached. "
        "The rule doesn't judge a managed policy that is only a permissions boundary, because it grants "
        "nothing. No role may trust everyone, unless a condition narrows it to named organizations, "
        "accounts, or principals. Trust in an OIDC provider needs a condition on `sub` that names who, and "
        "trust in an identity pool needs one on `aud`. Trust in another account warns, unless `[accounts] "
        "trusted` of the settings names it. A statement must not allow an action that the permissions "
        "boundary of its role excludes completely. If the boundary isn't of the app, it warns."
    ),
    controls=("AC-6",),
    force="P",
    production="block",
    sandbox="warn",
    checks=dict.fromkeys(IDENTITY_POLICY_TYPES, _grants_the_least),
)
