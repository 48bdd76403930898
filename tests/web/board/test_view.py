"""From occurrences and closures to lanes, blocks and free times."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.intervals import Interval
from booking.core.values import (
    Actor,
    Category,
    ClosureView,
    Door,
    Grant,
    Hours,
    OccurrenceView,
    Policy,
    Role,
    Site,
    SitePolicy,
    Space,
    SpaceKind,
    Stance,
    State,
    Visibility,
)
from booking.web.board.layout import House
from booking.web.board.values import Board, Lane, Status
from booking.web.board.view import build_board, related_spaces

PARIS = ZoneInfo("Europe/Paris")
SITE = Site(1, "house", "The House", "Europe/Paris", time(8), time(20))
THURSDAY = date(2027, 3, 11)
WEEK = [date(2027, 3, 8) + timedelta(days=n) for n in range(7)]
ATLAS = Space(1, 1, SpaceKind.MEETING_ROOM, "Atlas", part_ids=(1,))
BIRCH = Space(2, 1, SpaceKind.MEETING_ROOM, "Birch", part_ids=(2,), requests_hold=False)
BOTH = Space(3, 1, SpaceKind.MEETING_ROOM, "Both", part_ids=(1, 2))
STORE = Space(4, 1, SpaceKind.STORAGE, "Store", part_ids=(4,), lanes=2)
ME = Actor(7, "Me", Door.WEB, organisations=frozenset({5}))
NOON = datetime(2027, 3, 11, 11, 7, tzinfo=UTC)  # 12:07 in Paris
LONG_AGO = datetime(2027, 1, 1, tzinfo=UTC)


def local(hour: float, day: date = THURSDAY) -> datetime:
    at = datetime.combine(day, time()) + timedelta(hours=hour)
    return at.replace(tzinfo=PARIS).astimezone(UTC)


def occurrence(start: float, end: float, *, day: date = THURSDAY, **more) -> OccurrenceView:
    values = {
        "allocation_id": 1,
        "occurrence_id": 1,
        "booking_id": 1,
        "site_id": 1,
        "space_id": 1,
        "interval": Interval(local(start, day), local(end, day)),
        "state": State.CONFIRMED,
        "title": "Choir",
        "category": Category.MEETING,
        "visibility": Visibility.MEMBERS,
        "organiser_id": 99,
        "organiser_name": "Ada",
        "created_by_id": 99,
        "organisation_id": 6,
        "organisation_name": "Theirs",
        "recurrence_id": datetime.combine(day, time()),
    }
    return OccurrenceView(**{**values, **more})


def draw(
    *occurrences: OccurrenceView,
    spaces=(ATLAS,),
    days=(THURSDAY,),
    closures=(),
    now=LONG_AGO,
    actor=ME,
    site=SITE,
    everything=(ATLAS, BIRCH, BOTH, STORE),
    holidays=None,
) -> Board:
    house = House(site, PARIS, actor, now, related_spaces(spaces, everything), holidays or {})
    return build_board(house, list(spaces), list(days), occurrences, closures)


def only_lane(board: Board) -> Lane:
    return board.columns[0].lanes[0]


def free(lane: Lane) -> list[str]:
    return [slot.start for slot in lane.slots]


# --- shape and hours


@pytest.mark.parametrize(
    ("spaces", "days", "shape", "columns", "lanes"),
    [
        pytest.param([ATLAS, BIRCH], [THURSDAY], "day", 2, 1, id="day"),
        pytest.param([ATLAS, BIRCH], WEEK, "week", 7, 2, id="week"),
        pytest.param([ATLAS], WEEK, "room", 7, 1, id="week-of-a-room"),
    ],
)
def test_shape_of_the_board(spaces, days, shape, columns, lanes):
    board = draw(spaces=spaces, days=days)
    assert (board.shape, len(board.columns)) == (shape, columns)
    assert {len(column.lanes) for column in board.columns} == {lanes}
    assert (board.first, board.last, board.rows) == (8, 20, 48)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(9, 10, (8, 20), id="within"),
        pytest.param(6.75, 9, (6, 20), id="before"),
        pytest.param(19, 21.25, (8, 22), id="after"),
        pytest.param(22, 26, (8, 23), id="night-grows-by-its-first-hour"),
        pytest.param(-26, 50, (8, 20), id="through-the-day"),
        pytest.param(-2, 2, (1, 20), id="night-before"),
    ],
)
def test_visible_hours_grow_with_what_lies_outside(start, end, expected):
    board = draw(occurrence(start, end))
    assert (board.first, board.last) == expected


def test_a_house_that_closes_at_midnight_has_24_as_its_last_hour():
    late = Site(1, "house", "The House", "Europe/Paris", time(18), time(0))
    board = draw(site=late)
    assert (board.first, board.last) == (18, 24)
    assert only_lane(board).slots[-1].start == "23:30"


# --- bookings


def test_a_block_lies_where_its_time_is():
    block = only_lane(draw(occurrence(10.5, 12))).blocks[0]
    assert block.css == "bk at-10 for-6"
    assert (block.start, block.end, block.who) == ("10:30", "12:00", "Theirs")


def test_a_block_keeps_its_wall_clock_on_the_day_the_clocks_change():
    sunday = date(2027, 3, 28)
    block = only_lane(draw(occurrence(10, 11, day=sunday), days=[sunday])).blocks[0]
    assert (block.css, block.start) == ("bk at-8 for-4", "10:00")


def test_a_night_is_shown_on_both_days_with_its_edges_open():
    evening, morning = (
        column.lanes[0].blocks
        for column in draw(occurrence(22, 26), days=[*WEEK]).columns
        if column.lanes[0].blocks
    )
    assert evening[0].css.endswith(" until")
    assert morning[0].css.endswith(" since")
    assert evening[0].until == datetime.fromisoformat("2027-03-12T02:00")
    assert morning[0].since == datetime.fromisoformat("2027-03-11T22:00")


def test_rivals_share_the_width():
    rivals = [
        occurrence(10, 12, space_id=2, state=State.REQUESTED, allocation_id=n) for n in (1, 2)
    ]
    blocks = only_lane(draw(*rivals, spaces=[BIRCH])).blocks
    assert [block.css for block in blocks] == [
        "bk at-8 for-8 of-2 nth-0 pending",
        "bk at-8 for-8 of-2 nth-1 pending",
    ]


def test_a_private_booking_of_others_says_only_busy():
    block = only_lane(draw(occurrence(10, 11, visibility=Visibility.PRIVATE))).blocks[0]
    assert block.view.redacted
    assert (block.view.title, block.who) == ("", "")
    assert "busy" in block.css.split()


@pytest.mark.parametrize(
    ("more", "moves"),
    [
        pytest.param({}, True, id="own"),
        pytest.param({"is_series": True}, True, id="date-of-a-series"),
        pytest.param({"all_day": True}, False, id="all-day"),
        pytest.param({"organiser_id": 99}, False, id="not-mine"),
    ],
)
def test_own_bookings_can_be_dragged(more, moves):
    own = {"organiser_id": 7, **more}
    block = only_lane(draw(occurrence(10, 11, **own), now=NOON - timedelta(hours=9))).blocks[0]
    assert block.moves is moves
    assert ("own" in block.css.split()) is moves


def test_what_is_over_cannot_be_dragged():
    block = only_lane(draw(occurrence(9, 10, organiser_id=7), now=NOON)).blocks[0]
    assert block.mine
    assert not block.moves


def test_an_admin_may_drag_what_is_not_the_admins_own():
    admin = Actor(8, "Admin", Door.WEB, grants=frozenset({Grant(Role.ADMIN)}))
    block = only_lane(draw(occurrence(10, 11), actor=admin)).blocks[0]
    assert block.moves
    assert not block.mine


def test_a_combined_room_makes_its_halves_busy():
    board = draw(occurrence(10, 11, space_id=3, organiser_id=7), spaces=[ATLAS, BIRCH])
    blocks = [column.lanes[0].blocks[0] for column in board.columns]
    assert [block.inside for block in blocks] == ["Both", "Both"]
    assert not any(block.moves for block in blocks)
    assert "10:00" not in free(only_lane(board))


def test_a_half_makes_the_combined_room_busy():
    lane = only_lane(draw(occurrence(10, 11, space_id=2), spaces=[BOTH]))
    assert lane.blocks[0].inside == "Birch"
    assert "10:00" not in free(lane)


# --- buffers and closures


def test_buffers_are_shown_and_not_offered():
    quarter = timedelta(minutes=15)
    lane = only_lane(draw(occurrence(10, 11, setup=quarter, cleanup=quarter)))
    assert [(strip.css, strip.kind) for strip in lane.strips] == [
        ("buffer at-7 for-1", "setup"),
        ("buffer at-12 for-1", "cleanup"),
    ]
    assert free(lane)[:5] == ["08:00", "08:30", "09:00", "09:30", "11:15"]
    assert lane.slots[3].css == "at-6 for-1"


def test_a_closure_of_the_site_closes_every_space():
    closure = ClosureView(1, 1, None, Interval(local(12), local(24)), "Works")
    board = draw(spaces=[ATLAS, BIRCH], closures=[closure])
    for column in board.columns:
        assert column.lanes[0].strips[-1].text == "Works"
        assert free(column.lanes[0])[-1] == "11:30"


def test_a_closure_of_one_space_leaves_the_others_open():
    closure = ClosureView(1, 1, 2, Interval(local(0), local(24)), "Works")
    atlas, birch = (
        column.lanes[0] for column in draw(spaces=[ATLAS, BIRCH], closures=[closure]).columns
    )
    assert len(atlas.slots) == 24
    assert birch.slots == ()


# --- free times


def test_free_times_are_half_hours_in_the_opening_hours():
    assert free(only_lane(draw()))[:3] == ["08:00", "08:30", "09:00"]
    assert len(only_lane(draw()).slots) == 24


def test_a_quarter_left_over_joins_its_neighbour():
    lane = only_lane(draw(occurrence(8, 9.25)))
    assert [(slot.start, slot.css) for slot in lane.slots[:2]] == [
        ("09:15", "at-5 for-3"),
        ("10:00", "at-8 for-2"),
    ]


def test_a_week_offers_each_gap_once():
    board = draw(occurrence(10, 11), spaces=[ATLAS, BIRCH], days=WEEK)
    lane = board.columns[3].lanes[0]
    assert [(slot.start, slot.css) for slot in lane.slots] == [
        ("08:00", "at-0 for-8"),
        ("11:00", "at-12 for-36"),
    ]


def test_the_end_is_named_where_less_than_an_hour_is_left():
    lane = only_lane(draw(occurrence(9, 12)))
    assert [(slot.start, slot.end) for slot in lane.slots[:2]] == [
        ("08:00", ""),
        ("08:30", "09:00"),
    ]


def test_what_is_over_is_not_offered():
    assert free(only_lane(draw(now=NOON)))[0] == "12:00"
    assert only_lane(draw(now=NOON + timedelta(days=1))).slots == ()


def test_a_space_with_two_lanes_is_free_until_both_run():
    one = occurrence(9, 11, space_id=4)
    two = occurrence(10, 12, space_id=4, allocation_id=2)
    lane = only_lane(draw(one, two, spaces=[STORE]))
    assert "09:30" in free(lane)
    assert "10:00" not in free(lane)
    assert [block.css for block in lane.blocks] == [
        "bk at-4 for-8 of-2 nth-0",
        "bk at-8 for-8 of-2 nth-1",
    ]


# --- the present


def test_the_line_of_the_present_is_on_today_alone():
    board = draw(days=WEEK, spaces=[ATLAS, BIRCH], now=NOON)
    lines = [(column.is_today, lane.now_css) for column in board.columns for lane in column.lanes]
    assert [css for today, css in lines if today] == ["now at-16 plus-7"] * 2
    assert {css for today, css in lines if not today} == {""}


@pytest.mark.parametrize(
    ("bookings", "now", "expected"),
    [
        pytest.param([], NOON, Status("free", "20:00"), id="free"),
        pytest.param([(14, 15)], NOON, Status("free", "14:00"), id="free-until-the-next"),
        pytest.param([(12, 13), (13, 14)], NOON, Status("busy", "14:00"), id="busy-in-a-row"),
        pytest.param(
            [(22, 30)], NOON + timedelta(hours=10, minutes=30), Status("busy"), id="night"
        ),
        pytest.param([], NOON + timedelta(hours=9), Status("closed"), id="after-hours"),
    ],
)
def test_status_of_a_room(bookings, now, expected):
    views = [occurrence(*times, allocation_id=n) for n, times in enumerate(bookings)]
    assert only_lane(draw(*views, now=now)).status == expected


def test_a_request_that_does_not_hold_leaves_the_room_free():
    request = occurrence(12, 13, space_id=2, state=State.REQUESTED)
    assert only_lane(draw(request, spaces=[BIRCH], now=NOON)).status == Status("free", "20:00")


def test_status_is_told_for_today_alone():
    assert only_lane(draw(now=LONG_AGO)).status is None


# --- the hours of a space, and public holidays


def with_hours(*week: Hours | None) -> Space:
    return replace(ATLAS, policy=Policy(hours=week))


EARLY = Hours(time(6), time(12))


def test_hours_of_a_space_are_drawn_and_offered_and_widen_the_board():
    space = with_hours(*[EARLY] * 7)
    board = draw(spaces=[space, BIRCH])
    own, other = (column.lanes[0] for column in board.columns)
    assert (board.first, board.last) == (6, 20)
    assert free(own) == [
        "06:00",
        "06:30",
        *[f"{hour:02d}:{half}" for hour in range(7, 12) for half in ("00", "30")],
    ]
    assert free(other)[0] == "08:00"
    assert [(each.kind, each.css) for each in own.strips] == [("shut", "shut at-24 for-32")]
    assert [each.css for each in other.strips] == ["shut at-0 for-8"]


def test_day_on_which_a_space_is_closed_is_shut_as_a_whole():
    week = [EARLY] * 7
    week[THURSDAY.weekday()] = None
    lane = only_lane(draw(spaces=[with_hours(*week)]))
    assert [each.css for each in lane.strips] == ["shut at-0 for-48"]
    assert free(lane) == []


@pytest.mark.parametrize(
    ("own", "house", "closed"),
    [
        (None, Stance.REFUSE, True),
        (Stance.REFUSE, Stance.ALLOW, True),
        (Stance.ALLOW, Stance.REFUSE, False),
        (Stance.ASK, Stance.REFUSE, False),
        (None, Stance.ALLOW, False),
    ],
)
def test_holiday_closes_where_the_rules_say_so(own, house, closed):
    site = replace(SITE, policy=SitePolicy(holidays=house))
    space = replace(ATLAS, policy=Policy(holidays=own))
    lane = only_lane(
        draw(spaces=[space], site=site, now=NOON, holidays={THURSDAY: "Feast of the House"})
    )
    told = [each.text for each in lane.strips if each.kind == "closed"]
    assert told == (["Feast of the House"] if closed else [])
    assert (lane.status.kind == "closed") is closed
    assert bool(free(lane)) is not closed
