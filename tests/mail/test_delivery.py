"""Mails leave once, after commit, through a real SMTP server, or into a folder."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.actions.bookings import book
from booking.config import Config, Mail
from booking.core.errors import Conflicted
from booking.db import db, transact
from booking.jobs import HANDLERS, work_once
from booking.mail import outbox_files
from booking.models import Job, Notice, Person
from booking.queries.jobs import Standing
from booking.queries.jobs import jobs as listed
from tests.support.factories import Clock, House
from tests.support.smtp import Postbox, postbox


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as box:
        yield box


@pytest.fixture
def configured(app: Flask, box: Postbox, tmp_path: Path) -> Iterator[Flask]:
    """The app with the server of the test as the way out."""
    yield from _with(
        app,
        mail=Mail(smtp_host="127.0.0.1", smtp_port=box.port, smtp_security="none"),
        var=tmp_path,
    )


@pytest.fixture
def unconfigured(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    yield from _with(app, mail=Mail(), var=tmp_path)


def _with(app: Flask, *, mail: Mail, var: Path) -> Iterator[Flask]:
    before: Config = app.extensions["booking"]["config"]
    paths = replace(before.paths, var=var)
    app.extensions["booking"]["config"] = replace(before, mail=mail, paths=paths)
    with app.app_context():
        yield app
    app.extensions["booking"]["config"] = before


def work() -> None:
    while work_once(HANDLERS, clock=Clock()):
        pass


def ask(house: House) -> None:
    book(house.request(house.cedar), house.member, now=house.now)


def test_a_request_reaches_its_approver_once(configured: Flask, box: Postbox, house: House) -> None:
    ask(house)
    assert box.mails == []  # nothing is sent within the verb
    work()
    work()
    assert [each["To"] for each in box.mails] == ["Approver <approver@example.org>"]
    assert db.session.execute(select(Job)).first() is None


def test_what_was_refused_sends_nothing(configured: Flask, box: Postbox, house: House) -> None:
    house.add_booking(house.cedar)
    with pytest.raises(Conflicted):
        ask(house)
    work()
    assert box.mails == []


def test_a_mail_sent_again_has_the_same_message_id(
    configured: Flask, box: Postbox, house: House
) -> None:
    """The worker died after the server's answer: the reader's program sees one mail twice."""
    ask(house)
    payload = db.session.execute(select(Job.payload)).scalar_one()
    db.session.rollback()
    for _ in range(2):
        HANDLERS["mail"].run(payload, house.now)
    first, second = box.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() != b""


def test_people_who_chose_otherwise_get_nothing(
    configured: Flask, box: Postbox, house: House
) -> None:
    choice = {"off": ["notice_requested"]}
    transact(lambda session: session.execute(update(Person).values(mail_choice=choice)))
    ask(house)
    work()
    assert box.mails == []
    assert db.session.execute(select(Notice)).first() is not None  # the inbox has it


@pytest.mark.parametrize("column", [{"is_demo": True}, {"archived_at": Clock().now}])
def test_people_of_a_demo_and_closed_accounts_get_nothing(
    configured: Flask, box: Postbox, house: House, column: dict[str, object]
) -> None:
    ask(house)
    transact(lambda session: session.execute(update(Person).values(**column)))
    work()
    assert box.mails == []
    assert db.session.execute(select(Job)).first() is None


def test_an_address_that_does_not_exist_is_not_tried_again(
    configured: Flask, box: Postbox, house: House
) -> None:
    box.answer = "550 no such person"
    ask(house)
    work()
    (view,) = listed(db.session(), now=house.now)
    assert (view.standing, view.error) == (Standing.DEAD, "550 no such person")


def test_a_server_that_is_busy_is_asked_again(
    configured: Flask, box: Postbox, house: House
) -> None:
    box.answer = "451 later, please"
    ask(house)
    work()
    (view,) = listed(db.session(), now=house.now)
    assert view.standing is Standing.WAITING
    box.answer = ""
    while work_once(HANDLERS, clock=Clock(view.at)):
        pass
    assert len(box.mails) == 1


def test_a_server_that_is_not_there_loses_nothing(app: Flask, house: House, tmp_path: Path) -> None:
    with postbox() as gone:
        port = gone.port
    mail = Mail(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
    for _ in _with(app, mail=mail, var=tmp_path):
        ask(house)
        work()
        (view,) = listed(db.session(), now=house.now)
        assert view.standing is Standing.WAITING
        assert view.error.startswith("ConnectionRefusedError")


def test_without_a_server_mails_are_files(unconfigured: Flask, house: House) -> None:
    ask(house)
    work()
    config: Config = unconfigured.extensions["booking"]["config"]
    (file,) = outbox_files(config)
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert mail["To"] == "Approver <approver@example.org>"
    assert file.parent.stat().st_mode & 0o777 == 0o700
