"""Fair use while booking: how one stands is told before anything is saved."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from booking.core.values import Stance
from tests.browser.steps import dialog, enter, open_board, said, slot
from tests.support.factories import House

HOUR = timedelta(hours=1)


def test_form_tells_what_is_left_and_that_more_asks(page: Page, house: House) -> None:
    house.count_use(month_hours=3 * HOUR, over=Stance.ASK)
    house.add_booking(house.birch, start=14, end=16)
    enter(page, house, house.member)
    open_board(page, house)
    slot(page, house.atlas, "10:00").click()
    form, outlook = dialog(page), dialog(page).locator("[data-outlook]")
    form.get_by_label("What for").fill("Choir")
    form.get_by_label("End", exact=True).select_option("10:30")
    expect(outlook).to_contain_text("Ours: 2 h of 3 h in March 2027 are used; this takes 30 min.")
    expect(form.get_by_role("button", name="Book", exact=True)).to_be_visible()
    form.get_by_label("End", exact=True).select_option("12:00")
    expect(outlook).to_contain_text("this takes 2 h.")
    form.locator("button.primary").click()
    expect(said(page)).to_contain_text("Requested: Choir")
    page.goto("/bookings")
    page.get_by_role("link", name="Our use").click()
    expect(page.get_by_role("main")).to_contain_text("4 h of 3 h at most")
