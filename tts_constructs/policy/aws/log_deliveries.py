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


def deliveries_of(resource: Resource) -> Iterator[Resource]:
    """Yield the app's `AWS::Logs::Delivery` resources for a resource that exist whenever it does."""
    index = resource.stack.assembly.index
    deliveries = index(_source_of, DELIVERY)
    for source in index(_logged_by, SOURCE)[resource]:
        for key in (source, source["Name"].value):
            if source.exists_whenever(resource) and isinstance(key, Resource | str):
                yield from (delivery for delivery in deliveries[key] if delivery.exists_whenever(resource))


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
