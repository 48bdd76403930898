"""An object that is known: what it changes of its booking, one step after the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.cancel import give_back
from booking.actions.bookings.change import as_request, changed_in, conflict_of_change
from booking.actions.bookings.conflict import conflict
from booking.actions.bookings.dates import date_as_wanted
from booking.actions.bookings.dates_stored import DatePlan, DateStep, store_dates
from booking.actions.bookings.written import collections_of
from booking.actions.objects import stored
from booking.actions.objects.beyond import leave_out
from booking.actions.objects.values import Asked, PutResult
from booking.core import permissions
from booking.core.checks import checked
from booking.core.errors import Conflicted, GuardRefused, InvalidRequest, NotAllowed, Stale
from booking.core.imports import ImportedEvent, in_site_zone
from booking.core.objects import DateChange, Sent, Shown, date_changes, sent_of, whole_change
from booking.core.policy import series_edge
from booking.core.recurrence import to_local, to_utc
from booking.core.requests import ChangeRequest, OwnDate
from booking.core.series import by_date
from booking.core.values import BookingView, Door, OccurrenceView, Site, Space, State
from booking.db import transact
from booking.queries import agenda, houses

_EVER = datetime(1900, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
# In one go, in which nobody else can book: 3 ms each.
MOST_DATES_CHANGED = 300
_Wanted: TypeAlias = Sequence[tuple[DateChange, OwnDate]]


@dataclass(slots=True)
class _Work:
    """A known object under way; ``refused`` makes the error of the step that clashed."""

    asked: Asked
    event: ImportedEvent
    shown: Shown
    site: Site
    rooms: Mapping[int, Space] = field(default_factory=dict)
    refused: Callable[[Conflicted | GuardRefused], Conflicted] | None = None
    steps: int = field(default=0)
    apart_id: int | None = None


def change_by(
    asked: Asked, event: ImportedEvent, shown: Shown, known: BookingView, site: Site
) -> PutResult:
    """Change a booking as its object wants it, in one transaction.

    Raises:
        InvalidRequest, NotAllowed, Stale, Conflicted: As for ``change``.
    """
    work = _Work(asked, event, shown, site)
    try:
        return transact(lambda session: _changed(session, work, known))
    except (Conflicted, GuardRefused) as error:
        if work.refused is None:
            raise
        raise work.refused(error) from error


def _changed(session: Session, work: _Work, known: BookingView) -> PutResult:
    asked, work.steps, work.apart_id = work.asked, 0, None
    work.rooms = record.lock_spaces(session, {*known.space_ids, *_named(work)})
    before = agenda.booking(session, known.id)  # again, under the lock
    if not permissions.may_change(asked.actor, before):
        raise NotAllowed.because("not_your_booking")
    if asked.expected is not None and before.version != asked.expected:
        raise Stale(before.version)
    sent = _sent(work, work.event, before)
    kept = _with_following(session, work, before)
    after = _carried_out(session, work, kept, sent)
    if not work.event.cancelled:
        leave_out(session, after, work.event)
    changed = not asked.is_short or _differs(after, sent, work)
    if not work.steps and stored.is_known(session, before.id, asked):
        return _result(work, after, changed=changed, stored_=False)
    version = 0 if changed else after.version
    stored.store(
        session,
        after.id,
        asked,
        zone=after.zone,
        version=version,
        kinds=work.shown.kinds,
        now=asked.now,
    )
    if not work.steps:  # others see nothing of it, but this person's other programs do
        record.bump(session, collections_of(after), uid=after.uid, now=asked.now)
    return _result(work, after, changed=changed, stored_=True)


def _named(work: _Work) -> set[int]:
    """Return all rooms that the object names, to be locked with those of the booking."""
    events = filter(None, (work.event, work.event.following))
    places = (
        place for each in events for place in (each.location, *(x.location for x in each.dates))
    )
    return {space_id for each in places for space_id in work.shown.named(each)}


def _result(work: _Work, after: BookingView, *, changed: bool, stored_: bool) -> PutResult:
    return PutResult(
        after.id,
        after.state,
        changed,
        after.version,
        stored=stored_,
        apart_id=work.apart_id,
    )


def _sent(work: _Work, event: ImportedEvent, before: BookingView) -> Sent:
    """Return an event in the wall clock of its booking, as far as dates are stored, or can be."""
    last = max(each.recurrence_id for each in before.occurrences)
    first = min(before.starts_at, last)
    usual = [work.rooms[each] for each in before.usual_spaces if each in work.rooms]
    edge = series_edge(usual, work.site, work.asked.now, actor=work.asked.actor)
    until = max(to_local(edge, before.zone), last + _MINUTE)
    since, end = to_utc(first, before.zone), to_utc(until, before.zone)
    event = in_site_zone(event, before.zone, since=since, until=end)
    return sent_of(event, until=until)


def _with_following(session: Session, work: _Work, before: BookingView) -> BookingView:
    """Let "this and following" dates be a booking of their own; return what is left of the series.

    The object goes on to say so when it is put again: then nothing is left to do.
    """
    asked, event = work.asked, work.event.following
    if event is None or event.follows is None or before.rule is None:
        return before
    since = event.follows
    if not event.all_day:
        since = to_local(to_utc(since, work.event.zone), before.zone).replace(fold=0)
    sent = _sent(work, event, before)
    comes = any(x.state.is_open and x.recurrence_id >= since for x in before.occurrences)
    if event.cancelled or not sent.dates or not comes:
        return before
    wish = whole_change(as_request(before), before, sent, work.shown, now=asked.now)
    request = ChangeRequest(before.id, before.version, checked(wish), since=since)
    work.steps += 1
    work.refused = lambda error: conflict_of_change(error, request, asked.actor, now=asked.now)
    work.apart_id = changed_in(session, request, asked.actor, asked.now).booking_id
    return agenda.booking(session, before.id)


def _carried_out(session: Session, work: _Work, before: BookingView, sent: Sent) -> BookingView:
    """Write what differs; return the booking as it is then."""
    if sent.event.cancelled or not sent.dates:
        return _cancelled(session, work, before)
    after = before
    base = as_request(after)
    wish = whole_change(base, after, sent, work.shown, now=work.asked.now)
    if work.asked.actor.door is Door.DAV:  # elsewhere nobody sees what the house has made of it
        category = work.shown.category(sent.event.categories, base.category)
        wish = replace(wish, category=category)
    if wish != base:
        after = _whole(session, work, after, ChangeRequest(after.id, after.version, checked(wish)))
    if after.rule is not None:
        after = _dates(session, work, after, sent)
    return after


def _cancelled(session: Session, work: _Work, before: BookingView) -> BookingView:
    gone = [
        each
        for each in before.occurrences
        if each.state.is_open and each.interval.end > work.asked.now
    ]
    if not gone:
        return before
    work.steps += 1
    give_back(session, before, gone, work.asked.actor, now=work.asked.now, reason="", is_whole=True)
    return agenda.booking(session, before.id)


def _whole(
    session: Session, work: _Work, before: BookingView, request: ChangeRequest
) -> BookingView:
    asked = work.asked
    work.steps += 1
    work.refused = lambda error: conflict_of_change(error, request, asked.actor, now=asked.now)
    done = changed_in(session, request, asked.actor, asked.now, in_place=True)
    if done.booking_id != before.id:
        work.apart_id = done.booking_id
    return agenda.booking(session, before.id)


def _dates(session: Session, work: _Work, before: BookingView, sent: Sent) -> BookingView:
    """Change single dates of a series; those that are given up make room first."""
    asked = work.asked
    changes = date_changes(before, sent, work.shown, now=asked.now)
    wanted = [(each, each.date) for each in changes if each.date is not None]
    if len(wanted) > MOST_DATES_CHANGED:
        raise InvalidRequest.because("object_many_changes", most=MOST_DATES_CHANGED)
    gone = {each.occurrence_id for each in changes if each.date is None}
    if gone:
        work.steps += 1
        views = [x for x in before.occurrences if x.occurrence_id in gone and x.state.is_open]
        give_back(session, before, views, asked.actor, now=asked.now, reason="")
        before = agenda.booking(session, before.id)
    if not wanted:
        return before
    work.steps += 1
    moving = _moving(before, wanted)
    freed = record.release(session, moving)  # of all of them: they may change places
    steps = _steps(session, work, before, wanted, moving)
    store_dates(session, steps, asked.actor, now=asked.now, freed=freed)
    return agenda.booking(session, before.id)


def _moving(before: BookingView, wanted: _Wanted) -> frozenset[int]:
    """Return the allocations of the dates that shall be at another time or in other rooms."""
    found, stored = set[int](), by_date(before)
    for change, own in wanted:
        views = stored[change.recurrence_id]
        at = views[0].interval
        times = to_local(at.start, before.zone), to_local(at.end, before.zone)
        if (own.start, own.end, own.space_ids) != (*times, tuple(x.space_id for x in views)):
            found |= {each.allocation_id for each in views}
    return frozenset(found)


def _steps(
    session: Session, work: _Work, before: BookingView, wanted: _Wanted, moving: frozenset[int]
) -> Iterator[DateStep]:
    """Plan one date after the other, each when those before it are stored."""
    asked, stored = work.asked, by_date(before)
    spaces = record.lock_spaces(session, {x for _each, own in wanted for x in own.space_ids or ()})
    site = houses.site(session, before.site_id)
    for change, own in wanted:
        views = stored[change.recurrence_id]
        doing = date_as_wanted(
            session, before, views, own, spaces, asked.actor, site=site, now=asked.now
        )
        work.refused = _refused_date(doing, asked, moving)
        texts = doing.is_same_place and not change.back and moving.isdisjoint(doing.replaced)
        yield DateStep(doing, "bring_back" if change.back else "change_date", texts=texts)


def _refused_date(
    doing: DatePlan, asked: Asked, moving: frozenset[int]
) -> Callable[[Conflicted | GuardRefused], Conflicted]:
    ignoring = moving.union(doing.replaced)
    return lambda error: conflict(error, doing.plan, asked.actor, now=asked.now, ignoring=ignoring)


def _differs(after: BookingView, sent: Sent, work: _Work) -> bool:
    """Whether the booking says something else than its object, in whatever part."""
    if sent.event.tentative is not (after.state is State.REQUESTED):
        return not sent.event.cancelled
    if work.apart_id is not None or work.event.following or sent.event.warnings:
        return True
    if sent.event.cancelled or not sent.dates:
        return any(each.state.is_open for each in after.occurrences)
    base = as_request(after)
    if whole_change(base, after, sent, work.shown, now=_EVER) != base:
        return True
    if after.rule is not None and date_changes(after, sent, work.shown, now=_EVER):
        return True
    named = tuple(sorted(work.shown.rooms(sent.event.location)))
    return (sent.event.title or "", named) != (after.title, _spaces(after.occurrences))


def _spaces(views: tuple[OccurrenceView, ...]) -> tuple[int, ...]:
    return tuple(sorted({each.space_id for each in views if each.state.is_open}))
