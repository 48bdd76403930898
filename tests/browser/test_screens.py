"""Screens in the house: they ask again by themselves, and keep the last state without a network."""

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import enter
from tests.support.factories import House

HALF_A_MINUTE_MS = 31_000
TODAY = {"days": (-1,), "visibility": "public"}


def screen(page: Page, house: House, *, space: int | None = None) -> None:
    """Set up a screen, and look at it as nobody."""
    enter(page, house, house.admin)
    page.goto(f"/admin/screens?space={space or ''}")
    page.get_by_label("Name").fill("Tablet")
    page.get_by_role("button", name="Make the link").click()
    address = page.get_by_label("Address").input_value()
    page.context.clear_cookies()
    page.goto(re.sub(r"^https?://[^/]+", "", address))


def test_lobby_shows_what_is_new_and_keeps_it_without_a_network(page: Page, house: House) -> None:
    house.add_booking(house.atlas, start=9, end=11, title="Lecture", **TODAY)
    screen(page, house)
    expect(page.get_by_role("heading", name="Lecture")).to_be_visible()
    house.add_booking(house.birch, start=15, end=16, title="Film", **TODAY)
    page.clock.fast_forward(HALF_A_MINUTE_MS)
    expect(page.get_by_role("heading", name="Film")).to_be_visible()
    page.context.set_offline(True)
    page.clock.fast_forward(HALF_A_MINUTE_MS)
    expect(page.get_by_text(re.compile(r"No connection: as of 10:\d\d"))).to_be_visible()
    expect(page.get_by_role("heading", name="Film")).to_be_visible()
    page.context.set_offline(False)
    page.clock.fast_forward(HALF_A_MINUTE_MS)
    expect(page.get_by_text("No connection")).to_be_hidden()


def test_door_is_free_until_somebody_comes(page: Page, house: House) -> None:
    screen(page, house, space=house.atlas.id)
    expect(page.get_by_text("for the rest of the day")).to_be_visible()
    expect(page.get_by_alt_text("Code that books the next half hour")).to_be_visible()
    house.add_booking(house.atlas, start=9, end=11, title="Choir", days=(-1,))
    page.clock.fast_forward(HALF_A_MINUTE_MS)
    expect(page.locator(".word")).to_contain_text("in use")
    expect(page.get_by_text("until 11:00")).to_be_visible()
    expect(page.get_by_text("Busy").first).to_be_visible()
    expect(page.get_by_alt_text("Code that books the next half hour")).to_be_hidden()
