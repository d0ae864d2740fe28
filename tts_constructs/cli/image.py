"""`tts image`: whether the recorded baseline image is still the newest, and its renewal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tts_constructs.cli.options import settings_in, settings_option
from tts_constructs.errors import InputError
from tts_constructs.policy.loading.context import CONTEXT_FILE, read_context
from tts_constructs.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tts_constructs.policy.aws.ami_lookups import Image, ImageRecord
    from tts_constructs.policy.settings.model import ImageSettings

_CONTEXT = click.option(
    "--context",
    "context_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=CONTEXT_FILE,
    show_default=True,
    help="File of recorded lookups.",
)


@click.group()
def image() -> None:
    r"""Show how old the recorded baseline image is, or renew it.

    These commands ask AWS, with the credentials of your shell.

    \b
    tts image status
    tts image refresh
    """


@image.command(
    short_help="Show how old the recorded images are, and if newer ones exist.",
    epilog="Exit code: 0 success; 1 a recorded image is over 30 days old, or its devices differ from those "
    "in the settings; 2 AWS or a file can't be used.",
)
@_CONTEXT
@settings_option
@click.pass_context
def status(ctx: click.Context, context_file: Path, settings_file: Path | None) -> None:
    """Show how old the recorded images are, if newer ones exist, and which devices they have."""
    from tts_constructs.policy.aws.ami_lookups import MAX_AGE_DAYS

    settings = settings_in(settings_file).image
    answers = _asked(context_file, settings)
    for answer in answers:
        click.echo(printable(f"{answer.record.region}: {answer.sentence}"))
    others = _other_devices(
        settings, [(answer.record, answer.recorded or answer.newest) for answer in answers]
    )
    old = any(answer.age_in_days is None or answer.age_in_days > MAX_AGE_DAYS for answer in answers)
    if old:
        click.echo(
            f"An image is older than {MAX_AGE_DAYS} days: run tts image refresh, then synthesize and deploy."
        )
    if old or others:
        ctx.exit(1)


@image.command(
    epilog="Exit code: 0 renewed, or nothing newer exists; 1 the devices of the newest image differ from "
    "those in the settings; 2 AWS or a file can't be used.",
)
@_CONTEXT
@settings_option
@click.pass_context
def refresh(ctx: click.Context, context_file: Path, settings_file: Path | None) -> None:
    """Record the newest images in place of the recorded ones."""
    settings = settings_in(settings_file).image
    answers = _asked(context_file, settings)
    _renew(context_file, answers)
    if _other_devices(settings, [(answer.record, answer.newest) for answer in answers]):
        ctx.exit(1)


def _renew(context_file: Path, answers: Sequence[_Answer]) -> None:
    from tts_constructs.files import write_text

    renewed = [answer for answer in answers if answer.newest.image_id != answer.record.image_id]
    if not renewed:
        click.echo("The recorded images are the newest.")
        return
    # Read again, as a synth may have recorded lookups while AWS was asked.
    context = read_context(context_file) | {answer.record.key: answer.newest.image_id for answer in renewed}
    write_text(context_file, f"{json.dumps(context, indent=2, ensure_ascii=False)}\n")
    for answer in renewed:
        click.echo(printable(f"{answer.record.region}: {answer.newest.name} is recorded now"))
    click.echo(f"Commit {context_file}, synthesize and deploy: instances are replaced by the new image.")


def _other_devices(settings: ImageSettings, images: Sequence[tuple[ImageRecord, Image]]) -> bool:
    """Say which images have other devices than the settings name, and what to write. Return whether any has.

    A volume that no mapping names stays as the image has it: not encrypted. An instance whose mapping names a
    volume that the image doesn't have can't start, as nothing says how large it is.
    """
    others = [(record, image) for record, image in images if set(image.devices) ^ set(settings.volumes)]
    for record, image in others:
        expected = "expect" if settings.volumes_are_guessed else "name"
        click.echo(
            printable(
                f"{record.region}: {image.name} has the volumes {_listed(image.devices)}, and the settings "
                f"{expected} {_listed(settings.volumes)}. Write in tts.toml below [image]: "
                f"devices = {json.dumps(image.devices)}"
            )
        )
    return bool(others)


def _listed(devices: Sequence[str]) -> str:
    return ", ".join(devices)


@dataclass(frozen=True)
class _Answer:
    """A recorded lookup, with the answer that AWS gives today."""

    record: ImageRecord
    recorded: Image | None
    newest: Image

    @property
    def age_in_days(self) -> int | None:
        return (datetime.now(UTC) - self.recorded.created).days if self.recorded else None

    @property
    def sentence(self) -> str:
        if self.recorded is None:
            return f"the recorded image no longer exists; the newest is {self.newest.name}"
        newer = self.newest.image_id != self.record.image_id
        latest = f"a newer one is {self.newest.name}" if newer else "it is the newest"
        devices = f"; its volumes: {_listed(self.recorded.devices)}"
        return f"{self.recorded.name} is {self.age_in_days} days old; {latest}{devices}"


def _asked(context_file: Path, settings: ImageSettings) -> list[_Answer]:
    from tts_constructs.policy.aws.ami_lookups import image_records

    if not settings.owners:
        raise InputError(
            "image.owners", ['is not set; write in tts.toml below [image]: owners = ["<account id>"]']
        )
    recorded = image_records(read_context(context_file))
    records = [record for record in recorded if record.is_of_baseline(settings)]
    if not records:
        raise InputError(
            str(context_file), ["records no baseline image; run cdk synth with access to the account"]
        )
    return [_answer(record) for record in records]


def _answer(record: ImageRecord) -> _Answer:
    from tts_constructs.cli.ec2_images import images_of
    from tts_constructs.policy.aws.ami_lookups import newest

    images = images_of(record)
    latest = newest(images)
    if latest is None:
        subject = f"AWS in {record.region}"
        raise InputError(subject, ["shows no baseline image; is it shared with this account, by that owner?"])
    recorded = next((image for image in images if image.image_id == record.image_id), None)
    return _Answer(record, recorded, latest)
