"""`replacements`: what an update of a stack replaces, leaves behind, and what AWS refuses of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from hypothesis import example, given
from hypothesis import strategies as st

from tts_constructs.errors import InputError, InvalidArgumentError
from tts_constructs.testing import Refusal, Replacement, StackUpdate, replacements

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
GROUP = "AWS::AutoScaling::AutoScalingGroup"
RECORD = "AWS::Route53::RecordSet"
BUCKET = "AWS::S3::Bucket"
KEY = "AWS::KMS::Key"
NOTHING: dict[str, Any] = {}


def resource(kind: str, *, more: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties} | (more or {})


def template(*, sections: dict[str, Any] | None = None, **resources: Any) -> dict[str, Any]:
    return {"Resources": resources} | (sections or {})


def update_of(kind: str, before: dict[str, Any], after: dict[str, Any]) -> StackUpdate:
    """The update of one resource."""
    return replacements(template(One=resource(kind, **before)), template(One=resource(kind, **after)))


# Properties


def test_the_change_of_a_create_only_property_replaces() -> None:
    update = update_of(BALANCER, {"Scheme": "internal"}, {"Scheme": "internet-facing"})
    assert update.replaced == {"One": Replacement(BALANCER, ("Scheme",))}


def test_a_create_only_property_that_comes_replaces() -> None:
    assert "One" in update_of(BALANCER, {}, {"Scheme": "internal"}).replaced


def test_a_property_without_a_value_is_not_stated() -> None:
    assert update_of(BALANCER, {"Scheme": {"Ref": "AWS::NoValue"}}, {}).replaced == {}


def test_another_property_changes_in_place() -> None:
    update = update_of(BALANCER, {"IpAddressType": "ipv4"}, {"IpAddressType": "dualstack"})
    assert (update.replaced, update.may_be_replaced) == ({}, {})


def test_a_property_below_another_replaces() -> None:
    kind = "AWS::Budgets::Budget"
    before = {"Budget": {"BudgetName": "a", "BudgetType": "COST"}}
    update = update_of(kind, before, {"Budget": {"BudgetName": "b", "BudgetType": "COST"}})
    assert update.replaced == {"One": Replacement(kind, ("Budget/BudgetName",))}
    assert update_of(kind, before, {"Budget": {"BudgetName": "a", "BudgetType": "USAGE"}}).replaced == {}


def test_a_property_of_each_item_replaces() -> None:
    kind = "AWS::MSK::Replicator"
    before, after = (
        {"ReplicationInfoList": [{"SourceKafkaClusterArn": arn, "TopicReplication": {}}]} for arn in "ab"
    )
    update = update_of(kind, before, after)
    assert update.replaced == {"One": Replacement(kind, ("ReplicationInfoList/*/SourceKafkaClusterArn",))}


def test_a_number_and_its_text_are_the_same() -> None:
    assert update_of(TARGET_GROUP, {"Port": 80}, {"Port": "80"}).replaced == {}


def test_true_and_its_text_are_the_same() -> None:
    kind = "AWS::RDS::DBCluster"
    assert update_of(kind, {"StorageEncrypted": True}, {"StorageEncrypted": "true"}).replaced == {}


def test_a_conditional_property_may_replace() -> None:
    update = update_of("AWS::RDS::DBCluster", {"Engine": "aurora-mysql"}, {"Engine": "aurora-postgresql"})
    assert update.replaced == {}
    assert update.may_be_replaced == {"One": Replacement("AWS::RDS::DBCluster", ("Engine",))}


def test_the_order_of_a_list_may_mean_something() -> None:
    kind = "AWS::RDS::DBSubnetGroup"
    assert update_of(kind, {"SubnetIds": ["a", "b"]}, {"SubnetIds": ["b", "a"]}).replaced == {}
    instance = "AWS::EC2::Instance"
    update = update_of(instance, {"SecurityGroups": ["a", "b"]}, {"SecurityGroups": ["b", "a"]})
    assert update.may_be_replaced.keys() == {"One"}


def test_any_change_replaces_what_can_not_be_updated() -> None:
    kind = "AWS::AutoScaling::LaunchConfiguration"
    assert update_of(kind, {"ImageId": "ami-1"}, {"ImageId": "ami-2"}).replaced.keys() == {"One"}


def test_the_name_of_a_record_replaces_as_the_documentation_says() -> None:
    before, after = ({"HostedZoneId": "Z1", "Type": "A", "Name": name} for name in ("a.gov", "b.gov"))
    assert update_of(RECORD, before, after).replaced == {"One": Replacement(RECORD, ("Name",))}


@pytest.mark.parametrize(("will_replace", "replaced"), [(True, {"One"}), ("true", {"One"}), (False, set())])
def test_a_group_is_replaced_if_its_update_policy_says_so(will_replace: Any, replaced: set[str]) -> None:
    policy = {"UpdatePolicy": {"AutoScalingReplacingUpdate": {"WillReplace": will_replace}}}
    before, after = (
        template(One=resource(GROUP, more=policy, LaunchTemplate={"Version": version})) for version in "12"
    )
    assert replacements(before, after).replaced.keys() == replaced


def test_a_group_without_such_a_policy_stays() -> None:
    update = update_of(GROUP, {"LaunchTemplate": {"Version": "1"}}, {"LaunchTemplate": {"Version": "2"}})
    assert (update.replaced, update.may_be_replaced) == ({}, {})


# Intrinsic functions


def test_a_function_of_another_value_may_replace() -> None:
    before, after = ({"Scheme": {"Fn::ImportValue": name}} for name in ("a", "b"))
    assert update_of(BALANCER, before, after).may_be_replaced.keys() == {"One"}


def test_the_same_function_changes_nothing() -> None:
    scheme = {"Scheme": {"Fn::ImportValue": "a"}}
    assert update_of(BALANCER, scheme, scheme).may_be_replaced == {}


def test_get_att_has_two_forms() -> None:
    before, after = ({"VpcId": {"Fn::GetAtt": form}} for form in (["Vpc", "VpcId"], "Vpc.VpcId"))
    assert update_of(SECURITY_GROUP, before, after).may_be_replaced == {}


def two_vpcs(name: str) -> dict[str, Any]:
    return template(
        A=resource(VPC, CidrBlock="10.0.0.0/16"),
        B=resource(VPC, CidrBlock="10.1.0.0/16"),
        One=resource(SECURITY_GROUP, VpcId={"Ref": name}),
    )


def test_another_resource_of_the_stack_is_another_value() -> None:
    assert replacements(two_vpcs("A"), two_vpcs("B")).replaced.keys() == {"One"}


@pytest.mark.parametrize(
    ("section", "name", "scheme"),
    [
        ("Parameters", "Scheme", {"Ref": "Scheme"}),
        ("Conditions", "Open", {"Fn::If": ["Open", "internet-facing", "internal"]}),
        ("Mappings", "Schemes", {"Fn::FindInMap": ["Schemes", "a", "b"]}),
    ],
)
def test_a_value_may_change_with_a_definition_that_it_uses(section: str, name: str, scheme: Any) -> None:
    before, after = (
        template(
            One=resource(BALANCER, Scheme=scheme), sections={section: {name: {"Fn::Equals": [text, "a"]}}}
        )
        for text in ("a", "b")
    )
    assert replacements(before, after).may_be_replaced.keys() == {"One"}


def test_a_condition_may_change_with_another() -> None:
    scheme = {"Fn::If": ["Both", "internet-facing", "internal"]}
    before, after = (
        template(
            One=resource(BALANCER, Scheme=scheme),
            sections={
                "Conditions": {
                    "Both": {"Fn::Not": [{"Condition": "First"}]},
                    "First": {"Fn::Equals": [text, "a"]},
                }
            },
        )
        for text in ("a", "b")
    )
    assert replacements(before, after).may_be_replaced.keys() == {"One"}


# What follows


def network(cidr: str, vpc: Any) -> dict[str, Any]:
    return template(
        Vpc=resource(VPC, CidrBlock=cidr),
        Subnet=resource(SUBNET, VpcId=vpc, CidrBlock="10.0.0.0/24"),
        Nat=resource("AWS::EC2::NatGateway", SubnetId={"Fn::GetAtt": ["Subnet", "SubnetId"]}),
    )


@pytest.mark.parametrize("vpc", [{"Ref": "Vpc"}, {"Fn::GetAtt": ["Vpc", "VpcId"]}, {"Fn::Sub": "${Vpc}"}])
def test_a_replacement_is_passed_on(vpc: Any) -> None:
    update = replacements(network("10.0.0.0/16", vpc), network("10.1.0.0/16", vpc))
    assert update.replaced == {
        "Nat": Replacement("AWS::EC2::NatGateway", ("SubnetId",), ("Subnet",)),
        "Subnet": Replacement(SUBNET, ("VpcId",), ("Vpc",)),
        "Vpc": Replacement(VPC, ("CidrBlock",)),
    }


@pytest.mark.parametrize(
    "vpc", [{"Fn::Select": [0, [{"Ref": "Vpc"}]]}, {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}]
)
def test_a_value_derived_from_what_is_replaced_may_change(vpc: Any) -> None:
    update = replacements(network("10.0.0.0/16", vpc), network("10.1.0.0/16", vpc))
    assert update.replaced.keys() == {"Vpc"}
    assert update.may_be_replaced.keys() == {"Nat", "Subnet"}


def test_what_changes_in_place_keeps_its_identity() -> None:
    before, after = (
        template(
            Group=resource(SECURITY_GROUP, SecurityGroupIngress=[{"CidrIp": cidr}]),
            Rule=resource("AWS::EC2::SecurityGroupIngress", GroupId={"Fn::GetAtt": ["Group", "GroupId"]}),
        )
        for cidr in ("192.0.2.0/24", "198.51.100.0/24")
    )
    update = replacements(before, after)
    assert (update.replaced, update.may_be_replaced) == ({}, {})


def test_another_attribute_of_what_changes_in_place_may_change() -> None:
    before, after = (
        template(
            Vpc=resource(VPC, EnableDnsSupport=dns),
            One=resource(SECURITY_GROUP, VpcId={"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}),
        )
        for dns in (True, False)
    )
    assert replacements(before, after).may_be_replaced.keys() == {"One"}


# What comes, goes, and stays


def test_resources_come_and_go() -> None:
    update = replacements(template(Old=resource(VPC)), template(New=resource(VPC)))
    assert (update.created, update.deleted) == ({"New": VPC}, {"Old": VPC})


def test_nothing_changes_between_equal_templates() -> None:
    same = network("10.0.0.0/16", {"Ref": "Vpc"})
    assert replacements(same, same) == StackUpdate({}, {}, {}, {}, {}, {}, ())
    assert str(replacements(same, same)) == ""


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_what_is_retained_stays_when_it_goes_from_the_stack(policy: str) -> None:
    before = template(Key=resource(KEY, more={"DeletionPolicy": policy}))
    assert replacements(before, NOTHING).left_behind == {"Key": "Retain"}


def test_the_policy_of_a_replacement_is_another() -> None:
    before, after = (
        template(Vpc=resource(VPC, more={"UpdateReplacePolicy": "Retain"}, CidrBlock=cidr))
        for cidr in ("10.0.0.0/16", "10.1.0.0/16")
    )
    assert replacements(before, after).left_behind == {"Vpc": "Retain"}
    assert replacements(before, NOTHING).left_behind == {}


@pytest.mark.parametrize(
    ("properties", "left"),
    [({}, {"One": "Snapshot"}), ({"DBClusterIdentifier": "a"}, {})],
)
def test_a_database_leaves_a_snapshot_by_default(properties: dict[str, Any], left: dict[str, str]) -> None:
    before = template(One=resource("AWS::RDS::DBInstance", **properties))
    assert replacements(before, NOTHING).left_behind == left


def test_a_resource_of_an_unknown_type_is_undecided() -> None:
    update = update_of("Custom::Thing", {"A": "1"}, {"A": "2"})
    assert update.undecided == {"One": "its properties change, and Custom::Thing is not known"}


def test_an_unknown_type_that_stays_the_same_is_no_question() -> None:
    assert update_of("Custom::Thing", {"A": "1"}, {"A": "1"}).undecided == {}


def test_a_resource_whose_condition_changes_is_undecided() -> None:
    before, after = template(One=resource(VPC)), template(One=resource(VPC, more={"Condition": "Open"}))
    assert replacements(before, after).undecided.keys() == {"One"}


# What AWS refuses


def protected(value: Any, **more: Any) -> dict[str, Any]:
    attributes = [{"Key": "deletion_protection.enabled", "Value": value}]
    return template(One=resource(BALANCER, LoadBalancerAttributes=attributes, **more))


def test_a_protected_balancer_is_not_deleted() -> None:
    reason = "AWS refuses to delete it while deletion_protection.enabled is on"
    assert replacements(protected("true"), NOTHING).refusals == (Refusal("One", reason),)


def test_a_balancer_without_protection_is_deleted() -> None:
    assert replacements(protected("false"), NOTHING).refusals == ()


def test_what_is_switched_off_in_the_same_update_is_too_late() -> None:
    update = replacements(protected("true", Scheme="internal"), protected("false", Scheme="internet-facing"))
    assert [refusal.logical_id for refusal in update.refusals] == ["One"]


def test_protection_that_the_template_leaves_open_may_refuse() -> None:
    (refusal,) = replacements(protected({"Ref": "Protected"}), NOTHING).refusals
    assert not refusal.certain


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::RDS::DBCluster", {"DeletionProtection": True}),
        ("AWS::DynamoDB::Table", {"DeletionProtectionEnabled": "true"}),
        ("AWS::DynamoDB::GlobalTable", {"Replicas": [{"DeletionProtectionEnabled": True}]}),
        ("AWS::Cognito::UserPool", {"DeletionProtection": "ACTIVE"}),
        ("AWS::EC2::Instance", {"DisableApiTermination": True}),
        ("AWS::NetworkFirewall::Firewall", {"DeleteProtection": True}),
    ],
)
def test_protection_of_other_types_is_seen(kind: str, properties: dict[str, Any]) -> None:
    (refusal,) = replacements(template(One=resource(kind, **properties)), NOTHING).refusals
    assert refusal.certain


@pytest.mark.parametrize("value", [False, "false", "INACTIVE", "none"])
def test_protection_that_is_off_refuses_nothing(value: Any) -> None:
    before = template(One=resource("AWS::Cognito::UserPool", DeletionProtection=value))
    assert replacements(before, NOTHING).refusals == ()


def test_what_is_retained_is_not_deleted_and_so_not_refused() -> None:
    before = protected("true")
    before["Resources"]["One"]["DeletionPolicy"] = "Retain"
    assert replacements(before, NOTHING).refusals == ()


def test_a_bucket_is_deleted_only_if_it_is_empty() -> None:
    (refusal,) = replacements(template(One=resource(BUCKET)), NOTHING).refusals
    assert (refusal.logical_id, refusal.certain) == ("One", False)


def test_a_bucket_that_is_emptied_is_deleted() -> None:
    before = template(
        One=resource(BUCKET), Empties=resource("Custom::S3AutoDeleteObjects", BucketName={"Ref": "One"})
    )
    assert replacements(before, NOTHING).refusals == ()


def test_a_logical_id_keeps_its_type() -> None:
    (refusal,) = replacements(template(One=resource(VPC)), template(One=resource(SUBNET))).refusals
    assert refusal.reason == f"CloudFormation refuses to make {SUBNET} of {VPC} under one logical id"


def test_a_replacement_can_not_have_the_name_of_the_old_one() -> None:
    (refusal,) = update_of(
        BALANCER, {"Name": "web", "Scheme": "internal"}, {"Name": "web", "Scheme": "internet-facing"}
    ).refusals
    assert refusal.reason == "the old One still has its Name; AWS lets no two share it"


def test_a_replacement_with_another_name_or_none_is_let_through() -> None:
    scheme = {"Scheme": "internal"}, {"Scheme": "internet-facing"}
    assert update_of(BALANCER, *scheme).refusals == ()
    assert update_of(BALANCER, scheme[0] | {"Name": "a"}, scheme[1] | {"Name": "b"}).refusals == ()


def record(name: str) -> dict[str, Any]:
    return resource(RECORD, HostedZoneId="Z1", Name=name, Type="A")


def test_a_record_under_another_logical_id_exists_already() -> None:
    (refusal,) = replacements(template(Old=record("a.gov")), template(New=record("a.gov"))).refusals
    assert refusal.logical_id == "New"
    assert refusal.reason.startswith("the old Old still has its HostedZoneId and Name and Type")


def test_a_record_of_another_name_is_let_through() -> None:
    assert replacements(template(Old=record("a.gov")), template(New=record("b.gov"))).refusals == ()


def served(scheme: str, group: str, balancer: str = "Balancer") -> dict[str, Any]:
    return template(
        **{
            balancer: resource(BALANCER, Scheme=scheme),
            f"{balancer}Listener": resource(
                LISTENER,
                LoadBalancerArn={"Ref": balancer},
                DefaultActions=[{"Type": "forward", "TargetGroupArn": {"Ref": group}}],
            ),
            group: resource(TARGET_GROUP, Port=8080),
        }
    )


@pytest.mark.parametrize("balancer", ["Balancer", "Other"])
def test_a_target_group_serves_one_balancer(balancer: str) -> None:
    before, after = served("internal", "Targets"), served("internet-facing", "Targets", balancer)
    (refusal,) = replacements(before, after).refusals
    assert refusal == Refusal(
        "Targets", "it still belongs to Balancer; AWS lets a target group have one load balancer"
    )


def test_a_new_balancer_with_a_new_target_group_is_let_through() -> None:
    update = replacements(served("internal", "Old"), served("internet-facing", "New", "Other"))
    assert update.refusals == ()


def test_a_target_group_of_a_rule_is_seen() -> None:
    def with_rule(balancer: str) -> dict[str, Any]:
        whole = served("internal", f"{balancer}Default", balancer)
        actions = [{"Type": "forward", "TargetGroupArn": {"Ref": "Docs"}}]
        whole["Resources"]["Docs"] = resource(TARGET_GROUP)
        whole["Resources"][f"{balancer}Rule"] = resource(
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            ListenerArn={"Ref": f"{balancer}Listener"},
            Actions=actions,
        )
        return whole

    (refusal,) = replacements(with_rule("A"), with_rule("B")).refusals
    assert refusal.logical_id == "Docs"


# What it takes


def test_stacks_are_compared_as_they_synthesize(make_stack: Callable[..., cdk.Stack]) -> None:
    before, after = make_stack(), make_stack()
    for stack, name in ((before, "a"), (after, "b")):
        s3.CfnBucket(stack, "Bucket", bucket_name=name)
    assert replacements(before, after).replaced == {"Bucket": Replacement(BUCKET, ("BucketName",))}
    assert replacements(Template.from_stack(before), after).replaced.keys() == {"Bucket"}


@pytest.mark.parametrize("kind", [str, Path])
def test_a_deployed_template_can_be_in_a_file(kind: Callable[[Path], Any], tmp_path: Path) -> None:
    deployed = tmp_path / "deployed.yaml"
    deployed.write_text("Resources:\n  One:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: !Ref A}\n")
    after = template(One=resource(VPC, CidrBlock="10.0.0.0/16"))
    assert replacements(kind(deployed), after).may_be_replaced.keys() == {"One"}


def test_a_file_that_is_no_template_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(InputError, match="is not a CloudFormation template"):
        replacements(tmp_path / "a.json", NOTHING)


def test_a_map_that_is_no_template_is_named_by_its_argument() -> None:
    with pytest.raises(InputError, match="`after`"):
        replacements(NOTHING, {"Resources": {"One": {}}})


def test_what_can_not_be_compared_is_named() -> None:
    with pytest.raises(InvalidArgumentError) as error:
        replacements(NOTHING, 1)  # type: ignore[arg-type]
    assert error.value.faults == (
        "after= takes a Stack or Template of the CDK, a template as a map, or a path; 1 is none of these",
    )


def test_an_update_is_listed_line_by_line() -> None:
    before, after = served("internal", "Targets"), served("internet-facing", "Targets")
    after["Resources"]["Vpc"] = resource(VPC)
    before["Resources"]["Key"] = resource(KEY, more={"DeletionPolicy": "Retain"})
    assert str(replacements(before, after)).splitlines() == [
        f"replaced: Balancer, {BALANCER}, by Scheme",
        f"replaced: BalancerListener, {LISTENER}, by LoadBalancerArn (through Balancer)",
        f"created: Vpc, {VPC}",
        f"deleted: Key, {KEY}",
        "left behind: Key, Retain",
        "refused: Targets: it still belongs to Balancer; AWS lets a target group have one load balancer",
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::If", "a"]), inner, max_size=2)
    ),
    max_leaves=8,
)


@given(before=VALUES, after=VALUES)
@example(before={"Ref": []}, after={"Ref": None})
def test_any_value_is_compared_and_equal_ones_change_nothing(before: Any, after: Any) -> None:
    update_of(BALANCER, {"Scheme": before}, {"Scheme": after})
    assert update_of(BALANCER, {"Scheme": before}, {"Scheme": before}).replaced == {}
