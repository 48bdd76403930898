"""Builds the demo house from its plan: through the verbs, in the order of time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from random import Random

from sqlalchemy.orm import Session

from booking import drawings
from booking.actions import (
    accounts,
    approvals,
    bookings,
    closures,
    leases,
    notices,
    permanences,
    spaces,
)
from booking.actions.accounts import NewPerson
from booking.actions.spaces.floors import create_floor
from booking.actions.spaces.underlays import CleanFile, set_underlay
from booking.core.allowances import WHOLE
from booking.core.half_days import Part, parts_of_day
from booking.core.intervals import Interval
from booking.core.permanences import DayAsked, LateRequest, PermanenceRequest
from booking.core.recurrence import to_local, to_utc
from booking.core.requests import (
    BookingRequest,
    CancelRequest,
    ClosureRequest,
    DecisionRequest,
    LeaseRequest,
    Over,
)
from booking.core.values import (
    Actor,
    Category,
    Door,
    Grant,
    Included,
    Policy,
    Role,
    SitePolicy,
    Space,
    SpaceKind,
    State,
)
from booking.demo.calendar import DAY, at
from booking.demo.floors import LEVELS, Level
from booking.demo.house import (
    DESK_POLICY,
    DESK_TITLE,
    DESKS,
    FAIR_USE,
    LIMITS,
    OFFICES,
    RENT_M2,
    RULES,
    SITE,
    SPACES,
    WEIGHTS,
)
from booking.demo.leases import lets
from booking.demo.people import (
    ADMIN,
    APPROVER,
    KITCHEN,
    ORGANISATIONS,
    PASSWORD,
    PEOPLE,
    SIGN_INS,
    Somebody,
)
from booking.demo.plan import HOUR, Closing, Outcome, Sheet, Wish
from booking.demo.year import HORIZON, make_plan
from booking.queries import agenda, houses
from booking.queries.people import actor_of
from booking.queries.permanences import Days, dates_of

BUILDER = Actor(None, "demo", Door.DEMO, operator=True)


@dataclass(slots=True)
class Builder:
    """The house as it grows: the ids of what is made so far."""

    session: Session
    opening: datetime
    site_id: int = 0
    space_ids: dict[str, int] = field(default_factory=dict)
    organisation_ids: dict[str, int] = field(default_factory=dict)
    actors: dict[Somebody, Actor] = field(default_factory=dict)
    booked: dict[int, bookings.Booked] = field(default_factory=dict)

    def furnish(self) -> None:
        """Make site, spaces and organisations, then the people."""
        self.site_id = spaces.create_site(SITE, BUILDER, now=self.opening)
        for position, (key, values) in enumerate(SPACES.items()):
            follows = {**values, "area_m2": None}  # its shape
            wanted = spaces.SpaceRequest(site_id=self.site_id, position=position, **follows)
            self.space_ids[key] = spaces.create_space(wanted, BUILDER, now=self.opening)
        for position, name in enumerate(OFFICES, start=len(SPACES)):
            office = spaces.SpaceRequest(
                site_id=self.site_id,
                kind=SpaceKind.OFFICE,
                name=name,
                bookable=False,
                position=position,
            )
            self.space_ids[name] = spaces.create_space(office, BUILDER, now=self.opening)
        self._set_desks()
        for level in LEVELS:
            self._draw(level)
        for name, kind in ORGANISATIONS.items():
            made = spaces.create_organisation(name, kind, BUILDER, now=self.opening)
            self.organisation_ids[name] = made
        for somebody in PEOPLE:
            self.actors[somebody] = self._come_in(somebody)

    def _draw(self, level: Level) -> None:
        """Make a floor, and draw what is on it."""
        floor_id = create_floor(self.site_id, level.level, level.name, BUILDER, now=self.opening)
        names = {key: str(values["name"]) for key, values in SPACES.items()}
        versions = {each.id: each.version for each in houses.spaces(self.session)}
        self.session.rollback()
        drawing = spaces.FloorDrawing(
            version=1,
            width_m=Decimal(str(level.width_m)),
            depth_m=Decimal(str(level.depth_m)),
            changes=tuple(
                spaces.Drawn(space_id, versions[space_id], names.get(key, key), shape)
                for key, shape in level.shapes.items()
                for space_id in [self.space_ids[key]]
            ),
        )
        spaces.draw_floor(floor_id, drawing, BUILDER, now=self.opening)
        below = drawings.cleaned(level.underlay.encode())
        file = CleanFile(below.content, drawings.MEDIA_TYPE, below.digest)
        set_underlay(floor_id, file, BUILDER, now=self.opening)

    def _set_desks(self) -> None:
        """Set up the shared office."""
        first = len(SPACES) + len(OFFICES) + 1
        for position, (name, hue) in enumerate(DESKS.items(), start=first):
            desk = spaces.SpaceRequest(
                site_id=self.site_id,
                kind=SpaceKind.DESK,
                name=name,
                capacity=1,
                features=("screen",) if position % 2 else (),
                colour=hue,
                area_m2=6,
                position=position,
            )
            made = spaces.create_space(desk, BUILDER, now=self.opening)
            spaces.set_policy(made, DESK_POLICY, BUILDER, version=1, now=self.opening)
            self.space_ids[name] = made

    def sit_down(self, now: datetime) -> None:
        """Let some people have desks for half-days and days to come."""
        site, dice = houses.site(self.session, self.site_id), Random(SITE.name)  # noqa: S311
        today = to_local(now, SITE.zone).date()
        known = houses.spaces_by_id(self.session, [self.space_ids[each] for each in DESKS])
        self.session.rollback()
        people = [self.actors[each] for each in PEOPLE]
        for ahead in range(12):
            for desk in known.values():
                parts = parts_of_day(desk, site, today + ahead * DAY)
                wanted = [each for part, each in parts.items() if part is not Part.DAY]
                wanted = [each for each in wanted if dice.random() < 0.55 - ahead * 0.03]
                wanted = [parts[Part.DAY]] if len(wanted) > 1 else wanted
                self._sit(
                    desk, dice.choice(people), [each for each in wanted if each.start > now], now
                )

    def _sit(self, desk: Space, somebody: Actor, wanted: Iterable[Interval], now: datetime) -> None:
        for each in wanted:
            start, end = (to_local(at_, SITE.zone) for at_ in (each.start, each.end))
            mine = min(somebody.organisations)
            wish = BookingRequest(
                (desk.id,),
                start,
                end,
                DESK_TITLE,
                organisation_id=mine,
                category=Category.OTHER.value,
            )
            bookings.book(wish, somebody, now=now)

    def _come_in(self, somebody: Somebody) -> Actor:
        home = (self.organisation_ids[somebody.organisation],)
        person_id = accounts.create_person(
            NewPerson(
                email=somebody.address,
                name=somebody.name,
                password=PASSWORD if somebody in SIGN_INS else None,
                organisations=home,
                managed=home if somebody.is_manager else (),
                grants=self._grants(somebody),
                is_demo=True,
            ),
            BUILDER,
            now=self.opening,
        )
        return actor_of(self.session, person_id, Door.DEMO)

    def _grants(self, somebody: Somebody) -> tuple[Grant, ...]:
        if somebody == ADMIN:
            return (Grant(Role.ADMIN),)
        if somebody == APPROVER:
            return (Grant(Role.APPROVER, site_id=self.site_id),)
        if somebody == KITCHEN:
            return (Grant(Role.APPROVER, space_id=self.space_ids["marmite"]),)
        return ()

    def close(self, closing: Closing, now: datetime) -> None:
        """Close what the plan closes."""
        space_id = None if closing.space is None else self.space_ids[closing.space]
        request = ClosureRequest(
            self.site_id,
            closing.start,
            closing.end,
            closing.reason,
            space_id=space_id,
            over=Over.KEEP,
        )
        closures.close(request, self.actors[ADMIN], now=now)

    def ask(self, number: int, wish: Wish, now: datetime) -> None:
        """Book what somebody wishes."""
        organisation_id = self.organisation_ids[wish.organisation] if wish.organisation else None
        request = BookingRequest(
            space_ids=tuple(self.space_ids[each] for each in wish.spaces),
            start=wish.start,
            end=wish.end,
            title=wish.title,
            all_day=wish.all_day,
            rule=wish.rule,
            skip=wish.skip,
            leaves_out=wish.leaves_out,
            organisation_id=organisation_id,
            attendance=wish.attendance,
            category=wish.category,
            visibility=wish.visibility,
            note=wish.note,
        )
        organiser = self.actors[wish.organiser]
        if wish.visitors is None:
            self.booked[number] = bookings.book(request, organiser, now=now)
            return
        keeper = replace(organiser, manages=organiser.organisations)
        asked = PermanenceRequest(request, wish.visitors)
        self.booked[number] = permanences.make(asked, keeper, now=now)

    def settle(self, number: int, wish: Wish, now: datetime) -> None:
        """Do what becomes of the wish; approvers need nobody's leave for their own."""
        made = self.booked[number]
        if wish.outcome is Outcome.CANCELLED:
            request = CancelRequest(made.booking_id, made.version, wish.reason)
            bookings.cancel(request, self.actors[wish.organiser], now=now)
        elif made.state is State.REQUESTED:
            decide = approvals.approve if wish.outcome is Outcome.APPROVED else approvals.refuse
            decider = KITCHEN if wish.spaces == ("marmite",) else APPROVER
            decision = DecisionRequest(made.booking_id, made.version, wish.reason)
            decide(decision, self.actors[decider], now=now)

    def rule(self, now: datetime) -> None:
        """Give the spaces and organisations their rules; what was booked before stays."""
        versions = {each.id: each.version for each in houses.spaces(self.session)}
        for key in {**RULES, **WEIGHTS}:
            spaces.set_policy(
                self.space_ids[key],
                RULES.get(key, Policy()),
                BUILDER,
                version=versions[self.space_ids[key]],
                now=now,
                weight=WEIGHTS.get(key, WHOLE),
            )
        policy = SitePolicy(fair_use=FAIR_USE)
        spaces.set_site_policy(self.site_id, policy, BUILDER, version=1, now=now)
        for name, limits in LIMITS.items():
            ids = (self.organisation_ids[name], self.site_id)
            spaces.set_limits(*ids, limits, BUILDER, version=0, now=now)

    def receive(self, now: datetime) -> None:
        """Say of some permanences of today that they are late, or not today."""
        today = to_local(now, SITE.zone).date()
        site = houses.site(self.session, self.site_id)
        days = Days.of(site, [*self.space_ids.values()], today, today + DAY, now=now)
        coming = [each for each in dates_of(self.session, days) if each.interval.end > now + HOUR]
        for number, each in enumerate(coming[1:3]):
            day = DayAsked(each.booking_id, each.occurrence_id)
            organiser = agenda.booking(self.session, each.booking_id).organiser_id
            self.session.rollback()
            actor = next(who for who in self.actors.values() if who.person_id == organiser)
            if number == 1:
                permanences.stay_away(day, actor, now=now)
                continue
            at = max(each.interval.start, now.replace(minute=0, second=0, microsecond=0)) + HOUR / 2
            if each.interval.start < at < each.interval.end:
                expected = to_local(at, SITE.zone).time()
                permanences.be_late(LateRequest(day, expected), actor, now=now)

    def let(self, now: datetime) -> None:
        """Let the offices as of today; all of it was written down when the house opened."""
        last: dict[str, int] = {}
        for each in lets(to_local(now, SITE.zone).date()):
            area = Decimal(str(OFFICES[each.office])) * each.share / each.shares
            wish = LeaseRequest(
                self.space_ids[each.office],
                self.organisation_ids[each.organisation],
                each.starts,
                each.ends,
                area_m2=area,
                rent_m2=RENT_M2,
                share=each.share,
                shares=each.shares,
                weekdays=frozenset(each.weekdays),
                includes=frozenset(Included),
            )
            last[each.office] = (
                leases.renew_lease(last[each.office], wish, BUILDER, version=1, now=self.opening)
                if each.renews
                else leases.create_lease(wish, BUILDER, now=self.opening)
            )

    def read_inboxes(self, now: datetime) -> None:
        """Let everybody read what has come so far."""
        for actor in self.actors.values():
            notices.mark_read(actor, now=now)


def build(session: Session, *, now: datetime) -> None:
    """Fill an empty database with the demo house as of ``now``.

    The same day gives the same house, but for random identifiers.
    """
    sheet = make_plan(to_local(now, SITE.zone))
    opening = to_utc(at(sheet.days.first, 9) - HORIZON, SITE.zone)
    builder = Builder(session, opening)
    builder.furnish()
    builder.let(now)
    for moment, _number, act in sorted(_events(sheet, builder), key=lambda event: event[:2]):
        act(to_utc(moment, SITE.zone))
    builder.rule(now)
    builder.receive(now)


Event = tuple[datetime, int, Callable[[datetime], None]]


def _events(sheet: Sheet, builder: Builder) -> list[Event]:
    """Return what happens, with its local time; numbers keep an order within a minute."""
    events: list[Event] = []
    for closing in sheet.closings:
        events.append((closing.made, len(events), _closes(builder, closing)))
    for wish in sheet.wishes:
        number = len(events)
        events.append((wish.asked, number, _asks(builder, number, wish)))
        if wish.settled is not None:
            events.append((wish.settled, len(events), _settles(builder, number, wish)))
    events.append((sheet.now - 2 * DAY, len(events), builder.read_inboxes))
    events.append((sheet.now - DAY, len(events), builder.sit_down))
    return events


def _closes(builder: Builder, closing: Closing) -> Callable[[datetime], None]:
    return lambda now: builder.close(closing, now)


def _asks(builder: Builder, number: int, wish: Wish) -> Callable[[datetime], None]:
    return lambda now: builder.ask(number, wish, now)


def _settles(builder: Builder, number: int, wish: Wish) -> Callable[[datetime], None]:
    return lambda now: builder.settle(number, wish, now)
