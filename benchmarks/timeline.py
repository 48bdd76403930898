"""A year of all spaces of a house, as the timeline shows it: CPU, size, statements."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import insert

from benchmarks.effort import Effort
from benchmarks.figures import Figure, spread
from benchmarks.filling import Meeting, fill
from benchmarks.place import Place, place
from benchmarks.wsgi import Browser, cookie
from booking.core.values import Space, SpaceKind
from booking.db import db
from booking.models import Lease
from tests.support.databases import writing
from tests.support.factories import NOW
from tests.support.statements import count_statements

WARM_UP = 5
YEAR = NOW.year
PATH = f"/timeline?view=year&day={YEAR}-03-01"
A_YEAR_OF_DAYS = 365


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the figures of a year of many offices, with leases, and of rooms with bookings."""
    with place("sqlite") as here:
        offices = [
            here.house.add_space(f"Office {each}", kind=SpaceKind.OFFICE, bookable=False)
            for each in range(effort.offices)
        ]
        rooms = [here.house.add_space(f"Room {each}") for each in range(effort.offices // 3)]
        _let(here, offices)
        booked = fill(here.house, _meetings(here, rooms, days=effort.days * 13))
        yield from _measured(here, effort, len(offices) + len(rooms), booked)


def _let(here: Place, offices: list[Space]) -> None:
    """Let each office twice in the year, with a gap between."""
    house = here.house
    spans = (
        (date(YEAR - 1, 3, 1), date(YEAR, 5, 31)),
        (date(YEAR, 7, 1), None),
    )
    rows = [
        {
            "site_id": house.site.id,
            "space_id": office.id,
            "organisation_id": (house.ours, house.theirs)[nth % 2],
            "starts": starts,
            "ends": ends,
            "share": 1,
            "shares": 1,
            "area_m2": Decimal(20),
            "rent_m2": Decimal(10),
            "months_notice": 3,
            "created_s": NOW,
        }
        for nth, office in enumerate(offices)
        for starts, ends in spans
    ]
    with writing(house.engine) as connection:
        connection.execute(insert(Lease.__table__), rows)


def _meetings(here: Place, rooms: list[Space], *, days: int) -> Iterator[Meeting]:
    """Yield two meetings a room and weekday, from the first of January on."""
    house = here.house
    first = (date(YEAR, 1, 1) - house.at(0).date()).days
    for day in range(first, first + min(days, A_YEAR_OF_DAYS)):
        if (house.at(0) + timedelta(days=day)).weekday() < 5:
            for room in rooms:
                for hour in (9, 14):
                    yield Meeting(room, house.interval(hour, hour + 2, day=day), house.member)


def _measured(here: Place, effort: Effort, spaces: int, booked: int) -> Iterator[Figure]:
    with here.app() as app:
        browser = Browser(app, Cookie=cookie(app, here.house.admin))
        with app.app_context():
            counting = count_statements(db.engine)
        with counting as statements:
            page = browser.get(PATH)
        assert page.status == 200, f"the page answers {page.status}"
        rounds = WARM_UP + min(effort.rounds, 40)
        took = [browser.get(PATH).cpu_ms for _ in range(rounds)][WARM_UP:]
    remark = f"{spaces} spaces, {booked:,} bookings"
    yield Figure("timeline.cpu", spread(took).p50, "ms", 150, None, f"a year of {remark}")
    yield Figure("timeline.size_gzipped", len(page.body) / 1000, "kB", 60)
    yield Figure("timeline.statements", len(statements), "", 8, remark="with sign-in")
