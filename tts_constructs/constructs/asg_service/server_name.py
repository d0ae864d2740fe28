"""The name of a service: the certificate that proves it, and the record that leads to its balancer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from tts_constructs import standards

_CNAME_TTL = cdk.Duration.minutes(1)  # as long as an alias is kept


@dataclass(frozen=True, kw_only=True)
class ServerName:
    """The name of a balancer: a certificate that proves it, a domain name that leads to it, or both.

    Args:
        certificate: A certificate that exists. None: one is made for the domain name; the zone validates it.
        domain_name: Name of the service.
        hosted_zone: Hosted zone that gets a record of `domain_name`. None: somebody makes it elsewhere.
    """

    certificate: acm.ICertificate | None
    domain_name: str | None
    hosted_zone: route53.IHostedZone | None

    def faults(self) -> Iterator[str]:
        """Yields one sentence for each thing that is wrong with how the balancer proves its name."""
        if self.certificate is None and self.domain_name is None:
            yield (
                "has no name that it can prove, and serves HTTPS only; write certificate=, or both "
                "domain_name= and hosted_zone="
            )
        elif self.certificate is None and self.hosted_zone is None:
            yield (
                "domain_name= has no certificate; write hosted_zone=, which validates one, or certificate= "
                "if the zone lies elsewhere"
            )
        elif self.domain_name is None and self.hosted_zone is not None:
            yield "hosted_zone= gets no record without a name; write domain_name= too, or leave it out"
        if self.domain_name is not None and self.hosted_zone is not None:
            yield from self._zone_faults(self.domain_name, self.hosted_zone)

    def faults_in(self, region: str) -> Iterator[str]:
        """Yields a sentence if the name can't have a record in this region."""
        name, zone = self.domain_name, self.hosted_zone
        if name is None or not isinstance(zone, route53.PrivateHostedZone):
            return
        if _in_govcloud(region) and _is_apex(name, zone):
            yield (
                f"domain_name={name!r} is the name of a private zone, which can't have an alias to a "
                f"balancer in {region}; write a name below it, such as 'www.{name}'"
            )

    def certificate_in(self, scope: Construct) -> acm.ICertificate:
        """Returns the certificate, or makes one that a record in the hosted zone validates."""
        return self.certificate or acm.Certificate(
            scope,
            "Certificate",
            domain_name=str(self.domain_name),
            validation=acm.CertificateValidation.from_dns(self.hosted_zone),
        )

    @property
    def record_lies_elsewhere(self) -> bool:
        """True if somebody else must make the record that leads to the balancer."""
        return self.domain_name is not None and self.hosted_zone is None

    @property
    def is_of_its_zone(self) -> bool:
        """True if the name is that of the hosted zone itself, its apex."""
        name, zone = self.domain_name, self.hosted_zone
        return name is not None and zone is not None and name.lower() == _bare(_name_of(zone) or "")

    def lead_to(self, load_balancer: elbv2.ApplicationLoadBalancer, scope: Construct, *, ipv6: bool) -> None:
        """Makes the records of the domain name in the hosted zone, if there is one."""
        domain_name, zone = self.domain_name, self.hosted_zone
        if domain_name is None or zone is None:
            return
        if self._needs_cname(domain_name, zone, cdk.Stack.of(scope).region):
            route53.CnameRecord(
                scope,
                "Cname",
                zone=zone,
                record_name=domain_name,
                domain_name=load_balancer.load_balancer_dns_name,
                ttl=_CNAME_TTL,
            )
            return
        target = route53.RecordTarget.from_alias(targets.LoadBalancerTarget(load_balancer))
        route53.ARecord(scope, "Alias", zone=zone, record_name=domain_name, target=target)
        if ipv6:
            route53.AaaaRecord(scope, "AliasIpv6", zone=zone, record_name=domain_name, target=target)

    def _needs_cname(self, domain_name: str, zone: route53.IHostedZone, region: str) -> bool:
        """Returns whether an alias may not work: in GovCloud, in a zone that may be private.

        A zone that validates a certificate is public. Of an imported zone, the CDK doesn't say what it is; a
        CNAME works in each, but not at the apex.
        """
        may_be_private = self.certificate is not None and not isinstance(zone, route53.PublicHostedZone)
        return _in_govcloud(region) and may_be_private and not _is_apex(domain_name, zone)

    def _zone_faults(self, domain_name: str, zone: route53.IHostedZone) -> Iterator[str]:
        if isinstance(zone, route53.PrivateHostedZone) and self.certificate is None:
            yield (
                "hosted_zone= is private and validates no certificate; write the public one, or certificate= "
                "too"
            )
        zone_name = _name_of(zone)
        if zone_name is None:
            yield (
                "hosted_zone= has no name to compare with domain_name=; write "
                "HostedZone.from_hosted_zone_attributes(..., hosted_zone_id=..., zone_name=...)"
            )
        elif not _lies_in(domain_name, zone_name):
            yield (
                f"domain_name={domain_name!r} is not in the zone {zone_name!r} of hosted_zone=; write a name "
                "that ends with the zone's"
            )


def _in_govcloud(region: str) -> bool:
    return standards.partition(region) != "aws"


def _name_of(zone: route53.IHostedZone) -> str | None:
    try:
        return zone.zone_name
    except RuntimeError:  # an imported zone of which only the id is known
        return None


def _is_apex(domain_name: str, zone: route53.IHostedZone) -> bool:
    return domain_name.lower() == _bare(zone.zone_name)


def _lies_in(name: str, zone: str) -> bool:
    if cdk.Token.is_unresolved(name) or cdk.Token.is_unresolved(zone):
        return True
    return name.lower() == _bare(zone) or name.lower().endswith(f".{_bare(zone)}")


def _bare(zone_name: str) -> str:
    """Returns the name of a zone as DNS compares it: case and a final dot mean nothing."""
    return zone_name.lower().rstrip(".")
