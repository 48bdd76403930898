"""Boards, the search for what is free, the timeline, the plan and desks."""

from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import insert

from booking.core.values import SpaceKind
from booking.models import Floor
from tests.statement_counts.family import MOST_LINKS, Growth, Page
from tests.support.databases import writing
from tests.support.factories import House


@dataclass(slots=True)
class Boards:
    """Desks, and a floor more each time."""

    house: House
    app: Flask
    floor: int = 0
    desks: list[str] = field(default_factory=list)

    def grow(self, growth: Growth) -> None:
        """Add desks that are booked, and a floor."""
        for number in range(min(growth.size, MOST_LINKS) - len(self.desks)):
            desk = self.house.add_space(f"Desk {number} {growth.size}", kind=SpaceKind.DESK)
            self.house.add_booking(desk, start=8, end=13, by=self.house.member)
            self.desks.append(desk.name)
        values = {"site_id": self.house.site.id, "level": growth.step, "name": "Floor"}
        with writing(self.house.engine) as connection:
            made = insert(Floor.__table__).values(values).returning(Floor.id)
            self.floor = connection.execute(made).scalar_one()

    def pages(self) -> dict[str, Page]:
        """Return the pages that show when what is free."""
        house, day = self.house, f"{self.house.at(0):%Y-%m-%d}"
        board, timeline = "/board/house", f"/timeline?day={day}"
        rooms = f"space={house.atlas.id}&space={house.birch.id}"
        people = f"person=me&person={house.email(house.stranger)}"
        return {
            "board of a day": Page(house.member, f"{board}/day/{day}"),
            "board of a week": Page(house.member, f"{board}/week/{day}"),
            "board of a room": Page(house.member, f"{board}/week/{day}?space={house.atlas.id}"),
            "board of a month": Page(house.member, f"{board}/month/{day}"),
            "board as a list": Page(house.member, f"{board}/list/{day}"),
            "board of an approver": Page(house.approver, f"{board}/week/{day}"),
            # and what the reader may still have
            "search": Page(house.member, f"/find?first={day}&last={day}", 10),
            "search of a fortnight": Page(house.member, "/find?attendance=2&length=90", 10),
            "search for a series": Page(house.member, "/find/series", 10),
            "search of rooms together": Page(house.member, f"/find/together?{rooms}", 10),
            # and who is busy when, by what of whom
            "search with people": Page(house.member, f"/find/people?{people}", 16),
            "plan": Page(house.member, f"/plan?at={day}T10:30"),
            "plan alone": Page(house.admin, f"/plan?date={day}&minute=630"),
            "card": Page(house.member, f"/plan/spaces/{house.atlas.id}?at={day}T10:30"),
            "room": Page(house.member, f"/spaces/{house.atlas.id}"),
            "floor to draw": Page(house.admin, f"/admin/floors/{self.floor}/plan"),
            "floors": Page(house.admin, "/admin/floors"),
            "plan for visitors": Page(None, f"/plan/public?floor={self.floor}"),
            "plan of a house for visitors": Page(None, "/plan/public/house"),
            "timeline": Page(house.member, timeline),
            "timeline of a day": Page(house.admin, f"{timeline}&view=day"),
            "timeline of a week": Page(house.member, f"{timeline}&view=week"),
            "timeline of a year": Page(house.admin, f"{timeline}&view=year"),
            "desks": Page(house.member, "/desks"),
            "desks of a house": Page(house.member, f"/desks/house?day={day}&by=day"),
        }
