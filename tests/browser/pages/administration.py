"""What administrators set: spaces, floors, screens, closures, leases, mails."""

from playwright.sync_api import Page, expect

from tests.browser.pages.opening import Opener, path
from tests.browser.steps import date_of
from tests.support.factories import House


def of_space(page_of_it: str) -> Opener:
    """Return what opens a page of a space."""
    return lambda page, house: path(f"/admin/spaces/{house.atlas.id}{page_of_it}")(page, house)


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


def table_of_spaces(page: Page, house: House) -> None:
    """Look at a table of spaces in which one row is wrong."""
    page.goto("/admin/import")
    table = b"Nom;Genre\nBureau 7;Bureau\nX;Palais\n"
    file = {"name": "Locaux.csv", "mimeType": "text/csv", "buffer": table}
    page.get_by_label("File", exact=True).set_input_files([file])  # type: ignore[list-item]
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()


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


ADMINS = {
    "spaces": (
        path("/admin/spaces"),
        path("/admin/spaces/new"),
        path("/admin/spaces/combine"),
        of_space(""),
        of_space("/rules"),
        of_space("/parts"),
    ),
    "settings": (
        path("/admin/settings"),
        path("/admin/export"),
        path("/admin/use"),
        path("/admin/use/limits"),
        lambda page, house: path(f"/admin/organisations/{house.ours}/limits")(page, house),
        path("/admin/categories"),
        path("/admin/sites"),
    ),
    "organisations": (
        path("/admin/organisations"),
        lambda page, house: path(f"/admin/organisations/{house.ours}")(page, house),
        path("/admin/invitations"),
    ),
    "floors": (
        path("/admin/floors"),
        path("/admin/screens"),
        screen_link,
        editor,
    ),
    "sources": (
        path("/admin/calendars"),
        lambda page, house: path(f"/admin/calendars/{house.add_source()}")(page, house),
        path("/admin/import"),
        table_of_spaces,
    ),
    "closures": (
        path("/admin/closures"),
        closing,
        closure,
    ),
    "leases": (
        path("/admin/figures"),
        path("/admin/figures/year"),
        path("/admin/leases"),
        let,
        lease,
    ),
    "mails": (
        path("/admin/mails"),
        path("/admin/mails/notice_approved"),
        path("/admin/mail-in"),
        path("/admin/work"),
        path("/admin/outbox"),
    ),
    "screens": (lobby, door, path("/plan/public")),
}
