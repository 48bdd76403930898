"""The pages on which an administrator writes the words of mails."""

import pytest
from flask.testing import FlaskClient

from tests.support.factories import House
from tests.web.test_approvals import csrf

PAGE = "/admin/mails/notice_approved"


def test_words_are_written_shown_and_taken_back(desk: FlaskClient) -> None:
    form = {"csrf_token": csrf(desk, PAGE), "locale": "fr", "version": "0"}
    form |= {"subject": "Oui : {title}", "body": "<b>{space}</b> le {start}"}

    assert desk.post(PAGE, data=form).status_code == 303

    page = desk.get(PAGE).text
    assert "Oui : {title}" in page
    assert "Oui : Répétition de chorale" in page  # an example, in the language of the mail
    assert "&lt;b&gt;Grande salle&lt;/b&gt; le jeudi 11 mars 2027, 10:00" in page
    assert "Français</td>" in desk.get("/admin/mails").text
    back = form | {"version": "1", "subject": "", "body": ""}
    assert desk.post(PAGE, data=back).status_code == 303
    assert "Oui" not in desk.get(PAGE).text


def test_wrong_words_are_kept_and_told(desk: FlaskClient) -> None:
    form = {"csrf_token": csrf(desk, PAGE), "locale": "en", "version": "0"}
    answer = desk.post(PAGE, data=form | {"subject": "Yes, {boss}", "body": "Kept"})
    assert answer.status_code == 422
    assert "This mail does not know {boss}." in answer.text
    assert "Yes, {boss}" in answer.text
    assert "Kept" in answer.text


def test_second_writer_sees_that_somebody_was_faster(desk: FlaskClient) -> None:
    form = {"csrf_token": csrf(desk, PAGE), "locale": "en", "version": "0", "body": ""}
    desk.post(PAGE, data=form | {"subject": "First"})
    answer = desk.post(PAGE, data=form | {"subject": "Second"})
    assert answer.status_code == 409
    assert 'value="Second"' in answer.text
    again = form | {"subject": "Second", "version": "1"}
    assert desk.post(PAGE, data=again).status_code == 303


@pytest.mark.parametrize("who", ["member", "manager", "approver"])
def test_others_do_not_come_in(client: FlaskClient, house: House, sign_in, who: str) -> None:
    signed_in = sign_in(client, getattr(house, who))
    assert signed_in.get("/admin/mails").status_code == 403
    assert signed_in.get(PAGE).status_code == 403
    form = {"csrf_token": csrf(signed_in, "/bookings"), "locale": "en", "subject": "Mine"}
    assert signed_in.post(PAGE, data=form).status_code == 403


def test_what_is_no_mail_is_not_found(desk: FlaskClient) -> None:
    form = {"csrf_token": csrf(desk, PAGE), "locale": "en", "subject": "x"}
    assert desk.get("/admin/mails/nothing").status_code == 404
    assert desk.post("/admin/mails/nothing", data=form).status_code == 404
    assert desk.post(PAGE, data=form | {"locale": "xx"}).status_code == 400
