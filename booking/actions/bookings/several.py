"""Bookings of one date each, many at once: a statement for each table, not for each booking."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.book import booking_columns
from booking.actions.bookings.plan import Plan, first_states
from booking.actions.bookings.rows import SECOND, holds_time, own_columns, tzdata_version
from booking.actions.bookings.written import collections, snapshot
from booking.core.values import Actor, combined_state
from booking.core.words import words_of
from booking.db import Base, insert_listed

_BOOKING, _OCCURRENCE, _ALLOCATION, _WORD = (
    Base.metadata.tables[name] for name in ("booking", "occurrence", "allocation", "booking_word")
)
_INSERT = insert(_BOOKING).returning(_BOOKING.c.id, _BOOKING.c.uid)


def insert_single_bookings(
    session: Session, plans: Sequence[Plan], *, actor: Actor, now: datetime
) -> list[int]:
    """Store plans of one date each as ``insert_booking`` does one; return ids in their order.

    All of their time is free, in spaces that admit one at a time: the caller has looked,
    under the lock, and the guard looks again.
    """
    ids = _insert_rows(session, plans, actor, now)
    words = [
        {"word": word, "booking_id": booking_id}
        for booking_id, plan in zip(ids, plans, strict=True)
        for word in words_of(plan.request.title)
    ]
    insert_listed(session.connection(), _WORD, words)
    record.hold(session, _allocate(session, plans, _occur(session, plans, ids)))
    record.audit_all(
        session,
        actor,
        "book",
        {
            ("booking", booking_id): snapshot(
                plan,
                organiser_id=plan.request.organiser_id or actor.person_id,
                state=combined_state(set(first_states(plan).values())),
            )
            for booking_id, plan in zip(ids, plans, strict=True)
        },
        now=now,
    )
    return ids


def _insert_rows(session: Session, plans: Sequence[Plan], actor: Actor, now: datetime) -> list[int]:
    """Insert the bookings, and tell all calendars that show them."""
    uids = [f"{uuid4()}" for _ in plans]
    shown: defaultdict[record.CollectionKey, list[str]] = defaultdict(list)
    rows = []
    for uid, plan in zip(uids, plans, strict=True):
        wish = plan.request
        organiser_id = wish.organiser_id or actor.person_id
        rows.append(
            {
                "uid": uid,
                "site_id": plan.site.id,
                "organiser_id": organiser_id,
                "created_by_id": actor.person_id,
                "created_s": now,
                "updated_s": now,
                "tzdata_version": tzdata_version(),
                "request_key": wish.request_key,
                **booking_columns(plan),
            }
        )
        keys = collections(
            plan.site.id,
            space_ids=wish.all_space_ids,
            people=(organiser_id, actor.person_id),
            organisation_id=wish.organisation_id,
            visibility=wish.visibility,
        )
        for key in keys:
            shown[key].append(uid)
    ids = {row.uid: row.id for row in session.connection().execute(_INSERT, rows)}
    record.bump_all(session, shown, now=now)
    return [ids[uid] for uid in uids]


def _occur(session: Session, plans: Sequence[Plan], ids: Sequence[int]) -> list[int]:
    """Insert the one date of each booking; return the ids of the dates in the same order."""
    rows = [
        {
            "booking_id": booking_id,
            "recurrence_id": each.recurrence_id,
            "start_s": each.interval.start,
            "end_s": each.interval.end,
            **own_columns(None),
        }
        for booking_id, plan in zip(ids, plans, strict=True)
        for each in plan.instances
    ]
    back = ("id", "booking_id")
    stored = insert_listed(session.connection(), _OCCURRENCE, rows, returning=back)
    found = {of_booking: row_id for row_id, of_booking in stored}
    return [found[each] for each in ids]


def _allocate(
    session: Session, plans: Sequence[Plan], occurrence_ids: Sequence[int]
) -> list[record.Claim]:
    """Insert the allocations; return the claims of those that take their time."""
    rows = []
    asked = {}
    for occurrence_id, plan in zip(occurrence_ids, plans, strict=True):
        [instance] = plan.instances
        for (_at, space_id), state in first_states(plan).items():
            space = plan.spaces[space_id]
            rows.append(
                {
                    "occurrence_id": occurrence_id,
                    "space_id": space_id,
                    "state": state.value,
                    "start_s": instance.interval.start,
                    "end_s": instance.interval.end,
                    "setup_s": int(space.setup / SECOND),
                    "cleanup_s": int(space.cleanup / SECOND),
                    "reason": "",
                    "decided_by_id": None,
                    "decided_s": None,
                    "organisation_id": plan.account.organisation_id,
                    "person_id": plan.account.person_id,
                }
            )
            if holds_time(state, space):
                asked[occurrence_id, space_id] = [
                    record.Claim(part_id, space.blocked(instance.interval), 0)
                    for part_id in space.part_ids
                ]
    back = ("id", "occurrence_id", "space_id")
    stored = insert_listed(session.connection(), _ALLOCATION, rows, returning=back)
    return [
        replace(claim, allocation_id=row_id)
        for row_id, occurrence_id, space_id in stored
        for claim in asked.get((occurrence_id, space_id), ())
    ]
