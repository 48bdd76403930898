"""The pictures of README and docs, taken of the real service: ``python -m tests.browser.pictures``.

The demo house on a fixed Wednesday, so that they change only with the pages.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from booking.db import db
from booking.demo import rebuild
from booking.demo.people import MEMBER, PASSWORD
from tests.support.browser import FLAGS, PHONE, WIDE, Look, chromium
from tests.support.migrating import app_without_pages, upgrade
from tests.support.service import ROOT, running

PICTURES = ROOT / "docs" / "pictures"
NOW = datetime(2027, 3, 10, 9, 20, tzinfo=UTC)
MEETING = "Réunion d’équipe"
HEIGHTS = {WIDE: 800, PHONE: 780}


def main() -> None:
    """Make all pictures anew."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{folder}/demo.db"
        _build(url)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        with running(Path(folder), database_url=url, now=NOW) as service:
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
        browser.close()


def _build(url: str) -> None:
    """Make the demo house in a new database."""
    upgrade(url)
    app = app_without_pages(url)
    with app.app_context():
        rebuild(db.session(), now=NOW)
        db.session.remove()
        db.engine.dispose()


def _page(browser: Browser, url: str, look: Look) -> Page:
    """Return the board of today as a member sees it."""
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
    page.locator("[name=email]").fill(MEMBER.address)
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
