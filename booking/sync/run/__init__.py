"""One run of a connection: what changed there, what changed here, then step by step.

Each step is written down before its request and again with what came of it,
fifty at a time.  Whatever happens in between, the next run finds an object
that is what we wanted, or asks again: a condition on every request sees to
it that nothing of somebody else's is written over unseen.

``visit`` is what the parts share, ``news`` what changed there, ``steps`` plans
and does, ``pull`` and ``new`` take changes over through the verbs
(``through_verbs``), ``push`` and ``remove`` write there.
"""

import logging
from collections.abc import Callable

from sqlalchemy.orm import Session

from booking.actions import connections as verbs
from booking.actions.connections import Claimed, Failure, Outcome
from booking.config import Config
from booking.core.calendars import may_follow
from booking.core.errors import NotFound
from booking.core.messages import message
from booking.core.values import Door
from booking.db import db
from booking.queries.connections import connection
from booking.queries.people import actor_of
from booking.sync import busy
from booking.sync.errors import RemoteError
from booking.sync.ours import House
from booking.sync.remote import Remote
from booking.sync.run.access import credentials_of, guard_of
from booking.sync.run.steps import work
from booking.sync.run.visit import Clock, Visit
from booking.sync.transport import Transport
from booking.vault import Unopenable

log = logging.getLogger("booking.sync")


def run(
    claimed: Claimed, config: Config, clock: Clock, is_stopping: Callable[[], bool] = bool
) -> None:
    """Work a claimed connection through, and give it back with what came of it."""
    session = db.session()
    try:
        result = _result(session, claimed, config, clock, is_stopping)
        session.rollback()
        verbs.finish_run(claimed, result, now=clock())
    except verbs.LostLease:
        log.info("connection %s: paused, ended, or taken over", claimed.id)
    finally:
        db.session.remove()


def _result(
    session: Session,
    claimed: Claimed,
    config: Config,
    clock: Clock,
    is_stopping: Callable[[], bool],
) -> Outcome | Failure:
    try:
        found = connection(session, claimed.id, now=clock())
        reader = actor_of(session, found.person_id, Door.SYNC)
        if not may_follow(reader, found.settings.scope):
            return Failure(message("follow_own_organisations"), stops=True)
        house = House(session, found, reader, config)
        session.rollback()
        with Transport(guard_of(config), credentials_of(found, config)) as transport:
            remote = Remote(found.url, transport)
            result = work(Visit(claimed, found, house, remote, clock, is_stopping))
            busy.refresh(claimed, found, transport, clock)
            return result
    except verbs.LostLease:
        raise
    except NotFound:
        return Failure(message("remote_owner_gone"), stops=True)
    except Unopenable:
        return Failure(message("remote_key_lost"), stops=True)
    except RemoteError as error:
        return Failure(error.reason, stops=error.stops, after_s=error.after_s)
    except Exception:  # a bug of ours must not keep the queue busy
        log.exception("connection %s", claimed.id)
        db.session.rollback()
        return Failure(message("sync_broken"))


__all__ = ["credentials_of", "guard_of", "run"]
