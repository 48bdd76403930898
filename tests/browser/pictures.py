"""The pictures of README and docs, taken of the real service: ``python -m tests.browser.pictures``.

The demo house on a fixed Wednesday, so that they change only with the pages.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.db import db, transact
from booking.demo import rebuild
from booking.demo.people import ADMIN, MEMBER, PASSWORD, Somebody
from booking.models import (
    AppPassword,
    Booking,
    Connection,
    ConnectionEvent,
    Floor,
    Person,
    RemoteObject,
    Screen,
    Space,
)
from booking.net import Guard
from booking.secrets import hash_token
from booking.sync import discovery
from booking.sync.transport import Credentials
from tests.support.browser import FLAGS, PHONE, WIDE, Look, chromium
from tests.support.calendars import CalendarServer, radicale
from tests.support.migrating import app_without_pages, upgrade
from tests.support.service import ROOT, running

PICTURES = ROOT / "docs" / "pictures"
NOW = datetime(2027, 3, 10, 9, 20, tzinfo=UTC)
MEETING = "Réunion d’équipe"
SCREENS = {name: f"{name}-in-the-pictures-only" for name in ("lobby", "door")}
SETTINGS = """
[calendars]
trusted_hosts = "localhost"
[[sync.providers]]
id = "cloud"
name = "Our cloud"
authorize_url = "https://cloud.example.org/authorize"
token_url = "https://cloud.example.org/token"
caldav_url = "https://cloud.example.org/dav/"
client_id = "house"
"""
HEIGHTS = {WIDE: 800, PHONE: 780}


def main() -> None:
    """Make all pictures anew."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{folder}/demo.db"
        _build(url)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        with (
            radicale(Path(folder)) as server,
            running(Path(folder), database_url=url, now=NOW, settings=SETTINGS) as service,
        ):
            board = _page(browser, service.url, WIDE)
            board.screenshot(path=PICTURES / "board.png")
            phone = _page(browser, service.url, PHONE)
            phone.screenshot(path=PICTURES / "phone.png")
            date_of_a_series(board)
            board.screenshot(path=PICTURES / "series.png")
            clash_of_a_series(board)
            board.screenshot(path=PICTURES / "clash.png")
            board.goto("/permanences")
            board.screenshot(path=PICTURES / "permanences.png")
            board.goto("/timeline?view=year")
            board.screenshot(path=PICTURES / "timeline.png")
            board.goto("/profile/devices")
            board.screenshot(path=PICTURES / "apps.png")
            board.goto("/calendars/connections")
            board.locator("main table a").first.click()
            board.screenshot(path=PICTURES / "sync.png")
            connect_a_calendar(board, server)
            plan_of_a_floor(board)
            board.screenshot(path=PICTURES / "plan.png")
            for name, token in SCREENS.items():
                board.goto(f"/screens/{token}")
                board.screenshot(path=PICTURES / f"{name}.png")
            desk = _page(browser, service.url, WIDE, ADMIN)
            editor_of_a_floor(desk)
            desk.screenshot(path=PICTURES / "draw.png")
            for name in ("leases", "figures"):
                desk.goto(f"/admin/{name}")
                desk.screenshot(path=PICTURES / f"{name}.png")
            table_of_leases(desk)
            desk.screenshot(path=PICTURES / "tables.png")
        browser.close()


def connect_a_calendar(page: Page, server: CalendarServer) -> None:
    """Connect a calendar of a real server as far as the look at what would happen."""
    credentials = Credentials(server.url, server.username, server.password)
    discovery.make_calendar(credentials, Guard(trusted=frozenset({"localhost"})), "Agenda")
    page.goto("/calendars/connections/new")
    page.screenshot(path=PICTURES / "connect.png", full_page=True)
    page.locator("[name=address]").fill(server.url)
    page.locator("[name=username]").fill(server.username)
    page.locator("[name=password]").fill(server.password)
    page.locator("[name=password]").press("Enter")
    page.locator("[name=calendar]").first.wait_for()
    page.get_by_label("Make a calendar").check()
    page.screenshot(path=PICTURES / "connect-choose.png", full_page=True)
    page.locator("button.primary").click()
    page.locator(".note.good").wait_for()
    page.screenshot(path=PICTURES / "connect-look.png")


def table_of_leases(page: Page) -> None:
    """Look at a table of leases in which some rows are to be mended."""
    page.goto("/admin/import?kind=leases")
    rows = (
        "Bureau;Organisation;Premier jour;Dernier jour;Loyer;Part",
        "Bureau 008;Repair Café Tournevis;01/09/2027;31/08/2030;10,50;",
        "Bureau 003;Chorale Pamplemousse;01/10/2027;;10;1/2",
        "Bureau 001;Collectif Vélo Pignon;01/07/2027;;10;",
        "Bureau 99;Jardiniers du Merle;31/06/2027;;dix;",
    )
    file = {"name": "Baux 2027.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    page.locator("[name=file]").set_input_files([file])  # type: ignore[list-item]
    page.locator("form[enctype] button.primary").click()
    page.locator("#result").wait_for()


def _build(url: str) -> None:
    """Make the demo house in a new database."""
    upgrade(url)
    app = app_without_pages(url)
    with app.app_context():
        rebuild(db.session(), now=NOW)
        transact(_hang_screens)
        transact(_set_up_apps)
        transact(_connect)
        db.session.remove()
        db.engine.dispose()


def _connect(session: Session) -> None:
    """Connect a calendar of the member, one event of which waits for an answer."""
    person_id = session.scalar(select(Person.id).where(Person.email == MEMBER.address))
    mine = select(Booking).where(Booking.organiser_id == person_id).order_by(Booking.id)
    made = Connection(
        person_id=person_id,
        name="Agenda",
        home="https://cloud.example.org/",
        url="https://cloud.example.org/agenda/",
        host="cloud.example.org",
        username="mia",
        secret="",
        state="active",
        created_at=NOW,
        succeeded_at=NOW - timedelta(minutes=2),
        due_at=NOW + timedelta(hours=1),
    )
    session.add(made)
    session.flush()
    codes = ("sync_put", "sync_put", "sync_changed", "sync_taken_over", "sync_asks_delete")
    for number, (booking, code) in enumerate(zip(session.scalars(mine), codes, strict=False)):
        at = NOW - timedelta(minutes=60 - 12 * number)
        asks = code == "sync_asks_delete"
        said = {"code": code, "params": {"title": booking.title}, "booking_id": booking.id}
        session.add(ConnectionEvent(connection_id=made.id, at=at, **said))
        session.add(
            RemoteObject(
                connection_id=made.id,
                booking_id=booking.id,
                uid=booking.uid,
                href=f"/agenda/{number}.ics",
                state="ask" if asks else "synced",
                reason="delete" if asks else "",
            )
        )


def _hang_screens(session: Session) -> None:
    """Hang the screens of the pictures, with links that stay the same."""
    rooms = {"lobby": None, "door": "Tilleul"}
    ground = select(Floor.id, Floor.site_id).where(Floor.level == 0).order_by(Floor.id)
    floor_id, site_id = session.execute(ground).first() or (0, 0)
    for name, token in SCREENS.items():
        space = select(Space.id).where(Space.name == rooms[name])
        session.execute(
            insert(Screen).values(
                token_hash=hash_token(token),
                site_id=site_id,
                space_id=session.scalar(space),
                floor_id=floor_id,
                name=name,
                created_at=NOW,
            )
        )


def _set_up_apps(session: Session) -> None:
    """Give the member two calendar apps."""
    member = session.execute(select(Person.id).where(Person.email == MEMBER.address)).scalar_one()
    for days, (name, access) in enumerate(
        (("Phone", "write"), ("Tablet at the reception", "read")), start=2
    ):
        session.execute(
            insert(AppPassword).values(
                secret_hash=hash_token(name),
                person_id=member,
                name=name,
                access=access,
                created_at=NOW - timedelta(days=10 * days),
                last_used_at=NOW - timedelta(minutes=20) * days,
            )
        )


def _page(browser: Browser, url: str, look: Look, person: Somebody = MEMBER) -> Page:
    """Return the board of today as a member, or somebody else, sees it."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": look.width, "height": HEIGHTS[look]},
        has_touch=look.is_phone,
        color_scheme=look.theme,
        locale="en-GB",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
    )
    context.clock.install(time=NOW)
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("[name=email]").fill(person.address)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.locator("#board .bk").first.wait_for()
    return page


def date_of_a_series(page: Page) -> None:
    """Open the form of one date of the weekly meeting, from the page of its series."""
    page.goto("/bookings")
    page.get_by_role("link", name=MEETING).first.click()
    page.get_by_role("listitem").get_by_role("link", name="Change").nth(1).click()
    page.get_by_role("heading", name="Change one date").wait_for()


def plan_of_a_floor(page: Page) -> None:
    """Show the ground floor at this moment."""
    page.goto("/plan")
    page.locator(".plan .spot").first.wait_for()


def editor_of_a_floor(page: Page) -> None:
    """Draw on the ground floor, a room chosen."""
    page.goto("/plan")
    page.get_by_role("link", name="Draw").click()
    page.get_by_label("Space", exact=True).select_option(label="Tilleul")


def clash_of_a_series(page: Page) -> None:
    """Ask for the time of that meeting each week."""
    page.goto("/bookings/new?date=2027-03-15&start=09:00&end=10:30")
    page.get_by_label("What for").fill("Atelier")
    page.get_by_label("Boussole").check()
    page.locator("summary").filter(has_text="Repeat").click()
    page.get_by_label("How often").select_option("weekly")
    page.get_by_label("a number of dates").check()
    page.get_by_label("Number of dates", exact=True).fill("5")
    page.locator("button.primary").click()
    page.locator(".conflict").wait_for()
    page.evaluate("scrollTo(0, 0)")


if __name__ == "__main__":
    main()
