"""Bookings as the queries give them, without a database."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from booking.core.calendars import CalendarBooking, CalendarDate
from booking.core.intervals import Interval
from booking.core.recurrence import expand, parse_rule, to_utc
from booking.core.values import Category, OccurrenceView, State, Visibility
from booking.core.visibility import BUSY, WHOLE
from booking.ical import Words

EDGE = datetime(2028, 1, 1, tzinfo=UTC)
MADE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
CHANGED = datetime(2026, 2, 1, 9, 30, 15, tzinfo=UTC)
ROOMS = {1: "Atlas", 2: "Birch"}
WORDS = Words(
    sight=lambda _view: WHOLE,
    busy="Busy",
    categories={each: each.value.title() for each in Category},
    describe=lambda view, _sight: f"Organisation: {view.organisation_name}\n{view.note}".strip(),
    locate=lambda ids: ", ".join([*(ROOMS[each] for each in ids), "1 Main Street; Romans"]),
    link=lambda view: f"https://rooms.example/bookings/{view.booking_id}",
    key="secret",
)
FOR_STRANGERS = replace(WORDS, sight=lambda _view: BUSY)


def booking(
    start: datetime,
    end: datetime,
    *,
    rule: str | None = None,
    zone: str = "Europe/Paris",
    exdates: Collection[datetime] = (),
    rdates: Collection[datetime] = (),
    spaces: tuple[int, ...] = (1,),
    state: State = State.CONFIRMED,
    dates: Mapping[datetime, Mapping[str, Any]] | None = None,
    **view: Any,
) -> CalendarBooking:
    """Return a booking with its dates; ``dates`` changes some of them, by recurrence id.

    ``None`` in place of a change leaves the date without any space.
    """
    instances = expand(
        start,
        end - start,
        zone,
        rule=parse_rule(rule) if rule else None,
        exdates=exdates,
        rdates=rdates,
        until=EDGE,
    )
    usual = [CalendarDate(each.recurrence_id, each.interval, spaces, state) for each in instances]
    changes = dates or {}
    assert changes.keys() <= {each.recurrence_id for each in usual}
    return CalendarBooking(
        uid="3f6c@rooms.example",
        zone=zone,
        starts_at=start,
        ends_at=end,
        rule=rule,
        exdates=tuple(exdates),
        rdates=tuple(rdates),
        sequence=2,
        created_at=MADE,
        updated_at=CHANGED,
        view=_view(usual[0], **view),
        dates=tuple(replace(each, **changes.get(each.recurrence_id, {})) for each in usual),
    )


def at(start: datetime, end: datetime, zone: str = "Europe/Paris") -> Interval:
    """Return the interval between two wall-clock times."""
    return Interval(to_utc(start, zone), to_utc(end, zone))


def hours(count: float) -> timedelta:
    """Return a length."""
    return timedelta(hours=count)


def _view(date: CalendarDate, **more: Any) -> OccurrenceView:
    values = {
        "allocation_id": 1,
        "occurrence_id": 1,
        "booking_id": 17,
        "site_id": 1,
        "space_id": date.space_ids[0],
        "interval": date.interval,
        "state": date.state,
        "title": "Choir, weekly; with piano",
        "category": Category.WORKSHOP,
        "visibility": Visibility.MEMBERS,
        "organiser_id": 5,
        "organiser_name": "Camille",
        "created_by_id": 5,
        "organisation_id": 3,
        "organisation_name": "Les Voix du Sud",
        "recurrence_id": date.recurrence_id,
        "note": "Two tables",
    }
    return OccurrenceView(**(values | more))
