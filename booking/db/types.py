"""Column types: instants as epoch seconds, wall-clock times as text, decimals as whole units."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, Index, Integer, String, TypeDecorator, text

# SQLite only makes an INTEGER PRIMARY KEY its row id; PostgreSQL needs the room.
BigKey = BigInteger().with_variant(Integer(), "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware ``datetime`` stored as BIGINT epoch seconds.

    The same SQL on both engines, and no naive value can get in.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Return epoch seconds; a naive value is a bug and raises."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored as an instant")
        return int(value.timestamp())

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> datetime | None:
        """Return an aware datetime in UTC."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


class LocalDateTime(TypeDecorator[datetime]):
    """A naive wall-clock ``datetime`` stored as ``YYYY-MM-DDTHH:MM``."""

    impl = String(16)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        """Return minutes-precise ISO text; an aware value is a bug and raises."""
        if value is None:
            return None
        if value.tzinfo is not None:
            raise ValueError("an aware datetime cannot be stored as a wall-clock time")
        return value.isoformat(timespec="minutes")

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> datetime | None:
        """Return a naive datetime."""
        return None if value is None else datetime.fromisoformat(value)


class Exact(TypeDecorator[Decimal]):
    """A ``Decimal`` with so many places, stored as a BIGINT of its smallest unit.

    SQLite has no exact decimals of its own.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> int | None:
        """Return the smallest units; a value with more places is a bug and raises."""
        if value is None:
            return None
        units = value.scaleb(self.places)
        if units != int(units):
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(units)

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> Decimal | None:
        """Return the decimal with all of its places."""
        return None if value is None else Decimal(value).scaleb(-self.places)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index that has the rows of a condition alone, on both engines."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
