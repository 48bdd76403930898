"""Who is invited to a booking by mail, what they answered, and which answers count.  Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import getaddresses
from enum import StrEnum

from booking.core.errors import InvalidRequest
from booking.core.frozen import frozen
from booking.core.messages import Message, message

MOST_INVITEES = 50  # of one booking
MOST_A_DAY = 200  # that one person invites
MOST_TYPED = 20_000
MOST_NAME = 120
_PARTED = re.compile(r"[;\r\n]+")


class Answer(StrEnum):
    """What an invitee said (PARTSTAT, RFC 5545 §3.2.12), in lower case."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    PENDING = "needs-action"


GIVEN = frozenset(Answer) - {Answer.PENDING}


class Trouble(StrEnum):
    """Why somebody is invited and gets no mail."""

    OPTED_OUT = "opted_out"
    REFUSED = "refused"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody to invite: an address as it was typed, and a name or ""."""

    email: str
    name: str = ""


@frozen()
class Invitee:
    """Somebody who is invited; ``dates`` has answers about single dates, by their local start."""

    id: int
    booking_id: int
    email: str
    name: str
    person_id: int | None
    answer: Answer
    answered_at: datetime | None = None
    trouble: Trouble | None = None
    dates: tuple[tuple[datetime, Answer], ...] = ()

    @property
    def called(self) -> str:
        """The name, or the address of those who have none."""
        return self.name or self.email


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it came in; ``recurrence_id`` None is about all dates.

    ``sequence`` is the version of the booking that it is about (None: as it
    is now), ``stamp`` when it was given (DTSTAMP).
    """

    answer: Answer
    sequence: int | None
    stamp: datetime
    recurrence_id: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an invitee when an answer comes in.

    ``asked`` is the version from which on answers count, as time and place are
    those of now; ``newest`` the last that there is.  ``is_open`` tells that the
    booking takes place.  ``last`` is the answer to the same question before, by
    its version and stamp.
    """

    asked: int
    newest: int
    is_invited: bool
    is_open: bool
    last: tuple[int, datetime] | None = None


def weigh(given: Given, known: Known) -> Message | None:
    """Return why an answer does not count, None where it does (RFC 5546 §3.2.3, §2.1.5)."""
    if not known.is_invited:
        return message("answer_uninvited")
    if not known.is_open:
        return message("answer_cancelled")
    if given.sequence is None:
        return None
    if given.sequence < known.asked:
        return message("answer_old")
    if given.sequence > known.newest:
        return message("answer_ahead")
    if known.last is not None and (given.sequence, given.stamp) <= known.last:
        return message("answer_repeated")
    return None


def typed_people(text: str) -> list[Named]:
    """Return the people that somebody typed, one a line or parted by commas or semicolons.

    ``Anna <anna@example.org>`` has a name, ``anna@example.org`` none.  Whether
    an address can be one is for the verb to say.

    Raises:
        InvalidRequest: If there are too many, on the field ``invite``.
    """
    if len(text) > MOST_TYPED:
        raise InvalidRequest.because("invitees_too_many", "invite", limit=MOST_INVITEES)
    found = [
        Named(address.strip() or name.strip(), name.strip() if address.strip() else "")
        for line in _PARTED.split(text)
        if line.strip(" ,\t")
        for name, address in _addresses(line)
    ]
    if len(found) > MOST_INVITEES:
        raise InvalidRequest.because("invitees_too_many", "invite", limit=MOST_INVITEES)
    return found


def _addresses(line: str) -> list[tuple[str, str]]:
    found = [each for each in getaddresses([line]) if each != ("", "")]
    return found or [("", line.strip())]


def counted(invitees: Iterable[Invitee]) -> Mapping[Answer, int]:
    """Return how many gave each answer, in the order of ``Answer``; none is left out."""
    answers = [each.answer for each in invitees]
    return {each: answers.count(each) for each in Answer}
