"""The search for free time: by keyboard, by thumb, without scripts, and from a clash."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import date_of, dialog, enter, open_board, slot
from tests.browser.test_keyboard import tab_to
from tests.browser.test_phone import assert_fits
from tests.support.browser import PHONE, Watch
from tests.support.factories import House


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A page that a member is signed in to."""
    return enter(page, house, house.member)


def test_a_room_is_found_and_booked_with_the_keyboard_alone(member: Page, house: House) -> None:
    house.add_space("Studio", capacity=14, features=("video",))
    member.goto("/find")
    tab_to(member, member.get_by_label("People"))
    member.keyboard.type("12")
    tab_to(member, member.get_by_label("How long"))
    member.keyboard.press("ArrowDown")
    tab_to(member, member.locator("summary").filter(has_text="What it has to have"))
    member.keyboard.press("Enter")
    tab_to(member, member.get_by_label("video conference"))
    member.keyboard.press("Space")
    member.keyboard.press("Enter")
    expect(member.get_by_role("heading", level=2).first).to_have_text("Wednesday, 10 March 2027")
    expect(member.locator(".found-room b").first).to_have_text("Studio")
    first = member.get_by_role("link", name="Studio, Thu 11 Mar, 08:00–09:30")
    tab_to(member, first)
    member.keyboard.press("Enter")
    expect(dialog(member).get_by_label("What for")).to_be_focused()
    member.keyboard.type("Radio play")
    member.keyboard.press("Enter")
    expect(member.locator(".flashes")).to_contain_text("Booked: Radio play, Studio")
    expect(first).to_have_count(0)
    expect(member.get_by_role("link", name="Studio, Thu 11 Mar, 09:30–11:00")).to_be_visible()


def test_several_rooms_are_booked_in_one_tap(member: Page, house: House) -> None:
    member.goto("/find/together")
    for room in (house.atlas, house.birch):
        member.get_by_label(room.name).check()
    member.get_by_label("From").fill(date_of(house))
    member.get_by_role("button", name="Search").click()
    member.get_by_role("link", name="Atlas, Birch, Thu 11 Mar, 08:00–09:00").click()
    dialog(member).get_by_label("What for").fill("Fair")
    dialog(member).get_by_role("button", name="Book", exact=True).click()
    expect(member.locator(".flashes")).to_contain_text("Booked: Fair, Atlas, Birch")


def test_a_clash_of_a_series_leads_to_rooms_for_all_dates(
    member: Page, house: House, watch: Watch
) -> None:
    watch.expected.add(409)
    house.add_booking(house.birch, days=(7, 14), start=9, end=10)
    open_board(member, house)
    slot(member, house.birch, "09:00").click()
    form = dialog(member)
    form.get_by_label("What for").fill("Choir")
    form.locator("summary").filter(has_text="Repeat").click()
    form.get_by_label("How often").select_option("Every week")
    form.get_by_role("button", name="Book", exact=True).click()
    form.get_by_role("link", name="Find a room for all dates of this series").click()
    free = member.locator(".found li").filter(has_text="Atlas")
    expect(free).to_contain_text("free at all dates")
    expect(member.locator(".found li").filter(has_text="Birch")).to_contain_text("11 of 13 dates")
    free.get_by_role("link", name="Book Atlas").click()
    expect(dialog(member).get_by_label("What for")).to_have_value("Choir")
    dialog(member).get_by_role("button", name="Book", exact=True).click()
    expect(member.locator(".flashes")).to_contain_text("Booked: Choir, Atlas, 13 dates")


@pytest.mark.parametrize("look", [PHONE], ids=str)
def test_a_room_is_found_and_booked_with_the_thumb(member: Page, house: House) -> None:
    member.goto("/")
    member.get_by_role("link", name="Find a room").tap()
    member.get_by_label("People").fill("5")
    member.get_by_role("button", name="Search").tap()
    expect(member.locator("#found")).to_be_in_viewport()
    assert_fits(member)
    member.get_by_role("link", name="Birch, Thu 11 Mar, 08:00–09:00").tap()
    dialog(member).get_by_label("What for").fill("Choir")
    dialog(member).get_by_role("button", name="Book", exact=True).tap()
    expect(member.locator(".flashes")).to_contain_text("Booked: Choir, Birch")


@pytest.mark.parametrize("scripts", [False], ids=["no-scripts"])
def test_a_room_is_found_and_booked_without_scripts(member: Page, house: House) -> None:
    member.goto("/find")
    member.get_by_label("How long").select_option("2 h")
    member.get_by_role("button", name="Search").click()
    member.get_by_role("link", name="Atlas, Thu 11 Mar, 08:00–10:00").click()
    member.get_by_label("What for").fill("Choir")
    member.locator("main .booking-form button.primary").click()
    expect(member.locator(".flashes")).to_contain_text("Booked: Choir, Atlas")


@pytest.mark.parametrize("scripts", [False], ids=["no-scripts"])
def test_a_time_for_two_is_found_with_the_keyboard_and_without_scripts(
    member: Page, house: House
) -> None:
    house.add_busy(house.interval(8, 10), by=house.manager)
    member.goto(f"/find/people?first={date_of(house)}&last={date_of(house)}")
    member.get_by_label("Add somebody").fill("manager")
    member.keyboard.press("Enter")
    expect(member.locator("#board")).to_contain_text("busy 08:00–10:00")
    slot_of = member.locator("#board").get_by_role("link", name="10:00–11:00, Birch")
    expect(slot_of).to_have_count(1)
    first = member.get_by_role("link", name="Birch, Thu 11 Mar, 10:00–11:00")
    tab_to(member, first)
    member.keyboard.press("Enter")
    expect(member.locator("[name=guest]")).to_be_checked()
    member.get_by_label("What for").fill("Talk")
    member.locator("main .booking-form button.primary").click()
    expect(member.locator(".flashes")).to_contain_text("Booked: Talk, Birch")
