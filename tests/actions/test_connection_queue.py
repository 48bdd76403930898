"""The queue of connections: fair, two at a server, each once, and as quick with thousands."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

from booking.actions.bookings import book
from booking.actions.connections import Outcome, claim, finish_run
from booking.core.calendars import Scope
from booking.db import db
from booking.queries.connection_queue import next_due
from booking.queries.feed import feed_state
from tests.support.factories import NOW
from tests.support.migrating import app_without_pages
from tests.support.racing import PROCESSES
from tests.support.statements import count_statements

PATIENCE_S = 60
LATER = NOW + timedelta(hours=9)
WENT_WELL = Outcome(None, None, seen=0, known="", moved=False)


def due(session, *, oldest_first=False):
    session.rollback()
    found = next_due(db.session(), now=NOW, oldest_first=oldest_first)
    return found and found.id


def test_server_that_hangs_holds_nobody_up(session, house):
    slow = [
        house.add_connection(state="active", host="slow", due_at=NOW - timedelta(minutes=n))
        for n in range(5)
    ]
    good = house.add_connection(state="active", host="good", due_at=NOW)
    ended = house.add_connection(state="active", host="gone", due_at=NOW, leased_until=NOW)
    taken = [claim(now=NOW).id for _ in range(4)]
    assert taken == [slow[4], slow[3], good, ended]
    assert claim(now=NOW) is None


def test_what_was_changed_here_goes_first_and_the_rest_is_not_forgotten(session, house):
    waits = house.add_connection(state="active", due_at=NOW - timedelta(hours=1), mine=False)
    changed = house.add_connection(state="active", due_at=LATER, seen=0)
    failing = house.add_connection(state="active", due_at=LATER, seen=0, tries=2)
    assert due(session) == waits
    book(house.request(), house.member, now=NOW)
    assert due(session) == changed
    assert due(session, oldest_first=True) == waits
    claim(now=LATER)
    assert failing not in (due(session), due(session, oldest_first=True))  # it waits its time


def test_connections_of_two_rooms_are_each_due_for_their_own(session, house):
    seen = {}
    for room in house.rooms[:2]:
        scope = Scope(space_id=room.id)
        revision = feed_state(session, scope, person_id=house.member.person_id).revision
        more = {"mine": False, "space_id": room.id, "seen": revision}
        seen[room.id] = house.add_connection(state="active", due_at=LATER, **more)
    assert due(session) is None
    for day, room in enumerate(house.rooms[:2]):
        book(house.request(room, day=day), house.member, now=NOW)
        assert due(session) == seen[room.id]
        claimed = claim(now=NOW)
        revision = feed_state(
            db.session(), Scope(space_id=room.id), person_id=house.member.person_id
        ).revision
        finish_run(claimed, Outcome(None, None, revision, "", moved=True), now=NOW)
        assert due(session) is None


def test_claim_takes_as_many_statements_with_hundreds(session, house):
    def claiming():
        with count_statements(db.engine) as seen:
            assert claim(now=NOW) is not None
        return len(seen)

    for number in range(3):
        house.add_connection(state="active", host=f"h{number}")
    few = claiming()
    for number in range(200):
        house.add_connection(state="active", host=f"h{number % 7}")
    assert abs(claiming() - few) <= 1  # in which of two orders it is looked for is chance


def work(url, log, start):
    """Claim until nothing is due, and write down what is begun and ended."""
    app = app_without_pages(url, threads=2)
    with app.app_context(), Path(log).open("ab", buffering=0) as file:
        start.wait(PATIENCE_S)
        while True:
            if (claimed := claim(now=NOW)) is not None:
                os.write(file.fileno(), b"begin %d\n" % claimed.id)
                os.write(file.fileno(), b"end %d\n" % claimed.id)
                finish_run(claimed, WENT_WELL, now=NOW)
            elif next_due(db.session(), now=NOW) is None:
                break
        db.session.remove()
        db.engine.dispose()


def test_of_several_processes_each_connection_is_run_by_one(database, session, house, tmp_path):
    hosts = {}
    for number in range(24):
        host = f"h{number % 4}"
        hosts[house.add_connection(state="active", host=host, seen=0)] = host
    log = tmp_path / "log"
    start = PROCESSES.Barrier(3)
    workers = [
        PROCESSES.Process(target=work, args=(database.url, str(log), start), daemon=True)
        for _ in range(3)
    ]
    for each in workers:
        each.start()
    for each in workers:
        each.join(PATIENCE_S)
    assert [each.exitcode for each in workers] == [0, 0, 0]
    running, begun = Counter(), Counter()
    for line in log.read_text().splitlines():
        what, id_ = line.split()
        running[hosts[int(id_)]] += 1 if what == "begin" else -1
        begun[int(id_)] += what == "begin"
        assert max(running.values()) <= 2, "three at one server"
    left = [id_ for id_ in hosts if begun[id_] != 1]
    assert left == []
