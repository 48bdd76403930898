"""Mails leave once, after commit, through a real SMTP server, or into a folder."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.actions import accounts
from booking.actions.accounts import Acceptance, InvitationRequest
from booking.actions.bookings import book
from booking.config import Config, Mail
from booking.core.errors import Conflicted
from booking.core.values import Actor
from booking.db import db, transact
from booking.jobs import HANDLERS, work_once
from booking.mail import deliver_link, outbox_files
from booking.models import Invitation, Job, Notice, Person
from booking.queries.jobs import Standing
from booking.queries.jobs import jobs as listed
from tests.support.factories import Clock, House
from tests.support.smtp import Postbox, postbox

SignIn = Callable[[FlaskClient, Actor], FlaskClient]


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


def link_in(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",))
    assert text is not None
    (found,) = re.findall(r"/invitations/[\w-]+", text.get_content())
    return str(found)


def test_forgotten_password_comes_back_by_mail(
    configured: Flask, box: Postbox, house: House, csrf: Callable[..., str]
) -> None:
    client = configured.test_client()
    form = {"csrf_token": csrf(client), "email": "Member@Example.org "}
    page = client.post("/password-forgotten", data=form)
    assert page.status_code == 200
    work()

    (mail,) = box.mails
    assert mail["To"] == "Member <member@example.org>"
    path = link_in(mail)
    chosen = {"csrf_token": csrf(client), "password": "seven green lamps"}
    assert client.post(path, data=chosen).status_code == 303
    assert client.get("/profile").status_code == 200
    assert client.get(path).status_code == 404  # used


def test_forgotten_password_tells_nobody_who_is_here(
    configured: Flask, box: Postbox, house: House, csrf: Callable[..., str]
) -> None:
    client = configured.test_client()
    pages = [
        client.post("/password-forgotten", data={"csrf_token": csrf(client), "email": email})
        for email in ("member@example.org", "nobody@example.org")
    ]
    known, unknown = (re.sub(r"[\w.-]+@example.org", "", each.get_data(True)) for each in pages)
    token = re.compile(r'name="csrf[^>]*>|content="[^"]*"')
    assert token.sub("", known) == token.sub("", unknown)
    work()
    assert [each["To"] for each in box.mails] == ["Member <member@example.org>"]


def test_forgotten_password_is_not_asked_for_all_day(
    configured: Flask, box: Postbox, house: House, csrf: Callable[..., str]
) -> None:
    client = configured.test_client()
    form = {"csrf_token": csrf(client), "email": "member@example.org"}
    codes = [client.post("/password-forgotten", data=form).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    work()
    assert len(box.mails) == 1  # earlier links are void, so their mails need not go
    bad = client.post("/password-forgotten", data=form | {"email": "no address"})
    assert bad.status_code == 422


def test_without_a_mail_server_the_administrator_is_named(
    unconfigured: Flask, house: House, csrf: Callable[..., str]
) -> None:
    client = unconfigured.test_client()
    assert "password-forgotten" not in client.get("/sign-in").get_data(True)
    page = client.get("/password-forgotten")
    assert "administrateur" in page.get_data(True)
    client.post(
        "/password-forgotten", data={"csrf_token": csrf(client), "email": "member@example.org"}
    )
    assert db.session.execute(select(Job)).first() is None


def test_invitation_goes_by_mail_and_only_its_last_link_works(
    configured: Flask, box: Postbox, house: House, csrf: Callable[..., str], sign_in: SignIn
) -> None:
    client = sign_in(configured.test_client(), house.admin)
    form = {"email": "nia@example.org", "organisation": str(house.ours), "send": "mail"}
    made = client.post("/people/invite", data=form | {"csrf_token": csrf(client)})
    assert made.status_code == 303
    work()

    (mail,) = box.mails
    assert mail["To"] == "nia@example.org"
    stranger = configured.test_client()
    assert stranger.get(link_in(mail)).status_code == 200
    # A worker that died before it could say so mails once more.
    (invitation,) = db.session.execute(select(Invitation.id)).scalars()
    db.session.rollback()
    deliver_link(invitation, configured.extensions["booking"]["config"], now=house.now)
    assert stranger.get(link_in(box.mails[0])).status_code == 404
    assert stranger.get(link_in(box.mails[1])).status_code == 200


def test_used_invitation_is_not_mailed(configured: Flask, box: Postbox, house: House) -> None:
    wanted = InvitationRequest("nia@example.org")
    token = accounts.invite(wanted, house.admin, now=house.now, by_mail=True)
    chosen = Acceptance("seven green lamps", name="Nia")
    accounts.accept_invitation(token, chosen, now=house.now)
    work()
    assert box.mails == []


def test_what_is_not_ticked_is_not_mailed(
    configured: Flask, box: Postbox, house: House, csrf: Callable[..., str], sign_in: SignIn
) -> None:
    client = sign_in(configured.test_client(), house.approver)
    form = {"csrf_token": csrf(client), "mail": ["notice_approved"], "remind": "24"}
    assert client.post("/profile/mails", data=form).status_code == 303
    page = client.get("/profile").get_data(True)
    assert re.findall(r'value="(notice_\w+)" checked', page) == ["notice_approved"]
    assert '<option value="24" selected>' in page
    ask(house)
    work()
    assert box.mails == []
    assert len(db.session.execute(select(Notice)).all()) == 1
    assert client.post("/profile/mails", data=form | {"remind": "999"}).status_code == 422
