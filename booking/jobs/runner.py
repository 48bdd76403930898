"""Take a job, do it, say that it is done; whatever goes wrong, the next one gets its turn."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import jobs
from booking.actions.jobs import Claimed, LostLease
from booking.db import db, transact
from booking.queries.jobs import known_keys

log = logging.getLogger("booking.jobs")

Clock = Callable[[], datetime]


class Permanent(Exception):
    """Trying again would not help; the text says why, in words for an administrator."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What a kind of job does.

    ``run(payload, now)`` is called outside of any transaction.  ``atomic``
    work is one writing transaction, in which the job is finished too; other
    work (mail) has its effect outside and is finished afterwards.
    """

    run: Callable[[Mapping[str, Any], datetime], None]  # Any: JSON
    atomic: bool = False


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that comes round: once every ``every``, at the full period of UTC."""

    every: timedelta
    kind: str


def work_once(handlers: Mapping[str, Handler], *, clock: Clock) -> bool:
    """Do the job that has been due the longest; return whether there was one."""
    job = jobs.claim(now=clock())
    if job is None:
        return False
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(app, job, done, clock), daemon=True)
    beat.start()
    try:
        _run(job, handlers.get(job.kind), clock)
    finally:
        done.set()
        beat.join()
    return True


def plan(periodic: Mapping[str, Periodic], *, now: datetime) -> None:
    """Put the next round of each periodic work into the table, once however many plan it.

    Only rounds that are still to come are planned: one that was done is not
    planned again.
    """
    rounds = {name: _next_round(each, now) for name, each in periodic.items()}
    keys = {name: f"{name}:{at:%Y-%m-%dT%H:%M:%SZ}" for name, at in rounds.items()}
    session = db.session()
    waiting = known_keys(session, keys.values())
    session.rollback()
    missing = [name for name, key in keys.items() if key not in waiting]

    def store(session: Session) -> None:
        for name in missing:
            kind, due = periodic[name].kind, rounds[name]
            outbox.put(session, kind, {}, now=now, due=due, key=keys[name])

    if missing:
        transact(store)


def _next_round(periodic: Periodic, now: datetime) -> datetime:
    every = int(periodic.every.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // every + 1) * every, UTC)


def _run(job: Claimed, handler: Handler | None, clock: Clock) -> None:
    try:
        if job.attempts > jobs.MOST_TRIES:  # each worker that took it died
            jobs.fail(
                job, "the workers that took it ended without a word", now=clock(), for_good=True
            )
        elif handler is None:
            # A newer version may have put it there, and its worker knows what to do.
            jobs.fail(job, f"no worker here knows the work {job.kind!r}", now=clock())
        elif handler.atomic:
            with jobs.finishing(job):
                handler.run(job.payload, clock())
        else:
            handler.run(job.payload, clock())
            jobs.finish(job)
    except LostLease:
        log.warning("job %s (%s): somebody else took it over", job.id, job.kind)
    except Permanent as error:
        log.warning("job %s (%s) cannot be done: %s", job.id, job.kind, error)
        _failed(job, str(error), clock, for_good=True)
    except Exception as error:
        log.warning("job %s (%s) failed", job.id, job.kind, exc_info=True)
        _failed(job, f"{type(error).__name__}: {error}", clock, for_good=False)
    finally:
        db.session.remove()


def _failed(job: Claimed, reason: str, clock: Clock, *, for_good: bool) -> None:
    db.session.rollback()
    try:
        jobs.fail(job, reason, now=clock(), for_good=for_good)
    except LostLease:
        log.warning("job %s (%s): somebody else took it over", job.id, job.kind)


def _beat(app: Flask, job: Claimed, done: threading.Event, clock: Clock) -> None:
    """Renew the lease while the work takes long."""
    while not done.wait(jobs.LEASE.total_seconds() / 3):
        with app.app_context():
            try:
                jobs.renew(job, now=clock())
            except LostLease:
                return
            finally:
                db.session.remove()
