"""Whose time it is changes hands: displaced, handed over, swapped."""

from collections.abc import Callable

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


def test_a_booking_is_handed_over_with_the_keyboard_alone(page: Page, house: House) -> None:
    booking_id = house.add_booking(title="Yoga", days=(0, 7))
    enter(page, house, house.member).goto(f"/bookings/{booking_id}")
    tab_to(page, page.get_by_role("link", name="Hand over"))
    page.keyboard.press("Enter")
    form = dialog(page)
    expect(form.get_by_label("To whom")).to_be_focused()
    page.keyboard.type("Man")
    expect(form.get_by_label("To whom")).to_have_value(str(house.manager.person_id))
    page.keyboard.press("Tab")
    page.keyboard.type("I move away.")
    tab_to(page, form.get_by_role("button", name="Hand over"))
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    expect(page.locator(".essence")).to_contain_text("Manager")
    expect(page.get_by_role("link", name="Hand over")).to_have_count(0)


def test_two_people_swap(page: Page, another: Callable[[], Page], house: House) -> None:
    house.add_booking(title="Choir", by=house.member)
    theirs = house.add_booking(house.birch, start=14, end=16, title="Yoga", by=house.stranger)
    open_board(enter(page, house, house.member), house)
    block(page, "Yoga").locator("a").first.focus()
    page.keyboard.press("Enter")
    tab_to(page, dialog(page).get_by_role("link", name="Propose a swap"))
    page.keyboard.press("Enter")
    form = dialog(page)
    expect(form.get_by_role("radio")).to_be_checked()
    tab_to(page, form.get_by_label("A word with it"))
    page.keyboard.type("I have a class before.")
    tab_to(page, form.get_by_role("button", name="Propose"))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Proposed.")

    other = enter(another(), house, house.stranger)
    other.goto(f"/bookings/{theirs}")
    expect(other.get_by_role("region", name="Member proposes a swap")).to_contain_text("Atlas")
    tab_to(other, other.get_by_role("button", name="Swap"))
    other.keyboard.press("Enter")
    expect(other.get_by_role("status").first).to_contain_text("Swapped.")
    open_board(page, house)
    expect(block(lane(page, house.birch), "Choir")).to_contain_text("14:00–16:00")
    expect(block(lane(page, house.atlas), "Yoga")).to_contain_text("10:00–11:00")
