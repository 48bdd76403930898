"""Eight browsers or programs ask the running service at the same moment: one wins, seven are told.

A few rounds of booking run in the suite; ``python3 run.py soak`` runs 200 of everything.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from booking.core.values import State
from booking.models import Booking, Hold
from tests.conftest import Services
from tests.support.checks import assert_house_in_order
from tests.support.clients import Answer, Post, Put, post_together
from tests.support.databases import Database, make_engine
from tests.support.factories import House, make_house
from tests.support.objects import single
from tests.support.service import ROOT, Service, running

pytestmark = pytest.mark.engines("sqlite", "postgresql")
CLIENTS = 8
SLOTS_A_DAY = 10
SOAK = pytest.param(200, marks=pytest.mark.soak)


@pytest.fixture
def database(services: Services, engine_name: str) -> Iterator[Database]:
    """A database of its own: the service holds on to it."""
    database = Database(engine_name, f"{services.worker}_http")
    database.create()
    yield database
    database.drop()


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    """An engine on it; the house is looked after when the service has ended."""
    engine = make_engine(database.url)
    yield engine
    try:
        assert_house_in_order(engine)
    finally:
        engine.dispose()


@pytest.fixture
def house(engine: Engine) -> House:
    """A house whose days begin tomorrow: this service has the real clock."""
    return make_house(engine, now=datetime.now(UTC))


@pytest.fixture
def service(house: House, database: Database, tmp_path: Path) -> Iterator[Service]:
    """``booking serve`` on this house."""
    with running(tmp_path, database_url=database.url) as service:
        yield service


def crowd(house: House) -> list[str]:
    """Return the addresses of as many members as there are browsers."""
    people = [house.add_person(f"Person{each}", organisation=house.ours) for each in range(CLIENTS)]
    return [house.email(each) for each in people]


def slot(house: House, number: int) -> tuple[datetime, datetime]:
    """Return an hour of its own for each round, from the second day on."""
    start = house.at(8 + number % SLOTS_A_DAY, day=1 + number // SLOTS_A_DAY)
    return start, start + timedelta(hours=1)


def times(start: datetime, end: datetime) -> dict[str, str]:
    """Return the fields of a time."""
    return {
        "date": start.date().isoformat(),
        "start": f"{start:%H:%M}",
        "end": f"{end:%H:%M}",
    }


def assert_one_won(answers: Sequence[Answer], lost: int = 409, *, won: str = "/") -> None:
    codes = Counter(each.status for each in answers)
    assert codes == {303: 1, lost: len(answers) - 1}, [each.page[:300] for each in answers]
    assert all(each.location.startswith(won) for each in answers if each.status == 303)


def stored(house: House, model: type[Booking] | type[Hold]) -> int:
    with house.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


@pytest.mark.parametrize("rounds", [3, SOAK])
def test_book_the_same_slot_in_eight_browsers(service: Service, house: House, rounds: int) -> None:
    people = crowd(house)
    posts = [
        [
            Post(
                email,
                "/bookings",
                {
                    "space": str(house.atlas.id),
                    "title": f"By {email}",
                    **times(*slot(house, number)),
                },
            )
            for email in people
        ]
        for number in range(rounds)
    ]
    for answers in post_together(service.url, *posts):
        assert_one_won(answers)
        pages = [each.page for each in answers if each.status == 409]
        assert all("By person" in page for page in pages), "the refusal names what is in the way"
    assert stored(house, Booking) == rounds


@pytest.fixture
def secret(service: Service) -> Callable[[str], str]:
    """Return what makes an app password for somebody's calendar program."""

    def made(email: str) -> str:
        command = [sys.executable, "-m", "booking", "app-password", "create", email, "--json"]
        command += ["--name", "Phone", "--config", str(service.log.parent / "config.toml")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        password: str = json.loads(done.stdout)["password"]
        return password

    return made


def put_of(house: House, secret: str, number: int, each: int) -> Put:
    """Return a program of the member, with an object of its own for the slot of a round."""
    start, end = slot(house, number)
    text = single(
        f"{number}-{each}@phone",
        DTSTART=f";TZID=Europe/Paris:{start:%Y%m%dT%H%M%S}",
        DTEND=f";TZID=Europe/Paris:{end:%Y%m%dT%H%M%S}",
    )
    path = f"/dav/cal/{house.member.person_id}/space-{house.atlas.id}/{number}-{each}.ics"
    return Put(house.email(house.member), path, text.decode(), secret)


@pytest.mark.parametrize("rounds", [3, SOAK])
def test_programs_and_browsers_want_the_same_slot(
    service: Service, house: House, secret: Callable[[str], str], rounds: int
) -> None:
    """A phone puts into the room's calendar what others book in the browser."""
    people, password = crowd(house), secret(house.email(house.member))
    posts = [
        [
            put_of(house, password, number, each)
            if (number + each) % 2
            else Post(
                email,
                "/bookings",
                {"space": str(house.atlas.id), "title": "Choir", **times(*slot(house, number))},
            )
            for each, email in enumerate(people)
        ]
        for number in range(rounds)
    ]
    for asked, answers in zip(posts, post_together(service.url, *posts), strict=True):
        codes = Counter(
            (type(each).__name__, answer.status)
            for each, answer in zip(asked, answers, strict=True)
        )
        won = codes["Put", 201] + codes["Post", 303]
        assert won == 1, codes
        assert codes["Put", 409] + codes["Post", 409] == CLIENTS - 1, codes
    assert stored(house, Booking) == stored(house, Hold) == rounds


@pytest.mark.parametrize("rounds", [SOAK])
def test_move_into_the_same_slot_in_eight_browsers(
    service: Service, house: House, rounds: int
) -> None:
    person = house.email(house.member)
    posts = []
    for number in range(rounds):
        start, end = slot(house, number)
        before = 40 + number // 2, 8 + number % 2 * 4  # a day and an hour of its own
        ids = [
            house.add_booking(
                start=before[1] + each / 2, end=before[1] + each / 2 + 0.5, days=(before[0],)
            )
            for each in range(CLIENTS)
        ]
        posts.append(
            [
                Post(person, f"/bookings/{each}/move", {"version": "1", **times(start, end)})
                for each in ids
            ]
        )
    for answers in post_together(service.url, *posts):
        assert_one_won(answers)
    assert stored(house, Hold) == CLIENTS * rounds


@pytest.mark.parametrize("rounds", [SOAK])
def test_approve_rivals_in_eight_browsers(service: Service, house: House, rounds: int) -> None:
    person = house.email(house.approver)
    posts = []
    for number in range(rounds):
        hour, day = 8 + 2 * (number % 5), 1 + number // 5
        rivals = [
            house.add_booking(
                house.delta, start=hour, end=hour + 1, days=(day,), state=State.REQUESTED
            )
            for _ in range(CLIENTS)
        ]
        posts.append(
            [Post(person, f"/approvals/{each}/approve", {"version": "1"}) for each in rivals]
        )
    for answers in post_together(service.url, *posts):
        assert_one_won(answers, won="/approvals")
    assert stored(house, Hold) == rounds


@pytest.mark.parametrize("rounds", [SOAK])
def test_send_the_same_form_from_eight_tabs(service: Service, house: House, rounds: int) -> None:
    posts = [
        [
            Post(
                house.email(house.member),
                "/bookings",
                {
                    "space": str(house.atlas.id),
                    "title": "Choir",
                    "request_key": f"form-{number}",
                    **times(*slot(house, number)),
                },
            )
        ]
        * CLIENTS
        for number in range(rounds)
    ]
    for answers in post_together(service.url, *posts):
        assert {each.status for each in answers} == {303}
    assert stored(house, Booking) == rounds
