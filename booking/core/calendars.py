"""Bookings as calendars show them: the rule with all its dates, and what became of each."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.permissions import may_administer
from booking.core.values import Actor, OccurrenceView, State, Visibility


@frozen()
class Filter:
    """Further conditions: of each kind any of those named, nothing named is no condition.

    Spaces and floors are one kind.  ``states`` is ``confirmed`` or ``requested``.
    """

    space_ids: tuple[int, ...] = ()
    floor_ids: tuple[int, ...] = ()
    organisation_ids: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    states: tuple[State, ...] = ()

    def to_json(self) -> dict[str, list[object]]:
        """Return the conditions as JSON, without those that are none."""
        found = {name: [*getattr(self, name)] for name in _CONDITIONS}
        return {name: values for name, values in found.items() if values}

    @classmethod
    def from_json(cls, data: Mapping[str, Sequence[Any]]) -> "Filter":
        """Return the conditions that were stored."""
        known = {name: tuple(data.get(name, ())) for name in _CONDITIONS}
        states = tuple(State(each) for each in known.pop("states"))
        return cls(**known, states=states)


_CONDITIONS = ("space_ids", "floor_ids", "organisation_ids", "categories", "states")


@frozen()
class Scope:
    """Which bookings a calendar shows: those that all of this is true of; as it is, all.

    ``mine``: its reader organises or made them.  A space stands for those that share a
    part with it as well, a floor and a site for their spaces.  ``only`` is a filter
    that somebody saved.
    """

    mine: bool = False
    space_id: int | None = None
    floor_id: int | None = None
    site_id: int | None = None
    organisation_id: int | None = None
    category: str | None = None
    only: Filter | None = None

    @property
    def tells(self) -> bool:
        """Whether to be shown at all says what a booking is about, or whose it is."""
        named = self.organisation_id is not None or self.category is not None
        return named or (
            self.only is not None and bool(self.only.organisation_ids or self.only.categories)
        )

    @property
    def is_of_a_place(self) -> bool:
        """Whether only some of a booking's allocations may belong to it."""
        if self.only and (self.only.space_ids or self.only.floor_ids or self.only.states):
            return True
        return not (self.space_id is self.floor_id is self.site_id is None)


MINE = Scope(mine=True)


def may_follow(actor: Actor, scope: Scope) -> bool:
    """Whether the actor may have a calendar of this: of an organisation, its own people do."""
    asked = {scope.organisation_id} - {None}
    asked |= set(scope.only.organisation_ids if scope.only else ())
    return asked <= set(actor.organisations) or may_administer(actor)


@frozen()
class CalendarDate:
    """One date of a booking, as far as a calendar is concerned.

    ``space_ids`` and ``state`` tell of the calendar's own spaces only: a
    date on which the booking is not there has no spaces.  ``title`` and
    ``note`` are set where they differ from the booking's.
    """

    recurrence_id: datetime  # naive local wall clock (RFC 5545 §3.8.4.4)
    interval: Interval
    space_ids: tuple[int, ...]
    state: State
    title: str | None = None
    note: str | None = None


@frozen()
class CalendarBooking:
    """A booking with its rule and every date of it, ordered by ``recurrence_id``.

    ``view`` carries the booking's texts and people, for one of its dates; it
    is unredacted unless it went through ``booking.core.visibility``.
    ``starts_at``, ``ends_at``, ``exdates`` and ``rdates`` are naive wall-clock
    times of ``zone``.
    """

    uid: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    rule: str | None
    exdates: tuple[datetime, ...]
    rdates: tuple[datetime, ...]
    sequence: int
    created_at: datetime
    updated_at: datetime
    view: OccurrenceView
    dates: tuple[CalendarDate, ...]


class Single(NamedTuple):
    """A booking of one date in one space, as it is stored: nearly all that calendars have.

    Nothing is made of it that need not be, as there are thousands.  Times are seconds
    since 1970 in UTC.  It is unredacted unless it went through ``booking.core.visibility``.
    """

    booking_id: int
    version: int
    uid: str
    site_id: int
    title: str
    category: str
    shown_to: str
    note: str
    organiser_id: int | None
    organiser_name: str
    created_by_id: int | None
    organisation_id: int | None
    organisation_name: str
    attendance: int | None
    zone: str
    all_day: bool
    sequence: int
    created_s: int
    updated_s: int
    start_s: int
    end_s: int
    space_id: int
    state: str

    @property
    def visibility(self) -> Visibility:
        """Who may read it."""
        return Visibility(self.shown_to)

    @property
    def interval(self) -> Interval:
        """When it takes place."""
        return Interval(*(datetime.fromtimestamp(at, UTC) for at in (self.start_s, self.end_s)))


class Described(Protocol):
    """What is told of a booking beside its title, where it is not redacted."""

    @property
    def booking_id(self) -> int: ...
    @property
    def organiser_name(self) -> str: ...
    @property
    def organisation_id(self) -> int | None: ...
    @property
    def organisation_name(self) -> str: ...
    @property
    def attendance(self) -> int | None: ...
    @property
    def note(self) -> str: ...
    @property
    def interval(self) -> Interval: ...
