"""May this person hold this time, and who has to agree?

Whoever runs the site is not bound by the rules of its rooms, whoever decides
about a room does not ask.  Nobody books the past, or beyond the days that
are open for booking.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from booking.core.half_days import is_of_half_days
from booking.core.hours import day, edge, hours_on, last_bookable_day
from booking.core.intervals import Interval, subtract
from booking.core.messages import Message, message
from booking.core.permissions import may_administer, may_approve
from booking.core.recurrence import to_local
from booking.core.values import Actor, Policy, Site, Space, Stance

MINUTE = timedelta(minutes=1)
Holidays = Mapping[date, str]
NO_HOLIDAYS: Holidays = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Allowed:
    """The space is the actor's for the asking."""


@dataclass(frozen=True, slots=True)
class NeedsApproval:
    """An approver decides, for these reasons."""

    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule of the house forbids it; each reason names its field."""

    reasons: tuple[Message, ...]


Decision = Allowed | NeedsApproval | Refused
Said = tuple[Stance, Message]


def decide(
    space: Space,
    wanted: Sequence[Interval],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
    holidays: Holidays = NO_HOLIDAYS,
    attendance: int | None = None,
    granted: Sequence[Interval] = (),
) -> Decision:
    """Return whether ``actor`` may hold ``space`` at the wanted times (without buffers).

    What lies within a ``granted`` time, confirmed before, is not asked about
    again.  ``holidays`` are the days off with their names; only a policy that speaks
    of them (``minds_holidays``) looks at them.  Of a series each reason is
    given once, for the first date that it concerns.
    """
    if not space.bookable:
        return Refused((message("space_not_bookable", "space", space=space.name),))
    if any(each.end <= now for each in wanted):
        return Refused((message("in_the_past", "start"),))
    if any(each.start >= edge(site, now) for each in wanted):
        last = last_bookable_day(site, now)
        return Refused((message("beyond_horizon", "start", last=last),))
    fresh = [each for each in wanted if not any(has.covers(each) for has in granted)]
    if granted and not fresh:
        return Allowed()
    rules = _Rules(space, site, now, holidays, attendance)
    said = list(_first_of_each(rules.about(fresh, actor)))
    refusals = tuple(each for stance, each in said if stance is Stance.REFUSE)
    if refusals and not may_administer(actor, site.id):
        return Refused(refusals)
    asks = tuple(each for stance, each in said if stance is Stance.ASK)
    if asks and not may_approve(actor, space_id=space.id, site_id=space.site_id):
        return NeedsApproval(asks)
    return Allowed()


def minds_holidays(space: Space, site: Site) -> bool:
    """Whether a public holiday makes a difference to whoever books this space."""
    return (space.policy.holidays or site.policy.holidays) is not Stance.ALLOW


def always_asks(space: Space, actor: Actor) -> bool:
    """Whether whatever ``actor`` books in this space waits for an approver, at any time."""
    asks = space.needs_approval or (space.policy.ask_outsiders and _is_outsider(space, actor))
    return asks and not may_approve(actor, space_id=space.id, site_id=space.site_id)


def closed_times(
    space: Space,
    days: Iterable[date],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
    holidays: Holidays = NO_HOLIDAYS,
    length: timedelta = timedelta(0),
) -> list[Interval]:
    """Return when, on these local days, the rules refuse the space to ``actor``, in order.

    ``length`` is that of the booking: one that begins in time may end after
    the last moment at which one may begin.
    """
    if may_administer(actor, site.id):
        return []
    policy = space.policy
    reachable = Interval(
        now + (policy.notice or timedelta(0)), now + (policy.ahead or timedelta(days=36_500))
    )
    stance = policy.holidays or site.policy.holidays
    closed: list[Interval] = []
    for each in days:
        whole = day(site, each)
        opened = hours_on(space, site, each)
        if stance is Stance.REFUSE and each in holidays:
            closed.append(whole)
        elif policy.outside_hours is Stance.REFUSE:
            closed += subtract(whole, [opened] if opened else [])
        if policy.notice and whole.start < reachable.start:
            closed.append(Interval(whole.start, min(whole.end, reachable.start)))
        if policy.ahead and whole.end > reachable.end + length:
            closed.append(Interval(max(whole.start, reachable.end + length), whole.end))
    return closed


def series_edge(
    spaces: Iterable[Space], site: Site, now: datetime, *, actor: Actor | None = None
) -> datetime:
    """Return the instant from which on an endless series of these spaces has no dates yet.

    It goes as far as all of them can be booked; for whoever runs the site, as far as the house.
    """
    last = edge(site, now)
    if actor is not None and may_administer(actor, site.id):
        return last
    return min([last, *(now + each.policy.ahead for each in spaces if each.policy.ahead)])


def is_ever_possible(space: Space, length: timedelta, actor: Actor, *, site: Site) -> bool:
    """Whether ``actor`` may hold the space for so long at some time or other."""
    policy = space.policy
    return space.bookable and (
        may_administer(actor, site.id)
        or (
            _may_book(policy, actor)
            and (policy.shortest is None or length >= policy.shortest)
            and (policy.longest is None or length <= policy.longest)
        )
    )


def never_because(
    space: Space, length: timedelta, actor: Actor, *, site: Site, now: datetime
) -> tuple[Message, ...]:
    """Return why ``actor`` may not hold the space for so long at any time; nothing if some day."""
    if is_ever_possible(space, length, actor, site=site):
        return ()
    if not space.bookable:
        return (message("space_not_bookable", "space", space=space.name),)
    rules = _Rules(space, site, now, NO_HOLIDAYS, None)
    return tuple(
        each
        for stance, each in rules.whenever(Interval(now, now + length), actor)
        if stance is Stance.REFUSE
    )


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules of one space, asked at one moment."""

    space: Space
    site: Site
    now: datetime
    holidays: Holidays
    attendance: int | None

    def about(self, wanted: Sequence[Interval], actor: Actor) -> Iterator[Said]:
        """Yield all that the rules say, in the order in which a person would tell it."""
        yield from self._about_person(actor)
        yield from self._about_people()
        for each in wanted:
            yield from self._about_length(each)
            yield from self._about_lead(each)
            yield from self._about_time(each)

    def whenever(self, wanted: Interval, actor: Actor) -> Iterator[Said]:
        """Yield what the rules say of who asks and for how long, whatever the time."""
        yield from self._about_person(actor)
        yield from self._about_length(wanted)

    def _about_person(self, actor: Actor) -> Iterator[Said]:
        name = self.space.name
        if not _may_book(self.space.policy, actor):
            yield Stance.REFUSE, message("not_for_you", "space", space=name)
        if self.space.needs_approval:
            yield Stance.ASK, message("approval_always", space=name)
        if self.space.policy.ask_outsiders and _is_outsider(self.space, actor):
            yield Stance.ASK, message("approval_outsider", space=name)

    def _about_people(self) -> Iterator[Said]:
        places, stance = self.space.capacity, self.space.policy.over_capacity
        if places and (self.attendance or 0) > places and stance is not Stance.ALLOW:
            yield (
                stance,
                message(
                    "approval_capacity" if stance is Stance.ASK else "over_capacity",
                    "attendance",
                    space=self.space.name,
                    places=places,
                ),
            )

    def _about_length(self, wanted: Interval) -> Iterator[Said]:
        policy, name, length = self.space.policy, self.space.name, wanted.length
        if policy.shortest and length < policy.shortest:
            least = policy.shortest // MINUTE
            yield Stance.REFUSE, message("too_short_here", "end", space=name, length=least)
        if policy.longest and length > policy.longest:
            most = policy.longest // MINUTE
            yield Stance.REFUSE, message("too_long_here", "end", space=name, length=most)
        if policy.ask_longer and length > policy.ask_longer:
            most = policy.ask_longer // MINUTE
            yield Stance.ASK, message("approval_longer", space=name, length=most)

    def _about_lead(self, wanted: Interval) -> Iterator[Said]:
        policy, name, lead = self.space.policy, self.space.name, wanted.start - self.now
        if policy.notice and lead < policy.notice:
            least = policy.notice // MINUTE
            yield Stance.REFUSE, message("too_late_here", "start", space=name, length=least)
        if policy.ahead and lead > policy.ahead:
            most = policy.ahead // MINUTE
            yield Stance.REFUSE, message("too_early_here", "start", space=name, length=most)

    def _about_time(self, wanted: Interval) -> Iterator[Said]:
        policy = self.space.policy
        on_holidays = policy.holidays or self.site.policy.holidays
        if on_holidays is not Stance.ALLOW and self.holidays:
            for on in _days(wanted, self.site.zone):
                if name := self.holidays.get(on):
                    yield (
                        on_holidays,
                        message(
                            "approval_holiday" if on_holidays is Stance.ASK else "on_holiday",
                            "date",
                            day=on,
                            holiday=name,
                        ),
                    )
        if policy.half_days and not is_of_half_days(wanted, self.space, self.site):
            noon = f"{policy.half_days:%H:%M}"
            yield (
                Stance.REFUSE,
                message("only_half_days", "start", space=self.space.name, noon=noon),
            )
        if policy.outside_hours is not Stance.ALLOW:
            yield from self._about_hours(wanted, policy.outside_hours)

    def _about_hours(self, wanted: Interval, stance: Stance) -> Iterator[Said]:
        on = to_local(wanted.start, self.site.zone).date()
        opened = hours_on(self.space, self.site, on)
        asks, name = stance is Stance.ASK, self.space.name
        if opened is None:
            yield (
                stance,
                message(
                    "approval_closed_day" if asks else "closed_day", "date", space=name, day=on
                ),
            )
            return
        if wanted.start < opened.start:
            at = to_local(opened.start, self.site.zone)
            yield (
                stance,
                message(
                    "approval_before" if asks else "before_opening",
                    "start",
                    space=name,
                    day=on,
                    clock=f"{at:%H:%M}",
                ),
            )
        if wanted.end > opened.end:
            at = to_local(opened.end, self.site.zone)
            clock = "24:00" if at.date() != on else f"{at:%H:%M}"
            yield (
                stance,
                message(
                    "approval_after" if asks else "after_closing",
                    "end",
                    space=name,
                    day=on,
                    clock=clock,
                ),
            )


def _first_of_each(said: Iterable[Said]) -> Iterator[Said]:
    seen = set()
    for stance, each in said:
        if each.code not in seen:
            seen.add(each.code)
            yield stance, each


def _may_book(policy: Policy, actor: Actor) -> bool:
    if not (policy.organisations or policy.roles):
        return True
    return actor.role in policy.roles or not policy.organisations.isdisjoint(actor.organisations)


def _is_outsider(space: Space, actor: Actor) -> bool:
    insiders = space.policy.insiders
    return actor.organisations.isdisjoint(insiders) if insiders else not actor.organisations


def _days(wanted: Interval, zone: str) -> Iterator[date]:
    """Yield the local days of an interval; one that ends at midnight does not reach the next."""
    on = to_local(wanted.start, zone).date()
    last = to_local(wanted.end - timedelta(seconds=1), zone).date()
    while on <= last:
        yield on
        on += timedelta(days=1)
