"""Who has which space when: the reads behind boards, lists, booking pages and feeds."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Row,
    Select,
    and_,
    column,
    or_,
    select,
    text,
    union_all,
    values,
)
from sqlalchemy.orm import Session, aliased

from booking.core.errors import NotFound
from booking.core.intervals import Interval
from booking.core.values import (
    BookingView,
    Category,
    ClosureView,
    OccurrenceView,
    State,
    Visibility,
    combined_state,
)
from booking.models import Allocation, Booking, Closure, Occurrence, Organisation, Person
from booking.models.bookings import IS_LONG, LONG_S

AnyRow = Row[*tuple[Any, ...]]  # Any: columns are read by name
AnySelect = Select[*tuple[Any, ...]]

# The same expression as the partial index has, with the table named.
ALLOCATION_IS_LONG = IS_LONG.replace("end_s", "allocation.end_s").replace(
    "start_s", "allocation.start_s"
)
OPEN = (State.REQUESTED.value, State.CONFIRMED.value)

_VIEW = (
    Allocation.id.label("allocation_id"),
    Allocation.occurrence_id,
    Occurrence.booking_id,
    Booking.site_id,
    Allocation.space_id,
    Allocation.start,
    Allocation.end,
    Allocation.state,
    Allocation.setup_s,
    Allocation.cleanup_s,
    Allocation.reason,
    Occurrence.recurrence_id,
    Occurrence.title.label("own_title"),
    Occurrence.note.label("own_note"),
    Booking.title,
    Booking.category,
    Booking.visibility,
    Booking.organiser_id,
    Person.name.label("organiser_name"),
    Booking.created_by_id,
    Booking.organisation_id,
    Organisation.name.label("organisation_name"),
    Booking.rule,
    Booking.all_day,
    Booking.attendance,
    Booking.note,
    Booking.version,
)


def _views() -> AnySelect:
    return (
        select(*_VIEW)
        .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
        .join(Booking, Booking.id == Occurrence.booking_id)
        .outerjoin(Person, Person.id == Booking.organiser_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
    )


def occurrences(
    session: Session,
    space_ids: Collection[int],
    window: Interval,
    *,
    states: Collection[str] = OPEN,
) -> list[OccurrenceView]:
    """Return the allocations of these spaces that overlap the window, by start, then space.

    Unredacted: pass each through ``booking.core.visibility.seen_by``.
    """
    if not space_ids:
        return []
    rows = session.execute(
        _views()
        .where(Allocation.id.in_(_ids_within(space_ids, window)), Allocation.state.in_(states))
        .order_by(Allocation.start, Allocation.space_id, Allocation.id)
    )
    return [occurrence_view(row) for row in rows]


def _ids_within(space_ids: Collection[int], window: Interval) -> AnySelect:
    """Two index ranges: what starts in the window or a day before, and the few long ones."""
    start, end = window.start, window.end
    usual = select(Allocation.id).where(
        Allocation.space_id.in_(space_ids),
        Allocation.start >= start - timedelta(seconds=LONG_S),
        Allocation.start < end,
        Allocation.end > start,
    )
    long = select(Allocation.id).where(
        Allocation.space_id.in_(space_ids),
        text(f"({ALLOCATION_IS_LONG})"),
        Allocation.end > start,
        Allocation.start < start - timedelta(seconds=LONG_S),
    )
    return select(union_all(usual, long).subquery().c.id)


def by_allocation(session: Session, ids: Iterable[int]) -> dict[int, OccurrenceView]:
    """Return allocation id -> view, unredacted."""
    rows = session.execute(_views().where(Allocation.id.in_(set(ids))))
    return {row.allocation_id: occurrence_view(row) for row in rows}


def closures(session: Session, site_id: int, window: Interval) -> list[ClosureView]:
    """Return the closures of a site and its spaces that overlap the window, by start."""
    rows = session.execute(
        select(
            Closure.id,
            Closure.site_id,
            Closure.space_id,
            Closure.start,
            Closure.end,
            Closure.reason,
        )
        .where(Closure.site_id == site_id, Closure.end > window.start, Closure.start < window.end)
        .order_by(Closure.start, Closure.id)
    )
    return [closure_view(row) for row in rows]


def closures_by_id(session: Session, ids: Iterable[int]) -> dict[int, ClosureView]:
    """Return closure id -> view."""
    rows = session.execute(
        select(
            Closure.id,
            Closure.site_id,
            Closure.space_id,
            Closure.start,
            Closure.end,
            Closure.reason,
        ).where(Closure.id.in_(set(ids)))
    )
    return {row.id: closure_view(row) for row in rows}


def booking(session: Session, booking_id: int) -> BookingView:
    """Return a booking with all its occurrences, unredacted; two statements.

    Raises:
        NotFound: If there is none with this id.
    """
    maker = aliased(Person)
    row = session.execute(
        select(
            Booking,
            Person.name.label("organiser_name"),
            maker.name.label("created_by_name"),
            Organisation.name.label("organisation_name"),
        )
        .outerjoin(Person, Person.id == Booking.organiser_id)
        .outerjoin(maker, maker.id == Booking.created_by_id)
        .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
        .where(Booking.id == booking_id)
        # Read again under the lock, it must not be what the session remembers.
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("booking", booking_id)
    found: Booking = row.Booking
    rows = session.execute(
        _views()
        .where(Occurrence.booking_id == booking_id)
        .order_by(Allocation.start, Allocation.space_id)
    )
    views = tuple(occurrence_view(each) for each in rows)
    return BookingView(
        id=found.id,
        uid=found.uid,
        site_id=found.site_id,
        title=found.title,
        category=Category(found.category),
        visibility=Visibility(found.visibility),
        note=found.note,
        organiser_id=found.organiser_id,
        organiser_name=row.organiser_name or "",
        created_by_id=found.created_by_id,
        created_by_name=row.created_by_name or "",
        organisation_id=found.organisation_id,
        organisation_name=row.organisation_name or "",
        attendance=found.attendance,
        starts_at=found.starts_local,
        ends_at=found.ends_local,
        zone=found.zone,
        all_day=found.all_day,
        rule=found.rule,
        sequence=found.sequence,
        version=found.version,
        created_at=found.created_at,
        updated_at=found.updated_at,
        state=combined_state({each.state for each in views}),
        cancel_reason=found.cancel_reason,
        follows_id=found.follows_id,
        occurrences=views,
    )


def of_person(
    session: Session, person_id: int, *, since: datetime, limit: int = 200, past: bool = False
) -> list[OccurrenceView]:
    """Return what a person organises or made, from ``since`` on, by start, any state.

    With ``past`` what ended before ``since``, the latest first.
    """
    own = or_(Booking.organiser_id == person_id, Booking.created_by_id == person_id)
    when = Allocation.end <= since if past else Allocation.end > since
    order = Allocation.start.desc() if past else Allocation.start
    rows = session.execute(
        _views().where(own, when).order_by(order, Allocation.space_id).limit(limit)
    )
    return [occurrence_view(row) for row in rows]


def requested(
    session: Session, space_ids: Collection[int], *, since: datetime
) -> list[OccurrenceView]:
    """Return the open requests for these spaces that have not ended, by start."""
    rows = session.execute(
        _views()
        .where(
            and_(
                Allocation.space_id.in_(space_ids),
                Allocation.state == State.REQUESTED.value,
                Allocation.end > since,
            )
        )
        .order_by(Allocation.start, Allocation.id)
    )
    return [occurrence_view(row) for row in rows]


def closure_view(row: AnyRow) -> ClosureView:
    """Return the value of a row with the columns of ``Closure``."""
    return ClosureView(row.id, row.site_id, row.space_id, Interval(row.start, row.end), row.reason)


def occurrence_view(row: AnyRow) -> OccurrenceView:
    """Return the value of a row with the columns of ``_VIEW``."""
    return OccurrenceView(
        allocation_id=row.allocation_id,
        occurrence_id=row.occurrence_id,
        booking_id=row.booking_id,
        site_id=row.site_id,
        space_id=row.space_id,
        interval=Interval(row.start, row.end),
        state=State(row.state),
        title=row.own_title or row.title,
        category=Category(row.category),
        visibility=Visibility(row.visibility),
        organiser_id=row.organiser_id,
        organiser_name=row.organiser_name or "",
        created_by_id=row.created_by_id,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name or "",
        recurrence_id=row.recurrence_id,
        is_series=row.rule is not None,
        all_day=row.all_day,
        attendance=row.attendance,
        note=row.own_note or row.note,
        reason=row.reason,
        setup=timedelta(seconds=row.setup_s),
        cleanup=timedelta(seconds=row.cleanup_s),
        version=row.version,
    )


def around(
    session: Session, windows: Collection[tuple[int, Interval]], *, states: Collection[str] = OPEN
) -> list[OccurrenceView]:
    """Return what overlaps any of the windows, each in its own space, by start.

    One statement however many windows: for a queue that shows the day around
    each request.
    """
    if not windows:
        return []
    asked = (
        values(
            column("space_id", Integer),
            column("s", BigInteger),
            column("e", BigInteger),
            name="window_",
        )
        .data(
            [
                (space_id, int(each.start.timestamp()), int(each.end.timestamp()))
                for space_id, each in windows
            ]
        )
        .cte("asked")
    )
    same = (Allocation.space_id == asked.c.space_id) & (Allocation.end > asked.c.s)
    usual = select(Allocation.id).join(
        asked, same & (Allocation.start >= asked.c.s - LONG_S) & (Allocation.start < asked.c.e)
    )
    long = select(Allocation.id).join(
        asked, same & (Allocation.start < asked.c.s - LONG_S) & text(f"({ALLOCATION_IS_LONG})")
    )
    ids = select(union_all(usual, long).subquery().c.id)
    rows = session.execute(
        _views()
        .where(Allocation.id.in_(ids), Allocation.state.in_(states))
        .order_by(Allocation.start, Allocation.space_id, Allocation.id)
    )
    return [occurrence_view(row) for row in rows]
