"""`TtsSystem`: one system in its own VPC, with everything that its parts share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct, IValidation

from tts_constructs import standards
from tts_constructs.arguments import checked, refuse
from tts_constructs.constructs.system import network_acls, vpc
from tts_constructs.constructs.system.at_synth import when_complete
from tts_constructs.constructs.system.encryption_key import system_key
from tts_constructs.constructs.system.log_storage import log_bucket
from tts_constructs.constructs.system.network_policy import (
    HTTPS,
    NetworkPolicy,
    ServiceFlow,
    SystemService,
    is_ipv6,
)
from tts_constructs.constructs.system.permissions_boundary import system_boundary
from tts_constructs.constructs.system.removal import removal_faults
from tts_constructs.constructs.system.sandbox_budget import sandbox_budget
from tts_constructs.constructs.system.stack_order import StackOrder
from tts_constructs.constructs.system.tagging import tag, tag_generic
from tts_constructs.errors import InvalidArgumentError
from tts_constructs.policy.configuration import load_settings
from tts_constructs.synth.guardrails import attach
from tts_constructs.synth.metadata import record, system_in, write_record
from tts_constructs.system_metadata import (
    DataSensitivity,
    Environment,
    owner_faults,
    project_faults,
)


class TtsSystem(Construct):
    """One system of TTS: its own VPC, and everything that its services and buckets share.

    It makes three tiers of subnets (public for balancers, private for instances, data for databases) with
    network ACLs, a flow log, an S3 gateway endpoint, a key, a bucket for access logs, a permissions boundary
    for every role, and in a commercial sandbox a budget of 500 USD a month. It tags its whole stack, generic
    resources too, and writes the system's record into the stack's metadata. Put services and buckets below
    it, or into another stack with `system=`.

    Args:
        scope: A stack with a concrete account and region.
        id: Construct id.
        project: Value of the `Project` tag: the name under which the project is registered.
        environment: Environment that the system runs in.
        owner: E-mail address of the team that is responsible for it; value of the `Owner` tag.
        data_sensitivity: Sensitivity that the owner of the data has declared. Default: undeclared, treated as
            sensitive. In a sandbox you must declare PUBLIC or SYNTHETIC.
        network: Traffic that it allows: in, between services, and out. Default: HTTPS in and out.
        cidr: IPv4 range of the VPC, from /16 to /23; each subnet is a sixteenth of it. Default: 10.0.0.0/16.
            It can't change once the system is deployed: CloudFormation would replace the VPC and all that
            lies in it, and a balancer with deletion protection refuses to go. Deploy a second system instead.
        availability_zones: Names or number of zones, 2 to 4. Default: 2. In both cases the CDK looks up the
            account's zones and records them in `cdk.context.json`. Commit that file. Once the system is
            deployed, you can add names at the end, which moves no subnet. You can't change their order, or
            take one away from before the last: that gives a subnet's range to another zone, and
            CloudFormation, which makes the new subnet before it deletes the old one, fails.
        nat_gateways: Number of NAT gateways, at most one per zone. With 0, instances reach only endpoints.
            Default: one per zone in production, so that zones fail independently; otherwise 1.
        ipv6: True to give the VPC an IPv6 range too. Default: no.
        interface_endpoints: AWS services to reach without leaving the VPC. Default: none. S3 has a gateway.
        permissions_boundary: Boundary of every role. Default: one that allows every service that TTS-SVC-001
            doesn't block under the settings.
        remove_logs_with_stack: True to empty and delete the bucket of access logs when the stack is deleted,
            by the CDK's helper function (a Lambda function). Only in a sandbox. Default: the bucket stays.

    In a sandbox, the key and the log groups go with the stack; elsewhere they stay. KMS deletes the key 30
    days later. Until then you can cancel that, and read what a bucket that stayed still holds.

    Raises:
        InvalidArgumentError: An argument is wrong. The message lists all faults.

    Attributes:
        vpc: The VPC.
        public_subnets: Subnets of balancers that the internet or stated ranges reach.
        private_subnets: Subnets of instances, internal balancers and interface endpoints.
        data_subnets: Subnets of databases. They have no route out, and their network ACL takes only
            connections of the private subnets to port 5432 (PostgreSQL).
        key: Key of the system's data and logs. CloudWatch Logs and CloudWatch alarms may use it: give it to a
            log group as `encryption_key`, to the topic of an alarm as `master_key`. A queue or topic that
            another AWS service writes to, such as S3 or EventBridge, needs a key of its own
            (`docs/how-to/messages.md`): with this key CloudFormation finds a circle, or messages are lost.
        permissions_boundary: Boundary of every role.
        network: The network policy.
        ipv6: True if the VPC has IPv6 too.
        stack: The stack that holds all of these.
    """

    @checked(values=True)
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's name for it
        *,
        project: str,
        environment: Environment,
        owner: str,
        data_sensitivity: DataSensitivity | None = None,
        network: NetworkPolicy | None = None,
        cidr: str | None = None,
        availability_zones: Sequence[str] | int | None = None,
        nat_gateways: int | None = None,
        ipv6: bool = False,
        interface_endpoints: Sequence[ec2.InterfaceVpcEndpointAwsService] = (),
        permissions_boundary: iam.IManagedPolicy | None = None,
        remove_logs_with_stack: bool = False,
    ) -> None:
        if not any(isinstance(part, cdk.Stack) for part in scope.node.scopes):
            subject = f'TtsSystem "{id}"'
            raise InvalidArgumentError(subject, ["scope= is in no stack; write a stack with `env=`"])
        super().__init__(scope, id)
        self._name = f'TtsSystem "{self.node.path}"'
        self.stack = cdk.Stack.of(self)
        self.project = project
        self.environment = environment
        self.owner = owner
        self._tags = {"Project": project, "Environment": str(environment), "Owner": owner}
        self.data_sensitivity = data_sensitivity
        self.network = network or NetworkPolicy()
        self.ipv6 = ipv6
        self._remove_logs = remove_logs_with_stack
        cidr = cidr or vpc.CIDR
        zones = standards.MIN_ZONES if availability_zones is None else availability_zones
        if nat_gateways is None:
            nat_gateways = vpc.zone_count(zones) if environment is Environment.PRODUCTION else 1

        faults = [
            *_stack_faults(self.stack),
            *self._admission_faults(self.stack),
            *project_faults(project, load_settings().projects),
            *owner_faults(owner),
            *_data_faults(data_sensitivity, environment),
            *vpc.faults(cidr, zones, nat_gateways, self.stack),
            *removal_faults("remove_logs_with_stack", environment, removed=remove_logs_with_stack),
            *_network_faults(self.network, ipv6=ipv6),
        ]
        refuse(self._name, faults)

        self._record = record(
            system=self.node.path,
            project=project,
            environment=environment,
            owner=owner,
            data_sensitivity=data_sensitivity,
        )
        self._stacks: list[cdk.Stack] = []
        self._services: dict[str, SystemService] = {}
        self.stack_order = StackOrder(self.stack)
        self._watch_synth()
        self._make_shared_parts(cidr, zones, nat_gateways, interface_endpoints, permissions_boundary)
        self._take_in(self.stack)

    def _watch_synth(self) -> None:
        """Registers the actions at synth: flows are checked, generic resources tagged, everything judged."""
        self.node.add_validation(_FlowsHaveServices(self.network.between, self._services))
        leaf = Construct(self, "Completion")
        when_complete(leaf, self._stacks, self._complete)
        attach(leaf)

    def _make_shared_parts(
        self,
        cidr: str,
        zones: vpc.Zones,
        nat_gateways: int,
        interface_endpoints: Sequence[ec2.InterfaceVpcEndpointAwsService],
        permissions_boundary: iam.IManagedPolicy | None,
    ) -> None:
        """Makes the parts that services and buckets share: boundary, key, VPC and budget."""
        self.permissions_boundary = permissions_boundary or system_boundary(self, "Boundary")
        self.key = system_key(self, "Key", self.environment)
        self.public_subnets = vpc.PUBLIC
        self.private_subnets = vpc.PRIVATE
        self.data_subnets = vpc.DATA
        self.vpc = vpc.system_vpc(
            self,
            "Vpc",
            network=self.network,
            cidr=cidr,
            availability_zones=zones,
            nat_gateways=nat_gateways,
            ipv6=self.ipv6,
            key=self.key,
            environment=self.environment,
        )
        self._endpoint_group = (
            vpc.add_interface_endpoints(self.vpc, cidr, interface_endpoints) if interface_endpoints else None
        )
        if self.environment is Environment.SANDBOX and standards.partition(self.stack.region) == "aws":
            sandbox_budget(self, "Budget", project=self.project, owner=self.owner, tags=self._tags)

    @classmethod
    @checked
    def of(cls, scope: IConstruct) -> TtsSystem:
        """Returns the nearest system that encloses `scope`.

        Raises:
            InvalidArgumentError: No system encloses it. Give a construct elsewhere `system=`.
        """
        for enclosing in reversed(scope.node.scopes):
            if isinstance(enclosing, TtsSystem):
                return enclosing
        subject = f'"{scope.node.path}"'
        raise InvalidArgumentError(
            subject, ["it is not in a TtsSystem; create it below one, or pass the system with `system=`"]
        )

    @cached_property
    def log_bucket(self) -> s3.Bucket:
        """Bucket of access logs, made on first use, because without logs it would stay empty."""
        return log_bucket(self, "LogBucket", goes_with_stack=self._remove_logs)

    @checked
    def private_zone(self, domain: str) -> route53.PrivateHostedZone:
        """Returns the private hosted zone of a domain, which only the VPC knows; made on first use.

        The VPC finds no name of the domain anywhere else, so put all that it needs into the zone.

        Args:
            domain: Name of the zone, such as `forms.example.gov`.
        """
        zone_id = f"PrivateZone-{domain}"
        found = self.node.try_find_child(zone_id)
        return (
            found
            if isinstance(found, route53.PrivateHostedZone)
            else route53.PrivateHostedZone(self, zone_id, zone_name=domain, vpc=self.vpc)
        )

    @property
    def data_is_public(self) -> bool:
        """True if the owner declared the data public. Synthetic data is protected as sensitive data is."""
        return self.data_sensitivity is DataSensitivity.PUBLIC

    @checked
    def admit(self, part: IConstruct) -> None:
        """Adds the stack of `part` to the system, with the system's tags, record, boundary and protection.

        Every construct with a `system=` argument must call it. `join` does so for services.

        Raises:
            InvalidArgumentError: The stack has another system, or another account or region.
        """
        stack = cdk.Stack.of(part)
        if stack in self._stacks:
            return
        if faults := list(self._admission_faults(stack)):
            raise InvalidArgumentError(self._name, faults)
        self._take_in(stack)

    @checked
    def join(self, name: str, service: SystemService) -> None:
        """Adds a service to the system, and opens the flows that now have both of their services.

        Args:
            name: Construct id of the service. Flows of the network policy name it.
            service: The service. It calls this when it is made.

        Raises:
            InvalidArgumentError: Another service of the system has that name.
        """
        if name in self._services:
            raise InvalidArgumentError(
                self._name,
                [f'it has two services named "{name}", which flows could not tell apart; rename one'],
            )
        self.admit(service)
        self._services[name] = service
        for flow in self.network.between:
            if name in (flow.caller, flow.called) and {flow.caller, flow.called} <= self._services.keys():
                self.stack_order.lets(
                    cdk.Stack.of(self._services[flow.caller]), cdk.Stack.of(self._services[flow.called])
                )
                self._services[flow.called].accept(self._services[flow.caller], flow.port)

    @checked
    def state_egress(self, group: ec2.SecurityGroup) -> None:
        """Adds egress rules to a security group for the network policy's outbound flows and for endpoints.

        Args:
            group: A group that was made with `allow_all_outbound=False`.

        Raises:
            InvalidArgumentError: The group already allows all outbound traffic.
        """
        if group.allow_all_outbound:
            subject = f'security group "{group.node.path}"'
            raise InvalidArgumentError(
                subject, ["it lets everything out; make it with `allow_all_outbound=False`"]
            )
        for flow in self.network.outbound:
            for cidr in flow.cidrs:
                if not is_ipv6(cidr):
                    group.add_egress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(flow.port), "network policy")
                elif self.ipv6:
                    group.add_egress_rule(ec2.Peer.ipv6(cidr), ec2.Port.tcp(flow.port), "network policy")
        if self._endpoint_group:
            group.add_egress_rule(self._endpoint_group, ec2.Port.tcp(HTTPS), "interface endpoints")

    def _take_in(self, stack: cdk.Stack) -> None:
        self._stacks.append(stack)
        write_record(stack, self._record)
        tag(stack, self._tags)
        iam.PermissionsBoundary.of(stack).apply(self.permissions_boundary)
        if stack.nested_stack_parent:
            self.admit(stack.nested_stack_parent)
        elif self.environment is not Environment.SANDBOX:
            stack.termination_protection = True

    def _complete(self, part: IConstruct) -> None:
        if isinstance(part, cdk.NestedStack):
            write_record(part, self._record)
        # Generic, or of a class that knows no tags in an older CDK (listeners at 2.263).
        elif isinstance(part, cdk.CfnResource) and not hasattr(type(part), "tags"):
            tag_generic(part, self._tags)

    def _admission_faults(self, stack: cdk.Stack) -> Iterator[str]:
        other = system_in(stack)
        if other not in (None, self.node.path):
            yield (
                f'its stack "{stack.node.path}" already holds the system "{other}"; '
                "give each system a stack of its own"
            )
        if stack is not self.stack and _place(stack) != _place(self.stack):
            yield (
                f'the stack "{stack.node.path}" lies in another account or region than the system; '
                "write the same `env=` for both"
            )


@jsii.implements(IValidation)
class _FlowsHaveServices:
    """Reports at synth each flow that names a service that the system doesn't have."""

    def __init__(self, flows: Sequence[ServiceFlow], services: dict[str, Any]) -> None:
        self._flows = flows
        self._services = services

    def validate(self) -> list[str]:
        """Returns one sentence for each flow that lacks a service."""
        has = ", ".join(f'"{name}"' for name in self._services) or "none"
        return [
            f'network: {flow} names "{name}", which is not a service of the system; its services are: {has}'
            for flow in self._flows
            for name in (flow.caller, flow.called)
            if name not in self._services
        ]


def _place(stack: cdk.Stack) -> tuple[str, str]:
    return stack.account, stack.region


def _stack_faults(stack: cdk.Stack) -> Iterator[str]:
    if cdk.Token.is_unresolved(stack.account) or cdk.Token.is_unresolved(stack.region):
        yield (
            f'its stack "{stack.node.path}" has no concrete account and region, without which no zone and no '
            f"image is found; write Stack(..., env=Environment(account=..., region={standards.REGIONS[0]!r}))"
        )
    elif stack.region not in standards.REGIONS:
        yield f"its region is {stack.region!r}; systems run in {', '.join(standards.REGIONS)}"


def _data_faults(data_sensitivity: DataSensitivity | None, environment: Environment) -> Iterator[str]:
    if environment is Environment.SANDBOX and data_sensitivity in (None, DataSensitivity.SENSITIVE):
        yield (
            f"data_sensitivity is {data_sensitivity or 'undeclared'}, and a sandbox keeps no sensitive "
            "information; write DataSensitivity.SYNTHETIC or DataSensitivity.PUBLIC"
        )


def _network_faults(network: NetworkPolicy, *, ipv6: bool) -> Iterator[str]:
    # How many entries an ACL has doesn't depend on the range, which can be wrong itself.
    yield from network_acls.faults(network, vpc.families(None, vpc.CIDR, ipv6=ipv6))
    if not ipv6:
        yield from (
            f"network: {flow} is of IPv6, which the VPC does not speak; write `ipv6=True`"
            for flow in network.outbound
            if all(map(is_ipv6, flow.cidrs))
        )
