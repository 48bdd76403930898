"""What runs in the background, what waits, and what died."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.models import Job


class Standing(StrEnum):
    """How it is with a job."""

    RUNNING = "running"
    WAITING = "waiting"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class JobView:
    """A job for people to look at; ``at`` is when it is due, or since when it is dead."""

    id: int
    kind: str
    standing: Standing
    at: datetime
    attempts: int
    error: str


def jobs(session: Session, *, now: datetime, limit: int = 200) -> list[JobView]:
    """Return jobs: the dead first, the latest first; then the others as they are due."""
    order = (Job.dead_at.is_(None), Job.dead_at.desc(), Job.due_at, Job.id)
    rows = session.execute(select(Job).order_by(*order).limit(limit)).scalars()
    return [
        JobView(
            row.id,
            row.kind,
            _standing(row, now),
            row.dead_at or row.due_at,
            row.attempts,
            row.error,
        )
        for row in rows
    ]


def counts(session: Session, *, now: datetime) -> dict[Standing, int]:
    """Return how many jobs there are of each standing; one statement."""
    runs = (Job.dead_at.is_(None)) & (Job.leased_until > now)
    row = session.execute(
        select(func.count(), func.count(Job.dead_at), func.count().filter(runs)).select_from(Job)
    ).one()
    everything, dead, running = row
    return {
        Standing.RUNNING: running,
        Standing.WAITING: everything - dead - running,
        Standing.DEAD: dead,
    }


def dead_ids(session: Session) -> list[int]:
    """Return the ids of all jobs that died, in their order."""
    return [
        *session.execute(select(Job.id).where(Job.dead_at.isnot(None)).order_by(Job.id)).scalars()
    ]


def known_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that a job has."""
    query = select(Job.key).where(Job.key.in_([*keys]))
    return {key for key in session.execute(query).scalars() if key is not None}


def _standing(job: Job, now: datetime) -> Standing:
    if job.dead_at is not None:
        return Standing.DEAD
    is_held = job.leased_until is not None and job.leased_until > now
    return Standing.RUNNING if is_held else Standing.WAITING
