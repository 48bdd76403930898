"""Rooms that are asked for by mail: booked, changed and given back, and what their senders hear."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update

from booking.actions.approvals import approve
from booking.actions.spaces import set_policy
from booking.addresses import room_address
from booking.config import Config, Mail
from booking.core.requests import DecisionRequest
from booking.core.values import Actor, ByMail, Policy, Space, State
from booking.db import db, transact
from booking.inbox import read_mailbox
from booking.jobs import HANDLERS, work_once
from booking.models import Booking, Person, ReceivedMail
from booking.queries import agenda
from booking.queries.received import open_mails
from tests.support.dovecot import deliver, make_maildir
from tests.support.factories import NOW, Clock, House
from tests.support.mail_in import became, book_at_once, settings
from tests.support.racing import Attempt, race
from tests.support.smtp import Postbox, postbox

RELAY = "mx.house.example"
PROVEN = f"{RELAY}; dmarc=pass header.from=example.org"
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=3"


@dataclass
class Post:
    """The way in and out: writes mails to the mailbox, works, and has what was answered."""

    app: Flask
    house: House
    maildir: Path
    box: Postbox
    number: int = 0
    seen: int = field(default=0)

    @property
    def config(self) -> Config:
        """The operator's settings."""
        config: Config = self.app.extensions["booking"]["config"]
        return config

    def send(
        self,
        *lines: str,
        to: Space | str | None = None,
        by: Actor | None = None,
        method: str = "REQUEST",
        start: str = "20270311T100000",
        end: str = "20270311T110000",
        sequence: int = 0,
        results: str = PROVEN,
        organizer: str = "",
        more: str = "",
        stamp: str = "",
        work: bool = True,
    ) -> None:
        """Send an object to a room (Atlas), and let all work be done."""
        self.number += 1
        person = self.house.email(by or self.house.member)
        room = to or self.house.atlas
        address = room if isinstance(room, str) else room_address(room, self.config)
        event = (
            "BEGIN:VEVENT", "UID:band@laptop.example", f"SEQUENCE:{sequence}",
            f"DTSTAMP:{stamp or f'20270310T0900{self.number:02}Z'}",
            f"DTSTART;TZID=Europe/Paris:{start}", f"DTEND;TZID=Europe/Paris:{end}",
            "SUMMARY:Band", f"ORGANIZER:mailto:{organizer or person}",
            f"ATTENDEE;CUTYPE=ROOM;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{address}",
            *lines, "END:VEVENT",
        )  # fmt: skip
        calendar = "\r\n".join(
            ("BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", *event, more, "END:VCALENDAR")
        ).replace("\r\n\r\n", "\r\n")
        mail = EmailMessage()
        if results:
            mail["Authentication-Results"] = results
        mail["From"], mail["To"], mail["Subject"] = person, address, "Band"
        mail["Message-ID"] = f"<{self.number}@laptop.example>"
        mail.set_content("See the calendar.")
        mail.add_alternative(calendar, subtype="calendar", params={"method": method})
        deliver(self.maildir, mail, f"{self.number:03}.a")
        if work:
            self.work()

    def work(self) -> None:
        """Read the mailbox, and do what comes of it."""
        read_mailbox(self.config, now=NOW)
        while work_once(HANDLERS, clock=Clock()):
            pass
        db.session.rollback()

    def replies(self) -> list[EmailMessage]:
        """Return the mails to whoever asked, that were not looked at yet."""
        found = [x for x in self.box.mails if x["Message-ID"].startswith(("<room-", "<asked-"))]
        new, self.seen = found[self.seen :], len(found)
        return new

    def reply(self) -> tuple[str, list[str], str]:
        """Return subject, PARTSTAT of the whole and of single dates, and the text of the reply."""
        [mail] = self.replies()
        text = mail.get_body(("plain",))
        assert text is not None
        return str(mail["Subject"]), answers(mail), text.get_content()

    def booking(self) -> tuple[State, list[str]]:
        """Return the state of the only booking, and when its open dates begin."""
        [booking_id] = db.session.scalars(select(Booking.id)).all()
        view = agenda.booking(db.session(), booking_id)
        db.session.rollback()
        dates = sorted(each.interval.start for each in view.occurrences if each.state.is_open)
        return view.state, [f"{each:%d.%m. %H:%M}" for each in dates]


def answers(mail: EmailMessage) -> list[str]:
    found = [x.get_content() for x in mail.walk() if x.get_content_type() == "text/calendar"]
    if not found:
        return []
    parsed = Calendar.from_ical(found[0].encode())
    assert parsed["METHOD"] == "REPLY"
    return [str(each["ATTENDEE"].params["PARTSTAT"]) for each in parsed.walk("VEVENT")]


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as box:
        yield box


@pytest.fixture
def post(app: Flask, house: House, box: Postbox, tmp_path: Path) -> Iterator[Post]:
    before: Config = app.extensions["booking"]["config"]
    maildir = make_maildir(tmp_path / "box")
    mail = Mail(smtp_host="127.0.0.1", smtp_port=box.port, smtp_security="none")
    mail_in = settings(maildir, authserv_id=RELAY)
    app.extensions["booking"]["config"] = replace(before, mail=mail, mail_in=mail_in)
    with app.app_context():
        transact(lambda session: session.execute(update(Person).values(locale="en")))
        yield Post(app, house, maildir, box)
    app.extensions["booking"]["config"] = before


EXPECTED = Path(__file__).parents[1] / "data" / "mails" / "rooms"
CHANGING = re.compile(
    r"(room|asked)-\d+-?[0-9a-f]*@|/bookings/\d+|/asked-by-mail/[\w.-]+|-\d+(?=@)"
)


def readable(mail: EmailMessage) -> str:
    """Return headers, text and calendar object, without what differs every time."""
    heads = [f"{name}: {value}" for name, value in mail.items() if name in SHOWN]
    text = mail.get_body(("plain",))
    assert text is not None
    parts = [x.get_content() for x in mail.walk() if x.get_content_type() == "text/calendar"]
    unfolded = [each.replace("\r\n", "\n").replace("\n ", "") for each in parts]
    whole = "\n".join([*heads, "", text.get_content().strip(), "---", *unfolded])
    return CHANGING.sub("…", whole.replace("\r\n", "\n")).strip() + "\n"


SHOWN = ("Subject", "From", "To", "Message-ID", "Auto-Submitted", "Reply-To")


def accepted(post: Post) -> None:
    post.send()


def tentative(post: Post) -> None:
    post.send(to=post.house.cedar)


def declined(post: Post) -> None:
    post.house.add_booking(by=post.house.stranger, uid="other@x")
    post.send()


def partly(post: Post) -> None:
    by_mail(post.house, post.house.atlas, ByMail.PARTLY)
    post.house.add_booking(days=(7,), by=post.house.stranger, uid="other@x")
    post.send(WEEKLY)


def unproven(post: Post) -> None:
    post.send(results="")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("write", [accepted, tentative, declined, partly, unproven])
def test_room_says_what_is_expected(
    post: Post, write: Callable[[Post], None], language: str
) -> None:
    transact(lambda session: session.execute(update(Person).values(locale=language)))
    write(post)
    [mail] = post.replies()
    file = EXPECTED / f"{write.__name__}.{language}.txt"
    assert readable(mail) == file.read_text(encoding="utf-8"), f"{file.name} differs"


def by_mail(house: House, space: Space, choice: ByMail) -> None:
    set_policy(space.id, Policy(by_mail=choice), house.admin, version=space.version, now=NOW)


def test_a_free_room_is_booked_and_says_so(post: Post) -> None:
    post.send()
    assert post.booking() == (State.CONFIRMED, ["11.03. 09:00"])
    subject, said, text = post.reply()
    assert (subject, said) == ("Accepted: Band", ["ACCEPTED"])
    assert "Band, Thursday 11 March 2027, 10:00–11:00" in text
    assert "Atlas is booked for you." in text
    assert became(db.session()) == [("done", "")]


def test_a_room_that_asks_is_tentative_and_accepts_when_it_is_approved(post: Post) -> None:
    post.send(to=post.house.cedar)
    assert post.reply()[:2] == ("Asked for: Band", ["TENTATIVE"])
    approve(DecisionRequest(1, 1), post.house.approver, now=NOW)
    post.work()
    assert post.reply()[:2] == ("Accepted: Band", ["ACCEPTED"])
    post.work()
    assert post.replies() == []


def test_a_room_that_is_taken_declines_and_says_what_is_free(post: Post) -> None:
    post.house.add_booking(by=post.house.stranger, title="Secret", visibility="private")
    post.send()
    subject, said, text = post.reply()
    assert (subject, said) == ("Declined: Band", ["DECLINED"])
    assert "This time is already taken." in text
    assert "Free instead:" in text
    assert re.search(r"– Birch, Thursday 11 March 2027, 10:00–11:00", text)
    assert "Secret" not in text


@pytest.mark.parametrize(
    ("choice", "said", "dates"),
    [
        (ByMail.WHOLE, ["DECLINED"], None),
        (ByMail.PARTLY, ["ACCEPTED", "DECLINED"], ["11.03. 09:00", "25.03. 09:00"]),
    ],
)
def test_a_series_of_which_a_date_clashes(
    post: Post, choice: ByMail, said: list[str], dates: list[str] | None
) -> None:
    house = post.house
    by_mail(house, house.atlas, choice)
    taken = house.add_booking(days=(7,), by=house.stranger)
    post.send(WEEKLY)
    assert post.reply()[1] == said
    if dates:
        transact(
            lambda session: session.execute(
                update(Booking).where(Booking.id == taken).values(uid="other@x")
            )
        )
        found = db.session.scalars(select(Booking.id).where(Booking.id != taken)).one()
        view = agenda.booking(db.session(), found)
        open_dates = [each.interval.start for each in view.occurrences if each.state.is_open]
        assert [f"{each:%d.%m. %H:%M}" for each in open_dates] == dates


def test_an_update_moves_it_and_a_cancellation_gives_it_back(post: Post) -> None:
    post.send()
    post.send(start="20270311T140000", end="20270311T150000", sequence=1)
    assert post.booking() == (State.CONFIRMED, ["11.03. 13:00"])
    post.send(method="CANCEL", sequence=2)
    assert post.booking() == (State.CANCELLED, [])
    assert [each["Subject"] for each in post.replies()] == [
        "Accepted: Band",
        "Accepted: Band",
        "Cancelled: Band",
    ]


def test_one_date_moves_and_one_is_cancelled(post: Post) -> None:
    post.send(WEEKLY)
    one = "RECURRENCE-ID;TZID=Europe/Paris:20270318T100000"
    post.send(one, start="20270318T160000", end="20270318T170000", sequence=1)
    assert post.booking()[1] == ["11.03. 09:00", "18.03. 15:00", "25.03. 09:00"]
    other = "RECURRENCE-ID;TZID=Europe/Paris:20270325T100000"
    post.send(other, method="CANCEL", start="20270325T100000", end="20270325T110000", sequence=2)
    assert post.booking()[1] == ["11.03. 09:00", "18.03. 15:00"]
    assert [answers(each) for each in post.replies()][:2] == [["ACCEPTED"], ["ACCEPTED"]]


def test_an_update_that_clashes_is_declined_and_the_old_time_stays(post: Post) -> None:
    post.house.add_booking(start=14, end=15, by=post.house.stranger, uid="other@x")
    post.send()
    post.send(start="20270311T140000", end="20270311T150000", sequence=1)
    assert [answers(each) for each in post.replies()] == [["ACCEPTED"], ["DECLINED"]]
    found = db.session.scalars(select(Booking.starts_local).where(Booking.title == "Band")).one()
    assert found.hour == 10


def test_without_proof_nothing_happens_until_its_sender_confirms(
    post: Post, client: "Callable[..., object]", csrf: Callable[..., str]
) -> None:
    post.send(invites(post, post.house.birch), results="")
    assert became(db.session()) == [("asks", "")] * 2
    assert len(open_mails(db.session(), limit=9)) == 1
    db.session.rollback()
    [question] = post.replies()
    assert question["Subject"] == "Is this from you? A booking of Atlas, Birch"
    body = question.get_body(("plain",))
    assert body is not None
    [path] = re.findall(r"http://127\.0\.0\.1:8000(/asked-by-mail/[\w.-]+)", body.get_content())
    web = post.app.test_client()
    page = web.get(path)
    assert page.status_code == 200
    assert "Band" in page.text
    assert "Atlas, Birch" in page.text
    assert db.session.scalars(select(Booking.id)).all() == []
    db.session.rollback()
    web.post(path, data={"csrf_token": csrf(web, path)})
    post.work()
    assert said(post) == [("Atlas", ["ACCEPTED"]), ("Birch", ["ACCEPTED"])]
    assert web.post(path, data={"csrf_token": csrf(web, path)}).status_code == 404
    assert web.get(path[:-2] + "xx").status_code == 404


def test_a_question_expires(post: Post) -> None:
    post.send(results=f"{RELAY}; dmarc=fail header.from=example.org")
    [question] = post.replies()
    body = question.get_body(("plain",))
    assert body is not None
    [path] = re.findall(r"(/asked-by-mail/[\w.-]+)", body.get_content())
    transact(lambda s: s.execute(update(ReceivedMail).values(at=NOW - timedelta(days=3))))
    assert post.app.test_client().get(path).status_code == 404


def test_forgers_reach_few_mails(post: Post) -> None:
    for _ in range(8):
        post.send(results="")
    assert [state for state, _why in became(db.session())] == ["asks"] * 5 + ["aside"] * 3
    assert len(post.replies()) == 5


def test_what_is_of_no_use_is_set_aside_unanswered(post: Post) -> None:
    house = post.house
    post.send(to="rooms@house.example")
    post.send(to="rooms+nothing-9999@house.example")
    post.send(organizer="eve@example.com")
    transact(
        lambda session: session.execute(
            update(Person).where(Person.id == house.member.person_id).values(email="x@y.org")
        )
    )
    post.send()
    assert became(db.session()) == [
        ("aside", "mail_no_room"),
        ("aside", "mail_no_room"),
        ("aside", "mail_other_organizer"),
        ("aside", "mail_not_member"),
    ]
    assert post.replies() == []


def invites(post: Post, *rooms: Space) -> str:
    """Return lines of an object that invite further rooms."""
    return "\r\n".join(f"ATTENDEE;CUTYPE=ROOM:mailto:{room_address(x, post.config)}" for x in rooms)


def rooms(post: Post) -> list[str]:
    """Return the names of the rooms that the only booking has."""
    [booking_id] = db.session.scalars(select(Booking.id)).all()
    view = agenda.booking(db.session(), booking_id)
    held = {each.space_id for each in view.occurrences if each.state.is_open}
    db.session.rollback()
    known = (post.house.atlas, post.house.birch, post.house.cedar)
    return [each.name for each in known if each.id in held]


def said(post: Post) -> list[tuple[str, list[str]]]:
    """Return which rooms have answered what."""
    return [(str(x["From"]).split(" <")[0].strip('"'), answers(x)) for x in post.replies()]


def test_several_rooms_are_one_booking_and_each_answers(post: Post) -> None:
    house = post.house
    post.send(invites(post, house.birch), stamp="20270310T080000Z")
    assert rooms(post) == ["Atlas", "Birch"]
    assert said(post) == [("Atlas", ["ACCEPTED"]), ("Birch", ["ACCEPTED"])]
    post.send(invites(post, house.atlas), to=house.birch, stamp="20270310T080000Z")
    assert said(post) == []  # the same event, as it came to the other room
    assert became(db.session())[-1] == ("aside", "mail_repeated")

    later = {"start": "20270311T140000", "end": "20270311T150000"}
    post.send(invites(post, house.birch), sequence=1, **later)
    assert post.booking() == (State.CONFIRMED, ["11.03. 13:00", "11.03. 13:00"])
    assert said(post) == [("Atlas", ["ACCEPTED"]), ("Birch", ["ACCEPTED"])]
    post.send(invites(post, house.cedar), sequence=2, **later)
    assert rooms(post) == ["Atlas", "Cedar"]  # it does not invite Birch any more
    told = said(post)
    assert ("Birch", ["DECLINED"]) in told
    assert ("Cedar", ["TENTATIVE"]) in told
    approve(DecisionRequest(1, agenda.booking(db.session(), 1).version), house.approver, now=NOW)
    post.work()
    assert said(post) == [("Cedar", ["ACCEPTED"])]
    post.send(invites(post, house.cedar), method="CANCEL", sequence=3, **later)
    assert rooms(post) == ["Cedar"]  # it came to Atlas alone
    post.send(invites(post, house.atlas), to=house.cedar, method="CANCEL", sequence=4, **later)
    assert post.booking() == (State.CANCELLED, [])


def test_of_several_rooms_one_is_taken_and_says_so(post: Post) -> None:
    post.house.add_booking(post.house.birch, by=post.house.stranger, uid="other@x")
    post.send(invites(post, post.house.birch))
    accepted, declined = post.replies()
    assert [answers(accepted), answers(declined)] == [["ACCEPTED"], ["DECLINED"]]
    text = declined.get_body(("plain",))
    assert text is not None
    assert "Birch is not booked." in text.get_content()
    assert "This time is already taken." in text.get_content()


def test_rooms_with_lists_of_their_own_stay_together(post: Post) -> None:
    house = post.house
    post.send(WEEKLY, stamp="20270310T080002Z")
    post.send(WEEKLY, to=house.birch, stamp="20270310T080001Z")  # written before the other
    assert rooms(post) == ["Atlas", "Birch"]
    later = {"start": "20270311T140000", "end": "20270311T150000"}
    post.send(WEEKLY, sequence=1, **later)
    assert rooms(post) == ["Atlas", "Birch"]
    post.send(WEEKLY, to=house.birch, sequence=1, **later)
    assert post.booking()[1][:2] == ["11.03. 13:00", "11.03. 13:00"]
    one = "RECURRENCE-ID;TZID=Europe/Paris:20270318T140000"
    post.send(one, to=house.birch, method="CANCEL", sequence=2, **later)
    assert post.booking()[1].count("18.03. 13:00") == 1
    post.send(to=house.birch, method="CANCEL", sequence=3, **later)
    assert rooms(post) == ["Atlas"]


@pytest.mark.engines("sqlite", "postgresql")
def test_rooms_that_are_booked_at_once_are_one_booking(post: Post, engine_url: str) -> None:
    for room in (post.house.atlas, post.house.birch, post.house.cedar):
        post.send(to=room, work=False)
    read_mailbox(post.config, now=NOW)
    ids = db.session.scalars(select(ReceivedMail.id)).all()
    db.session.rollback()
    race(engine_url, [Attempt(book_at_once, (x, post.config), post.house.member) for x in ids])
    assert rooms(post) == ["Atlas", "Birch", "Cedar"]


def test_too_many_rooms_are_declined(post: Post) -> None:
    addresses = [
        f"ATTENDEE:mailto:{room_address(post.house.add_space(f'Cell {each}'), post.config)}"
        for each in range(10)
    ]
    post.send(*addresses)
    _subject, said, text = post.reply()
    assert said == ["DECLINED"]
    assert "more than 10 rooms at once" in text


def test_a_booking_that_went_to_another_room_stays_there(post: Post) -> None:
    post.send()
    post.send(to=post.house.birch, sequence=1)
    post.send(method="CANCEL", sequence=2)  # to the room that it has left
    assert post.booking() == (State.CONFIRMED, ["11.03. 09:00"])
    [booking_id] = db.session.scalars(select(Booking.id)).all()
    assert agenda.booking(db.session(), booking_id).space_ids == (post.house.birch.id,)


def test_an_older_version_changes_nothing(post: Post) -> None:
    post.send(start="20270311T140000", end="20270311T150000", sequence=3)
    post.send(sequence=2)
    assert post.booking() == (State.CONFIRMED, ["11.03. 13:00"])
    assert became(db.session())[1] == ("aside", "mail_older")


def test_a_room_can_be_closed_to_mails(post: Post) -> None:
    by_mail(post.house, post.house.atlas, ByMail.OFF)
    post.send()
    _subject, said, text = post.reply()
    assert said == ["DECLINED"]
    assert "Atlas cannot be booked by mail." in text


def test_what_cannot_be_read_is_declined_with_the_reason(post: Post) -> None:
    post.send("RRULE:FREQ=SECONDLY")
    assert post.reply()[1] == ["DECLINED"]
    assert db.session.scalars(select(Booking.id)).all() == []


def test_a_booking_of_somebody_else_is_not_touched(post: Post) -> None:
    post.send()
    post.send(by=post.house.stranger, sequence=1, start="20270311T160000", end="20270311T170000")
    post.send(by=post.house.stranger, sequence=2, method="CANCEL")
    found = db.session.scalars(select(Booking.starts_local)).one()
    assert found.hour == 10
    assert post.booking()[0] is State.CONFIRMED
