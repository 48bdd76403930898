"""The running of a house: spaces and rules, closures, leases, figures, tables and work."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from flask import Flask
from sqlalchemy import insert

from booking.core.letting import let_times
from booking.core.sheets import Fate, Planned
from booking.models import Hold, Job, Lease
from booking.models.imports import Sheet
from booking.queries.sheets import squeezed
from tests.statement_counts.family import MOST_DATES, Growth, Page
from tests.support.databases import writing
from tests.support.factories import NOW, House


@dataclass(slots=True)
class Running:
    """Closures, jobs, leases of one office, and a table that is longer each time."""

    house: House
    app: Flask
    closure: int = 0
    office: int = 0
    lease: int = 0
    sheet: int = 0

    def grow(self, growth: Growth) -> None:
        """Add a table, and of all else as many as the house grows by."""
        self._table(min(growth.size, MOST_DATES))
        for number in growth.added[:MOST_DATES]:
            self.closure = self.house.add_closure(22, 23, day=number)
            self.house.add_closure(22, 23, day=-3 - number)
        self._jobs(growth.added)
        self._leases(growth.added)

    def _table(self, size: int) -> None:
        """Add a table of spaces that the administrator looked at."""
        rows = [Planned(row, f"Room {row}", Fate.NEW) for row in range(size)]
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

    def _jobs(self, numbers: range) -> None:
        job = {"kind": "ring", "payload": {}, "created_s": NOW}
        jobs = [{**job, "due_s": NOW + timedelta(days=each)} for each in numbers]
        with writing(self.house.engine) as connection:
            connection.execute(insert(Job.__table__), jobs)

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

    def pages(self) -> dict[str, Page]:
        """Return the pages of the administration."""
        return self._of_house() | self._of_leases() | self._of_work()

    def _of_house(self) -> dict[str, Page]:
        admin, space = self.house.admin, f"/admin/spaces/{self.house.atlas.id}"
        return {
            "settings": Page(admin, "/admin/settings"),
            "houses": Page(admin, "/admin/sites"),
            "spaces": Page(admin, "/admin/spaces"),
            "new space": Page(admin, "/admin/spaces/new"),
            "combine": Page(admin, "/admin/spaces/combine"),
            "space": Page(admin, space),  # its photo, and the floors it may be on
            "rules": Page(admin, f"{space}/rules"),
            "parts": Page(admin, f"{space}/parts"),
            "categories": Page(admin, "/admin/categories"),
            "use of the house": Page(admin, "/admin/use"),
            "use as a file": Page(admin, "/admin/use.csv"),
            "limits": Page(admin, "/admin/use/limits"),
            "closures": Page(admin, "/admin/closures"),
            "closures, past": Page(admin, "/admin/closures?past=1"),
            "closure": Page(admin, f"/admin/closures/{self.closure}"),
        }

    def _of_leases(self) -> dict[str, Page]:
        admin, member, leases = self.house.admin, self.house.member, "/admin/leases"
        return {
            "leases": Page(admin, leases),
            "leases to come": Page(admin, f"{leases}?which=coming&by=organisation"),
            "new lease": Page(admin, f"{leases}/new?space={self.office}"),
            # its history, what it follows and what follows it
            "lease": Page(admin, f"{leases}/{self.lease}", 10),
            "our leases": Page(member, "/our-leases"),
            # leases, floors, what is booked and what counts
            "figures": Page(admin, "/admin/figures", 11),
            "figures as a file": Page(admin, "/admin/figures.csv", 11),
            "key figures": Page(admin, "/admin/figures/year"),
            "key figures as a file": Page(admin, "/admin/figures/year.csv"),
        }

    def _of_work(self) -> dict[str, Page]:
        admin = self.house.admin
        return {
            "tables": Page(admin, "/admin/import"),
            "empty table": Page(admin, "/admin/import/spaces.csv"),
            "table": Page(admin, f"/admin/import/{self.sheet}"),
            "words of mails": Page(admin, "/admin/mails"),
            "words of a mail": Page(admin, "/admin/mails/notice_approved"),
            "work": Page(admin, "/admin/work"),
            "mails kept": Page(admin, "/admin/outbox"),
            "mails that come in": Page(admin, "/admin/mail-in"),
        }
