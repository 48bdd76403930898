"""The photo of a space: set, replaced, taken away."""

from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only
from booking.core.errors import NotFound
from booking.core.values import Actor
from booking.db import transact
from booking.models import Photo
from booking.models import Space as SpaceRow
from booking.pictures import MEDIA_TYPE, Picture


def set_photo(space_id: int, picture: Picture | None, actor: Actor, *, now: datetime) -> None:
    """Store a photo in place of the one there was; None takes it away.

    Raises:
        NotFound: If there is no such space.
        NotAllowed: If the actor does not run its site.
    """

    def store(session: Session) -> None:
        space = record.lock_spaces(session, [space_id]).get(space_id)
        if space is None:
            raise NotFound("space", space_id)
        admins_only(actor, space.site_id)
        session.execute(delete(Photo).where(Photo.space_id == space_id))
        if picture is not None:
            session.execute(
                insert(Photo).values(
                    space_id=space_id,
                    media_type=MEDIA_TYPE,
                    content=picture.content,
                    digest=picture.digest,
                    width=picture.width,
                    height=picture.height,
                )
            )
        record.next_version(session, SpaceRow, space_id, space.version, {})
        new = {"photo": picture.digest if picture else None}
        record.audit(session, actor, "edit", ("space", space_id), now=now, new=new)

    transact(store)
