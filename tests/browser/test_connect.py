"""A member signs in at a provider to connect a calendar, and comes back, in a real browser."""

from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import enter
from tests.conftest import Services
from tests.support.browser import Watch
from tests.support.calendars import radicale
from tests.support.databases import Database, make_engine
from tests.support.factories import NOW, House, KeptHouse
from tests.support.oauth_provider import Accounts, provider_before
from tests.support.service import Service, running

SLOW_MS = 60_000  # other servers are asked


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    with (
        radicale(tmp_path_factory.mktemp("radicale")) as server,
        provider_before(server) as accounts,
    ):
        yield accounts


@pytest.fixture(scope="module")
def served_database(services: Services) -> Iterator[Database]:
    """A database of its own: no other service takes its calendars from the queue."""
    database = Database("sqlite", f"{services.worker}_connect")
    database.create()
    yield database
    database.drop()


@pytest.fixture(scope="module")
def kept_house(served_database: Database) -> Iterator[KeptHouse]:
    engine = make_engine(served_database.url)
    yield KeptHouse.of(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def service(
    served_database: Database, cloud: Accounts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service that knows the provider."""
    provider = cloud.provider()
    keys = "".join(f'{each.name} = "{getattr(provider, each.name)}"\n' for each in fields(provider))
    settings = f'[calendars]\ntrusted_hosts = "localhost"\n[[sync.providers]]\n{keys}'
    folder = tmp_path_factory.mktemp("service")
    with running(folder, database_url=served_database.url, now=NOW, settings=settings) as service:
        yield service


def test_there_and_back(page: Page, house: House, cloud: Accounts, watch: Watch) -> None:
    watch.others.add(urlsplit(cloud.url).netloc)
    page.set_default_timeout(SLOW_MS)
    house.add_booking(house.atlas, title="Choir")
    enter(page, house, house.member)
    page.goto("/calendars/connections/new")
    page.get_by_role("button", name="Sign in at Cloud").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a calendar", timeout=SLOW_MS)
    page.get_by_label("Make a calendar for the bookings").check()
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_text("1 booking would appear there")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="Begin").click()
    begun = page.get_by_text("What is booked appears there within seconds.")
    expect(begun).to_be_visible(timeout=SLOW_MS)
    assert set(cloud.grants) == {"authorization_code"}
