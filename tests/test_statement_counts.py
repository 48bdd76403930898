"""Every page runs a fixed number of SQL statements, however much is stored."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from benchmarks.filling import Meeting, fill
from booking.actions.screens import ScreenRequest, create_screen
from booking.actions.spaces import set_site_policy
from booking.actions.subscriptions import SubscriptionRequest, create_subscription
from booking.answering import PURPOSE
from booking.asked_by_mail import confirm_path
from booking.core.calendars import Scope
from booking.core.imports import Choice, Fate, Outcome
from booking.core.imports.stored import outcome_to_json
from booking.core.invitees import MOST_INVITEES
from booking.core.letting import let_times
from booking.core.sheets import Fate as RowFate
from booking.core.sheets import Planned
from booking.core.values import (
    Actor,
    FairUse,
    Limits,
    Seasons,
    SitePolicy,
    SpaceKind,
    Stance,
    State,
)
from booking.invited import invitation_path
from booking.models import (
    AppPassword,
    CalendarSource,
    Floor,
    Hold,
    Invitation,
    Invitee,
    Job,
    Lease,
    Membership,
    Notice,
    Occurrence,
    Person,
    ReceivedMail,
    Renewal,
    SourceEvent,
)
from booking.models.connections import Connection, ConnectionEvent, RemoteObject
from booking.models.imports import ImportFile, ImportPart, Sheet
from booking.profiles import seal
from booking.queries.sheets import squeezed
from booking.secrets import APP_SECRET_LENGTH, hash_app_secret, sealed
from tests.support.databases import writing
from tests.support.factories import NOW, House

SIZES = (1, 3, 350)
MOST = 9
SEARCHES = (
    "search",
    "search of a fortnight",
    "search for a series",
    "search of rooms together",
)
MOST_OF = {
    "booking": 12,  # who is invited, who waits for its time, what others would swap
    "series": 13,
    "series that is asked about": 12,
    "request, by an approver": 12,
    "booking of others": 10,
    **dict.fromkeys(SEARCHES, 10),  # and what the reader may still have
    "person": 9,  # what may be given: all organisations, sites and spaces
    "space": 9,  # its photo, and the floors it may be on
    "approvals": 11,  # a page of requests, their days, their rivals
    "approvals of an admin": 11,
    "request by mail": 17,  # what the page of a request asks, and what the link stands for
    "figures": 11,  # leases, floors, what is booked and what counts
    "figures as a file": 11,
    "lease": 10,  # its history, what it follows and what follows it
    "request": 21,  # all that weighs on one screen, and why the rules ask
    "proposal": 17,  # and what is free
}
MOST_LINKS = 40  # a person may not have more than 50
MOST_DATES = 300
A_DAY = 44  # meetings of a quarter of an hour between 8:00 and 19:00

Count = Callable[[], AbstractContextManager[list[str]]]
SignIn = Callable[[FlaskClient, Actor], FlaskClient]


@dataclass(slots=True)
class Crowd:
    """A house that grows: of everything that lists show, so many rows."""

    house: House
    app: Flask
    size: int = 0
    file: int = 0
    connection: int = 0
    links: list[str] = field(default_factory=list)
    of_house: str = ""
    public: int = 0
    floor: int = 0
    screens: list[str] = field(default_factory=list)
    series: int = 0
    date: int = 0
    request: int = 0
    single: int = 0
    asked: int = 0
    closure: int = 0
    source: int = 0
    permanence: int = 0
    office: int = 0
    lease: int = 0
    sheet: int = 0
    desks: list[str] = field(default_factory=list)
    profile: str = ""

    def grow(self, size: int) -> None:
        """Add rows until there are ``size`` of each kind."""
        added = range(self.size, size)
        fill(self.house, self._meetings(added))
        self._file(min(size, MOST_DATES))
        self._connections(added)
        self._table(min(size, MOST_DATES))
        self._people(added)
        self.of_house = self.of_house or self._link_of_house()
        self._links(added)
        self._app_passwords(added)
        # Each series is longer than those before, at another hour.
        dates = range(max(min(size, MOST_DATES), 2))
        hour = 9 + 3 * SIZES.index(size)
        self.series = self.house.add_booking(
            self.house.delta, start=hour, end=hour + 1, days=dates, by=self.house.member
        )
        with self.house.engine.connect() as connection:
            of_series = select(Occurrence.id).where(Occurrence.booking_id == self.series)
            self.date = connection.execute(of_series).scalars().first() or 0
        self.request = self.house.add_booking(
            self.house.cedar, start=21, end=22, days=(size % 7,), state=State.REQUESTED
        )
        self.public = self._public(size)
        self.single = self.house.add_booking(start=21, end=22, days=(size % 7,))
        self._seasons(added)
        self._work(added)
        self._floor()
        self._screens()
        self._permanences(added)
        self._leases(added)
        self._desks(size)
        self._sources(added)
        self.size = size

    def _file(self, size: int) -> None:
        """Add a calendar file of the member's that was looked at."""
        outcome = Outcome("uid", "Choir", Fate.BOOKED, space_ids=(self.house.atlas.id,), dates=1)
        with writing(self.house.engine) as connection:
            row = {
                "person_id": self.house.member.person_id,
                "site_id": self.house.site.id,
                "name": "Choir",
                "state": "ready",
                "choice": Choice((self.house.atlas.id,)).to_json(),
                "clashing": "leave",
                "objects": size,
                "seen": size,
                "done": 0,
                "counts": {"booked": size},
                "warnings": [],
                "changed_s": NOW,
            }
            added = insert(ImportFile.__table__).returning(ImportFile.id)
            self.file = connection.execute(added, [row]).scalar_one()
            part = {
                "file_id": self.file,
                "number": 0,
                "content": b"",
                "objects": size,
                "fates": " booked ",
                "outcomes": [outcome_to_json(outcome)] * size,
            }
            connection.execute(insert(ImportPart.__table__), [part])

    def _connections(self, numbers: range) -> None:
        """Add calendars of the member on other servers, the last with as many events."""
        with writing(self.house.engine) as connection:
            for number in numbers[:MOST_DATES]:
                row = {
                    "person_id": self.house.member.person_id,
                    "name": f"Calendar {number}",
                    "home": "https://cloud.example.org/",
                    "url": f"https://cloud.example.org/{number}/",
                    "host": "cloud.example.org",
                    "username": "mia",
                    "secret": "sealed",
                    "state": "paused",
                    "created_s": NOW,
                    "due_s": NOW,
                }
                added = insert(Connection.__table__).returning(Connection.id)
                self.connection = connection.execute(added, [row]).scalar_one()
            of_it = {"connection_id": self.connection, "state": "synced"}
            rows = [{**of_it, "uid": f"{each}", "href": f"/{each}.ics"} for each in numbers]
            connection.execute(insert(RemoteObject.__table__), rows)
            said = {"connection_id": self.connection, "at_s": NOW, "code": "sync_removed"}
            connection.execute(insert(ConnectionEvent.__table__), [said] * len(rows))

    def _table(self, size: int) -> None:
        """Add a table of spaces that the administrator looked at."""
        rows = [Planned(row, f"Room {row}", RowFate.NEW) for row in range(size)]
        with writing(self.house.engine) as connection:
            row = {
                "person_id": self.house.admin.person_id,
                "site_id": self.house.site.id,
                "kind": "spaces",
                "name": "Rooms",
                "state": "ready",
                "existing": "leave",
                "unknown": [],
                "rows": b"",
                "outcomes": squeezed([each.to_json() for each in rows]),
                "number": size,
                "done": 0,
                "counts": {"new": size},
                "changed_s": NOW,
            }
            added = insert(Sheet.__table__).returning(Sheet.id)
            self.sheet = connection.execute(added, [row]).scalar_one()

    def _public(self, size: int) -> int:
        """Store something public on as many days; return its first date."""
        days = range(max(min(size, MOST_DATES), 2))
        hour = 3 + 2 * SIZES.index(size)
        made = self.house.add_booking(
            self.house.delta, start=hour, end=hour + 0.5, days=days, visibility="public"
        )
        with self.house.engine.connect() as connection:
            dates = select(Occurrence.id).where(Occurrence.booking_id == made)
            return connection.execute(dates.order_by(Occurrence.id)).scalars().first() or 0

    def _meetings(self, numbers: range) -> Iterator[Meeting]:
        house = self.house
        for number in numbers:
            day, quarter = divmod(number, A_DAY)
            when = house.interval(8 + quarter / 4, 8.25 + quarter / 4, day=day)
            yield Meeting(house.atlas, when, house.member)
            yield Meeting(house.birch, when, house.stranger)
            yield Meeting(house.cedar, when, house.member, State.REQUESTED)

    def _app_passwords(self, added: range) -> None:
        rows = [
            {
                "secret_hash": f"{number}",
                "person_id": self.house.member.person_id,
                "name": "Phone",
                "access": "write",
                "created_s": NOW,
            }
            for number in added
        ]
        secret = "2" * APP_SECRET_LENGTH
        if not self.profile:
            rows[0]["secret_hash"] = hash_app_secret(secret)
            key = self.app.extensions["booking"]["config"].signing_key()
            self.profile = seal(secret, key, now=NOW)
        with writing(self.house.engine) as connection:
            connection.execute(insert(AppPassword.__table__), rows)

    def _sources(self, numbers: range) -> None:
        """Follow calendars of others, the first of which has dates in the time of a room."""
        house = self.house
        usual = {
            "site_id": house.site.id,
            "space_id": house.delta.id,
            "address": "https://example.org/a.ics",
            "visibility": "members",
            "every_min": 60,
            "state": "active",
            "created_at": NOW,
        }
        with writing(house.engine) as connection:
            for number in numbers:
                mode = "busy" if number % 3 else "show"
                row = {**usual, "name": f"Town {number}", "mode": mode}
                made = insert(CalendarSource).returning(CalendarSource.id)
                source_id = connection.execute(made.values(**row)).scalar_one()
                self.source = self.source or source_id
                date = {
                    "source_id": self.source,
                    "key": f"{number}",
                    "digest": "",
                    "title": f"Market {number}",
                    "place": "",
                    "start": house.interval(10, 11, day=number % 300).start,
                    "end": house.interval(10, 11, day=number % 300).end,
                    "all_day": False,
                    "visibility": "members",
                    "changed_at": NOW,
                }
                connection.execute(insert(SourceEvent).values(**date))

    def _people(self, numbers: range) -> None:
        house = self.house
        with writing(house.engine) as connection:
            people = insert(Person.__table__).returning(Person.id)
            rows = [
                {"name": f"Guest {each}", "email": f"guest{each}@example.org", "created_s": NOW}
                for each in numbers
            ]
            ids = connection.execute(people, rows).scalars().all()
            places = [{"person_id": each, "organisation_id": house.ours} for each in ids]
            connection.execute(insert(Membership), places)
            for reader in (house.member, house.admin):
                notices = [
                    {
                        "person_id": reader.person_id,
                        "code": "notice_approved",
                        "params": {
                            "title": str(each),
                            "space": "Atlas",
                            "start": "2027-03-11T09:00",
                        },
                        "at_s": NOW,
                    }
                    for each in numbers
                ]
                connection.execute(insert(Notice.__table__), notices)
            invitations = [
                {
                    "token_hash": f"hash {each}",
                    "email": f"coming{each}@example.org",
                    "organisation_id": house.ours,
                    "created_by_id": house.admin.person_id,
                    "created_s": NOW,
                    "expires_s": NOW + timedelta(days=7),
                }
                for each in numbers
            ]
            connection.execute(insert(Invitation.__table__), invitations)

    def _seasons(self, numbers: range) -> None:
        """Add series without an end that are asked whether they go on."""
        rows = [
            {
                "booking_id": self.house.add_booking(
                    self.house.birch, start=22, end=23, days=(each,), rule="FREQ=WEEKLY"
                ),
                "season": "2027-08-31",
                "state": "asked",
                "asked_s": NOW,
            }
            for each in numbers[:MOST_DATES]
        ]
        if rows:
            self.asked = rows[0]["booking_id"]
            with writing(self.house.engine) as connection:
                connection.execute(insert(Renewal.__table__), rows)

    def _floor(self) -> None:
        with writing(self.house.engine) as connection:
            values = {"site_id": self.house.site.id, "level": self.size, "name": "Floor"}
            made = insert(Floor.__table__).values(values).returning(Floor.id)
            self.floor = connection.execute(made).scalar_one()

    def _screens(self) -> None:
        site_id, space_id = self.house.site.id, self.house.atlas.id
        with self.app.app_context():
            for asked in (ScreenRequest(site_id, "Hall"), ScreenRequest(site_id, "Door", space_id)):
                made = create_screen(asked, self.house.admin, now=NOW)
                self.screens.append(made.path)

    def _work(self, numbers: range) -> None:
        for number in numbers[:MOST_DATES]:
            self.closure = self.house.add_closure(22, 23, day=number)
            self.house.add_closure(22, 23, day=-3 - number)
            for person in (self.house.member, self.house.stranger):
                self.house.add_want(day=number, by=person)
        with writing(self.house.engine) as connection:
            jobs = [
                {
                    "kind": "ring",
                    "payload": {},
                    "created_s": NOW,
                    "due_s": NOW + timedelta(days=each),
                }
                for each in numbers
            ]
            connection.execute(insert(Job.__table__), jobs)

    def _desks(self, size: int) -> None:
        for number in range(min(size, MOST_LINKS) - len(self.desks)):
            desk = self.house.add_space(f"Desk {number} {size}", kind=SpaceKind.DESK)
            self.house.add_booking(desk, start=8, end=13, by=self.house.member)
            self.desks.append(desk.name)

    def _permanences(self, numbers: range) -> None:
        house = self.house
        for number in numbers[:MOST_DATES]:
            days = (2 * number, 2 * number + 1)
            self.permanence = house.add_permanence(house.birch, start=23, end=23.5, days=days)

    def _answer(self) -> str:
        """Return the address by which the approver answers the request of this size."""
        reader = self.house.approver.person_id or 0
        values = {
            "person_id": reader,
            "code": "notice_requested",
            "params": {},
            "booking_id": self.request,
            "at": NOW,
        }
        with writing(self.house.engine) as connection:
            made = insert(Notice).values(**values).returning(Notice.id)
            notice_id = connection.execute(made).scalar_one()
        key = self.app.config["SECRET_KEY"]
        return f"/by-mail/{sealed([notice_id, reader, 1], key, PURPOSE)}"

    def _invited(self) -> str:
        """Return the page of an invitation to the newest series, to which many are invited."""
        row = {
            "booking_id": self.series,
            "name": "Anna",
            "invited_by_id": self.house.member.person_id,
            "invited_at": NOW,
            "answer": "needs-action",
        }
        with writing(self.house.engine) as connection:
            for number in range(min(self.size, MOST_INVITEES)):
                email = f"a{number}-{self.series}@example.org"
                made = insert(Invitee).values(**row, email=email).returning(Invitee.id)
                invitee_id = connection.execute(made).scalar_one()
        return invitation_path(invitee_id, self.app.config["SECRET_KEY"])

    def _asked_by_mail(self) -> str:
        """Return the page on which a member confirms to have sent a mail."""
        row = {
            "key": f"{self.series}",
            "place": "",
            "at": NOW,
            "sender": "",
            "subject": "",
            "state": "asks",
            "person_id": self.house.member.person_id,
            "space_id": self.house.atlas.id,
            "content": b"",
        }
        with writing(self.house.engine) as connection:
            made = insert(ReceivedMail).values(**row).returning(ReceivedMail.id)
            received_id = connection.execute(made).scalar_one()
        return confirm_path(received_id, self.app.config["SECRET_KEY"])

    def _link_of_house(self) -> str:
        with self.app.app_context():
            asked = SubscriptionRequest("House", Scope(site_id=self.house.site.id))
            return create_subscription(asked, self.house.member, now=NOW).path

    def _leases(self, numbers: range) -> None:
        """Let one office day by day, by a lease each."""
        house = self.house
        if not self.office:
            self.office = house.add_office("Let").id
        first = NOW.date()
        with writing(house.engine) as connection:
            for number in numbers:
                day = first + timedelta(days=number)
                values = {
                    "site_id": house.site.id,
                    "space_id": self.office,
                    "organisation_id": house.ours,
                    "starts": day,
                    "ends": day,
                    "area_m2": Decimal(20),
                    "rent_m2": Decimal(10),
                    "months_notice": 3,
                    "created_s": NOW,
                }
                made = insert(Lease.__table__).values(values).returning(Lease.id)
                self.lease = int(connection.execute(made).scalar_one())
                (when,) = let_times(day, day, (), house.site.zone)
                held = {
                    "part_id": self.office,
                    "layer": "let",
                    "lane": 0,
                    "start_s": when.start,
                    "end_s": when.end,
                    "lease_id": self.lease,
                }
                connection.execute(insert(Hold.__table__).values(held))

    def _links(self, numbers: range) -> None:
        with self.app.app_context():
            for number in numbers[: MOST_LINKS - 1 - len(self.links)]:
                asked = SubscriptionRequest(f"Link {number}")
                made = create_subscription(asked, self.house.member, now=NOW)
                self.links.append(made.path)

    def pages(self) -> dict[str, tuple[Actor | None, str]]:
        """Return name -> (who looks, the address) of every page, by its route."""
        house, day = self.house, f"{self.house.at(0):%Y-%m-%d}"
        board, booking = "/board/house", f"/bookings/{self.single}"
        slot = f"space={house.birch.id}&date={day}&start=20:00"
        return {
            "board of a day": (house.member, f"{board}/day/{day}"),
            "board of a week": (house.member, f"{board}/week/{day}"),
            "board of a room": (house.member, f"{board}/week/{day}?space={house.atlas.id}"),
            "board of a month": (house.member, f"{board}/month/{day}"),
            "board as a list": (house.member, f"{board}/list/{day}"),
            "board of an approver": (house.approver, f"{board}/week/{day}"),
            "search": (house.member, f"/find?first={day}&last={day}"),
            "search of a fortnight": (house.member, "/find?attendance=2&length=90"),
            "search for a series": (house.member, "/find/series"),
            "search of rooms together": (
                house.member,
                f"/find/together?space={house.atlas.id}&space={house.birch.id}",
            ),
            "own bookings": (house.member, "/bookings"),
            "bookings of the house": (house.member, "/bookings?of=house&q=choir"),
            "own bookings, last": (house.member, "/bookings?page=1&past=1"),
            "booking": (house.member, booking),
            "booking of others": (house.stranger, booking),
            "invitation": (None, self._invited()),
            "booking by mail": (None, self._asked_by_mail()),
            "request, by an approver": (house.approver, f"/bookings/{self.request}"),
            "series": (house.member, f"/bookings/{self.series}"),
            "new booking": (house.member, f"/bookings/new?{slot}"),
            "change": (house.member, f"{booking}/edit"),
            "change of a series": (house.member, f"/bookings/{self.series}/edit"),
            "date of a series": (house.member, f"/bookings/{self.series}/dates/{self.date}"),
            "change from a date on": (
                house.member,
                f"/bookings/{self.series}/edit?since={self.date}",
            ),
            "cancel": (house.member, f"{booking}/cancel"),
            "still needed": (house.member, f"/bookings/{self.series}/needed"),
            "next season": (house.member, f"/bookings/{self.asked}/season"),
            "series that is asked about": (house.member, f"/bookings/{self.asked}"),
            "hand over": (house.member, f"{booking}/hand-over"),
            "hand over, by an admin": (house.admin, f"{booking}/hand-over"),
            "swap": (house.stranger, f"{booking}/swap"),
            "swap for a date of a series": (house.stranger, f"/bookings/{self.series}/swap"),
            "cancel of a series": (house.member, f"/bookings/{self.series}/cancel"),
            "approvals": (house.approver, "/approvals"),
            "approvals of an admin": (house.admin, "/approvals"),
            "request": (house.approver, f"/approvals/{self.request}"),
            "proposal": (house.approver, f"/approvals/{self.request}/propose"),
            "export": (house.admin, "/admin/export"),
            "calendar files": (house.member, "/calendars/import"),
            "calendar file": (house.member, f"/calendars/import/{self.file}"),
            "calendars": (house.member, "/calendars"),
            "own calendars": (house.member, "/calendars/connections"),
            "own calendar": (house.member, f"/calendars/connections/{self.connection}"),
            "connect": (house.member, "/calendars/connections/new"),
            "own calendar, settings": (
                house.member,
                f"/calendars/connections/{self.connection}/choose",
            ),
            "own calendar, password": (
                house.member,
                f"/calendars/connections/{self.connection}/password",
            ),
            "disconnect": (house.member, f"/calendars/connections/{self.connection}/disconnect"),
            "connected calendars": (house.admin, "/admin/connections"),
            "inbox": (house.member, "/inbox"),
            "waiting list": (house.member, "/waiting"),
            "people": (house.admin, "/people"),
            "people of a manager": (house.manager, "/people"),
            "person": (house.admin, f"/people/{house.member.person_id}"),
            "invite": (house.admin, "/people/invite"),
            "spaces": (house.admin, "/admin/spaces"),
            "new space": (house.admin, "/admin/spaces/new"),
            "combine": (house.admin, "/admin/spaces/combine"),
            "space": (house.admin, f"/admin/spaces/{house.atlas.id}"),
            "rules": (house.admin, f"/admin/spaces/{house.atlas.id}/rules"),
            "parts": (house.admin, f"/admin/spaces/{house.atlas.id}/parts"),
            "use of the house": (house.admin, "/admin/use"),
            "use as a file": (house.admin, "/admin/use.csv"),
            "limits": (house.admin, "/admin/use/limits"),
            "own limits": (house.admin, f"/admin/organisations/{house.ours}/limits"),
            "our use": (house.member, "/bookings/use"),
            "leases": (house.admin, "/admin/leases"),
            "leases to come": (house.admin, "/admin/leases?which=coming&by=organisation"),
            "new lease": (house.admin, f"/admin/leases/new?space={self.office}"),
            "lease": (house.admin, f"/admin/leases/{self.lease}"),
            "figures": (house.admin, "/admin/figures"),
            "figures as a file": (house.admin, "/admin/figures.csv"),
            "key figures": (house.admin, "/admin/figures/year"),
            "key figures as a file": (house.admin, "/admin/figures/year.csv"),
            "how many came": (house.member, f"{booking}/came"),
            "our leases": (house.member, "/our-leases"),
            "settings": (house.admin, "/admin/settings"),
            "plan": (house.member, f"/plan?at={day}T10:30"),
            "plan alone": (house.admin, f"/plan?date={day}&minute=630"),
            "card": (house.member, f"/plan/spaces/{house.atlas.id}?at={day}T10:30"),
            "room": (house.member, f"/spaces/{house.atlas.id}"),
            "floor to draw": (house.admin, f"/admin/floors/{self.floor}/plan"),
            "screens": (house.admin, "/admin/screens"),
            "screen at the entrance": (None, self.screens[0]),
            "screen at a door": (None, self.screens[1]),
            "plan for visitors": (None, f"/plan/public?floor={self.floor}"),
            "plan of a house for visitors": (None, "/plan/public/house"),
            "floors": (house.admin, "/admin/floors"),
            "categories": (house.admin, "/admin/categories"),
            "houses": (house.admin, "/admin/sites"),
            "organisations": (house.admin, "/admin/organisations"),
            "organisation": (house.admin, f"/admin/organisations/{house.ours}"),
            "invitations": (house.admin, "/admin/invitations"),
            "tables": (house.admin, "/admin/import"),
            "empty table": (house.admin, "/admin/import/spaces.csv"),
            "table": (house.admin, f"/admin/import/{self.sheet}"),
            "closures": (house.admin, "/admin/closures"),
            "closures, past": (house.admin, "/admin/closures?past=1"),
            "closure": (house.admin, f"/admin/closures/{self.closure}"),
            "words of mails": (house.admin, "/admin/mails"),
            "words of a mail": (house.admin, "/admin/mails/notice_approved"),
            "filter as a calendar": (house.member, "/calendars/filter?site=house"),
            "calendars of others": (house.admin, "/admin/calendars"),
            "calendar of others": (house.admin, f"/admin/calendars/{self.source}"),
            "work": (house.admin, "/admin/work"),
            "mails kept": (house.admin, "/admin/outbox"),
            "mails that come in": (house.admin, "/admin/mail-in"),
            "profile": (house.member, "/profile"),
            "calendar apps": (house.member, "/profile/devices"),
            "calendars of an app": (house.member, "/profile/devices/1/calendars"),
            "profile of an app": (None, f"/profile/devices/apple/{self.profile}"),
            "sign-in": (None, "/sign-in"),
            "programme": (None, "/programme"),
            "programme of a house": (None, "/programme/house"),
            "timeline": (house.member, f"/timeline?day={day}"),
            "timeline of a day": (house.admin, f"/timeline?view=day&day={day}"),
            "timeline of a week": (house.member, f"/timeline?view=week&day={day}"),
            "timeline of a year": (house.admin, f"/timeline?view=year&day={day}"),
            "desks": (house.member, "/desks"),
            "desks of a house": (house.member, f"/desks/house?day={day}&by=day"),
            "permanences": (None, f"/permanences?view=month&day={day}"),
            "permanences of a house": (None, "/permanences/house"),
            "permanences of one's own": (house.member, "/bookings/permanences"),
            "new permanence": (house.manager, "/bookings/permanences/new"),
            "permanence": (house.manager, f"/bookings/{self.permanence}/permanence"),
            "permanences as a feed": (None, "/permanences.ics"),
            "programme as a feed": (None, "/programme.ics"),
            "programme in a frame": (None, "/embed/programme"),
            "event": (None, f"/programme/events/{self.public}"),
            "event as a file": (None, f"/programme/events/{self.public}.ics"),
            "feed": (None, self.links[0]),
            "request by mail": (None, self._answer()),
            "feed of a house": (None, self.of_house),
            "busy times": (None, self.of_house.replace(".ics", ".ifb")),
        }


# Routes that show nothing of the house, or lead elsewhere.
NO_PAGES = {
    "account.forgotten",
    "account.invitation",
    "admin.index",
    "admin.outbox_file",
    "board.go",
    "board.today",
    "connections.preview",  # asks another server: tests/sync
    "dav.dav",
    "dav.well_known",
    "health.health",
    "plan.underlay",
    "rooms.photo",
    "static.favicon",
    "static.file",
}


def _counting(app: Flask, house: House) -> None:
    """Let the house count what everybody uses, by every kind of limit."""
    hours = timedelta(hours=1_000)
    limits = Limits(hours, Stance.ALLOW, hours, hours, hours, hours, 9_000, 9_000, 9_000)
    policy = SitePolicy(fair_use=FairUse(True, limits, limits), seasons=Seasons())
    with app.app_context():
        set_site_policy(house.site.id, policy, house.admin, version=1, now=NOW)


def test_every_page_has_as_many_statements_with_1_3_and_350_rows(
    app: Flask, house: House, sign_in: SignIn, count: Count
) -> None:
    _counting(app, house)
    crowd = Crowd(house, app)
    counted: dict[str, list[int]] = {}
    for size in SIZES:
        crowd.grow(size)
        for name, (looking, path) in crowd.pages().items():
            client = app.test_client()
            if looking is not None:
                sign_in(client, looking)
            client.get(path)  # what only a first visit does
            for shelf in ("booking.boards", "booking.feeds"):  # what is kept is cheap
                app.extensions.pop(shelf, None)
            with count() as statements:
                answer = client.get(path)
            assert answer.status_code == 200, f"{name}: {answer.status_code}"
            counted.setdefault(name, []).append(len(statements))
    assert counted == {name: [most[0]] * len(SIZES) for name, most in counted.items()}
    too_many = {name: n for name, (n, *_) in counted.items() if n > MOST_OF.get(name, MOST)}
    assert too_many == {}


def test_every_page_is_counted(app: Flask, house: House) -> None:
    crowd = Crowd(house, app)
    crowd.grow(1)
    adapter = app.url_map.bind("")
    visited = {
        adapter.match(path.partition("?")[0], return_rule=True)[0].endpoint
        for _looking, path in crowd.pages().values()
    }
    shown = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert shown - visited == NO_PAGES
