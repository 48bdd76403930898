"""`booking export`: files for each space, and an empty house made from them is as the old one."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from booking.actions import bookings
from booking.core.requests import CancelRequest, OwnDate
from booking.core.values import Visibility
from tests.cli.conftest import Shell, write_config
from tests.support.factories import NOW, House
from tests.support.migrating import upgrade
from tests.support.occurring import Occurrence, occurrences, read_all

AFTER = NOW + timedelta(days=400)


def taking_place(folder: Path) -> dict[str, list[Occurrence]]:
    """Return the dates to come in each file, by its room."""
    found = {}
    for file in folder.glob("*.ics"):
        body = file.read_bytes()
        name = file.name.rpartition("-")[0]
        found[name] = occurrences(read_all(body), NOW, AFTER)
    return found


@pytest.fixture
def full(app: Flask, house: House) -> House:
    """A house with all that the editor can make."""
    with app.app_context():
        _fill(house)
    return house


def _fill(house: House) -> None:
    weekly = house.request(
        rule="FREQ=WEEKLY;COUNT=30", title="Choir, weekly; loud", note="Two\ntables"
    )
    own = (
        OwnDate(house.at(10, day=7), house.at(14, day=7), house.at(16, day=7)),
        OwnDate(house.at(10, day=14), space_ids=(house.birch.id,), title="Elsewhere"),
        OwnDate(house.at(10, day=21), note="Bring chairs"),
    )
    made = bookings.book(
        replace(weekly, own=own, skip=frozenset({house.at(10, day=28)})), house.member, now=NOW
    )
    assert made.booking_id
    bookings.book(
        house.request(house.atlas, house.birch, start=16, end=18, title="Both"),
        house.member,
        now=NOW,
    )
    chosen = house.request(start=12, end=13, day=1, title="Chosen")
    dates = (house.at(12, day=3), house.at(12, day=9), house.at(12, day=40))
    bookings.book(replace(chosen, rdates=dates), house.member, now=NOW)
    days = replace(
        house.request(house.birch, title="Fair"), start=house.at(0, day=50), end=house.at(0, day=52)
    )
    bookings.book(replace(days, all_day=True), house.admin, now=NOW)
    gone = bookings.book(house.request(start=18, end=19, title="Gone"), house.member, now=NOW)
    bookings.cancel(CancelRequest(gone.booking_id, 1), house.member, now=NOW)
    secret = house.request(house.cedar, title="Secret", visibility=Visibility.PRIVATE)
    bookings.book(secret, house.member, now=NOW)
    nights = house.request(house.birch, start=21, end=30, day=16, rule="FREQ=DAILY;COUNT=3")
    bookings.book(replace(nights, title="Nights"), house.admin, now=NOW)
    house.add_booking(days=(-5,), title="Past")


@pytest.fixture
def other(tmp_path: Path, shell: Shell) -> Shell:
    """Another house, empty, with rooms of the same names."""
    folder = tmp_path / "other"
    folder.mkdir()
    url = f"sqlite:///{folder / 'booking.db'}"
    upgrade(url)
    second = Shell(write_config(folder, url), shell.clock)
    second.run("site", "add", "New house", "--zone", "Europe/Paris")
    for name in ("Atlas", "Birch", "Cedar", "Delta"):
        second.run("space", "add", name)
    second.run("user", "add", "new@example.org", "--name", "New", "--role", "admin", "--link")
    return second


@pytest.mark.engines("sqlite", "postgresql")
def test_export_of_all_makes_the_same_house_again(
    shell: Shell, full: House, other: Shell, tmp_path: Path
) -> None:
    told = shell.json("export", tmp_path / "old")
    assert told["files"] == 4
    before = taking_place(tmp_path / "old")
    assert sum(map(len, before.values())) > 40
    assert any(each.title == "Secret" for each in before["cedar"])
    assert b"Past" in (tmp_path / "old" / f"atlas-{full.atlas.id}.ics").read_bytes()

    for file in sorted((tmp_path / "old").glob("*.ics")):
        made = other.json("import", file, "--by-place", "--as", "new@example.org")
        assert made["counts"]["refused"] == made["counts"]["taken"] == 0, made
    other.run("export", tmp_path / "new")

    after = taking_place(tmp_path / "new")
    assert after == before
    for file in sorted((tmp_path / "old").glob("*.ics")):  # and once more does nothing
        assert other.json("import", file, "--by-place", "--as", "new@example.org")["dates"] == 0


def test_export_writes_a_zip_once(shell: Shell, house: House, tmp_path: Path) -> None:
    target = tmp_path / "all.zip"
    shell.run("export", target, "--site", house.site.slug)
    names = zipfile.ZipFile(io.BytesIO(target.read_bytes())).namelist()
    assert len(names) == 4
    assert f"atlas-{house.atlas.id}.ics" in names
    assert "already" in shell.refusal("export", target)
