"""What an address asks to find: as text, kept whatever becomes of it, and as a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from booking.core.checks import MOST_ATTENDANCE
from booking.core.errors import InvalidRequest
from booking.core.recurrence import to_local
from booking.core.requests import Fitting, SearchRequest
from booking.core.values import Site, SpaceKind
from booking.queries.fitting import Offered
from booking.web.bookings.reading import MIDNIGHT, read_clock, read_date
from booking.web.forms import Reading
from booking.web.numbers import is_id

MINUTE = timedelta(minutes=1)
LENGTHS = (30, 45, 60, 90, 120, 150, 180, 240, 300, 360, 480)  # minutes
AN_HOUR = "60"
DAYS = timedelta(days=13)
ANY = "any"
_WEEKDAYS = frozenset("0123456")
# Stand for what cannot be read, so that all other fields are checked nevertheless.
_SOME_DAY, _SOME_LENGTH = date(2000, 1, 1), 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of the search by their names; lists are tuples.

    ``kind`` is a code or "any"; ``length`` minutes; ``latest`` may be 24:00.
    """

    kind: str = SpaceKind.MEETING_ROOM.value
    attendance: str = ""
    feature: tuple[str, ...] = ()
    length: str = AN_HOUR
    first: str = ""
    last: str = ""
    weekday: tuple[str, ...] = ()
    earliest: str = ""
    latest: str = ""
    space: tuple[str, ...] = ()

    @classmethod
    def from_args(
        cls, args: "MultiDict[str, str]", site: Site, offered: Offered, now: datetime
    ) -> "Asked":
        """Return what an address asks; what it leaves out is what people mostly want."""
        today = to_local(now, site.zone).date()
        found = cls(
            kind=_usual_kind(offered),
            first=today.isoformat(),
            last=(today + DAYS).isoformat(),
            earliest=f"{site.opens:%H:%M}",
            latest="24:00" if site.closes == time(0) else f"{site.closes:%H:%M}",
        )
        told: dict[str, Any] = {}
        for name in cls.__slots__:
            if isinstance(getattr(found, name), tuple):
                told[name] = tuple(dict.fromkeys(each.strip() for each in args.getlist(name)))
            else:
                told[name] = args.get(name, "").strip() or getattr(found, name)
        if args.get("first", "").strip() and not args.get("last", "").strip():
            told["last"] = _days_after(told["first"], found.last)
        return cls(**told)

    def lengths(self) -> list[str]:
        """Return the lengths to choose from, in minutes, the asked one among them."""
        known = [str(each) for each in LENGTHS]
        if self.length in known or not is_id(self.length):
            return known
        return sorted([*known, self.length], key=int)


def read_search(asked: Asked) -> SearchRequest:
    """Return the days and hours that are asked for.

    Raises:
        InvalidRequest: With a message for each field that makes no sense by itself.
    """
    reading = Reading()
    search = SearchRequest(
        length=reading.take(lambda: _length(asked.length), _SOME_LENGTH),
        first=reading.take(lambda: read_date(asked.first, "first"), _SOME_DAY),
        last=reading.take(lambda: read_date(asked.last, "last"), _SOME_DAY),
        earliest=reading.take(lambda: read_clock(asked.earliest, "earliest"), time(0)),
        latest=reading.take(lambda: _closing(asked.latest), time(0)),
        weekdays=reading.take(lambda: _weekdays(asked.weekday), frozenset()),
    )
    reading.done()
    return search


def read_fitting(asked: Asked, site: Site, offered: Offered) -> Fitting:
    """Return what a space has to be like.

    Raises:
        InvalidRequest: With a message for each field that makes no sense by itself.
    """
    reading = Reading()
    like = Fitting(
        site.id,
        kind=reading.take(lambda: _kind(asked.kind), None),
        attendance=reading.take(lambda: _attendance(asked.attendance), None),
        features=reading.take(lambda: _features(asked.feature, offered), frozenset()),
    )
    reading.done()
    return like


def _usual_kind(offered: Offered) -> str:
    """Return the kind that people look for: meeting rooms, or the only one there is."""
    if SpaceKind.MEETING_ROOM in offered.kinds or not offered.kinds:
        return SpaceKind.MEETING_ROOM.value
    return min(offered.kinds).value if len(offered.kinds) == 1 else ANY


def _days_after(first: str, otherwise: str) -> str:
    try:
        return (read_date(first, "first") + DAYS).isoformat()
    except (InvalidRequest, OverflowError):
        return otherwise


def _length(text: str) -> timedelta:
    if not is_id(text):
        raise InvalidRequest.because("number_invalid", "length")
    if int(text) > 24 * 60:
        raise InvalidRequest.because("hours_too_short", "length")
    return int(text) * MINUTE


def _closing(text: str) -> time:
    return time(0) if text in MIDNIGHT else read_clock(text, "latest")


def _weekdays(texts: Sequence[str]) -> frozenset[int]:
    if not _WEEKDAYS.issuperset(texts):
        raise InvalidRequest.because("choice_invalid", "weekday")
    return frozenset(int(each) for each in texts)


def _kind(text: str) -> SpaceKind | None:
    if text == ANY:
        return None
    try:
        return SpaceKind(text)
    except ValueError:
        raise InvalidRequest.because("choice_invalid", "kind") from None


def _attendance(text: str) -> int | None:
    if not text:
        return None
    if not is_id(text) or int(text) > MOST_ATTENDANCE:
        raise InvalidRequest.because("attendance_invalid", "attendance", limit=MOST_ATTENDANCE)
    return int(text)


def _features(codes: Sequence[str], offered: Offered) -> frozenset[str]:
    if not offered.features.issuperset(codes):
        raise InvalidRequest.because("choice_invalid", "feature")
    return frozenset(codes)
