"""Dragging on the board with the mouse: what it makes, moves, lengthens, and leaves alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import Mouse, block, dialog, enter, grip, lane, open_board, point, said
from tests.support.browser import Watch
from tests.support.factories import House


@pytest.fixture
def posts() -> list[str]:
    """What ``member`` sent."""
    return []


@pytest.fixture
def member(page: Page, house: House, posts: list[str]) -> Page:
    """A page that a member is signed in to, with a booking of hers and one of somebody else."""
    house.add_booking(house.atlas, start=9, end=10, title="Choir")
    house.add_booking(house.birch, start=12, end=14, title="Chess", by=house.stranger)
    enter(page, house, house.member)
    open_board(page, house)
    page.on("request", lambda request: posts.append(request.url) if request.post_data else None)
    return page


def test_drag_over_free_time_books_it(member: Page, house: House) -> None:
    with Mouse(member, point(member, house.birch, 9.1)) as mouse:
        mouse.to(*point(member, house.birch, 10.75))
        expect(member.locator(".sketch")).to_have_attribute("data-label", "09:00–10:45")
    form = dialog(member)
    expect(form.get_by_label("Birch")).to_be_checked()
    expect(form.get_by_label("Start")).to_have_value("09:00")
    expect(form.get_by_label("End", exact=True)).to_have_value("10:45")
    expect(member.locator(".sketch")).to_have_count(0)
    form.get_by_label("What for").fill("Tea")
    form.get_by_label("What for").press("Enter")
    expect(block(lane(member, house.birch), "Tea")).to_contain_text("09:00–10:45")


def test_drag_upwards_books_the_same(member: Page, house: House) -> None:
    with Mouse(member, point(member, house.birch, 10.6)) as mouse:
        mouse.to(*point(member, house.birch, 9.5))
    expect(dialog(member).get_by_label("Start")).to_have_value("09:30")
    expect(dialog(member).get_by_label("End", exact=True)).to_have_value("10:45")


def test_drag_moves_a_booking_to_another_room_and_time(member: Page, house: House) -> None:
    with Mouse(member, point(member, house.atlas, 9.5)) as mouse:
        mouse.to(*point(member, house.birch, 11))
        expect(block(member, "Choir")).to_have_class("bk at-4 for-4 mine own lifted")
    expect(block(lane(member, house.birch), "Choir")).to_contain_text("10:30–11:30")
    expect(said(member)).to_contain_text("Birch")
    expect(block(lane(member, house.atlas), "Choir")).to_have_count(0)
    expect(dialog(member)).to_be_hidden()
    member.reload()
    expect(block(lane(member, house.birch), "Choir")).to_contain_text("10:30–11:30")


def test_drag_of_the_edge_lengthens_a_booking(member: Page, house: House) -> None:
    with Mouse(member, grip(member, "Choir")) as mouse:
        mouse.to(*point(member, house.atlas, 11.25))
    expect(block(lane(member, house.atlas), "Choir")).to_contain_text("09:00–11:15")
    with Mouse(member, grip(member, "Choir")) as mouse:
        mouse.to(*point(member, house.atlas, 8))
    expect(block(lane(member, house.atlas), "Choir")).to_contain_text("09:00–09:15")


@pytest.mark.parametrize("kind", ["move", "resize", "create"])
def test_escape_ends_a_drag_without_a_trace(
    member: Page, house: House, posts: list[str], kind: str
) -> None:
    start = {
        "move": point(member, house.atlas, 9.4),
        "resize": grip(member, "Choir"),
        "create": point(member, house.atlas, 10.5),
    }[kind]
    with Mouse(member, start) as mouse:
        mouse.to(*point(member, house.atlas, 12))
        expect(member.locator(".sketch")).to_be_visible()
        member.keyboard.press("Escape")
        expect(member.locator(".sketch")).to_have_count(0)
        mouse.to(*point(member, house.atlas, 11))
    expect(block(lane(member, house.atlas), "Choir")).to_have_class("bk at-4 for-4 mine own")
    expect(block(lane(member, house.atlas), "Choir")).to_contain_text("09:00–10:00")
    expect(dialog(member)).to_be_hidden()
    assert posts == []


def test_refused_drag_shows_who_is_there_and_moves_nothing(
    member: Page, house: House, watch: Watch
) -> None:
    watch.expected.add(409)
    with Mouse(member, point(member, house.atlas, 9.5)) as mouse:
        mouse.to(*point(member, house.birch, 13))
    refusal = dialog(member)
    expect(refusal.get_by_role("heading", name="This time is already taken")).to_be_visible()
    expect(refusal).to_contain_text("Chess · Theirs")
    expect(refusal.get_by_label("Start")).to_have_value("12:30")
    member.keyboard.press("Escape")
    expect(refusal).to_be_hidden()
    expect(block(lane(member, house.atlas), "Choir")).to_have_class("bk at-4 for-4 mine own")
    member.reload()
    expect(block(lane(member, house.atlas), "Choir")).to_contain_text("09:00–10:00")


def test_refused_drag_goes_on_with_one_tap(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(409)
    with Mouse(member, point(member, house.atlas, 9.5)) as mouse:
        mouse.to(*point(member, house.birch, 13))
    dialog(member).get_by_role("button", name="Atlas").click()
    expect(dialog(member)).to_be_hidden()
    expect(block(lane(member, house.atlas), "Choir")).to_contain_text("12:30–13:30")


def test_bookings_of_others_stay(member: Page, house: House, posts: list[str]) -> None:
    expect(block(member, "Chess").locator(".grip")).to_have_count(0)
    with Mouse(member, point(member, house.birch, 12.5)) as mouse:
        mouse.to(*point(member, house.birch, 10))
        expect(member.locator(".sketch")).to_have_count(0)
    expect(block(lane(member, house.birch), "Chess")).to_contain_text("12:00–14:00")
    assert posts == []


def test_drag_that_comes_back_sends_nothing(member: Page, house: House, posts: list[str]) -> None:
    with Mouse(member, point(member, house.atlas, 9.5)) as mouse:
        mouse.to(*point(member, house.atlas, 12))
        mouse.to(*point(member, house.atlas, 9.5))
    expect(block(member, "Choir")).to_have_class("bk at-4 for-4 mine own")
    expect(member.locator(".sketch")).to_have_count(0)
    expect(dialog(member)).to_be_hidden()
    assert posts == []


def test_drag_moves_over_the_days_of_a_week(member: Page, house: House) -> None:
    open_board(member, house, view="week")
    box = block(member, "Choir").bounding_box()
    friday = member.locator(f"#board .lane[data-space='{house.atlas.id}']").nth(4).bounding_box()
    assert box
    assert friday
    with Mouse(member, (box["x"] + 8, box["y"] + 8)) as mouse:
        mouse.to(friday["x"] + 8, box["y"] + 8)
    expect(said(member)).to_contain_text("Friday, 12 March 2027")
    moved = member.locator("#board .col").filter(has_text="Fri").locator(".bk")
    expect(moved).to_contain_text("09:00–10:00")
