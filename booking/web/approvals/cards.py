"""A request as approvers see it: its dates, the day around it, its rivals."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from booking.core import hours
from booking.core.intervals import Interval
from booking.core.recurrence import to_local
from booking.core.rivals import blocked, rivals_of
from booking.core.values import Actor, OccurrenceView, Site, Space, State
from booking.core.visibility import seen_by
from booking.queries import agenda

DATES_SHOWN = 6
QUARTER_S = 900
# The longest that a booking may keep free around itself.
MOST_BUFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """One booking on the strip of a day, in quarter hours from the left edge."""

    at: int
    length: int
    kind: str  # asked, rival, taken, requested
    view: OccurrenceView


@dataclass(frozen=True, slots=True)
class Strip:
    """The day around a request in one space; ``quarters`` wide, first hour ``first``."""

    space: Space
    first: int
    quarters: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A request as the queue shows it; times are naive local ones.

    ``rival_dates`` are what approving it leaves no place for, ``rivals`` the
    first of each booking among them.
    """

    booking_id: int
    version: int
    first: OccurrenceView
    site: Site
    spaces: tuple[Space, ...]
    starts: tuple[tuple[datetime, datetime], ...]
    more: int
    strips: tuple[Strip, ...]
    rivals: tuple[OccurrenceView, ...]
    rival_dates: tuple[OccurrenceView, ...]
    taken: tuple[OccurrenceView, ...]


def cards(
    session: Session,
    asked: Sequence[OccurrenceView],
    actor: Actor,
    *,
    spaces: Mapping[int, Space],
    sites: Mapping[int, Site],
    mine: Collection[int],
) -> list[Card]:
    """Return a card for each booking of which ``asked`` are the dates that wait; two statements.

    ``mine`` are the ids of the spaces that the actor decides about: nobody is
    shown rivals that are somebody else's to refuse.
    """
    grouped: dict[int, list[OccurrenceView]] = {}
    for each in asked:
        grouped.setdefault(each.booking_id, []).append(each)
    days = {
        (each.space_id, hours.day(sites[each.site_id], _day(each, sites)))
        for views in grouped.values()
        for each in views
        if _day(each, sites) == _day(views[0], sites)
    }
    around = [seen_by(each, actor) for each in agenda.around(session, days)]
    rivals = [seen_by(each, actor) for each in _may_be_rivals(session, asked, spaces, mine)]
    return [
        _card(
            views,
            around,
            spaces,
            sites[views[0].site_id],
            rivals=rivals_of(views, rivals, spaces),
        )
        for views in grouped.values()
    ]


def _may_be_rivals(
    session: Session,
    asked: Iterable[OccurrenceView],
    spaces: Mapping[int, Space],
    mine: Collection[int],
) -> list[OccurrenceView]:
    """Return the requests around the asked times in all spaces that share a part."""
    sharing: dict[int, set[int]] = {}
    for space_id in mine:
        for part in spaces[space_id].part_ids:
            sharing.setdefault(part, set()).add(space_id)
    windows = {
        (space_id, blocked(each).padded(MOST_BUFFER, MOST_BUFFER))
        for each in asked
        for part in spaces[each.space_id].part_ids
        for space_id in sharing.get(part, ())
    }
    return agenda.around(session, windows, states=[State.REQUESTED.value])


def _day(view: OccurrenceView, sites: Mapping[int, Site]) -> date:
    return to_local(view.interval.start, sites[view.site_id].zone).date()


def _card(
    asked: Sequence[OccurrenceView],
    around: Sequence[OccurrenceView],
    spaces: Mapping[int, Space],
    site: Site,
    *,
    rivals: Sequence[OccurrenceView],
) -> Card:
    first = asked[0]
    day = hours.day(site, to_local(first.interval.start, site.zone).date())
    first_day = [each for each in asked if day.contains(each.interval.start)]
    starts = sorted({(each.interval.start, each.interval.end) for each in asked})
    beside = [
        other
        for other in around
        if other.booking_id != first.booking_id
        and any(_meet(other, each) for each in first_day if each.space_id == other.space_id)
    ]
    return Card(
        booking_id=first.booking_id,
        version=first.version,
        first=first,
        site=site,
        spaces=tuple(spaces[each] for each in dict.fromkeys(view.space_id for view in asked)),
        starts=tuple(
            (to_local(start, site.zone), to_local(end, site.zone))
            for start, end in starts[:DATES_SHOWN]
        ),
        more=max(0, len(starts) - DATES_SHOWN),
        strips=tuple(
            _strip(each, around, site=site, space=spaces[each.space_id], day=day)
            for each in first_day
        ),
        rivals=tuple({each.booking_id: each for each in reversed(rivals)}.values())[::-1],
        rival_dates=tuple(rivals),
        taken=tuple(
            each
            for each in beside
            if each.state is State.CONFIRMED and spaces[each.space_id].lanes == 1
        ),
    )


def _meet(one: OccurrenceView, other: OccurrenceView) -> bool:
    return blocked(one).overlaps(blocked(other))


def _strip(
    asked: OccurrenceView,
    around: Sequence[OccurrenceView],
    *,
    site: Site,
    space: Space,
    day: Interval,
) -> Strip:
    beside = [each for each in around if each.space_id == space.id and day.overlaps(each.interval)]
    opening = hours.open_hours(site, to_local(day.start, site.zone).date())
    begin = min([opening.start, *(max(each.interval.start, day.start) for each in beside)])
    end = max([opening.end, *(min(each.interval.end, day.end) for each in beside)])
    local = to_local(begin, site.zone)
    # The full hour of the wall clock: some zones are half an hour beside UTC.
    begin -= timedelta(minutes=local.minute, seconds=local.second)
    quarters = -(-int((end - begin).total_seconds()) // (4 * QUARTER_S)) * 4
    bars = []
    for each in beside:
        at = max(each.interval.start, begin)
        until = min(each.interval.end, end)
        bars.append(
            Bar(
                at=int((at - begin).total_seconds()) // QUARTER_S,
                length=max(1, int((until - at).total_seconds()) // QUARTER_S),
                kind=_kind(each, asked),
                view=each,
            )
        )
    return Strip(space, local.hour, quarters, tuple(bars))


def _kind(view: OccurrenceView, asked: OccurrenceView) -> str:
    if view.booking_id == asked.booking_id:
        return "asked"
    if view.state is State.CONFIRMED:
        return "taken"
    return "rival" if _meet(view, asked) else "requested"
