"""A plan becomes rows: occurrences, allocations and the holds of those that claim their time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.bookings.plan import Plan, States
from booking.core.recurrence import Instance
from booking.core.requests import OwnDate
from booking.core.values import BookingView, Space, State
from booking.db import Base, insert_listed
from booking.models import Booking, Occurrence, Offer, Renewal

SECOND = timedelta(seconds=1)
# Built once, on the tables: see booking.actions.record.
_OCCURRENCE, _ALLOCATION = (Base.metadata.tables[name] for name in ("occurrence", "allocation"))


@cache
def tzdata_version() -> str:
    """Return the release of the time zone data that dates were made with."""
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return "system"


def insert_occurrences(
    session: Session,
    booking_id: int,
    instances: Sequence[Instance],
    own: Mapping[datetime, OwnDate],
) -> dict[datetime, int]:
    """Insert a row for each date with what is its own; return their ids by local start."""
    rows = [
        {
            "booking_id": booking_id,
            "recurrence_id": each.recurrence_id,
            "start_s": each.interval.start,
            "end_s": each.interval.end,
            **own_columns(own.get(each.recurrence_id)),
        }
        for each in instances
    ]
    stored = insert_listed(
        session.connection(), _OCCURRENCE, rows, returning=("id", "recurrence_id")
    )
    ids = {recurrence_id: row_id for row_id, recurrence_id in stored}
    locals_ = (each.recurrence_id for each in instances)
    return {local: ids[local.isoformat(timespec="minutes")] for local in locals_}


def delete_occurrences(session: Session, ids: Collection[int]) -> None:
    """Delete dates that have no allocations any more, with what was offered for them."""
    if ids:
        session.execute(delete(Offer).where(Offer.occurrence_id.in_(ids)))
        session.execute(delete(Occurrence).where(Occurrence.id.in_(ids)))


def let_questions_follow(session: Session, booking_id: int, follower_id: int) -> None:
    """Let what a series is asked about the next season be about the one that goes on with it."""
    mine = Renewal.booking_id == booking_id
    session.execute(update(Renewal).where(mine).values(booking_id=follower_id))


def let_exdates_follow(session: Session, before: BookingView, follower_id: int) -> None:
    """Let what a series would have left out be left out of the one that goes on with it."""
    if before.exdates_beyond:
        beyond = [each.isoformat(timespec="minutes") for each in before.exdates_beyond]
        follower = update(Booking).where(Booking.id == follower_id)
        session.execute(follower.values(exdates_beyond=beyond))


def own_columns(own: OwnDate | None) -> dict[str, str | datetime | None]:
    """Return the columns of an occurrence that are None where it is as its series."""
    return {
        "starts_local": own.start if own else None,
        "ends_local": own.end if own else None,
        "title": (own and own.title) or None,
        "note": (own and own.note) or None,
    }


def insert_allocations(
    session: Session,
    plan: Plan,
    states: States,
    *,
    occurrence_ids: Mapping[datetime, int],
    findings: clashes.Findings,
    kept: Mapping[tuple[datetime, int], Mapping[str, Any]] = MappingProxyType({}),
) -> None:
    """Insert an allocation for each state, and the holds of those that claim their time.

    ``kept`` has columns (decision, reason) that an allocation keeps from the
    one it replaces.
    """
    intervals = {each.recurrence_id: each.interval for each in plan.instances}
    rows = [
        {
            "occurrence_id": occurrence_ids[recurrence_id],
            "space_id": space_id,
            "state": states[recurrence_id, space_id].value,
            "start_s": intervals[recurrence_id].start,
            "end_s": intervals[recurrence_id].end,
            "setup_s": int(plan.spaces[space_id].setup / SECOND),
            "cleanup_s": int(plan.spaces[space_id].cleanup / SECOND),
            "reason": "",
            "decided_by_id": None,
            "decided_s": None,
            "organisation_id": plan.account.organisation_id,
            "person_id": plan.account.person_id,
            **kept.get((recurrence_id, space_id), {}),
        }
        for recurrence_id, space_id in sorted(states)
    ]
    back = ("id", "occurrence_id", "space_id")
    stored = insert_listed(session.connection(), _ALLOCATION, rows, returning=back)
    local = {row_id: recurrence_id for recurrence_id, row_id in occurrence_ids.items()}
    ids = {(local[occurrence], space_id): row_id for row_id, occurrence, space_id in stored}
    claims = {(want.recurrence_id, want.space_id): each for want, each in findings.claims.items()}
    record.hold(
        session,
        [
            replace(claim, allocation_id=ids[key])
            for key, state in states.items()
            if holds_time(state, plan.spaces[key[1]])
            for claim in claims[key]
        ],
        moves=findings.moves,
    )


def holds_time(state: State, space: Space) -> bool:
    """Whether an allocation in this state takes its time from the others."""
    return state is State.CONFIRMED or (state is State.REQUESTED and space.requests_hold)
