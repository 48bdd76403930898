"""No barriers: axe finds nothing on any kind of page, in both themes and both widths."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import FilePayload, Page, expect

from booking.core.values import Policy, SpaceKind, State
from tests.browser.steps import (
    block,
    choose_room,
    date_of,
    dialog,
    enter,
    fold_out,
    open_board,
    slot,
)
from tests.ical.reading.calendars import calendar, event
from tests.support.browser import LOOKS, WIDE, Watch, axe
from tests.support.factories import House

A_DAY = timedelta(days=1)
Opener = Callable[[Page, House], None]


@pytest.fixture
def house(house: House) -> House:
    """The house with bookings of every state on one day, and more around it."""
    house.add_booking(house.atlas, start=9, end=11, title="Choir", note="Piano", attendance=7)
    house.add_booking(house.birch, by=house.stranger, title="Secret", visibility="private")
    house.add_booking(house.birch, start=12, end=12.25, by=house.stranger, title="Call")
    house.add_booking(house.atlas, start=17, days=(0, 1, 2), end=18, title="Yoga")
    house.add_booking(house.cedar, start=14, end=16, title="Lecture", state=State.REQUESTED)
    for person in (house.member, house.stranger):
        house.add_booking(house.delta, by=person, title="Film", state=State.REQUESTED)
    house.add_booking(house.cedar, days=(1,), title="No", state=State.REFUSED)
    house.add_want(house.birch, title="Tea", mode="claim")
    house.add_want(house.atlas, title="Dance", start=15, end=16, until=house.now + A_DAY)
    house.add_want(house.birch, title="Chess", state="gone", closed_at=house.now)
    house.add_closure(18, 20, space_id=house.birch.id, reason="Painters")
    return house


def path(address: str) -> Opener:
    """Return what opens an address, everything that folds unfolded."""

    def opened(page: Page, _house: House) -> None:
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach(it => it.open = true)")

    return opened


def path_of(view: str) -> Opener:
    """Return what opens the planning in a view without a grid."""
    return lambda page, house: path(f"/board/house/{view}/{date_of(house)}")(page, house)


def of_space(page_of_it: str) -> Opener:
    """Return what opens a page of a space."""
    return lambda page, house: path(f"/admin/spaces/{house.atlas.id}{page_of_it}")(page, house)


def connected(page_of_it: str, **more: str) -> Opener:
    """Return what opens a page of a connected calendar that stopped."""

    def opened(page: Page, house: House) -> None:
        id_ = house.add_connection(state="stopped", reason="remote_denied", **more)
        path(f"/calendars/connections/{id_}{page_of_it}")(page, house)

    return opened


def meeting(page: Page, house: House) -> None:
    """Open what was found for two people, one of them busy by the own calendar."""
    house.add_busy(house.interval(9, 12), by=house.manager)
    path(f"/find/people?person=me&person={house.manager.person_id}")(page, house)


def board(view: str, query: str = "", *, day: int = 0) -> Opener:
    """Return what opens a board."""

    def opened(page: Page, house: House) -> None:
        asked = query.format(house=house)
        page.goto(f"/board/{house.site.slug}/{view}/{date_of(house, day)}?{asked}")

    return opened


def short_of(title: str) -> Opener:
    """Return what opens a booking as a dialog."""

    def opened(page: Page, house: House) -> None:
        open_board(page, house)
        block(page, title).first.click()
        expect(dialog(page).get_by_role("heading", name=title)).to_be_visible()

    return opened


def booking(title: str, more: str = "") -> Opener:
    """Return what opens the page of a booking."""

    def opened(page: Page, house: House) -> None:
        open_board(page, house)
        address = block(page, title).locator("a").first.get_attribute("href")
        page.goto(f"{address}{more}")

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


def plan(page: Page, house: House) -> None:
    """Open the plan of a floor with rooms in each state."""
    house.add_floor(house.atlas, house.birch, house.cedar, house.delta)
    page.goto(f"/plan?at={date_of(house)}T10:30")


def card(page: Page, house: House) -> None:
    """Open the card of a room as a dialog."""
    page.goto(f"/plan?at={date_of(house)}T10:30")
    page.locator(".plan-list a").first.click()
    expect(dialog(page).get_by_role("heading").first).to_be_visible()


def editor(page: Page, house: House) -> None:
    """Draw on a floor, a room chosen."""
    floor = house.add_floor(house.atlas, house.birch)
    page.goto(f"/admin/floors/{floor}/plan")
    page.locator(".editing .spot").first.focus()


def screen_link(page: Page, _house: House) -> None:
    """Set up a screen."""
    page.goto("/admin/screens")
    page.get_by_label("Name").fill("Hall")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("link", name="Show it")).to_be_visible()


def lobby(page: Page, house: House) -> None:
    """Show the screen at the entrance, with something on and something to come."""
    days = {"days": (-1,), "visibility": "public"}
    house.add_booking(house.atlas, start=9, end=11, title="Lecture", **days)
    house.add_booking(house.birch, start=15, end=16, title="Film", **days)
    screen_link(page, house)
    page.get_by_role("link", name="Show it").click()
    expect(page.get_by_text("Lecture")).to_be_visible()


def door(page: Page, house: House) -> None:
    """Show the screen at a door."""
    page.goto(f"/admin/screens?space={house.delta.id}")
    page.get_by_label("Name").fill("Delta")
    page.get_by_role("button", name="Make the link").click()
    page.get_by_role("link", name="Show it").click()
    expect(page.get_by_role("heading", name="Delta")).to_be_visible()


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


def displacing(page: Page, house: House) -> None:
    """Be refused as somebody who may displace, and forget to say why."""
    clash(page, house)
    fold_out(page, "Book anyway and displace")
    page.get_by_role("button", name="Displace and book").click()
    expect(page.get_by_text("Give a reason.")).to_be_visible()


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


def calendar_link(page: Page, _house: House) -> None:
    """Make a calendar link."""
    page.goto("/calendars")
    page.get_by_label("Name of the link").fill("Phone")
    page.get_by_role("button", name="Make the link").click()
    page.evaluate("document.querySelectorAll('main details').forEach(it => it.open = true)")


def calendar_file(page: Page, _house: House) -> None:
    """Look at a calendar file: a series that clashes, an event that is left out."""
    page.goto("/calendars/import")
    body = calendar(event("RRULE:FREQ=DAILY;COUNT=4"), event("RRULE:FREQ=HOURLY", uid="two"))
    file = FilePayload(name="choir.ics", mimeType="text/calendar", buffer=body)
    page.get_by_label("Calendar file").set_input_files(files=[file])
    page.get_by_label("Into which room").select_option("Atlas")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("button", name="Book 1 event")).to_be_visible()


def public_event(page: Page, house: House) -> None:
    """Open the page of something public."""
    house.add_booking(house.delta, start=20, end=22, title="Film evening", visibility="public")
    page.goto(f"/programme?month={house.at(0):%Y-%m}")
    page.get_by_role("link", name="Film evening").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Film evening")


def invitation_link(page: Page, _house: House) -> None:
    """Invite somebody."""
    page.goto("/people/invite")
    page.get_by_label("E-mail address").fill("new@example.org")
    page.get_by_role("button", name="Make the link").click()
    expect(page.locator("#link")).to_be_visible()


def invitation(page: Page, house: House) -> None:
    """Open an invitation as the one who got it."""
    invitation_link(page, house)
    address = page.locator("#link").inner_text()
    page.context.clear_cookies()
    page.goto(address)


def person(page: Page, house: House) -> None:
    """Open the page of a person."""
    path(f"/people/{house.manager.person_id}")(page, house)


def our_use(page: Page, house: House) -> None:
    """Open what one's organisation may have and has."""
    house.count_use(included=timedelta(hours=20), coming=9)
    page.goto("/bookings/use")


def closing(page: Page, house: House) -> None:
    """Close the house over bookings, and be asked about them."""
    page.goto("/admin/closures")
    page.get_by_label("Reason").fill("Works")
    for label in ("From", "Until"):
        page.get_by_label(label).fill(date_of(house))
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("group", name="What shall become of them?")).to_be_visible()


def closure(page: Page, house: House) -> None:
    """Close the house, keep its bookings, and open the closure."""
    closing(page, house)
    page.get_by_label("They stay").check()
    page.get_by_role("button", name="Close").click()
    page.get_by_role("link", name="The whole house").click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()


def let(page: Page, house: House) -> None:
    """Let an office a second time, and be told that it is let."""
    office = house.add_office("Loft", bookable=False)
    for _time in range(2):
        page.goto(f"/admin/leases/new?space={office.id}")
        page.get_by_label("Organisation").select_option("Ours")
        page.get_by_label("Area in m²").fill("20")
        page.get_by_label("€ for a m²").fill("10")
        page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", name="This space is let already by then")).to_be_visible()


def lease(page: Page, house: House) -> None:
    """Open what was let, with everything that can be done with it."""
    page.goto("/admin/leases")
    href = page.get_by_role("link", name="Loft").get_attribute("href")
    path(str(href))(page, house)


def table_of_spaces(page: Page, house: House) -> None:
    """Look at a table of spaces in which one row is wrong."""
    page.goto("/admin/import")
    table = b"Nom;Genre\nBureau 7;Bureau\nX;Palais\n"
    file = {"name": "Locaux.csv", "mimeType": "text/csv", "buffer": table}
    page.get_by_label("File", exact=True).set_input_files([file])  # type: ignore[list-item]
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()


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


def check_in(page: Page, house: House) -> None:
    """Open the page of a room where somebody is awaited, as its code on the door does."""
    room = house.add_space("Elm", policy=Policy(check_in=timedelta(minutes=15)))
    house.add_booking(room, days=(-1,), start=10, end=11)
    page.goto(f"/spaces/{room.id}")
    expect(page.get_by_role("button", name="Check in")).to_be_visible()


def wrong_permanence(page: Page, _house: House) -> None:
    """Make the form of a permanence complain."""
    page.goto("/bookings/permanences/new")
    page.get_by_label("by appointment").check()
    page.get_by_role("button", name="Make the permanence").click()
    expect(page.get_by_text("Say how an appointment is made")).to_be_visible()


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


def account_menu(page: Page, house: House) -> None:
    """Open the menu of the account."""
    open_board(page, house)
    page.get_by_label(re.compile("Account of")).click()


def with_permanences(opens: Opener) -> Opener:
    """Return what lets the organisation receive people, and opens a page of it."""

    def opened(page: Page, house: House) -> None:
        house.add_permanence(house.birch, start=18, end=19, days=(1, 2), title="Advice")
        house.add_permanence(house.birch, start=20, end=21, days=(-1, 1), title="Help", link="")
        opens(page, house)
        expect(page.get_by_text("Advice").first).to_be_visible()

    return opened


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


MEMBERS = {
    "permanences": (
        with_permanences(path("/permanences?view=month")),
        path("/bookings/permanences"),
    ),
    "desks": (desks, path("/desks?by=day")),
    "timeline": tuple(path(f"/timeline?view={view}") for view in ("day", "week", "year")),
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
    "account": (
        path("/profile"),
        path("/calendars"),
        path("/calendars/filter?site=house"),
        calendar_link,
        path("/profile/devices"),
        path("/calendars/import"),
        path("/calendars/connections"),
        path("/calendars/connections/new"),
        connected("/choose"),
        connected(""),
        connected("/disconnect"),
        connected("/password"),
        connected("/password", scheme="oauth", provider="cloud"),
        connected("/busy"),
        calendar_file,
    ),
    "plan": (
        plan,
        card,
        lambda page, house: path(f"/plan/spaces/{house.atlas.id}")(page, house),
    ),
}
ADMINS = {
    "approvals": (path("/approvals"), request, proposal, inbox),
    "offers": (displacing, offer),
    "people": (path("/people"), person, path("/people?q=nobody"), path("/people/invite")),
    "spaces": (
        path("/admin/spaces"),
        path("/admin/spaces/new"),
        path("/admin/spaces/combine"),
        of_space(""),
        of_space("/rules"),
        of_space("/parts"),
    ),
    "administration": (
        path("/admin/settings"),
        path("/admin/export"),
        path("/admin/use"),
        path("/admin/use/limits"),
        lambda page, house: path(f"/admin/organisations/{house.ours}/limits")(page, house),
        path("/admin/floors"),
        path("/admin/screens"),
        screen_link,
        editor,
        path("/admin/categories"),
        path("/admin/sites"),
        path("/admin/organisations"),
        lambda page, house: path(f"/admin/organisations/{house.ours}")(page, house),
        path("/admin/invitations"),
        path("/admin/calendars"),
        lambda page, house: path(f"/admin/calendars/{house.add_source()}")(page, house),
        path("/admin/import"),
        table_of_spaces,
        path("/admin/closures"),
        closing,
        closure,
        path("/admin/figures"),
        path("/admin/figures/year"),
        path("/admin/leases"),
        let,
        lease,
        path("/admin/mails"),
        path("/admin/mails/notice_approved"),
        path("/admin/mail-in"),
        path("/admin/work"),
        path("/admin/outbox"),
    ),
    "permanences": (with_permanences(path("/bookings/permanences")), wrong_permanence),
    "timeline": (timeline,),
    "screens": (lobby, door, path("/plan/public")),
    "programme": (
        path("/programme"),
        path("/programme?month=2027-12"),
        public_event,
        path("/embed/programme"),
    ),
    "invitation": (invitation_link, invitation, path("/sign-in")),
}


def assert_no_barriers(page: Page) -> None:
    """Look at the page in every width and theme; the dark one has other colours, no more."""
    for look in LOOKS:
        page.set_viewport_size({"width": look.width, "height": 844 if look.is_phone else 800})
        page.emulate_media(color_scheme=look.theme)
        axe(page, *(["color-contrast"] if look.theme == "dark" else []))
    page.set_viewport_size({"width": WIDE.width, "height": 800})
    page.emulate_media(color_scheme=WIDE.theme)


@pytest.mark.parametrize("family", MEMBERS)
def test_pages_of_members_have_no_barriers(
    page: Page, house: House, watch: Watch, family: str
) -> None:
    watch.expected.update((403, 404, 409, 422))
    enter(page, house, house.member)
    for opens in MEMBERS[family]:
        opens(page, house)
        assert_no_barriers(page)


@pytest.mark.parametrize("family", ADMINS)
def test_pages_of_admins_have_no_barriers(
    page: Page, house: House, watch: Watch, family: str
) -> None:
    watch.expected.update((409, 422))
    enter(page, house, house.admin)
    for opens in ADMINS[family]:
        opens(page, house)
        assert_no_barriers(page)
