"""Answers from a mail: by a link, without signing in, once, and only by its reader."""

import logging
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.actions.approvals import approve
from booking.actions.bookings import book, cancel
from booking.actions.proposals import propose
from booking.core.requests import CancelRequest, DecisionRequest, ProposalRequest
from booking.core.values import State
from booking.db import db, write
from booking.logs import TextFormatter
from booking.mail.compose import compose
from booking.models import Audit, Booking, Notice, Person, RoleGrant
from booking.queries import agenda
from booking.queries.notices import letter
from tests.support.factories import NOW


@pytest.fixture
def mailed(app, house):
    """Return what gives the paths that the mail about a message leads to, for its reader."""

    def paths(code, person):
        with app.app_context():
            newest = (
                select(Notice.id)
                .where(Notice.code == code, Notice.person_id == person.person_id)
                .order_by(Notice.id.desc())
            )
            found = letter(db.session(), db.session.scalars(newest).first() or 0)
            mail = compose(db.session(), found, app.extensions["booking"]["config"], now=NOW)
        text = mail.get_body(("plain",)).get_content()
        return re.findall(r"http://127\.0\.0\.1:8000(/by-mail/[\w.-]+)", text)

    return paths


@pytest.fixture
def asked(app, house):
    """Store a request for Cedar; return its id."""
    with app.app_context():
        return book(house.request(house.cedar), house.member, now=NOW).booking_id


@pytest.fixture
def path(asked, mailed, house):
    """Return the path by which the approver answers the request."""
    return mailed("notice_requested", house.approver)[0]


@pytest.fixture
def answer(client, csrf):
    """Return what sends an answer as the page does."""

    def send(path, kind, **form):
        token = csrf(client, path)
        return client.post(f"{path}/{kind}", data={"csrf_token": token} | form)

    return send


def state_of(app, booking_id):
    """Return the state of a booking."""
    with app.app_context():
        return agenda.booking(db.session(), booking_id).state


def test_page_shows_the_request_to_whoever_has_the_link(client, path):
    page = client.get(path)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    for words in ("Choir", "Member", "Cedar", "10:00"):
        assert words in page.text


def test_looking_decides_nothing(app, client, path, asked):
    for _ in range(3):
        client.get(path)
        client.head(path)
    assert state_of(app, asked) is State.REQUESTED


def test_approve_by_link(app, client, path, asked, house, answer):
    done = answer(path, "approve", version="1")
    assert (done.status_code, done.headers["Location"]) == (303, path)
    assert state_of(app, asked) is State.CONFIRMED
    with app.app_context():
        last = db.session.scalars(select(Audit).order_by(Audit.id.desc())).first()
        assert (last.verb, last.actor_id, last.door) == (
            "approve",
            house.approver.person_id,
            "mail",
        )
    assert "Approver" in client.get(path).text


def test_refuse_by_link_needs_a_reason(app, path, asked, answer):
    wrong = answer(path, "refuse", version="1", reason=" ")
    assert wrong.status_code == 422
    assert state_of(app, asked) is State.REQUESTED
    assert answer(path, "refuse", version="1", reason="The hall is wet.").status_code == 303
    assert state_of(app, asked) is State.REFUSED


def test_link_of_a_decided_request_says_by_whom(app, client, path, asked, house, answer):
    with app.app_context():
        approve(DecisionRequest(asked, 1), house.admin, now=NOW)
    page = client.get(path).text
    assert "Admin" in page
    assert "/approve" not in page
    late = client.post(f"{path}/refuse", data={"csrf_token": _token(client), "version": "2"})
    assert late.status_code in (303, 422)
    assert state_of(app, asked) is State.CONFIRMED


def _token(client):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text).group(1)


def test_link_of_a_cancelled_request_says_that_it_is_over(app, client, path, asked, house):
    with app.app_context():
        cancel(CancelRequest(asked, 1), house.member, now=NOW)
    page = client.get(path)
    assert page.status_code == 200
    assert "/approve" not in page.text


def test_request_that_changed_meanwhile_is_shown_again(app, path, asked, answer):
    with app.app_context(), write() as session:
        session.execute(update(Booking).values(version=2))
    stale = answer(path, "approve", version="1")
    assert stale.status_code == 409
    assert 'name="version" value="2"' in stale.text
    assert state_of(app, asked) is State.REQUESTED


def test_dates_that_are_taken_are_left_out(app, client, house, mailed, answer):
    with app.app_context():
        wish = house.request(house.delta, rule="FREQ=WEEKLY;COUNT=3")
        booking_id = book(wish, house.member, now=NOW).booking_id
    house.add_booking(house.delta, days=(7,), by=house.stranger)
    path = mailed("notice_requested", house.approver)[0]
    skips = re.findall(r'name="skip" value="([^"]+)"', client.get(path).text)
    assert skips == ["2027-03-18T10:00:00"]
    assert answer(path, "approve", version="1", skip=skips).status_code == 303
    with app.app_context():
        states = [each.state for each in agenda.booking(db.session(), booking_id).occurrences]
    assert states == [State.CONFIRMED, State.SKIPPED, State.CONFIRMED]


@pytest.mark.parametrize("kind", ["approve", "refuse", "accept", "decline"])
def test_answers_need_the_form(client, path, kind):
    assert client.post(f"{path}/{kind}", data={"version": "1"}).status_code == 400


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({}, id="no-version"),
        pytest.param({"version": "x"}, id="no-number"),
        pytest.param({"version": "9" * 40}, id="huge"),
        pytest.param({"version": "1", "skip": "yesterday"}, id="no-date"),
        pytest.param({"version": "1", "skip": "2027-03-18T10:00:00Z"}, id="aware-date"),
    ],
)
def test_forms_that_are_none_of_ours_decide_nothing(app, path, asked, answer, form):
    assert answer(path, "approve", **form).status_code == 404
    assert state_of(app, asked) is State.REQUESTED


@pytest.mark.parametrize("spoil", ["x{}", "{}x", "{}.{}", "W10.x", "%00", "a" * 3000])
def test_link_that_is_not_ours_is_not_found(client, path, spoil):
    token = path.rsplit("/", 1)[1]
    assert client.get(f"/by-mail/{spoil.format(token, token)}").status_code == 404


def test_link_is_void_after_thirty_days(client, path, clock):
    clock.now += timedelta(days=31)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"sign_in_epoch": 2}, id="sessions-ended"),
        pytest.param({"archived_at": NOW}, id="account-closed"),
    ],
)
def test_link_is_void_when_its_reader_is(app, client, path, house, change):
    with app.app_context(), write() as session:
        reader = Person.id == house.approver.person_id
        session.execute(update(Person).where(reader).values(**change))
    assert client.get(path).status_code == 404


def test_link_of_somebody_who_decides_no_more_decides_nothing(app, client, path, asked, house):
    with app.app_context(), write() as session:
        session.query(RoleGrant).filter_by(person_id=house.approver.person_id).delete()
    page = client.get(path)
    assert page.status_code == 200
    assert "/approve" not in page.text
    sent = {"csrf_token": _token(client), "version": "1"}
    client.post(f"{path}/approve", data=sent)
    assert state_of(app, asked) is State.REQUESTED


@pytest.fixture
def proposed(app, house, asked):
    """Propose Delta in place of Cedar."""
    with app.app_context():
        wish = house.request(house.delta, start=14, end=16)
        request = ProposalRequest(asked, 1, wish.space_ids, wish.start, wish.end)
        propose(request, house.approver, now=NOW)
    return asked


def test_member_accepts_a_proposal_by_link(app, client, house, mailed, proposed, answer):
    path = mailed("notice_proposed", house.member)[0]
    page = client.get(path).text
    assert "Delta" in page
    [offer] = set(re.findall(r'name="offer" value="(\d+)"', page))
    assert answer(path, "accept", offer=offer).status_code == 303
    with app.app_context():
        stored = agenda.booking(db.session(), proposed)
    assert (stored.state, stored.space_ids) == (State.CONFIRMED, (house.delta.id,))
    assert 'name="offer"' not in client.get(path).text


def test_member_declines_a_proposal_by_link(app, client, house, mailed, proposed, answer):
    path = mailed("notice_proposed", house.member)[0]
    [offer] = set(re.findall(r'name="offer" value="(\d+)"', client.get(path).text))
    assert answer(path, "decline", offer=offer).status_code == 303
    assert state_of(app, proposed) is State.REQUESTED
    assert 'name="offer"' not in client.get(path).text


def test_link_of_an_offer_decides_no_request_and_the_other_way_round(
    app, path, house, mailed, proposed, answer
):
    of_member = mailed("notice_proposed", house.member)[0]
    assert answer(of_member, "approve", version="1").status_code == 404
    assert answer(path, "accept", offer="1").status_code == 404
    assert state_of(app, proposed) is State.REQUESTED


def test_mail_asks_for_approval_with_an_answer_each(mailed, house, asked):
    assert len({*mailed("notice_requested", house.approver)}) == 1
    assert len(mailed("notice_requested", house.approver)) == 2


def test_link_is_not_written_into_logs(path):
    said = f"GET {path} 200"
    record = logging.LogRecord("booking.access", logging.INFO, "", 0, said, None, None)
    assert path.rsplit("/", 1)[1] not in TextFormatter().format(record)
