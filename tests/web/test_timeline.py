"""The timeline: leases, permanences and bookings together; free stretches lead to a lease."""

import re
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.actions import leases
from booking.core.requests import LeaseRequest
from booking.core.values import Space, State
from tests.support.factories import NOW, House


@pytest.fixture
def office(app: Flask, house: House) -> Space:
    """An office that is let to ours until the end of May, 2027."""
    office = house.add_office("Office 7")
    starts, ends = date(2027, 1, 1), date(2027, 5, 31)
    asked = LeaseRequest(office.id, house.ours, starts, ends, Decimal(20), Decimal(10))
    with app.app_context():
        leases.create_lease(asked, house.admin, now=NOW)
    return office


@pytest.fixture
def browser(member: FlaskClient) -> FlaskClient:
    member.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return member


def words(page: str, space: str) -> str:
    """Return what is said of a space."""
    found = re.search(rf'dir="auto">{space}</a></th><td><span class="vh">(.*?)</span>', page)
    assert found
    return found[1]


def test_year_has_leases_gaps_and_use_in_words(browser, house, office):
    house.add_booking(house.atlas, start=9, end=11, days=(0, 7, 14))
    page = browser.get("/timeline?view=year").text
    assert words(page, "Office 7") == (
        "Ours, 1 Jan 2027 to 31 May 2027; free from 1 Jun 2027 to 31 Dec 2027; nothing booked"
    )
    assert words(page, "Atlas") == "booked for 6 h"
    assert words(page, "Birch") == "nothing booked"
    assert page.count('class="gap"') == 1
    # Who does not run the house is led nowhere.
    assert "/admin/leases" not in page


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "March 2027"),
        ("?view=day&day=2027-03-11", "Thursday 11 March 2027"),
        ("?view=week&day=2027-03-11", "8 March to 14 March 2027"),
        ("?view=month&day=2028-02-29", "February 2028"),
        ("?view=year&day=2028-02-29", "2028"),
    ],
)
def test_views_and_what_they_are_called(browser, house, query, title):
    assert f"<h1>{title}</h1>" in browser.get(f"/timeline{query}").text


@pytest.mark.parametrize("query", ["view=hour", "day=2027-02-30", "kind=cellar", "site=elsewhere"])
def test_what_is_no_page(browser, house, query):
    assert browser.get(f"/timeline?{query}").status_code == 404


def test_bookings_of_a_day_are_links_and_private_ones_busy(browser, house):
    house.add_booking(house.atlas, start=9, end=11, title="Choir <b>")
    secret = house.add_booking(
        house.birch, start=9, end=11, title="Secret", by=house.stranger, visibility="private"
    )
    house.add_permanence(house.delta, title="Advice")
    page = browser.get("/timeline?view=day&day=2027-03-11").text
    assert "Choir &lt;b&gt;" in page
    assert 'class="permanence"' in page
    assert 'class="busy"' in page
    assert "Secret" not in page
    assert f"/bookings/{secret}" not in page


def test_what_is_asked_for_at_a_time_is_side_by_side(browser, house):
    for person in (house.member, house.stranger):
        house.add_booking(house.delta, by=person, state=State.REQUESTED)
    page = browser.get("/timeline?view=day&day=2027-03-11").text
    assert re.findall(r'class="booking is-requested".*?<rect x="\d+" y="(\d+)"', page) == [
        "4",
        "26",
    ]


def test_kind_narrows_it(browser, house, office):
    page = browser.get("/timeline?kind=office").text
    assert "Office 7" in page
    assert "Atlas" not in page


def test_admin_plans_a_lease_from_a_gap(desk, house, office):
    page = desk.get("/timeline?view=year").text
    [gap] = re.findall(r'<a class="gap" href="([^"]+)"', page)
    assert gap == f"/admin/leases/new?site=house&amp;space={office.id}&amp;starts=2027-06-01"
    form = desk.get(gap.replace("&amp;", "&")).text
    assert 'value="2027-06-01"' in form
    assert f'<option value="{office.id}" selected>' in form


def test_form_tells_what_dragged_days_would_meet(desk, house, office):
    path = f"/admin/leases/new?site=house&space={office.id}&starts=2027-05-15&ends=2027-06-30"
    assert "in the way from Saturday, 15 May 2027" in desk.get(path).text
    for wrong in ("starts=x", "starts=2027-07-01&ends=2027-06-01"):
        assert desk.get(f"/admin/leases/new?space={office.id}&{wrong}").status_code == 200


def test_the_free_half_of_an_office_leads_to_its_lease(app, desk, house):
    office = house.add_office("Office 8")
    wish = LeaseRequest(
        office.id, house.ours, date(2027, 1, 1), None, Decimal(20), Decimal(10), 1, 2
    )
    with app.app_context():
        leases.create_lease(wish, house.admin, now=NOW)
    page = desk.get("/timeline?view=year").text
    assert "1 of 2 free from 1 Jan 2027 to 31 Dec 2027" in words(page, "Office 8")
    href = re.search(r'href="(/admin/leases/new[^"]*shares=2[^"]*)"', page)[1]

    form = desk.get(href.replace("&amp;", "&")).text

    assert 'name="shares" value="2"' in form
    assert "Nothing is in the way" in form or "is-free" in form or "free" in form


def test_house_without_leases_and_bookings(browser, house):
    assert browser.get("/timeline?view=week").status_code == 200


def test_plan_leads_to_it_and_back(browser, house):
    assert 'href="/timeline' in browser.get("/plan").text
    assert 'href="/plan"' in browser.get("/timeline").text
