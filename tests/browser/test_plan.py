"""The plan in the browser: moved through the day, asked by keyboard, drawn by mouse and finger."""

import re

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect
from sqlalchemy import select

from booking.models import Space as SpaceRow
from tests.browser.steps import Finger, date_of, dialog, enter
from tests.support.browser import PHONE, Watch
from tests.support.factories import House


@pytest.fixture
def floor(house: House) -> int:
    """A floor with two rooms, one of them booked from 10 to 12."""
    house.add_booking(house.atlas, start=10, end=12, title="Choir")
    return house.add_floor(house.atlas, house.birch)


def spot(page: Page, name: str) -> Locator:
    """Return a room of the plan or of its editor, by the start of its name."""
    return page.locator(".plan .spot").and_(page.get_by_label(re.compile(f"^{name}: ")))


def shape(house: House, name: str) -> list[list[float]] | None:
    """Return what is stored."""
    with house.engine.connect() as connection:
        return connection.execute(select(SpaceRow.shape).where(SpaceRow.name == name)).scalar_one()


def box(left: float, top: float, width: float, depth: float) -> list[list[float]]:
    right, bottom = left + width, top + depth
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def test_slider_moves_the_plan_through_the_day(page: Page, house: House, floor: int) -> None:
    enter(page, house, house.member)
    page.goto(f"/plan?at={date_of(house)}T09:45")
    expect(spot(page, "Atlas")).to_have_attribute("aria-label", "Atlas: free until 10:00")
    slider = page.get_by_role("slider", name="Time of the day")
    slider.focus()
    slider.press("ArrowRight")
    expect(spot(page, "Atlas")).to_have_attribute("aria-label", "Atlas: in use until 12:00")
    expect(page.locator("#plan-clock")).to_have_text("10:00")
    symbol = spot(page, "Atlas").locator("use")
    expect(page.locator(symbol.get_attribute("href") or "")).to_be_attached()
    expect(page.locator(".plan-list").get_by_role("link", name="Atlas")).to_contain_text("Choir")
    assert page.url.endswith("at=" + f"{date_of(house)}T10%3A00")
    page.reload()
    expect(spot(page, "Atlas")).to_have_attribute("aria-label", "Atlas: in use until 12:00")


def test_card_is_opened_by_keyboard_and_books(page: Page, house: House, floor: int) -> None:
    enter(page, house, house.member)
    page.goto(f"/plan?at={date_of(house)}T10:30")
    spot(page, "Atlas").focus()
    page.keyboard.press("ArrowRight")
    expect(spot(page, "Birch")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("heading", name="Birch")).to_be_visible()
    dialog(page).get_by_role("link", name="Book it").click()
    expect(dialog(page).get_by_label("Start")).to_have_value("10:30")
    dialog(page).get_by_label("What for").fill("Tea")
    dialog(page).get_by_role("button", name="Book", exact=True).click()
    expect(spot(page, "Birch")).to_have_attribute("aria-label", "Birch: in use until 11:30")


@pytest.mark.parametrize("scripts", [False])
def test_without_scripts_the_form_does(page: Page, house: House, floor: int, scripts: bool) -> None:
    enter(page, house, house.member)
    page.goto("/plan")
    page.get_by_label("Day", exact=True).fill(date_of(house))
    page.get_by_role("slider").fill("630")
    page.get_by_role("button", name="Show").click()
    expect(spot(page, "Atlas")).to_have_attribute("aria-label", "Atlas: in use until 12:00")
    page.locator(".plan-list").get_by_role("link", name="Atlas").click()
    expect(page.get_by_role("heading", name="Atlas")).to_be_visible()


def edit(page: Page, house: House, floor: int) -> Page:
    enter(page, house, house.admin)
    page.goto(f"/admin/floors/{floor}/plan")
    expect(spot(page, "Atlas")).to_be_visible()
    return page


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the floor, in metres, is on the screen."""
    found = page.evaluate(
        """([x, y]) => {
          const to = new DOMPoint(x * 100, y * 100).matrixTransform(
            document.getElementById('board').getScreenCTM());
          return [to.x, to.y];
        }""",
        [x, y],
    )
    return found[0], found[1]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *end), steps=4)
    page.mouse.up()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save the plan").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_rooms_are_moved_resized_and_drawn_with_the_mouse(
    page: Page, house: House, floor: int
) -> None:
    edit(page, house, floor)
    drag(page, (9, 3), (15.07, 6.06))  # Birch, to the grid of 25 cm
    expect(page.locator("#draw-told")).to_contain_text("Birch: 6 × 5 m, 30.00 m², 12 from the left")
    spot(page, "Atlas").click()
    drag(page, (6, 5), (12.05, 5.02))  # the corner of Atlas, to the wall of Birch
    page.get_by_label("Space", exact=True).select_option(label="Cedar")
    drag(page, (20, 1), (24, 4))
    save(page)
    assert shape(house, "Birch") == box(12, 3, 6, 5)
    assert shape(house, "Atlas") == box(0, 0, 12, 5)
    assert shape(house, "Cedar") == box(20, 1, 4, 3)


def test_all_of_it_goes_by_keyboard(page: Page, house: House, floor: int) -> None:
    edit(page, house, floor)
    spot(page, "Birch").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator("#draw-told")).to_contain_text(
        "Birch: 6.25 × 4.75 m, 29.69 m², 6.25 from the left, 0.5 from the top"
    )
    page.keyboard.press("Enter")
    page.keyboard.type("Birch room")
    page.get_by_label("Space", exact=True).select_option(label="Cedar")
    page.get_by_role("button", name="Put it on the plan").press("Enter")
    spot(page, "Cedar").press("Delete")
    expect(page.locator("#draw-told")).to_have_text("Cedar is not drawn any more.")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(spot(page, "Cedar")).to_be_visible()
    page.get_by_role("button", name="Save the plan").press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert shape(house, "Birch room") == box(6.25, 0.5, 6.25, 4.75)
    assert shape(house, "Cedar") == box(13, 0, 4, 3)


def test_a_rectangle_becomes_a_polygon(page: Page, house: House, floor: int) -> None:
    edit(page, house, floor)
    spot(page, "Atlas").focus()
    page.get_by_role("button", name="A corner more").click()
    expect(page.locator(".handle")).to_have_count(5)
    page.keyboard.press("ArrowDown")
    save(page)
    assert shape(house, "Atlas") == [[0, 0], [3, 0.25], [6, 0], [6, 5], [0, 5]]


def test_what_overlaps_is_marked_and_told(
    page: Page, house: House, floor: int, watch: Watch
) -> None:
    watch.expected.add(422)
    edit(page, house, floor)
    drag(page, (9, 3), (7, 4))
    expect(spot(page, "Birch")).to_have_class(re.compile("is-over"))
    page.get_by_role("button", name="Save the plan").click()
    expect(page.get_by_text("Atlas and Birch overlap.")).to_be_visible()
    expect(spot(page, "Birch")).to_have_attribute("aria-label", re.compile("4 from the left, 1 "))


def test_shapes_of_any_form_are_marked_where_they_overlap(
    page: Page, house: House, floor: int
) -> None:
    edit(page, house, floor)
    spot(page, "Atlas").focus()
    page.get_by_role("button", name="A corner more").click()
    for _ in range(8):  # a dent of two metres
        page.keyboard.press("ArrowDown")
    drag(page, (9, 3), (6, 1))  # Birch, over Atlas, the dent included
    expect(spot(page, "Atlas")).to_have_class(re.compile("is-over"))
    drag(page, (6, 1), (9.05, 3))
    expect(spot(page, "Atlas")).not_to_have_class(re.compile("is-over"))


def test_leaving_with_a_plan_that_is_not_saved_is_asked_about(
    page: Page, house: House, floor: int
) -> None:
    edit(page, house, floor)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    drag(page, (9, 3), (10, 4))
    page.get_by_role("link", name="Show the plan").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    save(page)
    page.get_by_role("link", name="Show the plan").click()
    expect(page).to_have_url(re.compile("/plan"))
    assert len(asked) == 1


@pytest.mark.parametrize("look", [PHONE], ids=str)
def test_a_finger_moves_a_room(page: Page, house: House, floor: int, look: object) -> None:
    edit(page, house, floor)
    page.locator("#board").scroll_into_view_if_needed()
    with Finger(page, at(page, 3, 3)) as finger:
        finger.to(*at(page, 3, 6))
        finger.to(*at(page, 3, 8))
    save(page)
    assert shape(house, "Atlas") == box(0, 5, 6, 5)
