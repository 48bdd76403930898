"""Fair use in the browser: limits set, use shown to who runs the house and to its members."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions.spaces import set_site_policy
from booking.core.values import FairUse, Grant, Limits, Peak, Role, SitePolicy, Stance
from booking.db import db
from booking.queries import houses
from booking.queries.allowances import own_limits
from tests.support.factories import House

HOUR = timedelta(hours=1)
Post = Callable[..., Any]
EMPTY: Mapping[str, str] = {
    prefix + name: value
    for prefix in ("o-", "p-", "")
    for name, value in {
        **dict.fromkeys(
            (
                "included",
                "month_hours",
                "week_hours",
                "month_peak",
                "week_peak",
                "month_dates",
                "week_dates",
                "coming",
            ),
            "",
        ),
        "beyond": "allow",
        "over": "refuse",
    }.items()
}
PEAK = {"peak_days": ["0", "4"], "peak_start": "18:00", "peak_end": "24:00"}


@pytest.fixture
def fair(app: Flask, house: House) -> Callable[..., None]:
    """Let the house count, with these limits for every organisation."""

    def count(**limits: Any) -> None:
        policy = SitePolicy(fair_use=FairUse(True, Limits(**limits)))
        with app.app_context():
            set_site_policy(house.site.id, policy, house.admin, version=1, now=house.now)

    return count


def test_limits_of_a_house_are_set(app: Flask, desk: FlaskClient, house: House, post: Post) -> None:
    assert "Nobody is limited yet" in desk.get("/admin/use").text
    assert "Every organisation" in desk.get("/admin/use/limits").text
    wanted = {
        **EMPTY,
        **PEAK,
        "is_on": "1",
        "o-included": "20",
        "o-beyond": "ask",
        "o-coming": "12",
        "p-week_hours": "2,5",
        "p-over": "ask",
        "version": "1",
    }

    assert post(desk, "/admin/use/limits", **wanted).location == "/admin/use"

    with app.app_context():
        found = houses.site(db.session(), house.site.id).policy.fair_use
    assert found == FairUse(
        True,
        Limits(included=20 * HOUR, beyond=Stance.ASK, coming=12),
        Limits(week_hours=2.5 * HOUR, over=Stance.ASK),
        Peak(frozenset({0, 4}), *(found.peak.start, found.peak.end)),
    )
    assert (f"{found.peak.start:%H:%M}", f"{found.peak.end:%H:%M}") == ("18:00", "00:00")
    stale = post(desk, "/admin/use/limits", **wanted | {"o-included": "30"})
    assert stale.status_code == 409
    assert 'name="o-included" value="20"' in stale.text


# fmt: off
WRONG = [
    ({"o-included": "much"},                        "o-included"),
    ({"o-included": "99999"},                       "o-included"),
    ({"o-included": "20", "o-month_hours": "10"},   "o-month_hours"),
    ({"p-coming": "1.5"},                           "p-coming"),
    ({"p-over": "perhaps"},                         "p-over"),
    ({"peak_start": "25:00"},                       "peak_start"),
    ({"peak_start": "21:00", "peak_end": "17:00"},  "peak_end"),
    ({"o-week_peak": "2", "peak_days": []},         "peak_days"),
]
# fmt: on


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_limits_that_make_no_sense_are_shown_again(
    desk: FlaskClient, post: Post, wrong: dict[str, Any], field: str
) -> None:
    answer = post(desk, "/admin/use/limits", **{**EMPTY, **PEAK, "version": "1", **wrong})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text


def test_settings_of_the_house_keep_its_limits(
    app: Flask, desk: FlaskClient, house: House, post: Post, fair: Any
) -> None:
    fair(coming=3)
    fields = {
        "name": "House",
        "country": "FR",
        "opens": "08:00",
        "closes": "20:00",
        "bookable_days": "400",
        "holidays": "allow",
        "remind_hours": "24",
        "version": "2",
    }
    assert post(desk, "/admin/settings", **fields).status_code == 303
    with app.app_context():
        found = houses.site(db.session(), house.site.id).policy.fair_use
    assert found.organisations == Limits(coming=3)


def test_an_organisation_has_limits_of_its_own_and_as_everybody_again(
    app: Flask, desk: FlaskClient, house: House, post: Post, fair: Any
) -> None:
    fair(included=20 * HOUR)
    path = f"/admin/organisations/{house.ours}/limits"
    assert 'name="included" value="20"' in desk.get(path).text  # those of everybody, to begin with
    mine = {**EMPTY, "own": "1", "included": "35", "version": "0"}
    assert post(desk, path, **mine).location == "/admin/use"
    with app.app_context():
        stored = own_limits(db.session(), house.ours, house.site.id)
    assert (stored.limits, stored.version) == (Limits(included=35 * HOUR), 1)
    assert "own limits" in desk.get("/admin/use").text

    stale = post(desk, path, **mine | {"included": "40"})
    assert stale.status_code == 409
    assert 'name="included" value="35"' in stale.text
    assert post(desk, path, **mine | {"included": "x", "version": "1"}).status_code == 422
    assert post(desk, path, **{**EMPTY, "own": "0", "version": "1"}).status_code == 303
    assert "own limits" not in desk.get("/admin/use").text
    assert desk.get("/admin/organisations/999/limits").status_code == 404


def test_use_of_a_month_is_a_table_and_a_file(
    app: Flask, desk: FlaskClient, house: House, fair: Any
) -> None:
    fair(included=2 * HOUR)
    house.add_booking(start=9, end=12)
    house.add_booking(house.birch, start=18, end=19.5, by=house.stranger)
    house.add_organisation("=1+1")
    page = desk.get("/admin/use").text
    assert "March 2027" in page
    assert '<b class="is-over">1</b>' in page
    answer = desk.get("/admin/use.csv?month=2027-03")
    assert answer.headers["Content-Disposition"] == "attachment; filename=use-house-2027-03.csv"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    titles = "Month|Organisation|Hours booked|Included|Beyond|At peak times|Bookings"
    assert rows == [
        titles.split("|"),
        ["2027-03", "'=1+1", "0", "2", "0", "0", "0"],
        ["2027-03", "Ours", "3", "2", "1", "0", "1"],
        ["2027-03", "Theirs", "1.5", "2", "0", "1.5", "1"],
    ]
    later = list(csv.reader(io.StringIO(desk.get("/admin/use.csv?month=2027-04").text)))
    assert [row[2] for row in later[1:]] == ["0", "0", "0"]


def test_file_in_french_has_commas_in_its_numbers(
    app: Flask, house: House, sign_in: Any, fair: Any
) -> None:
    fair()
    house.add_booking(start=9, end=10.5)
    client = sign_in(app.test_client(), house.admin)
    assert "2027-03;Ours;1,5;" in client.get("/admin/use.csv").text


@pytest.mark.parametrize("month", ["2027-13", "2027-00", "0000-01", "now", "9999-12", "2027-3"])
def test_months_that_are_none_are_not_found(desk: FlaskClient, month: str) -> None:
    assert desk.get("/admin/use", query_string={"month": month}).status_code == 404


def test_only_who_runs_a_house_sees_and_sets_its_use(
    app: Flask, house: House, sign_in: Any, post: Post
) -> None:
    paths = ("/admin/use", "/admin/use.csv", "/admin/use/limits")
    paths += (f"/admin/organisations/{house.ours}/limits",)
    for somebody in (house.manager, house.approver):
        client = sign_in(app.test_client(), somebody)
        assert {client.get(path).status_code for path in paths} == {403}
    of_this_house = house.add_person("Local", grants=(Grant(Role.ADMIN, site_id=house.site.id),))
    client = sign_in(app.test_client(), of_this_house)
    assert {client.get(path).status_code for path in paths} == {200}


def test_members_see_what_their_organisation_may_have(
    app: Flask, member: FlaskClient, house: House, fair: Any
) -> None:
    member.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "/bookings/use" not in member.get("/bookings").text
    assert "Nothing is limited" in member.get("/bookings/use").text
    fair(included=20 * HOUR, week_peak=2 * HOUR, coming=9)
    house.add_booking(start=16, end=18.5)
    assert "/bookings/use" in member.get("/bookings").text
    page = member.get("/bookings/use").text
    assert "2 h 30 of the 20 h included" in page
    assert "1 h 30 of 2 h at peak times" in page
    assert "1 of 9 bookings" in page
    assert "Theirs" not in page


def test_room_has_a_weight(app: Flask, desk: FlaskClient, house: House, post: Post) -> None:
    path = f"/admin/spaces/{house.atlas.id}/rules"
    assert 'name="weight" value="1"' in desk.get(path).text
    fields = {"outside_hours": "allow", "holidays": "", "over_capacity": "allow", "version": "1"}
    fields |= {"requests_hold": "1"}
    assert post(desk, path, **fields, weight="0,5").status_code == 303
    with app.app_context():
        assert houses.spaces_by_id(db.session(), [house.atlas.id])[house.atlas.id].weight == 50
    assert 'name="weight" value="0.5"' in desk.get(path).text
    wrong = post(desk, path, **fields | {"version": "2"}, weight="11")
    assert wrong.status_code == 422
    assert "An hour counts 0 to 10 times." in wrong.text
