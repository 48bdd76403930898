"""What is written down about a booking: its next version, revisions, and the audit."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, delete, text, update
from sqlalchemy.orm import Session

from booking.actions import invitees, record
from booking.actions.bookings.fairness import account_of
from booking.actions.bookings.plan import Plan
from booking.core.values import Actor, BookingView, Space, State, Visibility
from booking.core.words import words_of
from booking.db import Base, insert_listed
from booking.models import Booking
from booking.queries import agenda
from booking.queries.offers import OPEN

NOTHING: Mapping[str, Any] = MappingProxyType({})  # Any: columns, JSON, what a message names
_OFFER, _WORD = (Base.metadata.tables[name] for name in ("offer", "booking_word"))
_COUNT_TO = text(
    "UPDATE allocation SET organisation_id = :organisation_id, person_id = :person_id"
    " WHERE occurrence_id IN (SELECT id FROM occurrence WHERE booking_id = :booking)"
)
_FORGET = delete(_WORD).where(_WORD.c.booking_id == bindparam("booking"))
_WITHDRAW = (
    update(_OFFER)
    .where(
        _OFFER.c.booking_id == bindparam("booking"),
        _OFFER.c.occurrence_id.is_(None),
        _OFFER.c.state == OPEN,
    )
    .values(state="withdrawn", decided_s=bindparam("now"))
)

_WITHDRAW_DATES = (
    update(_OFFER)
    .where(
        _OFFER.c.occurrence_id.in_(bindparam("occurrences", expanding=True)),
        _OFFER.c.state == OPEN,
    )
    .values(state="withdrawn", decided_s=bindparam("now"))
)


def withdraw_of_dates(session: Session, occurrence_ids: Sequence[int], *, now: datetime) -> None:
    """Withdraw what was proposed for some dates: they are others now."""
    if occurrence_ids:
        asked = {"occurrences": [*occurrence_ids], "now": now}
        session.connection().execute(_WITHDRAW_DATES, asked)


def store_words(session: Session, booking_id: int, title: str) -> None:
    """Store what a booking is found by; it has no words so far."""
    rows = [{"word": each, "booking_id": booking_id} for each in words_of(title)]
    insert_listed(session.connection(), _WORD, rows)


def revise(
    session: Session,
    before: BookingView,
    actor: Actor,
    verb: str,
    *,
    now: datetime,
    columns: Mapping[str, Any] = NOTHING,  # Any: what the columns take
    was: Mapping[str, Any] = NOTHING,  # Any: JSON
    told: Mapping[str, Any] = NOTHING,  # Any: JSON
) -> BookingView:
    """Store the next version of a booking whose dates are written, and return it.

    What was proposed for its dates as they were is withdrawn, and whoever is
    invited is told.  ``columns`` are further ones of its row; ``was`` and ``told``
    are what the audit keeps beside the snapshots of before and after.
    """
    values = {"sequence": before.sequence + 1, "updated_at": now, **columns}
    record.next_version(session, Booking, before.id, before.version, values)
    if values["sequence"] != before.sequence:
        session.connection().execute(_WITHDRAW, {"booking": before.id, "now": now})
    after = agenda.booking(session, before.id)
    account = account_of(after)
    if account != account_of(before):
        owner = {"organisation_id": account.organisation_id, "person_id": account.person_id}
        session.connection().execute(_COUNT_TO, {"booking": before.id, **owner})
    if after.title != before.title:
        session.connection().execute(_FORGET, {"booking": after.id})
        store_words(session, after.id, after.title)
    keys = collections_of(before, gone=True) | collections_of(after)
    record.bump(session, keys, uid=before.uid, now=now)
    entity = ("booking", before.id)
    old, new = snapshot_of(before) | dict(was), snapshot_of(after) | dict(told)
    record.audit(session, actor, verb, entity, now=now, old=old, new=new)
    invitees.follow(session, before, after, now=now)
    return after


def collections(
    site_id: int,
    *,
    space_ids: Iterable[int],
    people: Iterable[int | None],
    organisation_id: int | None,
    visibility: Visibility,
    gone: bool = False,
) -> dict[record.CollectionKey, bool]:
    """Return the keys of all calendars that show such a booking."""
    keys = {("space", each): gone for each in space_ids}
    keys |= {("person", each): gone for each in people if each is not None}
    if organisation_id is not None:
        keys["organisation", organisation_id] = gone
    if visibility is Visibility.PUBLIC:
        keys["programme", site_id] = gone
    return keys


def collections_of(booking: BookingView, *, gone: bool = False) -> dict[record.CollectionKey, bool]:
    """Return the keys of all calendars that show this booking."""
    return collections(
        booking.site_id,
        space_ids=booking.space_ids,
        people=(booking.organiser_id, booking.created_by_id),
        organisation_id=booking.organisation_id,
        visibility=booking.visibility,
        gone=gone,
    )


def snapshot(plan: Plan, *, organiser_id: int | None, state: State) -> dict[str, Any]:
    """Return what the audit keeps of a booking that is about to be stored, as JSON."""
    wish = plan.request
    return {
        "title": wish.title,
        "spaces": list(wish.space_ids),
        "start": wish.start.isoformat(timespec="minutes"),
        "end": wish.end.isoformat(timespec="minutes"),
        "rule": plan.rule.to_text() if plan.rule else None,
        "rdates": as_texts(wish.rdates),
        "leaves_out": sorted(wish.leaves_out),
        "dates": sum(each.recurrence_id not in wish.skip for each in plan.instances),
        "category": wish.category,
        "visibility": wish.visibility.value,
        "organisation_id": wish.organisation_id,
        "organiser_id": organiser_id,
        "attendance": wish.attendance,
        "note": wish.note,
        "state": state.value,
    } | over_of(plan)


def over_of(plan: Plan) -> dict[str, Any]:
    """Return what the audit keeps of limits that somebody went over, as JSON."""
    over = sorted({each.code for each in plan.fair.over})
    return {"over": over} if over else {}


def snapshot_of(booking: BookingView) -> dict[str, Any]:
    """Return what the audit keeps of a stored booking, as JSON."""
    return {
        "title": booking.title,
        "spaces": list(booking.usual_spaces),
        "start": booking.starts_at.isoformat(timespec="minutes"),
        "end": booking.ends_at.isoformat(timespec="minutes"),
        "rule": booking.rule,
        "rdates": as_texts(booking.rdates),
        "leaves_out": sorted(booking.leaves_out),
        "dates": len({each.occurrence_id for each in booking.occurrences if each.state.is_open}),
        "category": booking.category,
        "visibility": booking.visibility.value,
        "organisation_id": booking.organisation_id,
        "organiser_id": booking.organiser_id,
        "attendance": booking.attendance,
        "note": booking.note,
        "state": booking.state.value,
    }


def as_texts(dates: Iterable[datetime]) -> list[str]:
    """Return naive local times as the columns of a booking hold them."""
    return [each.isoformat(timespec="minutes") for each in dates]


def space_names(spaces: Mapping[int, Space], ids: Iterable[int]) -> str:
    """Return the names of spaces in one line."""
    return ", ".join(spaces[each].name for each in ids)
