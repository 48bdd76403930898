"""Uploaded calendar files: stored in parts, looked at, booked part by part, and forgotten."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions.accounts.attempts import Limits, begin_try, of_account
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.imports import Clashing, Outcome, taken_up
from booking.core.imports.stored import (
    Choice,
    counted,
    message_to_json,
    outcome_from_json,
    outcome_to_json,
)
from booking.core.messages import Message
from booking.core.values import Actor
from booking.db import transact
from booking.models import ImportFile, ImportPart

KEPT = timedelta(days=1)
MOST_FILES = 3  # of one person at a time
MOST_ALL_FILES = 60  # of everybody
RATE = Limits(attempts=20, window=timedelta(hours=1))
WORK = "import"
_WORKING = ("looking", "booking")
# What a person may turn a file into, and what it has to be for that.
_TURNS = {"booking": ("ready", "stopped"), "stopped": ("booking",)}


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that comes in; ``objects`` is how many events it has."""

    site_id: int
    name: str
    choice: Choice
    objects: int
    warnings: tuple[Message, ...] = ()


def count_file(actor: Actor, *, now: datetime) -> None:
    """Count that a person sends a file, or an address to fetch one from, before it is looked at.

    Raises:
        TooManyAttempts: If the person does so again and again.
    """
    person = of_account("import", str(actor.person_id), RATE)
    transact(lambda session: begin_try(session, [person], now=now, window=RATE.window))


def begin_file(new: NewFile, actor: Actor, *, now: datetime) -> int:
    """Make place for a file and return its id; the person's oldest gives way.

    Raises:
        NotAllowed: If nobody is signed in.
        InvalidRequest: If there are too many, and all of them are being worked on.
    """
    if actor.person_id is None:
        raise NotAllowed.because("sign_in_first")

    def store(session: Session) -> int:
        _make_place(session, actor.person_id, now)
        row = {
            "person_id": actor.person_id,
            "site_id": new.site_id,
            "name": new.name[:120],
            "state": "receiving",
            "choice": new.choice.to_json(),
            "clashing": Clashing.LEAVE.value,
            "objects": new.objects,
            "warnings": [message_to_json(each) for each in new.warnings],
            "changed_at": now,
        }
        return session.execute(insert(ImportFile).returning(ImportFile.id), [row]).scalar_one()

    return transact(store)


def _make_place(session: Session, person_id: int | None, now: datetime) -> None:
    _forget(session, now)
    kept = session.scalars(select(func.count()).select_from(ImportFile)).one()
    if kept >= MOST_ALL_FILES:
        raise InvalidRequest.because("imports_full", "file")
    mine = session.execute(
        select(ImportFile.id, ImportFile.state)
        .where(ImportFile.person_id == person_id)
        .order_by(ImportFile.id)
    ).all()
    idle = [each.id for each in mine if each.state not in _WORKING]
    for _ in range(len(mine) - MOST_FILES + 1):
        if not idle:
            raise InvalidRequest.because("imports_too_many", "file", most=MOST_FILES)
        _delete(session, idle.pop(0))


def add_parts(file_id: int, first: int, parts: Sequence[Sequence[bytes]]) -> None:
    """Store some parts of a file that comes in, each a few events; one transaction."""
    rows = [
        {
            "file_id": file_id,
            "number": number,
            "content": zlib.compress(b"".join(part), 1),
            "objects": len(part),
            "fates": "",
            "outcomes": None,
        }
        for number, part in enumerate(parts, first)
    ]
    transact(lambda session: session.execute(insert(ImportPart), rows))


def file_received(file_id: int, *, now: datetime, at_once: bool) -> None:
    """Note that all of a file is there, so that it is looked at: by a job, or by the caller."""

    def store(session: Session) -> None:
        where = (ImportFile.id == file_id, ImportFile.state == "receiving")
        state = case((ImportFile.objects > 0, "looking"), else_="ready")
        session.execute(update(ImportFile).where(*where).values(state=state, changed_at=now))
        if not at_once:
            _put(session, file_id, "look", now)

    transact(store)


def turn(
    file_id: int,
    state: str,
    actor: Actor,
    *,
    now: datetime,
    clashing: Clashing | None = None,
    at_once: bool = False,
) -> None:
    """Book a file's events (``booking``), go on with it, or stop (``stopped``).

    Raises:
        NotFound: If it is not the actor's.
        Stale: If it is not at that point (any more).
    """

    def store(session: Session) -> None:
        file = _own(session, file_id, actor)
        if file.state not in _TURNS[state]:
            raise Stale(0)
        values: dict[str, object] = {"state": state, "changed_at": now}
        if file.state == "ready" and clashing is not None:
            values["clashing"] = clashing.value
        session.execute(update(ImportFile).where(ImportFile.id == file_id).values(values))
        if state == "booking" and not at_once:
            _put(session, file_id, "book", now)

    transact(store)


def store_part(
    file_id: int, number: int, outcomes: Sequence[Outcome], *, state: str, now: datetime
) -> None:
    """Note what came of a part while the file is in a state; with the last one it goes on.

    A file that was stopped or deleted meanwhile stays so; what was booked is
    found again by its UID.
    """

    def store(session: Session) -> None:
        file = session.execute(_FILE.where(ImportFile.id == file_id).with_for_update()).first()
        if file is None:
            return
        where = (ImportPart.file_id == file_id, ImportPart.number == number)
        came: Sequence[Outcome] = outcomes
        values: dict[str, object] = {}
        if state == "booking":
            looked: list[Any] = (
                session.execute(select(ImportPart.outcomes).where(*where)).scalar_one() or []
            )  # Any: JSON
            came = taken_up(outcomes, [outcome_from_json(each) for each in looked])
            values["content"] = b""
        fates = sorted({each.fate.value for each in came})
        values["outcomes"] = [outcome_to_json(each) for each in came]
        values["fates"] = f" {' '.join(fates)} "
        session.execute(update(ImportPart).where(*where).values(values))
        done = file.seen if state == "looking" else file.done
        done += session.execute(select(ImportPart.objects).where(*where)).scalar_one()
        before = {} if number == 0 else file.counts
        row: dict[str, object] = {
            "counts": _sum(before, counted(came)),
            "changed_at": now,
            "seen" if state == "looking" else "done": done,
        }
        if done >= file.objects and file.state == state:
            row["state"] = "ready" if state == "looking" else "done"
        session.execute(update(ImportFile).where(ImportFile.id == file_id).values(row))

    transact(store)


def go_on(file_id: int, after: int, *, now: datetime) -> None:
    """Let a further job take up a file after a part, so that other work has its turn between."""
    transact(lambda session: _put(session, file_id, f"{after}", now))


def discard(file_id: int, actor: Actor) -> None:
    """Forget a file of the actor's; what was booked of it stays.

    Raises:
        NotFound: If it is not the actor's.
    """

    def store(session: Session) -> None:
        _own(session, file_id, actor)
        _delete(session, file_id)

    transact(store)


def forget_old(*, now: datetime) -> None:
    """Forget files that nobody came back to."""
    transact(lambda session: _forget(session, now))


_FILE = select(
    ImportFile.state, ImportFile.objects, ImportFile.seen, ImportFile.done, ImportFile.counts
)


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in one.keys() | other.keys()}


def _own(session: Session, file_id: int, actor: Actor) -> "ImportFile":
    file = session.get(ImportFile, file_id, with_for_update=True)
    if file is None or file.person_id != actor.person_id:
        raise NotFound("page", file_id)
    return file


def _put(session: Session, file_id: int, what: str, now: datetime) -> None:
    key = f"{WORK}:{file_id}:{what}"
    outbox.put(session, WORK, {"file": file_id}, now=now, key=key)


def _delete(session: Session, file_id: int) -> None:
    session.execute(delete(ImportPart).where(ImportPart.file_id == file_id))
    session.execute(delete(ImportFile).where(ImportFile.id == file_id))


def _forget(session: Session, now: datetime) -> None:
    old = select(ImportFile.id).where(ImportFile.changed_at < now - KEPT)
    for file_id in session.scalars(old).all():
        _delete(session, file_id)
