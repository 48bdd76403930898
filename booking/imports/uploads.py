"""An uploaded file is taken in, looked at and booked; what is interrupted is taken up again."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO

from flask import current_app
from flask_babel import force_locale

from booking.actions import imports
from booking.core.imports import Choice, Outcome
from booking.core.values import Actor, Door, Site
from booking.db import db
from booking.ical.reading import read
from booking.imports.files import booked, into_of, looked_at, wishes
from booking.queries import houses, people
from booking.queries.imports import FileView, file, next_part

PART_OBJECTS = 100
PART_BYTES = 1024 * 1024
PARTS_AT_ONCE = 20  # stored in one transaction
PARTS_A_JOB = 5
SMALL = 200  # events that are looked at, and booked, while the browser waits


def take_in(
    source: IO[bytes], name: str, site: Site, choice: Choice, actor: Actor, *, now: datetime
) -> int:
    """Store an uploaded file and return its id; a small one is looked at already.

    Raises:
        Unreadable: If nothing of it can be read.
        InvalidRequest: If there are too many already.
    """
    calendar = read(source, zone=site.zone)
    title = calendar.name or name
    new = imports.NewFile(site.id, title, choice, calendar.count, calendar.warnings)
    file_id = imports.begin_file(new, actor, now=now)
    number = 0
    parts = _parts(calendar.pieces())
    while batch := list(islice(parts, PARTS_AT_ONCE)):
        imports.add_parts(file_id, number, batch)
        number += len(batch)
    at_once = calendar.count <= SMALL
    imports.file_received(file_id, now=now, at_once=at_once)
    if at_once:
        work(file_id, now=lambda: now, parts=SMALL)
    return file_id


def _parts(pieces: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Yield the objects of a file, some at a time."""
    part: list[bytes] = []
    size = 0
    for piece in pieces:
        part.append(piece)
        size += len(piece)
        if len(part) == PART_OBJECTS or size > PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def work(file_id: int, *, now: Callable[[], datetime], parts: int = PARTS_A_JOB) -> None:
    """Look at a file, or book it, as its state says: so many parts, the rest by a further job.

    Raises:
        NotFound: If it is not there any more.
    """
    session = db.session()
    number = -1
    for _ in range(parts):
        session.rollback()
        found = file(session, file_id)
        part = next_part(session, file_id, found.state) if found.is_working else None
        if part is None:
            return
        number, content = part
        done = _outcomes(found, content, now())
        imports.store_part(file_id, number, done, state=found.state, now=now())
    session.rollback()
    if file(session, file_id).is_working:
        imports.go_on(file_id, number, now=now())


def _house_language() -> str:
    """Return the language that the house speaks to whoever chose none."""
    language: str = current_app.extensions["booking"]["config"].ui.default_language
    return language


def _outcomes(found: FileView, content: bytes, now: datetime) -> list[Outcome]:
    session = db.session()
    site = houses.site(session, found.site_id)
    actor = people.actor_of(session, found.person_id, Door.WEB)
    with force_locale(actor.locale or _house_language()):
        into = into_of(session, site, found.choice, now=now)
    asked = wishes(read(io.BytesIO(content), zone=site.zone), into)
    if found.state == "looking":
        return list(looked_at(asked, actor, now=now))
    return list(booked(asked, actor, clashing=found.clashing, now=now, told=set()))
