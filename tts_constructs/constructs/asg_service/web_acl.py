"""The web ACL of a balancer: which ARNs can be associated with it."""

from __future__ import annotations

from collections.abc import Iterator

import aws_cdk as cdk

from tts_constructs import standards

_PARTS = 6
"""Parts of an ARN; the sixth may hold further colons."""


def web_acl_faults(arn: str, region: str) -> Iterator[str]:
    """Yields one sentence for each reason why WAF would refuse to associate an ARN; tokens may be anything.

    Args:
        arn: The ARN.
        region: Region of the balancer.
    """
    parts = arn.split(":", _PARTS - 1)
    if len(parts) != _PARTS:
        if not cdk.Token.is_unresolved(arn):
            yield f"arn={arn!r} is no ARN; write {_example(region)}"
        return
    prefix, partition, service, place, _, resource = parts
    expected = {"arn": prefix, "wafv2": service, standards.partition(region): partition}
    if _is(resource) and resource.startswith("global/webacl/"):
        yield (
            f"arn={arn!r} has the scope CLOUDFRONT, and a load balancer takes a web ACL of the scope "
            f"REGIONAL, made in {region}: {_example(region)}"
        )
    elif any(_is(given) and given != wanted for wanted, given in expected.items()) or (
        _is(resource) and not resource.startswith("regional/webacl/")
    ):
        yield f"arn={arn!r} is not that of a web ACL (WAFv2); write {_example(region)}"
    elif _is(place) and place != region:
        yield f"arn={arn!r} lies in {place!r}, and the load balancer in {region!r}; make a web ACL there"


def _is(part: str) -> bool:
    return not cdk.Token.is_unresolved(part)


def _example(region: str) -> str:
    partition = standards.partition(region)
    return f"arn:{partition}:wafv2:{region}:<account>:regional/webacl/<name>/<id>"
