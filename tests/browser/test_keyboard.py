"""Everything with the keyboard: no test here touches the mouse."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import insert

from booking.models import Floor
from tests.browser.steps import block, date_of, dialog, enter, lane, open_board, said, slot
from tests.support.browser import Watch
from tests.support.databases import writing
from tests.support.factories import PASSWORD, House

MOST_TABS = 60


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus, as somebody would who looks for it."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"{MOST_TABS} times Tab do not lead to {wanted}")


def focused(page: Page) -> Locator:
    """Return what has the focus."""
    return page.locator(":focus")


def test_a_room_is_booked_with_the_keyboard_alone(page: Page, house: House) -> None:
    page.goto("/sign-in")
    page.keyboard.type(house.email(house.member))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("10 Mar")
    tab_to(page, page.get_by_role("link", name="Next day"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("11 Mar")
    tab_to(page, slot(page, house.atlas, "08:00"))
    for key in ["ArrowDown"] * 4 + ["ArrowRight"]:
        page.keyboard.press(key)
    expect(slot(page, house.birch, "10:00")).to_be_focused()
    page.keyboard.press("Enter")
    form = dialog(page)
    expect(form.get_by_label("What for")).to_be_focused()
    page.keyboard.type("Reading circle")
    tab_to(page, form.locator(f"[name=space][value='{house.atlas.id}']"))
    page.keyboard.press("Space")
    tab_to(page, form.get_by_label("Start"))
    page.keyboard.press("ArrowDown")
    expect(form.get_by_label("Start")).to_have_value("10:15")
    expect(form.get_by_label("End", exact=True)).to_have_value("11:15")
    tab_to(page, form.get_by_role("button", name="Book", exact=True))
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Booked: Reading circle")
    for room in (house.atlas, house.birch):
        expect(block(lane(page, room), "Reading circle")).to_contain_text("10:15–11:15")


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A page that a member is signed in to."""
    return enter(page, house, house.member)


def test_enter_in_the_title_books(member: Page, house: House) -> None:
    open_board(member, house)
    slot(member, house.atlas, "09:00").press("Enter")
    expect(dialog(member).get_by_label("What for")).to_be_focused()
    member.keyboard.type("Choir")
    member.keyboard.press("Enter")
    expect(block(lane(member, house.atlas), "Choir")).to_be_visible()


def test_free_times_are_one_tab_stop(member: Page, house: House) -> None:
    house.add_booking(house.atlas, start=9, end=12)
    open_board(member, house)
    expect(member.locator("#board .free a[tabindex='0']")).to_have_count(1)
    slot(member, house.atlas, "08:30").focus()
    for key, room, at in (
        ("ArrowDown", house.atlas, "12:00"),
        ("ArrowUp", house.atlas, "08:30"),
        ("End", house.atlas, "19:30"),
        ("ArrowRight", house.birch, "19:30"),
        ("Home", house.birch, "08:00"),
        ("ArrowLeft", house.atlas, "08:00"),
    ):
        member.keyboard.press(key)
        expect(slot(member, room, at)).to_be_focused()
    expect(member.locator("#board .free a[tabindex='0']")).to_have_count(1)


def test_arrows_travel_in_the_free_time_of_a_week(member: Page, house: House) -> None:
    house.add_booking(house.birch, start=8, end=9)
    open_board(member, house, view="week")
    first = member.locator(
        f"#board .lane[data-space='{house.atlas.id}'][data-date='{date_of(house)}'] .free a"
    )
    first.focus()
    expect(first).to_have_text("08:00")
    member.keyboard.press("ArrowDown")
    member.keyboard.press("ArrowDown")
    expect(focused(member)).to_have_text("09:00")
    member.keyboard.press("ArrowRight")
    expect(focused(member)).to_have_attribute(
        "href", f"/bookings/new?space={house.birch.id}&date={date_of(house)}&start=09:00"
    )
    member.keyboard.press("Enter")
    expect(dialog(member).get_by_label("Start")).to_have_value("09:00")


def test_escape_closes_the_dialog_and_gives_the_focus_back(member: Page, house: House) -> None:
    open_board(member, house)
    slot(member, house.birch, "11:00").press("Enter")
    expect(dialog(member).get_by_label("What for")).to_be_focused()
    member.keyboard.press("Escape")
    expect(dialog(member)).to_be_hidden()
    expect(slot(member, house.birch, "11:00")).to_be_focused()


def test_first_tab_skips_to_the_content(member: Page, house: House) -> None:
    open_board(member, house)
    member.keyboard.press("Tab")
    expect(focused(member)).to_have_text("Skip to the content")
    member.keyboard.press("Enter")
    expect(member.locator("main")).to_be_focused()


def test_menus_open_and_close(member: Page, house: House) -> None:
    open_board(member, house)
    account = member.get_by_label("Account of Member")
    account.focus()
    member.keyboard.press("Enter")
    expect(member.get_by_role("link", name="Profile and language")).to_be_visible()
    member.keyboard.press("Escape")
    expect(member.get_by_role("link", name="Profile and language")).to_be_hidden()
    expect(account).to_be_focused()


@pytest.mark.parametrize(
    ("path", "field", "gone"),
    [
        ("/admin/floors", "Name", "No floors yet"),
        ("/admin/organisations/{ours}", "Name", "Bring back"),
        ("/admin/categories", "English", "archived"),
    ],
)
def test_enter_in_a_field_saves(page: Page, house: House, path: str, field: str, gone: str) -> None:
    """Never what is beside it: removing, archiving."""
    with writing(house.engine) as connection:
        connection.execute(insert(Floor).values(site_id=house.site.id, level=1, name="First"))
    admin = enter(page, house, house.admin)
    admin.goto(path.format(ours=house.ours))
    box = admin.get_by_label(field, exact=True).first
    box.fill("Changed")
    box.press("Enter")
    expect(admin.get_by_text("Saved.")).to_be_visible()
    admin.goto(path.format(ours=house.ours))
    expect(admin.get_by_text(gone)).to_have_count(0)
    expect(admin.get_by_label(field, exact=True).first).to_have_value("Changed")


def test_a_place_in_the_waiting_list_with_the_keyboard_alone(
    page: Page, house: House, watch: Watch
) -> None:
    watch.expected.add(409)
    house.add_booking(title="Yoga", by=house.stranger)
    member = enter(page, house, house.member)
    member.goto(f"/bookings/new?space={house.atlas.id}&date={date_of(house)}&start=10:00")
    member.get_by_label("What for").focus()
    member.keyboard.type("Choir")
    member.keyboard.press("Enter")
    expect(member.get_by_role("heading", name="This time is already taken")).to_be_visible()
    tab_to(member, member.get_by_role("button", name="Offer it to me"))
    member.keyboard.press("Enter")
    expect(member.get_by_role("heading", name="Waiting list", level=1)).to_be_visible()
    expect(member.locator(".flashes")).to_contain_text("You are next")
    tab_to(member, member.get_by_role("button", name="Leave the list"))
    member.keyboard.press("Enter")
    expect(member.get_by_role("heading", name="You wait for nothing")).to_be_visible()
