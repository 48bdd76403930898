"""A further house, the programme switched off, the people of an organisation."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions.spaces import set_site_policy
from booking.core.values import SitePolicy
from booking.db import db
from booking.queries import houses
from tests.support.factories import House
from tests.web.test_approvals import csrf

NEW = {"name": "Valence", "zone": "Europe/Paris", "country": "fr", "region": "", "address": "1 rue"}
NEW |= {"opens": "07:30", "closes": "24:00"}


def test_a_house_is_made_and_leads_to_its_settings(app: Flask, desk: FlaskClient) -> None:
    token = {"csrf_token": csrf(desk, "/admin/sites")}
    answer = desk.post("/admin/sites", data=NEW | token)
    assert answer.headers["Location"] == "/admin/settings?site=valence"
    with app.app_context():
        made = houses.site_by_slug(db.session(), "valence")
    assert (made.name, made.country, made.address) == ("Valence", "FR", "1 rue")
    assert (made.opens.hour, made.closes.hour) == (7, 0)
    assert "Valence" in desk.get("/admin/sites").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": " "}, "Give a name."),
        ({"zone": "Moon/Base"}, "time zone"),
        ({"zone": "../../etc/passwd"}, "time zone"),
        ({"country": "France"}, "country"),
        ({"opens": "25:00"}, "no such time"),
        ({"opens": "21:00", "closes": "20:00"}, "clos"),
        ({"address": "x" * 301}, "At most 300 characters"),
    ],
)
def test_a_house_that_makes_no_sense_is_told_and_kept(
    app: Flask, desk: FlaskClient, wrong: dict[str, str], told: str
) -> None:
    token = {"csrf_token": csrf(desk, "/admin/sites")}
    answer = desk.post("/admin/sites", data=NEW | wrong | token)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="07:30"' in answer.text or ">07:30<" in answer.text or "opens" in wrong
    with app.app_context():
        assert len(houses.sites(db.session())) == 1


def test_only_who_runs_all_makes_houses(client: FlaskClient, house: House, sign_in) -> None:
    signed_in = sign_in(client, house.approver)
    token = {"csrf_token": csrf(signed_in, "/bookings")}
    assert signed_in.get("/admin/sites").status_code == 403
    assert signed_in.post("/admin/sites", data=NEW | token).status_code == 403


def test_programme_can_be_switched_off(app: Flask, client: FlaskClient, house: House) -> None:
    for path in ("/programme", "/programme/house", "/programme.ics", "/programme/house.ics"):
        assert client.get(path).status_code == 200, path
    assert "/programme" in client.get("/sign-in").text

    with app.app_context():
        off = SitePolicy(programme=False)
        set_site_policy(house.site.id, off, house.admin, version=1, now=house.now)

    for path in ("/programme", "/programme/house", "/programme.ics", "/programme/house.ics"):
        assert client.get(path).status_code == 404, path
    assert "/programme" not in client.get("/sign-in").text


def test_programme_is_switched_in_the_settings(app: Flask, desk: FlaskClient, house: House) -> None:
    form = {
        "csrf_token": csrf(desk, "/admin/settings"),
        "version": "1",
        "name": house.site.name,
        "country": "FR",
        "opens": "08:00",
        "closes": "20:00",
        "bookable_days": "400",
        "holidays": "allow",
        "remind_hours": "24",
        "expire_days": "7",
    }
    assert desk.post("/admin/settings", data=form).status_code == 303
    with app.app_context():
        assert houses.site(db.session(), house.site.id).policy.programme is False
    on = form | {"version": "2", "programme": "1", "open_rooms": "1"}
    assert desk.post("/admin/settings", data=on).status_code == 303
    with app.app_context():
        assert houses.site(db.session(), house.site.id).policy.open_rooms is True
    assert desk.get("/programme").status_code == 200


def test_organisation_lists_its_people(desk: FlaskClient, house: House) -> None:
    page = desk.get(f"/admin/organisations/{house.ours}").text
    assert f'href="/people/{house.member.person_id}"' in page
    assert f'href="/people/{house.stranger.person_id}"' not in page
    invite = f"/people/invite?organisation={house.ours}"
    assert invite in page
    assert f'<option value="{house.ours}" selected>' in desk.get(invite).text
    assert desk.get("/people/invite?organisation=x").status_code == 200


def test_a_house_is_archived_and_brought_back(desk: FlaskClient, house: House) -> None:
    token = {"csrf_token": csrf(desk, "/admin/sites")}
    desk.post("/admin/sites", data=NEW | token)
    assert "Valence" in desk.get("/admin/floors").text
    stale = desk.post("/admin/sites/2/archive", data=token | {"version": "7"})
    assert stale.status_code == 409
    desk.post("/admin/sites/2/archive", data=token | {"version": "1"})
    assert "archived" in desk.get("/admin/sites").text
    assert "Valence" not in desk.get("/admin/floors").text
    assert desk.get("/board/valence").status_code == 404
    refused = desk.post("/admin/sites/1/archive", data=token | {"version": "1"})
    assert (refused.status_code, "must be in use" in refused.text) == (422, True)
    desk.post("/admin/sites/2/archive", data=token | {"version": "2", "what": "restore"})
    assert "archived" not in desk.get("/admin/sites").text
