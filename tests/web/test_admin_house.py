"""The settings of a house, and its organisations, in the browser."""

import re
from datetime import time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.core.values import Grant, Role, SitePolicy, Stance
from booking.db import db
from booking.queries import houses
from tests.support.factories import House


@pytest.fixture
def admin(app: Flask, house: House, sign_in) -> FlaskClient:
    client = sign_in(app.test_client(), house.admin)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


SETTINGS = {
    "name": "Pôle Sud",
    "address": "26100 Romans",
    "country": "fr",
    "region": "57",
    "opens": "09:00",
    "closes": "24:00",
    "bookable_days": "365",
    "holidays": "refuse",
    "expire_days": "",
    "remind_hours": "36",
    "version": "1",
}


def test_settings_of_a_house_are_changed(app, admin, house, post):
    assert "Europe/Paris" in admin.get("/admin/settings").text

    assert post(admin, "/admin/settings", **SETTINGS).location == "/admin/settings"

    with app.app_context():
        found = houses.site(db.session(), house.site.id)
    assert (found.name, found.opens, found.closes) == ("Pôle Sud", time(9), time(0))
    assert found.policy == SitePolicy(
        holidays=Stance.REFUSE,
        expire_after=None,
        remind_before=timedelta(hours=36),
        programme=False,
    )
    stale = post(admin, "/admin/settings", **SETTINGS | {"name": "Other"})
    assert stale.status_code == 409
    assert 'value="Pôle Sud"' in stale.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"closes": "08:00"}, "closes"),
        ({"bookable_days": "x"}, "bookable_days"),
        ({"country": "France"}, "country"),
        ({"holidays": "sometimes"}, "holidays"),
        ({"expire_days": "1", "remind_hours": "48"}, "remind_hours"),
    ],
)
def test_settings_tell_what_is_wrong(admin, house, post, wrong, field):
    answer = post(admin, "/admin/settings", **SETTINGS | wrong)

    assert answer.status_code == 422
    assert re.search(rf'name="{field}"[^>]* aria-invalid="true"', answer.text)


def test_organisations_are_made_changed_archived_and_brought_back(app, admin, house, post):
    def names() -> set[str]:
        with app.app_context():
            return set(houses.organisation_names(db.session()).values())

    assert post(admin, "/admin/organisations", name="New <b>", kind="permanence").status_code == 303
    assert "New &lt;b&gt;" in admin.get("/admin/organisations").text
    assert post(admin, "/admin/organisations", name="Ours", kind="resident").status_code == 422
    assert post(admin, "/admin/organisations", name="X", kind="club").status_code == 422
    path = f"/admin/organisations/{house.ours}"
    wish = {"name": "Ours now", "kind": "contributor", "version": "1"}
    assert post(admin, path, **wish).status_code == 303
    stale = post(admin, path, **wish | {"name": "Late"})
    assert stale.status_code == 409
    assert 'value="Ours now"' in stale.text
    assert names() == {"New <b>", "Ours now", "Theirs"}
    assert post(admin, path, **wish | {"version": "2", "what": "archive"}).status_code == 303
    assert names() == {"New <b>", "Theirs"}
    assert "archived" in admin.get("/admin/organisations").text
    assert post(admin, path, **wish | {"version": "3", "what": "restore"}).status_code == 303
    assert names() == {"New <b>", "Ours now", "Theirs"}
    assert admin.get("/admin/organisations/999999").status_code == 404


@pytest.mark.parametrize("who", ["member", "manager", "approver"])
def test_nobody_else_comes_in(app, house, sign_in, post, who):
    client = sign_in(app.test_client(), getattr(house, who))
    for path in ("/admin/settings", "/admin/organisations", f"/admin/organisations/{house.ours}"):
        assert client.get(path).status_code == 403
        assert post(client, path, name="X", kind="resident", version="1").status_code == 403


def test_who_runs_one_house_sees_its_settings_alone(app, house, sign_in):
    somebody = house.add_person("Warden", grants=(Grant(Role.ADMIN, site_id=house.site.id),))
    client = sign_in(app.test_client(), somebody)

    assert client.get("/admin/settings").status_code == 200
    assert client.get("/admin/settings?site=elsewhere").status_code == 404
    assert client.get("/admin/organisations").status_code == 403
