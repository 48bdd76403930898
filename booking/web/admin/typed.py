"""What forms of administration have in common: numbers, lengths and times as people type them."""

import re
from collections.abc import Mapping
from datetime import time, timedelta

from booking.core.errors import BookingError, InvalidRequest, Stale
from booking.i18n import sentence
from booking.web.bookings.reading import read_clock
from booking.web.spoken import by_field

_NUMBER = re.compile(r"[0-9]{1,7}")
_DECIMAL = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,3})?")
MINUTE = timedelta(minutes=1)


def text_of(form: Mapping[str, str], name: str, most: int = 2_000) -> str:
    """Return what was typed, without the space around it."""
    return form.get(name, "").strip()[:most]


def number(text: str, name: str) -> int | None:
    """Return a whole number, None for nothing.

    Raises:
        InvalidRequest: If it is none.
    """
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise InvalidRequest.because("number_invalid", name)
    return int(text)


def signed(text: str, name: str) -> int:
    """Return a whole number that may be below zero.

    Raises:
        InvalidRequest: If it is none, or missing.
    """
    below = text[:1] in ("-", "−")
    found = number(text[below:], name)
    if found is None:
        raise InvalidRequest.because("number_invalid", name)
    return -found if below else found


def decimal(text: str, name: str) -> float | None:
    """Return a number that may have a fraction, with a point or a comma; None for nothing.

    Raises:
        InvalidRequest: If it is none.
    """
    if not text:
        return None
    if not _DECIMAL.fullmatch(text):
        raise InvalidRequest.because("decimal_invalid", name)
    return float(text.replace(",", "."))


def length(text: str, name: str, unit: timedelta) -> timedelta | None:
    """Return a length of so many units, in whole minutes; None for nothing.

    Raises:
        InvalidRequest: If it is no number, or nothing is left of it.
    """
    found = decimal(text, name)
    if found is None:
        return None
    minutes = round(found * (unit / MINUTE))
    if minutes < 1:
        raise InvalidRequest.because("length_invalid", name)
    return minutes * MINUTE


def length_text(value: timedelta | None, unit: timedelta) -> str:
    """Return a length as so many units, as a field of a form has it."""
    return "" if value is None else f"{value / unit:.3f}".rstrip("0").rstrip(".")


def closing_time(text: str, name: str) -> time:
    """Return the end of a day's hours; 24:00 is midnight, as ``time(0)``.

    Raises:
        InvalidRequest: If it is no time.
    """
    return time(0) if text == "24:00" else read_clock(text, name)


def closing_text(at: time) -> str:
    """Return the end of a day's hours as a field has it."""
    return "24:00" if at == time(0) else f"{at:%H:%M}"


def told(error: BookingError) -> tuple[Mapping[str, list[str]], int]:
    """Return what is wrong, by field, and the status of the form that says so."""
    if isinstance(error, Stale):
        return {"": [sentence(each) for each in error.messages]}, 409
    return by_field(error), 422
