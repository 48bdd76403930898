"""What each mail says, in both languages: compared with the text files in tests/data/mails."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update

from booking.actions import connections, renewals
from booking.actions.accounts import (
    InvitationRequest,
    MailChoice,
    choose_mails,
    forgotten_password,
    invite,
)
from booking.actions.app_passwords import AppPasswordRequest, create_app_password
from booking.actions.approvals import approve, refuse
from booking.actions.bookings import book, cancel, change, hand_over
from booking.actions.bookings.change import as_request
from booking.actions.bookings.extend import extend_series
from booking.actions.bookings.retime import retime
from booking.actions.checkins import release_no_shows
from booking.actions.closures import close
from booking.actions.expiry import expire_requests, remind_approvers
from booking.actions.leases import create_lease, remind_of_leases
from booking.actions.objects import notify_refusal
from booking.actions.offers import accept_offer, decline_offer
from booking.actions.override import displaced_by, override
from booking.actions.proposals import propose
from booking.actions.reminders import remind
from booking.actions.serving import serve
from booking.actions.spaces import set_policy, set_site_policy
from booking.actions.swaps import accept_swap, decline_swap, propose_swap
from booking.actions.waiting import wait
from booking.core.connections import TRIES_BEFORE_TOLD, Account, Settings
from booking.core.errors import BookingError
from booking.core.mail_texts import KINDS
from booking.core.messages import message
from booking.core.requests import (
    BookingRequest,
    CancelRequest,
    ChangeRequest,
    ClosureRequest,
    DateSeen,
    DecisionRequest,
    HandOverRequest,
    Over,
    OverrideRequest,
    ProposalRequest,
    SwapRequest,
)
from booking.core.values import Door, Policy, Seasons, SitePolicy, Space, WaitMode
from booking.db import db, transact
from booking.i18n import LINK_MAILS, SENTENCES, SUBJECTS
from booking.mail.compose import compose
from booking.mail.links import compose_link
from booking.models import Invitation, MailText, Notice, Person
from booking.queries import agenda
from booking.queries.notices import letter
from booking.queries.people import link
from tests.support.factories import House
from tests.support.objects import put, single
from tests.support.retiming import made_with_old_data

CHANGING = r"(?:notice|link)-\d+-\d+@|/(?:bookings|approvals)/\d+|/by-mail/[\w.-]+"
PARAMETER = re.compile(r"%\((\w+)\)s")
EXPECTED = Path(__file__).parents[1] / "data" / "mails"


def requested(house: House) -> int:
    return book(house.request(house.cedar), house.member, now=house.now).booking_id


def approved(house: House) -> None:
    wish = DecisionRequest(requested(house), 1)
    approve(wish, house.approver, now=house.now)


def refused(house: House) -> None:
    wish = DecisionRequest(requested(house), 1, reason="The choir has the hall already.")
    refuse(wish, house.approver, now=house.now)


def changed(house: House) -> None:
    made = book(house.request(), house.member, now=house.now)
    before = agenda.booking(db.session(), made.booking_id)
    wanted = replace(as_request(before), start=house.at(14), end=house.at(15))
    change(ChangeRequest(made.booking_id, made.version, wanted), house.admin, now=house.now)


def cancelled(house: House) -> None:
    made = book(house.request(), house.member, now=house.now)
    wish = CancelRequest(made.booking_id, made.version, reason="Water on the floor")
    cancel(wish, house.admin, now=house.now)


def displaced(house: House) -> None:
    """By a request for the whole day, of all rooms, so that nothing else is free for days."""
    book(house.request(), house.member, now=house.now)
    everything = house.request(*house.rooms, start=0, end=24 * 8)
    displace(everything, house)


def displaced_offered(house: House) -> None:
    book(house.request(), house.member, now=house.now)
    displace(house.request(), house)


def dates_displaced(house: House) -> None:
    book(house.request(rule="FREQ=WEEKLY;COUNT=3"), house.member, now=house.now)
    displace(house.request(rule="FREQ=WEEKLY;COUNT=2"), house)


def displace(wish: BookingRequest, house: House) -> None:
    gone = displaced_by(wish, house.admin, now=house.now)
    agreed = frozenset(each.allocation_id for each in gone)
    override(OverrideRequest(wish, "The mayor comes.", agreed), house.admin, now=house.now)


def handed_over(house: House) -> None:
    made = book(house.request(organisation_id=house.ours), house.member, now=house.now)
    wish = HandOverRequest(made.booking_id, 1, house.manager.person_id or 0, "I move away.")
    hand_over(wish, house.admin, now=house.now)


def swap_proposed(house: House) -> int:
    dates = []
    for room, person in ((house.atlas, house.stranger), (house.birch, house.member)):
        made = book(house.request(room, start=14, end=15), person, now=house.now)
        stored = agenda.booking(db.session(), made.booking_id).occurrences[0]
        dates.append(DateSeen(made.booking_id, stored.occurrence_id, 1))
    db.session.rollback()
    return propose_swap(SwapRequest(*dates, "I have a class then."), house.stranger, now=house.now)


def swapped(house: House) -> None:
    accept_swap(swap_proposed(house), house.admin, now=house.now)


def swap_declined(house: House) -> None:
    decline_swap(swap_proposed(house), house.member, now=house.now)


def booked_for_you(house: House) -> None:
    wish = house.request(organiser_id=house.member.person_id, organisation_id=house.ours)
    book(wish, house.manager, now=house.now)


def reminder(house: House) -> None:
    book(house.request(), house.member, now=house.now)
    choose_mails(MailChoice(remind_hours=24), house.member, known=())
    assert remind(now=house.interval(10, 11).start - timedelta(hours=24)) == 1


def expired(house: House) -> None:
    requested(house)
    assert expire_requests(now=house.now + timedelta(days=8)) == 1


def no_show(house: House, dates: int = 1) -> None:
    policy = Policy(check_in=timedelta(minutes=10))
    set_policy(house.atlas.id, policy, house.admin, version=1, now=house.now)
    rule = f"FREQ=DAILY;COUNT={dates + 1}" if dates > 1 else None
    book(house.request(rule=rule), house.member, now=house.now)
    for day in range(dates):
        late = house.interval(10, 11, day=day).start + timedelta(minutes=11)
        assert release_no_shows(now=late) == 1


def conflict(house: House) -> None:
    made = book(house.request(rule="FREQ=WEEKLY"), house.member, now=house.now)
    later = house.now + timedelta(days=7)
    last = agenda.booking(db.session(), made.booking_id).occurrences[-1]
    day = (last.recurrence_id.date() - house.now.date()).days + 6
    book(house.request(title="Play", day=day), house.stranger, now=later)
    assert extend_series(now=later) == 1


def over_limit(house: House) -> None:
    """As ``conflict``, but the organisation has all the dates that it may have."""
    wish = house.request(rule="FREQ=WEEKLY", organisation_id=house.ours)
    book(wish, house.member, now=house.now)
    house.count_use(month_dates=0)
    assert extend_series(now=house.now + timedelta(days=7)) == 1


def retimed(house: House) -> None:
    made = book(house.request(), house.member, now=house.now)
    made_with_old_data(house.engine, booking_ids=[made.booking_id])
    closure = ClosureRequest(house.site.id, house.at(9), house.at(11), "Works", house.atlas.id)
    close(replace(closure, over=Over.KEEP), house.admin, now=house.now)
    assert len(retime(now=house.now).lost) == 1


def expiring(house: House) -> None:
    book(house.request(house.cedar, day=20), house.member, now=house.now)
    assert remind_approvers(now=house.now + timedelta(days=6)) == 1


def offered(house: House) -> None:
    chosen = book(house.request(house.delta), house.member, now=house.now)
    book(house.request(house.delta, title="Play"), house.stranger, now=house.now)
    wish = DecisionRequest(chosen.booking_id, 1, refuse_rivals="The choir comes every year.")
    approve(wish, house.approver, now=house.now)


def dates_offered(house: House) -> None:
    weekly = "FREQ=WEEKLY;COUNT=2"
    chosen = book(house.request(house.delta, rule=weekly), house.member, now=house.now)
    rival = house.request(house.delta, title="Play", rule="FREQ=WEEKLY;COUNT=3")
    book(rival, house.stranger, now=house.now)
    wish = DecisionRequest(chosen.booking_id, 1, refuse_rivals="The choir comes every year.")
    approve(wish, house.approver, now=house.now)


def proposed(house: House) -> int:
    asked = book(house.request(house.cedar), house.member, now=house.now)
    wish = house.request(house.delta, start=14, end=16)
    more_light = ProposalRequest(
        asked.booking_id, 1, wish.space_ids, wish.start, wish.end, "It has more light."
    )
    return propose(more_light, house.approver, now=house.now)


def accepted(house: House) -> None:
    accept_offer(proposed(house), house.member, now=house.now)


def declined(house: House) -> None:
    decline_offer(proposed(house), house.member, now=house.now)


def request_changed(house: House) -> None:
    asked = book(house.request(house.cedar), house.member, now=house.now)
    later = house.request(house.cedar, start=14, end=16)
    change(ChangeRequest(asked.booking_id, 1, later), house.member, now=house.now)


def waits(house: House, room: Space, mode: WaitMode) -> None:
    """Wait for a time that its owner gives back a moment later."""
    made = book(house.request(room, title="Play"), house.admin, now=house.now)
    want = wait(house.request(room), mode, house.member, now=house.now)
    cancel(CancelRequest(made.booking_id, 1), house.admin, now=house.now)
    serve(want, now=house.now)


def season(house: House, *, answer: str = "", days: tuple[str, ...] = ()) -> None:
    """Let the days of a season pass for a series without an end; perhaps its manager answers."""
    policy = SitePolicy(seasons=Seasons())
    set_site_policy(house.site.id, policy, house.admin, version=1, now=house.now)
    wish = house.request(rule="FREQ=WEEKLY", organisation_id=house.ours)
    made = book(wish, house.member, now=house.now).booking_id
    for day in ("2027-06-02", *days):
        assert renewals.renew(made, now=datetime.fromisoformat(f"{day}T08:00Z"))
    if answer:
        at = datetime.fromisoformat("2027-06-03T08:00Z")
        getattr(renewals, answer)(made, house.manager, now=at)


def app_password(house: House) -> None:
    create_app_password(AppPasswordRequest("Phone"), house.member, now=house.now)


def calendar_fails(house: House, *, stops: bool) -> None:
    account = Account("https://cloud.example.org/dav/", "mia", "basic", "sealed")
    address = "https://cloud.example.org/dav/calendars/mia/office/"
    made = connections.begin_connection(account, [(address, "Work")], house.member, now=house.now)
    connections.choose_calendar(made, address, "Work", Settings(), house.member, now=house.now)
    connections.resume(made, house.member, now=house.now)
    for _ in range(1 if stops else TRIES_BEFORE_TOLD + 2):
        house.now += timedelta(hours=7)
        claimed = connections.claim(now=house.now)
        assert claimed is not None
        failure = connections.Failure(message("remote_denied"), stops=stops)
        connections.finish_run(claimed, failure, now=house.now)


def object_refused(house: House, code: str) -> None:
    """A calendar app asks for a time that is taken, or on a day when nothing can be booked."""
    book(house.request(), house.admin, now=house.now)
    data = single() if code == "object_taken" else single(RRULE="FREQ=HOURLY")
    with pytest.raises(BookingError) as refused:
        put(house, data)
    told = {"door": Door.DAV, "now": house.now}
    assert notify_refusal(data, refused.value, house.member, **told)
    assert not notify_refusal(data, refused.value, house.member, **told)


def calendar_says(house: House, tell: Callable[..., None], *words: object) -> None:
    connection_id = house.add_connection(state="active")
    claimed = connections.claim(now=house.now)
    assert claimed is not None
    assert claimed.id == connection_id
    tell(claimed, *words, now=house.now)


MAILS: dict[str, Callable[[House], object]] = {
    "notice_calendar_asks": lambda house: calendar_says(house, connections.tell_question, "Choir"),
    "notice_calendar_stopped": lambda house: calendar_fails(house, stops=True),
    "notice_calendar_failing": lambda house: calendar_fails(house, stops=False),
    "notice_lease_ends": lambda house: lease_reminder(house, 60),
    "notice_lease_decide": lambda house: lease_reminder(house, 100),
    "notice_requested": requested,
    "notice_approved": approved,
    "notice_refused": refused,
    "notice_changed": changed,
    "notice_cancelled": cancelled,
    "notice_displaced": displaced,
    "notice_displaced_offered": displaced_offered,
    "notice_dates_displaced": dates_displaced,
    "notice_booked_for_you": booked_for_you,
    "notice_swap_proposed": swap_proposed,
    "notice_swapped": swapped,
    "notice_swap_declined": swap_declined,
    "notice_handed_over": handed_over,
    "notice_handed_on": handed_over,
    "notice_reminder": reminder,
    "notice_expired": expired,
    "notice_no_show": no_show,
    "notice_no_shows": lambda house: no_show(house, dates=3),
    "notice_season_asked": season,
    "notice_season_warned": lambda house: season(house, days=("2027-07-18",)),
    "notice_season_ended": lambda house: season(house, days=("2027-07-18", "2027-08-02")),
    "notice_season_kept": lambda house: season(house, answer="keep_place"),
    "notice_season_given_back": lambda house: season(house, answer="give_place_back"),
    "notice_conflict": conflict,
    "notice_over_limit": over_limit,
    "notice_retimed": retimed,
    "notice_offered": offered,
    "notice_expiring": expiring,
    "notice_dates_offered": dates_offered,
    "notice_proposed": proposed,
    "notice_accepted": accepted,
    "notice_declined": declined,
    "notice_request_changed": request_changed,
    "notice_slot_offered": lambda house: waits(house, house.atlas, WaitMode.OFFER),
    "notice_claimed": lambda house: waits(house, house.atlas, WaitMode.CLAIM),
    "notice_app_password": app_password,
    "notice_object_refused": lambda house: object_refused(house, "object_refused"),
    "notice_object_taken": lambda house: object_refused(house, "object_taken"),
    "notice_claim_asked": lambda house: waits(house, house.cedar, WaitMode.CLAIM),
}


def lease_reminder(house: House, days: int) -> None:
    wish = house.lease_request(house.add_office())
    create_lease(wish, house.admin, now=house.now)
    assert wish.ends
    early = datetime.combine(wish.ends, time(9), UTC) - timedelta(days=days)
    assert remind_of_leases(now=early) == 1


def invitation(house: House) -> int:
    invite(InvitationRequest("new@example.org", "Nina New"), house.admin, now=house.now)
    return _latest_link()


def password(house: House) -> int:
    forgotten_password(house.email(house.member), address="192.0.2.1", now=house.now)
    return _latest_link()


def _latest_link() -> int:
    query = select(Invitation.id).order_by(Invitation.id.desc())
    found = db.session().execute(query).scalars().first()
    assert found is not None
    return found


def composed(app: Flask, house: House, code: str, language: str) -> EmailMessage:
    session = db.session()
    session.rollback()
    transact(lambda session: session.execute(update(Person).values(locale=language)))
    query = select(Notice.id).where(Notice.code == code).order_by(Notice.id.desc())
    notice_id = session.execute(query).scalars().first()
    assert notice_id is not None, f"nobody was told {code}"
    found = letter(session, notice_id)
    assert found is not None
    return compose(session, found, app.extensions["booking"]["config"], now=house.now)


def readable(mail: EmailMessage) -> str:
    """Return headers, text and files of a mail as one text, without what differs every time."""
    heads = [f"{name}: {value}" for name, value in mail.items() if not name.startswith("MIME")]
    text = mail.get_body(("plain",))
    assert text is not None
    files = [
        f"--- {each.get_filename()} ({each.get_content_type()})\n"
        + "\n".join(_lines_of_event(each.get_content()))
        for each in mail.iter_attachments()
    ]
    whole = "\n".join([*heads, "", text.get_content(), *files])
    whole = re.sub(r"boundary=\S+|Content-Type: multipart\S+\n?", "", whole)
    whole = re.sub(CHANGING, "…", whole)
    return whole.replace("\r\n", "\n").strip() + "\n"


def _lines_of_event(content: str) -> list[str]:
    event = Calendar.from_ical(content.encode()).walk("VEVENT")[0]
    names = ("SUMMARY", "STATUS", "DTSTART", "DTEND", "LOCATION", "SEQUENCE")
    return [f"{name}: {event[name].to_ical().decode()}" for name in names if name in event]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("code", MAILS)
def test_mail_says_what_is_expected(app: Flask, house: House, code: str, language: str) -> None:
    with app.app_context():
        MAILS[code](house)
        found = readable(composed(app, house, code, language))
    file = EXPECTED / f"{code.removeprefix('notice_')}.{language}.txt"
    assert found == file.read_text(encoding="utf-8"), f"{file.name} differs"


@pytest.mark.parametrize("code", MAILS)
def test_mail_can_name_what_an_administrator_is_told_it_can(
    app: Flask, house: House, code: str
) -> None:
    every = " ".join(f"{{{name}}}" for name in KINDS[code])
    with app.app_context():
        MAILS[code](house)
        transact(
            lambda session: session.add(MailText(kind=code, locale="en", subject="Own", body=every))
        )
        mail = composed(app, house, code, "en")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "{" not in text.get_content()
    assert set(PARAMETER.findall(f"{SENTENCES[code]}")) <= set(KINDS[code])


def test_proposal_without_words_ends_with_its_sentence(app: Flask, house: House) -> None:
    with app.app_context():
        asked = book(house.request(house.cedar), house.member, now=house.now)
        wish = house.request(house.delta, start=14, end=16)
        propose(
            ProposalRequest(asked.booking_id, 1, wish.space_ids, wish.start, wish.end),
            house.approver,
            now=house.now,
        )
        mail = composed(app, house, "notice_proposed", "en")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "click on the page of the booking.\n" in text.get_content()


def test_every_mail_can_have_its_own_words() -> None:
    assert KINDS.keys() == SUBJECTS.keys() | LINK_MAILS.keys()
    assert MAILS.keys() == SUBJECTS.keys()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("ask", [invitation, password])
def test_link_says_what_is_expected(
    app: Flask, house: House, ask: Callable[[House], int], language: str
) -> None:
    with app.app_context():
        transact(lambda session: session.execute(update(Person).values(locale=language)))
        asked = link(db.session(), ask(house))
        config = app.extensions["booking"]["config"]
        mail = compose_link(db.session(), asked, "SECRET", config, now=house.now)
        found = readable(mail)
    file = EXPECTED / f"{ask.__name__}.{language}.txt"
    assert found == file.read_text(encoding="utf-8"), f"{file.name} differs"


def test_both_parts_say_the_same_and_nothing_is_fetched(app: Flask, house: House) -> None:
    with app.app_context():
        MAILS["notice_refused"](house)
        mail = composed(app, house, "notice_refused", "en")
    html = mail.get_body(("html",))
    assert html is not None
    page = html.get_content()
    assert "The choir has the hall already." in page
    assert "src=" not in page
    assert "<script" not in page


def test_what_people_wrote_is_text_in_html(app: Flask, house: House) -> None:
    with app.app_context():
        wish = house.request(house.cedar, title="<b>Choir</b> & more")
        made = book(wish, house.member, now=house.now)
        approve(DecisionRequest(made.booking_id, 1), house.approver, now=house.now)
        mail = composed(app, house, "notice_approved", "en")
    html = mail.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;Choir&lt;/b&gt; &amp; more" in html.get_content()
    assert mail["Subject"] == "Approved: <b>Choir</b> & more"


def test_a_title_cannot_add_headers(app: Flask, house: House) -> None:
    with app.app_context():
        wish = house.request(house.cedar, title="Choir\r\nBcc: all@example.org")
        made = book(wish, house.member, now=house.now)
        approve(DecisionRequest(made.booking_id, 1), house.approver, now=house.now)
        mail = composed(app, house, "notice_approved", "en")
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Approved: Choir Bcc: all@example.org"


def test_words_of_an_administrator_take_the_place_of_ours(app: Flask, house: House) -> None:
    with app.app_context():
        approved(house)
        own = MailText(
            kind="notice_approved",
            locale="en",
            subject="Yes to {title}",
            body="{space} is yours on {start}.\n\nKeys are at the desk. {unknown}",
        )
        transact(lambda session: session.add(own))
        mail = composed(app, house, "notice_approved", "en")
        text = mail.get_body(("plain",))
        assert text is not None
        assert mail["Subject"] == "Yes to Choir"
        assert "Cedar is yours on Thursday 11 March 2027, 10:00." in text.get_content()
        assert "Keys are at the desk. {unknown}" in text.get_content()
        french = composed(app, house, "notice_approved", "fr")
        assert french["Subject"] != "Yes to Choir"
