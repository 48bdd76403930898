"""Invitations by mail: what each says, and that it leaves once, through a real SMTP server."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update

from booking.actions.approvals import approve
from booking.actions.bookings import book, cancel, change
from booking.actions.bookings.change import as_request
from booking.actions.invitees import answer, answer_now, invite, opt_out, told, uninvite
from booking.config import Config, Mail
from booking.core.invitees import Answer, Given, Named
from booking.core.requests import CancelRequest, ChangeRequest, DecisionRequest
from booking.db import db, transact
from booking.jobs import HANDLERS, work_once
from booking.models import Invitee, Job, Person
from booking.queries import agenda
from tests.support.factories import NOW, Clock, House
from tests.support.smtp import Postbox, postbox

EXPECTED = Path(__file__).parents[1] / "data" / "mails" / "invitations"
CHANGING = re.compile(r"/invited/[\w.-]+|invitee-\d+-|(?<=\+)(atlas|cedar)-\d+|[0-9a-f-]{36}")
ANNA, BEN = Named("anna@example.org", "Anna Martin"), Named("ben@example.com")


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as box:
        yield box


@pytest.fixture
def sending(app: Flask, box: Postbox) -> Iterator[Flask]:
    """The app with the server of the test as the way out."""
    before: Config = app.extensions["booking"]["config"]
    mail = Mail(
        smtp_host="127.0.0.1",
        smtp_port=box.port,
        smtp_security="none",
        sender="The House <rooms@example.net>",
    )
    app.extensions["booking"]["config"] = replace(before, mail=mail)
    with app.app_context():
        yield app
    app.extensions["booking"]["config"] = before


def work() -> None:
    while work_once(HANDLERS, clock=Clock()):
        pass


def invitations(box: Postbox) -> list[EmailMessage]:
    return [each for each in box.mails if "invitee-" in each["Message-ID"]]


def newest(box: Postbox) -> EmailMessage:
    work()
    return invitations(box)[-1]


def calendar_of(mail: EmailMessage) -> str:
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    return part.get_content().replace("\r\n", "\n")


def readable(mail: EmailMessage) -> str:
    """Return headers, text and calendar object, without what differs every time."""
    heads = [f"{name}: {value}" for name, value in mail.items() if name != "Content-Type"]
    text = mail.get_body(("plain",))
    assert text is not None
    unfolded = calendar_of(mail).replace("\n ", "")
    zones = re.compile(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE\n", re.DOTALL)
    whole = "\n".join([*heads, "", text.get_content().strip(), "---", zones.sub("", unfolded)])
    whole = whole.replace("\r\n", "\n").strip() + "\n"
    return re.sub(r"^(X-\w+|MIME-Version): .*\n", "", CHANGING.sub("…", whole), flags=re.MULTILINE)


def of_booking(booking_id: int) -> list[int]:
    db.session.rollback()
    query = select(Invitee.id).where(Invitee.booking_id == booking_id).order_by(Invitee.id)
    return list(db.session.scalars(query))


def single(house: House) -> int:
    wish = house.request(note="Keys are in the blue box", attendance=5, invite=(ANNA,))
    return book(wish, house.member, now=NOW).booking_id


def series(house: House) -> int:
    wish = house.request(rule="FREQ=WEEKLY;COUNT=5", invite=(ANNA,))
    return book(wish, house.member, now=NOW).booking_id


def asked(house: House) -> None:
    book(house.request(house.cedar, invite=(BEN,)), house.member, now=NOW)


def agreed(house: House) -> None:
    asked(house)
    work()
    approve(DecisionRequest(1, 1), house.approver, now=NOW)


def moved(house: House) -> None:
    booking_id = single(house)
    work()
    before = agenda.booking(db.session(), booking_id)
    wanted = replace(as_request(before), start=house.at(14), end=house.at(15))
    change(ChangeRequest(booking_id, 1, wanted), house.member, now=NOW)


def date_cancelled(house: House) -> None:
    booking_id = series(house)
    work()
    date = agenda.booking(db.session(), booking_id).occurrences[2]
    cancel(CancelRequest(booking_id, 1, occurrence_id=date.occurrence_id), house.member, now=NOW)


def cancelled(house: House) -> None:
    booking_id = series(house)
    work()
    cancel(CancelRequest(booking_id, 1), house.member, now=NOW)


def removed(house: House) -> None:
    booking_id = single(house)
    work()
    uninvite(booking_id, of_booking(booking_id)[0], house.member, now=NOW)


def answered(house: House) -> None:
    """A series changes its title, after an answer about it and one about a single date."""
    booking_id = series(house)
    work()
    [anna] = of_booking(booking_id)
    answer_now(anna, Answer.ACCEPTED, now=NOW)
    at = house.at(10, day=7)
    answer(anna, Given(Answer.DECLINED, 0, NOW, recurrence_id=at), now=NOW)
    before = agenda.booking(db.session(), booking_id)
    wanted = replace(as_request(before), title="Band")
    change(ChangeRequest(booking_id, 1, wanted), house.member, now=NOW)


MAILS: dict[str, Callable[[House], object]] = {
    each.__name__: each
    for each in (
        single,
        series,
        asked,
        agreed,
        moved,
        date_cancelled,
        cancelled,
        removed,
        answered,
    )
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_invitation_says_what_is_expected(
    sending: Flask, box: Postbox, house: House, name: str, language: str
) -> None:
    transact(lambda session: session.execute(update(Person).values(locale=language)))
    MAILS[name](house)
    mail = newest(box)
    found = readable(mail)
    file = EXPECTED / f"{name}.{language}.txt"
    assert found == file.read_text(encoding="utf-8"), f"{file.name} differs"
    [attached] = list(mail.iter_attachments())
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content().decode().replace("\r\n", "\n") == calendar_of(mail)
    parsed = Calendar.from_ical(attached.get_content())
    assert not any(each.errors for each in parsed.walk())


def test_the_body_is_for_calendar_programs(sending: Flask, box: Postbox, house: House) -> None:
    single(house)
    mail = newest(box)
    assert mail.get_content_type() == "multipart/mixed"
    body, _file = mail.iter_parts()
    assert body.get_content_type() == "multipart/alternative"
    kinds = [each.get_content_type() for each in body.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert [*body.iter_parts()][-1].get_param("method") == "REQUEST"


def test_nobody_reads_of_the_others_nor_what_is_for_the_house(
    sending: Flask, box: Postbox, house: House
) -> None:
    wish = house.request(note="Keys in the blue box", invite=(ANNA, BEN))
    book(wish, house.member, now=NOW)
    work()
    for mail in invitations(box):
        whole = mail.as_string() + calendar_of(mail)
        assert ("ben@" in whole) != ("anna@" in whole)
        assert "blue box" not in whole
        assert house.email(house.member) not in whole


def test_each_mail_leaves_once(sending: Flask, box: Postbox, house: House) -> None:
    booking_id = single(house)
    work()
    [anna] = of_booking(booking_id)
    transact(
        lambda session: session.add_all(
            Job(kind="invite", payload={"invitee": anna}, due_at=NOW, created_at=NOW, error="")
            for _ in range(3)
        )
    )
    work()
    assert len(invitations(box)) == 1


def test_a_worker_that_died_sends_the_same_mail_again(
    sending: Flask, box: Postbox, house: House
) -> None:
    booking_id = single(house)
    work()
    [anna] = of_booking(booking_id)
    transact(lambda session: session.execute(update(Invitee).values(told_method="")))
    transact(
        lambda session: session.add(
            Job(kind="invite", payload={"invitee": anna}, due_at=NOW, created_at=NOW, error="")
        )
    )
    work()
    first, second = invitations(box)
    assert first["Message-ID"] == second["Message-ID"]


def test_two_changes_at_once_are_one_mail(sending: Flask, box: Postbox, house: House) -> None:
    moved(house)
    before = agenda.booking(db.session(), 1)
    wanted = replace(as_request(before), title="Band")
    change(ChangeRequest(1, 2, wanted), house.member, now=NOW)
    work()
    assert [each["Subject"] for each in invitations(box)] == [
        "Invitation : Choir",
        "Invitation modifiée : Band",
    ]


def test_what_is_cancelled_before_it_was_told_says_nothing(
    sending: Flask, box: Postbox, house: House
) -> None:
    booking_id = single(house)
    cancel(CancelRequest(booking_id, 1), house.member, now=NOW)
    work()
    assert invitations(box) == []


def test_whoever_wants_none_gets_none(sending: Flask, box: Postbox, house: House) -> None:
    booking_id = single(house)
    work()
    opt_out(of_booking(booking_id)[0], now=NOW)
    other = book(house.request(day=1, invite=(ANNA,)), house.member, now=NOW).booking_id
    cancel(CancelRequest(booking_id, 1), house.member, now=NOW)
    work()
    assert [each["Subject"] for each in invitations(box)] == [
        "Invitation : Choir",
        "Annulé : Choir",
    ]
    assert db.session.get_one(Invitee, of_booking(other)[0]).trouble == "opted_out"


@pytest.mark.parametrize(
    ("email", "refusal", "trouble"),
    [
        ("rooms+atlas-1@example.net", "", "ours"),
        ("anna@example.org", "550 no such user", "refused"),
    ],
)
def test_what_cannot_arrive_is_told_on_the_page(
    sending: Flask, box: Postbox, house: House, email: str, refusal: str, trouble: str
) -> None:
    box.answer = refusal
    wish = house.request(invite=(Named(email),))
    booking_id = book(wish, house.member, now=NOW).booking_id
    work()
    assert invitations(box) == []
    [invitee] = of_booking(booking_id)
    assert db.session.get_one(Invitee, invitee).trouble == trouble
    assert db.session.scalars(select(Job)).all() == []


def test_what_is_over_is_not_told(sending: Flask, box: Postbox, house: House) -> None:
    booking_id = single(house)
    [anna] = of_booking(booking_id)
    told(anna, "request", 0, 1)
    transact(lambda session: session.execute(update(Invitee).values(ahead=1)))
    clock = Clock(house.interval(10, 12).end)
    while work_once(HANDLERS, clock=clock):
        pass
    assert invitations(box) == []


def test_titles_and_names_add_no_lines(sending: Flask, box: Postbox, house: House) -> None:
    evil = Named("eve@example.org", 'Eve";X="1:mailto:a@b.c')
    wish = house.request(title='Choir";X\\n, ATTENDEE:mailto:x@y.z')
    booking_id = book(wish, house.member, now=NOW).booking_id
    invite(booking_id, [evil], house.member, now=NOW)
    parsed = Calendar.from_ical(calendar_of(newest(box)).encode())
    [event] = parsed.walk("VEVENT")
    people = [str(each) for each in event["ATTENDEE"]]
    assert people[0] == "mailto:eve@example.org"
    assert len(people) == 2
