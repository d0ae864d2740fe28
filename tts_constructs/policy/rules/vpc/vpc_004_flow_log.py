"""TTS-VPC-004: Every VPC must have a flow log of all traffic."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from tts_constructs.policy.aws.vpcs import VPC
from tts_constructs.policy.model.node import UnknownValue
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference
from tts_constructs.policy.result import Result

FLOW_LOG = "AWS::EC2::FlowLog"


def _is_watched(vpc: Resource) -> Iterator[Result]:
    logs = vpc.stack.assembly.index(_watched, FLOW_LOG)
    doubts = [f"{log.logical_id} watches a resource that is not known." for log in logs.undecided]
    faults = []
    for log in logs[vpc]:
        try:
            fault = _fault_of(log, vpc)
        except UnknownValue as undecided:
            doubts.append(f"Of {log.logical_id}: {undecided.result.message}")
        else:
            if fault is None:
                return
            faults.append(fault)
    if doubts:
        yield vpc.properties.unknown(f"No flow log of all traffic is known to watch the VPC. {doubts[0]}")
    else:
        yield vpc.properties.violation(
            faults[0] if faults else "No AWS::EC2::FlowLog of the app watches the VPC."
        )


def _watched(log: Resource) -> Iterator[Hashable]:
    place = log["ResourceId"]
    watched = place.referred()
    if watched and isinstance(place.value, Reference) and place.value.attribute in {"", "VpcId"}:
        yield watched


def _fault_of(log: Resource, vpc: Resource) -> str | None:
    if not log.exists_whenever(vpc):
        return f"The flow log {log.logical_id} has a condition that the VPC does not have."
    if (log["TrafficType"].text() or "").upper() != "ALL":
        return f"The flow log {log.logical_id} has the TrafficType {log['TrafficType'].shown}, not ALL."
    if not (log["LogGroupName"].exists or log["LogDestination"].exists):
        return f"The flow log {log.logical_id} has no destination."
    return _fault_of_format(log)


_FIELDS = (
    ("srcaddr", "pkt-srcaddr"),
    ("dstaddr", "pkt-dstaddr"),
    ("srcport",),
    ("dstport",),
    ("protocol",),
    ("action",),
)
"""The content that a record must have, each in one of these fields; the default format has it all."""


def _fault_of_format(log: Resource) -> str | None:
    written = log["LogFormat"].text()
    if not written:
        return None
    fields = set(re.findall(r"\$\{([\w-]+)\}", written))
    missing = [names[0] for names in _FIELDS if not fields.intersection(names)]
    if missing:
        return f"The LogFormat of the flow log {log.logical_id} leaves out: {', '.join(missing)}."
    return None


RULE = Rule(
    id="TTS-VPC-004",
    title="Every VPC must have a flow log of all traffic",
    why=(
        "After an incident, the flow log shows which addresses talked to each other. Without one, or with a "
        "log of rejected traffic only, an intruder who got in leaves no trace."
    ),
    source=(
        'TTS handbook: "Everything you do on these systems is subject to monitoring and auditing." OMB '
        "M-21-31."
    ),
    section="Your information",
    fix=(
        "Use TtsSystem, which logs all traffic to CloudWatch Logs for 1096 days. Or call `add_flow_log(…, "
        "destination=ec2.FlowLogDestination.to_cloud_watch_logs(…))` on the VPC. Give it a log group that "
        "keeps the log long enough (TTS-LOG-002) and is encrypted (TTS-DATA-001): `logs.LogGroup(…, "
        "retention=logs.RetentionDays.THREE_YEARS, encryption_key=key)`. Keep the default traffic type, ALL."
    ),
    template_fix=(
        "Add an `AWS::EC2::FlowLog` with the VPC as `ResourceId`, `ResourceType: VPC`, "
        "`TrafficType: ALL`, and as `LogGroupName` a log group with `RetentionInDays: 1096` "
        "(TTS-LOG-002)."
    ),
    decides=(
        "An AWS::EC2::FlowLog of the app must name the VPC, and must exist whenever the VPC does. It must "
        "have TrafficType ALL, and a log group or another destination. If it has a LogFormat, that must "
        "have the fields for source, destination, both ports, protocol, and action."
    ),
    controls=("AU-2", "AU-3", "AU-12", "SI-4"),
    force="M",
    production="block",
    sandbox="warn",
    checks={VPC: _is_watched},
)
