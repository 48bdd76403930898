"""The calendars of the house: rooms, one's own bookings, those of organisations, the programme."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property

from flask_babel import gettext as _

from booking import __version__
from booking.core.intervals import Interval
from booking.core.permissions import may_change
from booking.core.values import Actor, Site, Space
from booking.core.visibility import may_read, may_read_private
from booking.dav.calendars import Changes, Item, StaleToken
from booking.dav.instances import ALWAYS
from booking.dav.looking import Looking
from booking.dav.texts import file_of, texts_of
from booking.garbage import uncollected
from booking.ical import Busy
from booking.queries import dav as reads
from booking.queries.dav import Key, Listing, Member

# What is over for longer is not listed, but found by whoever asks for its time or its name.
KEPT = timedelta(weeks=53)
COLOURS = (
    "#547ECDFF", "#089678FF", "#698E2FFF", "#C25C5FFF", "#926ABEFF", "#B17000FF", "#158EABFF",
    "#B85C8BFF", "#3B9555FF", "#BE6438FF", "#0F9293FF", "#7973CAFF", "#918112FF", "#BD5B7DFF",
    "#1A89C5FF", "#AB61A5FF",
)  # fmt: skip
OWN_COLOUR, PUBLIC_COLOUR = "#2F5D8AFF", "#6B7280FF"
_SYNC = "urn:booking:sync:"


@dataclass(frozen=True)
class HouseCalendar:
    """A calendar of bookings, as one reader sees it."""

    looking: Looking
    listing: Listing
    name: str
    description: str
    colour: str
    order: int
    site: Site | None = None
    space: Space | None = None

    components = ("VEVENT",)
    is_sandbox = False

    @cached_property
    def slug(self) -> str:
        """Its name in addresses: ``space-3``."""
        kind, owner = self.listing.key
        return f"{kind}-{owner}"

    @cached_property
    def path(self) -> str:
        """Its address."""
        return f"{self.looking.home}{self.slug}/"

    @property
    def zone(self) -> str:
        """The zone of times without one."""
        site = self.site or next(iter(self.looking.sites.values()), None)
        return site.zone if site else "UTC"

    @property
    def may_write(self) -> bool:
        """Whether its reader may book in it."""
        kind = self.listing.key[0]
        bookable = self.space.bookable if self.space else kind == "person"
        return self.looking.may_write and bookable

    def token(self) -> str:
        """Return where the calendar is."""
        return self._token(self._position)

    def items(self, window: Interval | None = None) -> list[Item]:
        """Return its objects; without a window those that are not over for long."""
        session = self.looking.session
        found = reads.members(session, self.listing, window or self._kept)
        return [item for each in found if (item := self._item(each))]

    def named(self, names: Iterable[str]) -> dict[str, Item]:
        """Return the objects with these names, by name."""
        wanted, session = set(names), self.looking.session
        numbers = {each: number_of(each) for each in wanted}
        ids = {number for number in numbers.values() if number}
        if self.listing.reader:
            others = [each for each, number in numbers.items() if number is None]
            ids.update(reads.ids_named(session, self.listing.reader, others))
        members = reads.members_by_id(session, self.listing, sorted(ids))
        found = (self._item(each) for each in members if each.is_member)
        return {each.name: each for each in found if each and each.name in wanted}

    def numbered(self, booking_id: int) -> Item | None:
        """Return the object of a booking, None where it is not here."""
        members = reads.members_by_id(self.looking.session, self.listing, [booking_id])
        return next((self._item(each) for each in members if each.is_member), None)

    def texts(self, items: Sequence[Item]) -> Mapping[str, str]:
        """Return the texts of objects, by name."""
        return texts_of(self, items)

    def busy(self, window: Interval) -> list[tuple[Busy, Interval]]:
        """Return when it is busy, from what is held."""
        session = self.looking.session
        if self.space is not None:
            lanes = reads.room_lanes(session, self.space.part_ids)
            taken = reads.taken_in(session, lanes, window)
        elif self.listing.key[0] == "programme":
            return []
        else:
            taken = reads.taken_by(session, self.listing.key, window)
        return [
            *((Busy.BUSY, each) for each in taken.confirmed),
            *((Busy.TENTATIVE, each) for each in taken.requested),
            *((Busy.UNAVAILABLE, each) for each in taken.closed),
        ]

    @cached_property
    def _people(self) -> tuple[int, ...]:
        return reads.people_state(self.looking.session)

    def tag(self) -> str:
        """Return what tells the file of all its objects from others."""
        names = ".".join(map(str, self._people))
        return f"{self.token()}-{names}".replace(":", "-")

    def whole(self) -> bytes | Iterator[bytes]:
        """Return all its objects as one file (RFC 7986 names it), a long one in pieces."""
        return file_of(self, (self.view, self._people), self._kept)

    def since(self, token: str, limit: int | None) -> Changes:
        """Return what changed since a token.

        Raises:
            StaleToken: If that cannot be told.
        """
        if not token:
            return self._first(self._position, 0, limit)
        place, after = self._read(token)
        if after is not None:
            return self._first(place, after, limit)
        return self._changed(place, limit)

    def _first(self, place: Mapping[int, int], after: int, limit: int | None) -> Changes:
        """Return all there is, or so much of it, in the order of ids."""
        session = self.looking.session
        with uncollected():
            members = reads.members(session, self.listing, self._kept, after=after)
            found = [(each.booking_id, item) for each in members if (item := self._item(each))]
        if limit is None or len(found) <= limit:
            return Changes([item for _id, item in found], (), self._token(place))
        shown = found[:limit]
        last = shown[-1][0] if shown else after
        items = [item for _id, item in shown]
        return Changes(items, (), self._token(place, after=last), complete=False)

    def _changed(self, place: Mapping[int, int], limit: int | None) -> Changes:
        known = {
            each.collection_id: place.get(owner, 0)
            for (_kind, owner), each in self._revisions.items()
            if each.current > place.get(owner, 0)
        }
        uids, reached, complete = self._news(known, limit)
        members = reads.members_by_uid(self.looking.session, self.listing, uids)
        items, gone = list[Item](), list[str]()
        for each in members:
            item = self._item(each) if each.is_member else None
            if item is not None:
                items.append(item)
            # What is new, and still hidden, had no other name before: nobody learns of it.
            names = _names(each) if each.version > 1 or item is None else ()
            gone += [name for name in names if item is None or name != item.name]
        at = {**place, **{owner: self._reached(owner, reached, known) for owner in self._owners}}
        return Changes(items, gone, self._token(at), complete=complete)

    def _news(
        self, known: Mapping[int, int], limit: int | None
    ) -> tuple[list[str], dict[int, int], bool]:
        """Return what changed, how far each collection was read, and whether that is all."""
        uids: dict[str, None] = {}
        reached: dict[int, int] = {}
        if not known:
            return [], reached, True
        for collection_id, revision, uid in reads.changes(self.looking.session, known):
            if limit is not None and uid not in uids and len(uids) >= limit:
                return list(uids), reached, False
            uids[uid] = None
            reached[collection_id] = revision
        reached |= {
            each.collection_id: max(each.current, reached.get(each.collection_id, 0))
            for each in self._revisions.values()
        }
        return list(uids), reached, True

    def _reached(self, owner: int, reached: Mapping[int, int], known: Mapping[int, int]) -> int:
        revision = self._revisions.get((self.listing.key[0], owner))
        if revision is None:
            return 0
        return reached.get(
            revision.collection_id, known.get(revision.collection_id, revision.current)
        )

    @cached_property
    def _kept(self) -> Interval:
        today = self.looking.now.astimezone(UTC).date()
        start = datetime.combine(today - timedelta(days=today.weekday()), time(), UTC) - KEPT
        return Interval(start, ALWAYS.end)

    @cached_property
    def _owners(self) -> tuple[int, ...]:
        return tuple(owner for _kind, owner in self.listing.collections)

    @cached_property
    def _revisions(self) -> Mapping[Key, reads.Revision]:
        read = self.looking.extra.get("revisions")
        if isinstance(read, dict):
            return {key: read[key] for key in self.listing.collections if key in read}
        return reads.revisions(self.looking.session, self.listing.collections)

    @property
    def _position(self) -> dict[int, int]:
        kind = self.listing.key[0]
        known = self._revisions
        return {
            owner: known[kind, owner].current if (kind, owner) in known else 0
            for owner in self._owners
        }

    @cached_property
    def view(self) -> str:
        """What objects look like to this reader, apart from the bookings: part of every tag."""
        looking = self.looking
        said = (__version__, self.slug, self._owners, looking.names, looking.language, looking.base)
        return hashlib.sha256(repr((*said, _rights(looking.actor))).encode()).hexdigest()[:10]

    def _token(self, place: Mapping[int, int], *, after: int | None = None) -> str:
        at = ".".join(f"{owner}-{revision}" for owner, revision in sorted(place.items()))
        return f"{_SYNC}{self.view}:{at}" + ("" if after is None else f":{after}")

    def _read(self, token: str) -> tuple[dict[int, int], int | None]:
        view, colon, rest = token.removeprefix(_SYNC).partition(":")
        place, _colon, after = rest.partition(":")
        if not (token.startswith(_SYNC) and colon and view == self.view):
            raise StaleToken
        try:
            pairs = [each.split("-") for each in place.split(".")]
            found = {int(owner): int(revision) for owner, revision in pairs}
            number = int(after) if after else None
        except ValueError:
            raise StaleToken from None
        if set(found) != set(self._owners):
            raise StaleToken
        for (_kind, owner), each in self._revisions.items():
            if not (min(each.oldest - 1, each.current) <= found[owner] <= each.current):
                raise StaleToken
        if any(
            found[each] and (self.listing.key[0], each) not in self._revisions for each in found
        ):
            raise StaleToken
        return found, number

    def _item(self, member: Member) -> Item | None:
        """Return the object of a booking as the reader may know it, None where not even that."""
        reader = self.looking.actor
        if not may_read(member, reader):
            if self.listing.key[0] in ("organisation", "programme"):
                return None  # that it is there says whose it is
            name, version, may = f"busy-{member.booking_id}.ics", f"b{member.version}", False
        else:
            own = reader is not None and may_read_private(member, reader)
            name = member.href or f"booking-{member.booking_id}.ics"
            may = own and _may(reader, member)
            seen = f"p{member.sent_version}{member.digest}-" if own else "r"
            version = f"{seen}{member.version}-{member.people}-{member.organisations}"
        # With its time, as a house that was restored counts its versions once more.
        at = int(member.updated_at.timestamp())
        etag = f"{member.booking_id}-{version}-{at:x}-{self.view}"
        return Item(name, etag, member.updated_at, member, may)


def _may(reader: Actor | None, member: Member) -> bool:
    return reader is not None and may_change(reader, member)


def _rights(actor: Actor | None) -> object:
    if actor is None:
        return None
    return (
        actor.person_id,
        sorted(map(repr, actor.grants)),
        sorted(actor.organisations),
        sorted(actor.manages),
    )


def number_of(name: str) -> int | None:
    """Return the id in a name that the house gives, None for other names."""
    kind, dash, number = name.removesuffix(".ics").partition("-")
    is_one = dash and kind in ("booking", "busy") and number.isascii() and number.isdecimal()
    return int(number) if is_one and len(number) < 19 and name.endswith(".ics") else None


def _names(member: Member) -> list[str]:
    """Return all names by which a reader may have known a booking."""
    number = member.booking_id
    known = (member.href, f"booking-{number}.ics", f"busy-{number}.ics")
    return [each for each in known if each]


def house_calendars(looking: Looking, only: str | None = None) -> Iterator[HouseCalendar]:
    """Yield the calendars that a reader may have: own bookings, organisations, rooms, programmes.

    Who has no account has the programmes, and the rooms of houses that show them.  With
    ``only`` the one of that slug.
    """
    of_kind = only and only.partition("-")[0]
    for order, (key, name) in enumerate(_keys(looking, of_kind)):
        kind, owner = key
        if name and (only is None or only == f"{kind}-{owner}"):
            yield _calendar(looking, key, name, order)


def _keys(looking: Looking, of_kind: str | None) -> Iterator[tuple[Key, str]]:
    """Yield keys and names in their order; names that ``of_kind`` leaves out are not asked for."""
    actor = looking.actor
    sites = [each for each in looking.sites.values() if not each.is_archived]
    if actor is not None and actor.person_id is not None:
        is_named = of_kind in (None, "person")
        yield ("person", actor.person_id), _("My bookings") if is_named else ""
        named = looking.organisations if of_kind in (None, "organisation") else {}
        # As many either way, so that what comes after them keeps its place.
        for each in dict.fromkeys((*named, *sorted(actor.organisations))):
            yield ("organisation", each), named.get(each, "")
    for space in looking.spaces.values():
        site = looking.sites[space.site_id]
        if actor is not None or (site.policy.open_rooms and space.bookable):
            place = f", {site.name}" if len(sites) > 1 else ""
            yield ("space", space.id), f"{space.name}{place}"
    for site in sites:
        if site.policy.programme:
            yield ("programme", site.id), _("Programme of %(name)s", name=site.name)


def _calendar(looking: Looking, key: Key, name: str, order: int) -> HouseCalendar:
    kind, owner = key
    reader = (looking.actor.person_id if looking.actor else 0) or 0
    listing, colour, said = Listing(key, reader=reader), OWN_COLOUR, ""
    site: Site | None = None
    space: Space | None = None
    if kind == "space":
        space = looking.spaces[owner]
        site = looking.sites[space.site_id]
        parts = set(space.part_ids)
        shared = [each.id for each in looking.spaces.values() if parts & set(each.part_ids)]
        listing, colour = (
            Listing(key, tuple(sorted(shared)), reader),
            COLOURS[space.colour % len(COLOURS)],
        )
        said = space.description
    elif kind == "organisation":
        colour, said = COLOURS[owner % len(COLOURS)], _("Bookings of %(name)s", name=name)
    elif kind == "programme":
        site, colour = looking.sites[owner], PUBLIC_COLOUR
        inside = [each.id for each in looking.spaces.values() if each.site_id == owner]
        listing = Listing(key, tuple(inside), reader)
        said = _("What is open to everybody.")
    else:
        said = _("What you have booked.")
    return HouseCalendar(looking, listing, name, said, colour, order, site=site, space=space)
