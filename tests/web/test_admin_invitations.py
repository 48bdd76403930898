"""Invitations from a list, in the browser: shown first, sent when somebody says so."""

import html
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking.db import db
from booking.models import Invitation
from tests.support.factories import House

PATH = "/admin/invitations"
LIST = "E-mail;Nom;Organisation;Rôle\nzoe@example.org;Zoé;Ours;manager\nzoe@example.org;;;\n"


@pytest.fixture
def admin(app: Flask, house: House, sign_in) -> FlaskClient:
    client = sign_in(app.test_client(), house.admin)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def invited(app: Flask) -> int:
    with app.app_context():
        return db.session.execute(select(func.count(Invitation.id))).scalar_one()


def upload(text: str, encoding: str = "utf-8") -> dict[str, tuple[io.BytesIO, str]]:
    return {"file": (io.BytesIO(text.encode(encoding)), "people.csv")}


def test_a_list_is_shown_and_then_sent(app, admin, post):
    shown = post(admin, PATH, **upload(LIST, "latin-1"))

    assert shown.status_code == 200
    assert "Stands further up already" in shown.text
    assert "Invite 1 person" in shown.text
    assert invited(app) == 0

    kept = html.unescape(re.search(r'name="list" value="([^"]*)"', shown.text)[1])
    sent = post(admin, PATH, list=kept)

    assert (sent.status_code, sent.location) == (303, "/people")
    assert invited(app) == 1
    assert "1 invitation goes out by mail." in admin.get("/people").text


def test_a_wrong_line_is_told_and_nobody_is_invited(app, admin, post):
    wrong = "email\nzoe@example.org\nnobody\n"
    shown = post(admin, PATH, **upload(wrong))

    assert "This is no e-mail address." in shown.text
    assert 'name="list"' not in shown.text
    assert post(admin, PATH, list=wrong).status_code == 422
    assert invited(app) == 0


@pytest.mark.parametrize("text", ["", "name\nZoé\n", "\0"])
def test_what_is_no_list_is_told_beside_the_file(admin, post, text):
    answer = post(admin, PATH, **upload(text))

    assert answer.status_code == 422
    assert re.search(r'name="file"[^>]* aria-invalid="true"', answer.text)


def test_a_form_without_a_file_is_told(admin, post):
    assert post(admin, PATH).status_code == 422


def test_members_and_managers_stay_outside(app, house, sign_in, post):
    for somebody in (house.member, house.manager):
        client = sign_in(app.test_client(), somebody)
        assert client.get(PATH).status_code == 403
        assert post(client, PATH, **upload(LIST)).status_code == 403
