"""Requests, offers, and bookings that give way."""

from playwright.sync_api import Page, expect

from booking.core.values import State
from tests.browser.pages.opening import path
from tests.browser.pages.reserving import clash
from tests.browser.steps import enter, fold_out
from tests.support.factories import House


def displacing(page: Page, house: House) -> None:
    """Be refused as somebody who may displace, and forget to say why."""
    clash(page, house)
    fold_out(page, "Book anyway and displace")
    page.get_by_role("button", name="Displace and book").click()
    expect(page.get_by_text("Give a reason.")).to_be_visible()


def request(page: Page, house: House) -> None:
    """Open the page of a series that has a rival, with a proposal for it."""
    asked = house.add_booking(
        house.delta,
        start=15,
        end=16,
        days=(4, 5),
        by=house.manager,
        title="Opera",
        state=State.REQUESTED,
    )
    house.add_booking(
        house.delta,
        start=15,
        end=16,
        days=(4,),
        by=house.stranger,
        title="Debate",
        state=State.REQUESTED,
    )
    page.goto(f"/approvals/{asked}/propose")
    page.get_by_label("Words to whoever asks").fill("It is lighter there.")
    page.get_by_role("button", name="Delta").first.click()
    expect(page.get_by_role("heading", name="Proposed, not yet answered")).to_be_visible()


def proposal(page: Page, house: House) -> None:
    """Propose what is taken."""
    asked = house.add_booking(
        house.delta, start=18, end=19, days=(6,), title="Opera", state=State.REQUESTED
    )
    house.add_booking(house.birch, start=18, end=19, days=(6,), title="Quick one")
    page.goto(f"/approvals/{asked}/propose")
    page.get_by_label("Delta").uncheck()
    page.get_by_label("Birch").check()
    page.get_by_role("button", name="Propose this").last.click()
    expect(page.get_by_text("That is taken:")).to_be_visible()


def inbox(page: Page, house: House) -> None:
    """Let the admin refuse a request, and open the inbox of the one who asked."""
    path("/approvals")(page, house)
    page.get_by_label("Reason", exact=True).first.fill("Painters")
    page.get_by_role("button", name="Refuse with this reason").first.click()
    enter(page, house, house.member).goto("/inbox")
    expect(page.locator(".notice")).to_have_count(1)


def offer(page: Page, house: House) -> None:
    """Approve one of two rivals, and open the page of the other one as its owner."""
    rival = 0
    for title, person in (("Opera", house.admin), ("Debate", house.member)):
        rival = house.add_booking(
            house.delta, start=18, end=19, days=(3,), by=person, title=title, state=State.REQUESTED
        )
    page.goto("/approvals")
    page.get_by_role("button", name="Approve Opera").click()
    enter(page, house, house.member).goto(f"/bookings/{rival}")
    expect(page.get_by_role("button", name="Take it")).to_be_visible()


ADMINS = {
    "approvals": (path("/approvals"), request, proposal, inbox),
    "offers": (displacing, offer),
}
