"""Which house, which floor and which instant an address asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import request

from booking.core.errors import NotFound
from booking.core.recurrence import to_local, to_utc
from booking.core.values import Site
from booking.queries.plan import FloorPlan
from booking.web.context import now
from booking.web.numbers import is_id

STEP_MIN = 15
FIRST_YEAR, LAST_YEAR = 2000, 2200
_AROUND_MIN = 60  # what the slider shows before and after the hours of the house
_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant of a house; ``local`` is naive, ``is_now`` where nobody asked for another."""

    at: datetime
    local: datetime
    is_now: bool
    first_min: int = 0
    last_min: int = _DAY_MIN

    @property
    def day(self) -> date:
        """The local day."""
        return self.local.date()

    @property
    def minute(self) -> int:
        """The minute of the local day."""
        return self.local.hour * 60 + self.local.minute

    @property
    def text(self) -> str:
        """What addresses carry."""
        return self.local.isoformat(timespec="minutes")

    @property
    def query(self) -> dict[str, str]:
        """What links keep: nothing at this moment, so that they stay with the present."""
        return {} if self.is_now else {"at": self.text}


def moment(site: Site) -> Moment:
    """Return the instant of ``?at=``, or of ``?date=`` and ``?minute=``; without any the present.

    Raises:
        NotFound: If there is no such day or time.
    """
    asked = request.args
    local = to_local(now(), site.zone).replace(second=0, microsecond=0)
    is_now = not any(asked.get(name) for name in ("at", "date", "minute"))
    if asked.get("at"):
        local = _read(asked["at"])
    elif not is_now:
        day = _read(asked["date"]).date() if asked.get("date") else local.date()
        minutes = asked.get("minute", str(local.hour * 60 + local.minute))
        if (
            not (minutes.isascii() and minutes.isdecimal())
            or len(minutes) > 4
            or int(minutes) >= _DAY_MIN
        ):
            raise NotFound("page", minutes)
        local = datetime.combine(day, time()) + timedelta(minutes=int(minutes))
    return _moment(site, local, is_now=is_now)


def chosen_floor(floors: Sequence[FloorPlan]) -> FloorPlan | None:
    """Return the floor of ``?floor=``, else the first drawn one from the ground up, else any.

    Raises:
        NotFound: If the house has no such floor.
    """
    asked = request.args.get("floor", "")
    if asked:
        found = next((each for each in floors if is_id(asked) and each.id == int(asked)), None)
        if found is None:
            raise NotFound("floor", asked)
        return found
    return min(floors, key=lambda each: (each.size is None, abs(each.level)), default=None)


def _moment(site: Site, local: datetime, *, is_now: bool) -> Moment:
    opens, closes = (each.hour * 60 + each.minute for each in (site.opens, site.closes))
    minute = local.hour * 60 + local.minute
    first = max(0, min(opens - _AROUND_MIN, minute - minute % STEP_MIN))
    last = min(_DAY_MIN, max((closes or _DAY_MIN) + _AROUND_MIN, minute))
    last = min(-(-last // STEP_MIN) * STEP_MIN, _DAY_MIN - STEP_MIN)
    return Moment(to_utc(local, site.zone), local, is_now, first, last)


def _read(text: str) -> datetime:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound("page", text) from None
    if local.tzinfo is not None or not FIRST_YEAR <= local.year < LAST_YEAR:
        raise NotFound("page", text)
    return local.replace(second=0, microsecond=0)
