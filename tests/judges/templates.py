"""An app of everything that our constructs make, and a stack of faults that each judge has to see."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from sample_app.app import build
from tests.judges.judges import CONTEXT, attach
from tests.test_cfn_lint import CASES, IMAGES, ROOT, service, system
from tts_constructs import Access, standards

ACCOUNT = "111122223333"
FAULTY = "Faulty"


def a_service_with_every_choice(stack: cdk.Stack) -> None:
    """What a team may choose of a service, where the choice changes what is rendered."""
    web = service(
        system(stack, ipv6=True),
        "Web",
        Access.public(),
        target_protocol=elbv2.ApplicationProtocol.HTTPS,
        volume_gib=40,
        volume_key=kms.Key(stack, "VolumeKey", enable_key_rotation=True),
        signals=autoscaling.Signals.wait_for_all(timeout=cdk.Duration.minutes(15)),
        instance_type=ec2.InstanceType("m7i.large"),
    )
    web.add_route("Gone", priority=1, paths=["/old/*"], action=elbv2.ListenerAction.fixed_response(410))
    web.use_web_acl(
        stack.format_arn(service="wafv2", resource="regional/webacl", resource_name="web/0f15a4ea")
    )
    web.scale_on_cpu()
    web.scale_on_requests(600)
    web.scale_on_schedule("Morning", schedule=autoscaling.Schedule.cron(hour="6", minute="0"), min_capacity=4)


def faults(stack: cdk.Stack) -> None:
    """Resources of which each judge has something to say."""
    bucket = s3.CfnBucket(stack, "Bucket")
    bucket.add_property_override("VersioningConfiguration.Status", "Perhaps")


def synthesize(folder: Path) -> None:
    """Synthesizes everything, with the judges of a synth."""
    zones = {
        f"availability-zones:account={ACCOUNT}:region={region}": [f"{region}{letter}" for letter in "abc"]
        for region in standards.REGIONS
    }
    recorded = json.loads((ROOT / "cdk.context.json").read_text(encoding="utf-8"))
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = build(cdk.App(outdir=str(folder), context=flags | zones | IMAGES | recorded | CONTEXT))
    everything = [
        *CASES,
        *((a_service_with_every_choice, region) for region in ("us-east-1", "us-gov-west-1")),
    ]
    for make, region in everything:
        make(_stack(app, f"{make.__name__.replace('_', '-')}-{region}", region))
    faults(_stack(app, FAULTY, "us-east-1"))
    attach(app)
    with contextlib.suppress(RuntimeError):  # the judges find something, and the CDK then raises
        app.synth()


def _stack(app: cdk.App, name: str, region: str) -> cdk.Stack:
    return cdk.Stack(app, name, env=cdk.Environment(account=ACCOUNT, region=region))
