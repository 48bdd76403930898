"""The plan of a house at an instant, of 60 and of 1,000 spaces on one floor: CPU and statements."""

from collections.abc import Iterator

from flask import Flask
from sqlalchemy import insert

from benchmarks.effort import Effort
from benchmarks.figures import Figure, spread
from benchmarks.filling import Meeting, fill
from benchmarks.place import Place, place
from benchmarks.wsgi import Browser, cookie
from booking.core.shapes import rectangle, to_metres
from booking.core.values import Space, SpaceKind
from booking.db import db
from booking.models import Floor, SpacePart
from booking.models import Space as SpaceRow
from tests.support.databases import writing
from tests.support.statements import count_statements

SIZES = {60: 15, 1_000: 60}  # spaces, and the milliseconds they may take
IN_A_ROW = 40
WARM_UP = 8
SIDE, CORRIDOR = 500, 200  # centimetres
FIRST_ID = 1_000_000  # above those of the small house
FRAGMENT = {"X-Fragment": "1"}


def run(effort: Effort) -> Iterator[Figure]:
    """Yield what the page costs, in milliseconds of CPU."""
    statements = []
    for number, limit in SIZES.items():
        with place("sqlite") as here:
            floor_id = _fill(here, min(number, effort.rooms))
            with here.app() as app:
                browser = Browser(app, Cookie=cookie(app, here.house.member))
                path = f"/plan?floor={floor_id}&at={here.house.at(10.5):%Y-%m-%dT%H:%M}"
                statements.append(_statements(app, browser, path))
                page, slid = (
                    _usual(browser, path, effort),
                    _usual(browser, path, effort, **FRAGMENT),
                )
        remark = f"{number:,} spaces, a third of them booked twice that day: the whole page"
        yield Figure(f"plan.{number}.cpu", page, "ms", limit, None, remark)
        yield Figure(f"plan.{number}.cpu_slid", slid, "ms", limit, None, "as the slider moves")
    yield Figure("plan.statements", statements[0], "", 9, remark="with sign-in")
    yield Figure("plan.statements_more", statements[1] - statements[0], "", 0, 0, "with 1,000")


def _usual(browser: Browser, path: str, effort: Effort, **headers: str) -> float:
    took = []
    for _ in range(WARM_UP + max(4, effort.rounds // 8)):
        answer = browser.get(path, **headers)
        assert answer.status == 200, f"the page answers {answer.status}"
        took.append(answer.cpu_ms)
    return spread(took[WARM_UP:]).p50


def _statements(app: Flask, browser: Browser, path: str) -> int:
    with app.app_context():
        counting = count_statements(db.engine)
    with counting as statements:
        browser.get(path)
    return len(statements)


def _fill(here: Place, number: int) -> int:
    """Add a floor with so many rooms, a third of them booked twice on one day; return its id."""
    house = here.house
    rows = -(-number // IN_A_ROW)
    with writing(house.engine) as connection:
        size = {"width_m": IN_A_ROW * SIDE / 100, "depth_m": rows * (SIDE + CORRIDOR) / 100}
        values = {"site_id": house.site.id, "level": 0, "name": "Floor", **size}
        made = insert(Floor.__table__).values(values).returning(Floor.id)
        floor_id = int(connection.execute(made).scalar_one())
        rooms = []
        for nth in range(number):
            row, column = divmod(nth, IN_A_ROW)
            shape = rectangle(column * SIDE, row * (SIDE + CORRIDOR), SIDE, SIDE)
            rooms.append(
                {
                    "id": FIRST_ID + nth,
                    "site_id": house.site.id,
                    "floor_id": floor_id,
                    "kind": "meeting_room",
                    "name": f"Room {nth}",
                    "features": ["screen"],
                    "area_m2": 25,
                    "shape": to_metres(shape),
                    "position": nth,
                }
            )
        connection.execute(insert(SpaceRow.__table__), rooms)
        parts = [{"space_id": each["id"], "part_id": each["id"]} for each in rooms]
        connection.execute(insert(SpacePart.__table__), parts)
    booked = range(0, number, 3)
    fill(house, (meeting for nth in booked for meeting in _meetings(here, FIRST_ID + nth)))
    return floor_id


def _meetings(here: Place, space_id: int) -> Iterator[Meeting]:
    house = here.house
    space = Space(space_id, house.site.id, SpaceKind.MEETING_ROOM, "Room", part_ids=(space_id,))
    for hour in (9 + space_id % 3, 14 + space_id % 4):
        yield Meeting(space, house.interval(hour, hour + 1), house.stranger)
