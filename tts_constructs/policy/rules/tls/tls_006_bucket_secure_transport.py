"""TTS-TLS-006: Buckets must refuse plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from tts_constructs.policy.aws.bucket_policies import ANY_KEY, BUCKET, names, policies_of, undecided_policies
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Result
from tts_constructs.policy.rules.tls._plain_http_denials import denials_of_plain_http
from tts_constructs.policy.rules.tls._shared import CONTROLS, HANDBOOK

_EVERY_ACTION = frozenset({"*", "s3:*"})
_PARTS = {"": "the bucket", ANY_KEY: "its objects"}


def _bucket(bucket: Resource) -> Iterator[Result]:
    website = bucket["WebsiteConfiguration"]
    if website.exists:
        yield website.violation(
            "WebsiteConfiguration makes a website endpoint, which speaks plain HTTP only.",
            fix="Remove `website_index_document=` and similar arguments, and put CloudFront in front of the "
            "bucket, with `origins.S3BucketOrigin.with_origin_access_control(…)`.",
            template_fix="Remove WebsiteConfiguration, and put an AWS::CloudFront::Distribution in front.",
        )
    denials, undecided = denials_of_plain_http(policies_of(bucket))
    resources = [
        (resource, denial.node.resource.stack)
        for denial in denials
        if not _EVERY_ACTION.isdisjoint(denial.actions)
        for resource in denial.resources
    ]
    verdicts = {
        part: {names(resource, bucket, key, stack=stack) for resource, stack in resources}
        for key, part in _PARTS.items()
    }
    unprotected = " and ".join(part for part, found in verdicts.items() if True not in found)
    if not unprotected:
        return
    if any(None in found for found in verdicts.values()):
        undecided.append("A statement that denies plain HTTP has a Resource that is not known; write it.")
    undecided += [
        f"{policy.logical_id} names a bucket that is not known; write a reference to it."
        for policy in undecided_policies(bucket)
    ]
    if undecided:
        message = f"Plain HTTP may be allowed on {unprotected}. {undecided[0]}"
        yield bucket.properties.unknown(message)
    else:
        yield bucket.properties.violation(
            f"No bucket policy of the app denies s3:* on {unprotected} to everyone who does not use TLS."
        )


RULE = Rule(
    id="TTS-TLS-006",
    title="Buckets must refuse plain HTTP",
    why=(
        "S3 answers plain HTTP as well as HTTPS. If a program uses an http:// address by mistake, everyone "
        "on the way can read the object. Only the bucket's policy can refuse this."
    ),
    source=f"{HANDBOOK} AWS Foundational Security Best Practices S3.5.",
    section="HTTPS Everywhere",
    fix="Use TtsBucket, or write `enforce_ssl=True`.",
    template_fix=(
        'Add an `AWS::S3::BucketPolicy` with `Effect: Deny`, `Principal: "*"`, `Action: s3:*`, and '
        '`Condition: {Bool: {aws:SecureTransport: "false"}}`. As `Resource`, name the bucket\'s ARN, and the '
        "same with /* at its end."
    ),
    decides=(
        "Bucket policies of the app that name the bucket, in any stack, must deny s3:* to everyone when "
        "aws:SecureTransport is false, without a further condition, on the bucket and on its objects. A "
        "website endpoint breaks the rule, because it speaks only HTTP."
    ),
    controls=CONTROLS,
    force="M",
    production="block",
    sandbox="block",
    checks={BUCKET: _bucket},
)
