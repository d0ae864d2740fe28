"""A check at synth that a service's instances reach the AWS services that they fetch from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, IValidation

from tts_constructs.constructs.system.network_policy import HTTPS
from tts_constructs.constructs.system.tts_system import TtsSystem

_NAMES = {"s3": "S3", "secretsmanager": "Secrets Manager", "ssm": "Systems Manager"}
_ENDPOINTS = {"s3": "S3", "secretsmanager": "SECRETS_MANAGER", "ssm": "SSM"}


def check_way_out(scope: Construct, services: Sequence[str], system: TtsSystem) -> None:
    """Checks at synth that instances reach AWS services. Endpoints may be added until then.

    Without a flow at port 443 and without an interface endpoint, a service can't be reached, and synth fails.
    Without a NAT gateway and without an endpoint, only a route of the user's own can lead there: synth warns.

    Args:
        scope: The service whose instances fetch.
        services: Names of AWS services as endpoints call them: `s3`, `secretsmanager`, `ssm`.
        system: Its system.
    """
    if services:
        scope.node.add_validation(_WayOut(scope, services, system))


@jsii.implements(IValidation)
class _WayOut:
    def __init__(self, scope: Construct, services: Sequence[str], system: TtsSystem) -> None:
        self._scope = scope
        self._services = services
        self._system = system

    def validate(self) -> list[str]:
        """Returns one sentence if services can't be reached, and warns if they may not be."""
        without = [name for name in self._services if not self._has_endpoint(name)]
        if not any(flow.port == HTTPS for flow in self._system.network.outbound):
            return [_unreachable(without)] if without else []
        # The VPC of each system has a gateway endpoint of S3.
        without = [name for name in without if name != "s3"]
        if without and not self._has_nat():
            message = (
                f"Instances fetch from {_listed(without)} at boot, and the VPC has no NAT gateway and no "
                "endpoint for that. If no route of your own leads there, write "
                f"{_with_endpoints(without)}."
            )
            cdk.Annotations.of(self._scope).add_warning_v2("tts-constructs:way-out", message)
        return []

    def _has_endpoint(self, name: str) -> bool:
        stack = cdk.Stack.of(self._scope)
        return any(
            part.vpc_endpoint_type == "Interface"
            and str(stack.resolve(part.service_name)).endswith(f".{name}")
            for part in self._system.node.root.node.find_all()
            if isinstance(part, ec2.CfnVPCEndpoint)
        )

    def _has_nat(self) -> bool:
        return any(isinstance(part, ec2.CfnNatGateway) for part in self._system.vpc.node.find_all())


def _unreachable(names: Iterable[str]) -> str:
    return (
        f"its instances fetch from {_listed(names)} at boot, and no outbound flow at port 443 and no "
        f"interface endpoint leads there; write {_with_endpoints(names)}, or Flow.https_anywhere() in the "
        "network policy"
    )


def _listed(names: Iterable[str]) -> str:
    return " and ".join(_NAMES[name] for name in names)


def _with_endpoints(names: Iterable[str]) -> str:
    endpoints = ", ".join(f"ec2.InterfaceVpcEndpointAwsService.{_ENDPOINTS[name]}" for name in names)
    return f"TtsSystem(..., interface_endpoints=[{endpoints}])"
