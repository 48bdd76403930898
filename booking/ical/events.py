"""Events of bookings: which dates are left out, which differ, what the reader may know."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from booking.core.calendars import CalendarBooking, CalendarDate, Described
from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.recurrence import parse_rule, to_utc, with_until, zone_info
from booking.core.values import OccurrenceView, State, Visibility
from booking.core.visibility import BUSY, Readable, Sight, shown
from booking.ical.write import Access, CalendarEvent, CalendarOverride, Status

combine = datetime.combine
STATUS: Mapping[str, Status] = {
    State.REQUESTED: Status.TENTATIVE,
    State.CONFIRMED: Status.CONFIRMED,
}
ACCESS: Mapping[str, Access] = {
    Visibility.PUBLIC: Access.PUBLIC,
    Visibility.MEMBERS: Access.CONFIDENTIAL,
    Visibility.PRIVATE: Access.PRIVATE,
}


@frozen()
class Words:
    """What an event says: the reader's language, the house's names, the reader's rights.

    ``sight`` says how much of a booking the reader sees (``booking.core.visibility``).
    ``describe`` gives the text below the title of what is seen so, ``locate`` the place of
    some spaces, ``link`` the address of a booking's page.  ``key`` makes the uids
    of redacted events, so that nobody can match them with the real ones.
    With ``tells_cancelled`` a cancelled date of a series stays in it, CANCELLED,
    for those who would have come.  ``is_told`` says whether the reader may learn at all that
    there is a booking, where to be in the calendar says what it is about.
    """

    sight: Callable[[Readable], Sight]
    busy: str
    categories: Mapping[str, str]
    describe: Callable[[Described, Sight], str]
    locate: Callable[[tuple[int, ...]], str]
    link: Callable[[Described], str]
    key: str
    tells_cancelled: bool = False
    is_told: Callable[[Readable], bool] = lambda _booking: True


def event_of(booking: CalendarBooking, words: Words) -> CalendarEvent | None:
    """Return the event that the reader sees, None where there is nothing to see.

    Dates that are cancelled, refused or not in the calendar's spaces are left
    out of a series, but for those that are told.  A booking with no other date
    is CANCELLED, and gone for those who would only see "busy".
    """
    sight = BUSY if booking.view.redacted else words.sight(booking.view)
    seen = _Seen(booking, sight, shown(booking.view, sight), words)
    dates = booking.dates
    told = [date for date in dates if date.state.is_open]
    if not told and (seen.view.redacted or not dates):
        return None
    if not words.is_told(booking.view):
        return None
    if booking.rule is None and not booking.rdates:
        return seen.single((told or dates)[0])
    if told and words.tells_cancelled:
        told = [date for date in booking.dates if date.state.is_open or _is_told(date)]
    return seen.series(told or booking.dates)


def _is_told(date: CalendarDate) -> bool:
    return date.state is State.CANCELLED and bool(date.space_ids)


def filed(
    words: Words, sight: Sight, booking: Described, *, uid: str, category: str, kind: str
) -> tuple[str, tuple[str, ...], Access | None, str]:
    """Return uid, categories, access and address of an event; ``kind`` says who may read it.

    Of what is only seen to be busy there is nothing but a uid that nobody else knows.
    """
    if not sight.reads:
        return _opaque(words.key, uid), (), None, ""
    return uid, (words.categories.get(category, category),), ACCESS[kind], words.link(booking)


@frozen()
class _Seen:
    """A booking, how much of it the reader sees, and the reader's words."""

    booking: CalendarBooking
    sight: Sight
    view: OccurrenceView
    words: Words

    def single(self, date: CalendarDate) -> CalendarEvent:
        # The interval, not the wish: an hour that the clocks skip was booked later.
        start, end = _wall_clock(date.interval, self.booking.zone)
        return self._event(date, start, end)

    def series(self, dates: Sequence[CalendarDate]) -> CalendarEvent:
        booking, ids = self.booking, {date.recurrence_id for date in dates}
        usual = replace(_usual(dates), title=None, note=None)
        rule, exdates = _rule(booking, ids, all_day=self.view.all_day)
        return replace(
            self._event(usual, booking.starts_at, booking.ends_at),
            rule=rule,
            exdates=exdates,
            rdates=tuple(each for each in booking.rdates if each in ids),
            overrides=tuple(self._overrides(dates, usual)),
        )

    def _event(self, like: CalendarDate, start: datetime, end: datetime) -> CalendarEvent:
        booking, view, words = self.booking, self.view, self.words
        summary, description = self._texts(like)
        uid, categories, access, url = filed(
            words, self.sight, view, uid=booking.uid, category=view.category, kind=view.visibility
        )
        return CalendarEvent(
            uid=uid,
            zone=booking.zone,
            start=start,
            end=end,
            all_day=view.all_day,
            status=STATUS.get(like.state, Status.CANCELLED),
            summary=summary,
            description=description,
            location=words.locate(like.space_ids),
            stamp=booking.updated_at,
            sequence=booking.sequence,
            created=booking.created_at if self.sight.reads else None,
            categories=categories,
            access=access,
            url=url,
            space_ids=like.space_ids,
        )

    def _texts(self, date: CalendarDate) -> tuple[str, str]:
        """Return title and description of a date; what is its own is redacted as well."""
        view = self.view
        if date.title or date.note:
            whole = self.booking.view
            title, note = date.title or whole.title, date.note or whole.note
            view = shown(replace(whole, title=title, note=note), self.sight)
        if view.redacted:
            return self.words.busy, ""
        return view.title, self.words.describe(view, self.sight)

    def _overrides(
        self, dates: Iterable[CalendarDate], usual: CalendarDate
    ) -> Iterator[CalendarOverride]:
        """Yield the dates on which the booking is not as usual."""
        booking, all_day = self.booking, self.view.all_day
        first = to_utc(booking.starts_at, booking.zone)
        exact = to_utc(booking.ends_at, booking.zone) - first
        nominal, looks = booking.ends_at - booking.starts_at, _looks(usual)
        for date in dates:
            start, end = _wall_clock(date.interval, booking.zone)
            # Readers differ on a length across a change of the clocks: some keep the
            # hours, some the wall clock (RFC 5545 §3.8.5.3 means the hours).  So such
            # a date is written out.
            on_time = start == date.recurrence_id and end - start == nominal and not start.fold
            same_length = all_day or date.interval.length == exact
            own = (date.title or date.note) and not self.view.redacted
            if on_time and same_length and not own and _looks(date) == looks:
                continue
            summary, description = self._texts(date)
            yield CalendarOverride(
                recurrence_id=date.recurrence_id,
                start=start,
                end=end,
                status=STATUS.get(date.state, Status.CANCELLED),
                summary=summary,
                description=description,
                location=self.words.locate(date.space_ids),
                space_ids=date.space_ids,
            )


def _looks(date: CalendarDate) -> tuple[tuple[int, ...], State]:
    return date.space_ids, date.state


def _usual(dates: Sequence[CalendarDate]) -> CalendarDate:
    """Return a date with the spaces and the state that most of those that take place have."""
    taking_place = [date for date in dates if date.state.is_open]
    [(looks, _)] = Counter(map(_looks, taking_place or dates)).most_common(1)
    return next(date for date in dates if _looks(date) == looks)


def _wall_clock(interval: Interval, zone: str) -> tuple[datetime, datetime]:
    """Return start and end as naive local times; ``fold`` tells equal ones apart."""
    info = zone_info(zone)
    start, end = interval.start.astimezone(info), interval.end.astimezone(info)
    # A fifth of what replace(tzinfo=None) takes, and ``fold`` is kept as well.
    return combine(start.date(), start.time()), combine(end.date(), end.time())


def _rule(
    booking: CalendarBooking, shown: Collection[datetime], *, all_day: bool
) -> tuple[str | None, tuple[datetime, ...]]:
    """Return the RRULE value and what it must leave out to give exactly the shown dates.

    Where the last dates of the rule are not shown, or it has no end of its
    own, it ends at the last shown one: nothing is promised beyond that.
    """
    if booking.rule is None:
        return None, tuple(each for each in (booking.starts_at,) if each not in shown)
    given = {date.recurrence_id for date in booking.dates}.difference(booking.rdates)
    every = {date.recurrence_id for date in booking.dates}
    gone = every.union(booking.exdates).difference(shown)
    last = max(given.intersection(shown), default=booking.starts_at)
    cut = last if max(given, default=last) > last else None
    text = _rule_text(booking.rule, booking.zone, all_day=all_day, cut=cut, edge=last)
    return text, tuple(sorted(each for each in gone if cut is None or each <= cut))


@lru_cache(maxsize=4096)
def _rule_text(text: str, zone: str, *, all_day: bool, cut: datetime | None, edge: datetime) -> str:
    """Return the RRULE value beside a DTSTART: UNTIL is a date, or in UTC."""
    rule = parse_rule(text)
    if cut is not None or rule.is_endless:
        rule = with_until(rule, cut or edge)
    return rule.to_text_for_dates(zone) if all_day else rule.to_text_for_times(zone)


def _opaque(key: str, uid: str) -> str:
    return hashlib.sha256(f"{key}:{uid}".encode()).hexdigest()[:40]
