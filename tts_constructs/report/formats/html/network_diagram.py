"""Draws a network: layers of boxes, with incoming traffic at the top and outside targets at the bottom.

Lengths are in the units of the picture's own coordinates, which start at its upper left corner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, takewhile

from tts_constructs.report.formats.html.network_flows import OUTSIDE
from tts_constructs.report.formats.html.network_topology import (
    IN_NO_SUBNET,
    TIERS,
    Flow,
    Member,
    Network,
    Subnet,
)

MOST_MEMBERS = 40
"""Members that a picture can show; more are for the table alone."""

WIDTH = 800
_MARGIN = 16
_LEFT = 40
_BOX_WIDTH, _BOX_HEIGHT = 192, 62
_COLUMNS, _COLUMN_GAP = 3, 24
_ROW_GAP = 58
_BAND_HEAD = 62
_GUTTER = _LEFT + _COLUMNS * (_BOX_WIDTH + _COLUMN_GAP)
_LANE, _LANES = 9, 12
_LETTER = 6.8  # of DejaVu Sans, the widest of the fonts that systems choose
_CORNER = 6
_MOST_LETTERS = 20
_MOST_CHIPS = 6

_FROM, _TO = "from ", "to "
_OUTSIDE_WORDS = {_FROM: "may open connections", _TO: "may be talked to"}
"""The outside is drawn twice: as the source of connections, and as their target."""


@dataclass(frozen=True)
class Box:
    """A part of the network, or what is outside of it. `lines` are cut to fit, `title` is not."""

    x: float
    y: float
    kind: str
    lines: tuple[str, ...]
    title: str
    width: int = _BOX_WIDTH
    height: int = _BOX_HEIGHT


@dataclass(frozen=True)
class Chip:
    """A subnet, in the row of its zone."""

    x: float
    y: float
    width: float
    label: str


@dataclass(frozen=True)
class Band:
    """A tier of the network, with its subnets."""

    y: float
    height: float
    label: str
    chips: tuple[Chip, ...]


@dataclass(frozen=True)
class Line:
    """A flow: an SVG path with an arrow at its end, and the ports beside its start, cut to the room there.

    Args:
        path: In the form of SVG.
        title: The ports in full.
        label: The ports as they are written beside the line; empty: the line to the left says the same.
    """

    path: str
    title: str
    label: str
    label_x: float
    label_y: float


@dataclass
class Picture:
    """The shapes to draw. `vpc` is the upper and lower edge of the VPC's frame; None: there is no VPC."""

    height: float = 0
    vpc: tuple[float, float] | None = None
    bands: list[Band] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    left: float = _MARGIN
    width: int = WIDTH


def picture_of(network: Network) -> Picture | None:
    """Draws a network; None: it is empty, or holds more than a picture can show."""
    if not network.subnets and not network.members:
        return None
    return _Drawing(network).picture if len(network.members) <= MOST_MEMBERS else None


class _Drawing:
    """Lays out the layers from top to bottom, then the flows between them."""

    def __init__(self, network: Network) -> None:
        self.picture = Picture()
        self._network = network
        self._y: float = _MARGIN
        self._row = 0
        self._placed: dict[str, tuple[Box, int]] = {}  # with the number of its row
        known = {member.key for member in network.members} | set(OUTSIDE)
        self._flows = [flow for flow in network.flows if {flow.source, flow.target} <= known]
        self._lay_out()
        self._draw_flows()

    def _lay_out(self) -> None:
        tiers = {tier: [m for m in self._network.members if m.tier == tier] for tier in TIERS}
        self._outside(_FROM, [flow.source for flow in self._flows])
        top = self._y
        for tier in TIERS[:-1]:
            subnets = [subnet for subnet in self._network.subnets if subnet.tier == tier]
            if subnets or tiers[tier]:
                self._band(tier, subnets, tiers[tier])
        if self._network.vpc:
            self.picture.vpc = (top, self._y - top)
            self._y += _ROW_GAP / 2
        self._outside(_TO, [flow.target for flow in self._flows])
        if tiers[IN_NO_SUBNET]:
            self._band(IN_NO_SUBNET, [], tiers[IN_NO_SUBNET])
        self.picture.height = self._y + _MARGIN

    def _outside(self, direction: str, ends: Sequence[str]) -> None:
        outside = [name for name in OUTSIDE if name in ends]
        if outside:
            boxes = {
                direction + name: ("outside", (name, _OUTSIDE_WORDS[direction]), name) for name in outside
            }
            self._rows(boxes)
            self._y += _ROW_GAP - _COLUMN_GAP

    def _band(self, tier: str, subnets: Sequence[Subnet], members: Sequence[Member]) -> None:
        top = self._y
        if self._network.vpc and tier != IN_NO_SUBNET:
            top += _COLUMN_GAP
        chips = tuple(_chips(subnets, top + 28))
        self._y = top + (_BAND_HEAD if chips else _BAND_HEAD / 2) + _COLUMN_GAP / 2
        for layer in _layers(members, self._flows):
            self._rows({member.key: _box_of(member) for member in layer})
            leaving = {member.key for member in layer} & {flow.source for flow in self._flows}
            self._y += _ROW_GAP - _COLUMN_GAP if leaving else 0
        self.picture.bands.append(Band(top, self._y - top, tier, chips))
        self._y += _COLUMN_GAP

    def _rows(self, boxes: Mapping[str, tuple[str, tuple[str, ...], str]]) -> None:
        keys = list(boxes)
        for start in range(0, len(keys), _COLUMNS):
            row = keys[start : start + _COLUMNS]
            if start:
                self._y += _ROW_GAP - _COLUMN_GAP
            left = _LEFT + (_COLUMNS - len(row)) * (_BOX_WIDTH + _COLUMN_GAP) / 2
            for column, key in enumerate(row):
                kind, lines, title = boxes[key]
                box = Box(left + column * (_BOX_WIDTH + _COLUMN_GAP), self._y, kind, _cut(lines), title)
                self.picture.boxes.append(box)
                self._placed[key] = box, self._row
            self._row += 1
            self._y += _BOX_HEIGHT + _COLUMN_GAP

    def _draw_flows(self) -> None:
        ends = [(self._from(flow), self._to(flow), flow) for flow in self._flows]
        leaving, arriving = defaultdict(list), defaultdict(list)
        for source, target, flow in ends:
            leaving[source].append(flow)
            arriving[target].append(flow)
        lanes = count()
        for source, target, flow in ends:
            start, end = self._placed[source], self._placed[target]
            from_x = _touch(start[0], leaving[source].index(flow), len(leaving[source]))
            to_x = _touch(end[0], arriving[target].index(flow), len(arriving[target]))
            from_y, to_y = start[0].y + _BOX_HEIGHT, end[0].y
            if end[1] == start[1] + 1:
                middle = (from_y + to_y) / 2
                path = f"M{from_x} {from_y}C{from_x} {middle} {to_x} {middle} {to_x} {to_y}"
            else:
                path = _around((from_x, from_y), (to_x, to_y), next(lanes))
            label = _label(flow, leaving[source])
            self.picture.lines.append(Line(path, ", ".join(flow.ports), label, from_x + 5, from_y + 13))

    def _from(self, flow: Flow) -> str:
        return _FROM + flow.source if flow.source in OUTSIDE else flow.source

    def _to(self, flow: Flow) -> str:
        return _TO + flow.target if flow.target in OUTSIDE else flow.target


def _box_of(member: Member) -> tuple[str, tuple[str, ...], str]:
    groups = ", ".join(member.groups)
    title = f"{member.kind} {member.name}" + (f", security groups: {groups}" if groups else "")
    kind = "store" if member.is_store else "member"
    return kind, (member.kind, member.name, groups), title


def _cut(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line if len(line) <= _MOST_LETTERS else f"…{line[1 - _MOST_LETTERS :]}" for line in lines)


def _layers(members: Sequence[Member], flows: Sequence[Flow]) -> list[list[Member]]:
    """Sorts the members of a tier so that each is below those that connect to it."""
    keys = {member.key for member in members}
    inside = [flow for flow in flows if {flow.source, flow.target} <= keys and flow.source != flow.target]
    depth = dict.fromkeys(keys, 0)
    for _ in members:  # enough for the longest chain; members that talk in a circle end somewhere
        for flow in inside:
            depth[flow.target] = min(max(depth[flow.target], depth[flow.source] + 1), len(members) - 1)
    layers: dict[int, list[Member]] = defaultdict(list)
    for member in members:
        layers[depth[member.key]].append(member)
    return [layers[level] for level in sorted(layers)]


def _chips(subnets: Sequence[Subnet], y: float) -> Iterator[Chip]:
    if subnets:
        room = _COLUMNS * (_BOX_WIDTH + _COLUMN_GAP) - _COLUMN_GAP
        labels = [f"{subnet.zone} · {subnet.name}" for subnet in subnets]
        if len(labels) > _MOST_CHIPS:
            labels[_MOST_CHIPS - 1 :] = [f"and {len(labels) - _MOST_CHIPS + 1} more"]
        width = (room - 8 * (len(labels) - 1)) / len(labels)
        for position, label in enumerate(labels):
            yield Chip(_LEFT + position * (width + 8), y, width, _cut_end(label, width - 16))


def _cut_end(text: str, room: float) -> str:
    letters = int(room / _LETTER)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _label(flow: Flow, leaving: list[Flow]) -> str:
    """Labels a flow with its ports, cut to the room beside its line; adjacent lines share a label."""
    position = leaving.index(flow)
    if position and leaving[position - 1].ports == flow.ports:
        return ""
    alike = len(list(takewhile(lambda other: other.ports == flow.ports, leaving[position:])))
    is_last = position + alike == len(leaving)
    room = _BOX_WIDTH if is_last else _BOX_WIDTH * alike / (len(leaving) + 1)
    return _cut_end(", ".join(flow.ports), room)


def _touch(box: Box, position: int, lines: int) -> float:
    """Finds the x at which a line touches a box, by its position among the lines of that box."""
    return round(box.x + _BOX_WIDTH * (position + 1) / (lines + 1), 1)


def _around(start: tuple[float, float], end: tuple[float, float], lane: int) -> str:
    """Draws a path between rows and beside all boxes, in one of the lanes that are kept free there."""
    (from_x, from_y), (to_x, to_y) = start, end
    beside = _GUTTER + _LANE * (lane % _LANES)
    leave, arrive = from_y + 22 + lane % 3 * 4, to_y - 20 + lane % 3 * 4
    return _polyline([start, (from_x, leave), (beside, leave), (beside, arrive), (to_x, arrive), end])


def _polyline(points: Sequence[tuple[float, float]]) -> str:
    """Draws a path through points, with round corners."""
    path = f"M{points[0][0]} {points[0][1]}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(corner, before), _towards(corner, after)
        path += f"L{near[0]} {near[1]}Q{corner[0]} {corner[1]} {far[0]} {far[1]}"
    return path + f"L{points[-1][0]} {points[-1][1]}"


def _towards(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Finds the point where the rounding of a corner ends, on the way to another point."""
    (x, y), (to_x, to_y) = corner, other
    length = abs(to_x - x) + abs(to_y - y)
    part = min(_CORNER, length / 2) / length if length else 0
    return round(x + (to_x - x) * part, 1), round(y + (to_y - y) * part, 1)
