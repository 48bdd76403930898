"""The question about the next season: a page, a card on the booking's, a line in the list."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from booking.actions import renewals
from booking.actions.spaces import set_site_policy
from booking.core.values import Seasons, SitePolicy
from booking.db import db
from booking.queries import houses
from tests.support.factories import Clock, House
from tests.support.forms import Browser


@pytest.fixture
def series(app: Flask, house: House, browser: Browser, clock: Clock) -> int:
    """A series without an end whose people have been asked today, in July."""
    made = browser.have(rule="FREQ=WEEKLY", organisation_id=house.ours)
    clock.now = datetime(2027, 7, 5, 8, tzinfo=UTC)
    with app.app_context():
        policy = SitePolicy(seasons=Seasons())
        set_site_policy(house.site.id, policy, house.admin, version=1, now=clock.now)
        assert renewals.renew(made, now=clock.now)
    return made


def strong(page: str) -> list[str]:
    """Return the labels of the buttons that are in front."""
    return re.findall(r'<button class="btn (?:primary|danger)"[^>]*>([^<]*)<', page)


@pytest.mark.parametrize(
    ("answer", "front"), [("keep", "Keep the place"), ("end", "Give the place back")]
)
def test_mail_leads_to_a_page_with_its_answer_in_front(
    browser: Browser, series: int, answer: str, front: str
) -> None:
    page = browser.get(f"/bookings/{series}/season?answer={answer}").text
    assert strong(page) == [front]
    assert "Tuesday, 31 August 2027" in page


def test_place_is_kept_from_the_page_of_the_booking(browser: Browser, series: int) -> None:
    page = browser.get(f"/bookings/{series}").text
    assert "Keep the place next season?" in page
    answer = browser.post(f"/bookings/{series}/season", answer="keep")
    assert (answer.status_code, answer.location) == (303, f"/bookings/{series}")
    after = browser.get(answer.location).text
    assert "Kept for the season after" in after
    assert "Keep the place next season?" not in after
    # One may think better of it.
    assert strong(browser.get(f"/bookings/{series}/season").text) == ["Give the place back"]


def test_place_is_given_back(browser: Browser, series: int) -> None:
    assert browser.post(f"/bookings/{series}/season", answer="end").status_code == 303
    stored = browser.stored(series)
    assert (stored.rule or "").endswith("UNTIL=20270831T235959")
    page = browser.get(f"/bookings/{series}")
    assert "Keep the place next season?" not in page.text
    assert "Place given back" in page.text  # in its history
    again = browser.post(f"/bookings/{series}/season", answer="keep")
    assert again.status_code == 422
    assert "Nobody asks about this series any more" in again.text


def test_list_of_bookings_says_what_is_not_answered(
    browser: Browser, open_as: Any, house: House, series: int
) -> None:
    link = f"/bookings/{series}/season"
    assert link in browser.get("/bookings").text
    manager = open_as(house.manager)
    assert link not in manager.get("/bookings").text
    assert link in manager.get("/bookings?of=organisation").text
    assert manager.post(link, answer="keep").status_code == 303
    assert link not in browser.get("/bookings").text


def test_inbox_leads_to_the_question(browser: Browser, series: int) -> None:
    assert f"/bookings/{series}/season" in browser.get("/inbox").text


def test_others_are_not_asked(open_as: Any, house: House, series: int) -> None:
    stranger = open_as(house.stranger)
    assert stranger.get(f"/bookings/{series}/season").status_code == 403
    assert stranger.post(f"/bookings/{series}/season", answer="end").status_code == 403
    assert "Keep the place" not in stranger.get(f"/bookings/{series}").text


def test_house_sets_its_seasons(app: Flask, open_as: Any, house: House) -> None:
    admin = open_as(house.admin)
    page = admin.get("/admin/settings").text
    fields = {
        "name": "House",
        "address": "",
        "country": "FR",
        "region": "",
        "opens": "08:00",
        "closes": "20:00",
        "bookable_days": "400",
        "holidays": "allow",
        "expire_days": "7",
        "remind_hours": "24",
        "offer_hours": "24",
        "programme": "1",
        "season_month": "6",
        "season_day": "30",
        "season_ask": "60",
        "season_due": "20",
        "season_warn": "10",
    }
    assert "Seasons" in page
    wrong = admin.post("/admin/settings", version=1, **fields | {"season_ask": "25"})
    assert wrong.status_code == 422
    assert re.search('name="season_ask"[^>]* aria-invalid="true"', wrong.text)
    for bad in ({"season_day": "31"}, {"season_day": "x"}, {"season_due": ""}):
        assert admin.post("/admin/settings", version=1, **fields | bad).status_code == 422
    assert admin.post("/admin/settings", version=1, **fields).status_code == 303
    with app.app_context():
        stored = houses.site(db.session(), house.site.id)
    found = stored.policy.seasons
    assert found is not None
    assert (found.month, found.day, found.ask.days, found.due.days, found.warn.days) == (
        6,
        30,
        60,
        20,
        10,
    )
    assert admin.post("/admin/settings", version=2, **fields | {"season_month": ""})
    with app.app_context():
        assert houses.site(db.session(), house.site.id).policy == SitePolicy()
