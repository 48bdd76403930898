"""The plan at an instant: one state for each space, and when it ends."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from booking.core.intervals import Interval
from booking.core.plan import Spot, SpotState, guests, plan_at
from booking.core.values import (
    ClosureView,
    LeaseView,
    OccurrenceView,
    Space,
    SpaceKind,
    State,
    Visibility,
)

ROOM = Space(1, 1, SpaceKind.MEETING_ROOM, "Atlas", part_ids=(1,))
OTHER = Space(2, 1, SpaceKind.MEETING_ROOM, "Birch", part_ids=(2,))
BOTH = Space(3, 1, SpaceKind.MEETING_ROOM, "Atlas and Birch", part_ids=(1, 2))
SPACES = {each.id: each for each in (ROOM, OTHER, BOTH)}
LEASE = LeaseView(
    id=1,
    site_id=1,
    space_id=1,
    space_name="Atlas",
    organisation_id=1,
    organisation_name="Cercle",
    starts=date(2027, 1, 1),
    ends=date(2027, 12, 31),
    share=1,
    shares=1,
    weekdays=frozenset(),
    area_m2=Decimal(30),
    rent_m2=Decimal(10),
    includes=frozenset(),
    rooms=None,
    months_notice=3,
    documents=(),
    note="",
    follows_id=None,
    version=1,
)


def hour(at: float) -> datetime:
    return datetime(2027, 3, 11, tzinfo=UTC) + timedelta(hours=at)


def booked(start: float, end: float, space: Space = ROOM, **more: Any) -> OccurrenceView:
    booked.number += 1  # type: ignore[attr-defined]
    values: dict[str, Any] = {
        "state": State.CONFIRMED,
        "title": "Choir",
        "category": "meeting",
        "organisation_name": "",
        **more,
    }
    return OccurrenceView(
        allocation_id=booked.number,  # type: ignore[attr-defined]
        occurrence_id=booked.number,  # type: ignore[attr-defined]
        booking_id=booked.number,  # type: ignore[attr-defined]
        site_id=1,
        space_id=space.id,
        interval=Interval(hour(start), hour(end)),
        visibility=Visibility.MEMBERS,
        organiser_id=None,
        organiser_name="",
        created_by_id=None,
        organisation_id=None,
        recurrence_id=hour(start).replace(tzinfo=None),
        **values,
    )


booked.number = 0  # type: ignore[attr-defined]


def closed(start: float, end: float, space_id: int | None = None) -> ClosureView:
    return ClosureView(1, 1, space_id, Interval(hour(start), hour(end)), "Works")


def spots(
    views: Iterable[OccurrenceView] = (),
    closures: Iterable[ClosureView] = (),
    leases: Iterable[LeaseView] = (),
    at: float = 10,
) -> dict[int, Spot]:
    return plan_at(SPACES, views, closures, leases, at=hour(at))


def test_a_state_for_each_moment_of_a_day() -> None:
    views = [
        booked(9, 10),
        booked(10, 12, category="permanence", organisation_name="Fourmi"),
        booked(13, 14, setup=timedelta(minutes=30), cleanup=timedelta(minutes=15)),
    ]
    closures = [closed(18, 20, ROOM.id)]
    found = {
        at: (spots(views, closures, at=at)[1].state, spots(views, closures, at=at)[1].until)
        for at in (8, 9, 10, 12, 12.5, 14, 14.25, 18, 20)
    }
    assert found == {
        8: (SpotState.FREE, hour(9)),
        9: (SpotState.IN_USE, hour(10)),
        10: (SpotState.PRESENT, hour(12)),
        12: (SpotState.FREE, hour(12.5)),  # the chairs are put up before 13:00
        12.5: (SpotState.IN_USE, hour(14.25)),
        14: (SpotState.IN_USE, hour(14.25)),
        14.25: (SpotState.FREE, hour(18)),
        18: (SpotState.CLOSED, hour(20)),
        20: (SpotState.FREE, None),
    }


def test_what_runs_in_a_let_space_comes_before_the_lease() -> None:
    at_ten = spots([booked(11, 12)], leases=[LEASE])[1]
    assert (at_ten.state, at_ten.until, at_ten.leases) == (SpotState.LET, hour(11), (LEASE,))
    at_eleven = spots([booked(11, 12)], leases=[LEASE], at=11)[1]
    assert (at_eleven.state, at_eleven.leases) == (SpotState.IN_USE, (LEASE,))


@pytest.mark.parametrize(
    ("space", "taken"), [(ROOM, {1, 3}), (OTHER, {2, 3}), (BOTH, {1, 2, 3})], ids=str
)
def test_combined_spaces_and_their_parts_take_each_other(space: Space, taken: set[int]) -> None:
    found = spots([booked(9, 11, space)])
    assert {key for key, each in found.items() if each.state is SpotState.IN_USE} == taken


def test_a_booking_of_both_parts_is_told_once_in_the_whole() -> None:
    view = booked(9, 11, BOTH)
    assert spots([view])[3].running == (view,)


def test_a_lease_of_the_whole_lets_its_parts() -> None:
    found = spots(leases=[replace(LEASE, space_id=BOTH.id)])
    assert {each.state for each in found.values()} == {SpotState.LET}
    of_a_part = spots(leases=[LEASE])
    assert {key for key, each in of_a_part.items() if each.leases} == {ROOM.id, BOTH.id}


def test_requests_take_nothing_and_are_coming() -> None:
    asked, sure = booked(9, 11, state=State.REQUESTED), booked(15, 16)
    spot = spots([asked, sure])[1]
    assert (spot.state, spot.until, spot.running) == (SpotState.FREE, hour(15), ())
    assert spot.coming == (asked, sure)
    assert spot.next == sure


def test_the_whole_house_is_closed() -> None:
    found = spots([booked(9, 11)], [closed(0, 24)])
    assert {each.state for each in found.values()} == {SpotState.CLOSED}


def test_a_closed_part_closes_what_is_combined_of_it() -> None:
    found = spots(closures=[closed(8, 12, ROOM.id)])
    assert [found[key].state for key in (1, 2, 3)] == [
        SpotState.CLOSED,
        SpotState.FREE,
        SpotState.CLOSED,
    ]


def test_guests_are_named_once_by_name_with_all_their_places() -> None:
    views = [
        booked(9, 11, organisation_name="École"),
        booked(10, 12, OTHER, organisation_name="Aubépine", category="permanence"),
        booked(14, 15, organisation_name="Aubépine"),
        booked(16, 17, organisation_name="Zèbre", state=State.REQUESTED),
        booked(18, 19),
    ]
    found = guests(views, [LEASE, replace(LEASE, id=2, space_id=2, organisation_name="Aubépine")])
    assert [
        (guest.organisation, [(each.space_id, each.is_presence) for each in guest.places])
        for guest in found
    ] == [
        ("Aubépine", [(2, False), (2, True), (1, False)]),
        ("Cercle", [(1, False)]),
        ("École", [(1, False)]),
    ]
    assert found[0].places[0].interval is None
