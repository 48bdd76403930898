"""Jobs: claimed by one worker alone, finished, tried again, at last given to a person."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import jobs
from booking.actions.jobs import MOST_TRIES, Claimed, LostLease
from booking.core.errors import NotAllowed, NotFound
from booking.db import transact
from booking.models import Job
from booking.queries.jobs import Standing, counts
from booking.queries.jobs import jobs as listed
from tests.support.factories import NOW, House

SECOND = timedelta(seconds=1)


def put(kind: str = "ring", *, due: datetime | None = None, key: str | None = None) -> None:
    transact(lambda session: outbox.put(session, kind, {"n": 1}, now=NOW, due=due, key=key))


def claimed(at: datetime = NOW) -> Claimed:
    found = jobs.claim(now=at)
    assert found is not None
    return found


def test_claim_takes_what_has_been_due_the_longest(session: Session) -> None:
    put("later", due=NOW - SECOND)
    put("first", due=NOW - 2 * SECOND)
    put("not yet", due=NOW + SECOND)
    assert [claimed().kind, claimed().kind] == ["first", "later"]
    assert jobs.claim(now=NOW) is None
    assert claimed(NOW + SECOND).kind == "not yet"


def test_claimed_job_carries_what_was_put(session: Session) -> None:
    put()
    job = claimed()
    assert (job.kind, job.payload, job.attempts) == ("ring", {"n": 1}, 1)


def test_what_is_rolled_back_was_never_put(session: Session) -> None:
    def failing(session: Session) -> None:
        outbox.put(session, "ring", {}, now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        transact(failing)
    assert jobs.claim(now=NOW) is None


def test_a_key_that_waits_is_put_once(session: Session) -> None:
    put(key="round:1")
    put(key="round:1")
    put(key="round:2")
    assert session.execute(text("SELECT count(*) FROM job")).scalar_one() == 2


def test_finished_job_is_gone(session: Session) -> None:
    put()
    jobs.finish(claimed())
    assert session.execute(select(Job)).first() is None


def test_lease_that_ended_lets_another_take_over(session: Session) -> None:
    put()
    slow = claimed()
    assert jobs.claim(now=NOW + jobs.LEASE - SECOND) is None
    fast = claimed(NOW + jobs.LEASE)
    assert (fast.id, fast.attempts) == (slow.id, 2)
    for late in (
        lambda: jobs.finish(slow),
        lambda: jobs.renew(slow, now=NOW),
        lambda: jobs.fail(slow, "too late", now=NOW),
    ):
        with pytest.raises(LostLease):
            late()
    jobs.finish(fast)


def test_renewed_lease_goes_on(session: Session) -> None:
    put()
    job = claimed()
    jobs.renew(job, now=NOW + jobs.LEASE - SECOND)
    assert jobs.claim(now=NOW + jobs.LEASE) is None
    jobs.finish(job)


def test_effect_of_a_lost_lease_is_rolled_back(session: Session) -> None:
    put()
    slow = claimed()
    jobs.finish(claimed(NOW + jobs.LEASE))
    with pytest.raises(LostLease), jobs.finishing(slow):
        put("effect")
    assert session.execute(select(Job)).first() is None


def test_effect_and_finish_are_one(session: Session) -> None:
    put()
    with jobs.finishing(claimed()):
        put("effect")
    assert session.execute(select(Job.kind)).scalars().all() == ["effect"]
    put("not finished by what comes after")
    assert session.execute(text("SELECT count(*) FROM job")).scalar_one() == 2


def test_failed_job_waits_longer_each_time_and_dies_at_last(session: Session) -> None:
    put()
    now, pauses = NOW, []
    for _ in range(MOST_TRIES):
        jobs.fail(claimed(now), "no answer", now=now)
        (view,) = listed(session, now=now)
        session.rollback()
        pauses.append((view.at - now).total_seconds())
        now = max(now, view.at)
    assert view.standing is Standing.DEAD
    assert (view.attempts, view.error) == (MOST_TRIES, "no answer")
    for n, pause in enumerate(pauses[:-1]):
        assert 0.8 * min(15 * 3**n, 43_200) - 1 <= pause <= 1.2 * min(15 * 3**n, 43_200)
    assert sum(pauses[:-1]) > 0.8 * 86_400 / 1.2  # a mail server may be away for most of a day
    assert jobs.claim(now=now + timedelta(days=9)) is None


def test_failed_for_good_dies_at_once_and_frees_its_key(session: Session) -> None:
    put(key="once")
    jobs.fail(claimed(), "no such address", now=NOW, for_good=True)
    put(key="once")
    assert counts(session, now=NOW) == {
        Standing.RUNNING: 0,
        Standing.WAITING: 1,
        Standing.DEAD: 1,
    }


def test_retry_and_discard_are_for_administrators(house: House, session: Session) -> None:
    put()
    job = claimed()
    with pytest.raises(NotFound):  # it is not dead
        jobs.retry(job.id, house.admin, now=NOW)
    jobs.fail(job, "no", now=NOW, for_good=True)
    for actor in (house.member, house.approver):
        with pytest.raises(NotAllowed):
            jobs.retry(job.id, actor, now=NOW)
        with pytest.raises(NotAllowed):
            jobs.discard(job.id, actor)
    jobs.retry(job.id, house.admin, now=NOW)
    again = claimed()
    assert (again.id, again.attempts) == (job.id, 1)
    jobs.fail(again, "no", now=NOW, for_good=True)
    jobs.discard(job.id, house.admin)
    assert session.execute(select(Job)).first() is None
    with pytest.raises(NotFound):
        jobs.discard(job.id, house.admin)


def test_list_shows_the_dead_first(session: Session) -> None:
    put("waits")
    put("dies", due=NOW - SECOND)
    jobs.fail(claimed(), "no", now=NOW, for_good=True)
    put("runs", due=NOW - SECOND)
    claimed()
    views = listed(session, now=NOW)
    assert [(each.kind, each.standing) for each in views] == [
        ("dies", Standing.DEAD),
        ("runs", Standing.RUNNING),
        ("waits", Standing.WAITING),
    ]
