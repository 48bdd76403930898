"""Two people at the same moment, each in a browser of their own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.steps import block, dialog, enter, lane, open_board, said, slot
from tests.support.browser import Watch
from tests.support.factories import House


@pytest.fixture
def other(another: Callable[[], Page], house: House) -> Page:
    """The browser of somebody else, signed in."""
    return enter(another(), house, house.stranger)


def test_one_of_two_gets_the_slot_and_the_other_is_told(
    page: Page, other: Page, house: House, watch: Watch
) -> None:
    watch.expected.add(409)
    enter(page, house, house.member)
    people = {"Choir": page, "Chess": other}
    waiting: list[Route] = []

    def wait_for_both(route: Route) -> None:
        waiting.append(route)
        if len(waiting) == len(people):
            for each in waiting:
                each.continue_()

    for title, browser in people.items():
        browser.route("**/bookings", wait_for_both, times=1)
        open_board(browser, house)
        slot(browser, house.atlas, "10:00").click()
        dialog(browser).get_by_label("What for").fill(title)
    for browser in people.values():
        dialog(browser).get_by_role("button", name="Book", exact=True).click()
    for browser in people.values():
        expect(browser.locator("#status:not(:empty), #dialog .conflict")).to_be_visible()
    losers = {title: it for title, it in people.items() if dialog(it).is_visible()}
    assert len(losers) == 1, "exactly one wins"
    ((lost, loser),) = losers.items()
    ((won, _),) = people.items() - losers.items()
    expect(dialog(loser)).to_contain_text("This time is already taken")
    expect(dialog(loser).get_by_role("listitem").filter(has_text=won)).to_be_visible()
    dialog(loser).get_by_role("button", name="11:00–12:00").click()
    expect(dialog(loser)).to_be_hidden()
    for browser in people.values():
        open_board(browser, house)
        expect(block(lane(browser, house.atlas), won)).to_contain_text("10:00–11:00")
        expect(block(lane(browser, house.atlas), lost)).to_contain_text("11:00–12:00")


def test_board_that_was_out_of_sight_shows_what_others_booked(page: Page, house: House) -> None:
    enter(page, house, house.member)
    open_board(page, house)
    house.add_booking(house.birch, title="Chess", by=house.stranger)
    page.clock.run_for(6 * 60_000)
    expect(block(lane(page, house.birch), "Chess")).to_be_visible()


def test_answer_that_got_lost_books_once(page: Page, house: House) -> None:
    enter(page, house, house.member)
    open_board(page, house)
    # Delta takes any number of requests for one time: only the form's key tells two posts apart.
    slot(page, house.delta, "10:00").click()
    dialog(page).get_by_label("What for").fill("Choir")

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/bookings", lose_answer, times=1)
    dialog(page).get_by_role("button", name="Send the request").click()
    expect(said(page)).to_contain_text("The service does not answer.")
    dialog(page).get_by_role("button", name="Send the request").click()
    expect(dialog(page)).to_be_hidden()
    expect(block(lane(page, house.delta), "Choir")).to_have_count(1)
