"""The pictures of the README, taken of the real service: ``python -m tests.browser.pictures``.

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


if __name__ == "__main__":
    main()
