"""Book: ask for spaces, once or again and again."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.actions import clashes, invitees, record
from booking.actions.bookings import crowds
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.expansion import Dates
from booking.actions.bookings.fairness import Fairness
from booking.actions.bookings.plan import (
    Plan,
    States,
    check_category,
    check_people,
    first_states,
    make_plan,
    refuse_clashes,
    site_of,
)
from booking.actions.bookings.rows import insert_allocations, insert_occurrences, tzdata_version
from booking.actions.bookings.written import (
    as_texts,
    collections,
    snapshot,
    space_names,
    store_words,
)
from booking.actions.skipped import await_skipped
from booking.core.checks import checked
from booking.core.errors import Conflicted, GuardRefused
from booking.core.messages import Message
from booking.core.requests import BookingRequest, OwnDate
from booking.core.values import Actor, Clash, Space, State, combined_state
from booking.db import Base, db, insert_listed, transact
from booking.queries import agenda, houses, people
from booking.queries.basis import Basis, basis_of

# Built once, on the table: see booking.actions.record.
_BOOKING = Base.metadata.tables["booking"]
_TWIN = select(_BOOKING.c.id).where(
    _BOOKING.c.created_by_id == bindparam("person_id"), _BOOKING.c.request_key == bindparam("key")
)


Ground = tuple[Mapping[int, Space], Basis]  # spaces with their parts by id, and the rest


@dataclass(frozen=True, slots=True)
class Booked:
    """The booking that came out of it.

    ``repeated`` tells that the same form was sent before and nothing is new.
    ``lost`` is what single dates had of their own and could not keep.
    """

    booking_id: int
    state: State
    version: int
    repeated: bool = False
    lost: tuple[OwnDate, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a request would come to: its dates in UTC order, what is in the way, who decides.

    ``asks`` has the ids of the spaces whose approver has to agree, with the
    reasons, ``fair`` how whoever it counts to stands with the limits.  ``dates``
    tells what is left out of a series, ``kept`` what single dates keep of their
    own, ``lost`` what they cannot keep, ``apart`` that what comes is split off.
    ``told`` are the names of those who hear of it besides the approvers.
    """

    dates: Dates
    clashes: tuple[Clash, ...]
    asks: Mapping[int, tuple[Message, ...]]
    fair: Fairness
    kept: tuple[OwnDate, ...] = ()
    lost: tuple[OwnDate, ...] = ()
    apart: bool = False
    told: tuple[str, ...] = ()

    @property
    def recurrence_ids(self) -> tuple[datetime, ...]:
        """The naive local starts of all dates."""
        return tuple(each.recurrence_id for each in self.dates.instances)


def book(request: BookingRequest, actor: Actor, *, now: datetime) -> Booked:
    """Store a booking with all its dates, or nothing.

    Raises:
        InvalidRequest: If the request makes no sense.
        NotAllowed: If a rule of the house forbids it.
        Conflicted: If a wanted time is taken; with alternatives.
    """
    wish = checked(request)
    plans: list[Plan] = []
    spaces: Mapping[int, Space] | None = None
    try:
        if crowds.is_crowded(wish.space_ids, now=now):
            session = db.session()
            session.rollback()  # whoever asks may have been reading for a while
            spaces = houses.spaces_around(session, wish.all_space_ids)
            _look(session, wish, spaces, actor, now, tell=plans.append)
        return transact(lambda session: booked_in(session, wish, actor, now, tell=plans.append))
    except (Conflicted, GuardRefused) as error:
        crowds.note(wish.space_ids, now=now)
        raise conflict(error, plans[-1], actor, now=now, spaces=spaces) from error
    except IntegrityError:
        # The same form sent twice at once, each asking for other rooms.
        twin = earlier(db.session(), wish, actor)
        if twin is None:
            raise
        return twin


def preview(request: BookingRequest, actor: Actor, *, now: datetime) -> Preview:
    """Return what booking this would come to; stores nothing, and may be stale at once.

    Raises:
        InvalidRequest: If the request makes no sense.
        NotAllowed: If a rule of the house forbids it.
    """
    wish = checked(request)
    session = db.session()
    spaces = houses.spaces_with_parts(session, wish.all_space_ids)
    plan = make_plan(session, wish, spaces, actor, now=now)
    findings = clashes.check(session, plan.wants(plan.instances), plan.spaces)
    return Preview(
        plan.dates,
        tuple(clashes.told(session, findings.taken, actor)),
        plan.asks,
        plan.fair,
    )


def _look(
    session: Session,
    wish: BookingRequest,
    spaces: Mapping[int, Space],
    actor: Actor,
    now: datetime,
    *,
    tell: Callable[[Plan], None],
) -> None:
    """Refuse without a lock what cannot be had, unless the same form was sent before."""
    if earlier(session, wish, actor):
        return
    plan = make_plan(session, wish, spaces, actor, now=now)
    tell(plan)
    refuse_clashes(session, plan, actor, instances=plan.instances)


def booked_in(
    session: Session,
    wish: BookingRequest,
    actor: Actor,
    now: datetime,
    *,
    tell: Callable[[Plan], None],
    told: Collection[int] = (),
    uid: str = "",
    ground: Ground | None = None,
) -> Booked:
    """Book under a verb; ``tell`` gets the plan, which whoever is refused still needs.

    Who decides about spaces in ``told`` knows already that somebody asks.  ``uid`` is
    what the calendar that it comes from knows it by, ``ground`` what the verb has read
    under the lock.
    """
    spaces, basis = ground or read_locked(session, wish, actor)
    if basis.twin_id is not None:
        return _again(session, basis.twin_id)
    plan = make_plan(session, wish, spaces, actor, now=now, site=basis.site)
    tell(plan)
    check_people(basis, wish, actor)
    check_category(basis)
    findings = refuse_clashes(session, plan, actor, instances=plan.instances)
    booking_id, state = insert_booking(
        session, plan, first_states(plan), findings=findings, actor=actor, now=now, uid=uid
    )
    if wish.organiser_id not in (None, actor.person_id):
        _tell_organiser(session, plan, booking_id, actor, now=now)
    if untold := plan.undecided.difference(told):
        tell_deciders(session, plan, untold, booking_id, actor, now=now)
    if wish.waits is not None:
        await_skipped(session, booking_id, wish.waits, actor, now=now)
    if wish.invite:
        stored = agenda.booking(session, booking_id)
        invitees.invite_in(session, stored, wish.invite, actor, now=now)
    return Booked(booking_id, state, version=1)


def read_locked(
    session: Session, wish: BookingRequest, actor: Actor, *, uid: str | None = None
) -> Ground:
    """Lock the wanted spaces, and read what the request rests on; two statements.

    Raises:
        InvalidRequest: If one of them is not there, or they are of several sites.
    """
    spaces = record.lock_spaces(session, wish.all_space_ids)
    site_id = site_of(wish, spaces)
    return spaces, basis_of(session, wish, site_id=site_id, actor_id=actor.person_id, uid=uid)


def earlier(session: Session, wish: BookingRequest, actor: Actor) -> Booked | None:
    """Return what came of the same form when it was sent before, None if it is new."""
    if wish.request_key is None:
        return None
    asked = {"person_id": actor.person_id, "key": wish.request_key}
    booking_id = session.connection().execute(_TWIN, asked).scalar()
    return None if booking_id is None else _again(session, booking_id)


def _again(session: Session, booking_id: int) -> Booked:
    before = agenda.booking(session, booking_id)
    return Booked(before.id, before.state, before.version, repeated=True)


def insert_booking(
    session: Session,
    plan: Plan,
    states: States,
    *,
    findings: clashes.Findings,
    actor: Actor,
    now: datetime,
    follows_id: int | None = None,
    uid: str = "",
) -> tuple[int, State]:
    """Insert a booking with occurrences, allocations, holds, revisions and audit."""
    wish = plan.request
    organiser_id = wish.organiser_id or actor.person_id
    uid = uid or f"{uuid4()}"
    row = {
        "uid": uid,
        "site_id": plan.site.id,
        "organiser_id": organiser_id,
        "created_by_id": actor.person_id,
        "created_s": now,
        "updated_s": now,
        "tzdata_version": tzdata_version(),
        "follows_id": follows_id,
        "request_key": wish.request_key,
        **booking_columns(plan),
    }
    [(booking_id,)] = insert_listed(session.connection(), _BOOKING, [row], returning=("id",))
    store_words(session, booking_id, wish.title)
    insert_allocations(
        session,
        plan,
        states,
        occurrence_ids=insert_occurrences(session, booking_id, plan.instances, plan.own),
        findings=findings,
    )
    state = combined_state(set(states.values()))
    record.audit(
        session,
        actor,
        "book",
        ("booking", booking_id),
        now=now,
        new=snapshot(plan, organiser_id=organiser_id, state=state),
    )
    keys = collections(
        plan.site.id,
        space_ids=wish.all_space_ids,
        people=(organiser_id, actor.person_id),
        organisation_id=wish.organisation_id,
        visibility=wish.visibility,
    )
    record.bump(session, keys, uid=uid, now=now)
    if follows_id is not None:
        invitees.follow_on(session, follows_id, booking_id, now=now)
    return booking_id, state


def booking_columns(plan: Plan) -> dict[str, object]:
    """Return the columns that a request decides, for insert and update."""
    wish = plan.request
    return {
        "title": wish.title,
        "category": wish.category,
        "visibility": wish.visibility.value,
        "note": wish.note,
        "organisation_id": wish.organisation_id,
        "attendance": wish.attendance,
        "starts_local": wish.start,
        "ends_local": wish.end,
        "zone": plan.site.zone,
        "all_day": wish.all_day,
        "space_ids": list(wish.space_ids),
        "rule": plan.rule.to_text() if plan.rule else None,
        "rdates": as_texts(wish.rdates),
        "exdates": as_texts(plan.dates.exdates),
        "leaves_out": sorted(wish.leaves_out),
    }


def _tell_organiser(
    session: Session, plan: Plan, booking_id: int, actor: Actor, *, now: datetime
) -> None:
    record.notify(
        session,
        [plan.request.organiser_id],
        "notice_booked_for_you",
        {
            "actor": actor.name,
            "title": plan.request.title,
            "space": space_names(plan.spaces, plan.request.space_ids),
            "start": plan.request.start,
        },
        booking_id=booking_id,
        now=now,
    )


def tell_deciders(
    session: Session,
    plan: Plan,
    space_ids: Collection[int],
    booking_id: int,
    actor: Actor,
    *,
    now: datetime,
    code: str = "notice_requested",
) -> None:
    """Tell those who decide about these spaces that somebody asks for them."""
    told = people.deciders(session, space_ids, site_id=plan.site.id)
    record.notify(
        session,
        told - {actor.person_id},
        code,
        {
            "actor": actor.name,
            "title": plan.request.title,
            "space": space_names(plan.spaces, space_ids),
            "start": plan.request.start,
        },
        booking_id=booking_id,
        now=now,
    )
