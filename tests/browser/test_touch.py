"""Dragging on the board with a finger: a rest makes a drag, a swipe stays a swipe."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import (
    HOLD_MS,
    Finger,
    block,
    dialog,
    enter,
    grip,
    lane,
    open_board,
    point,
    said,
)
from tests.support.browser import PHONE, Watch
from tests.support.factories import House

pytestmark = pytest.mark.parametrize("look", [PHONE], ids=str)


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A phone that a member is signed in with, with a booking of hers and one of somebody else."""
    house.add_booking(house.atlas, start=9, end=10, title="Choir")
    house.add_booking(house.birch, start=10, end=11, title="Chess", by=house.stranger)
    enter(page, house, house.member)
    open_board(page, house)
    return page


def test_finger_moves_a_booking_after_a_rest(member: Page, house: House) -> None:
    with Finger(member, point(member, house.atlas, 9.5)) as finger:
        finger.rest()
        finger.to(*point(member, house.birch, 11.75))
        expect(member.locator(".sketch")).to_have_attribute("data-label", "11:15–12:15")
    expect(block(lane(member, house.birch), "Choir")).to_contain_text("11:15–12:15")
    expect(said(member)).to_contain_text("Birch")
    expect(dialog(member)).to_be_hidden()


def test_finger_lengthens_a_booking_by_its_edge(member: Page, house: House) -> None:
    with Finger(member, grip(member, "Choir")) as finger:
        finger.to(*point(member, house.atlas, 11))
    expect(block(lane(member, house.atlas), "Choir")).to_contain_text("09:00–11:00")


def test_finger_books_free_time_after_a_rest(member: Page, house: House) -> None:
    with Finger(member, point(member, house.atlas, 10.6)) as finger:
        finger.rest()
        finger.to(*point(member, house.atlas, 12))
    expect(dialog(member).get_by_label("Start")).to_have_value("10:30")
    expect(dialog(member).get_by_label("End", exact=True)).to_have_value("12:00")


def test_swipe_scrolls_and_moves_nothing(member: Page, house: House) -> None:
    with Finger(member, point(member, house.atlas, 9.5)) as finger:
        finger.rest(HOLD_MS - 1)
        finger.to(*point(member, house.atlas, 8.2), steps=10)
        expect(member.locator(".sketch")).to_have_count(0)
    expect(block(lane(member, house.atlas), "Choir")).to_have_class("bk at-4 for-4 mine own")
    member.clock.run_for(HOLD_MS)  # nothing was waiting for the finger
    expect(member.locator(".sketch")).to_have_count(0)
    assert member.locator("#board").evaluate("it => it.scrollTop") > 0


def test_tap_opens_the_booking(member: Page) -> None:
    block(member, "Choir").locator("a").tap()
    expect(dialog(member).get_by_role("heading", name="Choir")).to_be_visible()


def test_refused_finger_moves_nothing(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(409)
    with Finger(member, point(member, house.atlas, 9.5)) as finger:
        finger.rest()
        finger.to(*point(member, house.birch, 10.5))
    expect(dialog(member)).to_contain_text("This time is already taken")
    dialog(member).get_by_role("button", name="Close").first.tap()
    expect(dialog(member)).to_be_hidden()
    expect(block(lane(member, house.atlas), "Choir")).to_contain_text("09:00–10:00")
