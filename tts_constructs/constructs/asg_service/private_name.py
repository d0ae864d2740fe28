"""The name of an internal service: one that only its VPC knows, and that the service's certificate proves."""

from __future__ import annotations

from collections.abc import Iterator

import aws_cdk as cdk
from aws_cdk import Duration
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from tts_constructs import standards
from tts_constructs.constructs.asg_service.access import Access
from tts_constructs.constructs.asg_service.server_name import ServerName
from tts_constructs.constructs.system.tts_system import TtsSystem


def has_private_name(name: ServerName, access: Access) -> bool:
    """Returns whether the name of a service gets a zone of the system.

    It doesn't where the team chose the zone: with a certificate, `hosted_zone` is for the record alone. Nor
    where the name is that of `hosted_zone` itself, all names of which a private zone would hide from the VPC.
    Nor where it is known at deployment only, as no zone can be named by it then.
    """
    if access.internet_facing or name.domain_name is None or cdk.Token.is_unresolved(name.domain_name):
        return False
    return name.hosted_zone is None or (name.certificate is None and not name.is_of_its_zone)


def add_private_name(
    scope: Construct, *, system: TtsSystem, domain_name: str, load_balancer: elbv2.ApplicationLoadBalancer
) -> None:
    """Makes a record for a balancer in a private hosted zone of the system's VPC.

    The zone is as narrow as it can be, because the VPC asks it alone for all names that end with the zone's:
    it is the name itself. In GovCloud (US) a private zone takes no alias to a balancer, and a CNAME can't be
    the zone's own name, so there it is the domain that the name lies in.

    Args:
        scope: The service.
        system: Its system.
        domain_name: Name of the service.
        load_balancer: Its balancer.
    """
    if _in_govcloud(system):
        route53.CnameRecord(
            scope,
            "PrivateName",
            zone=system.private_zone(_domain_above(domain_name)),
            record_name=domain_name,
            domain_name=load_balancer.load_balancer_dns_name,
            ttl=Duration.minutes(1),
        )
    else:
        route53.ARecord(
            scope,
            "PrivateName",
            zone=route53.PrivateHostedZone(scope, "PrivateZone", zone_name=domain_name, vpc=system.vpc),
            target=route53.RecordTarget.from_alias(targets.LoadBalancerTarget(load_balancer)),
        )


def private_name_faults(domain_name: str, system: TtsSystem) -> Iterator[str]:
    """Yields a sentence if the zone of a name would hide names from the VPC that aren't the team's."""
    above = _domain_above(domain_name)
    if _in_govcloud(system) and "." not in above:
        yield (
            f"domain_name={domain_name!r} would hide all of {above!r} from the VPC: in GovCloud (US) an "
            "internal service is named in a private zone of the domain above it; write a name below, such as "
            f"{'api.' + domain_name!r}"
        )


def _in_govcloud(system: TtsSystem) -> bool:
    return standards.partition(system.stack.region) == "aws-us-gov"


def _domain_above(name: str) -> str:
    return name.partition(".")[2]
