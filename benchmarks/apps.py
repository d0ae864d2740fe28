"""Apps of a given size, of the kinds of resources that applications have most of, and their judges."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from benchmarks.results import GUARDRAILS, NAG, NOTHING

_BUCKET: dict[str, Any] = {
    "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
    "enforce_ssl": True,
    "versioned": True,
}
_RECORD = {
    "version": 1,
    "project": "benefits",
    "environment": "production",
    "owner": "benefits@example.gov",
    "data_sensitivity": "sensitive",
    "repository": "https://git.example.gov/benefits.git",
    "commit": "0" * 40,
    "dirty": False,
}
_ACKNOWLEDGED = (
    "CloudWatchAlarmAction",
    "IAMNoInlinePolicy",
    "S3BucketReplicationEnabled",
    "S3DefaultEncryptionKMS",
)
"""What cdk-nag finds in these apps."""


def make_app(resources: int, outdir: str, stack_size: int) -> cdk.App:
    """An app of about as many resources.

    Args:
        resources: How many.
        outdir: Where the assembly is written.
        stack_size: Resources in a stack.
    """
    app = cdk.App(outdir=outdir, builtin_cloud_formation_validation=False)
    for number in range(0, resources, stack_size):
        env = cdk.Environment(account="111122223333", region="us-east-1")
        stack = cdk.Stack(app, f"Stack{number // stack_size}", env=env)
        _fill(stack, min(stack_size, resources - number))
    return app


def _fill(stack: cdk.Stack, resources: int) -> None:
    stack.termination_protection = True
    stack.add_metadata("TTS", _RECORD | {"system": stack.node.path})
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    logs_bucket = s3.Bucket(stack, "Logs", encryption=s3.BucketEncryption.S3_MANAGED, **_BUCKET)
    made = 3
    number = 0
    while made < resources:
        number += 1
        s3.Bucket(
            stack, f"Bucket{number}", server_access_logs_bucket=logs_bucket, encryption_key=key, **_BUCKET
        )
        cloudwatch.CfnAlarm(
            stack,
            f"Alarm{number}",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            namespace="Benefits",
            metric_name="Errors",
            statistic="Sum",
            period=60,
            threshold=0,
        )
        sns.Topic(stack, f"Topic{number}", master_key=key, enforce_ssl=True)
        role = iam.Role(stack, f"Role{number}", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::x/*"]))
        logs.LogGroup(stack, f"LogGroup{number}", retention=logs.RetentionDays.TEN_YEARS, encryption_key=key)
        made += 8
    cdk.Tags.of(stack).add("Project", "benefits")
    cdk.Tags.of(stack).add("Environment", "production")


def attach(app: cdk.App, judge: str) -> None:
    """Lets a judge judge the app at its synth; none finds anything to report.

    Args:
        app: The app.
        judge: One of `JUDGES`.
    """
    if judge == NOTHING:
        cdk.Validations.of(app).add_plugins(_Nothing())
    elif judge == GUARDRAILS:
        from tts_constructs.synth.guardrails import attach as attach_guardrails

        attach_guardrails(Construct(app, "Leaf"))  # as a TtsSystem does
    elif judge == NAG:
        from cdk_nag import NIST80053R5Checks

        cdk.Validations.of(app).add_plugins(NIST80053R5Checks(app))
        # Else the CDK would print thousands of findings and raise, at cdk-nag's expense.
        for rule in _ACKNOWLEDGED:
            acknowledgment = cdk.Acknowledgment(id=f"NIST.800.53.R5-{rule}", reason="measured, not fixed")
            cdk.Validations.of(app).acknowledge(acknowledgment)


@jsii.implements(cdk.IPolicyValidationPlugin)
class _Nothing:
    """What the CDK asks for any plugin, and nothing else."""

    @property
    def name(self) -> str:
        return "nothing"

    @property
    def version(self) -> str:
        return "1"

    @property
    def rule_ids(self) -> list[str]:
        return []

    def validate(
        self,
        context: cdk.IPolicyValidationContext,  # noqa: ARG002 - the interface's signature
    ) -> cdk.PolicyValidationPluginReport:
        return cdk.PolicyValidationPluginReport(success=True, violations=[])
