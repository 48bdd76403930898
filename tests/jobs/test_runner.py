"""Whatever goes wrong with one job, the next one gets its turn."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import jobs
from booking.actions.jobs import MOST_TRIES
from booking.db import transact
from booking.jobs import Handler, Periodic, Permanent, plan, work_once
from booking.models import Job
from booking.queries.jobs import Standing
from booking.queries.jobs import jobs as listed
from tests.support.factories import NOW, Clock

pytestmark = pytest.mark.engines("sqlite", "postgresql")


def put(kind: str, **payload: Any) -> None:
    transact(lambda session: outbox.put(session, kind, payload, now=NOW))


class Bells:
    """Handlers that note what they were asked."""

    def __init__(self) -> None:
        self.rung: list[Any] = []

    def ring(self, payload: Mapping[str, Any], _now: datetime) -> None:
        self.rung.append(payload["n"])

    def crack(self, _payload: Mapping[str, Any], _now: datetime) -> None:
        raise OSError("cracked")

    def melt(self, _payload: Mapping[str, Any], _now: datetime) -> None:
        raise Permanent("there is no bell")

    def echo(self, _payload: Mapping[str, Any], now: datetime) -> None:
        transact(lambda session: outbox.put(session, "ring", {"n": "echo"}, now=now))

    @property
    def handlers(self) -> dict[str, Handler]:
        return {
            "ring": Handler(self.ring),
            "crack": Handler(self.crack),
            "melt": Handler(self.melt),
            "echo": Handler(self.echo, atomic=True),
        }

    def work(self) -> None:
        while work_once(self.handlers, clock=Clock()):
            pass


def test_jobs_are_done_once_each(session: Session) -> None:
    bells = Bells()
    for n in range(3):
        put("ring", n=n)
    bells.work()
    assert bells.rung == [0, 1, 2]
    assert session.execute(select(Job)).first() is None


def test_one_bad_job_stops_nobody(session: Session) -> None:
    bells = Bells()
    put("crack")
    put("melt")
    put("unheard of")
    put("ring")  # without what the handler reads
    put("ring", n=1)
    bells.work()
    assert bells.rung == [1]
    views = {(each.kind, each.standing): each.error for each in listed(session, now=NOW)}
    assert views == {
        ("melt", Standing.DEAD): "there is no bell",
        ("crack", Standing.WAITING): "OSError: cracked",
        ("unheard of", Standing.WAITING): "no worker here knows the work 'unheard of'",
        ("ring", Standing.WAITING): "KeyError: 'n'",
    }


def test_atomic_work_is_finished_with_its_effect(session: Session) -> None:
    bells = Bells()
    put("echo")
    bells.work()
    assert bells.rung == ["echo"]


def test_a_job_that_kills_its_workers_is_buried(session: Session) -> None:
    put("ring", n=1)
    now = NOW
    for _ in range(MOST_TRIES):
        assert jobs.claim(now=now) is not None
        now += jobs.LEASE
    bells = Bells()
    work_once(bells.handlers, clock=Clock(now))
    assert bells.rung == []
    (view,) = listed(session, now=now)
    assert view.standing is Standing.DEAD


def test_periodic_work_is_planned_for_the_next_full_period_once(session: Session) -> None:
    periodic = {"sweep": Periodic(timedelta(minutes=10), "ring")}
    for seconds in (1, 2, 599):
        plan(periodic, now=NOW + timedelta(seconds=seconds))
    rows = session.execute(select(Job.kind, Job.key, Job.due_at)).all()
    due = NOW + timedelta(minutes=10)
    assert [tuple(row) for row in rows] == [("ring", f"sweep:{due:%Y-%m-%dT%H:%M:%SZ}", due)]


def test_a_round_that_is_done_is_not_planned_again(session: Session) -> None:
    periodic = {"sweep": Periodic(timedelta(minutes=10), "echo")}
    plan(periodic, now=NOW)
    due = datetime(2027, 3, 10, 9, 10, tzinfo=UTC)
    bells = Bells()
    while work_once(bells.handlers, clock=Clock(due)):
        pass
    assert bells.rung == ["echo"]
    plan(periodic, now=due + timedelta(seconds=1))
    keys = session.execute(select(Job.key)).scalars().all()
    assert keys == ["sweep:2027-03-10T09:20:00Z"]
