"""From a request to rows: its dates, who decides, what is in the way, what is inserted."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.actions import clashes, record
from booking.actions.clashes import Want
from booking.core import hours, permissions
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed
from booking.core.intervals import Interval
from booking.core.messages import Message
from booking.core.policy import NeedsApproval, Refused, decide, minds_holidays
from booking.core.recurrence import (
    Instance,
    Rule,
    describe_gap,
    expand,
    first_start,
    parse_rule,
)
from booking.core.requests import BookingRequest
from booking.core.values import Actor, BookingView, Site, Space, State, Visibility
from booking.db import Base, insert_listed
from booking.holidays import NONE, public_holidays
from booking.models import Membership, Organisation, Person
from booking.queries import houses

SECOND = timedelta(seconds=1)
# Dates times spaces: a verb that takes seconds keeps all others waiting.
MOST_ALLOCATIONS = 2_000

# Built once, on the tables: see booking.actions.record.
_OCCURRENCE, _ALLOCATION = (Base.metadata.tables[name] for name in ("occurrence", "allocation"))
_ORGANISATION = select(Organisation.id).where(
    Organisation.id == bindparam("id"), Organisation.archived_at.is_(None)
)
_PERSON = select(Person.id).where(Person.id == bindparam("id"), Person.archived_at.is_(None))


@cache
def tzdata_version() -> str:
    """Return the release of the time zone data that dates were made with."""
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return "system"


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that makes sense: its dates, and each space's first state.

    ``rule`` is the parsed one; ``request`` has its first date moved to the
    rule's.  ``spaces`` has the wanted spaces with their parts.  ``asks`` has
    the wanted spaces that need an approver, with the reasons.
    """

    request: BookingRequest
    site: Site
    spaces: Mapping[int, Space]
    rule: Rule | None
    instances: tuple[Instance, ...]
    asks: Mapping[int, tuple[Message, ...]]

    @property
    def undecided(self) -> frozenset[int]:
        """The ids of the wanted spaces that need an approver."""
        return frozenset(self.asks)

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
            for space_id in self.request.space_ids
        ]


def make_plan(
    session: Session,
    request: BookingRequest,
    spaces: Mapping[int, Space],
    actor: Actor,
    *,
    now: datetime,
    zone: str | None = None,
    granted: Mapping[int, Sequence[Interval]] = MappingProxyType({}),
) -> Plan:
    """Return what the request comes to under the rules of the house.

    ``granted`` has, by space, the times that are confirmed already: what
    stays within them is not decided again.

    Raises:
        InvalidRequest: If it makes no sense (messages name their fields).
        NotAllowed: If a rule of the house or a missing permission forbids it.
    """
    known = [each for each in request.space_ids if each in spaces]
    if len(known) != len(request.space_ids):
        raise InvalidRequest.because("space_unknown", "space")
    if len({spaces[each].site_id for each in known}) != 1:
        raise InvalidRequest.because("spaces_of_several_sites", "space")
    request = replace(request, space_ids=_without_covered(known, spaces))
    site = houses.site(session, spaces[known[0]].site_id)
    zone = zone or site.zone
    rule = parse_rule(request.rule).in_zone(zone) if request.rule else None
    request = _at_first_date(request, rule, zone)
    _refuse_gap(request, zone)
    instances = expand(
        request.start,
        request.end - request.start,
        zone,
        rule=rule,
        until=hours.edge(site, now),
    )
    if len(instances) * len(request.space_ids) > MOST_ALLOCATIONS:
        most = MOST_ALLOCATIONS // len(request.space_ids)
        raise InvalidRequest.because("too_many_dates", "repeat", most=most)
    if all(each.recurrence_id in request.skip for each in instances):
        raise InvalidRequest.because("all_dates_skipped", "repeat")
    asks = _decided(
        [spaces[each] for each in request.space_ids],
        [each.interval for each in instances],
        actor,
        site=site,
        now=now,
        attendance=request.attendance,
        granted=granted,
    )
    return Plan(request, site, spaces, rule, tuple(instances), asks)


def _decided(
    spaces: Sequence[Space],
    wanted: Sequence[Interval],
    actor: Actor,
    *,
    site: Site,
    now: datetime,
    attendance: int | None,
    granted: Mapping[int, Sequence[Interval]],
) -> dict[int, tuple[Message, ...]]:
    """Return the spaces that need an approver, with the reasons."""
    holidays = NONE
    if any(minds_holidays(each, site) for each in spaces):
        years = {at.year for each in wanted for at in (each.start, each.end)}
        holidays = public_holidays(site.country, site.region, years, language=actor.locale)
    asks = {}
    for space in spaces:
        decision = decide(
            space,
            wanted,
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


def granted_times(booking: BookingView) -> dict[int, list[Interval]]:
    """Return the confirmed times of a booking by space: staying within them asks nobody."""
    found: defaultdict[int, list[Interval]] = defaultdict(list)
    for each in booking.occurrences:
        if each.state is State.CONFIRMED:
            found[each.space_id].append(each.interval)
    return found


def _without_covered(space_ids: Sequence[int], spaces: Mapping[int, Space]) -> tuple[int, ...]:
    """A space whose parts another wanted space holds anyway is not asked for twice."""
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


def check_people(session: Session, request: BookingRequest, actor: Actor, *, site_id: int) -> None:
    """Refuse an organisation, or a person, that is not there or not the actor's to book for.

    Raises:
        InvalidRequest, NotAllowed: With the field it is about.
    """
    if not permissions.may_book_for(actor, request.organisation_id, site_id=site_id):
        raise NotAllowed.because("organisation_not_yours", "organisation")
    _check_organisation(session, request.organisation_id)
    if request.organiser_id in (None, actor.person_id):
        return
    _check_person(session, request.organiser_id)
    if permissions.may_administer(actor, site_id):
        return
    together = (
        request.organisation_id is not None
        and session.execute(
            select(Membership.person_id).where(
                Membership.person_id == request.organiser_id,
                Membership.organisation_id == request.organisation_id,
            )
        ).first()
    )
    if not together:
        raise NotAllowed.because("person_not_of_organisation", "organiser")


def _check_organisation(session: Session, organisation_id: int | None) -> None:
    if organisation_id is None:
        return
    if session.connection().execute(_ORGANISATION, {"id": organisation_id}).first() is None:
        raise InvalidRequest.because("not_found", "organisation", kind="organisation")


def _check_person(session: Session, person_id: int | None) -> None:
    if session.connection().execute(_PERSON, {"id": person_id}).first() is None:
        raise InvalidRequest.because("not_found", "organiser", kind="person")


def _at_first_date(request: BookingRequest, rule: Rule | None, zone: str) -> BookingRequest:
    """Move the start to the first date of the rule, when the rule leaves the given one out."""
    if rule is None:
        return request
    first = first_start(request.start, rule, zone)
    if first is None:
        raise InvalidRequest.because("empty_series", "repeat")
    return replace(request, start=first, end=first + (request.end - request.start))


def _refuse_gap(request: BookingRequest, zone: str) -> None:
    for name, local in (("start", request.start), ("end", request.end)):
        if describe_gap(local, zone) == "gap":
            raise InvalidRequest.because("time_in_gap", name, at=local)


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
        for space_id in plan.request.space_ids
    }


def insert_occurrences(
    session: Session, booking_id: int, instances: Sequence[Instance]
) -> dict[datetime, int]:
    """Insert a row for each date; return their ids by local start."""
    rows = [
        {
            "booking_id": booking_id,
            "recurrence_id": each.recurrence_id,
            "start_s": each.interval.start,
            "end_s": each.interval.end,
        }
        for each in instances
    ]
    stored = insert_listed(
        session.connection(), _OCCURRENCE, rows, returning=("id", "recurrence_id")
    )
    ids = {row.recurrence_id: row.id for row in stored}
    locals_ = (each.recurrence_id for each in instances)
    return {local: ids[local.isoformat(timespec="minutes")] for local in locals_}


def insert_allocations(
    session: Session,
    plan: Plan,
    states: States,
    *,
    occurrence_ids: Mapping[datetime, int],
    findings: clashes.Findings,
    kept: Mapping[tuple[datetime, int], Mapping[str, Any]] = MappingProxyType({}),
) -> None:
    """Insert an allocation for each state, and the holds of those that claim their time.

    ``kept`` has columns (decision, reason) that an allocation keeps from the
    one it replaces.
    """
    intervals = {each.recurrence_id: each.interval for each in plan.instances}
    rows = [
        {
            "occurrence_id": occurrence_ids[recurrence_id],
            "space_id": space_id,
            "state": states[recurrence_id, space_id].value,
            "start_s": intervals[recurrence_id].start,
            "end_s": intervals[recurrence_id].end,
            "setup_s": int(plan.spaces[space_id].setup / SECOND),
            "cleanup_s": int(plan.spaces[space_id].cleanup / SECOND),
            "reason": "",
            "decided_by_id": None,
            "decided_s": None,
            **kept.get((recurrence_id, space_id), {}),
        }
        for recurrence_id, space_id in sorted(states)
    ]
    back = ("id", "occurrence_id", "space_id")
    stored = insert_listed(session.connection(), _ALLOCATION, rows, returning=back)
    local = {row_id: recurrence_id for recurrence_id, row_id in occurrence_ids.items()}
    ids = {(local[row.occurrence_id], row.space_id): row.id for row in stored}
    claims = {(want.recurrence_id, want.space_id): each for want, each in findings.claims.items()}
    record.hold(
        session,
        [
            replace(claim, allocation_id=ids[key])
            for key, state in states.items()
            if holds_time(state, plan.spaces[key[1]])
            for claim in claims[key]
        ],
        moves=findings.moves,
    )


def holds_time(state: State, space: Space) -> bool:
    """Whether an allocation in this state takes its time from the others."""
    return state is State.CONFIRMED or (state is State.REQUESTED and space.requests_hold)


def collections(
    site_id: int,
    *,
    space_ids: Iterable[int],
    people: Iterable[int | None],
    organisation_id: int | None,
    visibility: Visibility,
    gone: bool = False,
) -> dict[record.CollectionKey, bool]:
    """Return the keys of all calendars that show such a booking."""
    keys = {("space", each): gone for each in space_ids}
    keys |= {("person", each): gone for each in people if each is not None}
    if organisation_id is not None:
        keys["organisation", organisation_id] = gone
    if visibility is Visibility.PUBLIC:
        keys["programme", site_id] = gone
    return keys


def collections_of(booking: BookingView, *, gone: bool = False) -> dict[record.CollectionKey, bool]:
    """Return the keys of all calendars that show this booking."""
    return collections(
        booking.site_id,
        space_ids=booking.space_ids,
        people=(booking.organiser_id, booking.created_by_id),
        organisation_id=booking.organisation_id,
        visibility=booking.visibility,
        gone=gone,
    )


def snapshot(plan: Plan, *, organiser_id: int | None, state: State) -> dict[str, Any]:
    """Return what the audit keeps of a booking that is about to be stored, as JSON."""
    wish = plan.request
    return {
        "title": wish.title,
        "spaces": list(wish.space_ids),
        "start": wish.start.isoformat(timespec="minutes"),
        "end": wish.end.isoformat(timespec="minutes"),
        "rule": plan.rule.to_text() if plan.rule else None,
        "dates": sum(each.recurrence_id not in wish.skip for each in plan.instances),
        "category": wish.category.value,
        "visibility": wish.visibility.value,
        "organisation_id": wish.organisation_id,
        "organiser_id": organiser_id,
        "attendance": wish.attendance,
        "note": wish.note,
        "state": state.value,
    }


def snapshot_of(booking: BookingView) -> dict[str, Any]:
    """Return what the audit keeps of a stored booking, as JSON."""
    return {
        "title": booking.title,
        "spaces": list(booking.space_ids),
        "start": booking.starts_at.isoformat(timespec="minutes"),
        "end": booking.ends_at.isoformat(timespec="minutes"),
        "rule": booking.rule,
        "dates": len({each.occurrence_id for each in booking.occurrences if each.state.is_open}),
        "category": booking.category.value,
        "visibility": booking.visibility.value,
        "organisation_id": booking.organisation_id,
        "organiser_id": booking.organiser_id,
        "attendance": booking.attendance,
        "note": booking.note,
        "state": booking.state.value,
    }


def space_names(spaces: Mapping[int, Space], ids: Iterable[int]) -> str:
    """Return the names of spaces in one line."""
    return ", ".join(spaces[each].name for each in ids)
