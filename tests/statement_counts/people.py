"""People, their organisations, what they are told, and how they come in."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy import insert

from booking.models import Invitation, Membership, Notice, Person
from tests.statement_counts.family import Growth, Page
from tests.support.databases import writing
from tests.support.factories import NOW, House


@dataclass(slots=True)
class People:
    """Members of an organisation, notices, and people who are invited."""

    house: House
    app: Flask

    def grow(self, growth: Growth) -> None:
        """Add people, a notice for each, and as many who are invited."""
        house, numbers = self.house, growth.added
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
                told = {"person_id": reader.person_id, "code": "notice_approved", "at_s": NOW}
                said = {"space": "Atlas", "start": "2027-03-11T09:00"}
                notices = [{**told, "params": {**said, "title": str(each)}} for each in numbers]
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

    def pages(self) -> dict[str, Page]:
        """Return the pages about people, and those of a person."""
        house, organisation = self.house, f"/admin/organisations/{self.house.ours}"
        return {
            "inbox": Page(house.member, "/inbox"),
            "profile": Page(house.member, "/profile"),
            "sign-in": Page(None, "/sign-in"),
            "people": Page(house.admin, "/people"),
            "people of a manager": Page(house.manager, "/people"),
            # what may be given: all organisations, sites and spaces
            "person": Page(house.admin, f"/people/{house.member.person_id}"),
            "invite": Page(house.admin, "/people/invite"),
            "invitations": Page(house.admin, "/admin/invitations"),
            "organisations": Page(house.admin, "/admin/organisations"),
            "organisation": Page(house.admin, organisation),
            "own limits": Page(house.admin, f"{organisation}/limits"),
        }
