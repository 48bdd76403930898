"""Offers: what was proposed to somebody in place of a booking."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.models import Offer

OPEN = "open"


@dataclass(frozen=True, slots=True)
class OfferView:
    """Another time or other spaces for a booking; times are naive wall clock of its zone.

    ``occurrence_id`` is the date of a series that it is about, None the whole.
    """

    id: int
    booking_id: int
    occurrence_id: int | None
    made_by_id: int | None
    starts_at: datetime
    ends_at: datetime
    space_ids: tuple[int, ...]
    words: str
    state: str
    expires_at: datetime


def offer(session: Session, offer_id: int) -> OfferView:
    """Return one offer.

    Raises:
        NotFound: If there is none with this id.
    """
    row = session.execute(select(Offer).where(Offer.id == offer_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("offer", offer_id)
    session.refresh(row)  # under the lock of a verb, not as it was before
    return _view(row)


def open_offers(session: Session, booking_id: int, *, now: datetime) -> list[OfferView]:
    """Return what can still be accepted for a booking, by time."""
    query = (
        select(Offer)
        .where(Offer.booking_id == booking_id, Offer.state == OPEN, Offer.expires_at > now)
        .order_by(Offer.starts_local, Offer.id)
    )
    return [_view(row) for row in session.execute(query).scalars()]


def _view(row: Offer) -> OfferView:
    return OfferView(
        row.id,
        row.booking_id,
        row.occurrence_id,
        row.made_by_id,
        row.starts_local,
        row.ends_local,
        tuple(row.space_ids),
        row.words,
        row.state,
        row.expires_at,
    )
