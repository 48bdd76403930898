"""What an object changes of a booking: of the whole, and of single dates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from booking.core.objects.sent import Sent, SentDate
from booking.core.recurrence import Rule, parse_rule
from booking.core.requests import BookingRequest, OwnDate
from booking.core.series import GIVEN_UP, by_date, own_dates
from booking.core.values import BookingView, Category, OccurrenceView, Visibility


@dataclass(frozen=True, slots=True)
class Shown:
    """How the sender sees the booking.

    ``rooms`` finds the spaces that a place names.  ``spaces`` are those of the
    room's calendar that the object lies in, with what shares parts with it: dates
    elsewhere may be missing from it, and its places say nothing.  None is a
    calendar of all rooms, in which LOCATION counts.  ``moved_to`` is the room into whose
    calendar the object was moved: it is meant on all dates, whatever the places say.
    ``kinds`` has the codes of categories by their names, casefolded; "" for those that are
    not offered any more.
    """

    rooms: Callable[[str], tuple[int, ...]]
    spaces: frozenset[int] | None = None
    moved_to: int | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)

    def category(self, names: Sequence[str], stored: str) -> str:
        """Return the code of the first of these names that is one of the house's, else ``stored``.

        A permanence stays one: there is more to it than its name.
        """
        if stored == Category.PERMANENCE:
            return stored
        codes = (self.kinds.get(each.casefold(), "") for each in names)
        return next(filter(None, codes), stored)

    def named(self, *places: str | None) -> tuple[int, ...]:
        """Return the spaces that the first place with any names, in id order."""
        if self.moved_to is not None:
            return (self.moved_to,)
        if self.spaces is not None:
            return ()
        found = (self.rooms(each) for each in places if each)
        return tuple(sorted(next(filter(None, found), ())))

    def shows(self, date: Sequence[OccurrenceView]) -> bool:
        """Whether a date, by all its allocations, is open and in this calendar."""
        return any(
            each.state.is_open and (self.spaces is None or each.space_id in self.spaces)
            for each in date
        )


@dataclass(frozen=True, slots=True)
class DateChange:
    """One date as it shall be; None of ``date`` gives it up, ``back`` brings it back."""

    occurrence_id: int
    recurrence_id: datetime
    date: OwnDate | None
    back: bool = False


def whole_change(
    base: BookingRequest, before: BookingView, sent: Sent, shown: Shown, *, now: datetime
) -> BookingRequest:
    """Return the booking as an object wants it as a whole; ``base`` where it is so already.

    ``base`` is the request that would make the booking as it is.  Dates that
    have ended by ``now`` do not count.
    """
    event = sent.event
    wish = replace(
        base,
        title=event.title or base.title,
        note=event.note,
        visibility=_visibility(event.access, base.visibility),
        space_ids=_usual_spaces(base, before, sent, shown),
    )
    if wish.space_ids == base.space_ids and _has_same_dates(before, sent, shown, now=now):
        return wish
    if not event.is_series:
        [date] = sent.dates.values()
        start, end = (at.replace(fold=0) for at in (date.start, date.end))
        return replace(
            wish,
            start=start,
            end=end,
            all_day=event.all_day,
            rule=None,
            rdates=(),
            leaves_out=frozenset(),
            skip=frozenset(),
        )
    rule = _rule(before, sent)
    again = {each for each in before.exdates if each in sent.dates}
    return replace(
        wish,
        start=event.start,
        end=event.start + event.length,
        all_day=event.all_day,
        rule=rule.to_text() if rule else None,
        rdates=tuple(sorted({*event.rdates} | again)),
        skip=sent.left_out,
        own=tuple(_own_dates(wish, before, sent, shown, now=now)),
    )


def _visibility(access: Visibility | None, stored: Visibility) -> Visibility:
    """Return who may read it: a program can make it private, and no more than members' again."""
    if access in (None, stored):
        return stored
    if access is Visibility.PRIVATE:
        return Visibility.PRIVATE
    return Visibility.MEMBERS if stored is Visibility.PRIVATE else stored


def _usual_spaces(
    base: BookingRequest, before: BookingView, sent: Sent, shown: Shown
) -> tuple[int, ...]:
    """Return the spaces of all dates without their own, as the place of the object says."""
    named = shown.named(sent.event.location)
    written = _written_spaces(before)
    return base.space_ids if not named or named in (written, base.space_ids) else named


def _written_spaces(before: BookingView) -> tuple[int, ...]:
    """Return the spaces that most open dates have: those are written as the object's place."""
    found: dict[tuple[int, ...], int] = {}
    for views in by_date(before).values():
        spaces = tuple(sorted(each.space_id for each in views if each.state.is_open))
        if spaces:
            found[spaces] = found.get(spaces, 0) + 1
    return max(found, key=lambda each: found[each], default=before.usual_spaces)


def _has_same_dates(before: BookingView, sent: Sent, shown: Shown, *, now: datetime) -> bool:
    """Whether the dates to come are those that are booked, as far as the whole is concerned."""
    event, stored = sent.event, by_date(before)
    if event.all_day != before.all_day or event.is_series != (before.rule is not None):
        return False
    if before.rule is None:
        [views], [date] = stored.values(), sent.dates.values()
        return date.is_at(views[0].interval, before.zone)
    if event.length != before.ends_at - before.starts_at:
        return False
    endless = parse_rule(before.rule).is_endless
    if event.rule is not None and event.rule.is_endless and not endless:
        return False
    last = max(stored)
    open_ = {
        at for at, views in stored.items() if shown.shows(views) and views[0].interval.end > now
    }
    new = {
        at
        for at, date in sent.dates.items()
        if at not in stored and date.interval(before.zone).end > now and (at <= last or not endless)
    }
    return open_ <= sent.known and not new


def _rule(before: BookingView, sent: Sent) -> Rule | None:
    """Return the rule of an object; an end that only the horizon of the house had put is none."""
    rule = sent.event.rule
    if rule is None or rule.until is None or before.rule is None:
        return rule
    shown = [at for at, views in by_date(before).items() if any(x.state.is_open for x in views)]
    is_edge = parse_rule(before.rule).is_endless and shown
    if is_edge and rule.until.date() >= max(shown).date():
        return replace(rule, until=None)
    return rule


def _own_dates(
    wish: BookingRequest, before: BookingView, sent: Sent, shown: Shown, *, now: datetime
) -> list[OwnDate]:
    """Return what the dates to come have of their own; said of all where one had some before."""
    had_some = bool(own_dates(before))
    stored = by_date(before)
    found = []
    for at, date in sent.dates.items():
        if date.interval(before.zone).end <= now:
            continue
        spaces = shown.named(date.location, sent.event.location)
        if not spaces and at in stored:
            spaces = _spaces_of(stored[at])
        own = _own(date, sent, wish, spaces or wish.space_ids)
        if had_some or own != OwnDate(at):
            found.append(own)
    return found


def _own(date: SentDate, sent: Sent, wish: BookingRequest, spaces: tuple[int, ...]) -> OwnDate:
    at, event = date.recurrence_id, sent.event
    usual = date.start == at and date.end - date.start == event.length and not date.start.fold
    return OwnDate(
        at,
        start=None if usual else date.start.replace(fold=0),
        end=None if usual else date.end.replace(fold=0),
        space_ids=None if spaces == wish.space_ids else spaces,
        title="" if date.title == event.title else date.title,
        note="" if date.note == event.note else date.note,
    )


def _spaces_of(date: Sequence[OccurrenceView]) -> tuple[int, ...]:
    return tuple(sorted(each.space_id for each in date))


def date_changes(
    before: BookingView, sent: Sent, shown: Shown, *, now: datetime
) -> list[DateChange]:
    """Return what an object changes of the dates of a series that have not ended, in order.

    Dates that are not in the sender's calendar, and not in the object, stay as they
    are; so does what an approver has refused.
    """
    found = []
    for at, views in by_date(before).items():
        if views[0].interval.end <= now:
            continue
        change = _date_change(before, views, sent.dates.get(at), sent, shown)
        if change is not None:
            found.append(change)
    return found


def _date_change(
    before: BookingView,
    views: Sequence[OccurrenceView],
    date: SentDate | None,
    sent: Sent,
    shown: Shown,
) -> DateChange | None:
    first = views[0]
    at, occurrence_id = first.recurrence_id, first.occurrence_id
    is_open = any(each.state.is_open for each in views)
    if date is None:
        return DateChange(occurrence_id, at, None) if shown.shows(views) else None
    if not is_open and not GIVEN_UP.issuperset({each.state for each in views}):
        return None
    spaces = shown.named(date.location, sent.event.location)
    if not spaces or spaces == tuple(x.space_id for x in views if x.state.is_open):
        spaces = _spaces_of(views)
    title, note = date.title or before.title, date.note or before.note
    same = (
        date.is_at(first.interval, before.zone)
        and spaces == _spaces_of(views)
        and (title, note) == (first.title, first.note)
    )
    if same and is_open:
        return None
    start, end = date.start.replace(fold=0), date.end.replace(fold=0)
    own = OwnDate(at, start, end, spaces, title, note)
    return DateChange(occurrence_id, at, own, back=not is_open)
