"""Mails that were set aside: each with its reason, until somebody who runs all houses saw it."""

import pytest

from booking.actions.received import note_mailbox, set_aside
from booking.core.mail_in import Incoming
from booking.core.messages import message
from tests.support.factories import NOW

PATH = "/admin/mail-in"


@pytest.fixture
def aside(app, house):
    """A mail that was set aside."""
    with app.app_context():
        incoming = Incoming("k", "1", "eve@example.com", "<b>Hello</b>")
        set_aside(incoming, message("mail_other_method", method="COUNTER"), now=NOW)
        note_mailbox("OSError: no route", now=NOW)


def test_it_stands_with_its_reason_until_it_is_seen(client, sign_in, csrf, house, aside):
    sign_in(client, house.admin)
    page = client.get(PATH).text
    assert "eve@example.com" in page
    assert "&lt;b&gt;Hello" in page
    assert "ne sait que faire de COUNTER" in page
    form = {"id": "1", "csrf_token": csrf(client, PATH)}
    assert "Retiré" in client.post(PATH, data=form, follow_redirects=True).text
    assert "eve@example.com" not in client.get(PATH).text
    assert client.post(PATH, data=form).status_code == 404


def test_nobody_else_reads_it(client, sign_in, csrf, house, aside):
    sign_in(client, house.approver)
    assert client.get(PATH).status_code == 403
    form = {"id": "1", "csrf_token": csrf(client, "/")}
    assert client.post(PATH, data=form).status_code == 403


@pytest.mark.parametrize("chosen", ["", "x", "99"])
def test_only_what_is_there_is_seen(client, sign_in, csrf, house, aside, chosen):
    sign_in(client, house.admin)
    form = {"id": chosen, "csrf_token": csrf(client, PATH)}
    assert client.post(PATH, data=form).status_code == 404
