"""A permanence: an organisation that receives people in an office of the house on fixed days.

It is a booking series with a few words for visitors beside it; what they
read of one of its dates is decided here.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum
from urllib.parse import urlsplit

from booking.core.checks import lines, one_line
from booking.core.errors import InvalidRequest
from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.messages import Message, message
from booking.core.requests import BookingRequest, ChangeRequest
from booking.core.values import State

MOST_TEXT = 1_000
MOST_LINK = 500
MOST_PHONE = 40
MOST_EMAIL = 200
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-/]{2,38}", re.ASCII)
_EMAIL = re.compile(r"[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;.]+")


@dataclass(frozen=True, slots=True)
class Details:
    """What visitors read beside place and time.

    ``link`` is the organisation's own page.  By appointment, it is made at
    ``appointment_link``, or with the telephone or the address.
    """

    text: str = ""
    phone: str = ""
    email: str = ""
    link: str = ""
    by_appointment: bool = False
    appointment_link: str = ""


@dataclass(frozen=True, slots=True)
class PermanenceRequest:
    """A new permanence: its series, and what visitors read."""

    wanted: BookingRequest
    details: Details


@dataclass(frozen=True, slots=True)
class PermanenceChange:
    """A permanence as it shall be from now on, its series and what visitors read."""

    asked: ChangeRequest
    details: Details


@dataclass(frozen=True, slots=True)
class DayAsked:
    """One date of a permanence."""

    booking_id: int
    occurrence_id: int


@dataclass(frozen=True, slots=True)
class LateRequest:
    """One date begins later: at ``expected``, wall clock of that day; None is on time."""

    day: DayAsked
    expected: time | None


class Standing(StrEnum):
    """What visitors read about one date."""

    COMING = "coming"
    HERE = "here"
    LATE = "late"
    AWAY = "away"
    OVER = "over"


@frozen()
class PermanenceDate:
    """One date of a permanence, as anybody may read it.

    ``space_ids`` are in id order.  ``usual`` and ``usual_space_ids`` are when and
    where it would be by its series; ``expected_at`` is from when somebody is
    there who is late.
    """

    booking_id: int
    occurrence_id: int
    site_id: int
    space_ids: tuple[int, ...]
    interval: Interval
    state: State
    title: str
    organisation_id: int | None
    organisation_name: str
    details: Details
    usual: Interval
    usual_space_ids: tuple[int, ...]
    expected_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """Return what is true of it at this moment."""
        if not self.state.is_open:
            return Standing.AWAY
        if self.interval.end <= now:
            return Standing.OVER
        if self.late_until is not None and now < self.late_until:
            return Standing.LATE
        return Standing.HERE if self.interval.start <= now else Standing.COMING

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is in another office than its series."""
        return not {*self.space_ids} <= {*self.usual_space_ids}

    @property
    def is_at_other_time(self) -> bool:
        """Whether it is at another time than its series has it."""
        return self.interval != self.usual

    @property
    def late_until(self) -> datetime | None:
        """From when somebody is there who is late, None on time.

        What was said of a date that has another time since is void.
        """
        at = self.expected_at
        return at if at is not None and self.interval.start < at < self.interval.end else None


@frozen()
class PermanenceView:
    """A permanence as those see it who look after it; its times are those of the first date."""

    booking_id: int
    site_id: int
    title: str
    organisation_id: int | None
    organisation_name: str
    rule: str | None
    starts_at: datetime
    ends_at: datetime
    zone: str
    space_ids: tuple[int, ...]
    details: Details


def checked_details(details: Details) -> Details:
    """Return the details with clean texts.

    Raises:
        InvalidRequest: With a message for each field that is wrong.
    """
    clean = replace(
        details,
        text=lines(details.text),
        phone=one_line(details.phone),
        email=one_line(details.email),
        link=details.link.strip(),
        appointment_link=details.appointment_link.strip() if details.by_appointment else "",
    )
    wrong = [*_wrong_contact(clean), *_wrong_links(clean)]
    if len(clean.text) > MOST_TEXT:
        wrong.append(message("text_too_long", "text", limit=MOST_TEXT))
    reached = clean.appointment_link or clean.phone or clean.email
    if clean.by_appointment and not reached:
        wrong.append(message("appointment_unreachable", "appointment_link"))
    if wrong:
        raise InvalidRequest(*wrong)
    return clean


def _wrong_contact(details: Details) -> list[Message]:
    wrong = []
    if details.phone and not _PHONE.fullmatch(details.phone):
        wrong.append(message("phone_invalid", "phone"))
    too_long = len(details.email) > MOST_EMAIL
    if details.email and (too_long or not _EMAIL.fullmatch(details.email)):
        wrong.append(message("email_invalid", "email"))
    return wrong


def _wrong_links(details: Details) -> list[Message]:
    links = {"link": details.link, "appointment_link": details.appointment_link}
    return [message("link_invalid", name) for name, each in links.items() if not _is_link(each)]


def _is_link(text: str) -> bool:
    """Whether it is empty, or an address that a page may lead to."""
    if not text:
        return True
    if len(text) > MOST_LINK or not text.isprintable() or re.search(r"[\s\\<>\"]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
