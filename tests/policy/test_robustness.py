"""What CloudFormation would refuse gets a finding or a clear error: never a crash, a hang or silence."""

import contextlib
from typing import Any

import pytest

from tests.policy.judging import app
from tts_constructs.errors import InputError
from tts_constructs.policy.engine.judge import judge
from tts_constructs.policy.engine.judgment import Judgment
from tts_constructs.policy.loading.parser import parse
from tts_constructs.policy.rules import catalog
from tts_constructs.policy.rules.builtin import ENGINE

RULES = catalog()
TYPES = sorted({name for rule in RULES for name in rule.checks if "*" not in name})


def judged(body: Any) -> Judgment:
    return judge(app(body), RULES)


def crashes(judgment: Judgment) -> list[str]:
    return [finding.message for finding in judgment.findings if finding.rule_id == ENGINE]


@pytest.mark.parametrize("properties", [None, [], "text", 3, True, {"Fn::Transform": {"Name": "X"}}])
def test_properties_of_another_shape_never_crash_a_rule(properties: object) -> None:
    resources = {f"R{i}": {"Type": name, "Properties": properties} for i, name in enumerate(TYPES)}
    assert not crashes(judged({"Resources": resources}))


@pytest.mark.parametrize("key", ["Parameters", "Conditions", "Mappings", "Outputs", "Metadata", "Transform"])
@pytest.mark.parametrize("value", [None, [], "text", 3, {"A": None}, {"A": []}, {"A": {"Default": {}}}])
def test_other_sections_of_another_shape_never_crash_a_rule(key: str, value: object) -> None:
    resources = {"A": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "A"}}}}
    assert not crashes(judged({key: value, "Resources": resources}))


def test_resources_that_refer_to_each_other_in_a_circle_are_judged() -> None:
    resources = {
        "A": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Fn::GetAtt": ["B", "VpcId"]}}},
        "B": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Fn::GetAtt": ["A", "VpcId"]}}},
    }
    judgment = judged({"Resources": resources})
    assert judgment.findings
    assert not crashes(judgment)


def test_ten_thousand_levels_are_refused_or_block() -> None:
    """Python 3.14 reads what older ones refuse: there the C stack is the limit, not a count."""
    text = (
        '{"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": '
        + '{"a":' * 10_000
        + "1"
        + "}" * 10_003
    )
    with contextlib.suppress(InputError):
        assert judged(parse(text, "t.json")).blocks


def test_levels_that_can_be_read_but_not_followed_block() -> None:
    value: Any = "x"
    for _ in range(900):
        value = {"Fn::Join": ["", [value]]}
    body = {"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": {"Tags": value}}}}
    assert judged(body).blocks


def test_exports_that_double_each_other_come_to_an_end() -> None:
    doubled = [
        {"Value": {"Fn::Join": ["", [{"Fn::ImportValue": f"E{n + 1}"}] * 2]}, "Export": {"Name": f"E{n}"}}
        for n in range(40)
    ]
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::ImportValue": "E0"}}}
    outputs = {f"O{n}": output for n, output in enumerate(doubled)}
    last = {"Last": {"Value": "x", "Export": {"Name": "E40"}}}
    assert not crashes(judged({"Resources": {"Q": queue}, "Outputs": outputs | last}))


def test_a_text_that_is_put_together_from_itself_is_not_known() -> None:
    parameters = {"P": {"Type": "String", "Default": "x" * 100_000}}
    listener = {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {"Protocol": {"Fn::Join": ["", [{"Ref": "P"}] * 1_000]}},
    }
    judgment = judged({"Parameters": parameters, "Resources": {"L": listener}})
    assert any("longer than any" in finding.message for finding in judgment.findings)


def test_a_long_value_in_a_message_is_read_in_no_time() -> None:
    listener = {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {"Protocol": "HTTPS", "SslPolicy": "0" * 300_000},
    }
    assert judged({"Resources": {"L": listener}}).blocks


def test_user_data_of_blank_lines_is_read_in_no_time() -> None:
    template = {
        "Type": "AWS::EC2::LaunchTemplate",
        "Properties": {"LaunchTemplateData": {"UserData": "\n" * 300_000 + "pass"}},
    }
    assert judged({"Resources": {"T": template}}).blocks


def test_groups_of_subnets_that_name_each_other_come_to_an_end() -> None:
    def group(number: int) -> dict[str, Any]:
        others = [{"Ref": f"G{other}"} for other in range(15) if other != number]
        return {"Type": "AWS::RDS::DBSubnetGroup", "Properties": {"SubnetIds": others}}

    assert not crashes(judged({"Resources": {f"G{number}": group(number) for number in range(15)}}))


def test_ports_of_a_thousand_ranges_are_added_up_in_no_time() -> None:
    rules = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": 65535, "CidrIpv6": f"2{port:03x}::/16"}
        for port in range(1000)
    ]
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": rules}}
    assert judged({"Resources": {"G": group}}).blocks
