"""Buckets: who can reach what is in them, and how it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.bucket_policies import BUCKET, BUCKET_POLICY
from tts_constructs.policy.aws.iam_conditions import STATED_CALLERS, allows_everybody
from tts_constructs.policy.aws.iam_statements import statements
from tts_constructs.policy.aws.log_buckets import is_log_target
from tts_constructs.policy.model.checks import each, settled, with_fix
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.system_metadata import METADATA_KEY, DataSensitivity

_OTHERS_INFORMATION = (
    'Handbook, "Other people\'s information": "Any system in AWS might have the public\'s information (as '
    'opposed to public data) at any time."'
)
_MOST_CONSERVATIVE = (
    'Handbook, "Other people\'s information": "always assume the owner of that data has the most '
    'conservative requirements unless they have taken express action"'
)

# Public access

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_PUBLIC_ACLS = frozenset({"PublicRead", "PublicReadWrite", "AuthenticatedRead"})


def _public_access(bucket: Resource) -> Iterator[Result]:
    configuration = bucket["PublicAccessBlockConfiguration"]
    if not configuration.exists:
        yield configuration.violation(
            "PublicAccessBlockConfiguration is missing: public access is not blocked."
        )
    else:
        yield from each([configuration[flag] for flag in _BLOCKS], _is_blocked)
    yield from settled(_public_acl(bucket["AccessControl"]))


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
"""Where each type holds the policy of a bucket, or of a way to one."""


def _public_policy(holder: Resource) -> Iterator[Result]:
    return each(statements(holder[_POLICIES[holder.type]]), _public_statement)


def _access_point(access_point: Resource) -> Iterator[Result]:
    configuration = access_point["PublicAccessBlockConfiguration"]
    if configuration.exists:  # the four blocks of an access point are on by default
        yield from with_fix(each([configuration[flag] for flag in _BLOCKS], _is_blocked), _ON_BY_DEFAULT)
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
            "This statement allows everybody, without a condition that narrows it to stated callers.",
            fix="Name those whom it allows, as `grant_read(…)` does, or narrow it with a condition such as "
            "aws:PrincipalOrgID or aws:SourceArn. What the public reads is served by CloudFront, with "
            "`origins.S3BucketOrigin.with_origin_access_control(…)`.",
            template_fix="Name in `Principal` those whom it allows, or narrow it with a `Condition`, such as "
            "one on aws:PrincipalOrgID or aws:SourceArn.",
        )


# Encryption, versions and access logs

_KEYS = frozenset({"aws:kms", "aws:kms:dsse"})
_OWN_KEY_OF_S3 = "AES256"


def _encryption(bucket: Resource) -> Iterator[Result]:
    rules = bucket.properties.at("BucketEncryption/ServerSideEncryptionConfiguration")
    if not rules.items():
        yield rules.violation("BucketEncryption is missing, so no key is stated.")
    yield from each(rules.items(), _encryption_rule)


def _encryption_rule(rule: Node) -> Iterator[Result]:
    algorithm = rule.at("ServerSideEncryptionByDefault/SSEAlgorithm")
    stated = algorithm.text()
    if stated in _KEYS:
        return
    if stated != _OWN_KEY_OF_S3:
        yield algorithm.violation(f"SSEAlgorithm is {algorithm.shown}; it must be aws:kms.")
    elif not _is_public(rule.resource) and not is_log_target(rule.resource):
        yield algorithm.violation(
            "SSEAlgorithm is AES256. Only a bucket of data that is declared public, or one that holds "
            "nothing but logs, may do without a KMS key."
        )


def _is_public(bucket: Resource) -> bool:
    """Whether the owner of a bucket's data has declared that it is public."""
    own = bucket.attribute("Metadata")[METADATA_KEY]["data_sensitivity"].text()
    return (own or bucket.stack.record.get("data_sensitivity")) == DataSensitivity.PUBLIC


def _versions(bucket: Resource) -> Iterator[Result]:
    status = bucket.properties.at("VersioningConfiguration/Status")
    if status.text() != "Enabled" and not is_log_target(bucket):
        yield status.violation(
            f"VersioningConfiguration.Status is {status.shown}, so what is overwritten or deleted is lost."
        )


def _access_logs(bucket: Resource) -> Iterator[Result]:
    logging = bucket["LoggingConfiguration"]
    parts = [node for _, node in logging.entries()]
    if not parts and not is_log_target(bucket):
        yield logging.violation("LoggingConfiguration names no bucket, so nobody can tell who read what.")


RULES = (
    Rule(
        id="TTS-S3-001",
        title="Buckets block all public access",
        why=(
            "A bucket that the public can read is the commonest way in which an agency's data leaks, and one "
            "careless ACL or policy is enough. The four blocks of S3 overrule both."
        ),
        source=f'{_OTHERS_INFORMATION} "Don\'t release information"',
        fix="Use TtsBucket, or write `block_public_access=s3.BlockPublicAccess.BLOCK_ALL`.",
        template_fix="Set all four flags of `PublicAccessBlockConfiguration` to true.",
        decides=(
            "All four flags of PublicAccessBlockConfiguration are true, and none of an access point is off; "
            "AccessControl is not public; no statement of a policy of a bucket or access point, of whatever "
            "kind, allows everybody, unless a condition narrows it to stated accounts, organizations, "
            "networks or resources."
        ),
        controls=("AC-3", "AC-4", "SC-7"),
        force="M",
        production="block",
        sandbox="block",
        checks={
            BUCKET: _public_access,
            **dict.fromkeys(_POLICIES, _public_policy),
            **dict.fromkeys(_ACCESS_POINTS, _access_point),
        },
        waivable=False,
    ),
    Rule(
        id="TTS-S3-002",
        title="Buckets are encrypted with a key",
        why=(
            "A KMS key of the system's own decides who can read the objects, even among those who can reach "
            "the bucket, and each use of the key is recorded."
        ),
        source=_MOST_CONSERVATIVE,
        fix=(
            "Use TtsBucket, which encrypts with the system's key. Or write "
            "`encryption_key=kms.Key(…, enable_key_rotation=True)`. If the owner of the data has declared it "
            "public, say so with `data_sensitivity=DataSensitivity.PUBLIC` of TtsSystem or TtsGuardrails, "
            "and write `encryption=s3.BucketEncryption.S3_MANAGED`."
        ),
        template_fix=(
            "Write BucketEncryption with `SSEAlgorithm: aws:kms`. If the owner of the data has declared it "
            "public, say so with `data_sensitivity: public` in Metadata.TTS, and write "
            "`SSEAlgorithm: AES256`."
        ),
        decides=(
            "BucketEncryption states SSE-KMS. SSE-S3 passes where the data is declared public, by the record "
            "of the system or the metadata of the bucket, and where the bucket holds nothing but logs: "
            "another resource logs into it, and neither its policy nor an identity policy of the app lets "
            "anyone put objects there but who delivers logs."
        ),
        controls=("SC-28", "SC-28(1)", "SC-13"),
        force="M",
        production="block",
        sandbox="warn",
        checks={BUCKET: _encryption},
    ),
    Rule(
        id="TTS-S3-003",
        title="Buckets keep versions",
        why=(
            "Without versions, an object that a program or a person overwrites or deletes by mistake is "
            "gone, and it may be the only copy of what somebody has sent in."
        ),
        source=(
            'Handbook, "Building systems that will be deployed directly to AWS": "to ensure the integrity of '
            'information stored in AWS, we impose some additional restrictions"'
        ),
        fix="Use TtsBucket, or write `versioned=True`.",
        template_fix="Write `VersioningConfiguration: {Status: Enabled}`.",
        decides=(
            "VersioningConfiguration.Status is Enabled. A bucket that holds nothing but logs (see "
            "TTS-S3-002) needs none."
        ),
        controls=("CP-9", "CP-10"),
        force="M",
        production="block",
        sandbox=None,
        checks={BUCKET: _versions},
    ),
    Rule(
        id="TTS-S3-004",
        title="Access to buckets is logged",
        why="After a leak the first question is who has read what. Only access logs answer it.",
        source=(
            'Handbook, "Your information": "Everything you do on these systems is subject to monitoring and '
            'auditing."'
        ),
        fix=(
            "Use TtsBucket, which logs into the system's log bucket. Or write `server_access_logs_bucket=` "
            "with a bucket that holds nothing but logs: "
            "`s3.Bucket(…, block_public_access=s3.BlockPublicAccess.BLOCK_ALL, enforce_ssl=True, "
            "encryption=s3.BucketEncryption.S3_MANAGED)`."
        ),
        template_fix=(
            "Write `LoggingConfiguration` with the `DestinationBucketName` of a bucket that holds nothing "
            "but logs."
        ),
        decides=(
            "LoggingConfiguration says where access logs go. A bucket that holds nothing but logs (see "
            "TTS-S3-002) needs none."
        ),
        controls=("AU-2", "AU-3", "AU-12", "SI-4"),
        force="M",
        production="block",
        sandbox=None,
        checks={BUCKET: _access_logs},
    ),
)
