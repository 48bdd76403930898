"""The worker of the mailbox is killed at every step: nothing is lost, and nothing is done twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from booking.actions.jobs import LEASE
from booking.addresses import room_address
from booking.config import Config, Mail, MailIn
from booking.core.values import State
from booking.db import db, transact
from booking.inbox import read_mailbox
from booking.jobs import HANDLERS, work_once
from booking.models import Booking, Invitee, ReceivedMail
from booking.queries import agenda
from tests.support.dovecot import PASSWORD, Dovecot, deliver, dovecot, make_maildir
from tests.support.factories import NOW, Clock, House
from tests.support.killing import killed_at
from tests.support.mail_in import ADDRESS, UID, invited, settings
from tests.support.smtp import Postbox, postbox

Deliver = Callable[[bytes, str], None]
MOST_STEPS = 90


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def out() -> Iterator[Postbox]:
    with postbox() as box:
        yield box


@pytest.fixture(params=["maildir", "imap"])
def box(
    request: pytest.FixtureRequest, app: Flask, out: Postbox, tmp_path: Path
) -> Iterator[tuple[Path, Deliver]]:
    """A mailbox that the app reads, and a mail server that takes its answers."""
    before: Config = app.extensions["booking"]["config"]
    if request.param == "maildir":
        folder = make_maildir(tmp_path / "box")
        mail_in = settings(folder)
        put: Deliver = lambda raw, name: deliver(folder, raw, name)  # noqa: E731
    else:
        server: Dovecot = request.getfixturevalue("imap")
        folder = server.maildir("killed")
        mail_in = MailIn(
            address=ADDRESS,
            imap_host="127.0.0.1",
            imap_port=server.port,
            imap_security="none",
            imap_user="killed",
            imap_password=PASSWORD,
        )
        put = lambda raw, name: server.deliver("killed", raw, name)  # noqa: E731
    mail = Mail(smtp_host="127.0.0.1", smtp_port=out.port, smtp_security="none")
    app.extensions["booking"]["config"] = replace(
        before, mail=mail, mail_in=replace(mail_in, authserv_id="mx.house.example")
    )
    with app.app_context():
        yield folder, put
    app.extensions["booking"]["config"] = before


def request_of(house: House, number: int, config: Config) -> bytes:
    """Return a mail that asks for Atlas and Birch at a time of its own."""
    day, hour = divmod(number, 10)
    when = f"TZID=Europe/Paris:202703{22 + day}T{8 + hour:02}"
    email = house.email(house.member)
    rooms = [room_address(each, config) for each in (house.atlas, house.birch)]
    lines = (
        "Authentication-Results: mx.house.example; dmarc=pass header.from=example.org",
        f"From: {email}", f"To: {rooms[0]}", f"Message-ID: <{number}@laptop.example>",
        "Content-Type: text/calendar; method=REQUEST", "",
        "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REQUEST", "BEGIN:VEVENT",
        f"UID:{number}@laptop.example", "SEQUENCE:0", "DTSTAMP:20270310T090000Z",
        f"DTSTART;{when}0000", f"DTEND;{when}3000", f"ORGANIZER:mailto:{email}", "SUMMARY:Band",
        *(f"ATTENDEE:mailto:{each}" for each in rooms),
        "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


def answer_of(number: int) -> bytes:
    """Return a mail in which Anna comes, or does not come, by turns."""
    said = "ACCEPTED" if number % 2 else "DECLINED"
    stamp = f"{NOW + timedelta(seconds=number):%Y%m%dT%H%M%SZ}"
    lines = (
        "Authentication-Results: mx.house.example; dmarc=pass header.from=example.org",
        "From: anna@example.org", f"To: {ADDRESS}", f"Message-ID: <{number}@anna.example>",
        "Content-Type: text/calendar; method=REPLY", "",
        "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT", f"UID:{UID}",
        "SEQUENCE:2", f"DTSTAMP:{stamp}", f"ATTENDEE;PARTSTAT={said}:mailto:anna@example.org",
        "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


def work(config: Config, *, now: datetime) -> None:
    """Read the mailbox, and do all that comes of it."""
    read_mailbox(config, now=now)
    while work_once(HANDLERS, clock=Clock(now)):
        pass


def test_killed_at_every_step_nothing_is_lost_or_done_twice(
    app: Flask, box: tuple[Path, Deliver], out: Postbox, house: House
) -> None:
    config: Config = app.extensions["booking"]["config"]
    folder, put = box
    # What comes after the reading is the same for both, and killed once.
    dies, least = (read_mailbox, 10) if config.mail_in.imap_host else (work, 30)
    booking_id, anna = invited(house)
    now = NOW
    twice = 0
    for number in range(1, MOST_STEPS):
        put(answer_of(number), f"{2 * number:05}.a")
        put(request_of(house, number, config), f"{2 * number + 1:05}.a")
        out.mails.clear()
        was_killed = killed_at(number, partial(dies, config, now=now))
        now += LEASE + timedelta(seconds=1)
        work(config, now=now)

        uid = Booking.uid == f"{number}@laptop.example"
        [booked] = db.session.scalars(select(Booking.id).where(uid))
        view = agenda.booking(db.session(), booked)
        assert view.state is State.CONFIRMED
        assert {each.space_id for each in view.occurrences} == {house.atlas.id, house.birch.id}
        said = db.session.scalars(select(Invitee.answer).where(Invitee.id == anna)).one()
        assert said == ("accepted" if number % 2 else "declined")
        rows = [(x.state, x.booking_id) for x in db.session.scalars(select(ReceivedMail))]
        assert sorted(rows) == sorted([("done", booking_id), *[("done", booked)] * 2])
        transact(lambda session: session.query(ReceivedMail).delete())
        assert [len(list((folder / x).iterdir())) for x in ("new", "cur")] == [0, 0]
        sent = Counter(each["Message-ID"] for each in out.mails)
        assert len(sent) == 2
        # What a server has taken as we die goes again, known by its Message-ID.
        assert sorted(sent.values()) in ([1, 1], [1, 2])
        twice += sum(sent.values()) - 2
        if not was_killed:
            assert number > least  # all steps were killed
            assert twice <= 8
            return
    raise AssertionError(f"two mails take more than {MOST_STEPS} steps")
