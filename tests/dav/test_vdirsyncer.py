"""vdirsyncer keeps a folder and a calendar of ours the same, both ways."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.dav.test_suites import _run
from tests.support.environments import calendar_program
from tests.support.factories import House
from tests.support.service import Service

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

    def forget(self) -> None:
        """Let it not know any more what it has synced."""
        shutil.rmtree(self.folder / "status")
        _run([self.vdirsyncer, "-c", str(self.folder / "config"), "discover"])

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


def synced(service: Service, slug: str, folder: Path, conflicts: str = '"b wins"') -> Synced:
    """Return a folder that is to be like one calendar of the member.

    ``conflicts`` is whose version counts where both were edited: "a" is the folder, "b" the
    calendar.
    """
    command = [sys.executable, "-m", "booking", "app-password", "create", "member@example.org"]
    command += ["--name", slug, "--json", "--config", str(service.log.parent / "config.toml")]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    secret = made.stdout.partition('"password": "')[2].partition('"')[0]
    (folder / "events").mkdir(parents=True)
    (folder / "config").write_text(
        f'[general]\nstatus_path = "{folder}/status"\n[pair p]\na = "here"\nb = "there"\n'
        f"collections = null\nconflict_resolution = {conflicts}\n"
        f'[storage here]\ntype = "filesystem"\npath = "{folder}/events"\nfileext = ".ics"\n'
        f'[storage there]\ntype = "caldav"\nurl = "{service.url}/dav/cal/1/{slug}/"\n'
        f'username = "member@example.org"\npassword = "{secret}"\n'
    )
    vdirsyncer = calendar_program("vdirsyncer")
    _run([vdirsyncer, "-c", str(folder / "config"), "discover"])
    return Synced(folder, vdirsyncer)


def test_room_and_folder_stay_the_same(service: Service, served: House, tmp_path: Path) -> None:
    room = synced(service, f"space-{served.atlas.id}", tmp_path / "room")
    mine = synced(service, f"person-{served.member.person_id}", tmp_path / "mine")
    served.add_booking(served.atlas, by=served.stranger, title="Theirs", start=16, end=17)

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


def test_both_sides_edited(service: Service, served: House, tmp_path: Path) -> None:
    bold = synced(service, f"space-{served.atlas.id}", tmp_path / "bold", '"a wins"')
    mine = synced(service, f"person-{served.member.person_id}", tmp_path / "mine", '"b wins"')

    served.add_booking(served.atlas, title="Other", start=16, end=17)  # no folder is ever empty

    def sync_both() -> list[list[str]]:
        for each in (bold, mine):
            each.sync()
        return [sorted(each.titles().values()) for each in (bold, mine)]

    bold.write("x", title="First")
    assert sync_both() == [["First", "Other"]] * 2

    # Edited on both sides: the folder's counts in one, the calendar's in the other.
    mine.write("x", title="Mine")
    mine.sync()
    bold.write("x", title="Bold")
    bold.sync()
    mine.write("x", title="Lost")
    assert sync_both() == [["Bold", "Other"]] * 2

    # Deleted on one side and changed on the other: it stays, as it is changed.
    bold.write("x", title="Kept", hour="12")
    bold.sync()
    (mine.folder / "events" / "x.ics").unlink()
    assert sync_both() == [["Kept", "Other"]] * 2

    # Who has forgotten what was synced begins anew: nothing is doubled, nothing cancelled.
    bold.forget()
    mine.forget()
    assert sync_both() == [["Kept", "Other"]] * 2
    (bold.folder / "events" / "x.ics").unlink()
    assert sync_both() == [["Other"]] * 2
