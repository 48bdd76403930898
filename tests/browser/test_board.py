"""The board in the browser: days and weeks, filters, states, and booking by a click."""

import pytest
from playwright.sync_api import Page, expect

from booking.core.values import State
from tests.browser.steps import block, dialog, enter, lane, open_board, said, slot
from tests.support.factories import House


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A page that a member is signed in to."""
    return enter(page, house, house.member)


def test_day_shows_the_rooms_side_by_side(member: Page, house: House) -> None:
    open_board(member, house)
    boxes = [lane(member, room).bounding_box() for room in house.rooms]
    assert len({box["y"] for box in boxes if box}) == 1
    lefts = [box["x"] for box in boxes if box]
    assert len(lefts) == 4
    assert lefts == sorted(set(lefts))


def test_steps_lead_through_the_days(member: Page, house: House) -> None:
    open_board(member, house)
    heading = member.get_by_role("heading", level=1)
    for name, day in (("Next day", "12 March"), ("Previous day", "11 March"), ("Today", "10 Mar")):
        member.get_by_role("link", name=name).click()
        expect(heading).to_contain_text(day)
    member.get_by_role("link", name="Week").click()
    expect(heading).to_contain_text("8 – 14 March")
    member.get_by_role("link", name="Next week").click()
    expect(heading).to_contain_text("15 – 21 March")


def test_date_picker_leads_to_a_day(member: Page, house: House) -> None:
    open_board(member, house)
    member.get_by_label("Choose a date").click()
    field = member.get_by_label("Date", exact=True)
    field.fill("2027-06-01")
    field.press("Enter")
    expect(member.get_by_role("heading", level=1)).to_contain_text("1 June")
    expect(member).to_have_url(f"/board/{house.site.slug}/day/2027-06-01")


def test_filter_applies_itself_and_stays_in_the_address(member: Page, house: House) -> None:
    open_board(member, house)
    member.get_by_label("Seats").select_option("20")
    expect(lane(member, house.atlas)).to_have_count(0)
    expect(lane(member, house.cedar)).to_be_visible()
    address = member.url
    member.get_by_role("link", name="Next day").click()
    expect(member.get_by_role("heading", level=1)).to_contain_text("12 March")
    expect(lane(member, house.atlas)).to_have_count(0)
    member.goto(address)
    expect(lane(member, house.atlas)).to_have_count(0)
    member.get_by_role("link", name="Show all").click()
    expect(lane(member, house.atlas)).to_be_visible()


def test_week_of_one_room_has_a_column_for_each_day(member: Page, house: House) -> None:
    house.add_booking(house.birch, days=(0, 1), title="Yoga")
    open_board(member, house, view="week")
    member.get_by_label("Spaces").select_option("Birch")
    expect(member.locator("#board")).to_have_class("board room rows-48")
    expect(lane(member, house.birch)).to_have_count(7)
    expect(block(member, "Yoga")).to_have_count(2)


def test_states_are_told_in_words(member: Page, house: House) -> None:
    house.add_booking(house.atlas, title="Mine")
    house.add_booking(house.cedar, title="Asked", by=house.stranger, state=State.REQUESTED)
    house.add_booking(house.birch, title="Secret", by=house.stranger, visibility="private")
    house.add_booking(house.delta, start=9, title="Film", by=house.stranger)
    house.add_closure(12, 14, space_id=house.atlas.id, reason="Painters")
    open_board(member, house)
    expect(block(member, "Mine")).to_contain_text("my booking")
    expect(block(member, "Asked")).to_contain_text("To be approved")
    expect(block(lane(member, house.birch), "Busy")).to_be_visible()
    expect(block(member, "Film")).not_to_contain_text("my booking")
    expect(lane(member, house.atlas)).to_contain_text("Closed Painters")
    expect(lane(member, house.delta)).to_contain_text("Set-up")
    expect(member.get_by_text("Secret")).to_have_count(0)


def test_now_line_goes_on_by_itself(member: Page, house: House) -> None:
    open_board(member, house, day=-1)
    line = lane(member, house.atlas).locator(".now")
    before, column = line.bounding_box(), lane(member, house.atlas).bounding_box()
    member.clock.run_for(280_000)  # after five minutes the board is fetched anew
    after = line.bounding_box()
    assert before
    assert after
    assert column
    minute = column["height"] / (12 * 60)
    assert after["y"] - before["y"] == pytest.approx(4 * minute, abs=minute / 2)


def test_click_books_what_was_clicked(member: Page, house: House) -> None:
    open_board(member, house)
    slot(member, house.birch, "10:30").click()
    form = dialog(member)
    expect(form.get_by_label("Birch")).to_be_checked()
    expect(form.get_by_label("Start")).to_have_value("10:30")
    expect(form.get_by_label("End", exact=True)).to_have_value("11:30")
    form.get_by_label("What for").fill("Reading circle")
    form.get_by_role("button", name="Book", exact=True).click()
    expect(form).to_be_hidden()
    expect(said(member)).to_contain_text("Booked: Reading circle, Birch")
    expect(block(lane(member, house.birch), "Reading circle")).to_contain_text("10:30–11:30")


def test_booking_on_the_board_opens_as_a_dialog(member: Page, house: House) -> None:
    house.add_booking(house.atlas, title="Choir", by=house.stranger)
    open_board(member, house)
    block(member, "Choir").click()
    expect(dialog(member).get_by_role("heading", name="Choir")).to_be_visible()
    expect(dialog(member)).to_contain_text("Stranger")
    member.keyboard.press("Escape")
    expect(dialog(member)).to_be_hidden()
    expect(block(member, "Choir").locator("a")).to_be_focused()


@pytest.mark.parametrize("view", ["day", "week", "month", "list"])
def test_every_view_can_be_printed(page: Page, house: House, view: str) -> None:
    house.add_booking(house.atlas, title="Choir", by=house.member)
    enter(page, house, house.member)
    page.goto(f"/board/{house.site.slug}/{view}/{house.at(0):%Y-%m-%d}")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("main").get_by_text(house.site.name).last).to_be_visible()
    expect(page.get_by_text("Choir").first).to_be_visible()
    for hidden in (".main-nav", ".book-now", ".steps", ".filters", ".foot"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
