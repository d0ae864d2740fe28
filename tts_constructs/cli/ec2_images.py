"""Asks AWS about images. Needs boto3, which the extra `aws` installs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tts_constructs.errors import InputError

if TYPE_CHECKING:
    from tts_constructs.policy.aws.ami_lookups import Image, ImageRecord


def images_of(record: ImageRecord) -> list[Image]:
    """Asks AWS for the images that a recorded lookup would find now.

    Raises:
        InputError: boto3 is not installed, or AWS does not answer: no credentials, no network, no permission.
    """
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise InputError("boto3", ["is not installed; run: pip install boto3"]) from None
    from tts_constructs.policy.aws.ami_lookups import described

    try:
        answer = boto3.client("ec2", region_name=record.region).describe_images(
            Owners=list(record.owners),
            Filters=[{"Name": name, "Values": list(values)} for name, values in record.filters.items()],
        )
    except (BotoCoreError, ClientError) as error:
        subject = f"AWS in {record.region}"
        raise InputError(subject, [f"does not answer: {_first_line(error)}"]) from None
    return [described(image) for image in answer["Images"]]


def _first_line(error: Exception) -> str:
    from tts_constructs.redaction import redact

    return redact(str(error).splitlines()[0])
