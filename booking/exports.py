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
from booking.core.categories import CategoryView
from booking.core.values import Actor, Space
from booking.core.visibility import sight
from booking.i18n import category_names
from booking.models import Allocation, Occurrence
from booking.queries import houses
from booking.queries.categories import categories
from booking.queries.feed import Wanted
from booking.written import Writer, components


def space_file(session: Session, space: Space, reader: Actor, *, base: str) -> bytes:
    """Return the calendar of all bookings of a space, those that are over as well.

    As the reader may see them: to whoever runs the house nothing is hidden.
    ``base`` is the address of the service without a slash at its end.
    """
    known = {each.id: each.name for each in houses.spaces_around(session, [space.id]).values()}
    words = _words(reader, known, categories(session), base=base)
    found = Writer(session, _wanted(space.id)).written(words)
    return ical.calendar(space.name, components(found))


def _wanted(space_id: int) -> Wanted:
    """Want all bookings of a space, with all their dates in whatever room."""
    there = (
        select(Occurrence.booking_id)
        .join(Allocation, Allocation.occurrence_id == Occurrence.id)
        .where(Allocation.space_id == space_id)
    )
    return Wanted(there, true())


def _words(
    reader: Actor, spaces: Mapping[int, str], known: Iterable[CategoryView], *, base: str
) -> ical.Words:
    return ical.Words(
        sight=lambda view: sight(view, reader),
        busy="Busy",
        categories=category_names(known),
        describe=lambda booking, _sight: booking.note,
        locate=lambda ids: ", ".join(spaces[each] for each in ids if each in spaces),
        link=lambda booking: f"{base}/bookings/{booking.booking_id}",
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
