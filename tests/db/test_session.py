"""Reading cannot write, writing is one transaction, and what may be tried again is."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from booking.core.errors import GuardRefused
from booking.db import db, prepare_engine, transact, write
from booking.db.session import RETRIES, sqlstate
from booking.models import Hold, Setting, Space
from tests.support.databases import writing
from tests.support.factories import House


def count(engine: Engine, model: type[Any] = Setting) -> int:
    """Count from outside: only what is committed."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def put(session: Session, key: str) -> None:
    session.execute(insert(Setting).values(key=key, value=1))


# --- reading


WRITES: dict[str, Any] = {
    "insert": insert(Setting).values(key="x", value=1),
    "update": update(Space).values(name="x"),
    "delete": delete(Space),
    "create table": text("CREATE TABLE stray (id INTEGER)"),
}


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES)
def test_reading_session_refuses_to_write(session: Session, house: House, statement: Any) -> None:
    session.execute(select(Space.id)).all()
    with pytest.raises(DBAPIError, match=r"read-?only"):
        session.execute(statement)
    session.rollback()


def test_reading_session_refuses_to_write_after_a_writing_one(
    session: Session, engine: Engine
) -> None:
    transact(lambda writer: put(writer, "first"))
    with pytest.raises(DBAPIError, match=r"read-?only"):
        put(session, "second")
    session.rollback()
    assert count(engine) == 1


def test_reading_session_sees_what_was_written_meanwhile_after_write(
    session: Session, engine: Engine
) -> None:
    assert session.execute(select(func.count()).select_from(Setting)).scalar_one() == 0
    with writing(engine) as connection:
        connection.execute(insert(Setting).values(key="other", value=1))
    with write() as writer:
        # The snapshot of the reading before has ended: no decision on stale rows.
        assert writer.execute(select(func.count()).select_from(Setting)).scalar_one() == 1


# --- writing


def test_write_commits_at_the_end(session: Session, engine: Engine) -> None:
    with write() as writer:
        put(writer, "a")
        assert count(engine) == 0
    assert count(engine) == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_write_rolls_back_on_any_error(
    session: Session, engine: Engine, error: type[BaseException]
) -> None:
    with pytest.raises(error), write() as writer:
        put(writer, "a")
        raise error
    assert count(engine) == 0


def test_write_can_be_used_again_after_an_error(session: Session, engine: Engine) -> None:
    with pytest.raises(ValueError, match="no"), write() as writer:
        put(writer, "a")
        raise ValueError("no")
    with write() as writer:
        put(writer, "a")
    assert count(engine) == 1


def test_write_within_write_is_refused(session: Session, engine: Engine) -> None:
    """A verb that calls a verb would end the outer transaction, and on SQLite wait for itself."""
    with pytest.raises(RuntimeError, match="within"), write() as writer:
        put(writer, "outer")
        with write() as inner:
            put(inner, "inner")
    assert count(engine) == 0


def test_write_turns_the_guards_refusal_into_guard_refused(
    session: Session, house: House, engine: Engine
) -> None:
    house.add_booking()
    with pytest.raises(GuardRefused) as refused, write() as writer:
        put(writer, "a")
        _copy_hold(writer)
    assert isinstance(refused.value.__cause__, IntegrityError)
    assert count(engine) == 0


def test_write_lets_other_integrity_errors_pass(session: Session) -> None:
    with pytest.raises(IntegrityError), write() as writer:
        put(writer, "a")
        put(writer, "a")


@pytest.mark.engines("sqlite")
def test_sqlite_connections_are_durable_and_check_references(session: Session) -> None:
    def pragma(name: str) -> object:
        return session.execute(text(f"PRAGMA {name}")).scalar()

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL
    assert pragma("foreign_keys") == 1


@pytest.mark.engines("postgresql")
def test_postgresql_reads_in_read_only_transactions(session: Session) -> None:
    assert session.execute(text("SHOW transaction_read_only")).scalar() == "on"
    with write() as writer:
        assert writer.execute(text("SHOW transaction_read_only")).scalar() == "off"


@pytest.mark.engines("postgresql")
def test_postgresql_reads_without_a_transaction(session: Session, engine: Engine) -> None:
    begun = "SELECT xact_start = query_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    session.execute(text("SELECT 1"))
    assert session.execute(text(begun)).scalar() is True
    with write() as writer:
        writer.execute(text("SELECT 1"))
        assert writer.execute(text(begun)).scalar() is False


@pytest.mark.engines("postgresql")
def test_connection_that_died_in_the_pool_is_replaced(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booking.db.session.FRESH_S", 0)
    mine = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    session.rollback()
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
    assert session.execute(text("SELECT pg_backend_pid()")).scalar_one() != mine


# --- trying again


def _copy_hold(session: Session) -> None:
    columns = "part_id, layer, lane, start_s, end_s, allocation_id, closure_id"
    session.execute(text(f"INSERT INTO hold ({columns}) SELECT {columns} FROM hold LIMIT 1"))


def _raise(session: Session, code: str) -> None:
    """Have the server itself raise an error."""
    raise_it = f"DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '{code}'; END $$"
    session.execute(text(raise_it))


def test_transact_returns_what_the_work_returns(session: Session) -> None:
    assert transact(lambda writer: writer.execute(select(func.count(Setting.key))).scalar()) == 0


def test_transact_never_tries_the_guards_refusal_again(session: Session, house: House) -> None:
    house.add_booking()
    tries = []

    def work(writer: Session) -> None:
        tries.append(1)
        _copy_hold(writer)

    with pytest.raises(GuardRefused):
        transact(work)
    assert len(tries) == 1


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize("code", ["40P01", "40001"], ids=["deadlock", "serialization failure"])
def test_transact_tries_again_from_an_empty_transaction(
    session: Session, engine: Engine, code: str
) -> None:
    tries = []

    def work(writer: Session) -> None:
        tries.append(1)
        put(writer, f"try {len(tries)}")
        if len(tries) < 3:
            _raise(writer, code)

    transact(work)
    assert len(tries) == 3
    assert count(engine) == 1


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize(
    ("code", "tries_made"),
    [("40P01", RETRIES + 1), ("55P03", 1), ("23505", 1)],
    ids=["deadlock: gives up in the end", "lock timeout: at once", "unique: at once"],
)
def test_transact_raises_in_the_end(session: Session, code: str, tries_made: int) -> None:
    tries = []

    def work(writer: Session) -> None:
        tries.append(1)
        _raise(writer, code)

    with pytest.raises(DBAPIError) as raised:
        transact(work)
    assert sqlstate(raised.value) == code
    assert len(tries) == tries_made


def together(app: Flask, *works: Callable[[Session], object]) -> None:
    """Run each work in a transaction and thread of its own, all at once."""

    def run(work: Callable[[Session], object]) -> None:
        with app.app_context():
            transact(work)
            db.session.remove()

    with ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(run, work) for work in works]:
            done.result(timeout=30)


@pytest.mark.engines("postgresql")
def test_transact_survives_a_real_deadlock(app: Flask, house: House, engine: Engine) -> None:
    both_hold_one = threading.Barrier(2)
    tries = []

    def lock(first: int, second: int) -> Callable[[Session], None]:
        def work(writer: Session) -> None:
            tries.append(first)
            writer.execute(update(Space).where(Space.id == first).values(position=first))
            if tries.count(first) == 1:
                both_hold_one.wait(timeout=10)
            writer.execute(update(Space).where(Space.id == second).values(position=first))

        return work

    one, other = house.atlas.id, house.birch.id
    together(app, lock(one, other), lock(other, one))
    assert len(tries) == 3  # the server chose one to start again
    with engine.connect() as connection:
        positions = connection.execute(select(Space.position).where(Space.id.in_((one, other))))
        assert len(set(positions.scalars())) == 1  # the last one wrote both


@pytest.mark.engines("postgresql")
def test_transact_survives_a_real_serialization_failure(
    session: Session, house: House, engine: Engine
) -> None:
    tries = []

    def work(writer: Session) -> None:
        tries.append(1)
        writer.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        position = writer.execute(select(Space.position).where(Space.id == house.atlas.id)).scalar()
        if len(tries) == 1:
            with writing(engine) as rival:
                rival.execute(update(Space).where(Space.id == house.atlas.id).values(position=10))
        writer.execute(
            update(Space).where(Space.id == house.atlas.id).values(position=(position or 0) + 1)
        )

    transact(work)
    assert len(tries) == 2
    with engine.connect() as connection:
        query = select(Space.position).where(Space.id == house.atlas.id)
        assert connection.execute(query).scalar() == 11


def test_transact_loses_no_update(app: Flask, house: House, engine: Engine) -> None:
    """Read, add one, write: under the lock every one of them counts."""

    def add_one(writer: Session) -> None:
        query = select(Space.position).where(Space.id == house.atlas.id)
        position = writer.execute(query.with_for_update()).scalar_one()
        writer.execute(
            update(Space).where(Space.id == house.atlas.id).values(position=position + 1)
        )

    together(app, *[add_one] * 20)
    with engine.connect() as connection:
        query = select(Space.position).where(Space.id == house.atlas.id)
        assert connection.execute(query).scalar() == 20


def test_is_not_an_overlap_when_a_reference_is_broken(session: Session, house: House) -> None:
    broken = {"part_id": 999_999, "layer": "use", "lane": 0, "closure_id": 999_999}
    when = house.interval(10, 11)
    with pytest.raises(IntegrityError), write() as writer:
        writer.execute(insert(Hold).values(start=when.start, end=when.end, **broken))


def test_new_file_is_opened_by_many_at_once(tmp_path: Path) -> None:
    """Who changes the journal while others open the file was told "locked" at once."""

    def opened(number: int) -> None:
        engine = create_engine(f"sqlite:///{tmp_path / f'{number // 8}.db'}", poolclass=NullPool)
        prepare_engine(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(opened, range(8 * 50)))
