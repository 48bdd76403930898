"""Photos of spaces: what a page says of one, and its bytes."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.models import Photo


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo without its bytes; ``digest`` is that of them."""

    space_id: int
    digest: str
    width: int
    height: int


def photo(session: Session, space_id: int) -> PhotoView | None:
    """Return the photo of a space, None where it has none; one statement."""
    row = session.execute(
        select(Photo.space_id, Photo.digest, Photo.width, Photo.height).where(
            Photo.space_id == space_id
        )
    ).first()
    return PhotoView(*row) if row else None


def content(session: Session, space_id: int, digest: str) -> tuple[bytes, str]:
    """Return the bytes of a photo and their media type.

    Raises:
        NotFound: If this space has no such photo (any more).
    """
    row = session.execute(
        select(Photo.content, Photo.media_type).where(
            Photo.space_id == space_id, Photo.digest == digest
        )
    ).first()
    if row is None:
        raise NotFound("page", digest)
    return row.content, row.media_type
