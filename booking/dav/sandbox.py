"""Calendars without the house's rules, in memory, for the public suites alone.

They are there where the operator's settings say ``security.sandbox`` (tests):
any component may be put, MKCALENDAR makes one, nothing clashes.  The same
methods, filters and reports answer as for rooms; only what is behind them
differs.
"""

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock

from flask import current_app
from flask_babel import lazy_gettext as _l

from booking.config import Config
from booking.core.intervals import Interval, merge
from booking.dav.calendars import Changes, Item, StaleToken, Stored
from booking.dav.errors import Refused, caldav
from booking.dav.instances import ALWAYS, TooMany, expanded, instances
from booking.dav.looking import Looking
from booking.dav.trees import Tree, parsed
from booking.ical import Busy

_KINDS = ("VEVENT", "VTODO", "VJOURNAL")
_SYNC = "urn:booking:sandbox:"


@dataclass(slots=True)
class _Object:
    text: str
    uid: str
    revision: int
    modified: datetime

    @property
    def etag(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:24]


@dataclass(slots=True)
class _Box:
    """One calendar: its properties as XML by name, what is in it, and what was."""

    number: int
    name: str
    components: tuple[str, ...] = _KINDS
    properties: dict[str, str] = field(default_factory=dict)
    objects: dict[str, _Object] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    revision: int = 0


@dataclass(slots=True)
class _Boxes:
    """All of them, by user and slug; one lock for all."""

    boxes: dict[tuple[str, str], _Box] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    numbers: Iterable[int] = field(default_factory=lambda: itertools.count(1))


def is_open() -> bool:
    """Whether this service has a sandbox."""
    config: Config = current_app.extensions["booking"]["config"]
    return config.security.sandbox


def _all() -> _Boxes:
    found: _Boxes = current_app.extensions.setdefault("booking.dav.sandbox", _Boxes())
    return found


def calendar(looking: Looking, slug: str) -> "SandboxCalendar | None":
    """Return the calendar of that name."""
    box = _all().boxes.get((looking.user, slug)) if is_open() else None
    return None if box is None else SandboxCalendar(looking, slug, box)


def calendars(looking: Looking) -> list["SandboxCalendar"]:
    """Return those of who asks."""
    if not is_open():
        return []
    mine = [(slug, box) for (user, slug), box in _all().boxes.items() if user == looking.user]
    return [SandboxCalendar(looking, slug, box) for slug, box in mine]


def make(looking: Looking, slug: str, components: Sequence[str]) -> "SandboxCalendar":
    """Make a calendar."""
    known = _all()
    with known.lock:
        box = _Box(next(iter(known.numbers)), slug, tuple(components) or _KINDS)
        known.boxes[looking.user, slug] = box
    return SandboxCalendar(looking, slug, box)


@dataclass(frozen=True)
class SandboxCalendar:
    """A calendar of the sandbox, for its reader."""

    looking: Looking
    slug: str
    box: _Box

    may_write = True
    is_sandbox = True
    zone = "UTC"

    @property
    def path(self) -> str:
        """Its address."""
        return f"{self.looking.home}{self.slug}/"

    @property
    def name(self) -> str:
        """Its name."""
        return self.box.properties.get("{DAV:}displayname", self.box.name)

    @property
    def colour(self) -> str:
        """Its colour, "" without one."""
        return self.box.properties.get("{http://apple.com/ns/ical/}calendar-color", "")

    @property
    def order(self) -> int:
        """Where it stands."""
        said = self.box.properties.get("{http://apple.com/ns/ical/}calendar-order", "")
        return int(said) if said.isdecimal() and len(said) < 10 else 1000

    @property
    def description(self) -> str:
        """Its description."""
        return self.box.properties.get("{urn:ietf:params:xml:ns:caldav}calendar-description", "")

    @property
    def components(self) -> tuple[str, ...]:
        """What may be put."""
        return self.box.components

    def token(self) -> str:
        """Return where it is."""
        return f"{_SYNC}{self.box.number}:{self.box.revision}"

    def items(self, window: Interval | None = None) -> list[Item]:
        """Return its objects; with a window the events that overlap it."""
        with _all().lock:
            found = [_item(name, each) for name, each in sorted(self.box.objects.items())]
        if window is None:
            return found
        return [each for each in found if self._is_within(each, window)]

    def _is_within(self, item: Item, window: Interval) -> bool:
        try:
            return bool(instances(_tree(item), "VEVENT", window, self.zone))
        except TooMany:
            return True

    def named(self, names: Iterable[str]) -> dict[str, Item]:
        """Return the objects with these names."""
        known = self.box.objects
        return {name: _item(name, known[name]) for name in names if name in known}

    def texts(self, items: Sequence[Item]) -> Mapping[str, str]:
        """Return their texts, as they were sent."""
        return {each.name: _stored(each).text for each in items}

    def since(self, token: str, limit: int | None) -> Changes:
        """Return what changed since a token."""
        box = self.box
        with _all().lock:
            since = self._revision(token) if token else 0
            news = [
                (each.revision, name) for name, each in box.objects.items() if each.revision > since
            ]
            if token:
                news += [
                    (revision, name) for name, revision in box.gone.items() if revision > since
                ]
            news.sort()
            shown = news if limit is None else news[:limit]
            upto = box.revision if shown == news else shown[-1][0]
            items = [_item(name, box.objects[name]) for _r, name in shown if name in box.objects]
            gone = [name for _r, name in shown if name not in box.objects]
            token = f"{_SYNC}{box.number}:{upto}"
            return Changes(items, gone, token, complete=shown == news)

    def _revision(self, token: str) -> int:
        number, _colon, revision = token.removeprefix(_SYNC).partition(":")
        known = token.startswith(_SYNC) and number == str(self.box.number)
        if not known or not revision.isdecimal() or int(revision) > self.box.revision:
            raise StaleToken
        return int(revision)

    def busy(self, window: Interval) -> list[tuple[Busy, Interval]]:
        """Return when its events make it busy (RFC 4791 §7.10)."""
        found: list[tuple[Busy, Interval]] = []
        for item in self.items(window):
            for each in expanded(_tree(item), window, self.zone).components("VEVENT"):
                found += _busy(each, window, self.zone)
        return [(kind, each) for kind in Busy for each in merge([x for k, x in found if k is kind])]

    def tag(self) -> str:
        """Return what tells the file of all its objects from others."""
        return self.token().replace(":", "-")

    def whole(self) -> bytes:
        """Return all of it as one file."""
        trees = [_tree(each) for each in self.items()]
        zones = {
            each.value("TZID"): each for tree in trees for each in tree.components("VTIMEZONE")
        }
        others = [each for tree in trees for each in tree.inner if each.name != "VTIMEZONE"]
        head = parsed("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//House Booking//EN\nEND:VCALENDAR\n")
        return Tree("VCALENDAR", head.lines, [*zones.values(), *others]).text().encode()

    def put(self, name: str, text: str, uid: str) -> Stored:
        """Store an object as it was sent.

        Raises:
            Refused: If another one has its UID.
        """
        with _all().lock:
            box = self.box
            other = next((n for n, o in box.objects.items() if o.uid == uid and n != name), None)
            before = box.objects.get(name)
            if other is not None or (before is not None and before.uid != uid):
                raise Refused(
                    403,
                    caldav("no-uid-conflict"),
                    _l("Another object has this UID: fetch it, and change that one."),
                )
            box.revision += 1
            box.objects[name] = _Object(text, uid, box.revision, self.looking.now)
            box.gone.pop(name, None)
            return Stored(created=before is None, etag=box.objects[name].etag)

    def delete(self, name: str) -> None:
        """Remove an object."""
        with _all().lock:
            self.box.revision += 1
            if self.box.objects.pop(name, None) is not None:
                self.box.gone[name] = self.box.revision

    def remove(self) -> None:
        """Remove the calendar."""
        with _all().lock:
            _all().boxes.pop((self.looking.user, self.slug), None)

    def set(self, properties: Mapping[str, str | None]) -> None:
        """Set its properties, None removes one."""
        for name, value in properties.items():
            if value is None:
                self.box.properties.pop(name, None)
            else:
                self.box.properties[name] = value


def _item(name: str, found: _Object) -> Item:
    return Item(name, found.etag, found.modified, found, may_change=True)


def _stored(item: Item) -> _Object:
    assert isinstance(item.key, _Object)  # noqa: S101  made above
    return item.key


def _tree(item: Item) -> Tree:
    return parsed(_stored(item).text)


def _busy(event: Tree, window: Interval, zone: str) -> list[tuple[Busy, Interval]]:
    status = event.value("STATUS").upper()
    if event.value("TRANSP").upper() == "TRANSPARENT" or status == "CANCELLED":
        return []
    found = instances(Tree("VCALENDAR", [], [event]), "VEVENT", ALWAYS, zone)
    spans = [span for each in found if (span := each.span(zone))]
    kind = Busy.TENTATIVE if status == "TENTATIVE" else Busy.BUSY
    return [(kind, each.common(window)) for each in spans if each.overlaps(window)]
