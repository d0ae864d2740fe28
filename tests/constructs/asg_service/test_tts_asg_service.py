"""`TtsAsgService`: what it makes, and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion

from tts_constructs import (
    Access,
    Agent,
    Alarms,
    DataSensitivity,
    Environment,
    Flow,
    NetworkPolicy,
    TtsAsgService,
    TtsBucket,
    TtsSystem,
    standards,
)
from tts_constructs.constructs.asg_service.fisma_ready_image import FismaReadyImage
from tts_constructs.errors import InvalidArgumentError

IMAGE = "ami-0f15a4ead40000001"
IMAGE_SETTINGS = '[image]\nowners = ["777788889999"]\nssm_parameters = ["/tts/ami/fisma-ready"]\n'
SETTINGS = f'{IMAGE_SETTINGS}devices = ["/dev/sda1", "/dev/sdk"]\n'
RESTRICTED = Access.restricted(["192.0.2.0/24"])
NO_ALARMS = Alarms.none(reason="a test")

MakeSystem = Callable[..., TtsSystem]
MakeService = Callable[..., TtsAsgService]


@pytest.fixture(scope="module", autouse=True)
def settings(image_settings: None) -> None:  # noqa: ARG001 - in whose folder it writes
    """The settings of the working folder: the image's owner, and a parameter that holds an image."""
    Path("tts.toml").write_text(SETTINGS)


@pytest.fixture
def other_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of other settings, for one test to write."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "tts.toml"


@pytest.fixture(scope="module")
def make_system(
    make_system: MakeSystem, app_with_images: Callable[..., cdk.App], make_stack: Callable[..., cdk.Stack]
) -> MakeSystem:
    """Makes a system in a region whose images are recorded."""

    def make(region: str = "us-east-1", **arguments: Any) -> TtsSystem:
        return make_system(make_stack(region, scope=app_with_images(region)), **arguments)

    return make


@pytest.fixture
def system(make_system: MakeSystem) -> TtsSystem:
    return make_system()


@pytest.fixture
def make_service(system: TtsSystem) -> MakeService:
    """Makes a service that only says what has to be said; `scope=` puts it elsewhere than in `system`."""
    return lambda name="Web", *, scope=system, **more: plain_service(name, scope, **more)


@pytest.fixture(scope="module")
def web(make_system: MakeSystem) -> TtsAsgService:
    """A service that only says what has to be said, for tests that read it."""
    return plain_service("Web", make_system())


@pytest.fixture(scope="module")
def chosen(make_system: MakeSystem) -> TtsAsgService:
    """A service for which a team chose otherwise, for tests that read what became of each choice."""
    return plain_service(
        "Web",
        make_system(),
        access=Access.restricted(["192.0.2.0/24", "198.51.100.0/24"]),
        port=9000,
        alarms=Alarms.to_email("team@example.gov"),
        instance_type=ec2.InstanceType("t4g.small"),
        min_capacity=3,
        replace_after=Duration.days(7),
        health_check_path="/health",
        health_check_grace=Duration.minutes(2),
        tls_policy="ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
        log_files=["/var/log/web/*.log"],
        user_data=["start-web"],
    )


@pytest.fixture(scope="module")
def internal(make_system: MakeSystem) -> TtsAsgService:
    """A service for others of the system alone, for tests that read it."""
    return plain_service("Web", make_system(), access=Access.internal())


def plain_service(name: str, scope: Any, **more: Any) -> TtsAsgService:
    given: dict[str, Any] = {"access": Access.public(), "port": 8080, "alarms": NO_ALARMS}
    if "domain_name" not in more:
        given["certificate"] = certificate(scope)
    return TtsAsgService(scope, name, **given | more)


def certificate(scope: Any) -> acm.ICertificate:
    stack = cdk.Stack.of(scope)
    arn = f"arn:{standards.partition(stack.region)}:acm:{stack.region}:111122223333:certificate/web"
    found = stack.node.try_find_child("Certificate")
    return found or acm.Certificate.from_certificate_arn(stack, "Certificate", arn)  # type: ignore[return-value]


@cache
def rendered(service: TtsAsgService) -> Template:
    """The template of its stack; a test adds to a service before it looks at it, never after."""
    return Template.from_stack(cdk.Stack.of(service))


def only(service: TtsAsgService, resource_type: str) -> dict[str, Any]:
    """The properties of the one resource of a type."""
    (resource,) = rendered(service).find_resources(resource_type).values()
    return dict(resource["Properties"])


def launch_data(service: TtsAsgService) -> dict[str, Any]:
    return dict(only(service, "AWS::EC2::LaunchTemplate")["LaunchTemplateData"])


def boot_script(service: TtsAsgService) -> str:
    """User data, with `<log group>` for what is known at deployment only."""
    text = launch_data(service)["UserData"]["Fn::Base64"]
    return "".join(part if isinstance(part, str) else "<log group>" for part in text["Fn::Join"][1])


def attributes(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    return {pair["Key"]: pair["Value"] for pair in pairs}


def security_group(service: TtsAsgService, description: str) -> dict[str, Any]:
    """The properties of the security group whose description starts so."""
    groups = rendered(service).find_resources("AWS::EC2::SecurityGroup").values()
    (found,) = (one for one in groups if one["Properties"]["GroupDescription"].startswith(description))
    return dict(found["Properties"])


def listeners(service: TtsAsgService) -> dict[int, dict[str, Any]]:
    found = rendered(service).find_resources("AWS::ElasticLoadBalancingV2::Listener").values()
    return {one["Properties"]["Port"]: one["Properties"] for one in found}


def sources(service: TtsAsgService) -> set[tuple[str, int]]:
    """Ranges and ports that the balancer's security group lets in."""
    rules = security_group(service, "Load balancer").get("SecurityGroupIngress", [])
    return {(rule.get("CidrIp") or rule["CidrIpv6"], rule["FromPort"]) for rule in rules}


# Instances


def test_instances_start_from_the_fisma_ready_image(web: TtsAsgService) -> None:
    assert launch_data(web)["ImageId"] == IMAGE


def test_the_image_can_come_from_a_parameter(make_service: MakeService) -> None:
    image = FismaReadyImage(ssm_parameter="/tts/ami/fisma-ready")
    assert launch_data(make_service(image=image))["ImageId"] == "resolve:ssm:/tts/ami/fisma-ready"


def test_the_image_has_the_architecture_of_the_instance(chosen: TtsAsgService) -> None:
    data = launch_data(chosen)
    assert (data["ImageId"], data["InstanceType"]) == (IMAGE, "t4g.small")


def test_instances_require_imdsv2(web: TtsAsgService) -> None:
    assert launch_data(web)["MetadataOptions"] == {"HttpTokens": "required"}


def test_nobody_logs_in_to_an_instance(web: TtsAsgService) -> None:
    assert "KeyName" not in launch_data(web)
    assert "AmazonSSM" not in str(rendered(web).to_json())


def test_instances_have_no_public_address(web: TtsAsgService) -> None:
    (interface,) = launch_data(web)["NetworkInterfaces"]
    assert interface["AssociatePublicIpAddress"] is False


def test_instances_stand_in_private_subnets_of_two_zones(web: TtsAsgService) -> None:
    private = TtsSystem.of(web).vpc.select_subnets(subnet_group_name="Private").subnet_ids
    group = only(web, "AWS::AutoScaling::AutoScalingGroup")
    assert group["VPCZoneIdentifier"] == cdk.Stack.of(web).resolve(private)
    assert len(private) == 2


def test_each_volume_of_the_image_is_encrypted(web: TtsAsgService) -> None:
    assert launch_data(web)["BlockDeviceMappings"] == [
        {
            "DeviceName": device,
            "Ebs": {"DeleteOnTermination": True, "Encrypted": True, "VolumeType": "gp3"},
        }
        for device in ("/dev/sda1", "/dev/sdk")
    ]


def test_the_volumes_are_those_of_the_settings(other_settings: Path, make_service: MakeService) -> None:
    other_settings.write_text(IMAGE_SETTINGS + 'devices = ["/dev/xvda", "/dev/xvdb"]\n')
    volumes = launch_data(make_service())["BlockDeviceMappings"]
    assert [volume["DeviceName"] for volume in volumes] == ["/dev/xvda", "/dev/xvdb"]


def test_a_team_chooses_the_size_of_the_root_volume_and_the_key_of_all(
    system: TtsSystem, make_service: MakeService
) -> None:
    key = kms.Key(system, "VolumeKey", enable_key_rotation=True)
    root, other = launch_data(make_service(volume_gib=50, volume_key=key))["BlockDeviceMappings"]
    assert root["Ebs"]["VolumeSize"] == 50
    assert "VolumeSize" not in other["Ebs"]
    assert root["Ebs"]["KmsKeyId"] == other["Ebs"]["KmsKeyId"] == system.stack.resolve(key.key_arn)


def test_the_policy_of_a_volume_key_lets_groups_launch(system: TtsSystem, make_service: MakeService) -> None:
    key = kms.Key(system, "VolumeKey", enable_key_rotation=True)
    make_service("Web", volume_key=key)
    make_service("Api", volume_key=key, access=Access.internal())
    statements = key_policy(key)
    groups = {
        "ArnLike": {
            "aws:PrincipalArn": {
                "Fn::Join": [
                    "",
                    [
                        "arn:",
                        {"Ref": "AWS::Partition"},
                        ":iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/"
                        "AWSServiceRoleForAutoScaling*",
                    ],
                ]
            }
        },
        "StringEquals": {"kms:CallerAccount": "111122223333"},
    }
    use, grant = statements[1:]
    assert use["Condition"] == groups
    assert set(use["Action"]) == {
        "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*",
    }  # fmt: skip
    assert grant["Action"] == "kms:CreateGrant"
    assert grant["Condition"] == groups | {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def key_policy(key: kms.Key) -> list[dict[str, Any]]:
    stack = cdk.Stack.of(key)
    resource = key.node.default_child
    assert isinstance(resource, kms.CfnKey)
    keys = Template.from_stack(stack).find_resources("AWS::KMS::Key")
    policy = keys[stack.resolve(resource.logical_id)]["Properties"]["KeyPolicy"]
    return list(policy["Statement"])


@pytest.mark.parametrize("kind", ["instance", "volume"])
def test_tags_reach_what_a_group_launches(web: TtsAsgService, kind: str) -> None:
    (tags,) = (
        attributes(one["Tags"])
        for one in launch_data(web)["TagSpecifications"]
        if one["ResourceType"] == kind
    )
    assert tags.items() >= {"Project": "benefits", "Environment": "production"}.items()


def test_tags_of_the_group_are_propagated(web: TtsAsgService) -> None:
    tags = only(web, "AWS::AutoScaling::AutoScalingGroup")["Tags"]
    assert {"Key": "Project", "PropagateAtLaunch": True, "Value": "benefits"} in tags


def test_what_goes_out_of_an_instance_is_what_the_network_policy_states(
    make_system: MakeSystem, make_service: MakeService
) -> None:
    policy = NetworkPolicy(outbound=[Flow.https_anywhere(), Flow.tcp_to("192.0.2.0/24", 587)])
    service = make_service(scope=make_system(network=policy))
    out = security_group(service, "Instances")["SecurityGroupEgress"]
    assert {(rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in out} == {
        ("0.0.0.0/0", 443, 443),
        ("192.0.2.0/24", 587, 587),
    }


def test_only_the_balancer_reaches_an_instance(chosen: TtsAsgService) -> None:
    assert "SecurityGroupIngress" not in security_group(chosen, "Instances")
    ingress = only(chosen, "AWS::EC2::SecurityGroupIngress")
    balancer = chosen.load_balancer.connections.security_groups[0].security_group_id
    assert ingress["SourceSecurityGroupId"] == cdk.Stack.of(chosen).resolve(balancer)
    assert (ingress["IpProtocol"], ingress["FromPort"], ingress["ToPort"]) == ("tcp", 9000, 9000)


# Logs


def test_logs_are_kept_30_months_with_the_key_of_the_system(web: TtsAsgService) -> None:
    system = TtsSystem.of(web)
    logs = rendered(web).find_resources("AWS::Logs::LogGroup")
    group = logs[system.stack.resolve(web.log_group.node.default_child.logical_id)]["Properties"]  # type: ignore[union-attr]
    assert group["RetentionInDays"] == 1096
    assert group["KmsKeyId"] == system.stack.resolve(system.key.key_arn)


def test_the_role_may_write_its_own_logs_and_metrics_and_nothing_else(web: TtsAsgService) -> None:
    statements = role_statements(web)
    assert statements == [
        {
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Effect": "Allow",
            "Resource": cdk.Stack.of(web).resolve(web.log_group.log_group_arn),
        },
        {
            "Action": "cloudwatch:PutMetricData",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "CWAgent"}},
            "Effect": "Allow",
            "Resource": "*",
        },
    ]


def role_statements(service: TtsAsgService) -> list[dict[str, Any]]:
    role = cdk.Stack.of(service).resolve(service.role.role_name)
    (policy,) = (
        rendered(service).find_resources("AWS::IAM::Policy", {"Properties": {"Roles": [role]}}).values()
    )
    return list(policy["Properties"]["PolicyDocument"]["Statement"])


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_bash_can_read_the_user_data(chosen: TtsAsgService) -> None:
    done = subprocess.run(
        ["bash", "-n"], input=boot_script(chosen), capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_failing_agent_does_not_fail_the_boot(chosen: TtsAsgService) -> None:
    lines = boot_script(chosen).splitlines()
    assert lines[:3] == ["#!/bin/bash", "(", "set +e"]
    assert lines[-2:] == [") || true", "start-web"]


@pytest.mark.parametrize(
    ("region", "instance_type", "folder"),
    [
        (
            "us-east-1",
            "t3.small",
            "https://amazoncloudwatch-agent-us-east-1.s3.us-east-1.amazonaws.com/ubuntu/amd64/latest/",
        ),
        (
            "us-gov-west-1",
            "t4g.small",
            "https://amazoncloudwatch-agent-us-gov-west-1.s3.us-gov-west-1.amazonaws.com/ubuntu/arm64/latest/",
        ),
    ],
)
def test_the_agent_comes_from_the_region_for_the_architecture(
    make_system: MakeSystem, make_service: MakeService, region: str, instance_type: str, folder: str
) -> None:
    script = boot_script(
        make_service(scope=make_system(region), instance_type=ec2.InstanceType(instance_type))
    )
    assert f"load amazon-cloudwatch-agent.deb {folder}amazon-cloudwatch-agent.deb &&" in script


def test_the_settings_pin_the_agent(other_settings: Path, make_service: MakeService) -> None:
    other_settings.write_text(
        f'{SETTINGS}[agent]\nversion = "1.2.3b4"\nsha256 = {{ x86_64 = "{"0a" * 32}" }}'
    )
    script = boot_script(make_service())
    assert "/ubuntu/amd64/1.2.3b4/amazon-cloudwatch-agent.deb" in script
    assert f"echo '{'0a' * 32}  amazon-cloudwatch-agent.deb' | sha256sum --check" in script


def test_an_agent_that_is_pinned_for_another_architecture_is_refused(
    other_settings: Path, make_service: MakeService
) -> None:
    other_settings.write_text(
        f'{SETTINGS}[agent]\nversion = "1.2.3b4"\nsha256 = {{ x86_64 = "{"0a" * 32}" }}'
    )
    with pytest.raises(InvalidArgumentError) as error:
        make_service(instance_type=ec2.InstanceType("t4g.small"))
    assert error.value.faults == (
        "instance_type= is arm64, and the settings pin the agent for x86_64 alone; "
        'write arm64 = "<SHA-256>" below [agent.sha256] in tts.toml',
    )


def test_an_agent_in_the_image_is_only_started(make_service: MakeService) -> None:
    script = boot_script(make_service(agent=Agent.from_image()))
    assert "load" not in script
    assert "dpkg --install" not in script
    assert "amazon-cloudwatch-agent-ctl -a fetch-config" in script


def test_the_older_name_of_an_agent_in_the_image_warns(make_service: MakeService) -> None:
    with pytest.warns(DeprecationWarning, match=r"write agent=Agent\.from_image\(\)") as warned:
        service = make_service(agent_in_image=True)
    assert [one.filename for one in warned] == [__file__]
    assert "dpkg --install" not in boot_script(service)


def test_logs_and_metrics_go_where_the_service_is(chosen: TtsAsgService) -> None:
    script = boot_script(chosen)
    assert '"file_path":"/var/log/web/*.log","log_group_name":"<log group>"' in script
    assert script.count('"append_dimensions":{"Service":"Stack/System/Web"}') == 2


def test_somebody_is_told_of_a_full_disk(chosen: TtsAsgService) -> None:
    (alarm,) = (
        one["Properties"]
        for one in rendered(chosen).find_resources("AWS::CloudWatch::Alarm").values()
        if one["Properties"].get("MetricName") == "disk_used_percent"
    )
    assert alarm["EvaluationPeriods"] == 3
    assert alarm["Dimensions"] == [{"Name": "Service", "Value": "Stack/System/Web"}]
    assert (alarm["Namespace"], alarm["Statistic"], alarm["Threshold"]) == ("CWAgent", "Maximum", 80)
    assert alarm["TreatMissingData"] == "breaching"


# The group


def test_a_group_has_two_instances_at_least(web: TtsAsgService) -> None:
    group = only(web, "AWS::AutoScaling::AutoScalingGroup")
    assert (group["MinSize"], group["MaxSize"]) == ("2", "4")
    assert "DesiredCapacity" not in group


def test_a_group_trusts_the_health_check_of_its_balancer(chosen: TtsAsgService) -> None:
    group = only(chosen, "AWS::AutoScaling::AutoScalingGroup")
    assert group["HealthCheckType"] == "ELB"
    assert group["HealthCheckGracePeriod"] == group["DefaultInstanceWarmup"] == 120


def test_instances_are_replaced_within_30_days(web: TtsAsgService) -> None:
    assert only(web, "AWS::AutoScaling::AutoScalingGroup")["MaxInstanceLifetime"] == 2_592_000


def test_a_replacement_is_there_before_an_instance_goes(web: TtsAsgService) -> None:
    group = only(web, "AWS::AutoScaling::AutoScalingGroup")
    assert group["InstanceMaintenancePolicy"] == {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150}


def test_a_team_may_replace_instances_sooner(chosen: TtsAsgService) -> None:
    assert only(chosen, "AWS::AutoScaling::AutoScalingGroup")["MaxInstanceLifetime"] == 7 * 24 * 60 * 60


def test_an_update_refreshes_instances_with_regard_to_health(web: TtsAsgService) -> None:
    assert update_policy(web)["AutoScalingInstanceRefresh"] == {
        "Preferences": {"InstanceWarmup": 300, "MaxHealthyPercentage": 150, "MinHealthyPercentage": 100},
        "Strategy": "Rolling",
    }


def test_an_image_that_can_signal_gets_a_rolling_update(make_service: MakeService) -> None:
    signals = autoscaling.Signals.wait_for_min_capacity(timeout=Duration.minutes(10))
    service = make_service(signals=signals)
    assert update_policy(service)["AutoScalingRollingUpdate"] == {
        "MaxBatchSize": 1,
        "MinInstancesInService": 2,
        "PauseTime": "PT10M",
        "SuspendProcesses": ["AZRebalance", "AlarmNotification", "ScheduledActions"],
        "WaitOnResourceSignals": True,
    }
    assert "AutoScalingInstanceRefresh" not in update_policy(service)


def update_policy(service: TtsAsgService) -> dict[str, Any]:
    (group,) = rendered(service).find_resources("AWS::AutoScaling::AutoScalingGroup").values()
    return dict(group["UpdatePolicy"])


def test_instances_start_when_there_is_a_way_out(web: TtsAsgService) -> None:
    (group,) = rendered(web).find_resources("AWS::AutoScaling::AutoScalingGroup").values()
    assert sum("DefaultRoute" in dependency for dependency in group["DependsOn"]) == 2


# The balancer


def test_the_balancer_is_protected_and_drops_what_is_invalid(web: TtsAsgService) -> None:
    balancer = only(web, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert (
        attributes(balancer["LoadBalancerAttributes"]).items()
        >= {
            "deletion_protection.enabled": "true",
            "routing.http.drop_invalid_header_fields.enabled": "true",
        }.items()
    )


def test_requests_are_logged_in_a_folder_of_the_service(web: TtsAsgService) -> None:
    system = TtsSystem.of(web)
    balancer = only(web, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert (
        attributes(balancer["LoadBalancerAttributes"]).items()
        >= {
            "access_logs.s3.enabled": "true",
            "access_logs.s3.prefix": "load-balancer/Stack/System/Web",
        }.items()
    )
    assert attributes(balancer["LoadBalancerAttributes"])["access_logs.s3.bucket"] == system.stack.resolve(
        system.log_bucket.bucket_name
    )


@pytest.mark.parametrize(
    ("region", "account"), [("us-east-1", "127311923021"), ("us-gov-west-1", "048591011584")]
)
def test_the_balancers_of_the_region_may_write_the_log(
    make_system: MakeSystem, make_service: MakeService, region: str, account: str
) -> None:
    service = make_service(scope=make_system(region))
    policies = rendered(service).find_resources("AWS::S3::BucketPolicy")
    assert f":iam::{account}:root" in str(policies)
    assert "/load-balancer/Stack/System/Web/AWSLogs/111122223333/*" in str(policies)


def test_https_is_served_with_the_certificate_and_an_approved_policy(web: TtsAsgService) -> None:
    https = listeners(web)[443]
    assert https["Protocol"] == "HTTPS"
    assert https["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04"
    assert https["Certificates"] == [{"CertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/web"}]


def test_a_team_may_choose_another_approved_policy(chosen: TtsAsgService) -> None:
    assert listeners(chosen)[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09"


def test_browsers_are_told_to_insist_on_https(web: TtsAsgService) -> None:
    assert listeners(web)[443]["ListenerAttributes"] == [
        {
            "Key": "routing.http.response.strict_transport_security.header_value",
            "Value": "max-age=31536000; includeSubDomains",
        }
    ]


def test_port_80_only_redirects(web: TtsAsgService) -> None:
    http = listeners(web)[80]
    assert http["DefaultActions"] == [
        {
            "RedirectConfig": {"Port": "443", "Protocol": "HTTPS", "StatusCode": "HTTP_301"},
            "Type": "redirect",
        }
    ]


def test_requests_go_to_the_port_of_the_instances(chosen: TtsAsgService) -> None:
    target = only(chosen, "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert target["Port"] == 9000
    assert (target["Protocol"], target["HealthCheckProtocol"]) == ("HTTP", "HTTP")
    assert target["HealthCheckPath"] == "/health"
    assert target["Matcher"] == {"HttpCode": "200"}


def test_instances_can_be_spoken_to_in_https(make_service: MakeService) -> None:
    target = only(
        make_service(target_protocol=elbv2.ApplicationProtocol.HTTPS),
        "AWS::ElasticLoadBalancingV2::TargetGroup",
    )
    assert (target["Protocol"], target["HealthCheckProtocol"]) == ("HTTPS", "HTTPS")


def test_what_goes_out_of_the_balancer_goes_to_instances(web: TtsAsgService) -> None:
    egress = only(web, "AWS::EC2::SecurityGroupEgress")
    instances = web.connections.security_groups[0].security_group_id
    assert egress["DestinationSecurityGroupId"] == cdk.Stack.of(web).resolve(instances)
    assert egress["FromPort"] == egress["ToPort"] == 8080


# Access


def test_a_public_service_is_open_to_the_internet(web: TtsAsgService) -> None:
    assert only(web, "AWS::ElasticLoadBalancingV2::LoadBalancer")["Scheme"] == "internet-facing"
    assert sources(web) == {("0.0.0.0/0", 443), ("0.0.0.0/0", 80)}


def test_a_public_service_is_open_to_ipv6_where_the_system_speaks_it(
    make_system: MakeSystem, make_service: MakeService
) -> None:
    zone = {"domain_name": "web.example.gov"}
    system = make_system(ipv6=True)
    service = make_service(scope=system, hosted_zone=hosted_zone(system), **zone)
    balancer = only(service, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer["IpAddressType"] == "dualstack"
    assert sources(service) == {("0.0.0.0/0", 443), ("0.0.0.0/0", 80), ("::/0", 443), ("::/0", 80)}
    records = rendered(service).find_resources("AWS::Route53::RecordSet").values()
    assert {record["Properties"]["Type"] for record in records} == {"A", "AAAA"}


def test_an_internal_service_needs_no_ipv6(make_system: MakeSystem, make_service: MakeService) -> None:
    service = make_service(scope=make_system(ipv6=True), access=Access.internal())
    assert "IpAddressType" not in only(service, "AWS::ElasticLoadBalancingV2::LoadBalancer")


def test_a_range_of_ipv6_is_let_in_where_the_system_speaks_it(
    make_system: MakeSystem, make_service: MakeService
) -> None:
    service = make_service(scope=make_system(ipv6=True), access=Access.restricted(["2001:db8::/32"]))
    assert sources(service) == {("2001:db8::/32", 443), ("2001:db8::/32", 80)}


def test_a_restricted_service_is_open_to_its_ranges(chosen: TtsAsgService) -> None:
    assert only(chosen, "AWS::ElasticLoadBalancingV2::LoadBalancer")["Scheme"] == "internet-facing"
    assert sources(chosen) == {
        (range_, port) for range_ in ("192.0.2.0/24", "198.51.100.0/24") for port in (80, 443)
    }


def test_an_internal_service_is_open_to_nobody(internal: TtsAsgService) -> None:
    assert only(internal, "AWS::ElasticLoadBalancingV2::LoadBalancer")["Scheme"] == "internal"
    assert sources(internal) == set()
    assert set(listeners(internal)) == {443}


def test_a_service_for_others_stands_in_public_subnets(web: TtsAsgService) -> None:
    public = TtsSystem.of(web).vpc.select_subnets(subnet_group_name="Public").subnet_ids
    assert only(web, "AWS::ElasticLoadBalancingV2::LoadBalancer")["Subnets"] == cdk.Stack.of(web).resolve(
        public
    )


def test_an_internal_service_stands_in_private_subnets(internal: TtsAsgService) -> None:
    system = TtsSystem.of(internal)
    private = system.vpc.select_subnets(subnet_group_name="Private").subnet_ids
    assert only(internal, "AWS::ElasticLoadBalancingV2::LoadBalancer")["Subnets"] == system.stack.resolve(
        private
    )


@pytest.mark.parametrize("port", [443, 8443])
def test_a_flow_opens_a_port_of_a_service_to_another(
    make_system: MakeSystem, make_service: MakeService, port: int
) -> None:
    system = make_system(network=NetworkPolicy(between=[Flow.service("Web", "Api", port)]))
    web = make_service("Web", scope=system)
    api = make_service("Api", scope=system, access=Access.internal())
    stack = system.stack
    rendered(api).has_resource_properties(
        "AWS::EC2::SecurityGroupIngress",
        {
            "GroupId": stack.resolve(api.load_balancer.connections.security_groups[0].security_group_id),
            "SourceSecurityGroupId": stack.resolve(web.connections.security_groups[0].security_group_id),
            "FromPort": port,
            "ToPort": port,
        },
    )
    rendered(web).has_resource_properties(
        "AWS::EC2::SecurityGroupEgress",
        {
            "GroupId": stack.resolve(web.connections.security_groups[0].security_group_id),
            "DestinationSecurityGroupId": stack.resolve(
                api.load_balancer.connections.security_groups[0].security_group_id
            ),
            "FromPort": port,
            "ToPort": port,
        },
    )


def test_a_flow_at_another_port_gets_a_listener_like_the_main_one(
    make_system: MakeSystem, make_service: MakeService
) -> None:
    system = make_system(network=NetworkPolicy(between=[Flow.service("Web", "Api", 8443)]))
    make_service("Web", scope=system, access=Access.internal())
    api = make_service("Api", scope=system, access=Access.internal())
    arn = system.stack.resolve(api.load_balancer.load_balancer_arn)
    of_api = {
        one["Properties"]["Port"]: one["Properties"]
        for one in rendered(api).find_resources("AWS::ElasticLoadBalancingV2::Listener").values()
        if one["Properties"]["LoadBalancerArn"] == arn
    }
    assert set(of_api) == {443, 8443}
    assert {**of_api[8443], "Port": 443} == of_api[443]


def test_two_flows_at_one_port_share_its_listener(make_system: MakeSystem, make_service: MakeService) -> None:
    flows = [Flow.service("Web", "Api", 8443), Flow.service("Worker", "Api", 8443)]
    system = make_system(network=NetworkPolicy(between=flows))
    for name in ("Web", "Worker", "Api"):
        service = make_service(name, scope=system, access=Access.internal())
    found = rendered(service).find_resources(
        "AWS::ElasticLoadBalancingV2::Listener", {"Properties": {"Port": 8443}}
    )
    assert len(found) == 1


@pytest.mark.parametrize(("caller", "called"), [("System", "Other"), ("Other", "System"), ("Other", "Third")])
def test_flows_cross_the_stacks_of_a_system(
    make_system: MakeSystem,
    make_service: MakeService,
    make_stack: Callable[..., cdk.Stack],
    caller: str,
    called: str,
) -> None:
    system = make_system(network=NetworkPolicy(between=[Flow.service("Web", "Api", 8443)]))
    app = cdk.App.of(system)
    scopes = {"System": system} | {name: make_stack(name=name, scope=app) for name in ("Other", "Third")}
    services = [
        make_service(name, scope=scopes[scope], system=system, access=Access.internal())
        for name, scope in (("Web", caller), ("Api", called))
    ]
    opened = [
        rule
        for service in services
        for kind in ("Ingress", "Egress")
        for rule in rendered(service)
        .find_resources(f"AWS::EC2::SecurityGroup{kind}", {"Properties": {"FromPort": 8443, "ToPort": 8443}})
        .values()
    ]
    assert sorted(rule["Type"] for rule in opened) == [
        "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress",
    ]  # fmt: skip


def test_a_flow_to_a_service_that_faces_the_internet_is_refused(
    make_system: MakeSystem, make_service: MakeService
) -> None:
    system = make_system(network=NetworkPolicy(between=[Flow.service("Web", "Api", 8443)]))
    make_service("Web", scope=system)
    with pytest.raises(InvalidArgumentError) as error:
        make_service("Api", scope=system)
    assert str(error.value) == (
        "Stack/System/Api: a flow between services names it, but its balancer faces the internet, where the "
        "caller comes from NAT and is not known; write access=Access.internal(), or take the flow away"
    )


# Its name


def hosted_zone(system: TtsSystem) -> route53.IHostedZone:
    return route53.PublicHostedZone.from_hosted_zone_attributes(
        system, "Zone", hosted_zone_id="Z0123456789", zone_name="example.gov"
    )


def test_a_domain_name_gets_a_certificate_validated_by_dns(
    system: TtsSystem, make_service: MakeService
) -> None:
    service = make_service(domain_name="web.example.gov", hosted_zone=hosted_zone(system))
    made = only(service, "AWS::CertificateManager::Certificate")
    assert made["DomainName"] == "web.example.gov"
    assert made["ValidationMethod"] == "DNS"
    assert made["DomainValidationOptions"] == [
        {"DomainName": "web.example.gov", "HostedZoneId": "Z0123456789"}
    ]
    ((logical_id, _),) = rendered(service).find_resources("AWS::CertificateManager::Certificate").items()
    assert listeners(service)[443]["Certificates"] == [{"CertificateArn": {"Ref": logical_id}}]


def test_a_domain_name_leads_to_the_balancer(system: TtsSystem, make_service: MakeService) -> None:
    service = make_service(domain_name="web.example.gov", hosted_zone=hosted_zone(system))
    record = only(service, "AWS::Route53::RecordSet")
    assert (record["Name"], record["Type"]) == ("web.example.gov.", "A")
    assert (
        system.stack.resolve(service.load_balancer.load_balancer_dns_name)
        in (record["AliasTarget"]["DNSName"]["Fn::Join"][1])
    )


def test_the_zone_itself_can_be_the_domain_name(system: TtsSystem, make_service: MakeService) -> None:
    service = make_service(domain_name="example.gov", hosted_zone=hosted_zone(system))
    assert service.url == "https://example.gov"


def test_a_domain_name_can_be_known_at_deployment_only(system: TtsSystem, make_service: MakeService) -> None:
    name = cdk.CfnParameter(system, "Name").value_as_string
    service = make_service(domain_name=name, hosted_zone=hosted_zone(system))
    assert only(service, "AWS::CertificateManager::Certificate")["DomainName"] == system.stack.resolve(name)


def test_the_address_is_an_output_with_a_name_that_stays(
    system: TtsSystem, make_service: MakeService
) -> None:
    service = make_service("Web-1", domain_name="web.example.gov", hosted_zone=hosted_zone(system))
    assert rendered(service).find_outputs("Web1Url")["Web1Url"]["Value"] == "https://web.example.gov"


def test_without_a_domain_name_the_address_is_the_balancers(web: TtsAsgService) -> None:
    dns_name = cdk.Stack.of(web).resolve(web.load_balancer.load_balancer_dns_name)
    assert rendered(web).find_outputs("WebUrl")["WebUrl"]["Value"] == {
        "Fn::Join": ["", ["https://", dns_name]]
    }


# Alarms


def test_somebody_is_told_of_each_failure(system: TtsSystem, make_service: MakeService) -> None:
    topic = sns.Topic(system, "Topic", master_key=system.key)
    service = make_service(alarms=Alarms.to_topic(topic))
    alarms = rendered(service).find_resources("AWS::CloudWatch::Alarm").values()
    assert len(alarms) == len(service.alarms) == 5
    told = [system.stack.resolve(topic.topic_arn)]
    for alarm in alarms:
        assert alarm["Properties"]["AlarmActions"] == alarm["Properties"]["OKActions"] == told


def alarm_of(service: TtsAsgService, name: str) -> dict[str, Any]:
    """The properties of an alarm, by its construct id."""
    found = rendered(service).find_resources("AWS::CloudWatch::Alarm")
    (alarm,) = (one["Properties"] for id_, one in found.items() if f"Web{name}" in id_)
    return dict(alarm)


def watched_by(alarm: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Metrics of an alarm by their id in its expression."""
    return {one["Id"]: one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one}


def expression_of(alarm: dict[str, Any]) -> str:
    (expression,) = (one["Expression"] for one in alarm["Metrics"] if "Expression" in one)
    return str(expression)


def test_an_alarm_rings_below_the_minimum_in_force(chosen: TtsAsgService) -> None:
    alarm = alarm_of(chosen, "TooFewHealthyHosts")
    assert expression_of(alarm) == "healthy - minimum"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 0)
    metrics = watched_by(alarm)
    assert metrics["healthy"]["Metric"]["MetricName"] == "HealthyHostCount"
    assert metrics["healthy"]["Stat"] == "Minimum"
    # The metric of the group, which follows its schedules.
    assert metrics["minimum"]["Metric"]["MetricName"] == "GroupMinSize"


def test_a_balancer_without_instances_rings(chosen: TtsAsgService) -> None:
    assert alarm_of(chosen, "TooFewHealthyHosts")["TreatMissingData"] == "breaching"


def test_an_instance_that_fails_its_health_check_rings_only_if_it_is_missed(chosen: TtsAsgService) -> None:
    alarm = alarm_of(chosen, "UnhealthyHosts")
    assert expression_of(alarm) == "IF(unhealthy > 0 AND healthy < wanted, unhealthy, 0)"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    metrics = {id_: one["Metric"]["MetricName"] for id_, one in watched_by(alarm).items()}
    assert metrics == {
        "unhealthy": "UnHealthyHostCount",
        "healthy": "HealthyHostCount",
        "wanted": "GroupDesiredCapacity",
    }
    assert alarm["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("name", ["TooFewHealthyHosts", "UnhealthyHosts"])
def test_one_replacement_does_not_ring_and_a_boot_loop_does(
    make_service: MakeService, chosen: TtsAsgService, name: str
) -> None:
    default = make_service(alarms=Alarms.to_email("team@example.gov"))
    slow = make_service(
        "Slow", alarms=Alarms.to_email("team@example.gov"), health_check_grace=Duration.seconds(1201)
    )
    for service, minutes in ((default, 10), (chosen, 7), (slow, 26)):
        found = rendered(service).find_resources("AWS::CloudWatch::Alarm")
        (alarm,) = (one["Properties"] for id_, one in found.items() if f"{service.node.id}{name}" in id_)
        assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (minutes, 3 * minutes)
        assert f"for {minutes} of the last {3 * minutes} minutes" in alarm["AlarmDescription"]
        assert {one["Period"] for one in watched_by(alarm).values()} == {60}


def test_an_alarm_looks_back_no_longer_than_a_day(make_service: MakeService) -> None:
    alarms = Alarms.to_email("team@example.gov")
    service = make_service(alarms=alarms, health_check_grace=Duration.hours(10))
    assert alarm_of(service, "TooFewHealthyHosts")["EvaluationPeriods"] == 24 * 60


def test_errors_of_the_balancer_are_counted(chosen: TtsAsgService) -> None:
    alarm = alarm_of(chosen, "BalancerErrors")
    assert (alarm["MetricName"], alarm["Period"]) == ("HTTPCode_ELB_5XX_Count", 300)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 5)
    assert alarm["TreatMissingData"] == "notBreaching"


def test_the_metrics_of_instances_come_every_minute(web: TtsAsgService) -> None:
    assert launch_data(web)["Monitoring"] == {"Enabled": True}


def test_the_group_publishes_the_metric_of_its_alarm(web: TtsAsgService) -> None:
    assert only(web, "AWS::AutoScaling::AutoScalingGroup")["MetricsCollection"] == [
        {"Granularity": "1Minute"}
    ]


def test_server_errors_are_told_by_their_share(chosen: TtsAsgService) -> None:
    alarm = alarm_of(chosen, "ServerErrors")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 5)
    metrics = {id_: one["Metric"]["MetricName"] for id_, one in watched_by(alarm).items()}
    assert metrics == {"errors": "HTTPCode_Target_5XX_Count", "requests": "RequestCount"}


def test_one_failed_request_at_night_does_not_ring(chosen: TtsAsgService) -> None:
    alarm = alarm_of(chosen, "ServerErrors")
    assert expression_of(alarm) == "IF(requests >= 20 OR errors >= 3, 100 * errors / requests, 0)"
    assert alarm["Threshold"] >= 100 * 1 / 20  # one failed of the least number of requests


# Releases that roll back


def preferences(service: TtsAsgService) -> dict[str, Any]:
    return dict(update_policy(service)["AutoScalingInstanceRefresh"]["Preferences"])


def test_a_release_that_answers_with_errors_rolls_back(chosen: TtsAsgService) -> None:
    stack = cdk.Stack.of(chosen)
    watched = [stack.get_logical_id(alarm.node.default_child) for alarm in chosen.alarms[2:4]]  # type: ignore[arg-type]
    assert preferences(chosen)["AlarmSpecification"] == {"Alarms": [{"Ref": id_} for id_ in watched]}
    assert ["ServerErrors" in watched[0], "BalancerErrors" in watched[1]] == [True, True]


def test_no_alarm_of_the_refresh_names_the_group(chosen: TtsAsgService) -> None:
    (group,) = rendered(chosen).find_resources("AWS::AutoScaling::AutoScalingGroup")
    found = rendered(chosen).find_resources("AWS::CloudWatch::Alarm")
    for named in preferences(chosen)["AlarmSpecification"]["Alarms"]:
        assert group not in json.dumps(found[named["Ref"]])


def test_a_release_is_watched_for_as_long_as_its_alarms_need(chosen: TtsAsgService) -> None:
    found = rendered(chosen).find_resources("AWS::CloudWatch::Alarm")
    for named in preferences(chosen)["AlarmSpecification"]["Alarms"]:
        alarm = found[named["Ref"]]["Properties"]
        periods = (
            [alarm["Period"]] if "Period" in alarm else [one["Period"] for one in watched_by(alarm).values()]
        )
        for period in periods:
            assert preferences(chosen)["BakeTime"] >= 2 * period * alarm["EvaluationPeriods"]


def test_the_fix_of_a_service_that_fails_can_be_deployed(make_service: MakeService) -> None:
    service = make_service(alarms=Alarms.to_email("team@example.gov"), roll_back=False)
    assert not {"AlarmSpecification", "BakeTime"} & preferences(service).keys()


def test_without_alarms_nothing_rolls_back(web: TtsAsgService) -> None:
    assert not {"AlarmSpecification", "BakeTime"} & preferences(web).keys()


def test_a_rolling_update_watches_no_alarms(make_service: MakeService) -> None:
    signals = autoscaling.Signals.wait_for_min_capacity(timeout=Duration.minutes(10))
    service = make_service(alarms=Alarms.to_email("team@example.gov"), signals=signals)
    assert "AutoScalingInstanceRefresh" not in update_policy(service)


def test_the_template_says_why_nobody_is_told(web: TtsAsgService) -> None:
    for watched in ("AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::AutoScaling::AutoScalingGroup"):
        (resource,) = rendered(web).find_resources(watched).values()
        assert resource["Metadata"]["TTS"] == {"no_alarms": "a test"}
    assert web.alarms == ()
    rendered(web).resource_count_is("AWS::CloudWatch::Alarm", 0)


# What a team adds


def test_a_bucket_grants_to_a_service_as_to_an_l2(system: TtsSystem, make_service: MakeService) -> None:
    service = make_service()
    TtsBucket(system, "Uploads").grant_read_write(service)
    actions = [set(statement["Action"]) for statement in role_statements(service)]
    assert any({"s3:GetObject*", "s3:PutObject"} <= some for some in actions)
    assert any({"kms:Decrypt", "kms:GenerateDataKey*"} <= some for some in actions)


def test_an_l2_connects_to_a_service_as_to_an_l2(system: TtsSystem, make_service: MakeService) -> None:
    service = make_service()
    database = ec2.SecurityGroup(system, "Database", vpc=system.vpc, allow_all_outbound=False)
    database.connections.allow_from(service, ec2.Port.tcp(5432), "the web service")
    rendered(service).has_resource_properties(
        "AWS::EC2::SecurityGroupIngress",
        {
            "GroupId": system.stack.resolve(database.security_group_id),
            "SourceSecurityGroupId": system.stack.resolve(
                service.connections.security_groups[0].security_group_id
            ),
            "FromPort": 5432,
        },
    )


def test_the_role_can_be_let_do_more(make_service: MakeService) -> None:
    service = make_service()
    service.add_to_role_policy(iam.PolicyStatement(actions=["ssm:GetParameter"], resources=["arn:aws:ssm:x"]))
    assert {"Action": "ssm:GetParameter", "Effect": "Allow", "Resource": "arn:aws:ssm:x"} in role_statements(
        service
    )


def test_the_role_has_the_boundary_of_the_system(web: TtsAsgService) -> None:
    system = TtsSystem.of(web)
    roles = rendered(web).find_resources("AWS::IAM::Role")
    role = roles[system.stack.resolve(web.role.node.default_child.logical_id)]["Properties"]  # type: ignore[union-attr]
    assert role["PermissionsBoundary"] == system.stack.resolve(system.permissions_boundary.managed_policy_arn)


def test_user_data_is_added_later(make_service: MakeService) -> None:
    service = make_service(user_data=["first"])
    service.add_user_data("second", "third")
    service.user_data.add_commands("fourth")
    assert boot_script(service).splitlines()[-4:] == ["first", "second", "third", "fourth"]


def test_a_route_goes_by_path_and_host(make_service: MakeService) -> None:
    service = make_service()
    service.add_route(
        "Docs",
        priority=10,
        paths=["/docs/*"],
        hosts=["docs.example.gov"],
        action=elbv2.ListenerAction.fixed_response(404),
    )
    rule = only(service, "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert rule["Priority"] == 10
    assert rule["Actions"] == [{"FixedResponseConfig": {"StatusCode": "404"}, "Type": "fixed-response"}]
    assert rule["Conditions"] == [
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/docs/*"]}},
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["docs.example.gov"]}},
    ]


def test_routes_hold_at_every_port(make_system: MakeSystem, make_service: MakeService) -> None:
    flows = [Flow.service("Web", "Api", 8443), Flow.service("Worker", "Api", 9443)]
    system = make_system(network=NetworkPolicy(between=flows))
    make_service("Web", scope=system)
    api = make_service("Api", scope=system, access=Access.internal())
    api.add_route("Old", priority=1, paths=["/old"], action=elbv2.ListenerAction.fixed_response(410))
    make_service("Worker", scope=system, access=Access.internal())
    rules = rendered(api).find_resources("AWS::ElasticLoadBalancingV2::ListenerRule").values()
    assert len({str(rule["Properties"]["ListenerArn"]) for rule in rules}) == 3


def test_a_web_acl_stands_before_the_balancer(make_service: MakeService) -> None:
    service = make_service()
    arn = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/web/1"
    service.use_web_acl(arn)
    assert only(service, "AWS::WAFv2::WebACLAssociation") == {
        "ResourceArn": cdk.Stack.of(service).resolve(service.load_balancer.load_balancer_arn),
        "WebACLArn": arn,
    }


def test_a_group_scales_on_cpu(make_service: MakeService) -> None:
    service = make_service()
    service.scale_on_cpu(50)
    tracking = only(service, "AWS::AutoScaling::ScalingPolicy")["TargetTrackingConfiguration"]
    assert tracking["PredefinedMetricSpecification"] == {"PredefinedMetricType": "ASGAverageCPUUtilization"}
    assert tracking["TargetValue"] == 50


def test_a_group_scales_on_requests_even_with_a_further_target_group(
    system: TtsSystem, make_service: MakeService
) -> None:
    service = make_service()
    elbv2.ApplicationTargetGroup(
        system, "Admin", vpc=system.vpc, port=80, targets=[service.auto_scaling_group]
    )
    service.scale_on_requests(per_minute=600)
    tracking = only(service, "AWS::AutoScaling::ScalingPolicy")["TargetTrackingConfiguration"]
    metric = tracking["PredefinedMetricSpecification"]
    assert metric["PredefinedMetricType"] == "ALBRequestCountPerTarget"
    assert metric["ResourceLabel"]["Fn::Join"][1][-1] == system.stack.resolve(
        service.target_group.target_group_full_name
    )
    assert tracking["TargetValue"] == 600


def test_a_group_scales_on_a_schedule(make_service: MakeService) -> None:
    service = make_service()
    service.scale_on_schedule(
        "Morning",
        schedule=autoscaling.Schedule.cron(hour="6", minute="0"),
        min_capacity=4,
        max_capacity=8,
        desired_capacity=6,
        time_zone="America/New_York",
    )
    action = only(service, "AWS::AutoScaling::ScheduledAction")
    assert (action["MinSize"], action["MaxSize"], action["DesiredCapacity"]) == (4, 8, 6)
    assert (action["Recurrence"], action["TimeZone"]) == ("0 6 * * *", "America/New_York")


def test_a_service_stands_in_another_stack_of_the_system(
    system: TtsSystem, make_stack: Callable[..., cdk.Stack]
) -> None:
    other = make_stack(name="Web", scope=cdk.App.of(system))
    service = TtsAsgService(
        other,
        "Web",
        system=system,
        access=Access.public(),
        certificate=certificate(other),
        port=8080,
        alarms=Alarms.to_email("team@example.gov"),
        image=FismaReadyImage(ssm_parameter="/tts/ami/fisma-ready"),
    )
    template = rendered(service)
    template.resource_count_is("AWS::EC2::VPC", 0)
    assert template.to_json()["Metadata"]["TTS"]["system"] == "Stack/System"
    tags = only(service, "AWS::AutoScaling::AutoScalingGroup")["Tags"]
    assert {"Key": "Project", "PropagateAtLaunch": True, "Value": "benefits"} in tags


# What it refuses


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (
            {"access": "public"},
            "access='public' is text; write Access.public(), Access.restricted([...]) or Access.internal()",
        ),
        (
            {"access": Access.restricted(["2001:db8::/32"])},
            "access= names 2001:db8::/32, and the system has no IPv6; write TtsSystem(..., ipv6=True)",
        ),
        (
            {"alarms": None},
            "alarms=None; write Alarms.to_topic(topic), Alarms.to_email('team@example.gov') or "
            "Alarms.none(reason='...')",
        ),
        (
            {"certificate": None},
            "has no name that it can prove, and serves HTTPS only; write certificate=, or both domain_name= "
            "and hosted_zone=",
        ),
        (
            {"domain_name": "web.example.gov"},
            "domain_name= has no certificate; write hosted_zone=, which validates one, or certificate= if "
            "the zone lies elsewhere",
        ),
        (
            {"image": ec2.MachineImage.latest_amazon_linux2023()},
            "image= is an ec2.AmazonLinux2023ImageSsmParameter; write FismaReadyImage(...), as "
            "instances start from no other image (TTS-EC2-003)",
        ),
        ({"port": 0}, "port=0 is not a port; write the one at which the instances listen, 1 to 65535"),
        (
            {"port": 65536},
            "port=65536 is not a port; write the one at which the instances listen, 1 to 65535",
        ),
        ({"health_check_path": "health"}, "health_check_path='health' is not a path; write '/health'"),
        ({"min_capacity": 1}, "min_capacity=1 is too few to outlive a failure; write 2 or more"),
        (
            {"min_capacity": 3, "max_capacity": 2},
            "max_capacity=2 is below min_capacity=3; write at least that",
        ),
        (
            {"max_capacity": 2, "signals": autoscaling.Signals.wait_for_all()},
            "max_capacity=2 leaves a rolling update no room for a new instance; write 3 or more",
        ),
        (
            {"replace_after": Duration.days(31)},
            "replace_after= is 31 days; write 1 to 30 days, so that instances start from a current image",
        ),
        (
            {"replace_after": Duration.hours(12)},
            "replace_after= is 12 hours; write 1 to 30 days, so that instances start from a current image",
        ),
        (
            {"log_files": "/var/log/web.log"},
            "log_files='/var/log/web.log' is text; write ['/var/log/web.log']",
        ),
        (
            {"health_check_grace": Duration.seconds(0)},
            "health_check_grace= is 0; write the time that an instance has to become healthy, such as "
            "Duration.minutes(5)",
        ),
        (
            {"health_check_grace": Duration.millis(1500)},
            "health_check_grace= is 1 second 500 millis; write whole seconds",
        ),
        (
            {"log_files": ["web.log"]},
            "log_files= holds 'web.log', which is not an absolute path; write one like '/var/log/app/*.log'",
        ),
        (
            {"user_data": "start-web"},
            "user_data='start-web' is text; write ['start-web']",
        ),
        (
            {"agent": True},
            "agent=True; write Agent.from_image(), or leave it out to install Amazon's package",
        ),
        (
            {"volume_gib": 0},
            "volume_gib=0 is not a valid size; write 1 to 65536 GiB, or leave it out to keep the image's",
        ),
        (
            {"volume_gib": 65537},
            "volume_gib=65537 is not a valid size; write 1 to 65536 GiB, or leave it out to keep the image's",
        ),
    ],
)
def test_a_wrong_argument_is_named_with_what_to_write_instead(
    web: TtsAsgService, wrong: dict[str, Any], fault: str
) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        plain_service("Web", TtsSystem.of(web), **wrong)
    assert str(error.value) == f'TtsAsgService "Web": {fault}'


def test_a_policy_that_is_not_approved_is_refused(make_service: MakeService) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        make_service(tls_policy="ELBSecurityPolicy-2016-08")
    (fault,) = error.value.faults
    assert fault.startswith(
        "tls_policy='ELBSecurityPolicy-2016-08' is not approved (TTS-TLS-002); write one of "
    )
    assert all(policy in fault for policy in standards.TLS_POLICIES_APPROVED)


@pytest.mark.parametrize("name", ["web.example.com", "webexample.gov"])
def test_a_domain_name_outside_its_zone_is_refused(
    system: TtsSystem, make_service: MakeService, name: str
) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        make_service(domain_name=name, hosted_zone=hosted_zone(system))
    assert error.value.faults == (
        f"domain_name='{name}' is not in the zone 'example.gov' of hosted_zone=; write a name that ends "
        "with the zone's",
    )


def test_a_private_zone_cannot_prove_a_name(system: TtsSystem, make_service: MakeService) -> None:
    zone = route53.PrivateHostedZone(system, "Private", zone_name="example.gov", vpc=system.vpc)
    with pytest.raises(InvalidArgumentError) as error:
        make_service(domain_name="web.example.gov", hosted_zone=zone)
    assert error.value.faults == (
        "hosted_zone= is private and validates no certificate; write the public one, or certificate= too",
    )


def test_an_image_for_another_architecture_is_refused(make_service: MakeService) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        make_service(image=FismaReadyImage(), instance_type=ec2.InstanceType("t4g.small"))
    assert error.value.faults == (
        "instance_type=t4g.small is ARM_64 and image= is X86_64; "
        "write FismaReadyImage(architecture=instance_type.architecture)",
    )


def test_a_sandbox_is_not_shown_to_the_public(make_system: MakeSystem, make_service: MakeService) -> None:
    sandbox = make_system(environment=Environment.SANDBOX, data_sensitivity=DataSensitivity.SYNTHETIC)
    with pytest.raises(InvalidArgumentError) as error:
        make_service(scope=sandbox, access=Access.public())
    assert error.value.faults == (
        "access=Access.public() shows a sandbox to the public without authentication (TTS-SBX-001); "
        "write Access.restricted([...]) with your own ranges, or Access.internal()",
    )


def test_access_is_no_wider_than_the_network_policy(
    make_system: MakeSystem, make_service: MakeService
) -> None:
    system = make_system(network=NetworkPolicy(inbound=[Flow.https_from("192.0.2.0/25")]))
    with pytest.raises(InvalidArgumentError) as error:
        make_service(scope=system, access=RESTRICTED)
    assert error.value.faults == (
        "access= lets in 192.0.2.0/24, and no inbound flow of the system's network policy does; write "
        'Flow.https_from("192.0.2.0/24") there, or narrower ranges here',
    )


def test_a_service_belongs_to_a_system(
    make_service: MakeService, make_stack: Callable[..., cdk.Stack]
) -> None:
    with pytest.raises(InvalidArgumentError, match=r'^TtsAsgService "Web": .*not in a TtsSystem.*system='):
        make_service(scope=make_stack())


def test_the_image_has_an_owner(other_settings: Path, make_service: MakeService) -> None:
    other_settings.write_text("")
    with pytest.raises(
        InvalidArgumentError, match=r'^TtsAsgService "Web": nobody is named who owns the FISMA Ready'
    ):
        make_service()


def test_all_faults_are_named_at_once(
    other_settings: Path, make_service: MakeService, make_stack: Callable[..., cdk.Stack]
) -> None:
    other_settings.write_text("")
    with pytest.raises(InvalidArgumentError) as error:
        make_service(scope=make_stack(), access=None, alarms=None, certificate=None, port=0, volume_gib=0)
    assert len(error.value.faults) == 7


def test_a_route_names_what_it_is_for(web: TtsAsgService) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        web.add_route("Docs", priority=1, action=elbv2.ListenerAction.fixed_response(404))
    assert str(error.value) == (
        'Route "Docs" of Stack/System/Web: names no request; write paths=["/docs/*"] or hosts=[...]'
    )


@pytest.mark.parametrize(
    ("sizes", "fault"),
    [
        ({}, "changes nothing; write min_capacity=, max_capacity= or desired_capacity="),
        ({"min_capacity": 1}, "min_capacity=1 is too few to outlive a failure; write 2 or more"),
        ({"max_capacity": 0}, "max_capacity=0 is too few to outlive a failure; write 2 or more"),
        ({"desired_capacity": 1}, "desired_capacity=1 is too few to outlive a failure; write 2 or more"),
        (
            {"min_capacity": 6, "max_capacity": 5},
            "min_capacity=6 is above max_capacity=5; write at most that",
        ),
        (
            {"min_capacity": 5},
            "min_capacity=5 is above the group's max_capacity=4; write max_capacity= too",
        ),
        (
            {"min_capacity": 6, "max_capacity": 8, "desired_capacity": 5},
            "desired_capacity=5 is not between min_capacity=6 and max_capacity=8; change one of them too",
        ),
        (
            {"desired_capacity": 5},
            "desired_capacity=5 is not between min_capacity=2 and max_capacity=4; change one of them too",
        ),
    ],
)
def test_a_schedule_that_a_group_cannot_follow_is_refused(
    web: TtsAsgService, sizes: dict[str, Any], fault: str
) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        web.scale_on_schedule("Night", schedule=autoscaling.Schedule.cron(hour="22"), **sizes)
    assert str(error.value) == f'Schedule "Night" of Stack/System/Web: {fault}'


def test_a_schedule_says_both_bounds_where_one_crosses_the_groups(chosen: TtsAsgService) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        chosen.scale_on_schedule("Night", schedule=autoscaling.Schedule.cron(hour="22"), max_capacity=2)
    assert error.value.faults == (
        "max_capacity=2 is below the group's min_capacity=3; write min_capacity= too",
    )


@pytest.mark.parametrize(
    "sizes",
    [
        {"min_capacity": 8, "max_capacity": 8, "desired_capacity": 8},
        {"max_capacity": 2},
        {"min_capacity": 4},
        {"desired_capacity": 4},
    ],
)
def test_a_schedule_may_move_a_group_within_its_bounds_or_both_of_them(
    make_service: MakeService, sizes: dict[str, Any]
) -> None:
    service = make_service()
    service.scale_on_schedule("Night", schedule=autoscaling.Schedule.cron(hour="22"), **sizes)
    action = only(service, "AWS::AutoScaling::ScheduledAction")
    assert {name: action[name] for name in ("MinSize", "MaxSize", "DesiredCapacity") if name in action} == {
        {"min_capacity": "MinSize", "max_capacity": "MaxSize", "desired_capacity": "DesiredCapacity"}[
            name
        ]: size
        for name, size in sizes.items()
    }


@pytest.mark.parametrize(("letters", "fits"), [("x", True), ("é", False)])
def test_user_data_is_measured_in_bytes_at_synth(
    web: TtsAsgService, make_service: MakeService, letters: str, *, fits: bool
) -> None:
    service = make_service()
    known = len(boot_script(web).replace("<log group>", "").encode())
    service.add_user_data(letters * (16_384 - known - 1))  # and the end of a line
    app = service.node.root
    assert isinstance(app, cdk.App)
    if fits:
        app.synth()
        return
    with pytest.raises(RuntimeError) as error:
        app.synth()
    assert "[Stack/System/Web] The user data is" in str(error.value)
    assert "bytes or more, and EC2 takes 16,384" in str(error.value)


# The whole


def test_logical_ids_stay(make_service: MakeService) -> None:
    resources = rendered(make_service(alarms=Alarms.to_email("team@example.gov"))).to_json()["Resources"]
    assert {logical_id for logical_id in resources if logical_id.startswith("SystemWeb")} == {
        "SystemWebAlarmTopicCD69A0A3",
        "SystemWebAlarmTopicPolicy3C8C37D7",
        "SystemWebAlarmTopicteamexamplegov486BAECB",
        "SystemWebBalancerErrors1CD422BE",
        "SystemWebBalancerSecurityGroup3A6D9F0B",
        "SystemWebBalancerSecurityGrouptoStackSystemWebInstanceSecurityGroup07C9F2C68080845CFF73",
        "SystemWebDiskNearlyFull067E1DFC",
        "SystemWebGroupASG9A43AE8D",
        "SystemWebTooFewHealthyHosts597CBF59",
        "SystemWebInstanceRole0C372722",
        "SystemWebInstanceRoleDefaultPolicy09DA3B24",
        "SystemWebInstanceSecurityGroup20A0B0C2",
        "SystemWebInstanceSecurityGroupfromStackSystemWebBalancerSecurityGroup569B16FA8080EFA800D5",
        "SystemWebLaunchTemplateF924A174",
        "SystemWebLaunchTemplateProfile0F79A309",
        "SystemWebLoadBalancer3F96636F",
        "SystemWebLoadBalancerHttps4439EEF3DA8",
        "SystemWebLoadBalancerRedirect80To4432938BFA0",
        "SystemWebLogGroupFC38A116",
        "SystemWebServerErrorsCE10233E",
        "SystemWebTargetGroupF4CC1A95",
        "SystemWebUnhealthyHosts5DDB6C9B",
    }


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
@pytest.mark.parametrize(
    "access", [Access.public(), RESTRICTED, Access.internal()], ids=lambda one: type(one).__name__
)
def test_a_service_of_each_access(
    make_system: MakeSystem,
    make_stack: Callable[..., cdk.Stack],
    tts_snapshot: SnapshotAssertion,
    region: str,
    access: Access,
) -> None:
    system = make_system(region)
    own = make_stack(region, name="Web", scope=cdk.App.of(system))
    TtsAsgService(
        own, "Web", system=system, access=access, certificate=certificate(own), port=8080,
        alarms=Alarms.to_email("team@example.gov"),
    )  # fmt: skip
    assert own == tts_snapshot
