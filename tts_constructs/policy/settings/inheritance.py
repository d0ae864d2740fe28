"""What makes settings looser than those that they extend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tts_constructs.system_metadata import is_laxer

if TYPE_CHECKING:
    from tts_constructs.policy.settings.model import Settings


def loosened(organisation: Settings | None, team: Settings) -> Iterator[tuple[str, str]]:
    """Where a team's settings are looser than those of the organisation that they extend.

    - `environment`: laxer than the one that the organisation states.
    - `accounts`: a tie of the organisation's to a laxer environment. An account that it does not tie may be
      tied: without a tie, what the code claims counts as written anyway.
    - `projects`: one that the organisation does not register, where it registers any.
    - `image`: an owner or parameter that it does not name; another name filter or root device.
    - `services`: `unknown` back to warn; another list of approved services, which would speak before GSA's.
    - `retention`: shorter.
    - `waivers`, `baseline`: more days; another file than the organisation's, where it names one.

    Args:
        organisation: The settings that are extended; None: the team extends none.
        team: Those settings with what the team's file states.

    Yields:
        The key of each looser setting, and what is wrong with it.
    """
    if organisation is None:
        return
    yield from _environments(organisation, team)
    yield from _lists(organisation, team)
    yield from _numbers(organisation, team)
    for key, ours, theirs in (
        ("image.name", organisation.image.name, team.image.name),
        ("image.root_device", organisation.image.root_device, team.image.root_device),
        ("services.approved", organisation.services.approved, team.services.approved),
        ("services.columns", organisation.services.columns, team.services.columns),
    ):
        if ours != theirs:
            yield key, "is for the organisation's file to say; leave it out"
    for key, file, own in (
        ("waivers.file", organisation.waivers.file, team.waivers.file),
        ("baseline.file", organisation.baseline.file, team.baseline.file),
    ):
        if file and file != own:
            yield key, f"takes the place of the organisation's {file.name}; leave it out"
    if organisation.services.unknown == "block" and team.services.unknown == "warn":
        yield "services.unknown", "is block in the organisation's file, and a team's may not loosen it"


def _environments(organisation: Settings, team: Settings) -> Iterator[tuple[str, str]]:
    stated = organisation.environment
    if stated and team.environment and is_laxer(team.environment, stated):
        yield "environment", f"is laxer than {stated}, which the organisation's file states"
    for account, tie in organisation.accounts.items():
        if is_laxer(team.accounts[account], tie):
            yield f"accounts.{account}", f"is laxer than {tie}, to which the organisation's file ties it"


def _lists(organisation: Settings, team: Settings) -> Iterator[tuple[str, str]]:
    if organisation.projects and not set(team.projects) <= set(organisation.projects):
        yield "projects", "holds one that the organisation's file does not register"
    if not set(team.image.owners) <= set(organisation.image.owners):
        yield "image.owners", "holds one that the organisation's file does not name"
    if not set(team.image.ssm_parameters) <= set(organisation.image.ssm_parameters):
        yield "image.ssm_parameters", "holds one that the organisation's file does not name"


def _numbers(organisation: Settings, team: Settings) -> Iterator[tuple[str, str]]:
    if team.waivers.max_days > organisation.waivers.max_days:
        yield "waivers.max_days", f"is at most {organisation.waivers.max_days}, as in the organisation's file"
    for key, ours, theirs in (
        ("log_groups", organisation.retention.log_groups, team.retention.log_groups),
        ("log_buckets", organisation.retention.log_buckets, team.retention.log_buckets),
    ):
        if theirs < ours:
            yield f"retention.{key}", f"is at least {ours}, as in the organisation's file"
