"""A browser without a window that fills in the forms of bookings, and reads them."""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.actions import bookings
from booking.core.values import Actor, BookingView, Space
from booking.db import db
from booking.queries import agenda
from tests.support.factories import NOW, House

THURSDAY = "2027-03-11"
FRAGMENT = {"X-Fragment": "1"}
WEEKLY = "FREQ=WEEKLY;COUNT=4"


@dataclass(slots=True)
class Browser:
    """A signed-in person with the forms of bookings."""

    app: Flask
    house: House
    client: FlaskClient
    token: str

    def get(self, path: str, **headers: str) -> TestResponse:
        """Fetch a page in English."""
        return self.client.get(path, headers={"Accept-Language": "en", **headers})

    def post(self, path: str, *, fragment: bool = False, **fields: Any) -> TestResponse:
        """Send a form with its token."""
        headers = {"Accept-Language": "en", **(FRAGMENT if fragment else {})}
        data = {"csrf_token": self.token, **fields}
        return self.client.post(path, data=data, headers=headers)

    def form(self, **fields: Any) -> dict[str, Any]:
        """Return the fields of a booking of Atlas on Thursday at ten."""
        return {
            "title": "Choir",
            "space": self.house.atlas.id,
            "date": THURSDAY,
            "start": "10:00",
            "end": "11:00",
            **fields,
        }

    def book(self, *, fragment: bool = False, **fields: Any) -> TestResponse:
        """Send the form of a new booking."""
        return self.post("/bookings", fragment=fragment, **self.form(**fields))

    def edit(self, booking_id: int, *, fragment: bool = False, **fields: Any) -> TestResponse:
        """Send the form of a stored booking."""
        wanted = self.form(**{"version": 1, **fields})
        return self.post(f"/bookings/{booking_id}/edit", fragment=fragment, **wanted)

    def stored(self, booking_id: int = 0) -> BookingView:
        """Return a booking as it is stored; without an id the one that there is."""
        with self.app.app_context():
            ids = db.session.execute(db.text("SELECT max(id) FROM booking")).scalar_one()
            return agenda.booking(db.session(), booking_id or ids)

    def count(self) -> int:
        """Return how many bookings are stored."""
        with self.app.app_context():
            return int(db.session.execute(db.text("SELECT count(*) FROM booking")).scalar_one())

    def have(self, *spaces: Space, by: Actor | None = None, **more: Any) -> int:
        """Let somebody book through the verb; return the booking's id."""
        with self.app.app_context():
            wish = self.house.request(*spaces, **more)
            return bookings.book(wish, by or self.house.member, now=NOW).booking_id


def buttons(answer: TestResponse, name: str) -> list[str]:
    """Return the values of all submit buttons of a name."""
    return [
        unescape(each)
        for each in re.findall(rf'<button[^>]* name="{name}" value="([^"]*)"', answer.text)
    ]


def value(answer: TestResponse, name: str) -> str:
    """Return what an input of the form holds."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', answer.text)
    assert found, f"no field {name}"
    return unescape(found[1])


def chosen(answer: TestResponse, name: str) -> str:
    """Return the selected option of a select."""
    part = answer.text.split(f'name="{name}"')[1].split("</select>")[0]
    found = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', part)
    assert found, f"nothing chosen in {name}"
    return found[1] if found[1] is not None else found[2]


def checked(answer: TestResponse, name: str) -> list[str]:
    """Return the values of the ticked boxes of a name."""
    return re.findall(rf'<input type="checkbox" name="{name}" value="([^"]*)" checked', answer.text)


class _Fields(HTMLParser):
    """Collects what the form of a booking would send, its buttons left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._inside = False
        self._select = self._area = self._option = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a field with its value."""
        said = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._inside = "booking-form" in said.get("class", "")
        if not self._inside:
            return
        name = said.get("name", "")
        if tag == "input" and name and self._is_sent(said):
            self.found.setdefault(name, []).append(said.get("value", "on"))
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self.found[name] = [""]
        elif tag == "option" and (self._select not in self.found or "selected" in said):
            self.found[self._select] = [said.get("value", "")]
            self._option = "" if "value" in said else self._select

    def handle_endtag(self, tag: str) -> None:
        """Leave a field, or the form."""
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = self._option = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Take the text of a field with several lines."""
        if self._area:
            self.found[self._area][0] += data.removeprefix("\n")
        elif self._option:
            self.found[self._option] = [data.strip()]
            self._option = ""

    def _is_sent(self, said: dict[str, str]) -> bool:
        return said.get("type") not in ("checkbox", "radio") or "checked" in said


def fields_of(page: str) -> dict[str, list[str]]:
    """Return what the form of a booking on a page would send as it is: name -> values."""
    reader = _Fields()
    reader.feed(page)
    return reader.found
