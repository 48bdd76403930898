"""No barriers: axe finds nothing on any kind of page, in both themes and both widths."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from booking.core.values import State
from tests.browser.pages import account, administration, deciding, planning, reserving
from tests.browser.pages.opening import Opener, Pages
from tests.browser.steps import enter
from tests.support.browser import LOOKS, WIDE, Watch, axe
from tests.support.factories import House

A_DAY = timedelta(days=1)


def families(*tables: Pages) -> list[object]:
    """Return what makes a test of each family: what one page leaves the next may show."""
    return [pytest.param(pages, id=name) for each in tables for name, pages in each.items()]


MEMBERS = families(planning.MEMBERS, reserving.MEMBERS, account.MEMBERS)
ADMINS = families(planning.ADMINS, deciding.ADMINS, account.ADMINS, administration.ADMINS)


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


def assert_no_barriers(page: Page) -> None:
    """Look at the page in every width and theme; the dark one has other colours, no more."""
    for look in LOOKS:
        page.set_viewport_size({"width": look.width, "height": 844 if look.is_phone else 800})
        page.emulate_media(color_scheme=look.theme)
        axe(page, *(["color-contrast"] if look.theme == "dark" else []))
    page.set_viewport_size({"width": WIDE.width, "height": 800})
    page.emulate_media(color_scheme=WIDE.theme)


@pytest.mark.parametrize("pages", MEMBERS)
def test_pages_of_members_have_no_barriers(
    page: Page, house: House, watch: Watch, pages: tuple[Opener, ...]
) -> None:
    watch.expected.update((403, 404, 409, 422))
    enter(page, house, house.member)
    for opens in pages:
        opens(page, house)
        assert_no_barriers(page)


@pytest.mark.parametrize("pages", ADMINS)
def test_pages_of_admins_have_no_barriers(
    page: Page, house: House, watch: Watch, pages: tuple[Opener, ...]
) -> None:
    watch.expected.update((409, 422))
    enter(page, house, house.admin)
    for opens in pages:
        opens(page, house)
        assert_no_barriers(page)
