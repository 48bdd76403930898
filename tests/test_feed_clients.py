"""Real calendar programs subscribe to the running service.

vdirsyncer fetches the feed over HTTP into a folder, khal lists what is in it;
curl, which the machine has, is told what is new.  The two others live in an
environment of their own below ``.cache``, fetched by pip the first time.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import update

from booking.models import Booking, Collection, Subscription
from tests.support.databases import writing
from tests.support.environments import calendar_program
from tests.support.factories import House
from tests.support.service import ROOT, Service

RUN_S = 60


@dataclass(frozen=True, slots=True)
class Programs:
    """vdirsyncer and khal, with their settings in one folder."""

    folder: Path

    def subscribe(self, name: str, url: str) -> None:
        """Write settings that follow one address."""
        (self.folder / "vdirsyncer.ini").write_text(
            f'[general]\nstatus_path = "{self.folder}/status"\n'
            f'[pair {name}]\na = "{name}_local"\nb = "{name}_feed"\ncollections = null\n'
            f'[storage {name}_local]\ntype = "filesystem"\npath = "{self.folder}/{name}"\n'
            f'fileext = ".ics"\n[storage {name}_feed]\ntype = "http"\nurl = "{url}"\n'
        )
        (self.folder / name).mkdir()
        (self.folder / "khal.ini").write_text(
            f"[calendars]\n[[{name}]]\npath = {self.folder}/{name}\nreadonly = True\n"
            "[locale]\nlocal_timezone = Europe/Paris\ndefault_timezone = Europe/Paris\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            f"[sqlite]\npath = {self.folder}/khal.db\n"
        )
        self._run("vdirsyncer", "discover")

    def sync(self) -> str:
        """Fetch the feed; return what vdirsyncer tells."""
        return self._run("vdirsyncer", "sync", "--force-delete")

    def list(self, day: str) -> list[str]:
        """Return what khal shows of a day: start, end, title, place, state."""
        shown = "{start-time} {end-time} {title} @ {location} [{status}]"
        listed = self._run("khal", "list", "--format", shown, "--day-format", "", day, "1d")
        return [line for line in listed.splitlines() if line]

    def _run(self, program: str, *arguments: str) -> str:
        settings = {
            "HOME": str(self.folder),
            "KHAL_CONFIG": str(self.folder / "khal.ini"),
            "VDIRSYNCER_CONFIG": str(self.folder / "vdirsyncer.ini"),
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "NO_PROXY": "127.0.0.1",
        }
        command = [calendar_program(program), *arguments]
        if program == "khal":
            command[1:1] = ["--config", settings["KHAL_CONFIG"]]
        done = subprocess.run(
            command, env=settings, capture_output=True, text=True, timeout=RUN_S, check=False
        )
        assert done.returncode == 0, f"{program} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """Return the programs, with an empty folder for their settings."""
    folder = tmp_path / "programs"
    folder.mkdir()
    return Programs(folder)


def feed_of(service: Service, *options: str) -> str:
    """Make a link at the command line; return its address."""
    command = [sys.executable, "-m", "booking", "feed", "create", *options, "--json"]
    command += ["--config", str(service.log.parent / "config.toml")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_S, check=False
    )
    assert done.returncode == 0, done.stderr
    made: dict[str, str] = json.loads(done.stdout)
    assert re.fullmatch(rf"{re.escape(service.url)}/feeds/[\w-]{{32}}\.ics", made["url"])
    return made["url"]


def test_khal_lists_what_vdirsyncer_fetched(
    service: Service, served: House, programs: Programs
) -> None:
    served.add_booking(served.atlas, title="Choir; with, piano 🎶")
    served.add_booking(served.birch, start=14, end=15.5, by=served.stranger, title="Not mine")
    programs.subscribe("mine", feed_of(service, "--member", "member@example.org"))

    programs.sync()

    assert programs.list("2027-03-11") == [
        "10:00 11:00 Choir; with, piano 🎶 @ Atlas, The House [CONFIRMED ]"
    ]
    assert programs.list("2027-03-12") == []


def test_khal_keeps_the_hour_of_a_series_across_the_change_of_the_clocks(
    service: Service, served: House, programs: Programs
) -> None:
    served.add_booking(served.atlas, days=(14, 15, 16, 17, 18, 19), title="Daily")
    programs.subscribe("room", feed_of(service, "--space", str(served.atlas.id)))

    programs.sync()

    days = ("2027-03-24", "2027-03-25", "2027-03-27", "2027-03-28", "2027-03-30", "2027-03-31")
    line = "10:00 11:00 Daily @ Atlas, The House [CONFIRMED ]"
    assert [programs.list(day) for day in days] == [[], [line], [line], [line], [line], []]


def test_change_arrives_with_the_next_sync(
    service: Service, served: House, programs: Programs
) -> None:
    booking_id = served.add_booking(served.atlas, title="Choir")
    programs.subscribe("mine", feed_of(service, "--member", "member@example.org"))
    programs.sync()
    assert "Choir" in programs.list("2027-03-11")[0]

    _retitle(served, booking_id, "Orchestra")
    programs.sync()

    [line] = programs.list("2027-03-11")
    assert "Orchestra" in line


def test_link_for_busy_shows_no_title(service: Service, served: House, programs: Programs) -> None:
    served.add_booking(served.atlas, title="Choir")
    programs.subscribe(
        "busy", feed_of(service, "--member", "member@example.org", "--space", "1", "--busy")
    )

    programs.sync()

    [line] = programs.list("2027-03-11")
    assert "Choir" not in line
    assert line.startswith("10:00 11:00 ")


def test_use_of_the_link_is_noted(service: Service, served: House, programs: Programs) -> None:
    programs.subscribe("mine", feed_of(service, "--member", "member@example.org"))
    programs.sync()
    with writing(served.engine) as connection:
        [used] = connection.execute(Subscription.__table__.select()).all()
    assert used.last_used_s is not None


def test_curl_is_told_what_is_new_and_what_is_not(
    service: Service, served: House, tmp_path: Path
) -> None:
    booking_id = served.add_booking(served.atlas, title="Choir")
    url = feed_of(service, "--member", "member@example.org")
    kept, tag = tmp_path / "kept.ics", tmp_path / "tag"
    asked = ("--compressed", "--etag-save", str(tag), "--etag-compare", str(tag))

    assert curl(url, "-o", str(kept), *asked) == "200 text/calendar; charset=utf-8"
    assert b"SUMMARY:Choir" in kept.read_bytes()
    assert curl(url, "-o", str(tmp_path / "nothing"), *asked).startswith("304")
    head = tmp_path / "head"
    assert curl(url, "-I", "-o", str(head)).startswith("200")
    told = head.read_text().lower()
    assert "etag:" in told
    assert "set-cookie" not in told
    assert curl(url.replace(".ics", ".ifb"), "-o", str(kept)).startswith("200")
    assert b"BEGIN:VFREEBUSY" in kept.read_bytes()

    _retitle(served, booking_id, "Orchestra")

    assert curl(url, "-o", str(kept), *asked).startswith("200")
    assert b"SUMMARY:Orchestra" in kept.read_bytes()


def curl(url: str, *options: str) -> str:
    """Fetch an address as people do in a terminal; return the status and the type."""
    command = ["curl", "-sS", "--noproxy", "*", "-w", "%{http_code} %{content_type}", *options, url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _retitle(served: House, booking_id: int, title: str) -> None:
    """Change a title as a verb would: with a new version and revision."""
    with writing(served.engine) as connection:
        connection.execute(
            update(Booking).where(Booking.id == booking_id).values(title=title, version=2)
        )
        row = {"kind": "person", "owner_id": served.member.person_id, "revision": 1}
        connection.execute(Collection.__table__.insert().values(**row))
