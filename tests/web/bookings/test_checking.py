"""What a booking would come to, told before anything is saved."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from booking.actions.spaces import set_policy, set_site_policy
from booking.core.values import Actor, FairUse, Limits, Policy, SitePolicy, Stance
from booking.db import db
from tests.support.factories import House
from tests.support.forms import Browser

HOUR = timedelta(hours=1)
FREE = "This time is free."


@pytest.fixture
def ruled(app: Any, house: House) -> Callable[[Policy], None]:
    def set_it(policy: Policy) -> None:
        with app.app_context():
            set_policy(house.atlas.id, policy, house.admin, version=1, now=house.now)

    return set_it


def check(browser: Browser, **fields: Any) -> str:
    answer = browser.post("/bookings/check", fragment=True, **browser.form(**fields))
    assert answer.status_code == 200
    return answer.text


def test_free_time_is_free_and_nothing_is_stored(browser: Browser, app: Any) -> None:
    assert FREE in check(browser)
    with app.app_context():
        assert db.session.execute(text("SELECT count(*) FROM booking")).scalar_one() == 0


def test_a_title_is_not_needed_to_look(browser: Browser) -> None:
    assert FREE in check(browser, title="")


def test_why_an_approver_has_to_agree(browser: Browser, ruled: Any) -> None:
    ruled(Policy(outside_hours=Stance.ASK))
    page = check(browser, start="19:00", end="21:00")
    assert "It needs approval because it ends after 20:00 in Atlas." in page
    assert "data-asking" in page
    assert FREE in check(browser)


def test_why_it_is_refused(browser: Browser, ruled: Any) -> None:
    ruled(Policy(outside_hours=Stance.REFUSE))
    page = check(browser, start="19:00", end="21:00")
    assert "Atlas closes at 20:00 on 11 March 2027." in page


def test_taken_time_is_taken(browser: Browser, house: House) -> None:
    house.add_booking(house.atlas, by=house.stranger, visibility="private", title="Secret")
    page = check(browser)
    assert "This time is already taken." in page
    assert "Secret" not in page


def test_a_series_counts_its_dates(browser: Browser, house: House) -> None:
    weekly = {"repeat": "weekly", "ends": "count", "count": "4"}
    assert "All 4 dates are free." in check(browser, **weekly)
    house.add_booking(house.atlas, days=[7])
    assert "1 of the 4 dates is taken." in check(browser, **weekly)


def test_what_is_being_changed_is_not_in_its_own_way(browser: Browser, house: House) -> None:
    booking_id = house.add_booking(house.atlas)
    assert FREE in check(browser, booking=booking_id, start="10:30", end="11:30")
    assert "This time is already taken." in check(browser, start="10:30", end="11:30")


def test_nobody_looks_into_the_booking_of_others(
    open_as: Callable[[Actor], Browser], house: House
) -> None:
    booking_id = house.add_booking(house.atlas)
    stranger = open_as(house.stranger)
    form = stranger.form(booking=booking_id)
    assert stranger.post("/bookings/check", fragment=True, **form).status_code == 403


@pytest.mark.parametrize("booking", ["x", "-1", "9" * 30])
def test_nonsense_for_a_booking(browser: Browser, booking: str) -> None:
    answer = browser.post("/bookings/check", fragment=True, **browser.form(booking=booking))
    assert answer.status_code == 404


def test_half_typed_times_say_nothing_to_a_script(browser: Browser) -> None:
    answer = browser.post("/bookings/check", fragment=True, **browser.form(date=""))
    assert (answer.status_code, answer.text) == (204, "")


def test_without_scripts_the_form_comes_back_with_it(browser: Browser, ruled: Any) -> None:
    ruled(Policy(outside_hours=Stance.ASK))
    form = browser.form(start="19:00", end="21:00", note="Bring the keys")
    answer = browser.post("/bookings/check", **form)
    assert answer.status_code == 200
    assert "It needs approval because it ends after 20:00 in Atlas." in answer.text
    assert "Bring the keys" in answer.text
    wrong = browser.post("/bookings/check", **browser.form(date=""))
    assert wrong.status_code == 422
    assert "Choose a day." in wrong.text


@pytest.fixture
def fair(app: Any, house: House) -> Callable[..., None]:
    """Let the house count, with these limits for every organisation."""

    def count(**limits: Any) -> None:
        policy = SitePolicy(fair_use=FairUse(True, Limits(**limits)))
        with app.app_context():
            set_site_policy(house.site.id, policy, house.admin, version=1, now=house.now)

    return count


def test_form_tells_how_the_organisation_stands(browser: Browser, house: House, fair: Any) -> None:
    fair(month_hours=20 * HOUR)
    house.add_booking(house.birch, start=9, end=11)
    fields = {"organisation": str(house.ours), "start": "10:00", "end": "13:00"}
    page = browser.post("/bookings/check", fragment=True, **browser.form(**fields)).text
    assert "Ours: 2 h of 20 h in March 2027 are used; this takes 3 h." in page
    assert "This time is free." in page


def test_form_is_refused_beyond_the_limit_and_says_so_before(
    browser: Browser, house: House, fair: Any
) -> None:
    fair(month_hours=2 * HOUR)
    said = "Ours: 0 h of 2 h in March 2027 are used; this takes 3 h."
    fields = browser.form(organisation=str(house.ours), start="10:00", end="13:00")
    page = browser.post("/bookings/check", fragment=True, **fields).text
    assert said in page
    assert "is-refused" in page
    answer = browser.post("/bookings", **fields)
    assert answer.status_code == 422
    assert said in answer.text
