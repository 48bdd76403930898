"""The demo house: its plan on any day, and one that is really built, twice."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from booking import demo
from booking.actions.accounts import Limits, sign_in
from booking.cli.house import opened
from booking.cli.prepare import migrate, prepare, ready
from booking.config import Config, Paths
from booking.core.values import Role
from booking.demo.calendar import Days, public_holidays
from booking.demo.house import DESK_TITLE, OFFICES, ROOMS, SPACES
from booking.demo.people import ORGANISATIONS, PEOPLE
from booking.demo.plan import Outcome, needs_approval
from booking.demo.year import BOOKINGS, make_plan
from booking.health import thorough
from tests.support.checks import assert_house_in_order
from tests.support.databases import make_engine

NOON = time(12, 10)
# A Wednesday, a Sunday, holidays, closed weeks, a leap day, the days on which the clocks change.
DAYS = [
    date(2027, 3, 10),
    date(2026, 11, 22),
    date(2026, 12, 25),
    date(2027, 1, 1),
    date(2027, 5, 1),
    date(2027, 8, 15),
    date(2028, 2, 29),
    date(2027, 3, 28),
    date(2027, 10, 31),
]


@pytest.fixture(params=DAYS, ids=str, scope="module")
def sheet(request):
    """Return the plan of a year around a day."""
    return make_plan(datetime.combine(request.param, NOON))


def test_plan_of_a_day_is_always_the_same():
    now = datetime.combine(DAYS[0], NOON)

    assert make_plan(now).wishes == make_plan(now).wishes
    assert make_plan(now).wishes != make_plan(now + timedelta(days=1)).wishes


def test_plan_has_its_number_of_bookings(sheet):
    assert len(sheet.wishes) == BOOKINGS
    assert 30 <= sum(wish.rule is not None for wish in sheet.wishes) <= 45


def test_plan_is_asked_before_now_and_before_it_begins(sheet):
    for wish in sheet.wishes:
        assert wish.asked < sheet.now
        assert wish.asked < wish.start
        if wish.settled is not None:
            assert wish.asked < wish.settled < sheet.now
        else:
            assert wish.outcome is Outcome.STANDS


def test_plan_leaves_no_request_of_the_past_open(sheet):
    left = [
        wish
        for wish in sheet.wishes
        if needs_approval(wish.spaces) and wish.outcome is Outcome.STANDS and wish.rule is None
        and wish.start.date() < sheet.days.today and wish.organiser.email != "admin@example.org"
    ]  # fmt: skip

    assert left == []


def test_plan_shows_life_in_every_room_today(sheet):
    shown = [sheet.bookings_on(room, sheet.days.today) for room in ROOMS]

    assert min(shown) >= 3
    assert sum(shown) >= 14


def test_plan_shows_life_all_week(sheet):
    for day in sheet.days.week:
        assert sum(sheet.bookings_on(room, day) for room in ROOMS) >= 6


def test_plan_has_rivals_to_come(sheet):
    waiting = [
        wish
        for wish in sheet.wishes
        if wish.spaces == ("marmite",) and wish.outcome is Outcome.STANDS and wish.settled is None
    ]
    rivals = [
        (one, other)
        for one in waiting
        for other in waiting
        if one is not other and one.start < other.end and other.start < one.end
    ]

    assert len(rivals) >= 6


def test_year_is_closed_in_summer_and_at_new_year():
    days = Days(date(2027, 3, 10))

    assert {pause.reason for pause in days.pauses} == {
        "Fermeture d’été",
        "Fermeture de fin d’année",
    }
    assert not days.is_open(date(2026, 12, 28))
    assert not days.is_open(date(2027, 8, 13))
    assert not days.is_open(date(2027, 5, 6))  # Ascension


@pytest.mark.parametrize("today", [date(2026, 12, 28), date(2027, 8, 12), date(2027, 5, 6)])
def test_present_week_is_open_whatever_the_season(today):
    days = Days(today)

    assert all(days.is_open(day) for day in days.week)
    assert days.week[0] in set(days.open_days())


def test_public_holidays_of_2027():
    assert {each.strftime("%m-%d") for each in public_holidays(2027)} == {
        *("01-01", "03-29", "05-01", "05-06", "05-08", "05-17"),
        *("07-14", "08-15", "11-01", "11-11", "12-25"),
    }


def test_house_has_what_the_place_has():
    kinds = Counter(values["kind"].value for values in SPACES.values())

    assert kinds == {
        "meeting_room": 4,
        "reception": 3,
        "workshop": 4,
        "storage": 1,
        "outdoor": 2,
        "equipment": 1,
    }
    assert sum(OFFICES.values()) == 1300
    assert len(ORGANISATIONS) == 25
    assert len(set(ORGANISATIONS.values())) == 3
    assert len({values["colour"] for values in SPACES.values()}) == len(SPACES)
    assert len({somebody.address for somebody in PEOPLE}) == len(PEOPLE) >= 40


# --- a house that is built

NOW = datetime(2027, 3, 10, 11, 10, tzinfo=UTC)
LOCAL = ZoneInfo("Europe/Paris")
CONTENT = """
SELECT booking.title, booking.starts_local, booking.ends_local, booking.rule, booking.created_s,
       booking.version, person.email, allocation.state, allocation.start_s, space.name
FROM allocation
JOIN occurrence ON occurrence.id = allocation.occurrence_id
JOIN booking ON booking.id = occurrence.booking_id
JOIN person ON person.id = booking.organiser_id
JOIN space ON space.id = allocation.space_id
ORDER BY 1, 2, 7, 9, 10
"""


class Built:
    """A demo house in a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.config = Config(paths=Paths(var=folder))
        with ready(self.config) as session:
            migrate(repair=False)
            demo.rebuild(session, now=NOW)
        self.engine: Engine = make_engine(self.config.database_url)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return the rows of a query as tuples."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def number(self, query: str) -> int:
        """Return the one number that a query counts."""
        return int(self.rows(query)[0][0])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a house that is built; no test changes it but the last."""
    house = Built(tmp_path_factory.mktemp("demo"))
    yield house
    house.engine.dispose()


def test_built_house_is_in_order(built):
    assert_house_in_order(built.engine)
    assert [
        check for check in thorough(built.config.database_url, now=NOW) if not check.is_ok
    ] == []


def test_built_house_has_everything(built):
    planned = f"SELECT count(*) FROM booking WHERE title != '{DESK_TITLE}'"
    assert built.number(planned) == BOOKINGS
    assert built.number("SELECT count(*) FROM permanence") >= 9
    of_desks = "JOIN space ON space.id = allocation.space_id WHERE space.kind = 'desk'"
    assert built.number(f"SELECT count(*) FROM allocation {of_desks}") >= 15
    assert built.number("SELECT count(*) FROM organisation") == 25
    assert built.number("SELECT count(*) FROM person WHERE is_demo") == len(PEOPLE)
    assert built.rows("SELECT sum(area_m2) FROM space WHERE kind = 'office'") == [(1300,)]
    assert built.rows("SELECT lanes FROM space WHERE kind = 'storage'") == [(2,)]
    states = dict(built.rows("SELECT state, count(*) FROM allocation GROUP BY state"))
    assert states.keys() == {"confirmed", "requested", "refused", "cancelled", "skipped"}
    assert states["confirmed"] > 1000
    assert built.number("SELECT count(*) FROM booking WHERE visibility = 'private'") > 20
    assert built.number("SELECT count(*) FROM booking WHERE category = 'permanence'") >= 9
    assert built.number("SELECT count(*) FROM booking WHERE all_day") >= 2
    assert built.number("SELECT count(*) FROM allocation WHERE end_s - start_s > 50000") >= 4
    assert built.number("SELECT count(*) FROM closure WHERE space_id IS NULL") >= 2
    assert {row[0] for row in built.rows("SELECT rule FROM booking WHERE rule LIKE '%INTERVAL=6%'")}


def test_built_house_has_a_believable_past(built):
    assert built.number(f"SELECT count(*) FROM audit WHERE at_s > {int(NOW.timestamp())}") == 0
    moments = [row[0] for row in built.rows("SELECT at_s FROM audit ORDER BY id")]
    assert moments == sorted(moments)
    assert built.rows("SELECT DISTINCT door FROM audit") == [("demo",)]
    late = "SELECT count(*) FROM booking JOIN occurrence ON occurrence.booking_id = booking.id"
    assert built.number(f"{late} WHERE booking.created_s > occurrence.start_s") == 0
    assert (
        built.number("SELECT count(*) FROM allocation WHERE state = 'refused' AND reason = ''") == 0
    )


def test_every_role_signs_in_with_the_demo_password(built):
    with opened(built.config) as session:
        found = demo.sign_ins(session)
        for each in found:
            sign_in(each.email, each.password, address="127.0.0.1", now=NOW, limits=Limits())
    assert {each.role for each in found} == set(Role)


def test_member_finds_own_bookings_today_and_answers_in_the_inbox(built):
    mine = built.rows(
        "SELECT allocation.start_s FROM allocation"
        " JOIN occurrence ON occurrence.id = allocation.occurrence_id"
        " JOIN booking ON booking.id = occurrence.booking_id"
        " JOIN person ON person.id = booking.organiser_id WHERE email = 'membre@example.org'"
    )
    days = Counter(datetime.fromtimestamp(row[0], LOCAL).date() for row in mine)
    assert days[NOW.date()] >= 2
    assert {
        row[0]
        for row in built.rows(
            "SELECT code FROM notice JOIN person ON person.id = notice.person_id"
            " WHERE read_s IS NULL AND email = 'membre@example.org'"
        )
    } >= {"notice_approved", "notice_refused"}


def test_deliveries_come_two_at_a_time(built):
    lanes = built.rows(
        "SELECT DISTINCT hold.lane FROM hold JOIN space ON space.id = hold.part_id"
        " WHERE space.kind = 'storage' AND hold.allocation_id IS NOT NULL ORDER BY 1"
    )

    assert lanes == [(0,), (1,)]


def test_demo_is_built_the_same_again_and_started_after_an_interruption(built):
    before = built.rows(CONTENT)
    built.engine.dispose()
    with ready(built.config) as session:
        session.rollback()
        demo.transact(demo._empty)  # as a start that was killed leaves it
        assert demo.is_unfinished(session)
    prepared = prepare(built.config, with_demo=False, now=NOW)

    assert built.rows(CONTENT) == before
    assert [each.email for each in prepared.sign_ins][:1] == ["admin@example.org"]
    assert built.number("SELECT count(*) FROM setting WHERE key = 'demo'") == 1
    assert_house_in_order(built.engine)


def test_plan_books_nothing_twice(sheet):
    # Rivals share the kitchen until somebody decides, deliveries the store.
    for space in SPACES.keys() - {"marmite", "magasin"}:
        taken = sorted(sheet.taken[space])
        for (start, end), (after, _) in pairwise(taken):
            assert end <= after, (space, start, after)


@pytest.mark.engines("sqlite", "postgresql")
def test_everything_is_removed_before_a_new_start(engine, house, session):
    house.add_booking(house.atlas, house.cedar, days=(0, 1))
    house.add_closure(12, 13)

    demo.transact(demo._empty)

    assert demo.is_unfinished(session)
    assert demo.is_empty(session)
    assert not session.execute(text("SELECT count(*) FROM hold")).scalar_one()
