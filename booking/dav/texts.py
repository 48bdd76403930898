"""The texts of objects: written once for each version and view, then taken from a shelf."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from flask import current_app

from booking import events, ical
from booking.addresses import room_address, space_named
from booking.config import Config
from booking.core.calendars import Described
from booking.core.intervals import Interval
from booking.core.values import Space, Visibility
from booking.core.visibility import Readable, Sight, sight
from booking.dav.calendars import Item
from booking.garbage import uncollected
from booking.ical import itip
from booking.queries import feed
from booking.queries.calendar_objects import (
    KeptText,
    RoomAnswers,
    kept_texts,
    room_answers,
)
from booking.queries.dav import Member, in_window, within
from booking.shelves import Shelf
from booking.written import Feed, Writer, Written, size_of

if TYPE_CHECKING:
    from booking.dav.house import HouseCalendar

MOST_BYTES = 16 * 1024 * 1024
# With more, a booking's rows are read in pieces.
MOST_AT_ONCE = 2_000


def shelf() -> Shelf[ical.Component]:
    """Return the written events of this process, by calendar and ETag."""
    kept: Shelf[ical.Component] = current_app.extensions.setdefault(
        "booking.dav", Shelf(MOST_BYTES, lambda each: len(each.text) + 200)
    )
    return kept


def texts_of(calendar: "HouseCalendar", items: Sequence[Item]) -> dict[str, str]:
    """Return the texts of objects, by name; those that have nothing to show are left out.

    What its reader's own programs sent comes back as it was, while it says all of the booking;
    later with what they alone understand.  Where it says who invites, the rooms have
    answered (RFC 6638 §7.3).  Seven statements at most.
    """
    sent = _sent(calendar, items)
    whole = {etag for etag, each in sent.items() if each.body is not None}
    written = _written(calendar, [each for each in items if each.etag not in whole])
    found: dict[str, str] = {}
    for item in items:
        own = sent.get(item.etag)
        if own is not None and own.body is not None:
            found[item.name] = own.body.decode(errors="replace")
        elif item.etag in written:
            text = ical.calendar_object(written[item.etag])
            found[item.name] = text if own is None else ical.merged(text, own.kept)
    asked = [each for each in items if each.etag in sent and ical.is_organised(found[each.name])]
    return found | _answered(calendar, asked, found)


def unanswered(text: str) -> str:
    """Return what a program sent without what the house itself says of rooms."""
    return ical.unanswered(text, _is_room)


def _is_room(address: str) -> bool:
    return space_named(address, _config()) is not None


def _config() -> Config:
    config: Config = current_app.extensions["booking"]["config"]
    return config


def _answered(
    calendar: "HouseCalendar", items: Sequence[Item], texts: Mapping[str, str]
) -> dict[str, str]:
    """Return the texts of these objects with the answers of rooms, by name; one statement."""
    numbers = {each.name: each.key.booking_id for each in items if isinstance(each.key, Member)}
    if not numbers:
        return {}
    found = room_answers(calendar.looking.session, numbers.values())
    spaces, config = calendar.looking.spaces, _config()

    def lines(answers: RoomAnswers, place: str) -> list[str]:
        at = datetime.fromisoformat(place) if place else None
        rooms = answers.usual if at is None else answers.dates.get(at, answers.usual)
        return [
            itip.room_answer(itip.Party(spaces[id_].name, room_address(spaces[id_], config)), state)
            for id_, state in rooms.items()
            if id_ in spaces
        ]

    return {
        name: ical.answered(texts[name], found[id_].zone, _is_room, partial(lines, found[id_]))
        for name, id_ in numbers.items()
    }


def _sent(calendar: "HouseCalendar", items: Sequence[Item]) -> dict[str, KeptText]:
    """Return what the reader's own programs sent of objects, by ETag; one statement if any."""
    own = {
        each.key.booking_id: each
        for each in items
        if isinstance(each.key, Member) and each.key.digest and each.may_change
    }
    if not own:
        return {}
    versions = {id_: each.key.version for id_, each in own.items() if isinstance(each.key, Member)}
    found = kept_texts(calendar.looking.session, calendar.listing.reader, versions)
    return {own[id_].etag: each for id_, each in found.items()}


def file_of(
    calendar: "HouseCalendar", depends_on: Hashable, window: Interval
) -> bytes | Iterator[bytes]:
    """Return all objects with a date in a window as one file, a long one in pieces.

    ``depends_on`` is what they depend on apart from their bookings: while it is the same,
    only those that have changed are written again.  What comes in pieces is not kept.
    """
    listing, looking = calendar.listing, calendar.looking
    writer = Writer(looking.session, in_window(listing, window), looking.spaces)
    words = words_of(calendar, writer.spaces)
    # In these, to be there says whose it is.
    if listing.key[0] in ("organisation", "programme"):
        words = replace(words, is_told=lambda booking: words.sight(booking).reads)
    feed = Feed(calendar.name, writer, words, looking.language)
    if feed.is_long:
        return feed.pieces()
    kept: Shelf[Written] = current_app.extensions.setdefault(
        "booking.dav.written", Shelf(MOST_BYTES, size_of)
    )
    body, written = feed.whole(kept.get(depends_on))
    kept.put(depends_on, written)
    return body


def _written(calendar: "HouseCalendar", items: Sequence[Item]) -> dict[str, ical.Component]:
    kept = shelf()
    found = {each.etag: text for each in items if (text := kept.get(each.etag))}
    missing = {
        each.key.booking_id: each
        for each in items
        if each.etag not in found and isinstance(each.key, Member)
    }
    ids = list(missing)
    for at in range(0, len(ids), MOST_AT_ONCE):
        with uncollected():
            made = _made(calendar, ids[at : at + MOST_AT_ONCE])
        for booking_id, text in made.items():
            found[missing[booking_id].etag] = text
            kept.put(missing[booking_id].etag, text)
    return found


def _made(calendar: "HouseCalendar", ids: Sequence[int]) -> dict[int, ical.Component]:
    looking = calendar.looking
    wanted = feed.Wanted(feed.alone(*ids[:1]).ids, within(calendar.listing))
    writer = Writer(looking.session, wanted, looking.spaces)
    made = writer.made(ids, words_of(calendar, writer.spaces))
    return {id_: text for id_, (_version, text) in made.items() if text}


class _Placed(NamedTuple):
    """What the right to read follows from, in one certain space."""

    space_id: int
    site_id: int
    visibility: Visibility
    organiser_id: int | None
    created_by_id: int | None
    organisation_id: int | None

    @classmethod
    def of(cls, booking: Readable, space_id: int) -> "_Placed":
        return cls(space_id, *(getattr(booking, name) for name in cls._fields[1:]))


def words_of(calendar: "HouseCalendar", spaces: Mapping[int, Space]) -> ical.Words:
    """Return what objects of a calendar say to its reader, in whatever of these spaces."""
    looking = calendar.looking
    (kind, owner), reader = calendar.listing.key, looking.actor
    usual = events.words(
        reader,
        spaces,
        sites=looking.sites,
        categories=looking.categories,
        base=looking.base,
        busy=False,
        key=f"{looking.key}:{looking.user}",
    )
    space_id = owner if kind == "space" else 0

    def sight_here(booking: Readable) -> Sight:
        # Approvers are asked by the calendar's own space, as where its objects are listed.
        return sight(_Placed.of(booking, space_id), reader)

    def describe(booking: Described, seen: Sight) -> str:
        # What its own people read they may send back as it is.
        return booking.note if seen.notes else usual.describe(booking, seen)

    return replace(usual, describe=describe, sight=sight_here)
