"""What lies under the plan of a floor: the operator's own drawing or picture."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only
from booking.core.errors import NotFound
from booking.core.values import Actor
from booking.db import transact
from booking.models import Floor, Underlay


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A file that was cleaned (``booking.drawings``, ``booking.pictures``)."""

    content: bytes
    media_type: str
    digest: str


def set_underlay(floor_id: int, file: CleanFile | None, actor: Actor, *, now: datetime) -> None:
    """Store what lies under a floor's plan in place of what did; None takes it away.

    Raises:
        NotFound: If there is no such floor.
        NotAllowed: If the actor does not run its site.
    """

    def store(session: Session) -> None:
        query = select(Floor.site_id).where(Floor.id == floor_id)
        site_id = session.execute(query.with_for_update(key_share=True)).scalar()
        if site_id is None:
            raise NotFound("floor", floor_id)
        admins_only(actor, site_id)
        session.execute(delete(Underlay).where(Underlay.floor_id == floor_id))
        if file is not None:
            session.execute(
                insert(Underlay).values(
                    floor_id=floor_id,
                    media_type=file.media_type,
                    content=file.content,
                    digest=file.digest,
                )
            )
        new = {"underlay": file.digest if file else None}
        record.audit(session, actor, "edit", ("floor", floor_id), now=now, new=new)

    transact(store)
