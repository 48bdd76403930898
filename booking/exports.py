"""Everything that is booked, as calendar files: one for each space, or a ZIP of all.

A booking of several rooms is in the file of each, with its one UID and all its
rooms in LOCATION, so importing all files by their places books it once.
"""

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from booking import ical
from booking.core.calendars import CalendarBooking
from booking.core.categories import CategoryView
from booking.core.values import Actor, Space
from booking.core.visibility import seen_by
from booking.i18n import category_names
from booking.models import Allocation, Occurrence
from booking.queries import feed as reads
from booking.queries import houses
from booking.queries.categories import categories

AT_ONCE = 500  # bookings that are read together


def space_file(session: Session, space: Space, reader: Actor, *, base: str) -> bytes:
    """Return the calendar of all bookings of a space, those that are over as well.

    As the reader may see them: to whoever runs the house nothing is hidden.
    ``base`` is the address of the service without a slash at its end.
    """
    known = {each.id: each.name for each in houses.spaces_around(session, [space.id]).values()}
    words = _words(reader, known, categories(session), base=base)
    found = (ical.event_of(each, words) for each in _bookings(session, space.id))
    return ical.calendar(space.name, [ical.component(each) for each in found if each])


def _bookings(session: Session, space_id: int) -> Iterator[CalendarBooking]:
    """Yield all bookings of a space by start, with all their dates in whatever room."""
    there = (
        select(Occurrence.booking_id)
        .join(Allocation, Allocation.occurrence_id == Occurrence.id)
        .where(Allocation.space_id == space_id)
    )
    wanted = reads.Wanted(there, true())
    ids = list(reads.versions(session, wanted))
    for first in range(0, len(ids), AT_ONCE):
        yield from reads.bookings(session, wanted, only=ids[first : first + AT_ONCE])


def _words(
    reader: Actor, spaces: Mapping[int, str], known: Iterable[CategoryView], *, base: str
) -> ical.Words:
    return ical.Words(
        seen=lambda view: seen_by(view, reader),
        busy="Busy",
        categories=category_names(known),
        describe=lambda view: view.note,
        locate=lambda ids: ", ".join(spaces[each] for each in ids if each in spaces),
        link=lambda view: f"{base}/bookings/{view.booking_id}",
        key=base,
    )


def files(
    session: Session, spaces: Iterable[Space], reader: Actor, *, base: str
) -> Iterator[tuple[str, bytes]]:
    """Yield name and octets of the file of each space, one after the other."""
    for space in spaces:
        yield file_name(space), space_file(session, space, reader, base=base)


def write_zip(
    target: IO[bytes], session: Session, spaces: Iterable[Space], reader: Actor, *, base: str
) -> int:
    """Write a ZIP of the files of spaces; return how many there are."""
    number = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files(session, spaces, reader, base=base):
            archive.writestr(name, octets)
            number += 1
    return number


def file_name(space: Space) -> str:
    """Return the name of a space's file: its own in plain letters, and its id."""
    plain = unicodedata.normalize("NFKD", space.name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]
    return f"{words or 'space'}-{space.id}.ics"
