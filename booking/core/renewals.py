"""A series without an end keeps its place from season to season as long as its people say so."""

from datetime import date, datetime
from enum import StrEnum

from booking.core.frozen import frozen
from booking.core.recurrence import parse_rule, to_local
from booking.core.values import BookingView, Renewal, RenewalState, Seasons, Site


class Step(StrEnum):
    """What the house does next about a series: asks, warns that nobody answered, or ends it."""

    ASK = "ask"
    WARN = "warn"
    END = "end"


@frozen()
class Season:
    """The days of one season: its ``last``, when people are asked and warned, when it is due."""

    last: date
    asked: date
    warned: date
    due: date


def season_with(last: date, seasons: Seasons) -> Season:
    """Return the season that ends with a day."""
    due = last - seasons.due
    return Season(last=last, asked=last - seasons.ask, warned=due - seasons.warn, due=due)


def season_at(today: date, seasons: Seasons) -> Season:
    """Return the season that a day is in."""
    last = date(today.year, seasons.month, seasons.day)
    if last < today:
        last = date(today.year + 1, seasons.month, seasons.day)
    return season_with(last, seasons)


def asked_about(known: Renewal | None, seasons: Seasons, *, today: date) -> Season:
    """Return the season that a series is asked about: one that is unanswered before the present.

    ``known`` is the latest question.  One about a day that is not the end of a
    season any more counts for nothing.
    """
    ends = (seasons.month, seasons.day)
    if known is not None and known.state.is_open and ends == (known.season.month, known.season.day):
        return season_with(known.season, seasons)
    return season_at(today, seasons)


def next_step(
    season: Season, known: Renewal | None, *, first: date, made: date, today: date
) -> Step | None:
    """Return what is to be done about a series, None for nothing.

    ``first`` is its first day, ``made`` when somebody booked it: what is booked
    while the others are asked is meant for the next season.  Nobody is asked
    who would have less time to answer than there is between warning and end.
    """
    if known is None or known.season != season.last:
        is_new = made >= season.asked or first > season.last
        return Step.ASK if season.asked <= today <= season.warned and not is_new else None
    if known.state is RenewalState.ASKED:
        return Step.WARN if today >= season.warned else None
    if known.state is RenewalState.WARNED and known.warned_at is not None:
        patience = season.due - season.warned
        return Step.END if today > max(season.due, known.warned_at + patience) else None
    return None


def is_answerable(booking: BookingView, known: Renewal, site: Site, *, now: datetime) -> bool:
    """Whether somebody may still say that the place is kept, or, after that, give it back."""
    if site.policy.seasons is None or booking.rule is None:
        return False
    if not parse_rule(booking.rule).is_endless:
        return False
    is_kept = known.state is RenewalState.KEPT and today_in(site.zone, now=now) <= known.season
    return known.state.is_open or is_kept


def last_start(booking: BookingView, season: date, *, now: datetime) -> datetime:
    """Return the last possible start, local, of a series that ends with a season.

    What has begun by now has taken place, also after it.
    """
    begun = [each.recurrence_id for each in booking.occurrences if each.interval.start <= now]
    end = datetime.combine(season, datetime.max.time()).replace(microsecond=0)
    return max([end, *begun])


def made_on(created_at: datetime, zone: str, *, goes_on: bool) -> date:
    """Return the day when somebody booked a series; of one that goes on with another, long ago."""
    return date.min if goes_on else to_local(created_at, zone).date()


def today_in(zone: str, *, now: datetime) -> date:
    """Return the day that it is in a house."""
    return to_local(now, zone).date()
