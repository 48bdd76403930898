"""A series in the browser: one date by form, by keyboard and by drag; this and following."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import Mouse, block, date_of, dialog, enter, lane, open_board, point
from tests.support.factories import House


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A page that a member is signed in to."""
    return enter(page, house, house.member)


def test_one_date_is_changed_with_the_keyboard_alone(member: Page, house: House) -> None:
    house.add_booking(house.atlas, days=(0, 7, 14), rule="FREQ=WEEKLY;COUNT=3")
    open_board(member, house, day=7)
    link = block(member, "Choir").get_by_role("link")
    link.focus()
    member.keyboard.press("Enter")
    dialog(member).get_by_role("link", name="Change", exact=True).focus()
    member.keyboard.press("Enter")
    form = dialog(member)
    expect(form.get_by_role("heading", name="Change one date")).to_be_visible()
    expect(form.get_by_label("Day", exact=True)).to_have_value(date_of(house, 7))
    title = form.get_by_label("What for")
    title.focus()
    title.fill("Concert")
    form.get_by_label("Start").focus()
    member.keyboard.type("14:00")
    form.get_by_label("End", exact=True).focus()
    member.keyboard.type("15:00")
    expect(form.get_by_text("This time is free.")).to_be_visible()
    form.get_by_role("button", name="Save this date").focus()
    member.keyboard.press("Enter")
    expect(block(member, "Concert")).to_contain_text("14:00–15:00")
    open_board(member, house, day=14)
    expect(block(member, "Choir")).to_contain_text("10:00–11:00")


def test_following_dates_become_a_series_of_their_own(member: Page, house: House) -> None:
    series = house.add_booking(house.atlas, days=(0, 7, 14), rule="FREQ=WEEKLY;COUNT=3")
    member.goto(f"/bookings/{series}")
    member.get_by_role("listitem").get_by_role("link", name="Change").nth(1).click()
    dialog(member).get_by_role("link", name="This and following").click()
    form = dialog(member)
    expect(form.get_by_role("heading", name="this and the following")).to_be_visible()
    expect(form.get_by_label("Day", exact=True)).to_have_value(date_of(house, 7))
    form.get_by_label("Start").select_option("16:00")
    form.get_by_label("End", exact=True).select_option("17:00")
    expect(form.get_by_text("They become a series of their own")).to_be_visible()
    form.get_by_role("button", name="Save", exact=True).click()
    expect(dialog(member)).to_have_count(0)
    open_board(member, house)
    expect(block(member, "Choir")).to_contain_text("10:00–11:00")
    open_board(member, house, day=14)
    expect(block(member, "Choir")).to_contain_text("16:00–17:00")


def test_dragged_date_of_a_series_moves_alone(member: Page, house: House) -> None:
    house.add_booking(house.atlas, days=(0, 7, 14), rule="FREQ=WEEKLY;COUNT=3")
    open_board(member, house, day=7)
    with Mouse(member, point(member, house.atlas, 10.5)) as mouse:
        mouse.to(*point(member, house.birch, 13.5))
    expect(block(lane(member, house.birch), "Choir")).to_contain_text("13:00–14:00")
    open_board(member, house, day=14)
    expect(block(lane(member, house.atlas), "Choir")).to_contain_text("10:00–11:00")
