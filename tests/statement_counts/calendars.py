"""Calendars: files, links, apps, members' own on other servers, and those of others."""

from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import insert, update

from booking.actions.subscriptions import SubscriptionRequest, create_subscription
from booking.core.busy import MOST_CALENDARS
from booking.core.calendars import Scope
from booking.core.imports import Choice, Fate, Outcome
from booking.core.imports.stored import outcome_to_json
from booking.models import AppPassword, BusyCalendar, CalendarSource, SourceEvent
from booking.models.connections import Connection, ConnectionEvent, RemoteObject
from booking.models.imports import ImportFile, ImportPart
from booking.profiles import seal
from booking.secrets import APP_SECRET_LENGTH, hash_app_secret
from tests.statement_counts.family import MOST_DATES, MOST_LINKS, Growth, Page
from tests.support.databases import writing
from tests.support.factories import NOW, House


@dataclass(slots=True)
class Calendars:
    """A file that is longer each time, links, app passwords, connections and sources."""

    house: House
    app: Flask
    file: int = 0
    connection: int = 0
    source: int = 0
    links: list[str] = field(default_factory=list)
    of_house: str = ""
    profile: str = ""

    def grow(self, growth: Growth) -> None:
        """Add a file, and of all else as many as the house grows by."""
        self._file(min(growth.size, MOST_DATES))
        self._connections(growth.added)
        self._links(growth.added)
        self._app_passwords(growth.added)
        self._sources(growth.added)

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
            shared = update(Connection).where(Connection.id == self.connection)
            connection.execute(shared.values(shares_busy=True))
            calendar = {"connection_id": self.connection, "due_s": NOW, "read_s": NOW}
            calendars = [{**calendar, "url": f"/{each}", "name": f"{each}"} for each in numbers]
            connection.execute(insert(BusyCalendar.__table__), calendars[:MOST_CALENDARS])

    def _links(self, numbers: range) -> None:
        with self.app.app_context():
            for number in numbers[: MOST_LINKS - 1 - len(self.links)]:
                asked = SubscriptionRequest(f"Link {number}")
                made = create_subscription(asked, self.house.member, now=NOW)
                self.links.append(made.path)
            if not self.of_house:
                asked = SubscriptionRequest("House", Scope(site_id=self.house.site.id))
                self.of_house = create_subscription(asked, self.house.member, now=NOW).path

    def _app_passwords(self, numbers: range) -> None:
        rows = [
            {
                "secret_hash": f"{number}",
                "person_id": self.house.member.person_id,
                "name": "Phone",
                "access": "write",
                "created_s": NOW,
            }
            for number in numbers
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

    def pages(self) -> dict[str, Page]:
        """Return the pages of calendars, and the calendars themselves."""
        member, admin = self.house.member, self.house.admin
        own = f"/calendars/connections/{self.connection}"
        return {
            "calendars": Page(member, "/calendars"),
            "calendar files": Page(member, "/calendars/import"),
            "calendar file": Page(member, f"/calendars/import/{self.file}"),
            "filter as a calendar": Page(member, "/calendars/filter?site=house"),
            # Versions first: with them what is known need not be read, and rows come by their ids.
            "feed": Page(None, self.links[0], most=10),
            "feed of a house": Page(None, self.of_house, most=10),
            "busy times": Page(None, self.of_house.replace(".ics", ".ifb")),
            "own calendars": Page(member, "/calendars/connections"),
            "own calendar": Page(member, own),
            "own calendar, settings": Page(member, f"{own}/choose"),
            "own calendar, password": Page(member, f"{own}/password"),
            "own calendar, busy times": Page(member, f"{own}/busy"),
            "connect": Page(member, "/calendars/connections/new"),
            "disconnect": Page(member, f"{own}/disconnect"),
            "connected calendars": Page(admin, "/admin/connections"),
            "calendar apps": Page(member, "/profile/devices"),
            "calendars of an app": Page(member, "/profile/devices/1/calendars"),
            "profile of an app": Page(None, f"/profile/devices/apple/{self.profile}"),
            "calendars of others": Page(admin, "/admin/calendars"),
            "calendar of others": Page(admin, f"/admin/calendars/{self.source}"),
            "export": Page(admin, "/admin/export"),
        }
