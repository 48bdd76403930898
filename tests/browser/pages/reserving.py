"""One's own bookings: forms, refusals, series, swaps, lists."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.pages.opening import Opener, booking, path
from tests.browser.steps import block, choose_room, date_of, dialog, fold_out, open_board, slot
from tests.support.factories import House


def short_of(title: str) -> Opener:
    """Return what opens a booking as a dialog."""

    def opened(page: Page, house: House) -> None:
        open_board(page, house)
        block(page, title).first.click()
        expect(dialog(page).get_by_role("heading", name=title)).to_be_visible()

    return opened


def form_dialog(page: Page, house: House) -> None:
    """Open the form as a dialog, everything unfolded."""
    open_board(page, house)
    slot(page, house.atlas, "12:00").click()
    choose_room(dialog(page), house.cedar)
    for name in ("All day", "Repeat", "More options"):
        fold_out(dialog(page), name)
    dialog(page).get_by_label("How often").select_option("Every week")


def errors_dialog(page: Page, house: House) -> None:
    """Make the form complain."""
    form_dialog(page, house)
    dialog(page).locator("button.primary").click()
    expect(dialog(page).get_by_text("Say what the booking is for.")).to_be_visible()


def clash(page: Page, house: House) -> None:
    """Make the form refuse, as a page."""
    day = date_of(house)
    page.goto(f"/bookings/new?space={house.birch.id}&date={day}&start=10:00")
    page.get_by_label("What for").fill("Tea")
    page.locator("main button.primary").click()
    expect(page.get_by_role("heading", name="This time is already taken")).to_be_visible()


def series_clash(page: Page, house: House) -> None:
    """Make the form refuse a date of a series."""
    day = date_of(house)
    page.goto(f"/bookings/new?space={house.birch.id}&date={day}&start=10:00")
    page.get_by_label("What for").fill("Tea")
    fold_out(page.locator("main"), "Repeat")
    page.get_by_label("How often").select_option("Every week")
    page.locator("main button.primary").click()
    expect(page.get_by_role("group", name="Leave these dates out?")).to_be_visible()


def clash_dialog(page: Page, house: House) -> None:
    """Make the form refuse, as a dialog."""
    open_board(page, house)
    slot(page, house.birch, "09:00").click()
    dialog(page).get_by_label("What for").fill("Tea")
    dialog(page).get_by_label("Start").select_option("10:30")
    dialog(page).locator("button.primary").click()
    expect(dialog(page)).to_contain_text("This time is already taken")


def swap(page: Page, house: House) -> None:
    """Propose a swap without saying for what, then do it, and open what comes of it."""
    theirs = house.add_booking(house.cedar, start=9, end=10, by=house.stranger, title="Tango")
    house.add_booking(house.atlas, start=12, end=13, by=house.member, title="Lunch")
    page.goto(f"/bookings/{theirs}/swap")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_text("Choose one of your bookings.")).to_be_visible()


def swap_proposed(page: Page, house: House) -> None:
    """Open the page of a booking that somebody proposes to swap."""
    theirs = house.add_booking(house.birch, start=16, end=17, by=house.stranger, title="Tango")
    page.goto(f"/bookings/{theirs}/swap")
    page.get_by_role("radio").first.check()
    page.get_by_label("A word with it").fill("I have a class then.")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()


def date_of_series(page: Page, house: House) -> None:
    """Open the form of one date of a series."""
    series = house.add_booking(house.birch, days=(0, 1), title="Singing", start=18, end=19)
    page.goto(f"/bookings/{series}")
    href = page.get_by_role("link", name="Change").nth(1).get_attribute("href")
    page.goto(str(href))
    expect(page.get_by_role("heading", name="Change one date")).to_be_visible()


def date_dialog(page: Page, house: House) -> None:
    """Open the form of one date as a dialog."""
    page.goto("/bookings")
    page.get_by_role("link", name="Singing").first.click()
    page.get_by_role("listitem").get_by_role("link", name="Change").nth(1).click()
    expect(page.get_by_role("dialog").get_by_text("This and following")).to_be_visible()


def next_season(page: Page, house: House) -> None:
    """Open the page of a series that is asked whether it goes on."""
    series = house.add_booking(house.birch, days=(20,), title="Fencing", rule="FREQ=WEEKLY")
    house.ask_about_season(series)
    page.goto(f"/bookings/{series}")
    expect(page.get_by_role("heading", name="Keep the place next season?")).to_be_visible()


def season_question(page: Page, house: House) -> None:
    """Open the question as the link of a mail does, with "give back" in front."""
    page.goto("/bookings")
    page.locator(".asked-seasons").get_by_role("link", name="Fencing").click()
    page.goto(f"{page.url}?answer=end")
    expect(page.get_by_role("heading", name="Give the place back?")).to_be_visible()


def our_use(page: Page, house: House) -> None:
    """Open what one's organisation may have and has."""
    house.count_use(included=timedelta(hours=20), coming=9)
    page.goto("/bookings/use")


MEMBERS = {
    "forms": (path("/bookings/new"), form_dialog, errors_dialog, booking("Yoga", "/edit")),
    "refusals": (clash, series_clash, clash_dialog, path("/nothing"), path("/approvals")),
    "bookings": (
        booking("Yoga"),
        booking("Busy"),
        booking("Lecture"),
        booking("Yoga", "/needed?answer=end"),
        next_season,
        season_question,
        short_of("Choir"),
        booking("Yoga", "/cancel"),
        booking("Yoga", "/hand-over"),
    ),
    "series": (date_of_series, date_dialog),
    "swaps": (swap, swap_proposed),
    "lists": (
        path("/bookings"),
        path("/bookings?show=waiting"),
        path("/bookings?of=house&q=yoga"),
        path("/bookings?show=past"),
        our_use,
        path("/our-leases"),
        path("/inbox"),
        path("/waiting"),
    ),
}
