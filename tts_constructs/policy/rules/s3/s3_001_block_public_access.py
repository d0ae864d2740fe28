"""TTS-S3-001: Buckets must block all public access."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tts_constructs.policy.aws.api_call_effects import with_calls
from tts_constructs.policy.aws.api_calls import Call, named
from tts_constructs.policy.aws.bucket_policies import BUCKET, BUCKET_POLICY
from tts_constructs.policy.aws.iam_conditions import STATED_CALLERS, allows_everybody, service_for_anybody
from tts_constructs.policy.aws.iam_statements import statement_list
from tts_constructs.policy.model.checks import check_each, check_items, stop_at_unknown, with_fix
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result

_OTHERS_INFORMATION = (
    'Handbook, "Other people\'s information": "Any system in AWS might have the public\'s information (as '
    'opposed to public data) at any time."'
)

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_PUBLIC_ACLS = frozenset({"PublicRead", "PublicReadWrite", "AuthenticatedRead"})


def _public_access(bucket: Resource) -> Iterator[Result]:
    configuration = bucket["PublicAccessBlockConfiguration"]
    if not configuration.exists:
        yield configuration.violation(
            "PublicAccessBlockConfiguration is not set, so public access is not blocked."
        )
    else:
        yield from check_each([configuration[flag] for flag in _BLOCKS], _is_blocked)
    yield from stop_at_unknown(_public_acl(bucket["AccessControl"]))


def _is_blocked(flag: Node) -> Iterator[Result]:
    if not flag.boolean():
        yield flag.violation(f"{flag.key} is {flag.shown}; it must be true.")


def _public_acl(acl: Node) -> Iterator[Result]:
    if acl.text() in _PUBLIC_ACLS:
        yield acl.violation(
            f"AccessControl is {acl.shown}, which opens the bucket to the public.",
            fix="Remove access_control and public_read_access. Give access to those who need it, as with "
            "`grant_read(…)`.",
            template_fix="Remove AccessControl. Give access to those who need it in their own policies.",
        )


_POLICIES = {
    BUCKET_POLICY: "PolicyDocument",
    "AWS::S3::AccessPoint": "Policy",
    "AWS::S3::MultiRegionAccessPointPolicy": "Policy",
    "AWS::S3Express::AccessPoint": "Policy",
    "AWS::S3Express::BucketPolicy": "PolicyDocument",
    "AWS::S3ObjectLambda::AccessPointPolicy": "PolicyDocument",
    "AWS::S3Outposts::AccessPoint": "Policy",
    "AWS::S3Outposts::BucketPolicy": "PolicyDocument",
    "AWS::S3Tables::TableBucketPolicy": "ResourcePolicy",
    "AWS::S3Tables::TablePolicy": "ResourcePolicy",
    "AWS::S3Vectors::VectorBucketPolicy": "Policy",
}
"""The property that holds the policy of a bucket, or of an access point."""


def _public_policy(holder: Resource) -> Iterator[Result]:
    return check_items(statement_list(holder[_POLICIES[holder.type]]), _public_statement)


def _access_point(access_point: Resource) -> Iterator[Result]:
    configuration = access_point["PublicAccessBlockConfiguration"]
    if configuration.exists:  # the four blocks of an access point are on by default
        yield from with_fix(
            check_each([configuration[flag] for flag in _BLOCKS], _is_blocked), _ON_BY_DEFAULT
        )
    if access_point.type in _POLICIES:
        yield from _public_policy(access_point)


_ON_BY_DEFAULT = "Remove the public access block: an access point has all four flags on by itself."

_ACCESS_POINTS = (
    "AWS::S3::AccessPoint",
    "AWS::S3::MultiRegionAccessPoint",
    "AWS::S3Express::AccessPoint",
    "AWS::S3ObjectLambda::AccessPoint",
)


def _public_statement(statement: Node) -> Iterator[Result]:
    if allows_everybody(statement, STATED_CALLERS):
        yield statement.violation(
            "This statement allows everyone, without a condition that narrows it to stated callers.",
            fix="Name who it allows, as `grant_read(…)` does, or narrow it with a condition such as "
            "aws:PrincipalOrgID or aws:SourceArn. What the public reads is served by CloudFront, with "
            "`origins.S3BucketOrigin.with_origin_access_control(…)`.",
            template_fix="Name in `Principal` who it allows, or narrow it with a `Condition`, such as "
            "one on aws:PrincipalOrgID or aws:SourceArn.",
        )
    elif service := service_for_anybody(statement):
        yield statement.violation(
            f"This statement allows {service}, which acts for anyone, in any account.",
            fix="Add a condition on aws:SourceArn or aws:SourceAccount, as "
            "`origins.S3BucketOrigin.with_origin_access_control(…)` does.",
            template_fix="Add a `Condition` on aws:SourceArn or aws:SourceAccount.",
        )


def _policy_of_call(call: Call, parameter: str) -> Iterator[Result]:
    for policy in call.at(parameter):
        yield from check_items(statement_list(policy), _public_statement)


def _block_of_call(call: Call, parameter: str) -> Iterator[Result]:
    configuration = call.parameter(parameter)
    for flag in (named(configuration, key) for key in _BLOCKS):
        if not flag.boolean():
            yield flag.violation(f"{call.name} blocks public access in part: {flag.key} is {flag.shown}.")


_CANNED = frozenset({"public-read", "public-read-write", "authenticated-read"})
_PUBLIC_GROUPS = re.compile(r"groups/global/(AllUsers|AuthenticatedUsers)")
_GRANTS = (
    "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP",
    "AccessControlPolicy/Grants/*/Grantee/URI",
)  # fmt: skip


def _acl_of_call(call: Call, _: str) -> Iterator[Result]:
    opened = f"{call.name} opens it to the public with an ACL."
    if any(acl.text() in _CANNED for acl in call.at("ACL")):
        yield call.place.violation(opened)
    for path in _GRANTS:
        if any(_PUBLIC_GROUPS.search(grantee.text() or "") for grantee in call.at(path)):
            yield call.place.violation(opened)


RULE = Rule(
    id="TTS-S3-001",
    title="Buckets must block all public access",
    why=(
        "Public buckets are the most common way for an agency's data to leak. One careless ACL or policy is "
        "enough. The four block settings of S3 override both."
    ),
    source=f'{_OTHERS_INFORMATION} "Don\'t release information"',
    section="Other people's information",
    fix="Use TtsBucket, or write `block_public_access=s3.BlockPublicAccess.BLOCK_ALL`.",
    template_fix="Set all four flags of `PublicAccessBlockConfiguration` to true.",
    decides=(
        "All four flags of PublicAccessBlockConfiguration must be true, and none of an access point may be "
        "off. AccessControl must not be public. No policy statement of a bucket or access point, of any "
        "kind, may allow everyone, unless a condition narrows it to named accounts, organizations, "
        "networks, or resources. No statement may allow a service that acts for anyone, such as CloudFront, "
        "without a condition on aws:SourceArn or aws:SourceAccount. A condition counts only if it excludes "
        "someone. No call of an API may write such a policy or a public ACL, or remove the block settings."
    ),
    controls=("AC-3", "AC-4", "SC-7"),
    force="M",
    production="block",
    sandbox="block",
    checks=with_calls(
        "TTS-S3-001",
        {
            BUCKET: _public_access,
            **dict.fromkeys(_POLICIES, _public_policy),
            **dict.fromkeys(_ACCESS_POINTS, _access_point),
        },
        {"acl": _acl_of_call, "block": _block_of_call, "policy": _policy_of_call},
    ),
    waivable=False,
)
