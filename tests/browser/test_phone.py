"""The phone: nothing is cut off, everything is as large as a thumb, the dialog is a sheet."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from booking.config import load_config
from booking.core.values import Policy, SpaceKind, State
from tests.browser.steps import block, date_of, dialog, enter, lane, open_board, slot
from tests.support.browser import PHONE, Watch
from tests.support.factories import House
from tests.support.mail_in import asking
from tests.support.service import Service

pytestmark = pytest.mark.parametrize("look", [PHONE], ids=str)
THUMB_PX = 44
# Not counted: links in running text, what is as long as its time (bookings, free times), and
# what is only there for screen readers.  A box or a knob counts with its label.
TARGETS = "a, button, summary, select, textarea, input:not([type=hidden])"
LEFT_OUT = ".vh, .skip, .bk, .board:not(.week) .free, p"
TOO_SMALL = """([targets, leftOut, limit]) => [...document.querySelectorAll(targets)]
  .filter(it => it.checkVisibility({visibilityProperty: true}) && !it.closest(leftOut))
  .map(it => [it, it.matches('[type=checkbox], [type=radio]') ? it.parentElement : it])
  .map(([it, target]) => [it.outerHTML.slice(0, 90), target.getBoundingClientRect()])
  .filter(([, box]) => box.height < limit - 0.5 || box.width < limit - 0.5)
  .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)
"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A phone that a member is signed in with."""
    return enter(page, house, house.member)


def assert_fits(page: Page) -> None:
    """Fail where the page is wider than the phone, or a target smaller than a thumb."""
    assert page.evaluate(TOO_WIDE) == 0, f"{page.url} scrolls sideways"
    assert page.evaluate(TOO_SMALL, [TARGETS, LEFT_OUT, THUMB_PX]) == [], page.url


def test_dialog_is_a_sheet_at_the_thumb(member: Page, house: House) -> None:
    open_board(member, house)
    slot(member, house.atlas, "10:00").tap()
    expect(dialog(member).get_by_label("What for")).to_be_visible()
    box, window = dialog(member).bounding_box(), member.viewport_size
    assert box
    assert window
    assert (box["x"], box["width"]) == (0, window["width"])
    assert box["y"] + box["height"] == pytest.approx(window["height"], abs=1)
    expect(dialog(member).get_by_role("button", name="Book", exact=True)).to_be_in_viewport()
    assert_fits(member)


def test_a_room_is_booked_with_the_thumb(member: Page, house: House) -> None:
    open_board(member, house)
    slot(member, house.birch, "09:00").tap()
    dialog(member).get_by_label("What for").fill("Choir")
    dialog(member).get_by_role("button", name="Book", exact=True).tap()
    expect(block(lane(member, house.birch), "Choir")).to_contain_text("09:00–10:00")
    member.get_by_role("link", name="My bookings").tap()
    expect(member.locator(".agenda")).to_contain_text("Choir")


def test_board_scrolls_by_itself_and_keeps_times_in_sight(member: Page, house: House) -> None:
    open_board(member, house)
    board = member.locator("#board")
    last = member.locator("#board .col").last
    last.scroll_into_view_if_needed()
    expect(last.locator("h2")).to_be_in_viewport()
    expect(board.locator(".axis").get_by_text("10:00")).to_be_in_viewport()
    assert member.evaluate(TOO_WIDE) == 0
    assert member.evaluate("scrollY") == 0


def test_today_begins_at_the_present(member: Page, house: House) -> None:
    house.add_booking(house.atlas, days=(-1,), start=18, end=20, title="Late")
    open_board(member, house, day=-1)
    expect(member.locator("#board .now").first).to_be_in_viewport()


def test_week_is_a_list_that_books(member: Page, house: House) -> None:
    house.add_booking(house.atlas, title="Choir")
    open_board(member, house, view="week")
    expect(block(member, "Choir")).to_contain_text("10:00–11:00")
    assert_fits(member)
    day = member.locator("#board .col").filter(has_text="Fri 12")
    day.get_by_role("group", name="Free times, Atlas").get_by_role("link").tap()
    expect(dialog(member).get_by_label("Day", exact=True)).to_have_value(date_of(house, 1))
    expect(dialog(member).get_by_label("Start")).to_have_value("08:00")


def test_pages_of_a_member_fit(member: Page, house: House) -> None:
    series = house.add_booking(house.atlas, days=tuple(range(12)), title="Donau" * 12)
    house.add_booking(house.cedar, state=State.REQUESTED, title="Lecture")
    mine = house.add_connection(name="Donau" * 12)
    house.add_want(house.birch, title="Donau" * 12)
    house.add_want(house.delta, until=house.now + timedelta(days=1))
    member.goto(f"/bookings/{series}")
    date = member.get_by_role("link", name="Change").nth(1).get_attribute("href").split("/")[-1]
    theirs = house.add_booking(house.birch, by=house.stranger, title="Tango")
    house.count_use(included=timedelta(hours=20), coming=9)
    door = house.add_space("Elm", policy=Policy(check_in=timedelta(minutes=15)))
    house.add_booking(door, days=(-1,), start=10, end=11, title="Donau" * 12)
    asked = house.add_booking(house.birch, start=7, end=8, title="Donau" * 12, rule="FREQ=WEEKLY")
    house.ask_about_season(asked)
    for path in (
        f"/spaces/{door.id}",
        f"/bookings/{asked}",
        f"/bookings/{asked}/season",
        "/bookings/use",
        f"/bookings/{series}",
        f"/bookings/{series}/edit",
        f"/bookings/{series}/edit?since={date}",
        f"/bookings/{series}/dates/{date}",
        f"/bookings/{series}/cancel",
        f"/bookings/{series}/needed",
        f"/bookings/{series}/hand-over",
        f"/bookings/{theirs}",
        f"/bookings/{theirs}/swap",
        "/bookings",
        "/find?attendance=5&length=90",
        "/find/series",
        f"/find/together?space={house.atlas.id}&space={house.birch.id}",
        f"/find/people?person=me&person={house.manager.person_id}",
        "/inbox",
        "/waiting",
        "/profile",
        "/profile/devices",
        "/calendars",
        "/calendars/import",
        "/calendars/connections/new",
        *(
            f"/calendars/connections{each}"
            for each in ("", f"/{mine}", f"/{mine}/choose", f"/{mine}/busy")
        ),
        f"/spaces/{house.atlas.id}",
        "/plan",
        f"/plan/spaces/{house.atlas.id}",
        f"/board/{house.site.slug}/week/{date_of(house)}?space={house.atlas.id}",
    ):
        member.goto(path)
        assert_fits(member)


def test_unfolded_form_fits(member: Page) -> None:
    member.goto("/bookings/new")
    for fold in member.locator("main summary").all():
        fold.click()
    member.get_by_label("How often").select_option("Every week")
    expect(member.get_by_role("group", name="On these weekdays")).to_be_visible()
    assert_fits(member)


def test_pages_of_those_who_decide_fit(page: Page, house: House, look: object) -> None:
    asked = [
        house.add_booking(house.delta, state=State.REQUESTED, by=person, title=title, days=(0, 1))
        for title, person in (("Lecture", house.member), ("Concert", house.stranger))
    ]
    requests = ("/approvals", f"/approvals/{asked[0]}", f"/approvals/{asked[0]}/propose")
    enter(page, house, house.admin)
    people = ("/people", f"/people/{house.member.person_id}", "/people/invite")
    space = f"/admin/spaces/{house.atlas.id}"
    spaces = ("/admin/spaces", "/admin/spaces/combine", space, f"{space}/rules", f"{space}/parts")
    administration = (
        f"/admin/floors/{house.add_floor(house.atlas)}/plan",
        "/admin/calendars",
        "/admin/closures",
        "/admin/leases",
        "/admin/leases/new",
        "/admin/figures",
        "/admin/figures/year",
        "/admin/settings",
        "/admin/import",
        "/admin/export",
        "/admin/use",
        "/admin/use/limits",
        f"/admin/organisations/{house.ours}/limits",
        "/admin/floors",
        "/admin/screens",
        "/admin/categories",
        "/admin/sites",
        "/admin/organisations",
        f"/admin/organisations/{house.ours}",
        "/admin/mails",
        "/admin/mails/notice_approved",
        "/admin/mail-in",
        "/admin/work",
        "/admin/outbox",
    )
    for path in (*requests, *people, *spaces, *administration):
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(it => it.open = true)")
        assert_fits(page)


def test_displacing_fits(page: Page, house: House, watch: Watch, look: object) -> None:
    watch.expected.add(409)
    house.add_booking(by=house.stranger, days=tuple(range(8)), title="Donau" * 12)
    enter(page, house, house.admin)
    page.goto(f"/bookings/new?space={house.atlas.id}&date={date_of(house)}&start=10:00")
    page.get_by_label("What for").fill("Council")
    page.locator("main button.primary").tap()
    page.locator("summary").filter(has_text="Book anyway and displace").tap()
    expect(page.get_by_role("button", name="Displace and book")).to_be_visible()
    assert_fits(page)


def test_pages_of_strangers_fit(page: Page, house: House, service: Service) -> None:
    house.add_permanence(house.birch, days=(-1, 0), start=12, end=20, title="Donau" * 12)
    key = load_config(service.log.parent / "config.toml").signing_key()
    asked = asking(house, house.atlas, house.birch, key=key)
    for path in ("/sign-in", "/programme", "/permanences", "/plan/public", asked):
        page.goto(path)
        assert_fits(page)


def test_place_of_a_public_event_has_the_width_of_the_phone(page: Page, house: House) -> None:
    house.add_booking(title="Fair", visibility="public", category="event")
    page.goto("/programme")
    page.get_by_role("link", name="Fair").tap()
    expect(page.get_by_text("Where", exact=True)).to_be_visible()
    assert_fits(page)
    for each in page.locator("main dd").all():
        box = each.bounding_box()
        assert box
        assert box["width"] > 300


@pytest.mark.parametrize("path", ["/admin/spaces", "/admin/use", "/people", "/admin/outbox"])
def test_the_page_of_administration_one_is_on_is_in_sight(
    page: Page, house: House, path: str
) -> None:
    enter(page, house, house.admin)
    page.goto(path)
    current = page.locator(".admin-nav [aria-current]")
    expect(current).to_be_in_viewport(ratio=1)
    assert_fits(page)


def test_who_receives_today_is_said_with_the_thumb(member: Page, house: House, page: Page) -> None:
    house.add_permanence(house.birch, days=(-1, 0), start=12, end=20, title="Advice")
    member.goto("/bookings/permanences")
    assert_fits(member)
    member.get_by_role("button", name="12:30").tap()
    expect(member.get_by_role("status")).to_contain_text("late, from 12:30")
    expect(member.locator(".standing").first).to_have_text("Late: from 12:30")
    assert_fits(member)
    member.get_by_role("button", name="Not today").tap()
    expect(member.locator(".standing").first).to_have_text("Not today")
    member.goto("/permanences")
    expect(member.locator(".standing").first).to_have_text("Not today")
    member.goto("/bookings/permanences")
    member.get_by_role("button", name="It takes place after all").tap()
    expect(member.get_by_role("button", name="Not today")).to_be_visible()


def test_desks_scroll_beside_their_names(member: Page, house: House) -> None:
    desk = house.add_space("Desk by the window", kind=SpaceKind.DESK)
    house.add_booking(desk, start=8, end=13, by=house.stranger)
    member.goto("/desks")
    assert_fits(member)
    friday = member.get_by_role("button", name="Friday 12 March, afternoon")
    friday.scroll_into_view_if_needed()
    expect(member.get_by_role("rowheader", name="Desk by the window")).to_be_in_viewport()
    friday.tap()
    expect(member.get_by_role("button", name="give back")).to_be_visible()


def test_timeline_scrolls_beside_its_names(member: Page, house: House) -> None:
    house.add_office("Office 7")
    for view in ("day", "week", "month", "year"):
        member.goto(f"/timeline?view={view}")
        assert member.evaluate(TOO_WIDE) == 0, f"{view} scrolls sideways"
    name = member.get_by_role("rowheader", name="Office 7")
    name.scroll_into_view_if_needed()
    member.get_by_role("region", name="Timeline of 2027").evaluate("it => it.scrollLeft = 9999")
    expect(name).to_be_in_viewport()


def test_form_of_a_permanence_fits(page: Page, house: House) -> None:
    enter(page, house, house.manager)
    page.goto("/bookings/permanences/new")
    page.get_by_label("by appointment").check()
    page.evaluate("document.querySelectorAll('main details').forEach(it => it.open = true)")
    expect(page.get_by_label("Link for appointments")).to_be_visible()
    assert_fits(page)
