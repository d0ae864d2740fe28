"""Apps of a given size, synthesized bare, with our guardrails, or with cdk-nag's NIST pack.

Run as a program it makes one app in a process of its own and prints its times in seconds:

    python -m benchmarks.apps 2000 guardrails
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

STACK_SIZE = 400
"""Resources in a stack; CloudFormation takes 500."""

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


def make_app(resources: int, judge: str, outdir: str, stack_size: int = STACK_SIZE) -> cdk.App:
    """An app of about as many resources, of the kinds that applications have most of.

    Args:
        resources: How many.
        judge: `bare`, `guardrails` or `nag`.
        outdir: Where the assembly is written.
        stack_size: Resources in a stack.
    """
    app = cdk.App(outdir=outdir, builtin_cloud_formation_validation=False)
    for number in range(0, resources, stack_size):
        env = cdk.Environment(account="111122223333", region="us-east-1")
        stack = cdk.Stack(app, f"Stack{number // stack_size}", env=env)
        _fill(stack, min(stack_size, resources - number))
    _attach(app, judge)
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


def _attach(app: cdk.App, judge: str) -> None:
    if judge == "guardrails":
        from tts_constructs.synth.guardrails import attach

        attach(cdk.CfnWaitConditionHandle(app.node.children[0], "Leaf"))  # as a TtsSystem does
    elif judge == "nag":
        import cdk_nag

        cdk.Validations.of(app).add_plugins(cdk_nag.NIST80053R5Checks())


def main() -> None:
    """Makes and synthesizes one app and prints its times as JSON."""
    resources, judge = int(sys.argv[1]), sys.argv[2]
    os.environ.setdefault("JSII_HOST_STACK_TRACES", sys.argv[3] if len(sys.argv) > 3 else "1")
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        app = make_app(resources, judge, folder)
        made = time.perf_counter()
        with contextlib.suppress(RuntimeError):  # cdk-nag has findings here, which is no matter
            app.synth()
        done = time.perf_counter()
        templates = [json.loads(path.read_text()) for path in Path(folder).glob("*.template.json")]
    sys.stdout.write(
        json.dumps(
            {
                "construction": made - start,
                "synth": done - made,
                "resources": sum(len(template["Resources"]) for template in templates),
            }
        )
    )


if __name__ == "__main__":
    main()
