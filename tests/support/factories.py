"""A small house to test in: four rooms, people of each role, two organisations."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Self
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, Table, insert, update

from booking.core.intervals import Interval
from booking.core.requests import BookingRequest, LeaseRequest
from booking.core.values import (
    Account,
    Actor,
    Door,
    FairUse,
    Grant,
    Limits,
    Role,
    Seasons,
    Site,
    SitePolicy,
    Space,
    SpaceKind,
    State,
)
from booking.core.words import words_of
from booking.models import (
    Allocation,
    Booking,
    BookingWord,
    BusyCalendar,
    BusyTime,
    CalendarSource,
    Closure,
    ConnectionEvent,
    Floor,
    Hold,
    Membership,
    Occurrence,
    Organisation,
    Permanence,
    Person,
    Renewal,
    RoleGrant,
    SpacePart,
    Want,
)
from booking.models import Connection as ConnectionRow
from booking.models import Site as SiteRow
from booking.models import Space as SpaceRow
from tests.support.databases import insertions, run_all, writing

# Wednesday, 10:00 in Paris; the clocks go forward on the 28th.
NOW = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)
PASSWORD = "three blue chairs"
# Cheap on purpose: a sign-in of the tests shall not take 50 ms.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_numbers = itertools.count(1)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test sets it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Return the present of the test."""
        return self.now


@dataclass(slots=True)
class House:
    """Site Europe/Paris, open 8:00-20:00, with its rooms and people.

    ``atlas`` (8 places, screen) and ``birch`` (6) are simple; ``cedar`` needs
    approval and its requests hold; ``delta`` needs approval, its requests do
    not hold, and 15 minutes before and after belong to each booking.
    ``member`` and ``manager`` belong to ``ours``, ``stranger`` to ``theirs``.
    """

    engine: Engine
    site: Site
    ours: int
    theirs: int
    atlas: Space
    birch: Space
    cedar: Space
    delta: Space
    member: Actor
    stranger: Actor
    manager: Actor
    approver: Actor
    admin: Actor
    now: datetime = NOW

    @property
    def rooms(self) -> tuple[Space, ...]:
        """The four rooms, in id order."""
        return (self.atlas, self.birch, self.cedar, self.delta)

    def email(self, actor: Actor) -> str:
        """Return the address that the person signs in with; the password is ``PASSWORD``."""
        return f"{actor.name.lower()}@example.org"

    def at(self, hour: float, *, day: int = 0) -> datetime:
        """Return a naive local time, ``day`` days after tomorrow (of ``NOW``: a Thursday)."""
        first = (self.now + timedelta(days=1 + day)).date()
        return datetime.combine(first, time()) + timedelta(hours=hour)

    def interval(self, start: float, end: float, *, day: int = 0) -> Interval:
        """Return the same in UTC, between two hours of a day."""
        zone = ZoneInfo(self.site.zone)
        times = (self.at(hour, day=day).replace(tzinfo=zone) for hour in (start, end))
        return Interval(*(each.astimezone(UTC) for each in times))

    def request(
        self, *spaces: Space, start: float = 10, end: float = 11, day: int = 0, **more: Any
    ) -> BookingRequest:
        """Return a request for spaces (``atlas`` without any) between two local hours."""
        return BookingRequest(
            space_ids=tuple(space.id for space in spaces or (self.atlas,)),
            start=self.at(start, day=day),
            end=self.at(end, day=day),
            **{"title": "Choir", **more},
        )

    def add_space(self, name: str, *, parts: Sequence[Space] = (), **more: Any) -> Space:
        """Add a room, or (``parts``) a combined space."""
        with writing(self.engine) as connection:
            return _add_space(connection, self.site.id, name, parts=parts, **more)

    def add_office(self, name: str = "Office", **more: Any) -> Space:
        """Add an office, which can be let and, unless ``bookable`` says otherwise, booked."""
        return self.add_space(name, kind=SpaceKind.OFFICE, **more)

    def lease_request(self, space: Space, **more: Any) -> LeaseRequest:
        """Return a request to let 20 m² at 10 € to ``ours`` from April to December of 2027."""
        usual: dict[str, Any] = {
            "organisation_id": self.ours,
            "starts": date(2027, 4, 1),
            "ends": date(2027, 12, 31),
            "area_m2": Decimal(20),
            "rent_m2": Decimal(10),
        }
        return LeaseRequest(space_id=space.id, **(usual | more))

    def add_floor(self, *spaces: Space, name: str = "Ground floor", level: int = 0) -> int:
        """Add a floor of 30 x 12 m with rooms of 6 x 5 m side by side, and return its id."""
        with writing(self.engine) as connection:
            size = {"width_m": 30, "depth_m": 12}
            floor_id = _add(connection, Floor, site_id=self.site.id, level=level, name=name, **size)
            for nth, space in enumerate(spaces):
                left = 6.0 * nth
                shape = [[left, 0.0], [left + 6, 0.0], [left + 6, 5.0], [left, 5.0]]
                statement = update(SpaceRow).where(SpaceRow.id == space.id)
                connection.execute(statement.values(floor_id=floor_id, shape=shape, area_m2=30))
        return floor_id

    def count_use(self, **limits: Any) -> None:
        """Let the site count what everybody uses, with these limits for organisations."""
        policy = SitePolicy(fair_use=FairUse(is_on=True, organisations=Limits(**limits)))
        with writing(self.engine) as connection:
            statement = update(SiteRow).where(SiteRow.id == self.site.id)
            connection.execute(statement.values(policy=policy.to_json()))

    def ask_about_season(self, *booking_ids: int) -> None:
        """Let series be asked, by rows alone, whether they go on after August."""
        policy = SitePolicy(seasons=Seasons()).to_json()
        last = {"season": f"{self.now.year}-08-31", "state": "asked", "asked_at": self.now}
        with writing(self.engine) as connection:
            connection.execute(
                update(SiteRow).where(SiteRow.id == self.site.id).values(policy=policy)
            )
            for each in booking_ids:
                _add(connection, Renewal, booking_id=each, **last)

    def add_person(self, name: str, **more: Any) -> Actor:
        """Add a person: ``organisation``, ``is_manager``, ``grants`` as for the first ones."""
        with writing(self.engine) as connection:
            return _add_person(connection, name, **more)

    def add_organisation(self, name: str, **more: Any) -> int:
        """Add an organisation and return its id."""
        with writing(self.engine) as connection:
            return _add(connection, Organisation, **{"name": name, "kind": "resident", **more})

    def add_closure(self, start: float, end: float, *, day: int = 0, **more: Any) -> int:
        """Add the row of a closure of the site, without holds, and return its id."""
        when = self.interval(start, end, day=day)
        values = {"site_id": self.site.id, "space_id": None, "reason": "Works", **more}
        with writing(self.engine) as connection:
            return _add(connection, Closure, start=when.start, end=when.end, **values)

    def add_connection(self, *, by: Actor | None = None, **more: Any) -> int:
        """Write the row of a connected calendar, with two lines in its diary; return its id."""
        values = {
            "person_id": (by or self.member).person_id,
            "name": "Work",
            "home": "https://cloud.example.org/",
            "url": "https://cloud.example.org/dav/office/",
            "host": "cloud.example.org",
            "username": "mia",
            "secret": "sealed",
            "state": "paused",
            "created_at": self.now,
            "succeeded_at": self.now,
            "due_at": self.now,
        }
        with writing(self.engine) as connection:
            made = _add(connection, ConnectionRow, **(values | more))
            for code, params in (("sync_put", {"title": "Choir"}), ("sync_removed", {})):
                said = {"connection_id": made, "at": self.now, "code": code, "params": params}
                _add(connection, ConnectionEvent, **said)
        return made

    def add_source(self, **more: Any) -> int:
        """Write the row of a calendar of others that rests; return its id."""
        values = {
            "site_id": self.site.id,
            "name": "Town",
            "address": "sealed",
            "host": "town.example",
            "mode": "show",
            "visibility": "members",
            "every_min": 60,
            "state": "paused",
            "created_at": self.now,
            "tried_at": self.now,
            "error": ["address_unreachable", {}],
        }
        with writing(self.engine) as connection:
            return _add(connection, CalendarSource, **(values | more))

    def add_busy(self, *times: Interval, by: Actor | None = None, **more: Any) -> int:
        """Write rows of a connected calendar that tells when a person is busy; return its id.

        ``more`` are columns of the calendar.
        """
        connection_id = self.add_connection(by=by, state="active", shares_busy=True)
        values = {
            "connection_id": connection_id,
            "url": "https://cloud.example.org/dav/office/",
            "name": "Office",
            "way": "times",
            "read_at": self.now,
            "due_at": self.now + timedelta(minutes=5),
        }
        with writing(self.engine) as connection:
            made = _add(connection, BusyCalendar, **(values | more))
            for each in times:
                row = {"calendar_id": made, "start_s": each.start, "end_s": each.end}
                connection.execute(insert(BusyTime.__table__), row)
        return made

    def add_want(
        self,
        *spaces: Space,
        start: float = 10,
        end: float = 11,
        day: int = 0,
        by: Actor | None = None,
        until: datetime | None = None,
        **more: Any,
    ) -> int:
        """Write the row of a place in the waiting list and return its id.

        With ``until`` it is offered, and its time held; ``more`` are columns.
        """
        when, person = self.interval(start, end, day=day), by or self.member
        values = {
            "person_id": person.person_id,
            "site_id": self.site.id,
            "mode": "offer",
            "state": "offered" if until else "waiting",
            "since": self.now,
            "start": when.start,
            "end": when.end,
            "starts_local": self.at(start, day=day),
            "ends_local": self.at(end, day=day),
            "all_day": False,
            "space_ids": [each.id for each in spaces or (self.atlas,)],
            "title": "Choir",
            "category": "meeting",
            "visibility": "members",
            "note": "",
            "organiser_id": person.person_id,
            "expires_at": until,
        }
        with writing(self.engine) as connection:
            want_id = _add(connection, Want, **(values | more))
            for space in (spaces or (self.atlas,)) if until else ():
                add_holds(connection, space, when, want_id=want_id)
        return want_id

    def add_booking(
        self,
        *spaces: Space,
        start: float = 10,
        end: float = 11,
        days: Sequence[int] = (0,),
        by: Actor | None = None,
        state: State = State.CONFIRMED,
        **more: Any,
    ) -> int:
        """Write the rows of a booking as they are stored, without any verb; return its id.

        ``more`` are columns of the booking; ``days`` makes a series.
        """
        with writing(self.engine) as connection:
            usual = {"space_ids": sorted(each.id for each in spaces or (self.atlas,))}
            values = self._booking(start, end, days, by) | usual | more
            booking_id = _add(connection, Booking, **values)
            for word in words_of(values["title"]):
                connection.execute(insert(BookingWord).values(word=word, booking_id=booking_id))
            for day in days:
                self._add_date(
                    connection,
                    booking_id,
                    self.at(start, day=day),
                    account=Account.of(values["organisation_id"], values["organiser_id"]),
                    when=self.interval(start, end, day=day),
                    spaces=spaces or (self.atlas,),
                    state=state,
                )
        return booking_id

    def add_permanence(
        self,
        *spaces: Space,
        start: float = 9,
        end: float = 12,
        days: Sequence[int] = (0, 7),
        title: str = "Advice",
        **words: Any,
    ) -> int:
        """Write a permanence of ``ours``; ``words`` are columns of what visitors read."""
        more = {"by": self.manager, "visibility": "public", "category": "permanence"}
        booking_id = self.add_booking(*spaces, start=start, end=end, days=days, title=title, **more)
        values = {"text": "Bring papers", "phone": "+33 4 75 00 00 00", "email": ""}
        values |= {"link": "https://example.org", "appointment_link": "", "by_appointment": False}
        row = {"booking_id": booking_id, **values, **words}
        with writing(self.engine) as connection:
            connection.execute(insert(Permanence.__table__), row)
        return booking_id

    def _booking(
        self, start: float, end: float, days: Sequence[int], by: Actor | None
    ) -> dict[str, Any]:
        person = by or self.member
        return {
            "uid": f"booking-{next(_numbers)}@example.org",
            "site_id": self.site.id,
            "title": "Choir",
            "category": "meeting",
            "visibility": "members",
            "organiser_id": person.person_id,
            "created_by_id": person.person_id,
            "organisation_id": min(person.organisations, default=None),
            "starts_local": self.at(start, day=days[0]),
            "ends_local": self.at(end, day=days[0]),
            "zone": self.site.zone,
            "rule": f"FREQ=DAILY;COUNT={len(days)}" if len(days) > 1 else None,
            "tzdata_version": "2026a",
            "created_at": self.now,
            "updated_at": self.now,
        }

    def _add_date(
        self,
        connection: Connection,
        booking_id: int,
        recurrence_id: datetime,
        *,
        account: Account,
        when: Interval,
        spaces: Sequence[Space],
        state: State,
    ) -> None:
        times = {"start": when.start, "end": when.end}
        occurrence_id = _add(
            connection, Occurrence, booking_id=booking_id, recurrence_id=recurrence_id, **times
        )
        for space in spaces:
            allocation_id = _add(
                connection,
                Allocation,
                occurrence_id=occurrence_id,
                space_id=space.id,
                state=state.value,
                setup_s=int(space.setup.total_seconds()),
                cleanup_s=int(space.cleanup.total_seconds()),
                organisation_id=account.organisation_id,
                person_id=account.person_id,
                **times,
            )
            if state is State.CONFIRMED or (state is State.REQUESTED and space.requests_hold):
                add_holds(connection, space, when, allocation_id=allocation_id)


def add_holds(connection: Connection, space: Space, when: Interval, **source: int) -> None:
    """Write a hold for each part of a space, buffers around it."""
    taken = space.blocked(when)
    for part_id in space.part_ids:
        _add(
            connection,
            Hold,
            part_id=part_id,
            layer="use",
            lane=0,
            start=taken.start,
            end=taken.end,
            **source,
        )


def make_house(engine: Engine, *, now: datetime = NOW) -> House:
    """Fill an empty database with the house and return it; its days are counted from ``now``."""
    with writing(engine) as connection:
        site_id = _add(connection, SiteRow, slug="house", name="The House", zone="Europe/Paris")
        ours = _add(connection, Organisation, name="Ours", kind="resident")
        theirs = _add(connection, Organisation, name="Theirs", kind="permanence")

        def room(name: str, capacity: int, **more: Any) -> Space:
            return _add_space(connection, site_id, name, capacity=capacity, **more)

        def person(name: str, **more: Any) -> Actor:
            return _add_person(connection, name, **more)

        quarter = timedelta(minutes=15)
        return House(
            engine=engine,
            now=now,
            site=Site(site_id, "house", "The House", "Europe/Paris", time(8), time(20)),
            ours=ours,
            theirs=theirs,
            atlas=room("Atlas", 8, colour=0, features=("screen",)),
            birch=room("Birch", 6, colour=1),
            cedar=room("Cedar", 20, colour=2, needs_approval=True),
            delta=room(
                "Delta",
                60,
                colour=3,
                needs_approval=True,
                requests_hold=False,
                setup=quarter,
                cleanup=quarter,
            ),
            member=person("Member", organisation=ours),
            stranger=person("Stranger", organisation=theirs),
            manager=person("Manager", organisation=ours, is_manager=True),
            approver=person("Approver", grants=(Grant(Role.APPROVER, site_id=site_id),)),
            admin=person("Admin", grants=(Grant(Role.ADMIN),)),
        )


@dataclass(frozen=True, slots=True)
class KeptHouse:
    """A house as it is stored, to be written again and again into one emptied database."""

    house: House
    statements: tuple[str, ...]

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """Make the house in an empty database, and keep its rows."""
        house = make_house(engine)
        with engine.connect() as connection:
            return cls(house, tuple(insertions(connection)))

    def store(self, engine: Engine) -> House:
        """Write it, several times faster than it was made."""
        with writing(engine) as connection:
            run_all(connection, self.statements)
        return replace(self.house, engine=engine)


def _add_space(
    connection: Connection, site_id: int, name: str, *, parts: Sequence[Space] = (), **more: Any
) -> Space:
    more = {"kind": SpaceKind.MEETING_ROOM, **more}
    values = Space(id=0, site_id=site_id, name=name, **more)
    space_id = _add(
        connection,
        SpaceRow,
        site_id=site_id,
        kind=values.kind.value,
        name=name,
        capacity=values.capacity,
        features=list(values.features),
        colour=values.colour,
        lanes=values.lanes,
        bookable=values.bookable,
        needs_approval=values.needs_approval,
        requests_hold=values.requests_hold,
        policy=values.policy.to_json(),
        weight=values.weight,
        setup_s=int(values.setup.total_seconds()),
        cleanup_s=int(values.cleanup.total_seconds()),
    )
    part_ids = tuple(sorted({id_ for part in parts for id_ in part.part_ids})) or (space_id,)
    for part_id in part_ids:
        connection.execute(insert(SpacePart).values(space_id=space_id, part_id=part_id))
    return Space(
        id=space_id,
        site_id=site_id,
        name=name,
        part_ids=part_ids,
        **more,
    )


def _add_person(
    connection: Connection,
    name: str,
    *,
    organisation: int | None = None,
    is_manager: bool = False,
    grants: Sequence[Grant] = (),
    **more: Any,
) -> Actor:
    values = {"email": f"{name.lower()}@example.org", "password_hash": PASSWORD_HASH, **more}
    person_id = _add(connection, Person, name=name, created_at=NOW, **values)
    if organisation is not None:
        row = {"person_id": person_id, "organisation_id": organisation, "is_manager": is_manager}
        connection.execute(insert(Membership).values(**row))
    for grant in grants:
        scope = {"site_id": grant.site_id, "space_id": grant.space_id}
        _add(connection, RoleGrant, person_id=person_id, role=grant.role.value, **scope)
    ours = frozenset() if organisation is None else frozenset({organisation})
    return Actor(
        person_id,
        name,
        Door.WEB,
        grants=frozenset(grants),
        organisations=ours,
        manages=ours if is_manager else frozenset(),
    )


def _add(connection: Connection, model: type[Any], **values: Any) -> int:
    """Insert one row, named as the model's attributes, and return its id."""
    table: Table = model.__table__
    columns = {
        model.__mapper__.attrs[name].columns[0].name: value for name, value in values.items()
    }
    return int(connection.execute(insert(table).values(columns).returning(table.c.id)).scalar_one())
