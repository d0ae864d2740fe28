"""Finds settings that are looser than those that they extend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tts_constructs.system_metadata import Environment, is_laxer

if TYPE_CHECKING:
    from tts_constructs.policy.settings.model import BaselineSettings, Settings


def loosened(organization: Settings | None, team: Settings) -> Iterator[tuple[str, str]]:
    """Yield the settings of a team that are looser than those of the organization that they extend.

    - `environment`: less strict than the organization's, which is production where its file says nothing.
    - `accounts`: an account of the organization's in a less strict environment. The team may add other
      accounts: without the setting, the environment that the code states would count anyway.
    - `accounts.trusted`: an account that it does not trust.
    - `projects`: one that the organization does not register, if it registers any.
    - `image`: an owner or parameter that it does not name; another name filter; a device left out.
    - `agent`: another version or digest of the agent than it pins.
    - `services`: `unknown` back to warn; another list of approved services, which would override GSA's.
    - `retention`: shorter.
    - `waivers`: more days; another file than the organization's, if it names one.
    - `baseline`: another file than the organization's, or any where it neither names nor allows one; a later
      end than it states.

    Args:
        organization: The settings that are extended; None: the team extends none.
        team: Those settings with what the team's file states.

    Yields:
        The key of each looser setting, and what is wrong with it.
    """
    if organization is None:
        return
    yield from _environments(organization, team)
    yield from _lists(organization, team)
    yield from _numbers(organization, team)
    yield from _baseline(organization.baseline, team.baseline)
    if organization.agent.version and organization.agent != team.agent:
        yield "agent", f"differs from the organization's file, which pins {organization.agent.version}"
    for key, ours, theirs in (
        ("image.name", organization.image.name, team.image.name),
        ("services.approved", organization.services.approved, team.services.approved),
        ("services.columns", organization.services.columns, team.services.columns),
    ):
        if ours != theirs:
            yield key, "can be set only in the organization's file; leave it out"
    for key, file, own in (
        ("waivers.file", organization.waivers.file, team.waivers.file),
        ("baseline.file", organization.baseline.file, team.baseline.file),
    ):
        if file and own and file != own:
            yield key, f"replaces the organization's {file.name}; leave it out"
    if organization.services.unknown == "block" and team.services.unknown == "warn":
        yield "services.unknown", "is block in the organization's file, and a team's file can't loosen it"


def _baseline(organization: BaselineSettings, team: BaselineSettings) -> Iterator[tuple[str, str]]:
    named = organization.allowed or organization.until or organization.file
    if organization.allowed is False or not named:
        if team.allowed:
            yield "baseline.allowed", "can be set only in the organization's file, which allows no baseline"
        elif team.file and team.allowed is None:
            yield (
                "baseline.file",
                "is allowed only where the organization's file says allowed = true below [baseline]",
            )
    if organization.until and team.until and team.until > organization.until:
        yield "baseline.until", f"must be at most {organization.until}, as in the organization's file"


def _environments(organization: Settings, team: Settings) -> Iterator[tuple[str, str]]:
    own = organization.environment or Environment.PRODUCTION
    if team.environment and is_laxer(team.environment, own):
        states = "the organization's file states"
        reason = states if organization.environment else "counts where the organization's file states none"
        yield "environment", f"is laxer than {own}, which {reason}"
    for account, tie in organization.accounts.items():
        if is_laxer(team.accounts[account], tie):
            yield f"accounts.{account}", f"is laxer than {tie}, which the organization's file sets for it"


def _lists(organization: Settings, team: Settings) -> Iterator[tuple[str, str]]:
    if organization.projects and not set(team.projects) <= set(organization.projects):
        yield "projects", "holds one that the organization's file does not register"
    if not set(team.trusted_accounts) <= set(organization.trusted_accounts):
        yield "accounts.trusted", "holds one that the organization's file does not name"
    if not set(team.image.owners) <= set(organization.image.owners):
        yield "image.owners", "holds one that the organization's file does not name"
    if not set(team.image.ssm_parameters) <= set(organization.image.ssm_parameters):
        yield "image.ssm_parameters", "holds one that the organization's file does not name"
    if team.image.devices and (left_out := set(organization.image.volumes) - set(team.image.devices)):
        yield "image.devices", f"leaves out {', '.join(sorted(left_out))}, which the organization's image has"


def _numbers(organization: Settings, team: Settings) -> Iterator[tuple[str, str]]:
    if team.waivers.max_days > organization.waivers.max_days:
        yield (
            "waivers.max_days",
            f"must be at most {organization.waivers.max_days}, as in the organization's file",
        )
    for key, ours, theirs in (
        ("log_groups", organization.retention.log_groups, team.retention.log_groups),
        ("log_buckets", organization.retention.log_buckets, team.retention.log_buckets),
    ):
        if theirs < ours:
            yield f"retention.{key}", f"must be at least {ours}, as in the organization's file"
