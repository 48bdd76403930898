"""What people are told when something fails, and what the operator is told."""

import logging
import sqlite3
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, make_url

from booking.db import db
from booking.db.sqlite import Pair
from tests.support.factories import House
from tests.web.test_approvals import csrf, sign_in


@pytest.mark.parametrize(
    ("language", "words"), [("en", "There is no page at this address."), ("fr", "adresse")]
)
def test_unknown_page_is_told_in_the_readers_language(
    client: FlaskClient, house: House, language: str, words: str
) -> None:
    answer = client.get(f"/nowhere?lang={language}")
    assert answer.status_code == 404
    assert words in answer.get_data(as_text=True)


def test_wrong_method_is_told(client: FlaskClient, house: House) -> None:
    answer = client.get("/sign-out?lang=en")
    assert answer.status_code == 405
    assert "does not answer that" in answer.get_data(as_text=True)


def test_huge_form_is_refused_whole(client: FlaskClient, house: House) -> None:
    answer = client.post("/sign-in?lang=en", data={"email": "x" * 2_000_000})
    assert answer.status_code == 413
    assert "too large" in answer.get_data(as_text=True)


def test_every_answer_carries_the_policy_and_a_request_id(
    client: FlaskClient, house: House
) -> None:
    for path in ("/sign-in", "/nowhere", "/health", "/feeds/nothing.ics"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert len(headers["X-Request-Id"]) == 8


def test_database_gone_in_mid_session_is_told_and_logged(
    app: Flask, client: FlaskClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(client, house, house.member)
    file = Path(make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database or "")
    hidden = file.with_suffix(".away")
    with app.app_context():
        db.engine.dispose()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    file.rename(hidden)
    try:
        with caplog.at_level(logging.ERROR):
            answer = client.get("/inbox?lang=en")
        with app.app_context():
            db.engine.dispose()
    finally:
        for name in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            name.unlink(missing_ok=True)
        hidden.rename(file)
    assert answer.status_code == 503
    page = answer.get_data(as_text=True)
    assert "cannot store anything right now" in page
    assert "sqlite" not in page.lower()
    assert "disk space" in caplog.text
    assert client.get("/inbox").status_code == 200


DAYS = range(40)


def form(house: House, token: str, day: int) -> dict[str, str]:
    """Return a booking form with a long note."""
    return {
        "csrf_token": token,
        "space": str(house.birch.id),
        "title": "Filling the disk",
        "date": f"{house.at(8, day=day):%Y-%m-%d}",
        "start": "10:00",
        "end": "11:00",
        "note": "x" * 2_000,
        "category": "meeting",
        "visibility": "members",
        "repeat": "none",
    }


def test_full_disk_stores_nothing_and_says_so(
    app: Flask, client: FlaskClient, house: House
) -> None:
    sign_in(client, house, house.member)
    token = csrf(client, "/inbox")
    with app.app_context():
        engine = db.engine
    # What a full disk does to SQLite, without filling one.
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    engine.dispose()

    def limit(pair: Pair, _record: object) -> None:
        pair.writing.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "connect", limit)
    try:
        answers = [client.post("/bookings?lang=en", data=form(house, token, day)) for day in DAYS]
    finally:
        event.remove(engine, "connect", limit)
        engine.dispose()
    codes = [answer.status_code for answer in answers]
    assert set(codes) == {303, 503}
    with engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT count(*) FROM booking").scalar_one()
    assert stored == codes.count(303)


def test_folder_that_takes_no_file_is_told_and_logged(
    app: Flask, client: FlaskClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(client, house, house.member)
    token = csrf(client, "/inbox")
    lock = Path(f"{make_url(app.config['SQLALCHEMY_DATABASE_URI']).database}.lock")
    lock.unlink(missing_ok=True)
    lock.mkdir()  # root may write anywhere, but not into a folder
    try:
        answer = client.post("/bookings?lang=en", data=form(house, token, 0))
    finally:
        lock.rmdir()
    assert answer.status_code == 503
    assert "cannot store anything right now" in answer.get_data(as_text=True)
    assert str(lock.parent) not in answer.get_data(as_text=True)
    assert "file permissions" in caplog.text
