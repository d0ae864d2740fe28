"""`TtsAsgService`: instances in an auto-scaling group behind a load balancer that serves HTTPS only."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import cast

import aws_cdk as cdk
import jsii
from aws_cdk import Duration
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from tts_constructs import standards
from tts_constructs.arguments import checked, refuse
from tts_constructs.constructs.alarms import BAKE_TIME, Alarms, alarms_of_service
from tts_constructs.constructs.asg_service.access import Access, PublicAccess
from tts_constructs.constructs.asg_service.auto_scaling_group import (
    LONGEST_LIFETIME,
    GroupSettings,
    roll_back_on,
    scaling_group,
)
from tts_constructs.constructs.asg_service.callers import Callers
from tts_constructs.constructs.asg_service.cloudwatch_agent import Agent, PackageAgent, fullest_disk
from tts_constructs.constructs.asg_service.fetched_at_boot import FetchedAtBoot
from tts_constructs.constructs.asg_service.fisma_ready_image import FismaReadyImage, default_image_faults
from tts_constructs.constructs.asg_service.https_load_balancer import (
    HttpsBalancer,
    id_by_scheme,
    tls_policy_faults,
)
from tts_constructs.constructs.asg_service.launch_template import (
    InstanceSettings,
    launch_template,
    metrics_name,
)
from tts_constructs.constructs.asg_service.listener_route import ListenerRoute
from tts_constructs.constructs.asg_service.named_output import named_output
from tts_constructs.constructs.asg_service.path_in_names import path_faults
from tts_constructs.constructs.asg_service.private_name import has_private_name, private_name_faults
from tts_constructs.constructs.asg_service.release import Release
from tts_constructs.constructs.asg_service.secret import Secret
from tts_constructs.constructs.asg_service.server_name import ServerName
from tts_constructs.constructs.asg_service.target_group import TargetSettings, target_group
from tts_constructs.constructs.asg_service.way_out import check_way_out
from tts_constructs.constructs.asg_service.web_acl import web_acl_faults
from tts_constructs.constructs.system.log_storage import kept_log_group
from tts_constructs.constructs.system.network_policy import HTTP, HTTPS, is_ipv6
from tts_constructs.constructs.system.tts_system import TtsSystem
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.system_metadata import METADATA_KEY, NO_ALARMS, Environment


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class TtsAsgService(Construct):
    """A service of a system: instances in an auto-scaling group behind an HTTPS load balancer.

    You can't change these: the system's VPC, private subnets, no public address, no SSH key, IMDSv2,
    encrypted volumes, tags on instances and volumes, the balancer's health check, HTTPS with HSTS, port 80
    only to redirect (301), access logs, invalid headers dropped.

    It works with the CDK's grants and connections as an L2 does: `bucket.grant_read(web)`,
    `database.connections.allow_default_port_from(web)`.

    Without `signals`, the first deployment doesn't wait for the instances: the stack is complete before its
    service answers. Later updates wait until instances are healthy.

    Args:
        scope: Parent construct: a `TtsSystem` or a construct below one. Elsewhere, give `system`.
        id: Construct id. `Flow.service` names the service by it. On a live stack, another id makes another
            service: it replaces the instances, the log group and the balancer with its name.
        access: Access to it: `Access.public()`, `Access.restricted([...])` or `Access.internal()`. On a live
            stack, a change from or to `internal()` replaces the balancer; see `deletion_protection`.
        port: Port at which the instances listen for the balancer. On a live stack, a change replaces the
            target group.
        alarms: Receiver of its alarms: `Alarms.to_topic(...)`, `Alarms.to_email(...)`, or
            `Alarms.none(reason=...)`.
        certificate: Certificate of the balancer. Default: one for `domain_name`, which the zone validates.
        domain_name: Name of the service, which its `url` uses. Default: the balancer's own name, which no
            certificate proves. The name of an internal service is in a private zone of that name, which only
            the system's VPC knows. In GovCloud (US), where a private zone takes no alias, the zone is the
            domain that the name lies in: the VPC then finds no other name of that domain, unless you add it
            to `system.private_zone(...)`.
        hosted_zone: Hosted zone that `domain_name` lies in; it gets a record that leads to the balancer.
            Without `certificate` it must be public, and gets no record of an internal service. If the zone
            lies elsewhere, such as in the other partition, leave it out: the output `<id>BalancerName` is
            what a CNAME record there must name.
        system: The system that it belongs to. Default: the `TtsSystem` above `scope`.
        target_protocol: Protocol between the balancer and the instances, inside the VPC. Default: HTTP. With
            HTTPS the instances need a certificate, which the balancer doesn't verify.
        min_capacity: Smallest number of instances; 2 or more, in two zones. Default: 2.
        max_capacity: Largest number of instances. Default: twice the smallest.
        instance_type: Default: t3.small.
        image: Default: the most recent FISMA Ready image for the instance type's architecture.
        volume_gib: Size of the root volume in GiB. Default: as large as the image's.
        volume_key: Key of the instances' volumes. The service adds to its policy what auto-scaling groups
            need. Default: `aws/ebs`.
        release: Release that instances fetch at boot, such as
            `Release.from_bucket(bucket, "web-1.4.0.tar.gz", sha256="...")`. Default: none.
        secrets: Secrets that instances fetch at each boot, such as
            `[Secret.from_ssm("/forms/token", env="FORMS_TOKEN")]`. Default: none.
        user_data: Shell commands that instances run at boot, as root, when the release and the secrets are
            there. If one of these is missing, they don't run. `add_user_data` adds more.
        log_files: Files that the CloudWatch agent sends besides the system's own, such as
            `["/var/log/app/*.log"]`.
        agent: `Agent.from_image()` if the image has the CloudWatch agent. Default: instances install Amazon's
            package at boot, as `[agent]` in `tts.toml` pins it, else the latest one with Amazon's signature.
        agent_in_image: An older name of `agent=Agent.from_image()`. Version 0.3.0 removes it.
        health_check_path: Path that answers 200 when an instance is healthy. Default: `/`.
        health_check_grace: Time that an instance has to become healthy. Default: 5 minutes.
        replace_after: Age at which an instance is replaced, so that instances run a current image; 1 to 30
            days. Default: 30 days.
        signals: Signals that creation and updates wait for; updates are then rolling. The user data must
            send them, for example by `user_data.add_signal_on_exit_command`. Default: updates are an
            instance refresh, which waits until instances are healthy.
        roll_back: True to roll a release back if its instances answer with too many server errors (5xx):
            the refresh watches the alarms until 10 minutes after its last instance is in service. An alarm
            that rings already stops the refresh, so write False to deploy the fix of a service that fails.
            It needs alarms, and updates by instance refresh. Default: True.
        tls_policy: A policy that TTS-TLS-002 approves, such as `ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04`.
            Default: TLS 1.3 and 1.2, FIPS module.
        deletion_protection: Whether AWS refuses to delete the balancer. Switch it off for a first deployment,
            which may have to be rolled back, and in a deployment before one that removes the service, renames
            it, or changes whether it is internal. Default: on, except in a sandbox.

    Attributes:
        auto_scaling_group: The auto-scaling group.
        launch_template: The group's launch template, with the `role` and `user_data` of the instances.
        load_balancer: The application load balancer.
        listener: Its listener at 443.
        target_group: The target group of the instances.
        log_group: The log group of the instances.
        alarms: The alarms of the service; none with `Alarms.none`.
        url: Address of the service: `https://` with its domain name, else with the balancer's.

    Raises:
        InvalidArgumentError: An argument is wrong. The message lists all faults.

    Source: handbook, "all EC2 instances must be launched within an auto-scaling group from an AMI" and "HTTPS
    Everywhere". Controls: AC-17, CM-2, CP-10, SC-7, SC-8, SC-28, SI-13.
    """

    @checked(tokens=("domain_name", "user_data", "log_files"), values=True)
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        *,
        access: Access,
        port: int,
        alarms: Alarms,
        certificate: acm.ICertificate | None = None,
        domain_name: str | None = None,
        hosted_zone: route53.IHostedZone | None = None,
        system: TtsSystem | None = None,
        target_protocol: elbv2.ApplicationProtocol = elbv2.ApplicationProtocol.HTTP,
        min_capacity: int = standards.MIN_INSTANCES,
        max_capacity: int | None = None,
        instance_type: ec2.InstanceType | None = None,
        image: FismaReadyImage | None = None,
        volume_gib: int | None = None,
        volume_key: kms.IKey | None = None,
        release: Release | None = None,
        secrets: Sequence[Secret] = (),
        user_data: Sequence[str] = (),
        log_files: Sequence[str] = (),
        agent: Agent | None = None,
        agent_in_image: bool = False,
        health_check_path: str = "/",
        health_check_grace: Duration | None = None,
        replace_after: Duration | None = None,
        signals: autoscaling.Signals | None = None,
        roll_back: bool = True,
        tls_policy: str = standards.TLS_POLICY,
        deletion_protection: bool | None = None,
    ) -> None:
        if agent_in_image:
            message = "agent_in_image= goes with version 0.3.0; write agent=Agent.from_image()"
            warnings.warn(message, DeprecationWarning, stacklevel=4)
            agent = agent or Agent.from_image()
        name = ServerName(certificate=certificate, domain_name=domain_name, hosted_zone=hosted_zone)
        targets = TargetSettings(port=port, protocol=target_protocol, health_check_path=health_check_path)
        group = GroupSettings(
            min_capacity=min_capacity,
            max_capacity=2 * min_capacity if max_capacity is None else max_capacity,
            health_check_grace=health_check_grace or Duration.minutes(5),
            replace_after=replace_after or LONGEST_LIFETIME,
            signals=signals,
        )
        fetched = FetchedAtBoot(release=release, secrets=secrets)
        instances = InstanceSettings(
            instance_type=instance_type or ec2.InstanceType("t3.small"),
            volume_gib=volume_gib,
            volume_key=volume_key,
            fetched=fetched,
            user_data=user_data,
            log_files=log_files,
            agent=agent or PackageAgent.of_settings(),
        )
        faults = [
            *name.faults(),
            *targets.faults(),
            *tls_policy_faults(tls_policy),
            *group.faults(),
            *fetched.faults(),
            *instances.faults(image),
            *_system_faults(scope, system, access, name),
            *path_faults(scope, id),
            *(default_image_faults() if image is None else ()),
        ]
        refuse(f'TtsAsgService "{id}"', faults)
        system = system or TtsSystem.of(scope)
        image = image or FismaReadyImage(architecture=instances.instance_type.architecture)

        super().__init__(scope, id)
        self._group = group
        self.log_group = kept_log_group(self, "LogGroup", key=system.key, environment=system.environment)
        self.launch_template = launch_template(
            self, system=system, image=image, log_group=self.log_group, settings=instances
        )
        self.auto_scaling_group = scaling_group(
            self, system=system, launch_template=self.launch_template, settings=group
        )
        self._grant_principal = self.auto_scaling_group.grant_principal
        if policy := fetched.grant(self, self.role):
            self.auto_scaling_group.node.add_dependency(policy)
        check_way_out(self, fetched.services, system)
        self.target_group = target_group(
            self,
            id_by_scheme("TargetGroup", access),
            vpc=system.vpc,
            group=self.auto_scaling_group,
            settings=targets,
        )
        self._balancer = HttpsBalancer(
            self,
            system=system,
            access=access,
            name=name,
            tls_policy=tls_policy,
            target_group=self.target_group,
            deletion_protection=(
                system.environment is not Environment.SANDBOX
                if deletion_protection is None
                else deletion_protection
            ),
        )
        self.load_balancer = self._balancer.load_balancer
        self.listener = self._balancer.listener
        self.url = self._balancer.url
        self._has_name = domain_name is not None
        named_output(self, id, "Url", self.url, f"Address of {id}")
        if name.record_lies_elsewhere and not has_private_name(name, access):
            dns_name = self.load_balancer.load_balancer_dns_name
            named_output(self, id, "BalancerName", dns_name, f"Target of a CNAME record of {domain_name}")
        self.alarms = self._tell(alarms, system, group, roll_back=roll_back)
        self._callers = Callers(self, network=system.network, access=access, load_balancer=self.load_balancer)
        system.join(id, self)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The instances' role."""
        return self._grant_principal  # each grant asks several times

    @property
    def connections(self) -> ec2.Connections:
        """The instances' connections; the balancer's are `load_balancer.connections`."""
        return self.auto_scaling_group.connections

    @property
    def role(self) -> iam.IRole:
        """The instances' role."""
        return self.auto_scaling_group.role

    @property
    def user_data(self) -> ec2.UserData:
        """The commands that instances run at boot."""
        return self.auto_scaling_group.user_data

    @checked
    def add_to_role_policy(self, statement: iam.PolicyStatement) -> None:
        """Adds a policy statement to the instances' role."""
        self.auto_scaling_group.add_to_role_policy(statement)

    @checked(tokens=("commands",))
    def add_user_data(self, *commands: str) -> None:
        """Adds shell commands that instances run at boot, after the existing ones."""
        self.auto_scaling_group.add_user_data(*commands)

    @checked
    def accept(self, caller: ec2.IConnectable, port: int) -> None:
        """Serves HTTPS at `port` of the balancer to the instances of `caller`.

        A system calls this for each `Flow.service` of its network policy. A port other than 443 gets its own
        listener, with the same certificate, TLS policy, default action and routes.

        Raises:
            InvalidArgumentError: The balancer faces the internet, so it can't recognize the caller.
        """
        self._balancer.accept(caller, port)

    @checked(values=True)
    def url_for(self, port: int = HTTPS) -> str:
        """Returns the address at which others of the system call this service, such as for user data.

        It is made of `domain_name`, which the certificate proves, and not of the balancer: no stack or
        resource needs another for it, so two services may know each other's. That a flow, a range or a rule
        of a security group lets somebody in at the port is checked at synth, when all are known.

        Args:
            port: Port that `Flow.service` states, or 443. Default: 443.

        Raises:
            InvalidArgumentError: The service has no `domain_name`, so that callers couldn't verify who
                answers, or the port is none that serves HTTPS.
        """
        refuse(f"url_for of {self.node.path}", list(self._url_faults(port)))
        self._callers.asked.add(port)
        return self.url if port == HTTPS else f"{self.url}:{port}"

    def _url_faults(self, port: int) -> Iterator[str]:
        if port not in range(1, 65536):
            yield f"port={port} is not a port; write one from 1 to 65535"
        elif port == HTTP:
            yield "port=80 only redirects; write a port of HTTPS, such as 443"
        if not self._has_name:
            yield (
                "the service has no domain_name=, and no certificate proves the balancer's own name; write "
                "domain_name= where you make the service"
            )

    @checked(tokens=("paths", "hosts"), values=True)
    def add_route(
        self,
        id: str,  # noqa: A002 - the CDK's name for it
        *,
        priority: int,
        action: elbv2.ListenerAction,
        paths: Sequence[str] = (),
        hosts: Sequence[str] = (),
    ) -> None:
        """Adds a rule for requests to some paths or hosts, such as another target group or a redirect.

        Args:
            id: Name of the route, unique in the service.
            priority: 1 to 50000, unique in the service. If several routes match, the lowest number wins.
            action: The action, such as `ListenerAction.forward([target_group])`,
                `ListenerAction.fixed_response(404)` or `ListenerAction.redirect(path="/new")`.
            paths: Path patterns, such as `/docs/*`.
            hosts: Host patterns, such as `docs.example.gov`. With paths, both must match. AWS takes 5 paths
                and hosts together.

        Raises:
            InvalidArgumentError: No path and no host is named, or more than 5 together; or another route has
                the id or priority.
        """
        route = ListenerRoute(id=id, priority=priority, paths=paths, hosts=hosts, action=action)
        refuse(f'Route "{id}" of {self.node.path}', list(route.faults(self._balancer.routes)))
        self._balancer.add_route(route)

    @checked(tokens=("arn",), values=True)
    def use_web_acl(self, arn: str) -> None:
        """Protects the balancer with a web ACL (WAFv2, regional). A balancer can have only one.

        Args:
            arn: ARN of the web ACL, which must be in the region of the service.

        Raises:
            InvalidArgumentError: It is no ARN of such a web ACL, or the balancer already has one.
        """
        faults = list(web_acl_faults(arn, cdk.Stack.of(self).region))
        if self.node.try_find_child("WebAcl"):
            faults.append("the service already has a web ACL, and its load balancer takes one")
        refuse(f"Web ACL of {self.node.path}", faults)
        wafv2.CfnWebACLAssociation(
            self, "WebAcl", resource_arn=self.load_balancer.load_balancer_arn, web_acl_arn=arn
        )

    @checked
    def scale_on_cpu(self, percent: float = 60) -> autoscaling.TargetTrackingScalingPolicy:
        """Scales the group to keep the average CPU use near a target, in percent."""
        return self.auto_scaling_group.scale_on_cpu_utilization("Cpu", target_utilization_percent=percent)

    @checked
    def scale_on_requests(self, per_minute: float) -> autoscaling.TargetTrackingScalingPolicy:
        """Scales the group to keep the requests to each instance near a target, in requests per minute."""
        target = self.target_group
        # Not the group's own method, which refuses a group with a further target group.
        return autoscaling.TargetTrackingScalingPolicy(
            self,
            "Requests",
            auto_scaling_group=self.auto_scaling_group,
            predefined_metric=autoscaling.PredefinedMetric.ALB_REQUEST_COUNT_PER_TARGET,
            resource_label=f"{target.first_load_balancer_full_name}/{target.target_group_full_name}",
            target_value=per_minute,
        )

    @checked(values=True)
    def scale_on_schedule(
        self,
        id: str,  # noqa: A002 - the CDK's name for it
        *,
        schedule: autoscaling.Schedule,
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        desired_capacity: int | None = None,
        time_zone: str | None = None,
    ) -> autoscaling.ScheduledAction:
        """Changes the size of the group on a schedule.

        Args:
            id: Name of the schedule, unique in the service.
            schedule: Times, such as `Schedule.cron(hour="6", minute="0")`.
            min_capacity: Smallest number of instances from then on. Default: unchanged.
            max_capacity: Largest number of instances from then on. Default: unchanged.
            desired_capacity: Number of instances at that moment. Default: unchanged.
            time_zone: Time zone, such as `America/New_York`. Default: UTC.

        Raises:
            InvalidArgumentError: A number is below 2, or none is given, or they contradict one another or the
                service's own `min_capacity` and `max_capacity`.
        """
        refuse(
            f'Schedule "{id}" of {self.node.path}',
            self._group.schedule_faults(
                min_capacity=min_capacity, max_capacity=max_capacity, desired_capacity=desired_capacity
            ),
        )
        return self.auto_scaling_group.scale_on_schedule(
            id,
            schedule=schedule,
            min_capacity=min_capacity,
            max_capacity=max_capacity,
            desired_capacity=desired_capacity,
            time_zone=time_zone,
        )

    def _tell(
        self, alarms: Alarms, system: TtsSystem, settings: GroupSettings, *, roll_back: bool
    ) -> tuple[cloudwatch.Alarm, ...]:
        topic = alarms.topic(self, system.key)
        if topic is None:
            # Reports show that nobody is told, and why.
            for part in (self.load_balancer, self.auto_scaling_group):
                resource = cast(cdk.CfnResource, part.node.default_child)
                resource.add_metadata(METADATA_KEY, {NO_ALARMS: alarms.absence})
            return ()
        made = alarms_of_service(
            self,
            topic=topic,
            load_balancer=self.load_balancer,
            target_group=self.target_group,
            group=self.auto_scaling_group,
            health_check_grace=settings.health_check_grace,
            fullest_disk=fullest_disk(metrics_name(self)),
        )
        if roll_back and settings.signals is None:
            roll_back_on(self.auto_scaling_group, made.of_a_release, BAKE_TIME)
        return made.all


def _system_faults(
    scope: Construct, system: TtsSystem | None, access: object, name: ServerName
) -> Iterator[str]:
    try:
        system = system or TtsSystem.of(scope)
    except InvalidArgumentError as error:
        yield from error.faults
        return
    yield from name.faults_in(system.stack.region)
    if isinstance(access, Access):
        yield from _access_faults(access, system)
        if has_private_name(name, access):
            yield from private_name_faults(str(name.domain_name), system)


def _access_faults(access: Access, system: TtsSystem) -> Iterator[str]:
    if isinstance(access, PublicAccess) and system.environment is Environment.SANDBOX:
        yield (
            "access=Access.public() shows a sandbox to the public without authentication (TTS-SBX-001); "
            "write Access.restricted([...]) with your own ranges, or Access.internal()"
        )
        return
    for cidr in access.ranges:
        if is_ipv6(cidr) and not system.ipv6:
            if not isinstance(access, PublicAccess):
                yield f"access= names {cidr}, and the system has no IPv6; write TtsSystem(..., ipv6=True)"
        elif not system.network.admits(cidr):
            yield (
                f"access= lets in {cidr}, and no inbound flow of the system's network policy does; write "
                f'Flow.https_from("{cidr}") there, or narrower ranges here'
            )
