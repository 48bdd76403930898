"""Spaces in the browser: list and order, what they are, rules, parts."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions.bookings import book
from booking.core.values import Hours, Policy, Role, Space, Stance
from booking.db import db
from booking.queries import houses
from tests.support.factories import NOW, House

SELECT = re.compile(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', re.DOTALL)


@pytest.fixture
def admin(app: Flask, house: House, sign_in) -> FlaskClient:
    client = sign_in(app.test_client(), house.admin)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def stored(app: Flask):
    """Return a space as it is stored: ``stored(space_id)``."""

    def read(space_id: int) -> Space:
        with app.app_context():
            return houses.spaces_by_id(db.session(), [space_id])[space_id]

    return read


def fields_of(page: str) -> dict[str, list[str]]:
    """Return what a browser would send of the forms of a page, as it is filled in."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r' name="([^"]*)"', tag)
        if name and (("checkbox" not in tag and "radio" not in tag) or " checked" in tag):
            value = re.search(r' value="([^"]*)"', tag)
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(
        r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)<', body)
        found[name] = [(chosen[1] if chosen[1] is not None else chosen[2]) if chosen else ""]
    found.pop("csrf_token", None)
    return found


def space_form(admin: FlaskClient, path: str) -> dict[str, list[str]]:
    page = admin.get(path).text
    return fields_of(page[page.index('class="admin-page"') : page.index("</section>")])


def rules_form(admin: FlaskClient, space: Space) -> dict[str, list[str]]:
    page = admin.get(f"/admin/spaces/{space.id}/rules").text
    return fields_of(page[page.index('class="admin-page"') :])


def test_spaces_are_listed_and_put_in_order(admin, house, post):
    page = admin.get("/admin/spaces").text
    assert page.index("Atlas") < page.index("Birch") < page.index("Cedar")

    answer = post(admin, "/admin/spaces/order", id=str(house.cedar.id), what="up")

    assert answer.location == f"/admin/spaces#space-{house.cedar.id}"
    page = admin.get("/admin/spaces").text
    assert page.index("Atlas") < page.index("Cedar") < page.index("Birch")
    assert post(admin, "/admin/spaces/order", id=str(house.atlas.id), what="up").status_code == 303
    assert post(admin, "/admin/spaces/order", id="999999", what="up").status_code == 404


def test_unchanged_form_changes_nothing_but_the_version(admin, house, post, stored):
    before = stored(house.atlas.id)
    form = space_form(admin, f"/admin/spaces/{house.atlas.id}")

    assert post(admin, f"/admin/spaces/{house.atlas.id}", **form).status_code == 303

    after = stored(house.atlas.id)
    assert after.version == 2
    assert (after.name, after.capacity, after.features, after.kind) == (
        before.name,
        before.capacity,
        before.features,
        before.kind,
    )


def test_space_is_made_and_changed(admin, house, post, stored):
    form = space_form(admin, "/admin/spaces/new") | {
        "name": "Elm <b>",
        "capacity": "12",
        "features": ["screen", "video"],
        "further": "piano, stage",
        "area_m2": "33,5",
        "setup_min": "15",
    }
    made = post(admin, "/admin/spaces/new", **form)

    space_id = int(re.search(r"/spaces/(\d+)/rules", made.location)[1])
    found = stored(space_id)
    assert (found.name, found.capacity) == ("Elm <b>", 12)
    assert found.features == ("screen", "video", "piano", "stage")
    assert "Elm &lt;b&gt; is there" in admin.get(made.location).text
    form = space_form(admin, f"/admin/spaces/{space_id}")
    assert (form["further"], form["area_m2"]) == (["piano, stage"], ["33.5"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"capacity": "many"}, "capacity"),
        ({"capacity": "99999"}, "capacity"),
        ({"area_m2": "-3"}, "area_m2"),
        ({"setup_min": "1e3"}, "setup_min"),
        ({"kind": "castle"}, "kind"),
    ],
)
def test_space_form_tells_what_is_wrong_and_keeps_what_was_typed(
    admin, house, post, stored, wrong, field
):
    path = f"/admin/spaces/{house.atlas.id}"
    form = space_form(admin, path) | {"description": "Behind the stairs"} | wrong

    answer = post(admin, path, **form)

    assert answer.status_code == 422
    assert re.search(rf'name="{field}"[^>]* aria-invalid="true"', answer.text)
    assert "Behind the stairs" in answer.text
    assert stored(house.atlas.id).version == 1


def test_the_second_of_two_admins_sees_what_is_stored(admin, house, post):
    path = f"/admin/spaces/{house.atlas.id}"
    form = space_form(admin, path)
    post(admin, path, **(form | {"name": "First"}))

    answer = post(admin, path, **(form | {"name": "Second"}))

    assert answer.status_code == 409
    assert "Somebody has changed this" in answer.text
    assert 'value="First"' in answer.text
    assert "Second" not in answer.text


def test_space_with_bookings_is_not_archived_but_shows_them(app, admin, house, post, stored):
    with app.app_context():
        booked = book(house.request(), house.member, now=NOW)
    path = f"/admin/spaces/{house.atlas.id}/archive"

    refused = post(admin, path, what="archive", version="1")
    assert refused.status_code == 409
    assert f'href="/bookings/{booked.booking_id}"' in refused.text
    assert post(admin, f"/admin/spaces/{house.birch.id}/archive", version="1").status_code == 303
    assert not stored(house.birch.id).bookable
    again = f"/admin/spaces/{house.birch.id}/archive"
    assert post(admin, again, what="restore", version="2").status_code == 303
    assert stored(house.birch.id).bookable


def test_unchanged_rules_stay_as_they_are(admin, house, post, stored):
    form = rules_form(admin, house.cedar)

    assert post(admin, f"/admin/spaces/{house.cedar.id}/rules", **form).status_code == 303

    after = stored(house.cedar.id)
    assert (after.policy, after.needs_approval, after.requests_hold) == (Policy(), True, True)


def test_rules_are_set_and_shown_again(admin, house, post, stored):
    form = rules_form(admin, house.atlas) | {
        "own_hours": "1",
        "closes-0": "24:00",
        "outside_hours": "refuse",
        "holidays": "ask",
        "over_capacity": "refuse",
        "shortest": "30",
        "longest": "4,5",
        "notice": "2",
        "ahead": "60",
        "ask_longer": "3",
        "organisations": [str(house.ours)],
        "roles": ["manager"],
        "ask_outsiders": "1",
        "insiders": [str(house.ours), str(house.theirs)],
        "always": "1",
    }
    del form["open-6"]

    assert post(admin, f"/admin/spaces/{house.atlas.id}/rules", **form).status_code == 303

    found = stored(house.atlas.id)
    policy = found.policy
    assert found.needs_approval
    assert policy.hours[6] is None
    assert policy.hours[0] == Hours(policy.hours[1].opens, policy.hours[1].closes.replace(hour=0))
    assert (policy.outside_hours, policy.holidays) == (Stance.REFUSE, Stance.ASK)
    assert policy.over_capacity is Stance.REFUSE
    assert [policy.to_json()[each] for each in ("shortest", "longest", "notice", "ahead")] == [
        30,
        270,
        120,
        60 * 24 * 60,
    ]
    assert policy.organisations == {house.ours}
    assert policy.insiders == {house.ours, house.theirs}
    assert policy.roles == {Role.MANAGER}
    again = rules_form(admin, house.atlas)
    assert post(admin, f"/admin/spaces/{house.atlas.id}/rules", **again).status_code == 303
    assert stored(house.atlas.id).policy == policy


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"shortest": "x"}, "shortest"),
        ({"longest": "0"}, "longest"),
        ({"shortest": "120", "longest": "1"}, "longest"),
        ({"notice": "48", "ahead": "1"}, "ahead"),
        ({"outside_hours": "maybe"}, "outside_hours"),
    ],
)
def test_rules_that_make_no_sense_are_told_by_field(admin, house, post, stored, wrong, field):
    form = rules_form(admin, house.atlas) | wrong

    answer = post(admin, f"/admin/spaces/{house.atlas.id}/rules", **form)

    assert answer.status_code == 422
    assert re.search(rf'name="{field}"[^>]* aria-invalid="true"', answer.text)
    assert stored(house.atlas.id).policy == Policy()


def test_spaces_are_combined_and_merged(app, admin, house, post, stored):
    alone = {"name": "All", "parts": [str(house.atlas.id)]}
    refused = post(admin, "/admin/spaces/combine", **alone)
    assert refused.status_code == 422
    assert "Choose at least two spaces." in refused.text

    parts = [str(house.atlas.id), str(house.birch.id)]
    made = post(admin, "/admin/spaces/combine", name="All", parts=parts, merge="1")

    found = stored(int(made.location.rsplit("/", 1)[1]))
    assert (found.name, found.part_ids) == ("All", (house.atlas.id, house.birch.id))
    assert not stored(house.atlas.id).bookable


def test_parts_ask_about_bookings_and_name_those_in_the_way(app, admin, house, post, stored):
    both = house.add_space("Both", parts=(house.atlas, house.birch))
    with app.app_context():
        book(house.request(both), house.member, now=NOW)
        taken = book(house.request(house.birch, start=14, end=15), house.stranger, now=NOW)
        book(house.request(both, start=17, end=18), house.member, now=NOW)
    path = f"/admin/spaces/{both.id}/parts"
    form = {"what": "parts", "version": "1", "parts": [str(house.atlas.id), str(house.cedar.id)]}

    asked = post(admin, path, **form)
    assert asked.status_code == 409
    assert "2 bookings change with it" in asked.text
    assert re.search(rf'value="{house.cedar.id}" checked', asked.text)
    assert post(admin, path, **form, agreed="1").status_code == 303
    assert stored(both.id).part_ids == (house.atlas.id, house.cedar.id)
    with app.app_context():
        book(house.request(house.birch, start=17, end=18), house.stranger, now=NOW)
    back = form | {"version": "2", "parts": [str(house.birch.id)]}
    refused = post(admin, path, **back, agreed="1")
    assert refused.status_code == 409
    assert "1 booking is in the way" in refused.text
    assert f"/bookings/{taken.booking_id + 2}" in refused.text


def test_space_is_divided_and_admits_several(admin, house, post, stored):
    path = f"/admin/spaces/{house.atlas.id}/parts"
    short = post(admin, path, what="divide", version="1", names=["North", " "])
    assert short.status_code == 422
    assert "Give at least two names" in short.text
    made = post(admin, path, what="divide", version="1", names=["North", "South", ""])
    assert made.status_code == 303
    assert len(stored(house.atlas.id).part_ids) == 2
    lanes = f"/admin/spaces/{house.birch.id}/parts"
    assert post(admin, lanes, what="lanes", version="1", lanes="x").status_code == 422
    assert post(admin, lanes, what="lanes", version="1", lanes="3").status_code == 303
    assert stored(house.birch.id).lanes == 3
    assert post(admin, lanes, what="lanes", version="1", lanes="2").status_code == 409


@pytest.mark.parametrize("who", ["member", "manager", "approver"])
@pytest.mark.parametrize(
    "path",
    ["", "/new", "/combine", "/{id}", "/{id}/rules", "/{id}/parts", "/order", "/{id}/archive"],
)
def test_nobody_else_comes_in(app, house, sign_in, post, who, path):
    client = sign_in(app.test_client(), getattr(house, who))
    address = "/admin/spaces" + path.format(id=house.atlas.id)
    if path not in ("/order", "/{id}/archive"):
        assert client.get(address).status_code == 403
    if path:
        assert post(client, address, version="1").status_code == 403
