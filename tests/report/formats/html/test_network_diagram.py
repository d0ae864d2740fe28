"""The picture of a network: all of it is there, and nothing lies on top of another thing."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tts_constructs.report.formats.html.network_diagram import MOST_MEMBERS, WIDTH, Picture, picture_of
from tts_constructs.report.formats.html.network_flows import INTERNET, OUTSIDE
from tts_constructs.report.formats.html.network_topology import (
    PRIVATE,
    PUBLIC,
    TIERS,
    Flow,
    Member,
    Network,
    Subnet,
)


def member(name: str, tier: str = PRIVATE) -> Member:
    return Member(name, name, "Lambda function", is_store=False, tier=tier, groups=(f"{name}Group",))


def network(
    *members: Member, flows: tuple[Flow, ...] = (), subnets: tuple[Subnet, ...] = (), vpc: str | None = "Vpc"
) -> Network:
    return Network("App", "forms", "production", "us-east-1", vpc, (), subnets, members, (), flows)


def drawn(*members: Member, flows: tuple[Flow, ...] = (), subnets: tuple[Subnet, ...] = ()) -> Picture:
    picture = picture_of(network(*members, flows=flows, subnets=subnets))
    assert picture
    return picture


def top_of(picture: Picture, name: str) -> float:
    (found,) = (box.y for box in picture.boxes if name in box.lines)
    return found


def test_who_is_talked_to_stands_below_who_talks() -> None:
    flows = (Flow("Api", "Store", ("tcp 5432",)), Flow("Web", "Api", ("tcp 443",)))
    picture = drawn(member("Api"), member("Store"), member("Web"), flows=flows)
    assert top_of(picture, "Web") < top_of(picture, "Api") < top_of(picture, "Store")


def test_public_subnets_stand_above_private_ones() -> None:
    picture = drawn(member("Api"), member("Web", PUBLIC))
    assert top_of(picture, "Web") < top_of(picture, "Api")
    assert [band.label for band in picture.bands] == [PUBLIC, PRIVATE]


def test_what_is_outside_stands_above_where_it_calls_and_below_where_it_is_called() -> None:
    flows = (Flow(INTERNET, "Web", ("tcp 443",)), Flow("Web", INTERNET, ("tcp 443",)))
    picture = drawn(member("Web"), flows=flows)
    tops = sorted(box.y for box in picture.boxes if box.kind == "outside")
    assert tops[0] < top_of(picture, "Web") < tops[1]


def test_lines_side_by_side_say_the_same_ports_once() -> None:
    flows = tuple(Flow("Web", name, ("tcp 443",)) for name in ("A", "B"))
    picture = drawn(member("Web"), member("A"), member("B"), flows=flows)
    assert [line.label for line in picture.lines] == ["tcp 443", ""]
    assert {line.title for line in picture.lines} == {"tcp 443"}


def test_ports_are_cut_where_the_next_line_starts() -> None:
    flows = (Flow("Web", "A", ("tcp 8000 to 8100",)), Flow("Web", "B", ("tcp 443",)))
    labels = [line.label for line in drawn(member("Web"), member("A"), member("B"), flows=flows).lines]
    assert labels == ["tcp 8000…", "tcp 443"]


def test_subnets_that_find_no_room_are_counted() -> None:
    subnets = tuple(Subnet(f"S{number}", "us-east-1a", PRIVATE) for number in range(9))
    chips = drawn(subnets=subnets).bands[0].chips
    assert len(chips) == 6
    assert chips[-1].label == "and 4 more"


def test_a_network_without_parts_has_no_picture() -> None:
    assert picture_of(network()) is None


def test_a_network_with_too_many_parts_has_no_picture() -> None:
    members = [member(f"M{number}") for number in range(MOST_MEMBERS + 1)]
    assert picture_of(network(*members[:-1])) is not None
    assert picture_of(network(*members)) is None


NAMES = [f"M{number}" for number in range(8)]
FLOWS = st.lists(
    st.builds(
        Flow,
        st.sampled_from([*NAMES, *OUTSIDE, "another network"]),
        st.sampled_from([*NAMES, *OUTSIDE]),
        st.just(("tcp 443",)),
    ),
    max_size=20,
    unique_by=lambda flow: (flow.source, flow.target),
)


@given(st.lists(st.sampled_from(TIERS), min_size=8, max_size=8), FLOWS, st.sampled_from(["Vpc", None]))
def test_all_of_a_network_is_drawn_and_no_box_lies_on_another(
    tiers: list[str], flows: list[Flow], vpc: str | None
) -> None:
    members = [member(name, tier) for name, tier in zip(NAMES, tiers, strict=True)]
    picture = picture_of(network(*members, flows=tuple(flows), vpc=vpc))
    assert picture
    assert {line for box in picture.boxes for line in box.lines} >= set(NAMES)
    assert len(picture.lines) == sum(flow.source != "another network" for flow in flows)
    for box in picture.boxes:
        assert 0 <= box.x <= WIDTH - box.width
        assert 0 <= box.y <= picture.height - box.height
    for one, other in combinations(picture.boxes, 2):
        assert abs(one.x - other.x) >= one.width or abs(one.y - other.y) >= one.height
