"""Every page runs a fixed number of SQL statements, however much is stored.

A new page is added to ``pages`` of its family, and the rows it needs to ``grow``.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from booking.actions.spaces import set_site_policy
from booking.core.values import Actor, FairUse, Limits, Seasons, SitePolicy, Stance
from tests.statement_counts.boards import Boards
from tests.statement_counts.bookings import Bookings
from tests.statement_counts.calendars import Calendars
from tests.statement_counts.family import SIZES, Family, Growth, Page
from tests.statement_counts.people import People
from tests.statement_counts.public import Public
from tests.statement_counts.running import Running
from tests.support.factories import NOW, House

FAMILIES: tuple[type[Family], ...] = (Bookings, Boards, Calendars, People, Public, Running)

# Routes that show nothing of the house, or lead elsewhere.
NO_PAGES = {
    "account.forgotten",
    "account.invitation",
    "admin.index",
    "admin.outbox_file",
    "board.go",
    "board.today",
    "connections.come_back",  # asks a provider: tests/web/test_connections_oauth.py
    "connections.preview",  # asks another server: tests/sync
    "dav.dav",
    "dav.well_known",
    "health.health",
    "plan.underlay",
    "rooms.photo",
    "static.favicon",
    "static.file",
}

Count = Callable[[], AbstractContextManager[list[str]]]
SignIn = Callable[[FlaskClient, Actor], FlaskClient]


def _counting(app: Flask, house: House) -> None:
    """Let the house count what everybody uses, by every kind of limit."""
    hours = timedelta(hours=1_000)
    limits = Limits(hours, Stance.ALLOW, hours, hours, hours, hours, 9_000, 9_000, 9_000)
    policy = SitePolicy(fair_use=FairUse(True, limits, limits), seasons=Seasons())
    with app.app_context():
        set_site_policy(house.site.id, policy, house.admin, version=1, now=NOW)


def _pages(families: list[Family]) -> dict[str, Page]:
    """Return the pages of all families; no two have one name."""
    named = [each for family in families for each in family.pages().items()]
    pages = dict(named)
    assert len(pages) == len(named)
    return pages


def test_every_page_has_as_many_statements_with_1_3_and_350_rows(
    app: Flask, house: House, sign_in: SignIn, count: Count
) -> None:
    _counting(app, house)
    families = [family(house, app) for family in FAMILIES]
    counted: dict[str, list[int]] = {}
    before = 0
    for size in SIZES:
        for family in families:
            family.grow(Growth(size, range(before, size)))
        before, pages = size, _pages(families)
        for name, page in pages.items():
            client = app.test_client()
            if page.reader is not None:
                sign_in(client, page.reader)
            client.get(page.path)  # what only a first visit does
            for shelf in ("booking.boards", "booking.feeds"):  # what is kept is cheap
                app.extensions.pop(shelf, None)
            with count() as statements:
                answer = client.get(page.path)
            assert answer.status_code == 200, f"{name}: {answer.status_code}"
            counted.setdefault(name, []).append(len(statements))
    assert counted == {name: [most[0]] * len(SIZES) for name, most in counted.items()}
    too_many = {name: n for name, (n, *_) in counted.items() if n > pages[name].most}
    assert too_many == {}


def test_every_page_is_counted(app: Flask, house: House) -> None:
    families = [family(house, app) for family in FAMILIES]
    for family in families:
        family.grow(Growth(1, range(1)))
    adapter = app.url_map.bind("")
    visited = {
        adapter.match(page.path.partition("?")[0], return_rule=True)[0].endpoint
        for page in _pages(families).values()
    }
    shown = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert shown - visited == NO_PAGES
