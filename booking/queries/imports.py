"""Uploaded calendar files: how far they are, and what would become or became of each event."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.core.imports import Clashing, Outcome
from booking.core.imports.stored import Choice, message_from_json, outcome_from_json
from booking.core.messages import Message
from booking.models import ImportFile, ImportPart


@dataclass(frozen=True, slots=True)
class FileView:
    """A calendar file; ``counts`` are by fate, with ``dates``, ``over`` and ``clashing``."""

    id: int
    person_id: int
    site_id: int
    name: str
    state: str
    choice: Choice
    clashing: Clashing
    objects: int
    seen: int
    done: int
    counts: Mapping[str, int]
    warnings: tuple[Message, ...]
    changed_at: datetime

    @property
    def is_working(self) -> bool:
        """Whether something happens to it by itself."""
        return self.state in ("looking", "booking")

    @property
    def share(self) -> int:
        """How far the work is, in events."""
        return self.done if self.state in ("booking", "stopped", "done") else self.seen


def _view(row: ImportFile) -> FileView:
    return FileView(
        row.id,
        row.person_id,
        row.site_id,
        row.name,
        row.state,
        Choice.from_json(row.choice),
        Clashing(row.clashing),
        row.objects,
        row.seen,
        row.done,
        row.counts,
        tuple(message_from_json(each) for each in row.warnings),  # type: ignore[arg-type]
        row.changed_at,
    )


def file(session: Session, file_id: int, *, person_id: int | None = None) -> FileView:
    """Return a file, of a person only where one is given; one statement.

    Raises:
        NotFound: If there is none, or not of this person.
    """
    row = session.execute(select(ImportFile).where(ImportFile.id == file_id)).scalar_one_or_none()
    if row is None or person_id not in (None, row.person_id):
        raise NotFound("page", file_id)
    return _view(row)


def files(session: Session, person_id: int | None) -> list[FileView]:
    """Return the files of a person, the latest first; one statement."""
    query = (
        select(ImportFile)
        .where(ImportFile.person_id == person_id, ImportFile.state != "receiving")
        .order_by(ImportFile.id.desc())
    )
    return [_view(row) for row in session.scalars(query)]


def next_part(session: Session, file_id: int, state: str) -> tuple[int, bytes] | None:
    """Return number and octets of the first part that has not been worked on in a state."""
    query = select(ImportPart.number, ImportPart.content).where(ImportPart.file_id == file_id)
    query = (
        query.where(ImportPart.outcomes.is_(None))
        if state == "looking"
        else query.where(ImportPart.content != b"")
    )
    row = session.execute(query.order_by(ImportPart.number).limit(1)).first()
    return (row.number, zlib.decompress(row.content)) if row else None


def outcomes(
    session: Session, file_id: int, *, fate: str = "", after: int = -1
) -> tuple[list[Outcome], int | None]:
    """Return the outcomes of a page, and after which part the next page begins; one statement.

    A page is a part that has a ``fate`` ("" any); None where it is the last.
    """
    query = (
        select(ImportPart.number, ImportPart.outcomes)
        .where(
            ImportPart.file_id == file_id,
            ImportPart.number > after,
            ImportPart.outcomes.is_not(None),
            ImportPart.fates.contains(f" {fate} " if fate else " "),
        )
        .order_by(ImportPart.number)
        .limit(2)
    )
    rows = session.execute(query).all()
    if not rows:
        return [], None
    found = [outcome_from_json(each) for each in rows[0].outcomes]
    shown = [each for each in found if fate in ("", each.fate.value)]
    return shown, rows[0].number if len(rows) > 1 else None
