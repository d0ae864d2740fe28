"""Makes the table of create-only properties from the CloudFormation schemas that cfn-lint ships.

Run `python scripts/make_create_only.py` after cfn-lint is updated; a test says when it is due.
"""

from __future__ import annotations

import json
from importlib.metadata import distribution
from typing import Any

from scripts.make_taggable import SCHEMAS, read
from tts_constructs import standards
from tts_constructs.policy.aws.create_only import TABLE

# The documentation says "Update requires: Replacement" of these, and their schemas don't.
_BY_HAND = {"AWS::Route53::RecordSet": ["Name"]}

# A name that two resources can't share, of types that their schemas identify by something else.
_NAMES = {
    "AWS::EC2::LaunchTemplate": ["LaunchTemplateName"],
    "AWS::EC2::SecurityGroup": ["GroupName", "VpcId"],
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ["Name"],
    "AWS::ElasticLoadBalancingV2::TargetGroup": ["Name"],
    "AWS::IAM::ManagedPolicy": ["ManagedPolicyName"],
    "AWS::Route53::RecordSet": ["HostedZoneId", "Name", "Type"],
    "AWS::SNS::Topic": ["TopicName"],
    "AWS::SQS::Queue": ["QueueName"],
}

# What becomes of these depends on code that no template shows.
_BY_CODE = ("AWS::CloudFormation::CustomResource",)


def table() -> dict[str, dict[str, Any]]:
    """Every type of the catalog's regions, with what its schema says about replacement."""
    schemas: dict[str, dict[str, Any]] = {}
    for region in standards.REGIONS:
        for resource_type, file in read(SCHEMAS / "providers" / f"{region}.json").items():
            if resource_type not in schemas and resource_type not in _BY_CODE:
                schemas[resource_type] = read(SCHEMAS / "resources" / f"{file}.json")
    return {resource_type: _facts(resource_type, schemas[resource_type]) for resource_type in sorted(schemas)}


def rendered() -> str:
    """The table as its file holds it: one line for each type."""
    date = read(SCHEMAS / "version.json")["schema_date"].partition("T")[0]
    source = f"CloudFormation resource schemas of {date}, in cfn-lint {distribution('cfn-lint').version}"
    lines = (f"  {json.dumps(name)}: {json.dumps(facts)}" for name, facts in table().items())
    return f'{{"source": {json.dumps(source)}, "types": {{\n' + ",\n".join(lines) + "\n}}\n"


def _facts(resource_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    create_only = {*_paths(schema, "createOnlyProperties"), *_BY_HAND.get(resource_type, ())}
    read_only = _paths(schema, "readOnlyProperties")
    identifier = _paths(schema, "primaryIdentifier")
    written = identifier - read_only
    facts = {
        "create_only": sorted(create_only),
        # A resource whose identifier changes should be another one; some schemas leave that open.
        "conditional": sorted({*_paths(schema, "conditionalCreateOnlyProperties"), *written} - create_only),
        "identifier": sorted(identifier & read_only),
        "name": _NAMES.get(resource_type) or sorted(written if written == identifier else ()),
        "immutable": "update" not in schema.get("handlers", {"update": {}}),
        "deleted_first": schema.get("replacementStrategy") == "delete_then_create",
    }
    return {name: fact for name, fact in facts.items() if fact}


def _paths(schema: dict[str, Any], key: str) -> set[str]:
    return {pointer.removeprefix("/properties/") for pointer in schema.get(key, ())}


if __name__ == "__main__":
    TABLE.write_text(rendered(), encoding="utf-8")
    print(f"{TABLE}: {len(table())} types")
