"""From a request to a plan: its dates, who decides, what is in the way."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from booking.actions import clashes
from booking.actions.bookings import fairness
from booking.actions.bookings.expansion import Dates, dates_of
from booking.actions.bookings.tenancy import refuse_strangers
from booking.actions.clashes import Want
from booking.core import hours, permissions
from booking.core.allowances import Part
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed
from booking.core.intervals import Interval
from booking.core.messages import Message
from booking.core.policy import NeedsApproval, Refused, decide, minds_holidays, series_edge
from booking.core.recurrence import Instance, Rule, parse_rule, to_utc
from booking.core.requests import BookingRequest, OwnDate
from booking.core.series import own_by_date, with_own_times
from booking.core.values import Account, Actor, OccurrenceView, Site, Space, State
from booking.holidays import NONE, public_holidays
from booking.queries import houses
from booking.queries.basis import Basis

# Dates times spaces: a verb that takes seconds keeps all others waiting.
MOST_ALLOCATIONS = 2_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that makes sense: its dates, and each space's first state.

    ``request`` has its first date moved to the rule's.  ``spaces`` has the
    wanted spaces with their parts.  ``asks`` has the wanted spaces that need
    an approver, with the reasons, ``own`` what single dates have of their own
    by their local start; ``instances`` are at these times already.
    ``account`` is whose use it counts to, ``fair`` how that stands with its limits.
    """

    request: BookingRequest
    site: Site
    spaces: Mapping[int, Space]
    dates: Dates
    asks: Mapping[int, tuple[Message, ...]]
    own: Mapping[datetime, OwnDate]
    account: Account
    fair: fairness.Fairness

    @property
    def rule(self) -> Rule | None:
        """The rule, from the first date that it keeps."""
        return self.dates.rule

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The dates, in order."""
        return self.dates.instances

    @property
    def undecided(self) -> frozenset[int]:
        """The ids of the wanted spaces that need an approver."""
        return frozenset(self.asks)

    def spaces_on(self, recurrence_id: datetime) -> tuple[int, ...]:
        """Return the ids of the spaces that one date is about."""
        own = self.own.get(recurrence_id)
        return self.request.space_ids if own is None or own.space_ids is None else own.space_ids

    def wants(self, instances: Iterable[Instance]) -> list[Want]:
        """Return one want for each date and space, skipped dates left out."""
        return [
            Want(
                space_id,
                each.recurrence_id,
                each.interval,
                self.spaces[space_id].blocked(each.interval),
            )
            for each in instances
            if each.recurrence_id not in self.request.skip
            for space_id in self.spaces_on(each.recurrence_id)
        ]


def make_plan(
    session: Session,
    request: BookingRequest,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
    site: Site | None = None,
    zone: str | None = None,
    granted: Mapping[int, Sequence[Interval]] = MappingProxyType({}),
    replaced: Sequence[OccurrenceView] = (),
    given_up: Collection[date] = (),
) -> Plan:
    """Return what the request comes to under the rules of the house.

    ``site`` is that of the spaces, where it has been read.  ``granted`` has, by
    space, the times that are confirmed already: what stays within them is not
    decided again.  ``replaced`` are the dates that it takes the place of,
    ``given_up`` the days on which it stays without one.

    Raises:
        InvalidRequest: If it makes no sense (messages name their fields).
        NotAllowed: If a rule of the house or a missing permission forbids it.
    """
    site_id = site_of(request, spaces)
    request = _with_least_spaces(request, spaces)
    site = site or houses.site(session, site_id)
    zone = zone or site.zone
    edge = _edge(request, spaces, actor, site=site, zone=zone, now=now)
    known = max((each.end for some in granted.values() for each in some), default=edge)
    until = min(known, hours.edge(site, now))
    if edge < until:
        edge = _granted_edge(request, edge, granted, given_up, site=site, zone=zone, until=until)
    dates = dates_of(request, site, zone=zone, edge=edge, language=actor.locale)
    request = dates.request
    instances: Sequence[Instance] = dates.instances
    if len(instances) * len(request.space_ids) > MOST_ALLOCATIONS:
        most = MOST_ALLOCATIONS // len(request.space_ids)
        raise InvalidRequest.because("too_many_dates", "repeat", most=most)
    own = own_by_date(request.own, instances)
    instances = with_own_times(instances, own, zone)
    if all(each.recurrence_id in request.skip for each in instances):
        raise InvalidRequest.because("all_dates_skipped", "repeat")
    dates = replace(dates, instances=tuple(instances))
    account = Account.of(request.organisation_id, request.organiser_id or actor.person_id)
    plan = Plan(request, site, spaces, dates, {}, own, account, fairness.Fairness())
    wanted = _wanted_times(plan)
    asks = who_decides(
        [spaces[each] for each in wanted],
        wanted,
        actor,
        site=site,
        now=now,
        attendance=request.attendance,
        granted=granted,
    )
    refuse_strangers(
        session,
        wanted,
        spaces,
        actor,
        organisation_id=request.organisation_id,
        site_id=site.id,
        granted=granted,
    )
    fair = fairness.ask(
        session,
        account,
        _parts(plan, given_up),
        [spaces[each] for each in wanted],
        actor,
        site=site,
        now=now,
        replaced=replaced,
    )
    asks |= {each: asks.get(each, ()) + fair.asks[each] for each in fair.asks}
    return replace(plan, asks=asks, fair=fair)


def _edge(
    request: BookingRequest,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    site: Site,
    zone: str,
    now: datetime,
) -> datetime:
    """Return the instant before which dates are made; the first one always is, to be judged."""
    last = hours.edge(site, now)
    if request.rule is None or not parse_rule(request.rule).is_endless:
        return last
    reach = series_edge([spaces[each] for each in request.space_ids], site, now, actor=actor)
    return last if reach <= to_utc(request.start, zone) else reach


def _granted_edge(
    request: BookingRequest,
    edge: datetime,
    granted: Mapping[int, Sequence[Interval]],
    given_up: Collection[date],
    *,
    site: Site,
    zone: str,
    until: datetime,
) -> datetime:
    """Return the instant of the first date from the edge on that is not granted already.

    Whoever runs the house books further ahead than its rooms can be booked: those dates stay.
    """
    instances = dates_of(request, site, zone=zone, edge=until).instances
    own = own_by_date(request.own, instances)
    for each in with_own_times(instances, own, zone):
        at, mine = to_utc(each.recurrence_id, zone), own.get(each.recurrence_id)
        if at < edge or each.recurrence_id.date() in given_up:
            continue
        spaces = request.space_ids if mine is None or mine.space_ids is None else mine.space_ids
        if not all(any(x.covers(each.interval) for x in granted.get(id_, ())) for id_ in spaces):
            return at
    return until


def site_of(request: BookingRequest, spaces: Mapping[int, Space]) -> int:
    """Return the id of the site of the wanted spaces.

    Raises:
        InvalidRequest: If one is not there, or they are of several sites.
    """
    if not spaces.keys() >= {*request.all_space_ids}:
        raise InvalidRequest.because("space_unknown", "space")
    site_id, *others = {spaces[each].site_id for each in request.all_space_ids}
    if others:
        raise InvalidRequest.because("spaces_of_several_sites", "space")
    return site_id


def _parts(plan: Plan, given_up: Collection[date]) -> list[Part]:
    """Return what the dates count for that are really wanted: what was given up stays so."""
    return [
        Part(each.interval, plan.spaces[space_id].weight, each.recurrence_id)
        for each in plan.instances
        if each.recurrence_id not in plan.request.skip
        and not (plan.rule is not None and each.recurrence_id.date() in given_up)
        for space_id in plan.spaces_on(each.recurrence_id)
    ]


def _wanted_times(plan: Plan) -> dict[int, list[Interval]]:
    """Return the times that are wanted of each space, dates that are left out included."""
    found: defaultdict[int, list[Interval]] = defaultdict(list)
    for each in plan.instances:
        for space_id in plan.spaces_on(each.recurrence_id):
            found[space_id].append(each.interval)
    return found


def who_decides(
    spaces: Sequence[Space],
    wanted: Mapping[int, Sequence[Interval]],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
    attendance: int | None,
    granted: Mapping[int, Sequence[Interval]] = MappingProxyType({}),
) -> dict[int, tuple[Message, ...]]:
    """Return the spaces that need an approver, with the reasons.

    ``wanted`` has the times that are wanted of each space, in order.

    Raises:
        NotAllowed: If a rule of one of them refuses it.
    """
    holidays = NONE
    if any(minds_holidays(each, site) for each in spaces):
        times = [at for some in wanted.values() for each in some for at in (each.start, each.end)]
        years = {at.year for at in times}
        holidays = public_holidays(site.country, site.region, years, language=actor.locale)
    asks = {}
    for space in spaces:
        decision = decide(
            space,
            wanted[space.id],
            actor,
            site=site,
            now=now,
            holidays=holidays,
            attendance=attendance,
            granted=granted.get(space.id, ()),
        )
        if isinstance(decision, Refused):
            raise NotAllowed(*decision.reasons)
        if isinstance(decision, NeedsApproval):
            asks[space.id] = decision.reasons
    return asks


def granted_times(stored: Iterable[OccurrenceView]) -> dict[int, list[Interval]]:
    """Return the times that are confirmed, by space: staying within them asks nobody."""
    found: defaultdict[int, list[Interval]] = defaultdict(list)
    for each in stored:
        if each.state is State.CONFIRMED:
            found[each.space_id].append(each.interval)
    return found


def _with_least_spaces(request: BookingRequest, spaces: Mapping[int, Space]) -> BookingRequest:
    """Return the request with each date asking for no part of the house twice."""
    own = tuple(
        each
        if each.space_ids is None
        else replace(each, space_ids=without_covered(each.space_ids, spaces))
        for each in request.own
    )
    space_ids = without_covered(request.space_ids, spaces)
    is_same = (space_ids, own) == (request.space_ids, request.own)
    return request if is_same else replace(request, space_ids=space_ids, own=own)


def without_covered(space_ids: Sequence[int], spaces: Mapping[int, Space]) -> tuple[int, ...]:
    """Return the spaces to ask for: none whose parts another wanted one holds anyway.

    Raises:
        InvalidRequest: If two of them share a part.
    """
    parts = {each: set(spaces[each].part_ids) for each in space_ids}
    kept = [
        each
        for each in space_ids
        if not any(
            parts[each] < parts[other] or (parts[each] == parts[other] and other < each)
            for other in space_ids
            if other != each
        )
    ]
    if sum(len(parts[each]) for each in kept) != len(set().union(*(parts[each] for each in kept))):
        raise InvalidRequest.because("spaces_share_parts", "space")
    return tuple(kept)


def check_people(basis: Basis, request: BookingRequest, actor: Actor) -> None:
    """Refuse an organisation, or a person, that is not there or not the actor's to book for.

    Raises:
        InvalidRequest, NotAllowed: With the field it is about.
    """
    organisation_id, organiser_id = request.organisation_id, request.organiser_id
    if not permissions.may_book_for(actor, organisation_id, site_id=basis.site.id):
        raise NotAllowed.because("organisation_not_yours", "organisation")
    if organisation_id is not None and not basis.has_organisation:
        raise InvalidRequest.because("not_found", "organisation", kind="organisation")
    if organiser_id in (None, actor.person_id):
        return
    if not basis.has_organiser:
        raise InvalidRequest.because("not_found", "organiser", kind="person")
    if not (basis.is_together or permissions.may_administer(actor, basis.site.id)):
        raise NotAllowed.because("person_not_of_organisation", "organiser")


def check_category(basis: Basis) -> None:
    """Refuse a category that the house does not have, or no longer offers.

    Raises:
        InvalidRequest: With the field it is about.
    """
    if not basis.is_offered:
        raise InvalidRequest.because("choice_invalid", "category")


def refuse_clashes(
    session: Session,
    plan: Plan,
    actor: Actor,
    *,
    instances: Sequence[Instance],
    ignoring: Collection[int] = (),
) -> clashes.Findings:
    """Return the claims for all wanted dates.

    Raises:
        Conflicted: If anything is in the way of any of them, without
            alternatives: those are looked for after the roll-back.
    """
    findings = clashes.check(session, plan.wants(instances), plan.spaces, ignoring=ignoring)
    if findings.taken:
        raise Conflicted(clashes.told(session, findings.taken, actor))
    return findings


States = Mapping[tuple[datetime, int], State]  # by local start and space


def first_states(plan: Plan) -> States:
    """Return the state in which each allocation of a new booking begins."""
    return {
        (each.recurrence_id, space_id): (
            State.SKIPPED
            if each.recurrence_id in plan.request.skip
            else State.REQUESTED
            if space_id in plan.undecided
            else State.CONFIRMED
        )
        for each in plan.instances
        for space_id in plan.spaces_on(each.recurrence_id)
    }
