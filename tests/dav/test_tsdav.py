"""tsdav, the library of many web programs, books in a room of the running service."""

from pathlib import Path

import pytest

from booking.actions.app_passwords import AppPasswordRequest, create_app_password
from booking.core.values import OPERATOR
from tests.support.factories import NOW
from tests.support.migrating import app_without_pages
from tests.support.node import tsdav
from tests.support.service import running


def event(start: str, end: str, sequence: int = 0) -> str:
    """Return an object of one event in UTC."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tsdav//EN",
        "BEGIN:VEVENT",
        "UID:tsdav-1@example.org",
        "DTSTAMP:20270310T090000Z",
        f"SEQUENCE:{sequence}",
        f"DTSTART:{start}",
        f"DTEND:{end}",
        "SUMMARY:Atelier",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines)


@pytest.mark.engines("sqlite")
def test_tsdav_finds_books_changes_follows_and_cancels(house, engine_url, tmp_path: Path):
    house.add_booking(house.atlas, by=house.stranger)
    app = app_without_pages(engine_url)
    with app.app_context():
        request = AppPasswordRequest("tsdav", person_id=house.member.person_id)
        made = create_app_password(request, OPERATOR, now=NOW)
    with running(tmp_path, database_url=engine_url, now=NOW) as service:
        told = tsdav(
            {
                "server": service.url,
                "user": house.email(house.member),
                "secret": made.secret,
                "room": "Atlas",
                "event": event("20270311T130000Z", "20270311T140000Z"),
                "moved": event("20270312T130000Z", "20270312T140000Z", 1),
            }
        )

    assert {name for name, _components in told["calendars"]} >= {
        "Atlas",
        "Birch",
        "Cedar",
        "Delta",
        "My bookings",
    }
    assert {tuple(components) for _name, components in told["calendars"]} == {("VEVENT",)}
    assert told == {
        "calendars": told["calendars"],
        "before": ["Choir"],
        "unchanged": 0,
        "made": 201,
        "with": ["Atelier", "Choir"],
        "changed": 204,
        "moved": [["Choir"], ["Atelier"]],
        "stale": 412,
        "synced": told["synced"],
        "expired": [403],
        "gone": 204,
        "after": [],
    }
    assert told["synced"]["updated"] == 1
