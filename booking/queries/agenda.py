"""Who has which space when: the reads behind boards, lists, booking pages and feeds."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Integer,
    Row,
    Select,
    bindparam,
    column,
    func,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from booking.core.errors import NotFound
from booking.core.intervals import Interval
from booking.core.values import (
    BookingView,
    OccurrenceView,
    State,
    Visibility,
    combined_state,
)
from booking.db import UTCDateTime, as_json, listed
from booking.models import Allocation, Booking, Occurrence, Organisation, Person
from booking.models.bookings import IS_LONG, LONG_S

AnyRow = Row[*tuple[Any, ...]]  # Any: columns are read by name
AnySelect = Select[*tuple[Any, ...]]

# The same expression as the partial index has, with the table named.
ALLOCATION_IS_LONG = IS_LONG.replace("end_s", "allocation.end_s").replace(
    "start_s", "allocation.start_s"
)
OPEN = (State.REQUESTED.value, State.CONFIRMED.value)

_VIEW = (
    Allocation.id,
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
    Occurrence.title,
    Occurrence.note,
    Booking.title,
    Booking.category,
    Booking.visibility,
    Booking.organiser_id,
    Person.name,
    Booking.created_by_id,
    Booking.organisation_id,
    Organisation.name,
    Booking.rule,
    Booking.all_day,
    Booking.attendance,
    Booking.note,
    Booking.version,
    Allocation.checked_in_at,
)
_STATES = {each.value: each for each in State}
_VISIBILITIES = {each.value: each for each in Visibility}

# Statements are built once, here: building one costs more than running it.
VIEWS = (
    select(*_VIEW)
    .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
    .join(Booking, Booking.id == Occurrence.booking_id)
    .outerjoin(Person, Person.id == Booking.organiser_id)
    .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
)
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_SPACES: BindParameter[int] = bindparam("space_ids", expanding=True)
_OPEN_OR: BindParameter[str] = bindparam("states", expanding=True)
_START, _END = (bindparam(name, type_=UTCDateTime) for name in ("start", "end"))
_SINCE = bindparam("since", type_=UTCDateTime)
_DAY_BEFORE = bindparam("day_before", type_=UTCDateTime)

_maker = aliased(Person)
_BOOKING = (
    select(
        Booking.__table__,
        Person.name.label("organiser_name"),
        _maker.name.label("created_by_name"),
        Organisation.name.label("organisation_name"),
    )
    .outerjoin(Person, Person.id == Booking.organiser_id)
    .outerjoin(_maker, _maker.id == Booking.created_by_id)
    .outerjoin(Organisation, Organisation.id == Booking.organisation_id)
    .where(Booking.id == bindparam("booking_id"))
)


def ids_within() -> AnySelect:
    """Return the allocations of some spaces within a window, as ``around_window`` binds it.

    Two index ranges: what starts in it or a day before, and the few long ones.
    """
    usual = select(Allocation.id).where(
        Allocation.space_id.in_(_SPACES),
        Allocation.start >= _DAY_BEFORE,
        Allocation.start < _END,
        Allocation.end > _START,
    )
    long = select(Allocation.id).where(
        Allocation.space_id.in_(_SPACES),
        text(f"({ALLOCATION_IS_LONG})"),
        Allocation.end > _START,
        Allocation.start < _DAY_BEFORE,
    )
    return select(union_all(usual, long).subquery().c.id)


def _around(dialect: str) -> AnySelect:
    """Return the same for windows that are given as rows, each for one space."""
    columns = {"space_id": int, "s": int, "e": int}
    asked = (
        text(listed(dialect, columns))
        .columns(column("space_id", Integer), column("s", BigInteger), column("e", BigInteger))
        .cte("asked")
    )
    same = (Allocation.space_id == asked.c.space_id) & (Allocation.end > asked.c.s)
    usual = select(Allocation.id).join(
        asked, same & (Allocation.start >= asked.c.s - LONG_S) & (Allocation.start < asked.c.e)
    )
    long = select(Allocation.id).join(
        asked, same & (Allocation.start < asked.c.s - LONG_S) & text(f"({ALLOCATION_IS_LONG})")
    )
    return select(union_all(usual, long).subquery().c.id)


_WITHIN = VIEWS.where(Allocation.id.in_(ids_within()), Allocation.state.in_(_OPEN_OR)).order_by(
    Allocation.start, Allocation.space_id, Allocation.id
)
_AROUND = {
    dialect: VIEWS.where(
        Allocation.id.in_(_around(dialect)), Allocation.state.in_(_OPEN_OR)
    ).order_by(Allocation.start, Allocation.space_id, Allocation.id)
    for dialect in ("sqlite", "postgresql")
}
_BY_ALLOCATION = VIEWS.where(Allocation.id.in_(_IDS))
_BY_OCCURRENCE = VIEWS.where(Allocation.occurrence_id.in_(_IDS)).order_by(
    Allocation.start, Allocation.space_id
)
_OF_BOOKING = VIEWS.where(Occurrence.booking_id == bindparam("booking_id")).order_by(
    Allocation.start, Allocation.space_id
)
_REQUESTED = VIEWS.where(
    Allocation.space_id.in_(_SPACES),
    Allocation.state == State.REQUESTED.value,
    Allocation.end > _SINCE,
).order_by(Allocation.start, Allocation.id)
_REQUESTED_OF = VIEWS.where(
    Occurrence.booking_id.in_(_IDS),
    Allocation.space_id.in_(_SPACES),
    Allocation.state == State.REQUESTED.value,
    Allocation.end > _SINCE,
).order_by(Allocation.start, Allocation.id)


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
    return found_views(session, _WITHIN, around_window(space_ids, window) | {"states": [*states]})


def around_window(space_ids: Collection[int], window: Interval) -> dict[str, Any]:  # Any: binds
    """Return what ``ids_within`` binds."""
    return {
        "space_ids": [*space_ids],
        "start": window.start,
        "end": window.end,
        "day_before": window.start - timedelta(seconds=LONG_S),
    }


def found_views(
    session: Session,
    statement: AnySelect,
    asked: Mapping[str, Any],  # Any: what it binds
) -> list[OccurrenceView]:
    """Return what a statement made of ``VIEWS`` finds, in its order; unredacted."""
    return [occurrence_view(row) for row in session.connection().execute(statement, asked)]


def by_allocation(session: Session, ids: Collection[int]) -> dict[int, OccurrenceView]:
    """Return allocation id -> view, unredacted."""
    if not ids:
        return {}
    found = found_views(session, _BY_ALLOCATION, {"ids": [*set(ids)]})
    return {each.allocation_id: each for each in found}


def by_occurrence(session: Session, ids: Collection[int]) -> list[OccurrenceView]:
    """Return the allocations of some dates, by start, then space, unredacted."""
    return found_views(session, _BY_OCCURRENCE, {"ids": [*set(ids)]}) if ids else []


def booking(session: Session, booking_id: int) -> BookingView:
    """Return a booking with all its occurrences, unredacted; two statements.

    Raises:
        NotFound: If there is none with this id.
    """
    asked = {"booking_id": booking_id}
    row = session.connection().execute(_BOOKING, asked).first()
    if row is None:
        raise NotFound("booking", booking_id)
    views = found_views(session, _OF_BOOKING, asked)
    return BookingView(
        id=row.id,
        uid=row.uid,
        site_id=row.site_id,
        title=row.title,
        category=row.category,
        visibility=Visibility(row.visibility),
        note=row.note,
        organiser_id=row.organiser_id,
        organiser_name=row.organiser_name or "",
        created_by_id=row.created_by_id,
        created_by_name=row.created_by_name or "",
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name or "",
        attendance=row.attendance,
        starts_at=row.starts_local,
        ends_at=row.ends_local,
        zone=row.zone,
        all_day=row.all_day,
        rule=row.rule,
        sequence=row.sequence,
        version=row.version,
        created_at=row.created_s,
        updated_at=row.updated_s,
        state=combined_state({each.state for each in views}),
        cancel_reason=row.cancel_reason,
        follows_id=row.follows_id,
        rdates=tuple(map(datetime.fromisoformat, row.rdates)),
        usual_spaces=tuple(row.space_ids),
        exdates=tuple(map(datetime.fromisoformat, row.exdates)),
        exdates_beyond=tuple(map(datetime.fromisoformat, row.exdates_beyond)),
        leaves_out=frozenset(row.leaves_out),
        occurrences=tuple(views),
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
    query = VIEWS.where(own, when).order_by(order, Allocation.space_id).limit(limit)
    return found_views(session, query, {})


def requested(
    session: Session, space_ids: Collection[int], *, since: datetime
) -> list[OccurrenceView]:
    """Return the open requests for these spaces that have not ended, by start."""
    return found_views(session, _REQUESTED, {"space_ids": [*space_ids], "since": since})


def requested_of(
    session: Session, booking_ids: Collection[int], space_ids: Collection[int], *, since: datetime
) -> list[OccurrenceView]:
    """Return what of some bookings waits in these spaces and has not ended, by start."""
    asked = {"ids": [*booking_ids], "space_ids": [*space_ids], "since": since}
    return found_views(session, _REQUESTED_OF, asked)


def coming_in(session: Session, space_id: int, *, now: datetime) -> list[OccurrenceView]:
    """Return what is open in a space and has not ended, by start."""
    when = (Allocation.space_id == space_id, Allocation.end > now, Allocation.state.in_(OPEN))
    return found_views(session, VIEWS.where(*when).order_by(Allocation.start, Allocation.id), {})


def number_coming(
    session: Session, booking_ids: Collection[int], *, now: datetime
) -> dict[int, int]:
    """Return how many allocations of some bookings are open and have not ended, by id."""
    when = (Allocation.end > now, Allocation.state.in_(OPEN))
    query = (
        select(Occurrence.booking_id, func.count())
        .join(Allocation, Allocation.occurrence_id == Occurrence.id)
        .where(Occurrence.booking_id.in_(booking_ids), *when)
        .group_by(Occurrence.booking_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def has_coming(session: Session, space_ids: Collection[int], *, now: datetime) -> bool:
    """Say whether something is open in one of the spaces and has not ended."""
    when = (Allocation.space_id.in_(space_ids), Allocation.end > now, Allocation.state.in_(OPEN))
    return session.execute(select(Allocation.id).where(*when).limit(1)).first() is not None


def occurrence_view(row: AnyRow) -> OccurrenceView:
    """Return the value of a row of ``_VIEW``."""
    # By position: a board has hundreds, and a name takes ten times as long.
    (
        allocation_id,
        occurrence_id,
        booking_id,
        site_id,
        space_id,
        start,
        end,
        state,
        setup_s,
        cleanup_s,
        reason,
        recurrence_id,
        own_title,
        own_note,
        title,
        category,
        visibility,
        organiser_id,
        organiser_name,
        created_by_id,
        organisation_id,
        organisation_name,
        rule,
        all_day,
        attendance,
        note,
        version,
        checked_in_at,
    ) = row
    return OccurrenceView(
        allocation_id=allocation_id,
        occurrence_id=occurrence_id,
        booking_id=booking_id,
        site_id=site_id,
        space_id=space_id,
        interval=Interval(start, end),
        state=_STATES[state],
        title=own_title or title,
        category=category,
        visibility=_VISIBILITIES[visibility],
        organiser_id=organiser_id,
        organiser_name=organiser_name or "",
        created_by_id=created_by_id,
        organisation_id=organisation_id,
        organisation_name=organisation_name or "",
        recurrence_id=recurrence_id,
        is_series=rule is not None,
        all_day=all_day,
        attendance=attendance,
        note=own_note or note,
        reason=reason,
        setup=timedelta(seconds=setup_s),
        cleanup=timedelta(seconds=cleanup_s),
        version=version,
        checked_in_at=checked_in_at,
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
    query = _AROUND[session.get_bind().dialect.name]
    rows = as_json(
        (space_id, int(each.start.timestamp()), int(each.end.timestamp()))
        for space_id, each in windows
    )
    return found_views(session, query, {"rows": rows, "states": [*states]})
