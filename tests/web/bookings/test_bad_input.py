"""What people, scripts and attackers type: a sentence beside the field, nothing half-stored."""

import html
import re
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.factories import House
from tests.support.forms import FRAGMENT, Browser, checked, chosen, value

HUGE = str(2**64 + 1)
EVIL = '<script>alert("x")</script>'
SERIES = {"repeat": "weekly", "every": "1", "ends": "count", "count": "3"}


def errors(answer: TestResponse) -> dict[str, str]:
    """Return the sentence beside each field, as the form shows it; "" is about the whole."""
    found = dict(re.findall(r'id="f-([\w-]+)-error">.*?<span>(.*?)</span>', answer.text, re.DOTALL))
    whole = re.search(r'class="note bad">.*?<p>(.*?)</p>', answer.text, re.DOTALL)
    if whole:
        found[""] = whole[1]
    return {name: html.unescape(text) for name, text in found.items()}


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        pytest.param({"title": ""}, "title", "Say what the booking is for.", id="no title"),
        pytest.param({"title": "\u202e\x00 "}, "title", "Say what", id="no visible title"),
        pytest.param({"title": "x" * 201}, "title", "At most 200 characters", id="long title"),
        pytest.param({"note": "x" * 2001}, "note", "At most 2000 characters", id="long note"),
        pytest.param({"space": []}, "space", "Choose a room.", id="no room"),
        pytest.param({"space": "999"}, "space", "There is no such room.", id="unknown room"),
        pytest.param({"space": HUGE}, "space", "There is no such room.", id="huge room"),
        pytest.param({"space": "-1"}, "space", "There is no such room.", id="negative room"),
        pytest.param({"space": "1 OR 1=1"}, "space", "There is no such room.", id="sql in room"),
        pytest.param({"space": "١"}, "space", "There is no such room.", id="arabic digit"),
        pytest.param(
            {"space": [str(each) for each in range(1, 40)]}, "space", "At most 20", id="40 rooms"
        ),
        pytest.param({"date": ""}, "date", "Choose a day.", id="no date"),
        pytest.param({"date": "2027-02-29"}, "date", "There is no such day", id="29 February"),
        pytest.param({"date": "11.03.2027"}, "date", "There is no such day", id="other format"),
        pytest.param({"date": "2027-W10-4"}, "date", "There is no such day", id="week date"),
        pytest.param({"date": "２０２７-03-11"}, "date", "There is no such day", id="wide digits"),
        pytest.param({"date": "2027-13-01"}, "date", "There is no such day", id="month 13"),
        pytest.param({"date": "0000-00-00"}, "date", "There is no such day", id="year 0"),
        pytest.param({"start": ""}, "start", "Choose a time.", id="no start"),
        pytest.param({"start": "25:00"}, "start", "There is no such time", id="hour 25"),
        pytest.param({"start": "10:60"}, "start", "There is no such time", id="minute 60"),
        pytest.param({"start": "24:00"}, "start", "There is no such time", id="starts at 24"),
        pytest.param({"start": "10 am"}, "start", "There is no such time", id="words"),
        pytest.param({"end": ""}, "end", "Choose a time.", id="no end"),
        pytest.param({"end": "24:01"}, "end", "There is no such time", id="after midnight"),
        pytest.param({"end": "10:00"}, "end", "The end lies before the start.", id="no length"),
        pytest.param({"end": "09:00"}, "end", "The end lies before the start.", id="backwards"),
        pytest.param(
            {"end_date": "2027-03-10"}, "end", "The end lies before the start.", id="day before"
        ),
        pytest.param({"end_date": "2027-02-30"}, "end_date", "There is no such day", id="30 Feb"),
        pytest.param({"end_date": "2027-06-01"}, "end", "at most 31 days", id="months long"),
        pytest.param(
            {"date": "2027-03-28", "start": "02:30", "end": "04:00"},
            "start",
            "this hour does not exist",
            id="spring gap",
        ),
        pytest.param({"date": "2027-03-09"}, "start", "already over", id="yesterday"),
        pytest.param({"date": "9998-01-01"}, "start", "Bookings are open until", id="year 9998"),
        pytest.param({"organisation": "999"}, "organisation", "You can only", id="no such org"),
        pytest.param({"organisation": HUGE}, "organisation", "no such organisation", id="huge org"),
        pytest.param({"organisation": "x"}, "organisation", "no such organisation", id="org x"),
        pytest.param({"organiser": "x"}, "organiser", "There is no such person.", id="person x"),
        pytest.param({"organiser": HUGE}, "organiser", "There is no such person.", id="huge"),
        pytest.param({"organiser": "999"}, "organiser", "There is no such person.", id="nobody"),
        pytest.param({"attendance": "many"}, "attendance", "between 1 and", id="many"),
        pytest.param({"attendance": "0"}, "attendance", "between 1 and", id="nobody comes"),
        pytest.param({"attendance": "-3"}, "attendance", "between 1 and", id="less than nobody"),
        pytest.param({"attendance": HUGE}, "attendance", "between 1 and", id="everybody"),
        pytest.param({"attendance": "1e3"}, "attendance", "between 1 and", id="exponent"),
        pytest.param({"category": "party"}, "category", "Choose one of", id="category"),
        pytest.param({"visibility": "all"}, "visibility", "Choose one of", id="visibility"),
        pytest.param({"repeat": "hourly"}, "repeat", "Choose one of", id="hourly"),
        pytest.param(
            {"repeat": "custom", "rule": "FREQ=SECONDLY"}, "repeat", "not possible", id="secondly"
        ),
        pytest.param({"repeat": "custom", "rule": EVIL}, "repeat", "not understood", id="rule"),
        pytest.param({**SERIES, "every": "x"}, "every", "Write a whole number.", id="every x"),
        pytest.param({**SERIES, "every": "0"}, "repeat", "lies between 1 and", id="every 0"),
        pytest.param({**SERIES, "every": "99999"}, "repeat", "lies between", id="every 99999"),
        pytest.param({**SERIES, "weekday": "7"}, "weekday", "Choose one of", id="weekday 7"),
        pytest.param({**SERIES, "ends": "x"}, "ends", "Choose one of", id="ends x"),
        pytest.param({**SERIES, "count": ""}, "count", "Write a whole number.", id="no count"),
        pytest.param({**SERIES, "count": "1001"}, "repeat", "between 1 and", id="count 1001"),
        pytest.param(
            {**SERIES, "ends": "until", "until": ""}, "until", "Choose a day.", id="no until"
        ),
        pytest.param(
            {**SERIES, "ends": "until", "until": "2027-03-01"}, "repeat", "yields no", id="ended"
        ),
        pytest.param(
            {**SERIES, "ends": "until", "until": "9999-12-31"}, "repeat", "too far", id="for ever"
        ),
        pytest.param({**SERIES, "skip": "2027-02-29"}, "repeat", "no such day", id="skip"),
        pytest.param(
            {**SERIES, "repeat": "daily", "end_date": "2027-03-13"},
            "repeat",
            "overlap each other",
            id="series over itself",
        ),
        pytest.param({"request_key": "k" * 65}, "", "no longer valid", id="long key"),
        pytest.param({"take": "x"}, "", "Choose one of", id="no alternative"),
    ],
)
@pytest.mark.parametrize("fragment", [False, True], ids=["page", "dialog"])
def test_wrong_field_is_told_beside_it(
    browser: Browser, fields: dict[str, Any], field: str, said: str, fragment: bool
) -> None:
    answer = browser.book(**fields, fragment=fragment)
    assert answer.status_code == 422
    found = errors(answer)
    assert list(found) == [field]
    assert said in found[field]
    assert browser.count() == 0


def test_foreign_ids_are_refused_beside_their_fields(browser: Browser, house: House) -> None:
    answer = browser.book(organisation=house.theirs)
    assert answer.status_code == 422
    assert "only book for an organisation that you belong to" in errors(answer)["organisation"]

    answer = browser.book(organisation=house.ours, organiser=house.stranger.person_id)
    assert answer.status_code == 422
    assert "a person of the same organisation" in errors(answer)["organiser"]
    assert browser.count() == 0


def test_times_at_the_ends_of_the_calendar(browser: Browser) -> None:
    for fields in (
        {"date": "9999-12-31", "end": "24:00"},
        {"date": "9999-12-31", "start": "22:00", "end": "23:00"},
        {"date": "0001-01-01"},
        {"date": "9999-12-31", "all_day": "1"},
        {"date": "9999-01-01", **SERIES},
    ):
        answer = browser.book(**fields)
        assert answer.status_code == 422, fields
        assert "too far away" in next(iter(errors(answer).values())), fields
    assert browser.count() == 0


def test_all_wrong_fields_are_told_at_once(browser: Browser) -> None:
    answer = browser.book(title="", date="x", start="y", attendance="z", space="w")
    assert set(errors(answer)) == {"title", "date", "start", "attendance", "space"}


def test_empty_post_is_the_form_with_its_errors(browser: Browser) -> None:
    answer = browser.post("/bookings")
    assert answer.status_code == 422
    assert set(errors(answer)) == {"title", "space", "date", "start", "end"}


def test_typed_input_is_kept(browser: Browser, house: House) -> None:
    answer = browser.book(
        title=EVIL,
        note="first\nsecond",
        attendance="many",
        date="2027-03-12",
        start="10:07",
        end="23:45",
        end_date="2027-03-13",
        all_day="",
        space=[house.birch.id, house.cedar.id],
        category="training",
        visibility="private",
        **{**SERIES, "count": "7", "weekday": ["0", "4"]},
    )
    assert answer.status_code == 422
    assert value(answer, "title") == EVIL
    assert "first\nsecond</textarea>" in answer.text
    assert (value(answer, "attendance"), value(answer, "date")) == ("many", "2027-03-12")
    assert (chosen(answer, "start"), chosen(answer, "end")) == ("10:07", "23:45")
    assert value(answer, "end_date") == "2027-03-13"
    assert checked(answer, "space") == [str(house.birch.id), str(house.cedar.id)]
    assert (chosen(answer, "category"), chosen(answer, "visibility")) == ("training", "private")
    assert (chosen(answer, "repeat"), value(answer, "count")) == ("weekly", "7")
    assert checked(answer, "weekday") == ["0", "4"]


def test_what_is_wrong_is_not_folded_away(browser: Browser) -> None:
    page = browser.book(attendance="many").text
    fold = page.split('name="attendance"')[0].rsplit("<details", 1)[1]
    assert fold.startswith(' class="fold" open')


def test_repeated_fields_count_once(browser: Browser) -> None:
    answer = browser.book(title=["One", "Two"], start=["10:00", "x"], date=["2027-03-11", "y"])
    assert answer.status_code == 303
    assert browser.stored().title == "One"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param(EVIL, EVIL, id="script"),
        pytest.param("Choir\r\nSet-Cookie: a=b", "Choir Set-Cookie: a=b", id="header"),
        pytest.param("חזרת מקהלה 👩‍🌾🇫🇷", "חזרת מקהלה 👩‍🌾🇫🇷", id="rtl and emoji"),
        pytest.param("\u202eevil\u202c", "evil", id="override"),
        pytest.param("{{ 7 * 7 }} %(x)s %s", "{{ 7 * 7 }} %(x)s %s", id="templates"),
        pytest.param("'; DROP TABLE booking; --", "'; DROP TABLE booking; --", id="sql"),
        pytest.param("a\x00b", "a b", id="nul"),
    ],
)
def test_texts_are_texts_everywhere(browser: Browser, house: House, typed: str, kept: str) -> None:
    answer = browser.book(title=typed, note=typed, fragment=True)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert kept in answer.text
    assert browser.stored().title == kept
    found = browser.stored().id
    browser.edit(found, title=typed + "!", note=typed)
    for path in (
        f"/bookings/{found}",
        f"/bookings/{found}/edit",
        f"/bookings/{found}/cancel",
        "/bookings",
        f"/bookings/new?copy={found}",
        "/board/house/day/2027-03-11",
    ):
        for headers in ({}, FRAGMENT):
            page = browser.get(path, **headers)
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "Set-Cookie: a=b" not in str(page.headers)
    assert browser.book(title=typed).status_code == 409


@pytest.mark.parametrize("path", ["/bookings", "/bookings/1/edit", "/bookings/1/cancel"])
@pytest.mark.parametrize("token", [None, "", "forged", "a.b.c"], ids=repr)
def test_forged_or_missing_token_changes_nothing(
    browser: Browser, path: str, token: str | None
) -> None:
    browser.have()
    fields = browser.form(start="12:00", end="13:00", version=1)
    if token is not None:
        fields["csrf_token"] = token
    answer = browser.client.post(path, data=fields)
    assert answer.status_code == 400
    assert (browser.count(), browser.stored().version) == (1, 1)


def test_ten_megabytes_are_too_much(browser: Browser) -> None:
    answer = browser.book(title="x" * 10_000_000)
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert browser.count() == 0


def test_a_thousand_fields_are_too_much(browser: Browser) -> None:
    answer = browser.client.post(
        "/bookings",
        data={"csrf_token": browser.token, **{f"x{each}": "y" for each in range(1000)}},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 413


def test_a_file_instead_of_a_text_is_no_text(browser: Browser) -> None:
    answer = browser.client.post(
        "/bookings",
        data={
            "csrf_token": browser.token,
            **browser.form(),
            "title": (BytesIO(b"MZ"), "choir.exe"),
        },
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"title=%ff%fe&csrf_token=", "application/x-www-form-urlencoded", id="latin"),
        pytest.param(b'{"title": "Choir"}', "application/json", id="json"),
        pytest.param(b"\x00\xff\xfe", "multipart/form-data; boundary=x", id="no multipart"),
        pytest.param(b"", "", id="nothing"),
    ],
)
def test_bodies_that_are_no_forms(browser: Browser, body: bytes, content_type: str) -> None:
    answer = browser.client.post("/bookings", data=body, content_type=content_type)
    assert answer.status_code == 400
    assert browser.count() == 0


def test_bytes_that_are_no_text_are_no_error(browser: Browser) -> None:
    fields = b"title=%ff%fe&space=%ff&date=%ff&csrf_token=" + browser.token.encode()
    answer = browser.client.post(
        "/bookings", data=fields, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("key", ["0", "-1", HUGE, "1e3", "x", "%00", "..%2f..", "1/../2"])
@pytest.mark.parametrize("end", ["", "/edit", "/cancel"])
def test_addresses_of_no_booking(browser: Browser, key: str, end: str) -> None:
    assert browser.get(f"/bookings/{key}{end}").status_code == 404


def test_edit_is_refused_like_a_new_booking(browser: Browser) -> None:
    found = browser.have()
    for fields in (
        {"title": ""},
        {"date": "2027-02-29"},
        {"space": HUGE},
        {"version": ""},
        {"version": "x"},
        {"version": HUGE},
        {"organisation": HUGE},
    ):
        answer = browser.edit(found, **fields)
        assert answer.status_code == 422, fields
        assert f'action="/bookings/{found}/edit"' in answer.text
    stored = browser.stored(found)
    assert (stored.version, stored.title) == (1, "Choir")


def test_wrong_methods_are_refused(browser: Browser) -> None:
    found = browser.have()
    assert browser.get(f"/bookings/{found}/move").status_code == 405
    assert browser.post("/bookings/new").status_code == 405
    assert browser.client.delete("/bookings").status_code in (400, 405)


def test_errors_are_in_the_readers_language(browser: Browser) -> None:
    answer = browser.client.post(
        "/bookings",
        data={"csrf_token": browser.token, **browser.form(title="")},
        headers={"Accept-Language": "fr"},
    )
    assert 'lang="fr"' in answer.text
    assert errors(answer)["title"] != "Say what the booking is for."
