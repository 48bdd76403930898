"""Figures in the browser and as files; how many came, said by the organiser."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from booking.actions.leases import create_lease
from booking.core.requests import LeaseRequest
from booking.core.values import State
from tests.support.databases import writing
from tests.support.factories import NOW, House

Post = Callable[..., Any]


@pytest.fixture
def let(app: Flask, house: House) -> Callable[..., int]:
    """Let 20 m² at 10 € from January on; what is given differs."""

    def made(name: str = "Office", **more: Any) -> int:
        office = house.add_office(name, bookable=False)
        with writing(house.engine) as connection:
            connection.exec_driver_sql(f"UPDATE space SET area_m2 = 20 WHERE id = {office.id}")
        wish: LeaseRequest = house.lease_request(office, starts=date(2027, 1, 1))
        with app.app_context():
            return create_lease(replace(wish, **more), house.admin, now=NOW)

    return made


def rows(answer: Any) -> list[list[str]]:
    text = answer.data.decode("utf-8-sig")
    return [*csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ",")]


def test_month_tells_what_is_due(desk: FlaskClient, house: House, let: Any) -> None:
    let()
    let("Second", organisation_id=house.theirs, ends=date(2027, 3, 15))
    house.add_office("Empty", bookable=False)
    page = desk.get("/admin/figures").text
    assert "€296.77" in page  # 200 and 15 of 31 days of 200
    assert "€96.77" in page
    assert "Second" in page
    assert "16 Mar 2027" in page  # free from
    assert "74 %" in page
    april = desk.get("/admin/figures?month=2027-04").text
    assert "€200.00" in april
    for month in ("2027-13", "1999-12", "x"):
        assert desk.get(f"/admin/figures?month={month}").status_code == 404


def test_month_as_csv_in_both_languages(desk: FlaskClient, let: Any) -> None:
    let(area_m2=Decimal("20.5"))
    english = desk.get("/admin/figures.csv?month=2027-03")
    assert english.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "figures-house-2027-03.csv" in english.headers["Content-Disposition"]
    assert rows(english)[1] == ["2027-03", "Ours", "Office", "20.50", "10.0000", "31", "205.00"]
    french = desk.get("/admin/figures.csv?month=2027-03&lang=fr")
    assert rows(french)[1][-1] == "205,00"


def test_month_as_a_workbook_has_numbers(desk: FlaskClient, house: House, let: Any) -> None:
    let("=1+1", rooms=timedelta(hours=1))
    house.add_booking(start=9, end=11, organisation_id=house.ours)
    answer = desk.get("/admin/figures.xlsx?month=2027-03")
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Rent", "Hours of rooms", "Free offices"]
    line = [each.value for each in book["Rent"][2]]
    assert line == ["2027-03", "Ours", "'=1+1", 20, 10, 31, 200]
    assert [each.value for each in book["Hours of rooms"][2]] == ["Ours", 2, 1]
    assert "is-over" in desk.get("/admin/figures").text
    assert desk.get("/admin/figures.pdf").status_code == 404


def test_year_counts_what_took_place(desk: FlaskClient, house: House, let: Any, post: Post) -> None:
    let()
    booking = house.add_booking(start=9, end=11, days=(0, 30), attendance=12, category="event")
    house.add_booking(house.birch, start=9, end=10, state=State.REQUESTED)
    page = desk.get("/admin/figures/year").text
    assert "Key figures of 2027" in page
    assert "€2,400.00" in page
    detail = rows(desk.get("/admin/figures/year.csv?year=2027"))
    assert detail[1:] == [
        ["2027-03", "Public event", "1", "12", "0", "1", "2.00"],
        ["2027-04", "Public event", "1", "12", "0", "1", "2.00"],
    ]
    assert booking
    months = load_workbook(io.BytesIO(desk.get("/admin/figures/year.xlsx").data))["By month"]
    assert [each.value for each in months[4]] == ["2027-03", 1, 12, 0, 1, 2, 20, 200]
    assert desk.get("/admin/figures/year?year=1999").status_code == 404


def test_organiser_says_how_many_came(
    app: Flask, member: FlaskClient, house: House, sign_in: Any, post: Post
) -> None:
    booking = house.add_booking(days=(-2, 3), attendance=12, title="Choir")
    path = f"/bookings/{booking}/came"
    assert "/came" in member.get(f"/bookings/{booking}").text
    page = member.get(f"{path}?lang=en").text
    (name,) = {each for each in page.split('"') if each.startswith("came-")}
    assert "Expected: 12" in page
    assert post(member, path, **{name: "many"}).status_code == 422
    assert post(member, path, **{name: "10001"}).status_code == 422
    assert post(member, path, **{name: "17"}).status_code == 303
    assert 'value="17"' in member.get(path).text
    assert "17" in member.get(f"/bookings/{booking}").text  # its history
    stranger = sign_in(app.test_client(), house.stranger)
    assert stranger.get(path).status_code == 403
    assert post(stranger, path, **{name: "3"}).status_code == 403
    assert post(member, path, **{name: ""}).status_code == 303
    assert 'value="17"' not in member.get(path).text


def test_nobody_has_come_to_what_has_not_begun(member: FlaskClient, house: House) -> None:
    booking = house.add_booking(days=(3,))
    assert "/came" not in member.get(f"/bookings/{booking}").text
    assert "No date has begun yet" in member.get(f"/bookings/{booking}/came?lang=en").text


def test_only_who_runs_the_house_reads_figures(member: FlaskClient) -> None:
    for path in ("", ".csv", ".xlsx", "/year", "/year.csv"):
        assert member.get(f"/admin/figures{path}").status_code == 403
