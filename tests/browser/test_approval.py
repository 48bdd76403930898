"""A request, from the one who asks to the one who decides and back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from booking.core.values import State
from tests.browser.steps import block, dialog, enter, lane, open_board, said, slot
from tests.support.browser import Watch
from tests.support.factories import House


@pytest.fixture
def approver(another: Callable[[], Page], house: House) -> Page:
    """The browser of the one who decides, signed in."""
    return enter(another(), house, house.approver)


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """The browser of the one who asks, signed in."""
    return enter(page, house, house.member)


def ask(page: Page, house: House) -> None:
    """Ask for Cedar on the board."""
    open_board(page, house)
    slot(page, house.cedar, "15:00").click()
    dialog(page).get_by_label("What for").fill("Lecture")
    dialog(page).get_by_role("button", name="Send the request").click()
    expect(said(page)).to_contain_text("Requested: Lecture, Cedar")
    expect(block(lane(page, house.cedar), "Lecture")).to_contain_text("To be approved")


def card(page: Page, title: str) -> Locator:
    """Return a request of the queue."""
    page.goto("/approvals")
    return page.locator(".request").filter(has=page.get_by_role("heading", name=title, exact=True))


def answer_of(page: Page) -> Locator:
    """Follow the mark in the header to the message, and return it."""
    page.goto("/bookings")
    page.get_by_role("link", name="Inbox, 1 new message").click()
    return page.locator(".notice").filter(has_text="Lecture")


def test_approved_request_is_confirmed_for_the_member(
    member: Page, approver: Page, house: House
) -> None:
    ask(member, house)
    approver.goto("/bookings")
    approver.get_by_role("link", name="Approvals 1 request waits").click()
    request = approver.locator(".request").filter(has_text="Lecture")
    expect(request).to_contain_text("Member · Ours")
    expect(request).to_contain_text("Thursday, 11 March 2027, 15:00–16:00")
    request.get_by_role("button", name="Approve").click()
    expect(approver.get_by_role("status").first).to_contain_text("Approved.")
    expect(approver.get_by_role("main")).to_contain_text("Nothing waits for you")
    expect(answer_of(member)).to_contain_text("Approved: Lecture, Cedar")
    member.get_by_role("link", name="Open").click()
    expect(member.locator(".tag.is-confirmed").first).to_be_visible()
    open_board(member, house)
    expect(block(lane(member, house.cedar), "Lecture")).not_to_contain_text("To be approved")


def test_refused_request_comes_back_with_the_reason(
    member: Page, approver: Page, house: House
) -> None:
    ask(member, house)
    request = card(approver, "Lecture")
    request.locator("summary").click()
    request.get_by_role("button", name="Refuse with this reason").click()
    expect(request.get_by_label("Reason")).to_be_focused()  # it is required
    request.get_by_label("Reason").fill("The room is being painted")
    request.get_by_role("button", name="Refuse with this reason").click()
    expect(approver.get_by_role("status").first).to_contain_text("Refused.")
    expect(answer_of(member)).to_contain_text("The room is being painted")
    member.get_by_role("button", name="Mark as read").first.click()
    expect(member.get_by_role("link", name="Inbox", exact=True)).to_be_visible()
    member.goto("/bookings")
    line = member.get_by_role("listitem").filter(has_text="Lecture")
    expect(line).to_contain_text("Refused")
    expect(line).to_contain_text("The room is being painted")
    open_board(member, house)
    expect(slot(member, house.cedar, "15:00")).to_be_visible()


def test_rivals_stand_side_by_side(approver: Page, page: Page, house: House) -> None:
    for title, person, start in (("One", house.member, 14), ("Two", house.stranger, 15)):
        house.add_booking(
            house.delta, start=start, end=17, by=person, title=title, state=State.REQUESTED
        )
    request = card(approver, "One")
    expect(request).to_contain_text(
        "Another request asks for the same time: Two (Theirs: nothing in three months)"
    )
    expect(request.get_by_role("listitem").filter(has_text="15:00–17:00")).to_contain_text("rival")
    request.get_by_label("Refuse the other request").uncheck()
    request.get_by_role("button", name="Approve").click()
    expect(card(approver, "Two")).to_contain_text("This time is taken by now: One")


def test_rival_is_refused_and_takes_what_it_is_offered(
    approver: Page, page: Page, house: House
) -> None:
    for title, person in (("One", house.member), ("Two", house.stranger)):
        house.add_booking(house.delta, by=person, title=title, state=State.REQUESTED)
    card(approver, "One").get_by_role("button", name="Approve").click()
    expect(approver.get_by_role("main")).to_contain_text("Nothing waits for you")
    stranger = enter(page, house, house.stranger)
    stranger.goto("/inbox")
    expect(stranger.get_by_role("main")).to_contain_text("Another request was chosen")
    stranger.get_by_role("main").get_by_role("link").first.click()
    stranger.get_by_role("button", name="Take it").click()
    expect(stranger.get_by_role("main")).to_contain_text("Booked. The house had agreed before.")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Two")


def test_time_that_is_taken_by_now_cannot_be_approved(
    approver: Page, page: Page, house: House, watch: Watch
) -> None:
    watch.expected.add(409)
    house.add_booking(house.delta, by=house.stranger, title="Two", state=State.REQUESTED)
    request = card(approver, "Two")
    house.add_booking(house.delta, title="Quick one")
    request.get_by_role("button", name="Approve").click()
    expect(approver.get_by_role("heading", name="Taken by now")).to_be_visible()
    expect(approver.get_by_role("main")).to_contain_text("Quick one")


def test_decided_by_somebody_else_is_said(approver: Page, page: Page, house: House) -> None:
    house.add_booking(house.cedar, title="Lecture", state=State.REQUESTED)
    admin = enter(page, house, house.admin)
    first, second = card(approver, "Lecture"), card(admin, "Lecture")
    first.get_by_role("button", name="Approve").click()
    expect(approver.get_by_role("main")).to_contain_text("Nothing waits for you")
    second.get_by_role("button", name="Approve").click()
    expect(admin.locator(".note.warning")).to_be_visible()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Lecture")


def test_another_room_is_proposed_and_accepted(member: Page, approver: Page, house: House) -> None:
    ask(member, house)
    card(approver, "Lecture").get_by_role("link", name="Propose something else").click()
    approver.get_by_label("Words to whoever asks").fill("It has more light.")
    approver.get_by_label("Cedar").uncheck()
    approver.get_by_label("Delta").check()
    approver.get_by_label("Words to whoever asks").press("Enter")
    expect(approver.get_by_role("main")).to_contain_text("Proposed, not yet answered")
    expect(answer_of(member)).to_contain_text("It has more light.")
    member.get_by_role("main").get_by_role("link", name="Open").first.click()
    member.get_by_role("button", name="Take it").click()
    expect(member.locator(".tag.is-confirmed").first).to_be_visible()
    open_board(member, house)
    expect(block(lane(member, house.delta), "Lecture")).to_be_visible()
    approver.goto("/inbox")
    expect(approver.get_by_role("main")).to_contain_text("Member accepts your offer")


def test_dates_of_a_series_are_chosen_with_the_keyboard(approver: Page, house: House) -> None:
    house.add_booking(
        house.cedar, by=house.member, title="Choir", days=(0, 7, 14), state=State.REQUESTED
    )
    card(approver, "Choir").get_by_role("link", name="Look closer").press("Enter")
    second = approver.get_by_label("Thursday, 18 March 2027")
    second.focus()
    approver.keyboard.press("Space")
    expect(second).not_to_be_checked()
    approver.get_by_role("button", name="Approve").press("Enter")
    expect(approver.get_by_role("main")).to_contain_text("The other dates wait on.")
    expect(card(approver, "Choir")).to_contain_text("18 March")


def test_several_requests_are_approved_at_once(approver: Page, house: House) -> None:
    for title, day in (("One", 0), ("Two", 1), ("Three", 2)):
        house.add_booking(
            house.cedar, by=house.member, title=title, days=(day,), state=State.REQUESTED
        )
    approver.goto("/approvals")
    for title in ("One", "Three"):
        approver.get_by_label(f"Choose {title}").check()
    approver.get_by_role("button", name="Approve the ticked").click()
    expect(approver.get_by_role("status").first).to_contain_text("2 requests approved.")
    expect(card(approver, "Two")).to_be_visible()
    expect(card(approver, "One")).to_have_count(0)


def test_enter_in_a_reason_decides_nothing(approver: Page, house: House) -> None:
    """Whoever writes a reason has not said yet what it is for."""
    for title, day in (("One", 0), ("Two", 1)):
        house.add_booking(
            house.cedar, by=house.member, title=title, days=(day,), state=State.REQUESTED
        )
    approver.goto("/approvals")
    approver.get_by_label("Choose One").check()
    approver.locator("#several-reason").fill("Works")
    approver.locator("#several-reason").press("Enter")
    expect(approver.locator("#several-reason")).to_have_value("Works")
    card(approver, "One").get_by_role("link", name="Look closer").click()
    reason = approver.get_by_label("Reason, or words to whoever asks")
    reason.fill("Works")
    reason.press("Enter")
    expect(reason).to_have_value("Works")
    expect(card(approver, "One")).to_be_visible()
