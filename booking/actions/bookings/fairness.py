"""Fair use: what a request would take of what its organisation, or its person, may have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy.orm import Session

from booking.core import allowances
from booking.core.allowances import Part, Standing
from booking.core.errors import NotAllowed
from booking.core.messages import Message
from booking.core.values import Account, Actor, BookingView, OccurrenceView, Site, Space
from booking.db import is_writing
from booking.queries import houses
from booking.queries.allowances import Holder, holder, use_of

T = TypeVar("T")
NOBODY: Mapping[int, tuple[Message, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fairness:
    """How the account stands with its limits.

    ``asks`` has, by space, why its approver has to agree; ``over`` what is
    more than a limit all the same, for whoever may go over it.
    """

    name: str = ""
    standings: tuple[Standing, ...] = ()
    asks: Mapping[int, tuple[Message, ...]] = field(default_factory=lambda: NOBODY)
    over: tuple[Message, ...] = ()


def account_of(booking: BookingView | OccurrenceView) -> Account:
    """Return whose use a booking counts to."""
    return Account.of(booking.organisation_id, booking.organiser_id)


def parts_of(views: Iterable[OccurrenceView], spaces: Mapping[int, Space]) -> list[Part]:
    """Return what the open dates of stored bookings count for."""
    return [
        Part(each.interval, spaces[each.space_id].weight, each.occurrence_id)
        for each in views
        if each.state.is_open and each.space_id in spaces
    ]


def ask(
    session: Session,
    account: Account,
    wanted: Sequence[Part],
    spaces: Sequence[Space],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
    replaced: Sequence[OccurrenceView] = (),
) -> Fairness:
    """Return whether the limits leave these spaces to ``actor`` for the wanted dates.

    ``replaced`` are dates that the wanted ones take the place of, so that a
    change counts once.  Within a verb the account is locked until its end:
    two rooms at the same moment cannot both have its last hour.

    Raises:
        NotAllowed: If it would be more than a limit that is kept.
    """
    name, found = _standings(session, account, wanted, site=site, now=now, replaced=replaced)
    verdict = allowances.judge(found, name, actor, site_id=site.id)
    if verdict.refuses:
        raise NotAllowed(*verdict.refuses)
    asking = allowances.asked_of(verdict, spaces, actor)
    return Fairness(
        name,
        tuple(found),
        {each.id: verdict.asks for each in asking},
        over=verdict.tells if asking else verdict.asks + verdict.tells,
    )


def verdicts(
    session: Session,
    account: Account,
    wanted: Mapping[T, Sequence[Part]],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> dict[T, allowances.Verdict]:
    """Return what the limits would say to each of several wishes, by itself, to ``actor``.

    Empty where nothing is counted, or limited.  Two statements, however many there are.
    """
    ground = _ground(session, account, wanted.values(), site=site, now=now)
    if ground is None:
        return {}
    return {key: ground.judge(parts, actor) for key, parts in wanted.items()}


def verdicts_in_turn(
    session: Session,
    account: Account,
    wanted: Mapping[T, Sequence[Part]],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
) -> dict[T, allowances.Verdict]:
    """Return the same for wishes of which each comes after those before it that are not refused."""
    ground = _ground(session, account, wanted.values(), site=site, now=now)
    said: dict[T, allowances.Verdict] = {}
    had: list[Part] = []
    for key, parts in wanted.items() if ground else ():
        said[key] = ground.judge(parts, actor, after=had) if ground else allowances.Verdict()
        if not said[key].refuses:
            had += parts
    return said


@dataclass(frozen=True, slots=True)
class _Ground:
    """What an account may have, and has, in all the periods that some wishes touch."""

    known: Holder
    among: Sequence[allowances.Period]
    stored: allowances.Uses
    site: Site

    def judge(
        self, parts: Sequence[Part], actor: Actor, *, after: Sequence[Part] = ()
    ) -> allowances.Verdict:
        """Return what the limits say to these parts, when those ``after`` which they come count."""
        near = [each for each in self.among if _touches(each, parts)]
        takes, before = allowances.count(parts, near), allowances.count(after, near)
        stored = {each: _sum(self.stored.get(each), before.get(each)) for each in near}
        found = allowances.standings(self.known.limits, near, stored=stored, had={}, takes=takes)
        return allowances.judge(found, self.known.name, actor, site_id=self.site.id)


def _ground(
    session: Session,
    account: Account,
    wanted: Iterable[Sequence[Part]],
    *,
    site: Site,
    now: datetime,
) -> _Ground | None:
    times = [each.interval for parts in wanted for each in parts]
    fair_use = site.policy.fair_use
    if not fair_use.is_on or not times:
        return None
    known = holder(session, account, site, now=now, lock=is_writing(session))
    if known is None or not allowances.limits_anything(known.limits):
        return None
    among = allowances.periods(times, known.limits, fair_use.peak, site=site, now=now)
    return _Ground(known, among, use_of(session, account, among, site_id=site.id), site)


def _sum(one: allowances.Use | None, other: allowances.Use | None) -> allowances.Use:
    first, second = one or allowances.NO_USE, other or allowances.NO_USE
    return allowances.Use(
        first.time + second.time, first.peak + second.peak, first.dates + second.dates
    )


def _touches(period: allowances.Period, parts: Iterable[Part]) -> bool:
    return any(period.time.overlaps(each.interval) for each in parts)


def why(
    session: Session,
    booking: BookingView,
    waiting: Sequence[OccurrenceView],
    *,
    site: Site,
    now: datetime,
) -> list[Message]:
    """Return what a request that waits is too much of; it is not counted twice."""
    spaces = houses.spaces_by_id(session, {each.space_id for each in waiting})
    wanted = parts_of(waiting, spaces)
    account = account_of(booking)
    name, found = _standings(session, account, wanted, site=site, now=now, replaced=waiting)
    telling = allowances.most_telling(found)
    return [allowances.words_of(each, name) for each in telling if each.is_over]


def _standings(
    session: Session,
    account: Account,
    wanted: Sequence[Part],
    *,
    site: Site,
    now: datetime,
    replaced: Sequence[OccurrenceView],
) -> tuple[str, list[Standing]]:
    fair_use = site.policy.fair_use
    if not fair_use.is_on or not wanted:
        return "", []
    known = holder(session, account, site, now=now, lock=is_writing(session))
    if known is None or not allowances.limits_anything(known.limits):
        return "", []
    times = [each.interval for each in wanted]
    among = allowances.periods(times, known.limits, fair_use.peak, site=site, now=now)
    given = [each for each in replaced if account_of(each) == account]
    spaces = houses.spaces_by_id(session, {each.space_id for each in given}) if given else {}
    return known.name, allowances.standings(
        known.limits,
        among,
        stored=use_of(session, account, among, site_id=site.id),
        had=allowances.count(parts_of(given, spaces), among),
        takes=allowances.count(wanted, among),
    )
