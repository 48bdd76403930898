"""Whose time it is changes hands: an administrator displaces."""

from playwright.sync_api import Page, expect

from tests.browser.steps import block, dialog, enter, lane, open_board, said, slot
from tests.browser.test_keyboard import focused, tab_to
from tests.support.browser import Watch
from tests.support.factories import House


def test_an_administrator_displaces_with_the_keyboard_alone(
    page: Page, house: House, watch: Watch
) -> None:
    watch.expected.add(409)
    house.add_booking(start=11, end=12, by=house.stranger, title="Yoga")
    open_board(enter(page, house, house.admin), house)
    slot(page, house.atlas, "10:00").focus()
    page.keyboard.press("Enter")
    form = dialog(page)
    expect(form.get_by_label("What for")).to_be_focused()
    page.keyboard.type("Council")
    form.get_by_label("End", exact=True).select_option("12:00")
    tab_to(page, form.get_by_role("button", name="Book", exact=True))
    page.keyboard.press("Enter")
    expect(focused(page)).to_contain_text("This time is already taken")
    tab_to(page, form.locator("summary").filter(has_text="Book anyway and displace"))
    page.keyboard.press("Enter")
    expect(form.locator(".giving-way")).to_contain_text("Yoga")
    displace = form.get_by_role("button", name="Displace and book")
    tab_to(page, displace)
    page.keyboard.press("Enter")
    expect(form.get_by_text("Give a reason.")).to_be_visible()
    tab_to(page, form.get_by_label("Reason, for those who have to give way"))
    page.keyboard.type("The mayor comes.")
    tab_to(page, displace)
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Booked: Council")
    expect(block(lane(page, house.atlas), "Council")).to_contain_text("10:00–12:00")
    expect(block(page, "Yoga")).to_have_count(0)
