"""Calls of APIs, by what their parameters say: what each rule finds, passes, and leaves open."""

import json
from typing import Any

import pytest

from tests.policy.judging import findings

ANY = "arn:aws:iam::222222222222:root"
HANDED_IN = {"Ref": "HandedIn"}
WEB = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
ALL_FLAGS = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)
TO_HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}


def policy(principal: Any, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*", **more}
    return json.dumps({"Statement": [statement]})


ROWS: list[tuple[str, str, str, dict[str, Any], list[str]]] = [
    ("TTS-EC2-001", "EC2", "runInstances", {"DryRun": "true"}, []),
    ("TTS-EC2-001", "EC2", "runInstances", {"dryRun": True}, []),
    ("TTS-EC2-001", "EC2", "runInstances", {"DryRun": False}, ["violation"]),
    ("TTS-IAM-001", "IAM", "createUser", {"DryRun": True}, ["violation"]),
    ("TTS-EC2-002", "AutoScaling", "updateAutoScalingGroup", {"LaunchConfigurationName": "x"}, ["violation"]),
    ("TTS-EC2-002", "AutoScaling", "updateAutoScalingGroup", {"LaunchTemplate": {"Version": "1"}}, []),
    (
        "TTS-EC2-006", "ECS", "runTask",
        {"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED"}}}, ["violation"],
    ),
    (
        "TTS-EC2-006", "ECS", "updateService",
        {"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": HANDED_IN}}}, ["unknown"],
    ),
    (
        "TTS-EC2-006", "ECS", "runTask",
        {"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "DISABLED"}}}, [],
    ),
    ("TTS-EC2-006", "ECS", "updateService", {"DesiredCount": 2}, []),
    ("TTS-EC2-006", "EC2", "associateAddress", {"InstanceId": "i-1"}, ["unknown"]),
    ("TTS-IAM-001", "IAM", "updateAccessKey", {"Status": "Active"}, ["violation"]),
    ("TTS-IAM-001", "IAM", "updateAccessKey", {"Status": HANDED_IN}, ["unknown"]),
    ("TTS-IAM-001", "IAM", "deleteUser", {}, []),
    ("TTS-LOG-002", "CloudWatchLogs", "putRetentionPolicy", {"retentionInDays": 1096}, []),
    ("TTS-LOG-002", "logs", "PutRetentionPolicy", {"RetentionInDays": "30"}, ["violation"]),
    ("TTS-LOG-002", "logs", "PutRetentionPolicy", {"RetentionInDays": HANDED_IN}, ["unknown"]),
    ("TTS-LOG-002", "logs", "deleteRetentionPolicy", {}, []),
    ("TTS-DATA-002", "EC2", "modifySnapshotAttribute", {"GroupNames": ["all"]}, ["violation"]),
    (
        "TTS-DATA-002", "EC2", "modifySnapshotAttribute",
        {"CreateVolumePermission": {"Add": [{"Group": "all"}]}}, ["violation"],
    ),
    (
        "TTS-DATA-002", "EC2", "modifySnapshotAttribute",
        {"CreateVolumePermission": {"Remove": [{"Group": "all"}]}}, [],
    ),
    (
        "TTS-DATA-002", "EC2", "modifySnapshotAttribute",
        {"GroupNames": ["all"], "OperationType": "remove"}, [],
    ),
    (
        "TTS-DATA-002", "EC2", "modifySnapshotAttribute",
        {"CreateVolumePermission": {"Add": HANDED_IN}}, ["unknown"],
    ),
    (
        "TTS-DATA-002", "EC2", "modifySnapshotAttribute",
        {"CreateVolumePermission": {"Add": [{"UserId": "222222222222"}]}}, [],
    ),
    (
        "TTS-DATA-002", "EC2", "modifyImageAttribute",
        {"LaunchPermission": {"Add": [{"Group": "all"}]}}, ["violation"],
    ),
    ("TTS-DATA-002", "RDS", "modifyDBClusterSnapshotAttribute", {"ValuesToAdd": "all"}, ["violation"]),
    ("TTS-DATA-002", "RDS", "modifyDBSnapshotAttribute", {"ValuesToRemove": ["all"]}, []),
    ("TTS-DATA-002", "RDS", "modifyDBSnapshotAttribute", {"ValuesToAdd": [{"Ref": "AWS::AccountId"}]}, []),
    ("TTS-DATA-002", "SSM", "modifyDocumentPermission", {"AccountIdsToAdd": ["all"]}, ["violation"]),
    ("TTS-DATA-002", "RDS", "modifyDBInstance", {"PubliclyAccessible": True}, ["violation"]),
    ("TTS-DATA-002", "RDS", "modifyDBInstance", {"BackupRetentionPeriod": 7}, []),
    ("TTS-DATA-002", "Lambda", "addPermission", {"Principal": "*"}, ["violation"]),
    ("TTS-DATA-002", "Lambda", "addPermission", {"Principal": "*", "SourceAccount": "1"}, []),
    ("TTS-DATA-002", "Lambda", "addPermission", {"Principal": "s3.amazonaws.com"}, ["violation"]),
    ("TTS-DATA-002", "Lambda", "addPermission", {"Principal": "elasticloadbalancing.amazonaws.com"}, []),
    ("TTS-DATA-002", "Lambda", "createFunctionUrlConfig", {"AuthType": "NONE"}, ["violation"]),
    ("TTS-DATA-002", "Lambda", "createFunctionUrlConfig", {"AuthType": "AWS_IAM"}, []),
    ("TTS-DATA-002", "EC2", "enableSnapshotBlockPublicAccess", {"State": "block-all-sharing"}, []),
    ("TTS-DATA-002", "EC2", "enableSnapshotBlockPublicAccess", {"State": "unblocked"}, ["violation"]),
    ("TTS-DATA-002", "SQS", "setQueueAttributes", {"Attributes": {"Policy": policy("*")}}, ["violation"]),
    ("TTS-DATA-002", "SQS", "setQueueAttributes", {"Attributes": {"DelaySeconds": "5"}}, []),
    (
        "TTS-DATA-002", "SNS", "setTopicAttributes",
        {"AttributeName": "Policy", "AttributeValue": policy("*")}, ["violation"],
    ),
    (
        "TTS-DATA-002", "SNS", "setTopicAttributes",
        {"AttributeName": "DisplayName", "AttributeValue": "*"}, [],
    ),
    ("TTS-DATA-002", "ECR", "setRepositoryPolicy", {"policyText": policy({"AWS": ANY})}, []),
    ("TTS-DATA-002", "ECR", "setRepositoryPolicy", {"policyText": HANDED_IN}, ["unknown"]),
    ("TTS-NET-001", "EC2", "authorizeSecurityGroupIngress", {**SSH, "CidrIp": "0.0.0.0/0"}, ["violation"]),
    ("TTS-NET-001", "EC2", "authorizeSecurityGroupIngress", {**WEB, "CidrIp": "0.0.0.0/0"}, ["unknown"]),
    ("TTS-NET-001", "EC2", "authorizeSecurityGroupIngress", {**WEB, "CidrIp": "10.0.0.0/8"}, []),
    ("TTS-NET-001", "EC2", "authorizeSecurityGroupIngress", {**WEB, "CidrIp": HANDED_IN}, ["unknown"]),
    ("TTS-NET-001", "EC2", "authorizeSecurityGroupIngress", {"IpPermissions": HANDED_IN}, ["unknown"]),
    (
        "TTS-NET-001", "EC2", "authorizeSecurityGroupIngress",
        {"IpPermissions": [{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]}, ["violation"],
    ),
    (
        "TTS-NET-001", "EC2", "authorizeSecurityGroupIngress",
        {"IpPermissions": [{**SSH, "IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]}]},
        ["violation"],
    ),
    (
        "TTS-NET-001", "EC2", "authorizeSecurityGroupIngress",
        {"IpPermissions": [{**SSH, "UserIdGroupPairs": [{"GroupId": "sg-1"}]}]}, [],
    ),
    (
        "TTS-NET-001", "EC2", "modifySecurityGroupRules",
        {"SecurityGroupRules": [{"SecurityGroupRule": {**SSH, "CidrIpv4": "0.0.0.0/0"}}]}, ["violation"],
    ),
    ("TTS-NET-001", "EC2", "revokeSecurityGroupIngress", {**SSH, "CidrIp": "0.0.0.0/0"}, []),
    ("TTS-NET-001", "EC2", "createDefaultVpc", {}, ["violation"]),
    ("TTS-NET-002", "EC2", "authorizeSecurityGroupIngress", {**SSH, "CidrIp": "10.0.0.0/8"}, ["violation"]),
    (
        "TTS-NET-002", "EC2", "authorizeSecurityGroupIngress",
        {"IpPermissions": [{**SSH, "PrefixListIds": [{"PrefixListId": "pl-1"}]}]}, ["violation"],
    ),
    ("TTS-NET-002", "EC2", "authorizeSecurityGroupIngress", {**WEB, "CidrIp": "0.0.0.0/0"}, []),
    ("TTS-S3-001", "S3", "putBucketPolicy", {"Policy": policy("*")}, ["violation"]),
    ("TTS-S3-001", "S3", "putBucketPolicy", {"Policy": policy({"AWS": ANY})}, []),
    ("TTS-S3-001", "S3", "putBucketPolicy", {"Policy": HANDED_IN}, ["unknown"]),
    ("TTS-S3-001", "S3", "putBucketAcl", {"ACL": "public-read"}, ["violation"]),
    ("TTS-S3-001", "S3", "putBucketAcl", {"ACL": "log-delivery-write"}, []),
    (
        "TTS-S3-001", "S3", "putObjectAcl",
        {"GrantRead": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'}, ["violation"],
    ),
    ("TTS-S3-001", "S3", "putObject", {"Body": "public-read"}, []),
    ("TTS-S3-001", "S3", "deletePublicAccessBlock", {}, ["violation"]),
    ("TTS-S3-001", "S3", "putPublicAccessBlock", {"PublicAccessBlockConfiguration": ALL_FLAGS}, []),
    (
        "TTS-S3-001", "S3Control", "putPublicAccessBlock",
        {"PublicAccessBlockConfiguration": {**ALL_FLAGS, "BlockPublicAcls": HANDED_IN}}, ["unknown"],
    ),
    ("TTS-KMS-001", "KMS", "disableKey", {}, ["violation"]),
    ("TTS-KMS-001", "KMS", "enableKeyRotation", {}, []),
    ("TTS-KMS-001", "KMS", "putKeyPolicy", {"Policy": policy("*")}, ["violation"]),
    ("TTS-KMS-001", "KMS", "putKeyPolicy", {"Policy": policy({"AWS": ANY})}, []),
    (
        "TTS-TLS-001", "ELBv2", "createListener",
        {"Protocol": "HTTPS", "DefaultActions": [{"Type": "forward"}]}, [],
    ),
    ("TTS-TLS-001", "ELBv2", "createListener", {"Protocol": "HTTP", "DefaultActions": [TO_HTTPS]}, []),
    ("TTS-TLS-001", "ELBv2", "createListener", {"Protocol": "HTTP"}, ["violation"]),
    *(
        ("TTS-TLS-001", "ELBv2", "createListener", {"Protocol": "HTTP", "DefaultActions": [x]}, ["violation"])
        for x in (
            {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTP", "StatusCode": "HTTP_301"}},
            {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_307"}},
            {**TO_HTTPS, "Type": "forward"},
            {"RedirectConfig": TO_HTTPS["RedirectConfig"]},
        )
    ),
    ("TTS-TLS-001", "ELBv2", "createListener", {"Protocol": "TCP"}, ["unknown"]),
    ("TTS-TLS-001", "ELBv2", "modifyListener", {"Certificates": [{"CertificateArn": "x"}]}, []),
    (
        "TTS-TLS-001", "ELBv2", "modifyListener",
        {"ListenerArn": {"Ref": "Https"}, "DefaultActions": [{"Type": "forward"}]}, [],
    ),
    ("TTS-TLS-001", "ELBv2", "modifyListener", {"DefaultActions": [{"Type": "forward"}]}, ["unknown"]),
    ("TTS-TLS-001", "ELB", "createLoadBalancer", {"Listeners": [{"Protocol": "HTTP"}]}, ["violation"]),
    ("TTS-TLS-001", "ELB", "createLoadBalancer", {"Listeners": [{"Protocol": "SSL"}]}, []),
    ("TTS-TLS-001", "vpc-lattice", "createListener", {"protocol": "HTTP"}, ["violation"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule_id", "service", "action", "parameters", "verdicts"), ROWS)
def test_a_call_is_judged_by_its_parameters(
    rule_id: str, service: str, action: str, parameters: dict[str, Any], verdicts: list[str]
) -> None:
    call = {"service": service, "action": action, "parameters": parameters}
    listener = {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"Protocol": "HTTPS"}}
    resources = {"Call": {"Type": "Custom::AWS", "Properties": {"Create": call}}, "Https": listener}
    found = findings(rule_id, resources, Parameters={"HandedIn": {"Type": "String"}})
    assert [one.verdict for one in found] == verdicts
    assert {(one.logical_id, one.location) for one in found} <= {("Call", "Properties/Create")}


@pytest.mark.parametrize("rule_id", sorted({rule_id for rule_id, *_ in ROWS}))
def test_a_call_whose_parameters_are_handed_in_passes_no_rule_that_needs_them(rule_id: str) -> None:
    for service, action in {row[1:3] for row in ROWS if row[0] == rule_id and row[4]}:
        call = {"service": service, "action": action, "parameters": HANDED_IN}
        resources = {"Call": {"Type": "Custom::AWS", "Properties": {"Create": call}}}
        assert findings(rule_id, resources, Parameters={"HandedIn": {"Type": "String"}}), (service, action)


@pytest.mark.parametrize(
    ("rule_id", "service", "action", "undecided"),
    [
        ("TTS-EC2-001", "EC2", HANDED_IN, True),
        ("TTS-EC2-001", HANDED_IN, "runInstances", True),
        ("TTS-EC2-001", HANDED_IN, "createUser", False),
        ("TTS-EC2-001", "KMS", HANDED_IN, False),
        ("TTS-KMS-001", "KMS", HANDED_IN, True),
        ("TTS-KMS-001", HANDED_IN, "runInstances", False),
        ("TTS-KMS-001", HANDED_IN, HANDED_IN, False),
        ("TTS-CFN-001", HANDED_IN, HANDED_IN, True),
        ("TTS-CFN-001", "KMS", HANDED_IN, False),
    ],
)
def test_a_call_that_is_half_known_is_undecided_for_the_rules_of_what_it_may_be(
    rule_id: str, service: Any, action: Any, undecided: bool
) -> None:
    resources = {
        "Call": {"Type": "Custom::AWS", "Properties": {"Create": {"service": service, "action": action}}}
    }
    found = findings(rule_id, resources, Parameters={"HandedIn": {"Type": "String"}})
    assert [one.verdict for one in found] == ["unknown"] * undecided
