"""Events of a file, some at once: what is simple and free shares one transaction.

By itself each takes a dozen statements and a commit, which is nearly all of its time.
What is not simple, or not free, is booked by itself as before.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.bookings.book import tell_deciders
from booking.actions.bookings.plan import (
    Plan,
    check_category,
    check_people,
    first_states,
    make_plan,
)
from booking.actions.bookings.several import insert_single_bookings
from booking.actions.imports.events import import_event, outcome_of, preview_event, refused
from booking.core.checks import checked
from booking.core.errors import GuardRefused, InvalidRequest, NotAllowed
from booking.core.imports import Clashing, Fate, Outcome, Wish
from booking.core.intervals import Interval
from booking.core.requests import BookingRequest
from booking.core.values import Actor, Site, Space, State, combined_state
from booking.db import Base, db, transact
from booking.queries import houses
from booking.queries.basis import basis_of
from booking.queries.holds import holds_within

AT_ONCE = 50  # of a run of simple events: so long everybody else waits

_BOOKING = Base.metadata.tables["booking"]
_TWINS = select(_BOOKING.c.request_key, _BOOKING.c.id).where(
    _BOOKING.c.created_by_id == bindparam("person_id"),
    _BOOKING.c.request_key.in_(bindparam("keys", expanding=True)),
)


def import_events(
    wishes: Iterable[Wish],
    actor: Actor,
    *,
    clashing: Clashing,
    now: datetime,
    told: set[int] | None = None,
) -> list[Outcome]:
    """Book what a file asks for, as ``import_event`` does one event; outcomes in their order.

    Of events that run after each other in the file, those that are free come before those
    that need another place.
    """
    told = set() if told is None else told
    outcomes: list[Outcome] = []
    for run in _runs(wishes):
        done: dict[str, Outcome] = {}
        if len(run) > 1:
            with suppress(GuardRefused, IntegrityError):  # somebody was faster: each by itself
                done, asked = transact(partial(_booked, run=run, actor=actor, now=now, told=told))
                told |= asked
        outcomes += [
            done.get(each.uid) or import_event(each, actor, clashing=clashing, now=now, told=told)
            for each in run
        ]
    return outcomes


def preview_events(wishes: Iterable[Wish], actor: Actor, *, now: datetime) -> list[Outcome]:
    """Return what importing each event would come to, as ``preview_event`` does one."""
    outcomes: list[Outcome] = []
    for run in _runs(wishes):
        done: dict[str, Outcome] = {}
        if len(run) > 1:
            spaces = houses.spaces_with_parts(db.session(), _asked(run))
            done = {
                each.uid: seen for each, seen in _seen(db.session(), run, spaces, actor, now=now)
            }
        outcomes += [done.get(each.uid) or preview_event(each, actor, now=now) for each in run]
    return outcomes


def _runs(wishes: Iterable[Wish]) -> Iterable[list[Wish]]:
    """Yield the events in their order: simple ones some at a time, each other one by itself."""
    for is_simple, some in groupby(wishes, _is_simple):
        run = list(some)
        size = AT_ONCE if is_simple else 1
        for first in range(0, len(run), size):
            yield run[first : first + size]


def _is_simple(wish: Wish) -> bool:
    """Whether it is one date, for whoever imports it."""
    asked = wish.request
    return asked.rule is None and not asked.rdates and not asked.own and asked.waits is None


def _asked(run: Iterable[Wish]) -> set[int]:
    return {space_id for each in run for space_id in each.request.space_ids}


@dataclass(slots=True)
class _Taken:
    """When parts are taken; what is found free takes its time as well."""

    by_part: defaultdict[int, list[Interval]] = field(default_factory=lambda: defaultdict(list))

    def is_free(self, plan: Plan) -> bool:
        return not any(self._meets(part_id, blocked) for part_id, blocked in _blocked(plan))

    def _meets(self, part_id: int, wanted: Interval) -> bool:
        # They never overlap each other, so the last one that starts before its end will do.
        held = self.by_part[part_id]
        at = bisect_left(held, wanted.end, key=lambda each: each.start)
        return at > 0 and held[at - 1].end > wanted.start

    def take(self, plan: Plan) -> None:
        for part_id, blocked in _blocked(plan):
            insort(self.by_part[part_id], blocked)


def _blocked(plan: Plan) -> list[tuple[int, Interval]]:
    return [
        (part_id, want.blocked)
        for want in plan.wants(plan.instances)
        for part_id in plan.spaces[want.space_id].part_ids
    ]


def _booked(
    session: Session, run: Sequence[Wish], actor: Actor, now: datetime, told: Collection[int]
) -> tuple[dict[str, Outcome], set[int]]:
    """Book what is free.

    Returns what became of it by uid, and of what cannot be booked at all; and the
    spaces whose approvers know of it now.
    """
    spaces = record.lock_spaces(session, _asked(run))
    looked = _Looked(session, run, spaces, actor, now)
    taken = looked.taken()
    made: list[tuple[Wish, Plan]] = []
    for wish, plan in looked.plans:
        if taken.is_free(plan):
            taken.take(plan)
            made.append((wish, plan))
    done, asked = dict(looked.settled), set[int]()
    plans = [plan for _wish, plan in made]
    ids = insert_single_bookings(session, plans, actor=actor, now=now) if plans else []
    for (wish, plan), booking_id in zip(made, ids, strict=True):
        if untold := plan.undecided.difference(told, asked):
            tell_deciders(session, plan, untold, booking_id, actor, now=now)
            asked |= plan.undecided
        state = combined_state(set(first_states(plan).values()))
        fate = Fate.REQUESTED if state is State.REQUESTED else Fate.BOOKED
        done[wish.uid] = replace(_outcome(wish, plan, fate), booking_id=booking_id)
    return done, asked


def _seen(
    session: Session,
    run: Sequence[Wish],
    spaces: dict[int, Space],
    actor: Actor,
    *,
    now: datetime,
) -> Iterable[tuple[Wish, Outcome]]:
    """Yield what would become of events; what they take from each other does not show."""
    looked = _Looked(session, run, spaces, actor, now)
    taken = looked.taken()
    by_uid = {each.uid: each for each in run}
    yield from ((by_uid[uid], outcome) for uid, outcome in looked.settled.items())
    for wish, plan in looked.plans:
        if taken.is_free(plan):
            yield wish, _outcome(wish, plan, Fate.REQUESTED if plan.asks else Fate.BOOKED)
        else:
            at = tuple(each.recurrence_id for each in plan.instances)
            yield wish, replace(outcome_of(wish, Fate.TAKEN), dates=0, clashing=at)


def _outcome(wish: Wish, plan: Plan, fate: Fate) -> Outcome:
    asked = plan.request
    found = outcome_of(wish, fate)
    return replace(found, start=asked.start, end=asked.end, space_ids=asked.space_ids)


class _Looked:
    """Events as the house sees them: ``plans`` of what makes sense, ``settled`` by uid else.

    What needs a closer look (lanes, limits of fair use, a UID twice) is in neither.
    """

    def __init__(
        self,
        session: Session,
        run: Sequence[Wish],
        spaces: dict[int, Space],
        actor: Actor,
        now: datetime,
    ) -> None:
        self.session, self.spaces, self.actor, self.now = session, spaces, actor, now
        self.plans: list[tuple[Wish, Plan]] = []
        self.settled: dict[str, Outcome] = {}
        self._sites: dict[int, Site] = {}
        self._checked: dict[tuple[object, ...], InvalidRequest | NotAllowed | None] = {}
        keys = [each.request.request_key for each in run]
        before = self._before([each for each in keys if each is not None])
        for each in run:
            key = each.request.request_key
            if key in before:
                found = replace(outcome_of(each, Fate.THERE), booking_id=before[key])
                self.settled[each.uid] = found
            elif keys.count(key) == 1 and self._is_plain(each.request):
                self._plan(each)

    def taken(self) -> _Taken:
        """Return when the parts of all plans are taken; one statement."""
        found = _Taken()
        asked = [each for _wish, plan in self.plans for each in _blocked(plan)]
        lanes = {part_id: 1 for part_id, _interval in asked}
        for held in holds_within(self.session, lanes, [each for _part, each in asked]):
            found.by_part[held.part_id].append(held.interval)
        return found

    def _before(self, keys: Sequence[str]) -> dict[str | None, int]:
        asked = {"person_id": self.actor.person_id, "keys": keys}
        return {row[0]: row[1] for row in self.session.connection().execute(_TWINS, asked)}

    def _is_plain(self, request: BookingRequest) -> bool:
        parts = [
            part_id
            for space_id in request.space_ids
            if space_id in self.spaces
            for part_id in self.spaces[space_id].part_ids
        ]
        return (
            self.spaces.keys() >= {*request.space_ids}
            and len(parts) == len({*parts})
            and all(self.spaces[each].lanes == 1 for each in (*parts, *request.space_ids))
            and not self._site(request).policy.fair_use.is_on
        )

    def _site(self, request: BookingRequest) -> Site:
        site_id = self.spaces[request.space_ids[0]].site_id
        if site_id not in self._sites:
            self._sites[site_id] = houses.site(self.session, site_id)
        return self._sites[site_id]

    def _plan(self, wish: Wish) -> None:
        session, site = self.session, self._site(wish.request)
        try:
            request = checked(wish.request)
            plan = make_plan(session, request, self.spaces, self.actor, now=self.now, site=site)
            self._check(request, site)
        except (InvalidRequest, NotAllowed) as error:
            self.settled[wish.uid] = refused(wish, error)
        else:
            self.plans.append((wish, plan))

    def _check(self, request: BookingRequest, site: Site) -> None:
        """Refuse what the house does not know, asked once for each organisation and category."""
        key = (site.id, request.organisation_id, request.organiser_id, request.category)
        if key not in self._checked:
            self._checked[key] = None
            try:
                basis = basis_of(self.session, request, site_id=site.id, actor_id=None)
                check_people(basis, request, self.actor)
                check_category(basis)
            except (InvalidRequest, NotAllowed) as error:
                self._checked[key] = error
        if known := self._checked[key]:
            raise known
