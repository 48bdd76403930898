"""What a run would do, without doing it: the connection is tried, and nothing is written."""

from dataclasses import dataclass, field
from datetime import datetime

from booking.actions import connections as verbs
from booking.config import Config
from booking.core.connections import ConnectionView
from booking.core.messages import Message, message
from booking.core.values import Door
from booking.db import db
from booking.queries.people import actor_of
from booking.sync.diff import Do
from booking.sync.errors import RemoteError
from booking.sync.ours import House
from booking.sync.remote import Remote
from booking.sync.run.access import credentials_of, guard_of
from booking.sync.run.steps import outlook
from booking.sync.run.visit import Visit
from booking.sync.transport import Transport
from booking.vault import Unopenable

MOST_TEXTS = 500


@dataclass(slots=True)
class Seen:
    """What would change there, by titles, and how many events of others there are.

    ``failed`` says why it cannot be tried; ``others`` are left alone.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: int = 0
    others: int = 0
    failed: Message | None = None


def look(found: ConnectionView, config: Config, *, now: datetime) -> Seen:
    """Return what a run of this connection would do now."""
    seen = Seen()
    try:
        session = db.session()
        reader = actor_of(session, found.person_id, Door.SYNC)
        house = House(session, found, reader, config)
        session.rollback()
        with Transport(guard_of(config), credentials_of(found, config)) as transport:
            remote = Remote(found.url, transport)
            nobody = verbs.Claimed(found.id, "")  # so that nothing could be stored
            visit = Visit(nobody, found, house, remote, lambda: now)
            steps, seen.others = outlook(visit)
            pushed = [each for each in steps if each.do is Do.PUSH and each.ours]
            texts = visit.texts(pushed[:MOST_TEXTS])
            for each in pushed:
                text = texts.get(each.ours.booking_id) if each.ours else None
                if text is None:
                    continue
                if each.agreed is None:
                    seen.new.append(text.title)
                elif each.agreed.pushed != text.digest or each.theirs is not None:
                    seen.changed.append(text.title)
            seen.removed = sum(each.do is Do.REMOVE for each in steps)
    except RemoteError as error:
        seen.failed = error.reason
    except Unopenable:
        seen.failed = message("remote_key_lost")
    return seen
