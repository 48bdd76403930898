"""The page that makes a calendar link: the address, its copy, its QR code, its end."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import enter
from tests.support.factories import House


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A page that a member is signed in to, where a copy may be read back."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return enter(page, house, house.member)


def make_link(page: Page, follow: str) -> str:
    """Make a link, and return its address."""
    page.goto("/calendars")
    page.get_by_label("What to follow").select_option(follow)
    page.get_by_label("Name of the link").fill("Phone")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your new calendar link")
    return page.locator("#https-link").inner_text()


def test_link_shows_addresses_and_code(member: Page) -> None:
    address = make_link(member, "My bookings")
    webcal = member.locator("#webcal-link").inner_text()
    assert webcal == address.replace("http://", "webcal://")
    code = member.get_by_role("img", name="QR code of the calendar link")
    assert code.evaluate("it => it.complete && it.naturalWidth") > 100
    expect(member.get_by_role("link", name="Open in the calendar")).to_have_attribute(
        "href", webcal
    )
    member.get_by_text("Google Calendar", exact=True).click()
    expect(member.get_by_text("usually every 12 to 24 hours")).to_be_visible()


def test_copy_copies_the_address(member: Page) -> None:
    address = make_link(member, "My bookings")
    button = member.get_by_role("button", name="Copy the address")
    button.click()
    expect(button).to_have_class("btn done")
    assert member.evaluate("navigator.clipboard.readText()") == address


def test_feed_of_the_link_ends_with_it(member: Page, house: House) -> None:
    house.add_booking(house.birch, title="Choir")
    house.add_booking(house.birch, start=12, end=13, title="Secret", visibility="private")
    address = make_link(member, "Birch")
    stranger = member.context.browser
    assert stranger
    outside = stranger.new_context()
    feed = outside.request.get(address)
    assert feed.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:Choir" in feed.text()
    member.goto("/calendars")
    line = member.get_by_role("row").filter(has_text="Phone")
    expect(line).to_contain_text("Birch")
    line.get_by_role("button", name="Revoke").click()
    expect(member.get_by_role("main")).to_contain_text("No calendar link yet")
    assert outside.request.get(address).status == 404
    outside.close()
