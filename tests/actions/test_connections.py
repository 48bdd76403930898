"""The queue of connected calendars, on both engines: who gets one, when, and what is stored."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.actions import connections as verbs
from booking.actions.bookings import book
from booking.actions.connections.leases import LEASE
from booking.core.connections import (
    LONGEST_PAUSE,
    TRIES_BEFORE_TOLD,
    Account,
    Settings,
    Standing,
    is_loss,
    pause_after_failure,
    pause_after_success,
)
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.messages import message
from booking.db import db
from booking.models import Notice
from booking.queries.connection_queue import next_due
from booking.queries.connections import connection, events, remote_objects
from tests.support.factories import NOW

OUTCOME = verbs.Outcome("token", None, 0, "words", moved=False)


def made(house, *, host="cloud.example.org", by=None):
    """Connect a calendar of a person, at work from now on; return its id."""
    person = by or house.member
    url = f"https://{host}/dav/"
    account = Account(url, "mia", "basic", "sealed")
    found = [(f"{url}{number}/", "Work") for number in range(20)]
    id_ = verbs.begin_connection(account, found, person, now=NOW)
    taken = {each for _id, each in urls()}
    address = next(each for each, _name in found if each not in taken)
    verbs.choose_calendar(id_, address, "Work", Settings(), person, now=NOW)
    verbs.resume(id_, person, now=NOW)
    return id_


def urls():
    from booking.queries.connections import connections

    return [(each.id, each.url) for each in connections(db.session(), now=NOW)]


def view(id_):
    db.session.rollback()
    return connection(db.session(), id_, now=NOW)


def test_a_connection_is_claimed_by_one_and_given_back(session, house):
    id_ = made(house)
    claimed = verbs.claim(now=NOW)
    assert claimed is not None
    assert claimed.id == id_
    assert verbs.claim(now=NOW) is None
    verbs.finish_run(claimed, OUTCOME, now=NOW)
    after = view(id_)
    assert (after.sync_token, after.succeeded_at, after.tries) == ("token", NOW, 0)
    assert after.due_at > NOW
    assert not next_due(session, now=NOW)


def test_a_booking_of_its_owner_makes_it_due_at_once(session, house):
    id_ = made(house)
    book(house.request(), house.member, now=NOW)
    claimed = verbs.claim(now=NOW)
    assert claimed is not None
    from booking.queries.feed import feed_state

    state = feed_state(session(), Settings().scope, person_id=house.member.person_id)
    done = verbs.Outcome(None, None, state.revision, "", moved=True)
    verbs.finish_run(claimed, done, now=NOW)
    assert not next_due(session, now=NOW)
    book(house.request(day=1), house.stranger, now=NOW)
    assert not next_due(session, now=NOW)
    book(house.request(day=2), house.member, now=NOW)
    assert next_due(session, now=NOW)
    session.rollback()
    found = verbs.claim(now=NOW)
    assert found is not None
    assert found.id == id_


def test_no_host_has_more_than_two_runs_at_a_time(session, house):
    for _ in range(3):
        made(house)
    other = made(house, host="elsewhere.example.org")
    got = [verbs.claim(now=NOW) for _ in range(4)]
    assert [each is not None for each in got] == [True, True, True, False]
    assert other in {each.id for each in got if each}


def test_steps_are_stored_by_whoever_has_the_connection_alone(session, house):
    id_ = made(house)
    first = verbs.claim(now=NOW)
    second = verbs.claim(now=NOW + LEASE)
    assert first is not None
    assert second is not None
    new = [{"uid": f"u{n}", "href": f"/{n}.ics", "state": "push"} for n in range(3)]
    with pytest.raises(verbs.LostLease):
        verbs.begin_steps(first, new, {}, now=NOW)
    ids = verbs.begin_steps(second, new, {}, now=NOW)
    db.session.rollback()
    assert [(each.id, each.uid) for each in remote_objects(db.session(), id_)] == [
        (ids[0], "u0"),
        (ids[1], "u1"),
        (ids[2], "u2"),
    ]
    stored = {"state": "synced", "etag": '"1"', "base": b"text"}
    said = [(message("sync_put", title=f"T{n}"), None) for n in range(30)]
    verbs.store_steps(second, {ids[0]: stored}, [ids[1]], said, now=NOW)
    db.session.rollback()
    after = remote_objects(db.session(), id_)
    assert [(each.uid, each.state) for each in after] == [("u0", "synced"), ("u2", "push")]
    assert len(events(db.session(), id_)) == 20
    db.session.rollback()
    verbs.pause(id_, house.member, now=NOW)
    with pytest.raises(verbs.LostLease):
        verbs.store_steps(second, {}, now=NOW)


@pytest.mark.parametrize(("stops", "after"), [(True, 1), (False, TRIES_BEFORE_TOLD)])
def test_its_owner_is_told_once(session, house, stops, after):
    id_ = made(house)
    at = NOW
    for number in range(after + 2):
        claimed = verbs.claim(now=at)
        if claimed is None:
            assert stops
            break
        failure = verbs.Failure(message("remote_denied"), stops=stops)
        verbs.finish_run(claimed, failure, now=at)
        told = len(db.session.execute(select(Notice.id)).all())
        db.session.rollback()
        assert told == (1 if number + 1 >= after else 0)
        at += timedelta(hours=8)
    expected = Standing.STOPPED if stops else Standing.ACTIVE
    assert view(id_).state is expected


def test_what_an_owner_may_not_do(session, house):
    id_ = made(house)
    for verb in (verbs.sync_now, verbs.pause, verbs.resume):
        with pytest.raises(NotFound):
            verb(id_, house.stranger, now=NOW)
    with pytest.raises(NotFound):
        verbs.disconnect(id_, house.stranger, remove=True, now=NOW)
    with pytest.raises(InvalidRequest):
        verbs.choose_calendar(id_, "https://x/", "W", Settings(), house.member, now=NOW)
    verbs.pause(id_, house.admin, now=NOW)
    assert view(id_).state is Standing.PAUSED
    for _ in range(verbs.MOST_CONNECTIONS - 1):
        made(house)
    with pytest.raises(NotAllowed):
        made(house)
    verbs.disconnect(id_, house.admin, remove=True, now=NOW)
    with pytest.raises(NotFound):
        view(id_)


def test_drafts_are_forgotten_after_a_day(session, house):
    account = Account("https://cloud.example.org/", "mia", "basic", "sealed")
    id_ = verbs.begin_connection(account, [], house.member, now=NOW)
    verbs.forget_drafts(now=NOW + timedelta(hours=23))
    assert view(id_).state is Standing.DRAFT
    verbs.forget_drafts(now=NOW + timedelta(days=1))
    with pytest.raises(NotFound):
        view(id_)


def test_pauses_grow_and_have_an_end():
    assert [pause_after_failure(n).total_seconds() for n in (1, 2, 3)] == [60, 120, 240]
    assert pause_after_failure(1_000) == LONGEST_PAUSE
    assert pause_after_failure(1, 7_200) == timedelta(hours=2)
    assert pause_after_success(NOW, NOW) == timedelta(minutes=5)
    assert pause_after_success(NOW, NOW + timedelta(days=9)) == LONGEST_PAUSE
    assert pause_after_success(None, NOW) == LONGEST_PAUSE
    assert not is_loss(5, 5)
    assert is_loss(6, 11)
    assert not is_loss(6, 12)
