"""From what was typed to a request; every field that is wrong is told at once."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from booking.core.checks import MOST_ATTENDANCE, checked
from booking.core.errors import InvalidRequest, NotFound
from booking.core.invitees import typed_people
from booking.core.recurrence import (
    Rule,
    daily,
    monthly_by_day,
    monthly_by_last_working_day,
    monthly_by_weekday,
    monthly_by_weekdays,
    parse_rule,
    weekly,
)
from booking.core.requests import BookingRequest, MoveRequest, OwnDate, ProposalRequest
from booking.core.values import BookingView, OccurrenceView, Visibility, WaitMode
from booking.web.bookings.typed import COUNT, DAY, OPEN, SKIP, UNTIL, Typed
from booking.web.forms import Reading
from booking.web.numbers import is_id

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
MONTHLY = (
    "monthly_day",
    "monthly_weekday",
    "monthly_last",
    "monthly_nth",
    "monthly_workday",
)
REGULAR = ("daily", "weekly", *MONTHLY)
_NTHS = {"1", "2", "3", "4", "5", "-1"}
NO_DATES: tuple[OwnDate, ...] = ()
MIDNIGHT = ("24:00", "00:00")
# Stands for what cannot be read, so that all other fields are checked nevertheless.
_START, _LENGTH, _SPACE = datetime.fromisoformat("2000-01-01T10:00"), timedelta(hours=1), 1


def read_request(typed: Typed) -> BookingRequest:
    """Return the request that was typed.

    Raises:
        InvalidRequest: With a message for each field that makes no sense by itself.
    """
    reading = Reading()
    start, end = reading.take(lambda: read_times(typed), (_START, _START + _LENGTH))
    request = BookingRequest(
        space_ids=reading.take(lambda: read_spaces(typed.space), (_SPACE,)),
        start=start,
        end=end,
        title=typed.title,
        all_day=bool(typed.all_day),
        rule=reading.take(lambda: _rule(typed, start), None),
        rdates=reading.take(lambda: _further(typed, start), ()),
        leaves_out=frozenset(typed.leaves),
        skip=reading.take(lambda: _skip(typed, start), frozenset()),
        own=reading.take(lambda: _own(typed, start, end), NO_DATES),
        organisation_id=reading.take(lambda: _id(typed.organisation, "organisation"), None),
        organiser_id=reading.take(lambda: _id(typed.organiser, "organiser"), None),
        attendance=reading.take(lambda: _attendance(typed.attendance), None),
        category=typed.category,
        visibility=reading.take(
            lambda: _choice(Visibility, typed, "visibility"), Visibility.PRIVATE
        ),
        note=typed.note,
        request_key=typed.request_key or None,
        waits=WaitMode(typed.waits) if typed.waits in set(WaitMode) and typed.skip else None,
        invite=reading.take(lambda: tuple(typed_people(typed.invite)), ()),
    )
    request = reading.take(lambda: checked(request), request)
    if reading.wrong:
        raise InvalidRequest(*reading.wrong)
    return request


def read_times(typed: Typed) -> tuple[datetime, datetime]:
    """Return the naive local start and end.

    Raises:
        InvalidRequest: If one of them is missing, or no time at all.
    """
    reading = Reading()
    first = reading.take(lambda: read_date(typed.date, "date"), date.min)
    last = reading.take(lambda: read_date(typed.end_date or typed.date, "end_date"), first)
    if not typed.end_date:
        reading.wrong = [each for each in reading.wrong if each.field != "end_date"]
    start = end = time(0)
    if not typed.all_day:
        start = reading.take(lambda: read_clock(typed.start, "start"), time(0))
        end = reading.take(
            lambda: time(0) if typed.end in MIDNIGHT else read_clock(typed.end, "end"), time(0)
        )
    if reading.wrong:
        raise InvalidRequest(*reading.wrong)
    # 00:00 is the midnight that a day ends with, unless another day was given for it.
    ends_day = typed.all_day or typed.end == "24:00" or (end == time(0) and not typed.end_date)
    try:
        return datetime.combine(first, start), datetime.combine(last, end) + DAY * bool(ends_day)
    except OverflowError:
        raise InvalidRequest.because("time_out_of_range", "date") from None


def read_move(
    booking_id: int, typed: Typed, *, space_from: str, space_to: str, occurrence: str = ""
) -> MoveRequest:
    """Return the move that a drag on the board asks for.

    Raises:
        InvalidRequest: If anything of it makes no sense.
    """
    start, end = read_times(typed)
    return MoveRequest(
        booking_id,
        read_version(typed),
        start,
        end,
        space_from=_id(space_from, "space", unknown="space"),
        space_to=_id(space_to, "space", unknown="space"),
        occurrence_id=_id(occurrence, "date", unknown="booking"),
    )


def read_proposal(booking_id: int, typed: Typed, words: str) -> ProposalRequest:
    """Return what an approver proposes in place of a request.

    Raises:
        InvalidRequest: With a message for each field that makes no sense by itself.
    """
    reading = Reading()
    version = reading.take(lambda: read_version(typed), 0)
    nowhere: tuple[int, ...] = ()
    space_ids = reading.take(lambda: read_spaces(typed.space), nowhere)
    start, end = reading.take(lambda: read_times(typed), (_START, _START + _LENGTH))
    reading.done()
    return ProposalRequest(booking_id, version, space_ids, start, end, words)


def read_version(typed: Typed) -> int:
    """Return the version that the editor saw.

    Raises:
        InvalidRequest: If the form carries none.
    """
    if not is_id(typed.version):
        raise InvalidRequest.because("request_key_invalid")
    return int(typed.version)


def since_of(booking: BookingView, asked: str) -> datetime | None:
    """Return the local start by the rule of a date of a series, None for all of them.

    Raises:
        NotFound: If the series has no such date.
    """
    return date_of(booking, asked).recurrence_id if asked else None


def date_of(booking: BookingView, asked: str) -> OccurrenceView:
    """Return the first allocation of a date of a booking.

    Raises:
        NotFound: If it has no such date.
    """
    for each in booking.occurrences:
        if is_id(asked) and each.occurrence_id == int(asked):
            return each
    raise NotFound("booking", asked)


def read_date(text: str, name: str) -> date:
    """Return a day of the calendar.

    Raises:
        InvalidRequest: If there is none, or it is no day.
    """
    if not text.strip():
        raise InvalidRequest.because("date_missing", name)
    try:
        if _DATE.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise InvalidRequest.because("date_invalid", name)


def read_clock(text: str, name: str) -> time:
    """Return a time of the day.

    Raises:
        InvalidRequest: If there is none, or it is no time.
    """
    if not text.strip():
        raise InvalidRequest.because("time_missing", name)
    if not _CLOCK.fullmatch(text.strip()):
        raise InvalidRequest.because("time_invalid", name)
    return time.fromisoformat(text.strip())


def read_spaces(texts: tuple[str, ...]) -> tuple[int, ...]:
    """Return the ids of the spaces that were chosen.

    Raises:
        InvalidRequest: If one is no id.
    """
    if not all(is_id(each) for each in texts):
        raise InvalidRequest.because("space_unknown", "space")
    return tuple(int(each) for each in texts)


def _id(text: str, name: str, *, unknown: str = "") -> int | None:
    if not text:
        return None
    if not is_id(text):
        kind = unknown or ("person" if name == "organiser" else name)
        raise InvalidRequest.because("not_found", name, kind=kind)
    return int(text)


def _attendance(text: str) -> int | None:
    if not text.strip():
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise InvalidRequest.because("attendance_invalid", "attendance", limit=MOST_ATTENDANCE)
    return int(text)


def _choice(kind: type[E], typed: Typed, name: str) -> E:
    try:
        return kind(getattr(typed, name))
    except ValueError:
        raise InvalidRequest.because("choice_invalid", name) from None


def _number(text: str, name: str) -> int:
    if not _NUMBER.fullmatch(text.strip()):
        raise InvalidRequest.because("number_invalid", name)
    return int(text)


def _rule(typed: Typed, start: datetime) -> str | None:
    """Return the RRULE that the fields mean; those that do not matter are not read."""
    if typed.repeat in ("none", ""):
        return None
    if typed.repeat == "custom":
        return parse_rule(typed.rule).to_text()
    if typed.repeat not in REGULAR:
        raise InvalidRequest.because("choice_invalid", "repeat")
    until, count = _ends(typed)
    every = _number(typed.every, "every")
    return _regular(typed, start, every=every, until=until, count=count).to_text()


def _regular(
    typed: Typed, start: datetime, *, every: int, until: date | None, count: int | None
) -> Rule:
    if typed.repeat == "daily":
        return daily(every=every, until=until, count=count)
    if typed.repeat == "weekly":
        return weekly(_weekdays(typed), every=every, until=until, count=count)
    if typed.repeat == "monthly_day":
        return monthly_by_day(start.day, every=every, until=until, count=count)
    if typed.repeat == "monthly_workday":
        return monthly_by_last_working_day(every=every, until=until, count=count)
    if typed.repeat == "monthly_nth":
        days = _weekdays(typed) or [start.weekday()]
        return monthly_by_weekdays(_nths(typed), days, every=every, until=until, count=count)
    nth = -1 if typed.repeat == "monthly_last" else (start.day - 1) // 7 + 1
    return monthly_by_weekday(nth, start.weekday(), every=every, until=until, count=count)


def _ends(typed: Typed) -> tuple[date | None, int | None]:
    if typed.ends == OPEN:
        return None, None
    if typed.ends == UNTIL:
        return read_date(typed.until, "until"), None
    if typed.ends == COUNT:
        return None, _number(typed.count, "count")
    raise InvalidRequest.because("choice_invalid", "ends")


def _weekdays(typed: Typed) -> list[int]:
    if not set(typed.weekday) <= set("0123456"):
        raise InvalidRequest.because("choice_invalid", "weekday")
    return [int(each) for each in typed.weekday]


def _nths(typed: Typed) -> list[int]:
    if not typed.nth:
        raise InvalidRequest.because("nth_missing", "nth")
    if not set(typed.nth) <= _NTHS:
        raise InvalidRequest.because("choice_invalid", "nth")
    return [int(each) for each in typed.nth]


def _further(typed: Typed, start: datetime) -> tuple[datetime, ...]:
    """Return the local starts of further dates; a day alone has the hours of the first."""
    found = []
    for each in typed.more:
        day, _, clock = each.partition("T")
        at = read_clock(clock, "more") if clock and not typed.all_day else start.time()
        found.append(datetime.combine(read_date(day, "more"), at))
    return tuple(found)


def _skip(typed: Typed, start: datetime) -> frozenset[datetime]:
    if typed.repeat == "none" and not typed.more:
        return frozenset()
    left_out = [day for day, choice in _fixes(typed) if choice == SKIP]
    days = (read_date(each, "repeat") for each in (*typed.skip, *left_out))
    return frozenset(datetime.combine(each, start.time()) for each in days)


def _own(typed: Typed, start: datetime, end: datetime) -> tuple[OwnDate, ...]:
    """Return the dates that go to another room or another time because theirs is taken."""
    found = []
    for day, choice in _fixes(typed):
        if choice == SKIP:
            continue
        at = datetime.combine(read_date(day, "repeat"), start.time())
        taken = typed.taking(choice, field="repeat")
        begins, ends = read_times(taken)
        is_same = (begins, ends) == (at, at + (end - start))
        found.append(
            OwnDate(
                at,
                None if is_same else begins,
                None if is_same else ends,
                None if taken.space == typed.space else read_spaces(taken.space),
            )
        )
    return tuple(found)


def _fixes(typed: Typed) -> Iterator[tuple[str, str]]:
    """Yield day and choice of each date that clashes."""
    if typed.repeat != "none" or typed.more:
        for each in typed.fix:
            day, _, choice = each.partition("=")
            yield day, choice
