"""What visitors see: the programme, permanences, and screens at doors."""

from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import select

from booking.actions.screens import ScreenRequest, create_screen
from booking.models import Occurrence
from tests.statement_counts.family import MOST_DATES, Growth, Page
from tests.support.factories import NOW, House


@dataclass(slots=True)
class Public:
    """A public event of more dates each time, permanences, and two more screens."""

    house: House
    app: Flask
    event: int = 0
    permanence: int = 0
    screens: list[str] = field(default_factory=list)

    def grow(self, growth: Growth) -> None:
        """Add an event on as many days, permanences, and a screen in the hall and at a door."""
        self._event(growth)
        for number in growth.added[:MOST_DATES]:
            days = (2 * number, 2 * number + 1)
            room = self.house.birch
            self.permanence = self.house.add_permanence(room, start=23, end=23.5, days=days)
        site_id, space_id = self.house.site.id, self.house.atlas.id
        with self.app.app_context():
            for asked in (ScreenRequest(site_id, "Hall"), ScreenRequest(site_id, "Door", space_id)):
                made = create_screen(asked, self.house.admin, now=NOW)
                self.screens.append(made.path)

    def _event(self, growth: Growth) -> None:
        hour = 3 + 2 * growth.step
        made = self.house.add_booking(
            self.house.delta, start=hour, end=hour + 0.5, days=growth.dates, visibility="public"
        )
        with self.house.engine.connect() as connection:
            dates = select(Occurrence.id).where(Occurrence.booking_id == made)
            self.event = connection.execute(dates.order_by(Occurrence.id)).scalars().first() or 0

    def pages(self) -> dict[str, Page]:
        """Return the pages that need no account, and who keeps permanences."""
        house, day = self.house, f"{self.house.at(0):%Y-%m-%d}"
        event = f"/programme/events/{self.event}"
        return {
            "programme": Page(None, "/programme"),
            "programme of a house": Page(None, "/programme/house"),
            "programme as a feed": Page(None, "/programme.ics", most=10),
            "programme in a frame": Page(None, "/embed/programme"),
            "event": Page(None, event),
            "event as a file": Page(None, f"{event}.ics"),
            "permanences": Page(None, f"/permanences?view=month&day={day}"),
            "permanences of a house": Page(None, "/permanences/house"),
            "permanences as a feed": Page(None, "/permanences.ics"),
            "permanences of one's own": Page(house.member, "/bookings/permanences"),
            "new permanence": Page(house.manager, "/bookings/permanences/new"),
            "permanence": Page(house.manager, f"/bookings/{self.permanence}/permanence"),
            "screens": Page(house.admin, "/admin/screens"),
            "screen at the entrance": Page(None, self.screens[0]),
            "screen at a door": Page(None, self.screens[1]),
        }
