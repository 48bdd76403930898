"""What takes place where, and what is free: boards, plans, rooms, searches, permanences."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from booking.core.values import Policy, SpaceKind
from tests.browser.pages.opening import Opener, path
from tests.browser.steps import date_of, dialog, open_board
from tests.support.factories import House


def path_of(view: str) -> Opener:
    """Return what opens the planning in a view without a grid."""
    return lambda page, house: path(f"/board/house/{view}/{date_of(house)}")(page, house)


def board(view: str, query: str = "", *, day: int = 0) -> Opener:
    """Return what opens a board."""

    def opened(page: Page, house: House) -> None:
        asked = query.format(house=house)
        page.goto(f"/board/{house.site.slug}/{view}/{date_of(house, day)}?{asked}")

    return opened


def account_menu(page: Page, house: House) -> None:
    """Open the menu of the account."""
    open_board(page, house)
    page.get_by_label(re.compile("Account of")).click()


def meeting(page: Page, house: House) -> None:
    """Open what was found for two people, one of them busy by the own calendar."""
    house.add_busy(house.interval(9, 12), by=house.manager)
    path(f"/find/people?person=me&person={house.manager.person_id}")(page, house)


def plan(page: Page, house: House) -> None:
    """Open the plan of a floor with rooms in each state."""
    house.add_floor(house.atlas, house.birch, house.cedar, house.delta)
    page.goto(f"/plan?at={date_of(house)}T10:30")


def card(page: Page, house: House) -> None:
    """Open the card of a room as a dialog."""
    page.goto(f"/plan?at={date_of(house)}T10:30")
    page.locator(".plan-list a").first.click()
    expect(dialog(page).get_by_role("heading").first).to_be_visible()


def check_in(page: Page, house: House) -> None:
    """Open the page of a room where somebody is awaited, as its code on the door does."""
    room = house.add_space("Elm", policy=Policy(check_in=timedelta(minutes=15)))
    house.add_booking(room, days=(-1,), start=10, end=11)
    page.goto(f"/spaces/{room.id}")
    expect(page.get_by_role("button", name="Check in")).to_be_visible()


def desks(page: Page, house: House) -> None:
    """Book a desk, and look at the week."""
    for number in range(3):
        desk = house.add_space(f"Desk {number}", kind=SpaceKind.DESK)
        house.add_booking(desk, start=8, end=13, by=house.stranger, visibility="private")
    page.goto("/desks")
    page.get_by_role("button", name=re.compile("Desk 1, Thursday .* afternoon")).click()
    expect(page.get_by_role("status").first).to_contain_text("Booked: Desk 1")


def timeline(page: Page, house: House) -> None:
    """Open a month of an office that is free."""
    house.add_office("Office 7")
    page.goto("/timeline")
    expect(page.get_by_role("link", name=re.compile("Office 7: free from"))).to_be_visible()


def with_permanences(opens: Opener) -> Opener:
    """Return what lets the organisation receive people, and opens a page of it."""

    def opened(page: Page, house: House) -> None:
        house.add_permanence(house.birch, start=18, end=19, days=(1, 2), title="Advice")
        house.add_permanence(house.birch, start=20, end=21, days=(-1, 1), title="Help", link="")
        opens(page, house)
        expect(page.get_by_text("Advice").first).to_be_visible()

    return opened


def wrong_permanence(page: Page, _house: House) -> None:
    """Make the form of a permanence complain."""
    page.goto("/bookings/permanences/new")
    page.get_by_label("by appointment").check()
    page.get_by_role("button", name="Make the permanence").click()
    expect(page.get_by_text("Say how an appointment is made")).to_be_visible()


def public_event(page: Page, house: House) -> None:
    """Open the page of something public."""
    house.add_booking(house.delta, start=20, end=22, title="Film evening", visibility="public")
    page.goto(f"/programme?month={house.at(0):%Y-%m}")
    page.get_by_role("link", name="Film evening").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Film evening")


MEMBERS = {
    "boards": (
        board("day"),
        board("day", day=-1),
        board("week"),
        board("week", "space={house.atlas.id}"),
        path_of("month"),
        path_of("list"),
        board("day", "capacity=9999"),
        account_menu,
    ),
    "search": (
        path("/find?attendance=5&length=90"),
        path("/find?attendance=many&weekday=8"),
        path("/find?attendance=9999"),
        path("/find/series"),
        lambda page, house: path(f"/find/together?space={house.atlas.id}")(page, house),
        path("/find/together"),
        meeting,
    ),
    "rooms": (lambda page, house: path(f"/spaces/{house.atlas.id}")(page, house), check_in),
    "plan": (
        plan,
        card,
        lambda page, house: path(f"/plan/spaces/{house.atlas.id}")(page, house),
    ),
    "desks": (desks, path("/desks?by=day")),
    "timeline": tuple(path(f"/timeline?view={view}") for view in ("day", "week", "year")),
    "permanences": (
        with_permanences(path("/permanences?view=month")),
        path("/bookings/permanences"),
    ),
}
ADMINS = {
    "timeline": (timeline,),
    "permanences": (with_permanences(path("/bookings/permanences")), wrong_permanence),
    "programme": (
        path("/programme"),
        path("/programme?month=2027-12"),
        public_event,
        path("/embed/programme"),
    ),
}
