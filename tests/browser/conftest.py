"""Fixtures for tests in a real browser, on the real service.

``page`` is a page of the service that nobody is signed in to; ``sign_in(page,
house.member)`` signs a person in.  By default it is wide and light; a test
for other looks takes the argument ``look``::

    @pytest.mark.parametrize("look", LOOKS, ids=str)
    def test_board_has_no_barriers(page, look): ...

The service's clock begins at ``NOW`` and goes on; the browser's shows the same.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import Engine

from booking.core.values import Actor
from tests.conftest import Services
from tests.support.browser import FLAGS, WIDE, Look, Watch, chromium
from tests.support.checks import assert_house_in_order
from tests.support.databases import Database, make_engine
from tests.support.factories import NOW, PASSWORD, House, KeptHouse
from tests.support.service import Service, running

TIMEOUT_MS = 10_000
LOUD = "!!! NO CHROMIUM FOUND: THE BROWSER TESTS ARE SKIPPED. Install it, or set CHROMIUM."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here; skip it loudly without a browser, but never in CI."""
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    missing = chromium() is None and not os.environ.get("CI")
    for item in here:
        item.add_marker(pytest.mark.browser)
        if missing:
            item.add_marker(pytest.mark.skip(reason=LOUD))


@pytest.fixture(scope="session")
def served_database(services: Services) -> Iterator[Database]:
    """The database of the running service."""
    database = Database("sqlite", f"{services.worker}_browser")
    database.create()
    yield database
    database.drop()


@pytest.fixture(scope="session")
def service(
    served_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The real service, started once for the browser tests of a worker."""
    folder = tmp_path_factory.mktemp("service")
    with running(folder, database_url=served_database.url, now=NOW) as service:
        yield service


@pytest.fixture(scope="session")
def kept_house(served_database: Database) -> Iterator[KeptHouse]:
    """A small house, made once for the browser tests of a worker, and its engine."""
    engine = make_engine(served_database.url)
    yield KeptHouse.of(engine)
    engine.dispose()


@pytest.fixture
def engine(served_database: Database, service: Service, kept_house: KeptHouse) -> Iterator[Engine]:
    """An engine on the service's database, emptied; the house is looked after at the end."""
    engine = kept_house.house.engine
    served_database.empty(engine)
    yield engine
    try:
        assert_house_in_order(engine)
    finally:
        engine.dispose()


@pytest.fixture
def house(engine: Engine, kept_house: KeptHouse) -> House:
    """A small house in the running service."""
    return kept_house.store(engine)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a worker."""
    path = chromium()
    assert path, LOUD
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def look() -> Look:
    """The look of ``page``, unless the test is parametrised with another."""
    return WIDE


@pytest.fixture
def scripts() -> bool:
    """Whether the browser runs JavaScript, unless the test is parametrised otherwise."""
    return True


@pytest.fixture
def context(
    browser: Browser, service: Service, look: Look, scripts: bool
) -> Iterator[BrowserContext]:
    """A fresh browser profile with the look, in English and in the house's time zone."""
    context = browser.new_context(
        base_url=service.url,
        viewport={"width": look.width, "height": 844 if look.is_phone else 800},
        has_touch=look.is_phone,
        color_scheme=look.theme,
        java_script_enabled=scripts,
        locale="en-GB",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
    )
    context.set_default_timeout(TIMEOUT_MS)
    if scripts:
        context.clock.install(time=NOW)
    yield context
    context.close()


@pytest.fixture
def watch(service: Service) -> Watch:
    """What the pages of the test did wrong; ``watch.expected.add(409)`` allows a code."""
    return Watch(urlsplit(service.url).netloc)


@pytest.fixture
def page(context: BrowserContext, house: House, watch: Watch) -> Iterator[Page]:
    """A page with the look, on the house; any fault of any page fails the test."""
    context.on("page", watch.over)
    yield context.new_page()
    assert watch.faults == []


@pytest.fixture
def another(
    browser: Browser, service: Service, house: House, watch: Watch
) -> Iterator[Callable[..., Page]]:
    """Return what opens a page in a browser profile of its own: ``another(locale="fr-FR")``."""
    opened: list[BrowserContext] = []

    def page(*, locale: str = "en-GB") -> Page:
        context = browser.new_context(
            base_url=service.url,
            viewport={"width": WIDE.width, "height": 800},
            locale=locale,
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
        )
        context.set_default_timeout(TIMEOUT_MS)
        context.on("page", watch.over)
        opened.append(context)
        return context.new_page()

    yield page
    for each in opened:
        each.close()
    assert watch.faults == []


@pytest.fixture
def sign_in(house: House) -> Callable[[Page, Actor], Page]:
    """Return what signs a person in by the form: ``sign_in(page, house.member)``."""

    def signed_in(page: Page, person: Actor) -> Page:
        page.goto("/sign-in")
        form = page.locator("main form")
        form.locator("[name=email]").fill(house.email(person))
        form.locator("[name=password]").fill(PASSWORD)
        form.locator("[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    return signed_in
