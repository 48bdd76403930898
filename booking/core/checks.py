"""Does what a door asks make sense by itself?  Texts are cleaned, limits are kept."""

import re
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta

from booking.core.days_off import are_codes
from booking.core.errors import InvalidRequest
from booking.core.messages import Message, message
from booking.core.recurrence import ONCE
from booking.core.requests import BookingRequest, OwnDate, SearchRequest

MOST_TITLE = 200
MOST_NOTE = 2_000
MOST_REASON = 500
MOST_SPACES = 20
MOST_ATTENDANCE = 10_000
MOST_DAYS = 31
MOST_DAYS_SEARCHED = 100
MOST_KEY = 64
# A year from either end of the calendar, so that no zone's offset can overflow.
FIRST_YEAR, LAST_YEAR = 1900, 9998

# Marks that turn the reading direction of what follows: a title must not
# reorder the page around it.  Joiners stay, emoji need them.
_DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])
_BLANK_LINES = re.compile(r"\n{3,}")


def one_line(text: str) -> str:
    """Return text as one line of printable characters, in normal form C."""
    return " ".join(_printable(text).split())


def lines(text: str) -> str:
    """Return text with its line breaks, at most one empty line at a time."""
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (" ".join(_printable(line).split()) for line in normal.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(kept)).strip()


def _printable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(
        " " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each
        for each in text.translate(_DIRECTION)
        if unicodedata.category(each) not in ("Cs", "Co", "Cn")
    )
    return unicodedata.normalize("NFC", shown)


def checked(request: BookingRequest) -> BookingRequest:
    """Return the request with clean texts, times in minutes and each space once, in id order.

    Raises:
        InvalidRequest: With a message for each field that is wrong.
    """
    clean = replace(
        request,
        title=one_line(request.title),
        note=lines(request.note),
        space_ids=tuple(sorted(set(request.space_ids))),
        start=_minute(request.start),
        end=_minute(request.end),
        rule=request.rule or None,
        rdates=tuple(sorted({_minute(each) for each in request.rdates})),
        own=tuple(map(_clean_date, request.own)) if request.rule or request.rdates else (),
    )
    wrong = [*_wrong_texts(clean), *_wrong_spaces(clean), *_wrong_times(clean)]
    for each in clean.own:
        wrong += _wrong_date(each, clean)
    if clean.attendance is not None and not 1 <= clean.attendance <= MOST_ATTENDANCE:
        wrong.append(message("attendance_invalid", "attendance", limit=MOST_ATTENDANCE))
    if not are_codes(clean.leaves_out):
        wrong.append(message("choice_invalid", "leaves"))
    if clean.request_key is not None and not _is_key(clean.request_key):
        wrong.append(message("request_key_invalid"))
    if wrong:
        raise InvalidRequest(*wrong)
    clean = _with_rule(clean) if clean.rdates else clean
    # What is chosen date by date is meant.
    by_rule = clean.rule not in (None, ONCE.to_text())
    return clean if by_rule or not clean.leaves_out else replace(clean, leaves_out=frozenset())


def _with_rule(request: BookingRequest) -> BookingRequest:
    """Return a request with further dates as a series: without a rule, from the earliest on."""
    if request.rule:
        return replace(request, rdates=tuple(x for x in request.rdates if x != request.start))
    start, *others = sorted({request.start, *request.rdates})
    if not others:
        return replace(request, rdates=())
    end = start + (request.end - request.start)
    return replace(request, start=start, end=end, rule=ONCE.to_text(), rdates=tuple(others))


def _clean_date(own: OwnDate) -> OwnDate:
    return replace(
        own,
        start=None if own.start is None else _minute(own.start),
        end=None if own.end is None else _minute(own.end),
        space_ids=None if own.space_ids is None else tuple(sorted(set(own.space_ids))),
        title=one_line(own.title),
        note=lines(own.note),
    )


def _wrong_date(own: OwnDate, request: BookingRequest) -> list[Message]:
    """Return what is wrong with a date of its own, told as of the whole."""
    asked = replace(
        request,
        title=own.title or request.title,
        note=own.note,
        space_ids=request.space_ids if own.space_ids is None else own.space_ids,
        start=own.start or request.start,
        end=own.end or request.end,
    )
    return [*_wrong_texts(asked), *_wrong_spaces(asked), *_wrong_times(asked)]


def checked_reason(reason: str, *, required: bool = False) -> str:
    """Return a reason on one line.

    Raises:
        InvalidRequest: If it is too long, or missing where one is required.
    """
    clean = one_line(reason)
    if required and not clean:
        raise InvalidRequest.because("reason_missing", "reason")
    if len(clean) > MOST_REASON:
        raise InvalidRequest.because("reason_too_long", "reason", limit=MOST_REASON)
    return clean


def check_search(search: SearchRequest) -> None:
    """Refuse a search that cannot find anything, or looks at too much.

    Raises:
        InvalidRequest: With a message for each field that is wrong.
    """
    wrong = []
    opens, closes = (each.hour * 60 + each.minute for each in (search.earliest, search.latest))
    hours = timedelta(minutes=(closes or 24 * 60) - opens)
    if search.length <= timedelta(0):
        wrong.append(message("length_missing", "length"))
    if hours <= timedelta(0):
        wrong.append(message("end_before_start", "latest"))
    elif search.length > hours:
        wrong.append(message("hours_too_short", "length"))
    if search.last < search.first:
        wrong.append(message("last_before_first", "last"))
    elif (search.last - search.first).days >= MOST_DAYS_SEARCHED:
        wrong.append(message("too_many_days", "last", most=MOST_DAYS_SEARCHED))
    if wrong:
        raise InvalidRequest(*wrong)


def _is_key(text: str) -> bool:
    return 1 <= len(text) <= MOST_KEY and text.isprintable()


def _wrong_texts(request: BookingRequest) -> list[Message]:
    wrong = []
    if not request.title:
        wrong.append(message("title_missing", "title"))
    if len(request.title) > MOST_TITLE:
        wrong.append(message("title_too_long", "title", limit=MOST_TITLE))
    if len(request.note) > MOST_NOTE:
        wrong.append(message("note_too_long", "note", limit=MOST_NOTE))
    return wrong


def _wrong_spaces(request: BookingRequest) -> list[Message]:
    if not request.space_ids:
        return [message("space_missing", "space")]
    if len(request.space_ids) > MOST_SPACES:
        return [message("too_many_spaces", "space", limit=MOST_SPACES)]
    return []


def _minute(local: datetime) -> datetime:
    return local.replace(second=0, microsecond=0)


def _wrong_times(request: BookingRequest) -> list[Message]:
    for name, local in (("start", request.start), ("end", request.end)):
        if not FIRST_YEAR <= local.year <= LAST_YEAR:
            return [message("time_out_of_range", name)]
    if not all(FIRST_YEAR <= each.year <= LAST_YEAR for each in request.rdates):
        return [message("time_out_of_range", "more")]
    if request.end <= request.start:
        return [message("end_before_start", "end")]
    if request.end - request.start > timedelta(days=MOST_DAYS):
        return [message("too_long", "end", days=MOST_DAYS)]
    return []
