"""A lease as it is typed, and what is read of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import request

from booking.core.errors import InvalidRequest
from booking.core.letting import LAST_DAY
from booking.core.requests import LeaseRequest
from booking.core.values import Document, Included, LeaseView
from booking.web import amounts
from booking.web.admin.typed import length, length_text, number, text_of
from booking.web.bookings.reading import read_date
from booking.web.forms import Reading
from booking.web.numbers import is_id

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_AMOUNT = re.compile(r"[0-9]{1,7}(?:[.,][0-9]{1,6})?")
_GROUPING = dict.fromkeys(map(ord, " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}’'€"))


TEXTS = (
    "space",
    "organisation",
    "starts",
    "ends",
    "share",
    "shares",
    "area_m2",
    "rent_m2",
    "rooms",
    "months_notice",
    "documents",
    "note",
    "version",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A lease as it is typed; ``documents`` is a line for each, its title before its link."""

    space: str = ""
    organisation: str = ""
    starts: str = ""
    ends: str = ""
    share: str = "1"
    shares: str = "1"
    weekdays: tuple[str, ...] = ()
    area_m2: str = ""
    rent_m2: str = ""
    includes: tuple[str, ...] = ()
    rooms: str = ""
    months_notice: str = "3"
    documents: str = ""
    note: str = ""
    version: str = ""

    @classmethod
    def from_form(cls) -> "Typed":
        """Return what was sent."""
        form = request.form
        typed = cls(
            weekdays=tuple(form.getlist("weekdays")[:20]),
            includes=tuple(form.getlist("includes")[:20]),
        )
        texts: dict[str, Any] = {name: text_of(form, name, 12_000) for name in TEXTS}
        return replace(typed, **texts)

    @classmethod
    def from_view(cls, view: LeaseView) -> "Typed":
        """Return a stored lease for the form."""
        return cls(
            space=str(view.space_id),
            organisation=str(view.organisation_id),
            starts=view.starts.isoformat(),
            ends="" if view.ends is None else view.ends.isoformat(),
            share=str(view.share),
            shares=str(view.shares),
            weekdays=tuple(str(each) for each in sorted(view.weekdays)),
            area_m2=amounts.typed(view.area_m2),
            rent_m2=amounts.typed(view.rent_m2),
            includes=tuple(sorted(view.includes)),
            rooms=length_text(view.rooms, HOUR) if view.rooms is not None else "",
            months_notice=str(view.months_notice),
            documents="\n".join(f"{each.title} {each.url}".strip() for each in view.documents),
            note=view.note,
            version=str(view.version),
        )

    @property
    def seen(self) -> int:
        """The version that was seen; 0 where none was sent."""
        return int(self.version) if is_id(self.version) else 0

    def read(self) -> LeaseRequest:
        """Return what was typed.

        Raises:
            InvalidRequest: With a message for each field that makes no sense.
        """
        reading = Reading()
        starts = reading.take(lambda: read_date(self.starts, "starts"), LAST_DAY)
        ends = reading.take(lambda: read_date(self.ends, "ends") if self.ends else None, None)
        found = LeaseRequest(
            space_id=reading.take(lambda: chosen(self.space, "space"), 0),
            organisation_id=reading.take(lambda: chosen(self.organisation, "organisation"), 0),
            starts=starts,
            ends=ends,
            area_m2=reading.take(lambda: amount(self.area_m2, "area_m2"), Decimal(1)),
            rent_m2=reading.take(lambda: amount(self.rent_m2, "rent_m2"), Decimal(0)),
            share=reading.take(lambda: number(self.share, "share"), None) or 1,
            shares=reading.take(lambda: number(self.shares, "share"), None) or 1,
            weekdays=frozenset(int(each) for each in self.weekdays if each in {*"0123456"}),
            includes=frozenset(self.includes) & frozenset(Included),
            rooms=reading.take(self._rooms, None),
            months_notice=reading.take(lambda: number(self.months_notice, "months_notice"), None)
            or 0,
            documents=tuple(_documents(self.documents)),
            note=self.note,
        )
        reading.done()
        return found

    def _rooms(self) -> timedelta | None:
        if self.rooms == "0":
            return timedelta(0)
        return length(self.rooms, "rooms", HOUR)


def amount(text: str, name: str) -> Decimal:
    """Return an exact number, with a point or a comma, whatever groups its digits.

    Raises:
        InvalidRequest: If it is none.
    """
    plain = text.translate(_GROUPING)
    if not _AMOUNT.fullmatch(plain):
        raise InvalidRequest.because("decimal_invalid", name)
    return Decimal(plain.replace(",", "."))


def chosen(text: str, name: str) -> int:
    """Return the id of what was chosen from a list.

    Raises:
        InvalidRequest: If nothing was.
    """
    if not is_id(text):
        raise InvalidRequest.because("choice_invalid", name)
    return int(text)


def day(text: str, name: str) -> date:
    """Return a day.

    Raises:
        InvalidRequest: If it is none.
    """
    return read_date(text, name)


def _documents(text: str) -> Iterator[Document]:
    """Yield what each line names: the link is its last word, the title what stands before."""
    for line in text.splitlines():
        title, _, url = line.strip().rpartition(" ")
        if url:
            yield Document(title.strip() or url, url)
