"""How pages are opened: ``Opener`` does it, signed in already, in a house with bookings."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.steps import block, open_board
from tests.support.factories import House

Opener = Callable[[Page, House], None]
Pages = dict[str, tuple[Opener, ...]]  # by family


def path(address: str) -> Opener:
    """Return what opens an address, everything that folds unfolded."""

    def opened(page: Page, _house: House) -> None:
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach(it => it.open = true)")

    return opened


def booking(title: str, more: str = "") -> Opener:
    """Return what opens the page of a booking."""

    def opened(page: Page, house: House) -> None:
        open_board(page, house)
        address = block(page, title).locator("a").first.get_attribute("href")
        page.goto(f"{address}{more}")

    return opened
