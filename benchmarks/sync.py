"""A member's own calendar: the first push beside vdirsyncer, a look without news, and the delay.

All against a Radicale of its own.  vdirsyncer syncs the same events, as we
wrote them there, from a folder to another calendar of the same server.
"""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

from flask import Flask

from benchmarks.effort import Effort
from benchmarks.figures import Figure
from benchmarks.place import Place, folder, place
from booking.actions import connections as verbs
from booking.actions.bookings import book
from booking.config import Calendars, Config, Paths
from booking.core.connections import Account, Settings
from booking.sync import discovery
from booking.sync.remote import Remote
from booking.sync.run import guard_of
from booking.sync.run import run as run_connection
from booking.sync.transport import Credentials, Transport
from booking.vault import Vault
from tests.support.calendars import CalendarServer, radicale
from tests.support.environments import calendar_program
from tests.support.factories import NOW, House
from tests.support.service import running

TRUSTED = "localhost"
A_DAY = 10  # bookings from 8 o'clock
LOOKS, DELAYS = 40, 5
PATIENCE_S = 60


@dataclass(slots=True)
class Own:
    """A calendar on the server, connected for the member."""

    url: str
    config: Config
    given: Credentials

    def read(self) -> dict[str, bytes]:
        """Return what is in it: href -> text."""
        with Transport(guard_of(self.config), self.given) as transport:
            remote = Remote(self.url, transport)
            return {href: item.raw for href, item in remote.items(remote.listing().etags)}


def run(effort: Effort) -> Iterator[Figure]:
    """Yield the figures of pushing, looking and waiting."""
    with radicale(_folder()) as server:
        with place("sqlite") as here, here.app() as app, app.app_context():
            yield from _push_and_look(here.house, app, server, effort)
        with place("sqlite") as here:
            yield from _delay(here, server, effort)


def _push_and_look(
    house: House, app: Flask, server: CalendarServer, effort: Effort
) -> Iterator[Figure]:
    clock = app.extensions["booking"]["clock"]
    for number in range(effort.events):
        day, hour = divmod(number, A_DAY)
        wish = house.request(title=f"Event {number}", day=day, start=8 + hour, end=9 + hour)
        book(wish, house.member, now=NOW)
    own = _connected(house, app.extensions["booking"]["config"], server)

    def work() -> None:
        while (claimed := verbs.claim(now=clock())) is not None:
            run_connection(claimed, own.config, clock)

    began, cpu = time.perf_counter(), time.process_time()
    work()
    ours, cpu = time.perf_counter() - began, time.process_time() - cpu
    there = own.read()
    assert len(there) == effort.events
    theirs = _vdirsyncer(there, server)
    remark = f"{effort.events:,} bookings to Radicale"
    yield Figure("syncing.push", ours, "s", remark=remark)
    yield Figure("syncing.push_cpu", cpu, "s", remark="of our process")
    yield Figure("syncing.vdirsyncer", theirs, "s", remark="its first sync of the same")
    yield Figure("syncing.over_vdirsyncer", ours / theirs, "x", 1, 0.5)

    looks = []
    for _ in range(min(LOOKS, effort.rounds)):
        clock.now += timedelta(hours=7)
        cpu = time.process_time()
        work()
        looks.append((time.process_time() - cpu) * 1000)
    yield Figure("syncing.look_cpu", min(looks), "ms", 20, 12, "a run without news, claim and all")


def _vdirsyncer(objects: dict[str, bytes], server: CalendarServer) -> float:
    """Return the seconds of a first sync from a folder."""
    at = _folder()
    (at / "events").mkdir()
    for number, text in enumerate(objects.values()):
        (at / "events" / f"{number}.ics").write_bytes(text)
    account = Credentials(server.url, server.username, server.password)
    goal = discovery.make_calendar(account, guard_of(_trusting(Config())), "vdirsyncer").url
    (at / "config").write_text(
        f'[general]\nstatus_path = "{at}/status"\n[pair p]\na = "here"\nb = "there"\n'
        f'collections = null\n[storage here]\ntype = "filesystem"\npath = "{at}/events"\n'
        f'fileext = ".ics"\n[storage there]\ntype = "caldav"\nurl = "{goal}"\n'
        f'username = "{server.username}"\npassword = "{server.password}"\n'
    )
    command = [calendar_program("vdirsyncer"), "-c", str(at / "config")]
    subprocess.run([*command, "discover"], check=True, capture_output=True)
    began = time.perf_counter()
    subprocess.run([*command, "sync"], check=True, capture_output=True)
    return time.perf_counter() - began


def _delay(here: Place, server: CalendarServer, effort: Effort) -> Iterator[Figure]:
    """Yield how long after its commit a booking is in the calendar, with the running service."""
    at, house, waits = _folder(), here.house, []
    with here.app() as app, app.app_context():
        config = replace(app.extensions["booking"]["config"], paths=Paths(var=at))
        own = _connected(house, config, server)
        trusted = f'[calendars]\ntrusted_hosts = "{TRUSTED}"\n'
        with running(at, database_url=here.url, settings=trusted):
            for number in range(min(DELAYS, effort.rounds)):
                title = f"Soon {number}"
                book(house.request(title=title, day=number), house.member, now=NOW)
                waits.append(_wait(own, title))
    remark = "worst, from the commit to the calendar, with the service's own ticker"
    yield Figure("syncing.delay", max(waits), "s", 10, 3, remark)


def _wait(own: Own, title: str) -> float:
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE_S:
        if any(title.encode() in raw for raw in own.read().values()):
            return time.perf_counter() - began
        time.sleep(0.1)
    raise AssertionError(f"{title} is not in the calendar")


def _connected(house: House, config: Config, server: CalendarServer) -> Own:
    config = _trusting(config)
    guard = guard_of(config)
    home = discovery.locate(server.url, guard)
    given = Credentials(home, server.username, server.password)
    url = discovery.make_calendar(given, guard, "Bookings").url
    sealed = Vault(config).seal(server.password)
    account = Account(home, server.username, "basic", sealed)
    id_ = verbs.begin_connection(account, [(url, "Bookings")], house.member, now=NOW)
    verbs.choose_calendar(id_, url, "Bookings", Settings(), house.member, now=NOW)
    verbs.resume(id_, house.member, now=NOW)
    return Own(url, config, given)


def _trusting(config: Config) -> Config:
    return replace(config, calendars=Calendars(trusted_hosts=TRUSTED))


def _folder() -> Path:
    return Path(mkdtemp(dir=folder()))
