"""What the parts of a run share: whose it is, both sides, and what it has done so far."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from booking.actions import connections as verbs
from booking.actions.connections import Claimed
from booking.core.connections import ConnectionView, RemoteView
from booking.core.messages import Message
from booking.db import db
from booking.ical.objects import digest
from booking.queries.connections import bases, remote_objects
from booking.sync.diff import Agreed, Ours, Rules, Step
from booking.sync.ours import House, Text
from booking.sync.remote import Remote

Clock = Callable[[], datetime]
KEPT_FOR = timedelta(seconds=20)  # then the lease is renewed


@dataclass(slots=True)
class Done:
    """What came of some steps, to be stored: columns by object, what is gone, what to tell."""

    changed: dict[int, dict[str, object]] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    said: list[tuple[Message, int | None]] = field(default_factory=list)

    def say(self, code: str, booking_id: int | None, /, **params: str | int) -> None:
        """Write a line into the connection's diary."""
        self.said.append((Message(code, params), booking_id))


class Visit:
    """A worker at the calendar of one connection.

    What it reads it reads to the end: while the other server is asked, no
    transaction is open and no connection of the pool is taken.

    ``known`` are our objects as last agreed on, by id; ``written`` is what this
    run put there (href -> etag), ``taken`` the hrefs it took away, ``flips``
    how often objects were put back, to be stored with them.  ``more`` where
    there is more to do at once.
    """

    def __init__(
        self,
        claimed: Claimed,
        found: ConnectionView,
        house: House,
        remote: Remote,
        clock: Clock,
        is_stopping: Callable[[], bool] = bool,
    ) -> None:
        self.claimed = claimed
        self.found = found
        self.house = house
        self.reader = house.reader
        self.remote = remote
        self.now = clock
        self.is_stopping = is_stopping
        self.session = db.session()
        self.rules = Rules(found.settings.edits, found.settings.deletes)
        self.known: dict[int, RemoteView] = {}
        self.written: dict[str, str] = {}
        self.taken: set[str] = set()
        self.flips: dict[int, Mapping[str, object]] = {}
        self.more = False
        self._kept_at = clock()

    def read_known(self) -> None:
        """Read what we know of the objects there."""
        self.known = {each.id: each for each in remote_objects(self.session, self.found.id)}
        self.session.rollback()

    def keep(self) -> None:
        """Renew the lease while requests take long."""
        now = self.now()
        if now - self._kept_at >= KEPT_FOR:
            verbs.keep(self.claimed, now=now)
            self._kept_at = now

    def store(self, done: Done) -> None:
        """Store what came of some steps, if anything did."""
        if done.changed or done.gone or done.said:
            verbs.store_steps(self.claimed, done.changed, done.gone, done.said, now=self.now())

    def bookings(self) -> Mapping[int, Ours]:
        """Return the bookings that the calendar shows, by id."""
        found = self.house.bookings(self.now())
        self.session.rollback()
        return found

    def texts(self, steps: Iterable[Step]) -> Mapping[int, Text]:
        """Return the bookings of these steps as the calendar shows them."""
        found = self.house.texts([each.ours.booking_id for each in steps if each.ours])
        self.session.rollback()
        return found

    def bases(self, agreed: Sequence[Agreed | None]) -> Mapping[int, bytes]:
        """Return the texts of objects as they were last agreed on, by their ids."""
        found = bases(self.session, [each.id for each in agreed if each is not None])
        self.session.rollback()
        return {id_: zlib.decompress(raw) for id_, raw in found.items()}


def as_there(etag: str | None, raw: bytes) -> dict[str, object]:
    """Return the columns of an object that both sides agree on."""
    return {
        "state": "synced",
        "etag": etag,
        "theirs": digest(raw),
        "base": zlib.compress(raw),
        "reason": "",
    }
