"""Several processes at one table: each job once, and none lost to a worker that dies."""

import os
import signal
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import jobs
from booking.db import db, transact
from booking.jobs import Handler, Periodic, plan, work_once
from tests.support.factories import NOW, Clock
from tests.support.migrating import app_without_pages
from tests.support.racing import PROCESSES

pytestmark = pytest.mark.engines("sqlite", "postgresql")
WORKERS, JOBS = 4, 40
PATIENCE_S = 60


def _work(url: str, log: str, start: Any, at: datetime, die_at: int) -> None:
    """Work until nothing is due; SIGKILL ourselves between the effect and its note."""
    done = 0

    def ring(payload: Mapping[str, Any], _now: datetime) -> None:
        nonlocal done
        with Path(log).open("a") as file:
            file.write(f"{payload['n']}\n")
        done += 1
        if done == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    app = app_without_pages(url, threads=2)
    with app.app_context():
        start.wait(PATIENCE_S)
        while work_once({"ring": Handler(ring)}, clock=Clock(at)):
            pass
        db.session.remove()
        db.engine.dispose()


def _together(url: str, log: Path, at: datetime, *, die_at: tuple[int, ...]) -> list[int | None]:
    start = PROCESSES.Barrier(len(die_at))
    workers = [
        PROCESSES.Process(target=_work, args=(url, str(log), start, at, each), daemon=True)
        for each in die_at
    ]
    for each in workers:
        each.start()
    for each in workers:
        each.join(PATIENCE_S)
    return [each.exitcode for each in workers]


@pytest.fixture
def full(session: Session) -> None:
    transact(
        lambda session: outbox.put_all(session, "ring", [{"n": n} for n in range(JOBS)], now=NOW)
    )


def left(session: Session) -> int:
    session.rollback()
    return int(session.execute(text("SELECT count(*) FROM job")).scalar_one())


def test_each_job_is_done_once(
    engine_url: str, session: Session, full: None, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    assert _together(engine_url, log, NOW, die_at=(0,) * WORKERS) == [0] * WORKERS
    assert sorted(map(int, log.read_text().split())) == list(range(JOBS))
    assert left(session) == 0


def test_killed_workers_lose_nothing(
    engine_url: str, session: Session, full: None, tmp_path: Path
) -> None:
    """A worker dies between an effect and its note: that one job is done again, no other."""
    log = tmp_path / "log"
    ended = _together(engine_url, log, NOW, die_at=(1, 2, 3, 0))
    killed = ended.count(-signal.SIGKILL)
    assert killed >= 1
    assert left(session) == killed
    assert _together(engine_url, log, NOW + jobs.LEASE, die_at=(0,)) == [0]
    rung = Counter(map(int, log.read_text().split()))
    assert rung.keys() == set(range(JOBS))
    assert sum(rung.values()) == JOBS + killed
    assert left(session) == 0


def _plan(url: str, _log: str, start: Any, at: datetime, _die_at: int) -> None:
    app = app_without_pages(url)
    with app.app_context():
        start.wait(PATIENCE_S)
        for _ in range(5):
            plan({"sweep": Periodic(jobs.LEASE, "ring")}, now=at)
        db.session.remove()
        db.engine.dispose()


def test_a_round_is_planned_once_by_many(engine_url: str, session: Session) -> None:
    start = PROCESSES.Barrier(WORKERS)
    planners = [
        PROCESSES.Process(target=_plan, args=(engine_url, "", start, NOW, 0), daemon=True)
        for _ in range(WORKERS)
    ]
    for each in planners:
        each.start()
    for each in planners:
        each.join(PATIENCE_S)
    assert [each.exitcode for each in planners] == [0] * WORKERS
    assert left(session) == 1
