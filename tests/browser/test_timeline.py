"""Planning a lease from the timeline: dragged with the mouse, by keyboard, without scripts."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from booking.core.values import Space
from tests.browser.steps import Finger, enter
from tests.support.browser import PHONE
from tests.support.factories import House

GAP = re.compile("Office 7: free from 1 Mar 2027 to 31 Mar 2027")


@pytest.fixture
def office(house: House) -> Space:
    return house.add_office("Office 7", bookable=False)


@pytest.fixture
def timeline(page: Page, house: House, office: Space) -> Page:
    """The month as an administrator sees it."""
    enter(page, house, house.admin)
    page.goto("/timeline")
    return page


def drag(page: Page, first: int, last: int) -> None:
    """Drag over the free stretch from one day of the month to another."""
    rect = page.get_by_role("link", name=GAP).locator("rect")
    rect.scroll_into_view_if_needed()
    box = rect.bounding_box()
    assert box
    a_day, y = box["width"] / 31, box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + (first - 0.5) * a_day, y)
    page.mouse.down()
    page.mouse.move(box["x"] + (last - 0.5) * a_day, y, steps=5)
    expect(page.locator(".picked")).to_be_visible()
    page.mouse.up()


def test_dragged_days_are_in_the_form_with_what_they_would_meet(
    timeline: Page, house: House, office: Space
) -> None:
    drag(timeline, 20, 12)
    expect(timeline.get_by_label("First day")).to_have_value("2027-03-12")
    expect(timeline.get_by_label("Last day")).to_have_value("2027-03-20")
    expect(timeline.locator("[name=space]")).to_have_value(str(office.id))


def test_escape_lets_go(timeline: Page) -> None:
    rect = timeline.get_by_role("link", name=GAP).locator("rect")
    rect.scroll_into_view_if_needed()
    box = rect.bounding_box()
    assert box
    timeline.mouse.move(box["x"] + 50, box["y"] + 5)
    timeline.mouse.down()
    timeline.mouse.move(box["x"] + 200, box["y"] + 5, steps=4)
    timeline.keyboard.press("Escape")
    expect(timeline.locator(".picked")).to_have_count(0)


def test_keyboard_reaches_a_free_stretch(timeline: Page, office: Space) -> None:
    timeline.get_by_role("link", name="Office 7", exact=True).focus()
    timeline.keyboard.press("Tab")
    expect(timeline.get_by_role("link", name=GAP)).to_be_focused()
    timeline.keyboard.press("Enter")
    expect(timeline.get_by_label("First day")).to_have_value("2027-03-01")
    expect(timeline.get_by_label("Last day")).to_have_value("")


def test_arrow_keys_choose_the_days(timeline: Page) -> None:
    timeline.get_by_role("link", name=GAP).focus()
    timeline.keyboard.press("ArrowRight")
    timeline.keyboard.press("ArrowRight")
    timeline.keyboard.press("Shift+ArrowLeft")
    expect(timeline.locator("#status")).to_have_text("3 March – 30 March")
    timeline.keyboard.press("Enter")
    expect(timeline.get_by_label("First day")).to_have_value("2027-03-03")
    expect(timeline.get_by_label("Last day")).to_have_value("2027-03-30")


@pytest.mark.parametrize("look", [PHONE], ids=str)
def test_a_finger_chooses_days_after_a_rest(timeline: Page, look: object) -> None:
    rect = timeline.get_by_role("link", name=GAP).locator("rect")
    rect.scroll_into_view_if_needed()
    box = rect.bounding_box()
    assert box
    a_day, y = box["width"] / 31, box["y"] + box["height"] / 2
    x = max(box["x"], 150)  # the names of the spaces lie over what is before
    with Finger(timeline, (x + 0.5 * a_day, y)) as finger:
        finger.rest()
        expect(timeline.locator(".picked")).to_be_visible()
        finger.to(x + 3.5 * a_day, y)
    expect(timeline.get_by_label("Last day")).not_to_have_value("")
    days = [
        date.fromisoformat(timeline.get_by_label(name).input_value())
        for name in ("First day", "Last day")
    ]
    assert days[1] - days[0] == timedelta(days=3)


def test_head_leads_to_a_closer_view(timeline: Page) -> None:
    timeline.get_by_role("link", name="Thursday 11 March").click()
    expect(timeline.get_by_role("heading", name="Thursday 11 March 2027")).to_be_visible()
    timeline.get_by_role("navigation", name="View").get_by_role("link", name="Year").click()
    timeline.get_by_role("link", name="February 2027").click()
    expect(timeline.get_by_role("heading", name="February 2027")).to_be_visible()
