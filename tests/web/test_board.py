"""The planning board as the server renders it: no script, no style, only links and forms."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from sqlalchemy import delete

from booking.core.values import State, Visibility
from booking.models import RoleGrant, Site, Space, SpacePart
from tests.support.databases import writing

TODAY = "2027-03-10"
THURSDAY = "2027-03-11"
DAY = f"/board/house/day/{THURSDAY}"
WEEK = f"/board/house/week/{THURSDAY}"


class Links(HTMLParser):
    """Collects the addresses of links, and what has ids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "a":
            self.found.append(values["href"])
        if "id" in values:
            self.ids.append(values["id"])


def links(page: str) -> list[str]:
    return Links(page).found


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


# --- ways in


def test_the_first_page_leads_to_today(member):
    answer = member.get("/")
    assert answer.status_code == 302
    assert answer.location == f"/board/house/day/{TODAY}"


def test_a_stranger_is_asked_to_sign_in_and_led_back(client, house):
    answer = client.get(f"{WEEK}?space={house.atlas.id}")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=")
    assert "week" in answer.location


def test_a_house_without_a_site_says_so(client, house, sign_in, engine):
    with writing(engine) as connection:
        for table in (RoleGrant, SpacePart, Space, Site):
            connection.execute(delete(table))
    answer = sign_in(client, house.member).get("/?lang=en")
    assert answer.status_code == 200
    assert "Nothing to plan yet" in answer.text


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        pytest.param("", f"/board/house/day/{TODAY}", id="nothing"),
        pytest.param("/week", f"/board/house/week/{TODAY}", id="today"),
        pytest.param("/week?date=2027-05-01", "/board/house/week/2027-05-01", id="date"),
        pytest.param(
            "/day?date=2027-05-01&show=workshop&capacity=&feature=screen",
            "/board/house/day/2027-05-01?feature=screen&kind=workshop",
            id="kind",
        ),
        pytest.param("/day?show=2", f"/board/house/day/{TODAY}?space=2", id="space"),
        pytest.param("/day?show=meeting_room", f"/board/house/day/{TODAY}", id="default-kind"),
    ],
)
def test_forms_lead_to_the_address_of_what_they_ask_for(member, asked, leads_to):
    answer = member.get(f"/board/house{asked}")
    assert (answer.status_code, answer.location) == (302, leads_to)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/board/elsewhere/day/2027-03-11", id="site"),
        pytest.param("/board/house/year/2027-03-11", id="view"),
        pytest.param("/board/house/year", id="view-of-a-form"),
        pytest.param("/board/house/day/2027-02-29", id="no-such-day"),
        pytest.param("/board/house/day/tomorrow", id="no-date"),
        pytest.param("/board/house/week/9999-12-31", id="far"),
        pytest.param("/board/house/day?date=0001-01-01", id="far-in-a-form"),
        pytest.param("/board/house/day/2027-03-11?space=999", id="space"),
        pytest.param("/board/house/day/2027-03-11?space=-1%27", id="odd-space"),
        pytest.param("/board/house/day/2027-03-11?kind=castle", id="kind"),
    ],
)
def test_what_is_not_there_is_a_friendly_404(member, path):
    answer = member.get(path)
    assert answer.status_code == 404
    assert '<a class="btn primary" href="/">' in answer.text


@pytest.mark.parametrize("day", ["2000-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_are_shown(member, day):
    assert member.get(f"/board/house/week/{day}").status_code == 200


# --- what a day shows


def test_rooms_stand_side_by_side_with_seats_and_equipment(member):
    page = text(member.get(f"{DAY}?lang=en").text)
    for words in ("Atlas 8 seats · screen", "Birch 6 seats", "Cedar 20 seats", "Delta 60 seats"):
        assert words in page


def test_how_a_room_is_now_stands_on_the_board_of_today_alone(member):
    today = text(member.get(f"/board/house/day/{TODAY}?lang=en").text)
    assert "Free until 20:00" in today
    assert "Free until" not in text(member.get(f"{DAY}?lang=en").text)


def test_a_booking_links_to_its_page(member, house):
    booking_id = house.add_booking(house.atlas, start=10.5, end=12, by=house.stranger)
    page = member.get(DAY).text
    assert f"/bookings/{booking_id}" in links(page)
    assert "Choir 10:30–12:00 Theirs" in text(page)


def test_states_are_said_in_words(member, house):
    house.add_booking(house.atlas, state=State.REQUESTED, by=house.stranger)
    house.add_booking(house.birch, by=house.member)
    house.add_closure(8, 20, space_id=house.cedar.id, reason="Fresh paint")
    page = text(member.get(f"{DAY}?lang=en").text)
    assert "Choir 10:00–11:00 Theirs To be approved" in page
    assert "Choir 10:00–11:00 Ours , my booking" in page
    assert "Closed Fresh paint" in page


def test_a_private_booking_of_others_gives_nothing_away(member, house):
    house.add_booking(
        house.atlas, by=house.stranger, title="Secret plan", visibility=Visibility.PRIVATE.value
    )
    page = member.get(f"{DAY}?lang=en").text
    assert "Busy 10:00–11:00" in text(page)
    for word in ("Secret", "Theirs", "Stranger"):
        assert word not in page


def test_own_bookings_carry_what_a_drag_posts_and_others_do_not(member, house):
    own = house.add_booking(house.atlas, by=house.member)
    other = house.add_booking(house.birch, by=house.stranger)
    series = house.add_booking(house.cedar, by=house.member, days=(0, 1))
    page = member.get(DAY).text
    assert f'data-id="{own}" data-version="1" data-start="10:00" data-end="11:00"' in page
    assert f'data-id="{other}"' not in page
    date = re.search(rf'data-id="{series}"[^>]* data-date="([0-9]+)"', page)
    assert date
    assert f'href="/bookings/{series}?date={date[1]}"' in page


def test_titles_are_escaped(member, house):
    house.add_booking(house.atlas, title='<script>alert("1")</script>', by=house.stranger)
    page = member.get(DAY).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_free_times_lead_to_the_form(member, house):
    house.add_booking(house.atlas, start=8, end=19, by=house.stranger)
    found = [link for link in links(member.get(DAY).text) if f"space={house.atlas.id}&" in link]
    base = f"/bookings/new?space={house.atlas.id}&date={THURSDAY}&start="
    assert found == [f"{base}19:00", f"{base}19:30&end=20:00"]


def test_nothing_of_the_past_is_offered(member):
    assert "/bookings/new?space=" not in member.get("/board/house/day/2027-03-09").text


# --- what a week shows


def test_a_week_shows_every_day_and_every_room(member, house):
    house.add_booking(house.atlas, title="On Sunday", days=(3,), by=house.stranger)
    page = member.get(WEEK).text
    assert page.count('data-date="2027-03-') == 7 * 4
    assert "On Sunday" in page


def test_a_week_of_one_room(member, house):
    house.add_booking(house.birch, title="Elsewhere", by=house.stranger)
    page = member.get(f"{WEEK}?space={house.atlas.id}").text
    assert page.count('data-date="2027-03-') == 7
    assert "Elsewhere" not in page


def test_a_night_is_on_both_days_and_makes_the_board_longer(member, house):
    house.add_booking(house.atlas, start=21, end=26, title="Night", by=house.stranger)
    page = member.get(f"{WEEK}?lang=en").text
    assert page.count("<b>Night</b>") == 2
    assert "21:00–Fri 12 02:00" in text(page)
    assert 'data-first="1" data-last="22"' in page


# --- filters and links


def test_filters_keep_what_fits(member):
    page = text(member.get(f"{DAY}?capacity=8&feature=screen").text)
    assert "Atlas" in page
    board = member.get(f"{DAY}?capacity=8&feature=screen", headers={"X-Fragment": "1"}).text
    assert board.count('<section class="col') == 1


def test_a_filter_that_nothing_fits_offers_a_way_back(member):
    page = member.get(f"{DAY}?capacity=900&lang=en").text
    assert "No space fits" in page
    assert DAY in links(page)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(DAY, ["day/2027-03-10", "day/2027-03-12"], id="day"),
        pytest.param(
            f"{WEEK}?capacity=8",
            ["week/2027-03-04?capacity=8", "week/2027-03-18?capacity=8"],
            id="week-with-filter",
        ),
    ],
)
def test_steps_keep_the_choice(member, path, expected):
    found = links(member.get(path).text)
    for each in expected:
        assert f"/board/house/{each}" in found


def test_the_other_language_is_one_link_away_and_keeps_the_address(member):
    assert f"{WEEK}?capacity=8&lang=fr" in links(member.get(f"{WEEK}?capacity=8&lang=en").text)


@pytest.mark.parametrize("path", [DAY, WEEK, f"/board/house/day/{TODAY}?kind=meeting_room"])
def test_ids_are_unique_and_nothing_is_inline(member, house, path):
    house.add_booking(house.atlas, by=house.member)
    page = member.get(path).text
    ids = Links(page).ids
    assert len(ids) == len(set(ids))
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?! type=\"module\" src=)", page)


# --- the fragment


def test_a_script_gets_the_board_alone(member):
    answer = member.get(WEEK, headers={"X-Fragment": "1"})
    assert answer.text.lstrip().startswith('<div id="board"')
    assert "<html" not in answer.text
    assert "X-Fragment" in answer.headers["Vary"]


def test_a_script_without_sign_in_gets_403(client, house):
    assert client.get(WEEK, headers={"X-Fragment": "1"}).status_code == 403


# --- cost


@pytest.mark.parametrize("path", [DAY, WEEK])
def test_the_number_of_statements_is_fixed(member, house, count, path):
    def statements() -> int:
        with count() as seen:
            assert member.get(path).status_code == 200
        return len(seen)

    counts = []
    for booked in (0, 1, 3):
        for hour in range(booked):
            house.add_booking(house.birch, start=8 + hour + booked * 3, end=9 + hour + booked * 3)
        counts.append(statements())
    assert len(set(counts)) == 1
    assert counts[0] <= 8


@pytest.mark.parametrize("path", [DAY, WEEK])
def test_a_busy_board_stays_small(member, house, path):
    for day in range(-3, 4):
        for room in house.rooms:
            for start in (8, 11, 14, 17):
                house.add_booking(
                    room, start=start, end=start + 1.5, days=(day,), by=house.stranger
                )
    assert len(member.get(path).data) < 46_000
    zipped = member.get(path, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert len(zipped.data) < 8_000
