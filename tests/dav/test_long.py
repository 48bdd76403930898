"""Long calendars as one file: sent a few thousand bookings at a time, whatever their length."""

import gzip
import tracemalloc

import pytest
from flask import Flask

from booking import written
from tests.dav.conftest import Program
from tests.support.factories import House

KEPT = ("booking.dav.files", "booking.dav.written")


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a calendar be long from the third booking on, and be read by twos."""
    monkeypatch.setattr(written, "LONG", 2)
    monkeypatch.setattr(written, "AT_ONCE", 2)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("slug", ["space-1", "organisation-1"])
def test_pieces_are_what_one_piece_would_be(
    app: Flask,
    member: Program,
    house: House,
    slug: str,
    encoding: str,
    request: pytest.FixtureRequest,
) -> None:
    for day in range(1, 8):
        house.add_booking(house.atlas, by=house.stranger, days=[day], visibility="private")
        house.add_booking(house.atlas, days=[day], start=14, end=15, title="Chœur" * day)
    house.add_booking(house.atlas, days=(0, 7), start=18, end=19, rule="FREQ=WEEKLY;COUNT=2")
    path, accepted = member.home(f"{slug}/"), {"Accept_Encoding": encoding}
    whole = member.ask("GET", path, **accepted)
    for each in KEPT:
        app.extensions.pop(each)

    request.getfixturevalue("long")
    streamed = member.ask("GET", path, **accepted)

    assert (whole.content_length is None, streamed.content_length) == (False, None)
    for name in ("ETag", "Content-Type", "Content-Disposition", "DAV", "Vary"):
        assert streamed.headers[name] == whole.headers[name]
    bodies = [each.data for each in (streamed, whole)]
    if encoding == "gzip":
        bodies = [gzip.decompress(each) for each in bodies]
    assert bodies[0] == bodies[1]
    assert bodies[0].count(b"BEGIN:VEVENT") >= 8
    etag = streamed.headers["ETag"]
    assert member.ask("GET", path, If_None_Match=etag).status_code == 304
    assert member.ask("HEAD", path, **accepted).headers["ETag"] == etag


def test_memory_does_not_grow_with_its_length(
    app: Flask, member: Program, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "LONG", 20)
    monkeypatch.setattr(written, "AT_ONCE", 50)
    path = member.home(f"space-{house.atlas.id}/")

    def peak(at_least: int) -> int:
        """Return the most bytes of memory that a GET took at once."""
        for each in KEPT:
            app.extensions.pop(each, None)
        tracemalloc.start()
        answer = member.ask("GET", path, Accept_Encoding="identity")
        assert sum(map(len, answer.iter_encoded())) > at_least
        answer.close()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    def grow(days: range) -> None:
        for day in days:
            house.add_booking(house.atlas, days=[day], note="A long note. " * 400)

    grow(range(20, 120))
    peak(500_000)  # what is kept from the first time on
    few = peak(500_000)
    grow(range(120, 520))
    assert peak(2_500_000) < few * 1.5
