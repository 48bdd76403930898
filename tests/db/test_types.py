"""What is stored comes back, and what cannot be told apart is refused."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import (
    BigInteger,
    Engine,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.exc import StatementError

from booking.db import LocalDateTime, UTCDateTime
from booking.models import Booking, Occurrence
from tests.support.factories import House

PARIS = ZoneInfo("Europe/Paris")
# Does not exist in Paris: a wall clock is kept all the same.
NAIVE = datetime.fromisoformat("2027-03-28T02:30")

INSTANTS = {
    "utc": datetime(2027, 3, 10, 9, 0, tzinfo=UTC),
    "paris": datetime(2027, 3, 10, 10, 0, tzinfo=PARIS),
    "first 2:30": datetime(2027, 10, 31, 2, 30, tzinfo=PARIS, fold=0),
    "second 2:30": datetime(2027, 10, 31, 2, 30, tzinfo=PARIS, fold=1),
    "before 1970": datetime(1969, 12, 31, 23, 0, tzinfo=UTC),
    "after 2038": datetime(2100, 1, 1, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
}


def echo(engine: Engine, value: object, kind: Any) -> object:
    """Send a value to the database and return what comes back."""
    with engine.connect() as connection:
        return connection.execute(select(literal(value, kind))).scalar()


@pytest.mark.parametrize("moment", INSTANTS.values(), ids=INSTANTS)
def test_utc_date_time_keeps_the_instant(engine: Engine, moment: datetime) -> None:
    back = echo(engine, moment, UTCDateTime)
    assert isinstance(back, datetime)
    # Python calls times of a repeated hour unequal to all others: hence the timestamps.
    assert back.timestamp() == moment.timestamp()
    assert back.tzinfo is UTC


def test_utc_date_time_keeps_the_two_times_of_a_repeated_hour_apart(engine: Engine) -> None:
    first, second = (
        echo(engine, INSTANTS[name], UTCDateTime) for name in ("first 2:30", "second 2:30")
    )
    assert second - first == timedelta(hours=1)  # type: ignore[operator]


@pytest.mark.parametrize("kind", [UTCDateTime, LocalDateTime])
def test_date_times_keep_none(engine: Engine, kind: Any) -> None:
    assert echo(engine, None, kind) is None


def test_utc_date_time_refuses_a_naive_value(engine: Engine) -> None:
    with pytest.raises(StatementError, match="naive"):
        echo(engine, NAIVE, UTCDateTime)


def test_utc_date_time_is_stored_as_epoch_seconds(house: House, engine: Engine) -> None:
    house.add_booking()
    with engine.connect() as connection:
        seconds = connection.execute(select(type_coerce(Occurrence.start, BigInteger))).scalar_one()
    assert seconds == int(house.interval(10, 11).start.timestamp())


def test_utc_date_time_compares_in_the_database(house: House, engine: Engine) -> None:
    house.add_booking(days=(0, 1, 2))
    bound = house.interval(10, 11, day=1).start.astimezone(PARIS)
    with engine.connect() as connection:
        later = select(func.count()).select_from(Occurrence).where(Occurrence.start >= bound)
        assert connection.execute(later).scalar_one() == 2


def test_local_date_time_keeps_the_wall_clock(engine: Engine) -> None:
    assert echo(engine, NAIVE, LocalDateTime) == NAIVE


def test_local_date_time_refuses_an_aware_value(engine: Engine) -> None:
    with pytest.raises(StatementError, match="aware"):
        echo(engine, datetime(2027, 3, 10, 9, 0, tzinfo=UTC), LocalDateTime)


def test_local_date_time_sorts_as_text(house: House, engine: Engine) -> None:
    for hour in (12, 9, 10):
        house.add_booking(start=hour, end=hour + 1)
    with engine.connect() as connection:
        rows = connection.execute(select(Booking.starts_local).order_by(Booking.starts_local))
        assert list(rows.scalars()) == [house.at(9), house.at(10), house.at(12)]
