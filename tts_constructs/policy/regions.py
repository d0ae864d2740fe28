"""Regions of AWS and the zones in them, as texts name them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tts_constructs.policy.baseline import REGIONS

_NAME = (
    r"(?:eusc-de|eu-isoe|us-gov|us-iso[a-z]?|af|ap|ca|cn|eu|il|me|mx|sa|us)"
    r"-(?:central|(?:north|south)(?:east|west)?|east|west)-[1-9][0-9]?"
)
_NAMED = re.compile(rf"(?<![a-z0-9])({_NAME})(?![0-9])")
_PLACE = re.compile(rf"({_NAME})(?:[a-z]|-(?:wl[0-9]-)?([a-z]+)(?:-wlz)?-[0-9][a-z])?")
"""A region, a zone of it, or a Local or Wavelength Zone, which names its city."""

_ZONE_ID = re.compile(r"([a-z]+[0-9])-(?:(?:wl[0-9]-)?([a-z]+)[0-9]-)?(?:az|wlz)[0-9]+")
_BY_ZONE_ID = {
    "use1": "us-east-1",
    "use2": "us-east-2",
    "usw1": "us-west-1",
    "usw2": "us-west-2",
    "usge1": "us-gov-east-1",
    "usgw1": "us-gov-west-1",
}
_CITIES_ABROAD = frozenset({"bue", "lim", "qro", "scl"})
"""Buenos Aires, Lima, Querétaro and Santiago: their Local Zones belong to us-east-1."""


def lies_in_the_us(place: str) -> bool:
    """Whether a region, a zone or the id of a zone is in the United States, in one of the `REGIONS`."""
    match = _PLACE.fullmatch(place)
    region = match[1] if match else None
    if match is None and (match := _ZONE_ID.fullmatch(place)):
        region = _BY_ZONE_ID.get(match[1])
    return match is not None and region in REGIONS and match[2] not in _CITIES_ABROAD


def begins_in_the_us(text: str) -> bool:
    """Whether a text begins with one of the `REGIONS`, so that a zone that it goes on to name is there."""
    match = _NAMED.match(text)
    return match is not None and match[1] in REGIONS


def regions_abroad(text: str) -> Iterator[str]:
    """The regions outside of the `REGIONS` that a text names anywhere, such as in an ARN."""
    return (match[1] for match in _NAMED.finditer(text) if match[1] not in REGIONS)
