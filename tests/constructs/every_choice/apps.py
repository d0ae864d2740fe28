"""Apps that use every argument of every public construct, in odd but legitimate ways.

Each function builds one app. `test_every_choice.py` shows them all to our own judge and to cfn-lint, and
fails for an argument that none of them uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import Duration
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from tts_constructs import (
    Access,
    Agent,
    Alarms,
    DataSensitivity,
    Environment,
    FismaReadyImage,
    Flow,
    InboundFlow,
    NetworkPolicy,
    OutboundFlow,
    Release,
    Secret,
    ServiceFlow,
    TtsAsgService,
    TtsBucket,
    TtsGuardrails,
    TtsSystem,
    standards,
)

ACCOUNT = "111122223333"
OFFICE = "192.0.2.0/24"
PARTNER = "198.51.100.0/24"
COLONS = cdk.ArnFormat.COLON_RESOURCE_NAME
KEY_ID = "0f15a4ea-0f15-0f15-0f15-0f15a4ea0f15"
PARAMETER = "/tts/ami/fisma-ready"
BY_PARAMETER = f"""[image]
owners = ["777788889999"]
ssm_parameters = ["{PARAMETER}"]
devices = ["/dev/sda1", "/dev/sdk"]
"""
"""Settings of an organization that publishes its image by a parameter too."""


@dataclass(frozen=True)
class App:
    """An app of this module.

    Args:
        build: Builds it.
        region: Region of its stacks.
        settings: Its `tts.toml`. None: that of the sample app.
        warns: Rules that warn, as the app leaves out what they advise, with the reason.
    """

    build: Callable[[Scene], None]
    region: str
    settings: str | None
    warns: Mapping[str, str]


APPS: dict[str, App] = {}


def app(
    *regions: str, settings: str | None = None, warns: Mapping[str, str] | None = None
) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    """Adds a function to the apps, once for each region."""

    def add(build: Callable[[Scene], None]) -> Callable[[Scene], None]:
        for region in regions or ("us-east-1",):
            APPS[f"{build.__name__}[{region}]"] = App(build, region, settings, warns or {})
        return build

    return add


def apps(values: Mapping[str, Any], **options: Any) -> Callable[[Callable[[Scene, Any], None]], None]:
    """Adds a function to the apps, once for each value that it takes."""

    def add(build: Callable[[Scene, Any], None]) -> None:
        for name, value in values.items():

            def of_value(scene: Scene, value: Any = value) -> None:
                build(scene, value)

            of_value.__name__ = f"{build.__name__}[{name}]"
            app(**options)(of_value)

    return add


BOTH = ("us-east-1", "us-gov-west-1")


class Scene:
    """An app under construction, with helpers for what its subject isn't."""

    def __init__(self, root: cdk.App, region: str) -> None:
        self.app = root
        self.region = region

    def stack(
        self, name: str = "Stack", scope: Construct | None = None, region: str | None = None
    ) -> cdk.Stack:
        env = cdk.Environment(account=ACCOUNT, region=region or self.region)
        return cdk.Stack(scope or self.app, name, env=env)

    def system(
        self,
        stack: cdk.Stack | None = None,
        id: str = "System",  # noqa: A002 - the CDK's name for it
        *,
        environment: Environment = Environment.PRODUCTION,
        **more: Any,
    ) -> TtsSystem:
        if environment is Environment.SANDBOX:
            more = {"data_sensitivity": DataSensitivity.SYNTHETIC} | more
        return TtsSystem(
            stack or self.stack(),
            id,
            project="benefits",
            environment=environment,
            owner="benefits@example.gov",
            **more,
        )

    def certificate(self, scope: Construct, name: str = "Certificate") -> acm.ICertificate:
        arn = cdk.Stack.of(scope).format_arn(service="acm", resource="certificate", resource_name="0f15a4ea")
        return acm.Certificate.from_certificate_arn(scope, name, arn)

    def service(
        self,
        system: TtsSystem,
        name: str = "Web",
        *,
        scope: Construct | None = None,
        access: Access | None = None,
        **more: Any,
    ) -> TtsAsgService:
        scope = scope or system
        given: dict[str, Any] = {"port": 8080, "alarms": Alarms.to_email("benefits@example.gov")}
        if "domain_name" not in more and "certificate" not in more:
            given["certificate"] = self.certificate(scope, f"{name}Certificate")
        if scope is not system:
            given["system"] = system
        return TtsAsgService(scope, name, access=access or Access.public(), **given | more)

    def key(self, scope: Construct, name: str = "OwnKey") -> kms.Key:
        return kms.Key(scope, name, enable_key_rotation=True)


# Systems


@app(*standards.REGIONS)
def a_system_in_each_region(scene: Scene) -> None:
    scene.system()


@app(*BOTH)
def a_sandbox_with_a_service_and_a_bucket(scene: Scene) -> None:
    sandbox = scene.system(environment=Environment.SANDBOX)
    scene.service(sandbox, access=Access.restricted([OFFICE]))
    TtsBucket(sandbox, "Uploads")


@app()
def a_sandbox_that_leaves_nothing_behind(scene: Scene) -> None:
    sandbox = scene.system(environment=Environment.SANDBOX, remove_logs_with_stack=True)
    scene.service(sandbox, access=Access.internal())
    TtsBucket(sandbox, "Uploads", remove_with_stack=True)


@app()
def a_sandbox_of_public_data(scene: Scene) -> None:
    sandbox = scene.system(environment=Environment.SANDBOX, data_sensitivity=DataSensitivity.PUBLIC)
    TtsBucket(sandbox, "Published")


@apps({"undeclared": None, "sensitive": DataSensitivity.SENSITIVE, "public": DataSensitivity.PUBLIC})
def a_development_system(scene: Scene, declared: DataSensitivity | None) -> None:
    system = scene.system(environment=Environment.DEVELOPMENT, data_sensitivity=declared)
    scene.service(system, access=Access.restricted([OFFICE]))
    TtsBucket(system, "Uploads")


@apps(
    {
        "list": ["us-east-1c", "us-east-1a"],
        "tuple": ("us-east-1a", "us-east-1b", "us-east-1d"),
        "three": 3,
        "four": 4,
    }
)
def a_system_in_zones(scene: Scene, zones: Any) -> None:
    scene.service(scene.system(availability_zones=zones))


@apps({"one": 1, "two": 2, "three": 3})
def a_system_of_three_zones_with_nat_gateways(scene: Scene, gateways: int) -> None:
    scene.service(scene.system(availability_zones=3, nat_gateways=gateways))


@app()
def a_system_without_a_way_out_but_endpoints(scene: Scene) -> None:
    endpoint = ec2.InterfaceVpcEndpointAwsService
    scene.system(
        nat_gateways=0,
        network=NetworkPolicy(outbound=()),
        interface_endpoints=(endpoint.SSM, endpoint.KMS, endpoint.CLOUDWATCH_LOGS, endpoint.STS),
    )


@apps(
    {
        "of_a_16": "172.16.0.0/16",
        "of_a_20": "10.250.16.0/20",
        "of_a_23": "192.168.2.0/23",
    }
)
def a_system_of_another_range(scene: Scene, cidr: str) -> None:
    scene.service(scene.system(cidr=cidr))


@app(*BOTH)
def a_system_of_both_versions_of_ip(scene: Scene) -> None:
    scene.service(scene.system(ipv6=True, availability_zones=3))


@app()
def a_system_of_both_versions_of_ip_with_narrow_flows(scene: Scene) -> None:
    system = scene.system(
        ipv6=True,
        network=NetworkPolicy(
            inbound=[Flow.https_from(OFFICE, "2001:db8:1::/48")],
            outbound=[
                Flow.https_anywhere(),
                Flow.tcp_to("2001:db8:2::/48", 587),
                Flow.tcp_to(PARTNER, port=587),
            ],
        ),
    )
    scene.service(system, access=Access.restricted([OFFICE, "2001:db8:1::/48"]))


@app()
def a_system_without_inbound_traffic(scene: Scene) -> None:
    system = scene.system(network=NetworkPolicy(inbound=[], between=[Flow.service("Worker", "Api")]))
    scene.service(system, "Worker", access=Access.internal())
    scene.service(system, "Api", access=Access.internal())


@app()
def a_system_of_many_flows(scene: Scene) -> None:
    ranges = [f"192.0.2.{16 * n}/28" for n in range(14)]
    scene.system(
        network=NetworkPolicy(
            inbound=(Flow.https_from(*ranges),), outbound=tuple(Flow.tcp_to(cidr, 8443) for cidr in ranges)
        )
    )


@app()
def a_system_of_flows_that_are_written_out(scene: Scene) -> None:
    system = scene.system(
        network=NetworkPolicy(
            inbound=[InboundFlow(cidrs=(OFFICE,)), InboundFlow(cidrs=(PARTNER,))],
            between=[
                ServiceFlow(caller="Web", called="Api", port=8443),
                Flow.service(caller="Web", called="Api"),
            ],
            outbound=[OutboundFlow(cidrs=(PARTNER, OFFICE), port=5432), Flow.https_anywhere()],
        )
    )
    scene.service(system, "Web", access=Access.restricted([OFFICE]))
    scene.service(system, "Api", access=Access.internal())


@app(*BOTH)
def a_system_with_a_boundary_of_its_own(scene: Scene) -> None:
    stack = scene.stack()
    boundary = iam.ManagedPolicy(
        stack,
        "Boundary",
        statements=[
            iam.PolicyStatement(
                actions=["kms:*", "logs:*", "s3:*", "cloudwatch:*", "ec2:Describe*", "ssm:Get*"],
                resources=["*"],
            )
        ],
    )
    scene.service(scene.system(stack, permissions_boundary=boundary))


@app(warns={"TTS-IAM-002": "nobody knows what an imported boundary allows"})
def a_system_with_an_imported_boundary(scene: Scene) -> None:
    stack = scene.stack()
    boundary = iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "agency/developers")
    scene.service(scene.system(stack, permissions_boundary=boundary))


# Several systems, stacks, and stages


@app()
def two_systems_in_two_regions(scene: Scene) -> None:
    for name, region in (("East", "us-east-1"), ("West", "us-gov-west-1")):
        scene.service(scene.system(scene.stack(name, region=region)))


@app()
def a_sandbox_beside_production(scene: Scene) -> None:
    scene.service(scene.system(scene.stack("Production")))
    scene.service(
        scene.system(scene.stack("Sandbox"), environment=Environment.SANDBOX),
        access=Access.restricted([OFFICE]),
    )


@app()
def systems_in_stages(scene: Scene) -> None:
    for environment in (Environment.DEVELOPMENT, Environment.PRODUCTION):
        stage = cdk.Stage(scene.app, environment.name.title())
        system = scene.system(scene.stack("Shared", stage), environment=environment)
        scene.service(system, scope=scene.stack("Service", stage), access=Access.restricted([OFFICE]))


@app(*BOTH)
def a_service_and_a_bucket_in_other_stacks(scene: Scene) -> None:
    system = scene.system(scene.stack("Shared"))
    web = scene.service(system, scope=scene.stack("Web"))
    TtsBucket(scene.stack("Data"), "Uploads", system=system).grant_read_write(web)


@app()
def stacks_that_call_and_grant_each_other(scene: Scene) -> None:
    system = scene.system(
        scene.stack("Shared"), network=NetworkPolicy(between=[Flow.service("Web", "Api", 8443)])
    )
    web = scene.service(system, "Web", scope=scene.stack("Web"))
    api = scene.service(system, "Api", scope=scene.stack("Api"), access=Access.internal())
    TtsBucket(cdk.Stack.of(web), "Up", system=system).grant_read(api)
    TtsBucket(cdk.Stack.of(api), "Down", system=system).grant_read(web)


@app()
def a_bucket_of_another_stack_that_the_systems_service_reads(scene: Scene) -> None:
    system = scene.system(scene.stack("Shared"))
    TtsBucket(scene.stack("Data"), "Uploads", system=system).grant_read(scene.service(system))


@app()
def a_service_and_a_bucket_in_a_nested_stack(scene: Scene) -> None:
    system = scene.system()
    nested = cdk.NestedStack(system, "Nested")
    TtsBucket(nested, "Uploads").grant_read(scene.service(system, scope=nested))


@app()
def parts_below_constructs_of_the_apps_own(scene: Scene) -> None:
    system = scene.system()
    part = Construct(Construct(system, "Front"), "End")
    assert TtsSystem.of(scope=part) is system
    scene.service(system, scope=part)
    TtsBucket(part, id="Uploads")


# Access and names


@app()
def a_service_for_many_ranges(scene: Scene) -> None:
    ranges = [f"192.0.2.{n}/32" for n in range(140)]
    scene.service(scene.system(), access=Access.restricted(ranges=(cidr for cidr in ranges)))


@app(*BOTH)
def services_of_each_access(scene: Scene) -> None:
    system = scene.system(network=NetworkPolicy(between=[Flow.service("Staff", "Api", port=8443)]))
    scene.service(system, "Web", access=Access.public())
    scene.service(system, "Staff", access=Access.restricted((OFFICE, PARTNER)))
    scene.service(system, "Api", access=Access.internal())


@app()
def a_service_that_several_call_at_several_ports(scene: Scene) -> None:
    flows = [Flow.service("Web", "Api"), Flow.service("Staff", "Api"), Flow.service("Staff", "Api", 9443)]
    system = scene.system(network=NetworkPolicy(between=flows))
    api = scene.service(system, "Api", access=Access.internal())
    api.add_route(id="Gone", priority=1, action=elbv2.ListenerAction.fixed_response(410), paths=("/old/*",))
    scene.service(system, "Web")
    scene.service(system, "Staff", access=Access.restricted([OFFICE]))


@app()
def a_service_that_accepts_a_caller_beside_the_policy(scene: Scene) -> None:
    system = scene.system(network=NetworkPolicy(between=[Flow.service("Web", "Api")]))
    api = scene.service(system, "Api", access=Access.internal())
    api.accept(caller=scene.service(system), port=8443)


@app(*BOTH)
def a_service_with_a_certificate_named_by_a_parameter(scene: Scene) -> None:
    stack = scene.stack()
    arn = cdk.CfnParameter(stack, "CertificateArn").value_as_string
    system = scene.system(stack)
    scene.service(system, certificate=acm.Certificate.from_certificate_arn(stack, "Given", arn))


def _zone(scope: Construct) -> route53.IHostedZone:
    return route53.HostedZone.from_hosted_zone_attributes(
        scope, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.gov"
    )


@app(*BOTH)
def a_service_with_a_domain_name(scene: Scene) -> None:
    system = scene.system(ipv6=True)
    scene.service(system, domain_name="benefits.example.gov", hosted_zone=_zone(system))


@app()
def a_service_at_the_top_of_a_zone_of_the_apps_own(scene: Scene) -> None:
    system = scene.system()
    zone = route53.PublicHostedZone(system.stack, "Zone", zone_name="benefits.example.gov")
    scene.service(system, domain_name="benefits.example.gov", hosted_zone=zone)


@app(*BOTH)
def a_service_with_a_name_and_the_certificate_of_another_zone(scene: Scene) -> None:
    system = scene.system()
    scene.service(system, domain_name="benefits.example.gov", certificate=scene.certificate(system))


@app(*BOTH)
def services_that_know_where_the_other_is(scene: Scene) -> None:
    system = scene.system(network=NetworkPolicy(between=[Flow.service("Web", "Api", 8443)]))
    zone = system.private_zone(domain="benefits.example.gov")
    api = scene.service(
        system,
        "Api",
        access=Access.internal(),
        domain_name="api.benefits.example.gov",
        hosted_zone=zone,
        certificate=scene.certificate(system),
    )
    scene.service(system).add_user_data(f"echo API={api.url_for(port=8443)} > /etc/web.conf")


@app(*BOTH)
def a_service_with_a_name_in_a_private_zone(scene: Scene) -> None:
    system = scene.system(network=NetworkPolicy(between=[Flow.service("Web", "Api")]))
    zone = route53.PrivateHostedZone(system, "Names", zone_name="benefits.internal.gov", vpc=system.vpc)
    scene.service(system)
    scene.service(
        system,
        "Api",
        access=Access.internal(),
        domain_name="api.benefits.internal.gov",
        hosted_zone=zone,
        certificate=scene.certificate(system),
    )


@app()
def a_service_whose_domain_name_is_a_parameter(scene: Scene) -> None:
    system = scene.system()
    name = cdk.CfnParameter(system.stack, "DomainName", default="benefits.example.gov").value_as_string
    scene.service(system, domain_name=name, hosted_zone=_zone(system))


# Instances


@app(*BOTH)
def a_service_of_large_instances_with_a_volume_of_its_own(scene: Scene) -> None:
    system = scene.system()
    scene.service(
        system,
        instance_type=ec2.InstanceType.of(ec2.InstanceClass.M7I, ec2.InstanceSize.LARGE),
        volume_gib=200,
        volume_key=scene.key(system),
        target_protocol=elbv2.ApplicationProtocol.HTTPS,
        port=8443,
    )


@app()
def a_service_with_an_imported_key_of_its_volumes(scene: Scene) -> None:
    system = scene.system()
    arn = system.stack.format_arn(
        service="kms", resource="key", resource_name="0f15a4ea-0f15-0f15-0f15-0f15a4ea0f15"
    )
    scene.service(system, volume_key=kms.Key.from_key_arn(system, "VolumeKey", arn))


@app(*BOTH)
def a_service_on_arm(scene: Scene) -> None:
    scene.service(
        scene.system(),
        instance_type=ec2.InstanceType("m7g.medium"),
        image=FismaReadyImage(architecture=ec2.InstanceArchitecture.ARM_64),
    )


@app(settings=BY_PARAMETER)
def a_service_from_an_image_that_a_parameter_names(scene: Scene) -> None:
    scene.service(
        scene.system(),
        image=FismaReadyImage(architecture=ec2.InstanceArchitecture.X86_64, ssm_parameter=PARAMETER),
    )


@app(*BOTH)
def a_service_with_commands_and_log_files(scene: Scene) -> None:
    system = scene.system()
    web = scene.service(
        system,
        user_data=("set -e", f"echo {system.stack.region} > /etc/region"),
        log_files=("/var/log/app/*.log", "/srv/web/error.log"),
        health_check_path="/health?deep=1",
        health_check_grace=Duration.minutes(12),
        replace_after=Duration.days(1),
    )
    web.add_user_data("systemctl enable web", f"echo {web.log_group.log_group_name}")
    web.user_data.add_commands("systemctl start web")


@app()
def services_whose_image_has_the_agent(scene: Scene) -> None:
    system = scene.system()
    scene.service(system, agent=Agent.from_image())
    with pytest.deprecated_call(match="agent_in_image"):
        scene.service(system, "Staff", access=Access.restricted([OFFICE]), agent_in_image=True)


@app(*BOTH, warns={"TTS-SVC-001": "the list of GSA has not reviewed Secrets Manager"})
def a_service_with_a_release_and_secrets(scene: Scene) -> None:
    releases = TtsBucket(scene.system(scene.stack("Releases"), "Shared"), "Releases")
    system = TtsSystem.of(releases)
    token = secretsmanager.Secret(system, "Token", encryption_key=system.key)
    scene.service(
        system,
        release=Release.from_bucket(bucket=releases, key="web-1.4.0.tar.gz", sha256="0f" * 32),
        secrets=(
            Secret.from_secrets_manager(secret=token, env="TOKEN"),
            Secret.from_secrets_manager(token, env="PASSWORD", field="password"),
            Secret.from_ssm(parameter="/forms/token", env="FORMS_TOKEN", key=scene.key(system)),
        ),
    )


@app()
def a_service_with_a_release_and_secrets_that_are_imported(scene: Scene) -> None:
    system = scene.system()
    arn = system.stack.format_arn(service="kms", resource="key", resource_name=KEY_ID)
    key = kms.Key.from_key_arn(system, "ReleasesKey", arn)
    bucket = TtsBucket.from_bucket_name(system, "Releases", "example-releases", encryption_key=key)
    token = secretsmanager.Secret.from_secret_attributes(
        system,
        "Token",
        secret_partial_arn=system.stack.format_arn(
            service="secretsmanager", resource="secret", resource_name="forms/token", arn_format=COLONS
        ),
        encryption_key=key,
    )
    scene.service(
        system,
        release=Release(bucket=bucket, key="web", sha256="0f" * 32),
        secrets=[
            Secret(env="TOKEN", secret=token, field="token"),
            Secret(env="OTHER", parameter="other", key=key),
        ],
    )


@app(*BOTH)
def a_service_that_waits_for_signals(scene: Scene) -> None:
    web = scene.service(
        scene.system(),
        min_capacity=3,
        max_capacity=5,
        signals=autoscaling.Signals.wait_for_min_capacity(timeout=Duration.minutes(15)),
    )
    web.user_data.add_signal_on_exit_command(web.auto_scaling_group)


@app()
def a_service_of_a_fixed_size(scene: Scene) -> None:
    scene.service(scene.system(), min_capacity=2, max_capacity=2, replace_after=Duration.hours(720))


@app()
def a_service_that_does_not_roll_back(scene: Scene) -> None:
    scene.service(scene.system(), roll_back=False)


@app(*BOTH)
def a_service_that_scales(scene: Scene) -> None:
    web = scene.service(scene.system(), min_capacity=2, max_capacity=20)
    web.scale_on_cpu(percent=45.5)
    web.scale_on_requests(per_minute=600)
    web.scale_on_schedule(
        "Morning",
        schedule=autoscaling.Schedule.cron(hour="6", minute="0", week_day="MON-FRI"),
        min_capacity=6,
        max_capacity=30,
        desired_capacity=8,
        time_zone="America/New_York",
    )
    web.scale_on_schedule(
        id="Night", schedule=autoscaling.Schedule.expression("0 22 * * *"), min_capacity=2, max_capacity=20
    )


# The balancer


@apps({policy: policy for policy in sorted(standards.TLS_POLICIES_APPROVED)[:6]})
def a_service_with_a_tls_policy(scene: Scene, policy: str) -> None:
    scene.service(scene.system(), tls_policy=policy)


@app()
def a_service_that_can_be_deleted(scene: Scene) -> None:
    scene.service(scene.system(environment=Environment.DEVELOPMENT), deletion_protection=False)


@app()
def a_sandbox_whose_balancer_is_protected(scene: Scene) -> None:
    sandbox = scene.system(environment=Environment.SANDBOX)
    scene.service(sandbox, access=Access.restricted([OFFICE]), deletion_protection=True)


@app(*BOTH)
def a_service_with_routes(scene: Scene) -> None:
    web = scene.service(scene.system())
    action = elbv2.ListenerAction
    web.add_route("Gone", priority=1, action=action.fixed_response(410), paths=["/old/*", "/older/*"])
    web.add_route("Moved", priority=50000, action=action.redirect(path="/new"), hosts=("www.example.gov",))
    web.add_route(
        "Docs",
        priority=7,
        action=action.forward([web.target_group]),
        paths=["/docs/*"],
        hosts=["docs.example.gov"],
    )


@app(*BOTH)
def a_service_behind_a_web_acl_of_the_apps_own(scene: Scene) -> None:
    system = scene.system()
    logs = s3.Bucket(
        system,
        "Requests",
        bucket_name=f"aws-waf-logs-benefits-{system.stack.region}",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(913))],
    )
    acl = wafv2.CfnWebACL(
        system.stack,
        "Acl",
        scope="REGIONAL",
        default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
        visibility_config=wafv2.CfnWebACL.VisibilityConfigProperty(
            cloud_watch_metrics_enabled=True, sampled_requests_enabled=True, metric_name="web"
        ),
    )
    wafv2.CfnLoggingConfiguration(
        system.stack, "AclLogs", resource_arn=acl.attr_arn, log_destination_configs=[logs.bucket_arn]
    )
    scene.service(system).use_web_acl(arn=acl.attr_arn)


@app()
def a_service_behind_an_imported_web_acl(scene: Scene) -> None:
    system = scene.system()
    arn = system.stack.format_arn(service="wafv2", resource="regional/webacl", resource_name="web/0f15a4ea")
    scene.service(system).use_web_acl(arn)


# Alarms


@app(*BOTH)
def services_that_tell_a_topic(scene: Scene) -> None:
    system = scene.system()
    topic = sns.Topic(system, "Alarms", master_key=system.key, enforce_ssl=True)
    scene.service(system, "Web", alarms=Alarms.to_topic(topic=topic))
    scene.service(system, "Staff", access=Access.restricted([OFFICE]), alarms=Alarms.to_topic(topic))


@app()
def a_service_that_tells_a_topic_with_a_key_of_its_own(scene: Scene) -> None:
    system = scene.system()
    topic = sns.Topic(system, "Alarms", master_key=scene.key(system), enforce_ssl=True)
    scene.service(system, alarms=Alarms.to_topic(topic))


@app()
def a_service_that_tells_an_imported_topic(scene: Scene) -> None:
    system = scene.system()
    arn = system.stack.format_arn(service="sns", resource="alarms")
    scene.service(system, alarms=Alarms.to_topic(sns.Topic.from_topic_arn(system, "Alarms", arn)))


@app()
def services_that_tell_an_address_or_nobody(scene: Scene) -> None:
    system = scene.system()
    scene.service(system, "Web", alarms=Alarms.to_email(address="team+alarms@benefits.example.gov"))
    scene.service(system, "Staff", access=Access.restricted([OFFICE]), alarms=Alarms.none(reason="A pilot"))


# Buckets


@app(*BOTH)
def buckets_of_each_sensitivity(scene: Scene) -> None:
    system = scene.system()
    for declared in DataSensitivity:
        TtsBucket(system, declared.name.title(), data_sensitivity=declared)


@app()
def buckets_with_lifecycles(scene: Scene) -> None:
    system = scene.system()
    colder = s3.Transition(storage_class=s3.StorageClass.GLACIER, transition_after=Duration.days(90))
    TtsBucket(
        system,
        "Archive",
        lifecycle_rules=(
            s3.LifecycleRule(transitions=[colder]),
            s3.LifecycleRule(prefix="tmp/", expiration=Duration.days(7)),
        ),
    )


@app()
def buckets_that_logs_are_delivered_to(scene: Scene) -> None:
    system = scene.system()
    kept = s3.LifecycleRule(expiration=Duration.days(2000))
    for logs in (
        TtsBucket(system, "Logs", log_target=True),
        TtsBucket(system, "OldLogs", log_target=True, lifecycle_rules=[kept]),
    ):
        system.vpc.add_flow_log(
            f"To{logs.node.id}", destination=ec2.FlowLogDestination.to_s3(logs.bucket, "flows")
        )


@app(*BOTH)
def a_service_that_is_granted_everything_of_a_bucket(scene: Scene) -> None:
    system = scene.system()
    web = scene.service(system)
    bucket = TtsBucket(system, "Uploads")
    bucket.grant_read(identity=web, pattern="in/*")
    bucket.grant_write(identity=web, pattern=f"{system.stack.region}/*")
    bucket.grant_read_write(identity=web.role, pattern="both/*")
    bucket.grant_put(identity=web, pattern="put/*")
    bucket.grant_delete(identity=web, pattern="out/*")


@app()
def a_service_that_reads_an_imported_bucket(scene: Scene) -> None:
    system = scene.system()
    name = cdk.CfnParameter(system.stack, "BucketName", default="example-bucket").value_as_string
    arn = system.stack.format_arn(
        service="kms", resource="key", resource_name="0f15a4ea-0f15-0f15-0f15-0f15a4ea0f15"
    )
    imported = TtsBucket.from_bucket_name(
        scope=system,
        id_="Given",
        bucket_name=name,
        encryption_key=kms.Key.from_key_arn(system, "GivenKey", arn),
    )
    imported.grant_read(scene.service(system))


@app()
def a_service_with_a_statement_of_its_own(scene: Scene) -> None:
    system = scene.system()
    parameters = system.stack.format_arn(service="ssm", resource="parameter", resource_name="benefits/*")
    statement = iam.PolicyStatement(actions=["ssm:GetParameter"], resources=[parameters])
    scene.service(system).add_to_role_policy(statement=statement)


# Constructs of an app that work with a system


@jsii.implements(ec2.IConnectable)
class Batch(Construct):
    """A service of an app's own that the system's flows can name."""

    def __init__(self, scope: Construct, id: str, system: TtsSystem) -> None:  # noqa: A002 - the CDK's name for it
        super().__init__(scope, id)
        group = ec2.SecurityGroup(self, "Group", vpc=system.vpc, allow_all_outbound=False)
        system.state_egress(group=group)
        self._connections = ec2.Connections(security_groups=[group])
        system.join(name=id, service=self)

    @property
    def connections(self) -> ec2.Connections:
        return self._connections

    def accept(self, caller: ec2.IConnectable, port: int) -> None:
        self.connections.allow_from(caller, ec2.Port.tcp(port), "a flow of the network policy")


@app(*BOTH)
def a_service_of_the_apps_own_that_joins_a_system(scene: Scene) -> None:
    system = scene.system(network=NetworkPolicy(between=[Flow.service("Batch", "Api")]))
    Batch(system, "Batch", system)
    scene.service(system, "Api", access=Access.internal())


@app()
def a_topic_in_another_stack_that_the_system_admits(scene: Scene) -> None:
    system = scene.system(scene.stack("Shared"))
    topic = sns.Topic(scene.stack("Topics"), "News", master_key=system.key, enforce_ssl=True)
    system.admit(part=topic)


@app(*BOTH)
def an_app_with_guardrails_beside_those_of_its_system(scene: Scene) -> None:
    cdk.Aspects.of(scene.app).add(TtsGuardrails(environment=Environment.PRODUCTION, minimum=True))
    scene.service(scene.system())


@app()
def a_stack_without_a_system_that_states_its_record(scene: Scene) -> None:
    stack = scene.stack()
    stack.termination_protection = True
    cdk.Tags.of(stack).add("Project", "benefits")
    cdk.Tags.of(stack).add("Environment", "production")
    cdk.Tags.of(stack).add("Owner", "benefits@example.gov")
    cdk.Aspects.of(stack).add(
        TtsGuardrails(
            environment=Environment.PRODUCTION,
            minimum=False,
            project="benefits",
            owner="benefits@example.gov",
            data_sensitivity=DataSensitivity.PUBLIC,
            native_validation=False,
        )
    )
    scene.key(stack)
