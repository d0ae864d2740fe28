"""How CloudWatch Logs delivers the logs of a resource: its source, a delivery, and a destination."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from tts_constructs.policy.aws.bucket_policies import BUCKET
from tts_constructs.policy.model.node import Node
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.model.values import Reference, Text

SOURCE = "AWS::Logs::DeliverySource"
DELIVERY = "AWS::Logs::Delivery"
DESTINATION = "AWS::Logs::DeliveryDestination"
FIREHOSE = "AWS::KinesisFirehose::DeliveryStream"

_LOGS_OF_REQUESTS = ("ACCESS_LOGS", "WAF_LOGS")
"""Ends of the log types that hold requests: `ACCESS_LOGS`, `NLB_ACCESS_LOGS`, and the like."""


def deliveries_of(resource: Resource) -> Iterator[Resource]:
    """Yield the app's `AWS::Logs::Delivery` resources for a resource that exist whenever it does."""
    for source in _sources_of(resource):
        yield from _deliveries_from(source, resource)


def delivers_requests(resource: Resource) -> bool:
    """Return whether a delivery of the app takes the log of a resource's requests, whenever it exists.

    A source with another log of the resource, such as that of its connections, does not count.

    Raises:
        UnknownValue: It is not known before deployment which log a source delivers.
    """
    return any(
        any(_deliveries_from(source, resource)) and _holds_requests(source)
        for source in _sources_of(resource)
    )


def _sources_of(resource: Resource) -> Iterator[Resource]:
    sources = resource.stack.assembly.index(_logged_by, SOURCE)[resource]
    return (source for source in sources if source.exists_whenever(resource))


def _deliveries_from(source: Resource, resource: Resource) -> Iterator[Resource]:
    deliveries = resource.stack.assembly.index(_source_of, DELIVERY)
    for key in (source, source["Name"].value):
        if isinstance(key, Resource | str):
            yield from (delivery for delivery in deliveries[key] if delivery.exists_whenever(resource))


def _holds_requests(source: Resource) -> bool:
    kind = source["LogType"].text()  # without one, the service has one kind of log
    return kind is None or kind.upper().endswith(_LOGS_OF_REQUESTS)


def is_archive(destination: Node) -> bool:
    """Return whether a place refers to, or names by its ARN, a bucket or a Firehose stream.

    Raises:
        UnknownValue: It is not known before deployment.
    """
    reference = destination.reference()
    if reference:
        return reference.resource.type in {BUCKET, FIREHOSE}
    arn = str(destination.value)
    return ":firehose:" in arn or ":s3:::" in arn


def _logged_by(source: Resource) -> Iterator[Hashable]:
    arn = source["ResourceArn"].value
    if isinstance(arn, Reference):
        yield arn.resource
    elif isinstance(arn, Text):
        yield from (reference.resource for reference in arn.references)


def _source_of(delivery: Resource) -> Iterator[Hashable]:
    yield delivery["DeliverySourceName"].identity()
