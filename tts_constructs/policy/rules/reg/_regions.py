"""Regions of AWS and their zones, as texts name them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tts_constructs.standards import REGIONS

_AREA = r"(?:eusc-de|eu-isoe|us-gov|us-iso[a-z]?|af|ap|ca|cn|eu|il|me|mx|sa|us)"
_SIDE = r"-(?:central|(?:north|south)(?:east|west)?|east|west)-"
_POINT = rf"{_SIDE}[1-9][0-9]?"
"""The end of a region's name, which is found in a long text much faster than the whole name."""

_WORDS = ("central", "east", "north", "south", "west")
_OWN = re.compile(rf"(?:{'|'.join(REGIONS)})(?![0-9])")

NOT_KNOWN = "\0"
"""Marks a part of a text that is not known."""

_BESIDE_NOT_KNOWN = re.compile(
    rf"(?<![a-z0-9-]){NOT_KNOWN}{_POINT}(?![0-9])"
    rf"|(?<![a-z0-9])(?!us-(?:gov-)?(?:east|west)-){_AREA}{_SIDE}{NOT_KNOWN}"
)

_AREA_BEFORE = re.compile(rf"(?<![a-z0-9]){_AREA}\Z")
_POINT_ANYWHERE = re.compile(rf"{_POINT}(?![0-9])")
_LONGEST_AREA = 8

_PLACE = re.compile(rf"({_AREA}{_POINT})(?:[a-z]|-(?:wl[0-9]-)?([a-z]+)-(?:[0-9][a-z]|wlz-[0-9]))?")
"""A region, one of its zones, or a Local or Wavelength Zone, whose name includes its city."""

_ZONE_ID = re.compile(r"([a-z]+[0-9])-(?:(?:wl[0-9]-)?([a-z]+)[0-9]?-)?(?:az|wlz)[0-9]+")
_BY_ZONE_ID = {
    "use1": "us-east-1",
    "use2": "us-east-2",
    "usw1": "us-west-1",
    "usw2": "us-west-2",
    "usge1": "us-gov-east-1",
    "usgw1": "us-gov-west-1",
}
_CITIES_ABROAD = frozenset({"bue", "lim", "qro", "scl"})
"""Buenos Aires, Lima, Querétaro, and Santiago: their Local Zones belong to us-east-1."""


def lies_in_the_us(place: str) -> bool:
    """Return whether a region, a zone, or a zone's id is in the United States, in one of the `REGIONS`."""
    match = _PLACE.fullmatch(place)
    region = match[1] if match else None
    if match is None and (match := _ZONE_ID.fullmatch(place)):
        region = _BY_ZONE_ID.get(match[1])
    return match is not None and region in REGIONS and match[2] not in _CITIES_ABROAD


def begins_in_the_us(text: str) -> bool:
    """Return whether a text begins with one of the `REGIONS`, so that a zone name after it is there."""
    return text.startswith(REGIONS)


def may_name_abroad(text: str) -> bool:
    """Return whether a text names a region outside of the `REGIONS`, or has a word that such names use."""
    rest = _OWN.sub("", text)
    return any(
        not rest[match.start() - 1 : match.start()].isalpha()
        for word in _WORDS
        if word in rest  # much faster than the search for most texts, which have none
        for match in re.finditer(word, rest)
    )


def regions_abroad(text: str) -> Iterator[str]:
    """Yield the regions outside of the `REGIONS` that a text names anywhere, such as in an ARN."""
    for point in _POINT_ANYWHERE.finditer(text):
        start = point.start()
        area = _AREA_BEFORE.search(text, max(0, start - _LONGEST_AREA), start)
        if area and (region := area[0] + point[0]) not in REGIONS:
            yield region


_PROVIDERS = (
    "ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshot|nvidia|openai|qwen|"
    "stability|twelvelabs|writer|zai"
)
_ABROAD = "af|apac|ap|au|ca|cn|eu|global|il|in|jp|kr|me|mx|sa|uk"
_MODEL_NAME = rf"\.(?:{_PROVIDERS})\.[a-z0-9]+-[a-z0-9]"
_MODEL = re.compile(rf"(?<![A-Za-z0-9.-])(?:{_ABROAD}){_MODEL_NAME}[a-z0-9.:-]*")
_MODEL_NOT_KNOWN = re.compile(rf"{NOT_KNOWN}{_MODEL_NAME}")
_NAMES = _PROVIDERS.split("|")


def may_name_a_model(text: str) -> bool:
    """Return whether a text has the name of a provider of models."""
    return any(
        not text[match.start() - 1 : match.start()].isalnum()
        for name in _NAMES
        if name in text  # much faster than the search for most texts, which have none
        for match in re.finditer(f"{name}(?![A-Za-z0-9])", text)
    )


def models_abroad(text: str) -> Iterator[str]:
    """Yield inference profiles that a text names whose requests may leave the United States.

    Such as `eu.anthropic.claude-…` and `global.anthropic.claude-…` (Amazon Bedrock, "Geographic and global
    cross-Region inference"); `us.` and `us-gov.` stay.
    """
    return (match[0] for match in _MODEL.finditer(text))


def may_become_a_model_abroad(text: str) -> bool:
    """Return whether a `NOT_KNOWN` part is where the scope of a model would be."""
    return _MODEL_NOT_KNOWN.search(text) is not None


def may_become_a_region_abroad(text: str) -> bool:
    """Return whether a `NOT_KNOWN` part is where the beginning or the end of a region would be."""
    return _BESIDE_NOT_KNOWN.search(text) is not None


_PROSE = re.compile(
    r"(?:[Dd]escription|[Cc]omments?|[Dd]isplayName|[Dd]ocumentation|[Ll]abel|markdown|Sid|[Tt]itle"
    r"|[Mm]essage|[Ss]ubject)\Z"
)
_TAGS = re.compile(r"(?:Tags|TagSpecifications|TagsMap)\Z")
_PLACES = re.compile(r"(?:Domain|DNS|Dns|DomainName|Endpoint|Host|Region|Server|Service|Zone)Name\Z")


def is_prose(key: object) -> bool:
    """Return whether what a key holds is for people to read, such as a description or tags."""
    return isinstance(key, str) and (_PROSE.search(key) or _TAGS.search(key)) is not None


def is_name(key: object, text: str) -> bool:
    """Return whether a text is the name that a resource gives to something, and no address or place."""
    if not (isinstance(key, str) and key.endswith("Name")) or _PLACES.search(key):
        return False
    return ":" not in text and "amazonaws" not in text and _PLACE.fullmatch(text) is None
