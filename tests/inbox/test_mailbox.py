"""Mailboxes: a Maildir, and a real IMAP server; each mail is handled once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from booking.actions.received import set_aside
from booking.config import Config, MailIn
from booking.core.mail_in import Incoming
from booking.core.messages import message
from booking.db import db
from booking.inbox.letters import letter_of
from booking.inbox.mailbox import opened
from booking.inbox.work import read_mailbox
from booking.jobs import HANDLERS, PERIODIC, plan, work_once
from booking.queries.invitees import invitees
from booking.queries.received import mailbox_state
from tests.support.dovecot import PASSWORD, Dovecot, deliver, dovecot, make_maildir
from tests.support.factories import NOW, Clock, House
from tests.support.mail_in import ADDRESS, MAILS, became, invited, settings

PLAIN = (MAILS / "plain.eml").read_bytes()
Deliver = Callable[[bytes, str], None]


@pytest.fixture(scope="session")
def imap() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture(params=["maildir", "imap"])
def box(
    request: pytest.FixtureRequest, app: Flask, tmp_path: Path
) -> Iterator[tuple[Path, Deliver]]:
    """A mailbox that the app reads: its folder, and what puts a mail into it."""
    before: Config = app.extensions["booking"]["config"]
    if request.param == "maildir":
        folder = make_maildir(tmp_path / "box")
        mail_in = settings(folder)
        put: Deliver = lambda raw, name: deliver(folder, raw, name)  # noqa: E731
    else:
        server: Dovecot = request.getfixturevalue("imap")
        user = f"{tmp_path.name}"
        folder = server.maildir(user)
        mail_in = MailIn(
            address=ADDRESS,
            imap_host="127.0.0.1",
            imap_port=server.port,
            imap_security="none",
            imap_user=user,
            imap_password=PASSWORD,
        )
        put = lambda raw, name: server.deliver(user, raw, name)  # noqa: E731
    app.extensions["booking"]["config"] = replace(before, mail_in=mail_in)
    with app.app_context():
        yield folder, put
    app.extensions["booking"]["config"] = before


def read(app: Flask) -> int:
    return read_mailbox(app.extensions["booking"]["config"], now=NOW)


def lying(folder: Path) -> tuple[int, int]:
    """Return how many mails wait, and how many were put away."""
    waiting = sum(len(list((folder / name).iterdir())) for name in ("new", "cur"))
    handled = folder / ".Handled"
    return waiting, sum(len(list((handled / name).glob("*"))) for name in ("new", "cur"))


def test_an_answer_is_read_and_put_away(
    app: Flask, box: tuple[Path, Deliver], house: House
) -> None:
    folder, put = box
    booking_id, _anna = invited(house)
    put(PLAIN, "1.a.b")
    assert read(app) == 1
    assert [each.answer.value for each in invitees(db.session(), booking_id)] == ["accepted"]
    assert lying(folder) == (0, 1)
    assert read(app) == 0
    assert became(db.session()) == [("done", "")]
    assert mailbox_state(db.session()).error == ""


def test_a_worker_that_died_before_putting_away_does_nothing_twice(
    app: Flask, box: tuple[Path, Deliver], house: House
) -> None:
    folder, put = box
    invited(house)
    put(PLAIN, "1.a.b")
    with opened(app.extensions["booking"]["config"].mail_in) as mailbox:
        [arrived] = mailbox.mails()
    incoming = Incoming(letter_of(arrived.content).key, arrived.place, "a@b.c", "x")
    set_aside(incoming, message("mail_nothing"), now=NOW)
    assert read(app) == 0
    assert became(db.session()) == [("aside", "mail_nothing")]
    assert lying(folder) == (0, 1)


def test_a_copy_is_set_aside_as_such(app: Flask, box: tuple[Path, Deliver], house: House) -> None:
    _folder, put = box
    invited(house)
    put(PLAIN, "1.a.b")
    read(app)
    put(PLAIN, "2.a.b")
    read(app)
    assert became(db.session()) == [("done", ""), ("aside", "mail_repeated")]


def test_a_huge_mail_is_set_aside_unread(
    app: Flask, box: tuple[Path, Deliver], house: House
) -> None:
    _folder, put = box
    invited(house)
    put(PLAIN + b"x" * 50 * 1024 * 1024, "1.a.b")
    put(PLAIN.replace(b"<1@", b"<2@"), "2.a.b")
    assert read(app) == 2
    assert became(db.session()) == [("aside", "mail_too_big"), ("done", "")]


def test_the_job_reads_every_minute(app: Flask, box: tuple[Path, Deliver], house: House) -> None:
    _folder, put = box
    invited(house)
    put(PLAIN, "1.a.b")
    plan(PERIODIC, now=NOW)
    clock = Clock(NOW + PERIODIC["mail_in"].every)
    while work_once(HANDLERS, clock=clock):
        pass
    assert became(db.session()) == [("done", "")]


@pytest.mark.parametrize(
    "mail_in",
    [
        MailIn(address=ADDRESS, maildir="/nowhere/at/all"),
        MailIn(address=ADDRESS, imap_host="127.0.0.1", imap_port=1, imap_security="none"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_told(app: Flask, house: House, mail_in: MailIn) -> None:
    config = replace(app.extensions["booking"]["config"], mail_in=mail_in)
    with app.app_context():
        assert read_mailbox(config, now=NOW) == 0
        state = mailbox_state(db.session())
    assert state.at == NOW
    assert state.error


def test_a_wrong_password_is_told(app: Flask, imap: Dovecot, house: House) -> None:
    mail_in = MailIn(
        address=ADDRESS,
        imap_host="127.0.0.1",
        imap_port=imap.port,
        imap_security="none",
        imap_user="rooms",
        imap_password="wrong",
    )
    config = replace(app.extensions["booking"]["config"], mail_in=mail_in)
    with app.app_context():
        read_mailbox(config, now=NOW)
        assert "Authentication failed" in mailbox_state(db.session()).error


def test_without_settings_nothing_is_read(app: Flask, house: House) -> None:
    with app.app_context():
        assert read(app) == 0
        assert mailbox_state(db.session()).at is None


def test_what_was_read_is_known_by_its_place(app: Flask, house: House) -> None:
    incoming = Incoming(letter_of(PLAIN).key, "1.a.b", "a@b.c", "x")
    with app.app_context():
        assert set_aside(incoming, message("mail_nothing"), now=NOW)
        assert not set_aside(incoming, message("mail_nothing"), now=NOW)
        assert not set_aside(replace(incoming, place="2"), message("mail_nothing"), now=NOW)
        assert became(db.session()) == [("aside", "mail_nothing"), ("aside", "mail_repeated")]
