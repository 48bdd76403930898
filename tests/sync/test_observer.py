"""vdirsyncer, which knows nothing of us, sees in the calendar what our state says is there."""

import random
import subprocess
from contextlib import suppress
from pathlib import Path

from booking.actions.bookings import book, cancel
from booking.core.connections import Deletes, Edits, Settings
from booking.core.errors import BookingError
from booking.core.requests import CancelRequest
from booking.db import db
from booking.ical.objects import digest, uid_of
from booking.queries import agenda
from booking.queries.connections import remote_objects
from tests.support.environments import calendar_program
from tests.support.factories import NOW
from tests.sync.events import DENTIST, marked, retimed, retitled

ROUNDS, EDITS = 3, 6


class Observer:
    """A folder that vdirsyncer keeps like a calendar, and that nobody else writes to."""

    def __init__(self, folder: Path, url: str, server) -> None:
        self.events = folder / "events"
        self.events.mkdir()
        config = folder / "config"
        config.write_text(
            f'[general]\nstatus_path = "{folder}/status"\n[pair p]\na = "here"\nb = "there"\n'
            f'collections = null\nconflict_resolution = "b wins"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self.events}"\nfileext = ".ics"\n'
            f'[storage there]\ntype = "caldav"\nurl = "{url}"\nread_only = true\n'
            f'username = "{server.username}"\npassword = "{server.password}"\n'
        )
        self.command = [calendar_program("vdirsyncer"), "-c", str(config)]
        subprocess.run([*self.command, "discover"], check=True, capture_output=True)

    def sees(self) -> dict[str, str]:
        """Return what is in the calendar: the digests by UID."""
        subprocess.run([*self.command, "sync"], check=True, capture_output=True)
        raws = [each.read_bytes() for each in self.events.glob("*.ics")]
        found = {uid_of(raw): digest(raw) for raw in raws}
        assert len(found) == len(raws)
        return found


def test_vdirsyncer_sees_what_our_state_says(connect, radicale_server, house, tmp_path):
    chance = random.Random(7)
    mine = connect(radicale_server, settings=Settings(edits=Edits.FOLLOW, deletes=Deletes.CANCEL))
    mine.remote.put(mine.remote.href_for("dentist"), DENTIST, None)
    observer = Observer(tmp_path, mine.remote.url, radicale_server)
    made = []
    for number in range(ROUNDS):
        for _ in range(EDITS):
            wish = house.request(title=f"Round {number}", day=len(made), rule="FREQ=WEEKLY;COUNT=2")
            with suppress(BookingError):
                made.append(book(wish, house.member, now=NOW).booking_id)
        for href, raw in chance.sample(sorted(mine.there().items()), min(3, len(mine.there()))):
            if uid_of(raw) != uid_of(DENTIST):
                mine.edit(href, marked(retitled(retimed(raw, chance.randint(8, 17)), "There")))
        ended = chance.choice(made)
        with suppress(BookingError):
            version = agenda.booking(db.session(), ended).version
            cancel(CancelRequest(ended, version), house.member, now=NOW)
        for _ in range(3):
            mine.run()

        known = {each.uid: each.theirs for each in remote_objects(db.session(), mine.id)}
        assert len(known) > number
        assert observer.sees() == {**known, uid_of(DENTIST): digest(DENTIST)}
