"""The account, its calendars, other people and those who are invited."""

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.pages.opening import Opener, path
from tests.ical.reading.calendars import calendar, event
from tests.support.factories import House


def connected(page_of_it: str, **more: str) -> Opener:
    """Return what opens a page of a connected calendar that stopped."""

    def opened(page: Page, house: House) -> None:
        id_ = house.add_connection(state="stopped", reason="remote_denied", **more)
        path(f"/calendars/connections/{id_}{page_of_it}")(page, house)

    return opened


def calendar_link(page: Page, _house: House) -> None:
    """Make a calendar link."""
    page.goto("/calendars")
    page.get_by_label("Name of the link").fill("Phone")
    page.get_by_role("button", name="Make the link").click()
    page.evaluate("document.querySelectorAll('main details').forEach(it => it.open = true)")


def calendar_file(page: Page, _house: House) -> None:
    """Look at a calendar file: a series that clashes, an event that is left out."""
    page.goto("/calendars/import")
    body = calendar(event("RRULE:FREQ=DAILY;COUNT=4"), event("RRULE:FREQ=HOURLY", uid="two"))
    file = FilePayload(name="choir.ics", mimeType="text/calendar", buffer=body)
    page.get_by_label("Calendar file").set_input_files(files=[file])
    page.get_by_label("Into which room").select_option("Atlas")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("button", name="Book 1 event")).to_be_visible()


def person(page: Page, house: House) -> None:
    """Open the page of a person."""
    path(f"/people/{house.manager.person_id}")(page, house)


def invitation_link(page: Page, _house: House) -> None:
    """Invite somebody."""
    page.goto("/people/invite")
    page.get_by_label("E-mail address").fill("new@example.org")
    page.get_by_role("button", name="Make the link").click()
    expect(page.locator("#link")).to_be_visible()


def invitation(page: Page, house: House) -> None:
    """Open an invitation as the one who got it."""
    invitation_link(page, house)
    address = page.locator("#link").inner_text()
    page.context.clear_cookies()
    page.goto(address)


MEMBERS = {
    "account": (
        path("/profile"),
        path("/calendars"),
        path("/calendars/filter?site=house"),
        calendar_link,
        path("/profile/devices"),
        path("/calendars/import"),
        calendar_file,
    ),
    "connections": (
        path("/calendars/connections"),
        path("/calendars/connections/new"),
        connected("/choose"),
        connected(""),
        connected("/disconnect"),
        connected("/password"),
        connected("/password", scheme="oauth", provider="cloud"),
        connected("/busy"),
    ),
}
ADMINS = {
    "people": (path("/people"), person, path("/people?q=nobody"), path("/people/invite")),
    "invitation": (invitation_link, invitation, path("/sign-in")),
}
