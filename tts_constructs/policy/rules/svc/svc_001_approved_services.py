"""TTS-SVC-001: Only approved services may be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tts_constructs.policy.aws.approved_services import Services, Status, kinds, kinds_of, services_in_force
from tts_constructs.policy.model.checks import stop_at_unknown
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.model.stack import Resource
from tts_constructs.policy.result import Level, Result


def _is_approved(resource: Resource) -> Iterator[Result]:
    services = resource.stack.assembly.cached(services_in_force)
    if services.approve(resource.type):
        return
    for result in stop_at_unknown(_judged(resource, services)):
        undecided = result.verdict == "unknown"
        yield replace(result, at_most=_of_unknown(resource, services)) if undecided else result


def _judged(resource: Resource, services: Services) -> Iterator[Result]:
    row = services.of(services.counted(kinds(resource)))
    at_most = _at_most(resource)
    if row is None:
        namespace = resource.type.rpartition("::")[0] or resource.type
        yield Result("violation", "", f"{namespace} is on no list of services.", at_most=at_most)
    elif row.status is Status.NOT_APPROVED:
        yield Result("violation", "", f"{row.service} is not approved{row.says}.")
    elif row.status is Status.NONE:
        yield Result("violation", "", f"{row.service} has no status{row.says}.", at_most=at_most)
    elif row.status is Status.NOT_REVIEWED:
        verb = "counts as" if row.quote else "is"
        yield Result("violation", "", f"{row.service} {verb} not reviewed{row.says}.", at_most=at_most)
    elif row.partitions and resource.stack.partition not in row.partitions:
        message = f"{row.service} is approved {row.limits}{row.says}."
        if resource.stack.partition is None:
            way_out = "The region of the stack is not known: state it in the stack's env."
            yield Result("unknown", "", f"{message} {way_out}")
        else:
            yield Result("violation", "", message, at_most=at_most)


def _at_most(resource: Resource) -> Level | None:
    """Return the maximum level: a service without a decision warns, unless the settings say otherwise."""
    return None if resource.stack.assembly.settings.services.unknown == "block" else "warn"


def _of_unknown(resource: Resource, services: Services) -> Level | None:
    """Return the level for an undecided service: that of its strictest possible answer."""
    rows = [services.of(kind) for kind in kinds_of(resource.type)]
    refused = any(row and row.status is Status.NOT_APPROVED for row in rows)
    return None if refused else _at_most(resource)


RULE = Rule(
    id="TTS-SVC-001",
    title="Only approved services may be used",
    why=(
        "GSA IT reviews what a service does with the public's information before you may put information "
        "there. A service that isn't on a list, or is listed as not reviewed, may not have had this review."
    ),
    source=(
        'TTS handbook, AWS, "Approved services for production use": "Not all AWS services are approved '
        'by GSA IT for production use."'
    ),
    section="Approved services for production use",
    fix=(
        "Use an approved service: `tts services` lists them. If GSA has approved more services since, "
        "export GSA's list as CSV and name the file in tts.toml: [services] approved = '<file>'."
    ),
    decides=(
        "The namespace of each resource type has one status. It comes from the first of these that has one: "
        "the team's list; the handbook; GSA's published reviews, if they approve or refuse; the baseline of "
        "this library, which isn't GSA's; GSA's 'not reviewed' or empty status. A text that says both "
        "'approved' and 'not reviewed', as GSA's does for EKS, counts as not reviewed. An approval for East "
        "and West only applies to the commercial regions. Only 'not approved' blocks. 'Not reviewed', an "
        "empty status, and a service on no list warn, unless the settings say [services] unknown = 'block'. "
        "`tts services` shows each status and what it overrides."
    ),
    controls=("SA-4", "SA-9", "CM-7(5)"),
    force="M",
    production="block",
    sandbox="warn",
    checks={"*": _is_approved},
)
