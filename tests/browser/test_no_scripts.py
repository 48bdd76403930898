"""The main job without JavaScript: links and forms alone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from booking.core.values import SpaceKind, State
from tests.browser.steps import (
    block,
    choose_room,
    date_of,
    enter,
    fold_out,
    lane,
    open_board,
    slot,
)
from tests.support.browser import Watch
from tests.support.factories import PASSWORD, House

pytestmark = pytest.mark.parametrize("scripts", [False], ids=["no-scripts"])


def submit(page: Page) -> None:
    """Press the button of the form."""
    page.locator("main .booking-form button.primary").click()


def told(page: Page) -> Locator:
    """Return what the page says about what was just done."""
    return page.locator(".flashes")


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A page without scripts that a member is signed in to."""
    return enter(page, house, house.member)


def test_a_room_is_booked_by_links_and_forms(page: Page, house: House) -> None:
    page.goto("/")
    page.get_by_label("E-mail address").fill(house.email(house.member))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Next day").click()
    slot(page, house.atlas, "10:00").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Book a room")
    page.get_by_label("What for").fill("Choir")
    submit(page)
    expect(told(page)).to_contain_text("Booked: Choir, Atlas")
    expect(block(lane(page, house.atlas), "Choir")).to_contain_text("10:00–11:00")
    page.get_by_label("Account of Member").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_board_is_found_by_links_and_forms(member: Page, house: House) -> None:
    open_board(member, house)
    member.get_by_label("Seats").select_option("20")
    member.get_by_role("button", name="Apply").click()
    expect(lane(member, house.atlas)).to_have_count(0)
    member.get_by_label("Choose a date").click()
    member.get_by_label("Date", exact=True).fill("2027-04-01")
    member.get_by_role("button", name="Show", exact=True).click()
    expect(member.get_by_role("heading", level=1)).to_contain_text("1 April")
    expect(lane(member, house.atlas)).to_have_count(0)
    member.get_by_role("link", name="Week").click()
    expect(member.get_by_role("heading", level=1)).to_contain_text("29 Mar – 4 Apr")


def test_errors_keep_what_was_typed(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(422)
    member.goto(f"/bookings/new?space={house.atlas.id}&date={date_of(house)}&start=10:00")
    fold_out(member, "More options")
    member.get_by_label("Note for the reception").fill("Keep this")
    submit(member)
    expect(member.get_by_label("What for")).to_have_attribute("aria-invalid", "true")
    expect(member.get_by_label("Note for the reception")).to_have_value("Keep this")


def test_clash_offers_alternatives_as_buttons(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(409)
    house.add_booking(house.atlas, title="Chess", by=house.stranger)
    member.goto(f"/bookings/new?space={house.atlas.id}&date={date_of(house)}&start=10:00")
    member.get_by_label("What for").fill("Choir")
    submit(member)
    expect(member.get_by_role("heading", name="This time is already taken")).to_be_visible()
    expect(member.get_by_role("main")).to_contain_text("Chess · Theirs")
    member.get_by_role("button", name="Birch").click()
    expect(block(lane(member, house.birch), "Choir")).to_contain_text("10:00–11:00")


def test_series_is_made_and_skips_what_is_taken(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(409)
    house.add_booking(house.atlas, days=(1,), title="Chess", by=house.stranger)
    member.goto(f"/bookings/new?space={house.atlas.id}&date={date_of(house)}&start=10:00")
    member.get_by_label("What for").fill("Yoga")
    fold_out(member, "Repeat")
    member.get_by_label("How often").select_option("Every day")
    member.get_by_label("a number of dates").check()
    member.get_by_label("Number of dates", exact=True).fill("3")
    submit(member)
    member.get_by_role("button", name="Book the other 2 dates").click()
    expect(told(member)).to_contain_text("2 dates")


def test_booking_is_changed_copied_and_cancelled(member: Page, house: House) -> None:
    house.add_booking(house.atlas, title="Choir")
    open_board(member, house)
    block(member, "Choir").locator("a").click()
    member.get_by_role("link", name="Change").click()
    member.get_by_label("Start").select_option("09:00")
    choose_room(member.locator("main"), house.birch)
    submit(member)
    expect(block(lane(member, house.birch), "Choir")).to_contain_text("09:00–11:00")
    block(lane(member, house.birch), "Choir").locator("a").click()
    member.get_by_role("link", name="Duplicate").click()
    member.get_by_label("Start").select_option("13:00")
    member.get_by_label("End", exact=True).select_option("14:00")
    submit(member)
    expect(block(lane(member, house.birch), "Choir")).to_have_count(2)
    block(lane(member, house.birch), "09:00").locator("a").click()
    member.get_by_role("link", name="Cancel").click()
    member.get_by_label("Reason").fill("Ill")
    member.get_by_role("button", name="Cancel the booking").click()
    expect(told(member)).to_contain_text("Cancelled: Choir")
    expect(member.get_by_role("main")).to_contain_text("Reason: Ill")


def test_request_is_approved_and_another_refused(page: Page, house: House) -> None:
    for title, start in (("Lecture", 10), ("Concert", 14)):
        house.add_booking(
            house.cedar, start=start, end=start + 1, title=title, state=State.REQUESTED
        )
    enter(page, house, house.approver)
    page.goto("/approvals")
    page.get_by_role("button", name="Approve Lecture").click()
    expect(told(page)).to_contain_text("Approved.")
    page.locator("summary").filter(has_text="Refuse").click()
    page.get_by_label("Reason").fill("Painters")
    page.get_by_role("button", name="Refuse with this reason").click()
    expect(told(page)).to_contain_text("Refused.")
    enter(page, house, house.member).goto("/inbox")
    expect(page.locator(".notice")).to_have_count(2)
    expect(page.locator(".notice").filter(has_text="Concert")).to_contain_text("Painters")


def test_theme_and_language_are_chosen(member: Page, house: House) -> None:
    open_board(member, house)
    member.get_by_role("button", name="Light or dark").click()
    expect(member.locator("html")).to_have_attribute("data-theme", "dark")
    member.get_by_role("link", name="Français").click()
    expect(member.locator("html")).to_have_attribute("lang", "fr")
    expect(member.get_by_role("heading", level=1)).to_contain_text("11 mars")


def test_a_permanence_is_made_and_given_up_for_a_day(
    page: Page, house: House, watch: Watch
) -> None:
    watch.expected.add(422)
    enter(page, house, house.manager)
    page.goto("/bookings/permanences/new")
    page.get_by_label("What visitors come for").fill("Advice")
    choose_room(page, house.birch)
    page.get_by_label("First day").fill("2027-03-11")
    page.get_by_label("A few words").fill("Bring your papers")
    page.get_by_label("by appointment").check()
    submit(page)
    expect(page.get_by_text("Say how an appointment is made")).to_be_visible()
    page.locator("[name=phone]").fill("04 75 00 00 00")
    submit(page)
    expect(told(page)).to_contain_text("what visitors read")
    page.get_by_role("button", name="Not that day").first.click()
    expect(told(page)).to_contain_text("nobody receives that day")
    page.goto("/permanences")
    expect(page.locator(".permanence").first).to_contain_text("Bring your papers")
    expect(page.locator(".standing").first).to_have_text("Not that day")


def test_a_desk_is_booked_and_given_back(member: Page, house: House) -> None:
    house.add_space("Desk 1", kind=SpaceKind.DESK)
    member.goto("/desks")
    member.get_by_role("button", name="Desk 1, Friday 12 March, morning").click()
    expect(told(member)).to_contain_text("Booked: Desk 1")
    member.get_by_role("button", name="give back").click()
    expect(told(member)).to_contain_text("Given back")


def test_a_free_stretch_leads_to_a_lease(page: Page, house: House) -> None:
    house.add_office("Office 7", bookable=False)
    enter(page, house, house.admin)
    page.goto("/timeline?view=year")
    page.get_by_role("link", name="Office 7: free from").click()
    expect(page.get_by_label("First day")).to_have_value("2027-01-01")
