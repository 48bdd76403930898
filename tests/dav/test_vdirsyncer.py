"""vdirsyncer keeps a folder and a calendar of ours the same, both ways."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.dav.test_suites import _run
from tests.support.databases import Database, make_engine
from tests.support.environments import environment, program
from tests.support.factories import NOW, House, make_house
from tests.support.service import Service, running

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
    "DTSTAMP:20270310T090000Z\r\nDTSTART;TZID=Europe/Paris:202703{day}T{hour}0000\r\n"
    "DTEND;TZID=Europe/Paris:202703{day}T{hour}3000\r\nSUMMARY:{title}\r\n"
    "LOCATION:{place}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@dataclass(frozen=True, slots=True)
class Synced:
    """A folder that vdirsyncer keeps beside one calendar."""

    folder: Path
    vdirsyncer: str

    def sync(self, *, check: bool = True) -> str:
        """Let it sync once."""
        command = [self.vdirsyncer, "-c", str(self.folder / "config"), "sync"]
        return _run(command, check=check)

    def write(self, uid: str, **said: str) -> None:
        """Write an event into the folder."""
        text = EVENT.format(uid=uid, **{"place": "Atlas", "hour": "10", "day": "11", **said})
        (self.folder / "events" / f"{uid}.ics").write_text(text, newline="")

    def titles(self) -> dict[str, str]:
        """Return the titles in the folder, by file."""
        files = (self.folder / "events").glob("*.ics")
        lines = {each.name: each.read_text().splitlines() for each in files}
        return {
            name: next(line[8:] for line in some if line.startswith("SUMMARY:"))
            for name, some in sorted(lines.items())
        }


@pytest.fixture
def house(database: Database) -> House:
    """Return a house in a database that nobody has open."""
    engine = make_engine(database.url)
    try:
        return make_house(engine)
    finally:
        engine.dispose()


@pytest.fixture
def service(database: Database, house: House, tmp_path: Path) -> Iterator[Service]:
    """Return the service, running on the house at ``NOW``."""
    with running(tmp_path, database_url=database.url, now=NOW) as service:
        yield service


def synced(service: Service, slug: str, folder: Path) -> Synced:
    """Return a folder that is to be like one calendar of the member."""
    command = [sys.executable, "-m", "booking", "app-password", "create", "member@example.org"]
    command += ["--name", slug, "--json", "--config", str(service.log.parent / "config.toml")]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    secret = made.stdout.partition('"password": "')[2].partition('"')[0]
    (folder / "events").mkdir(parents=True)
    (folder / "config").write_text(
        f'[general]\nstatus_path = "{folder}/status"\n[pair p]\na = "here"\nb = "there"\n'
        'collections = null\nconflict_resolution = "b wins"\n'
        f'[storage here]\ntype = "filesystem"\npath = "{folder}/events"\nfileext = ".ics"\n'
        f'[storage there]\ntype = "caldav"\nurl = "{service.url}/dav/cal/1/{slug}/"\n'
        f'username = "member@example.org"\npassword = "{secret}"\n'
    )
    found = environment("dav-vdirsyncer", "vdirsyncer==0.21.*")
    _run([program(found, "vdirsyncer"), "-c", str(folder / "config"), "discover"])
    return Synced(folder, program(found, "vdirsyncer"))


def test_room_and_folder_stay_the_same(service: Service, house: House, tmp_path: Path) -> None:
    room = synced(service, f"space-{house.atlas.id}", tmp_path / "room")
    mine = synced(service, f"person-{house.member.person_id}", tmp_path / "mine")
    house.add_booking(house.atlas, by=house.stranger, title="Theirs", start=16, end=17)

    room.write("a", title="From the room")
    mine.write("b", title="From mine", place="Birch")
    room.sync()
    mine.sync()
    assert sorted(room.titles().values()) == ["From the room", "Theirs"]
    assert sorted(mine.titles().values()) == ["From mine", "From the room"]

    # Changed here, and it is so there; then given back.
    mine.write("b", title="Changed", place="Birch", hour="12")
    mine.sync()
    mine.sync()
    assert "Changed" in mine.titles().values()
    (mine.folder / "events" / "b.ics").unlink()
    mine.sync()
    assert [*mine.titles().values()] == ["From the room"]

    # What clashes is refused, and stops nothing else.
    room.write("c", title="Clash", hour="16")
    room.write("d", title="Free", hour="18")
    room.sync(check=False)
    mine.sync()
    assert sorted(mine.titles().values()) == ["Free", "From the room"]
