"""The inbox: what it shows, that it belongs to one person, and marking as read."""

import pytest
from sqlalchemy import insert, select

from booking.models import Notice
from tests.support.databases import writing
from tests.support.factories import NOW, House


@pytest.fixture
def tell(house: House):
    """Return what puts messages into the member's inbox: ``tell(3, title="Choir")``."""

    def told(times: int = 1, *, to=house.member, is_read: bool = False, **params: str) -> None:
        texts = {"title": "Choir", "space": "Atlas", "start": "2027-03-11T10:00:00", **params}
        row = {
            "person_id": to.person_id,
            "code": "notice_approved",
            "params": texts,
            "at_s": NOW,
            "read_s": NOW if is_read else None,
        }
        with writing(house.engine) as connection:
            connection.execute(insert(Notice.__table__), [row] * times)

    return told


def test_inbox_leads_to_the_booking(app, member, house):
    booking_id = house.add_booking(by=house.member)
    row = {"person_id": house.member.person_id, "code": "notice_approved", "at_s": NOW}
    params = {"title": "Choir", "space": "Atlas", "start": "2027-03-11T10:00:00"}
    with writing(house.engine) as connection:
        values = {**row, "params": params, "booking_id": booking_id}
        connection.execute(insert(Notice.__table__).values(values))
    path = f"/bookings/{booking_id}"
    assert f'href="{path}"' in member.get("/inbox").text
    assert member.get(path).status_code == 200


def unread(house: House) -> list[int]:
    with house.engine.connect() as connection:
        query = select(Notice.id).where(Notice.read_at.is_(None)).order_by(Notice.id)
        return list(connection.execute(query).scalars())


def test_inbox_without_sign_in_leads_there(client, house):
    assert client.get("/inbox").location == "/sign-in?next=/inbox"


def test_inbox_of_nothing_says_what_will_be_here(member):
    page = member.get("/inbox?lang=en").text
    assert "Nothing here yet" in page
    assert "Mark all as read" not in page


@pytest.mark.parametrize(
    ("language", "said", "when"),
    [
        pytest.param("en", "Atlas, Thursday 11 March 2027, 10:00", "10 Mar 2027, 10:00", id="en"),
        pytest.param("fr", "Atlas, jeudi 11 mars 2027, 10:00", "10 mars 2027, 10:00", id="fr"),
    ],
)
def test_inbox_speaks_the_readers_language_and_the_houses_time(member, tell, language, said, when):
    tell()
    page = member.get(f"/inbox?lang={language}").text
    assert said in page
    assert when in page


def test_inbox_counts_new_ones_in_the_header(member, tell):
    tell(2)
    tell(3, is_read=True)
    assert 'aria-label="Inbox, 2 new messages"' in member.get("/inbox?lang=en").text


def test_inbox_shows_evil_titles_escaped(member, tell):
    tell(title="<script>alert(1)</script>")
    page = member.get("/inbox").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_inbox_is_of_one_person(member, house, tell):
    tell(to=house.stranger, title="Secret")
    assert "Secret" not in member.get("/inbox").text


def test_read_all_marks_the_own_alone(member, house, tell, post):
    tell(2)
    tell(1, to=house.stranger)
    answer = post(member, "/inbox/read")
    assert (answer.status_code, answer.location) == (303, "/inbox")
    assert len(unread(house)) == 1


def test_read_one_leaves_the_others(member, house, tell, post):
    tell(3)
    first, second, third = unread(house)
    answer = post(member, "/inbox/read", id=str(second), page="2")
    assert answer.location == "/inbox?page=2"
    assert unread(house) == [first, third]


def test_read_somebody_elses_changes_nothing(member, house, tell, post):
    tell(to=house.stranger)
    (theirs,) = unread(house)
    assert post(member, "/inbox/read", id=str(theirs)).status_code == 303
    assert unread(house) == [theirs]


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e3", "99999999999999999999", ""])
def test_inbox_page_of_nonsense_is_not_found(member, page):
    assert member.get(f"/inbox?page={page}").status_code == 404


def test_inbox_pages(member, tell):
    tell(31)
    first, second = member.get("/inbox").text, member.get("/inbox?page=2").text
    assert (first.count("Choir,"), second.count("Choir,")) != (0, 0)
    assert ('rel="next"' in first, 'rel="prev"' in first) == (True, False)
    assert ('rel="next"' in second, 'rel="prev"' in second) == (False, True)


@pytest.mark.parametrize("times", [1, 3, 3000])
def test_inbox_takes_the_same_statements_whatever_its_size(member, tell, count, times):
    tell(times)
    with count() as statements:
        assert member.get("/inbox").status_code == 200
    assert len(statements) == 3
