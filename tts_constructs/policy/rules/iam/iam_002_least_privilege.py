"""TTS-IAM-002: Permissions are least."""

from __future__ import annotations

from collections.abc import Iterator

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
    statements,
)
from tts_constructs.policy.model.checks import check_each, stop_at_unknown
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Text, Unknown
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules._handbook import NO_BACK_CHANNEL


def _grants_the_least(resource: Resource) -> Iterator[Result]:
    yield from stop_at_unknown(_grants_least_by_policies(resource))
    if resource.type in IDENTITIES:
        yield from stop_at_unknown(_is_no_administrator(resource["ManagedPolicyArns"]))
    if resource.type == "AWS::SSO::PermissionSet":
        yield from stop_at_unknown(_is_no_administrator(resource["ManagedPolicies"]))
    if resource.type == ROLE:
        yield from stop_at_unknown(_trusts_somebody(resource))


def _grants_least_by_policies(resource: Resource) -> Iterator[Result]:
    for document in identity_policies(resource):
        yield from stop_at_unknown(_grants_least_by_document(document))


def _grants_least_by_document(document: Node) -> Iterator[Result]:
    yield from check_each(statements(document), _is_limited)


def _is_limited(node: Node) -> Iterator[Result]:
    if not may_speak_of(node.value, "iam"):
        return
    statement = Statement.read(node)
    everything = bool(statement.not_actions) or any(not a.strip("*:") for a in statement.actions)
    if not statement.allows or not (everything or statement.covers("iam:PassRole")):
        return
    what = "every action" if everything else "iam:PassRole"
    if statement.not_resources or any(is_all(value, roles=not everything) for value in statement.resources):
        yield node.violation(
            f"The statement allows {what} on every resource.",
            fix=None if everything else "Name the role that is passed: `role.grant_pass_role(…)` does.",
            template_fix=None if everything else "Name the role that is passed in `Resource`.",
        )
    elif any(isinstance(value, Unknown) for value in statement.resources):
        yield node["Resource"].unknown(f"The statement allows {what} on a resource that is not known.")


def _is_no_administrator(arns: Node) -> Iterator[Result]:
    yield from check_each(arns.items(), _does_not_administer)


def _does_not_administer(arn: Node) -> Iterator[Result]:
    if arn.reference() is not None:
        return
    if name_in(arn.value) == "AdministratorAccess":
        yield arn.violation(
            "AdministratorAccess allows every action on every resource.",
            fix="Remove the policy, and use the grants of the CDK, such as `bucket.grant_read_write(role)`.",
            template_fix="Remove the policy, and write one with the actions and resources that are needed.",
        )
    elif isinstance(arn.value, Text) and isinstance(arn.value.parts[-1], Unknown):
        arn.text()


def _trusts_somebody(role: Resource) -> Iterator[Result]:
    yield from check_each(statements(role["AssumeRolePolicyDocument"]), _trusts_not_everybody)


def _trusts_not_everybody(node: Node) -> Iterator[Result]:
    principal = node["Principal"]
    if type(principal.value) is dict and principal.value.keys() <= {"Service", "Federated"}:
        return
    statement = Statement.read(node)
    if statement.allows and statement.to_anyone:
        yield node.violation(
            "The trust policy lets everybody in every account take the role.",
            fix="Name who may take the role, such as `assumed_by=iam.ServicePrincipal(…)`.",
            template_fix="Name who may take the role in `Principal`.",
        )
    elif statement.allows and any(isinstance(value, Unknown) for _, value in statement.principals):
        yield principal.unknown("The trust policy lets somebody take the role who is not known.")


RULE = Rule(
    id="TTS-IAM-002",
    title="Permissions are least",
    why=(
        "Whoever takes over a part of a system gets what its role may do: with every permission that is "
        "the whole account, and by passing any role to a service of their choice it is too."
    ),
    source=f"NIST SP 800-53 AC-6, least privilege. {NO_BACK_CHANNEL}",
    section="Permissions",
    fix=(
        "Use the grants of the CDK, such as `bucket.grant_read_write(role)`, also with a TtsBucket. Or "
        "name the actions and the resources that are needed."
    ),
    template_fix="Name the actions and the resources that are needed in `Action` and `Resource`.",
    decides=(
        "No identity policy allows every action on every resource, or iam:PassRole on every role; no "
        "role trusts everybody; AdministratorAccess is not attached. A managed policy that is used as a "
        "permissions boundary alone grants nothing and is not judged."
    ),
    controls=("AC-6",),
    force="P",
    production="block",
    sandbox="warn",
    checks=dict.fromkeys(IDENTITY_POLICY_TYPES, _grants_the_least),
)
