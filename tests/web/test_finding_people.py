"""The page that finds a time for people: chosen by name or address, never learned from it."""

import html
import re
from datetime import timedelta

from sqlalchemy import select, update

from booking.models import Connection, Invitee
from tests.support.databases import writing
from tests.support.factories import NOW


def text(answer):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def first_tap(page):
    return html.unescape(re.search(r'class="tap[^"]*" href="([^"]+)"', page)[1])


def test_member_finds_a_time_and_invites(member, post, house):
    house.add_busy(house.interval(8, 10), by=house.stranger)
    member.get("/find?lang=en")
    page = member.get("/find/people?first=2027-03-11&last=2027-03-11")
    assert "no calendar connected" in text(page)

    asked = "/find/people?person=me&first=2027-03-11&last=2027-03-11&who="
    found = member.get(asked + "stranger@example.org,manag")
    said = text(found)
    assert "stranger@example.org" in said  # as it was typed: the name is not told
    assert "Stranger" not in said
    assert "Manager" in said
    assert "busy 8:00 – 10:00" in said.replace("08:00–10:00", "8:00 – 10:00")
    tap = first_tap(found.text)
    assert "start=10%3A00" in tap
    assert "guest=stranger%40example.org" in tap

    form = member.get(tap)
    assert "They are invited too" in text(form)
    fields = dict(re.findall(r'name="(request_key)" value="([^"]+)"', form.text))
    manager = str(house.manager.person_id)
    done = post(
        member,
        "/bookings",
        **fields,
        space=str(house.atlas.id),
        date="2027-03-11",
        start="10:00",
        end="11:00",
        title="Choir",
        category="meeting",
        visibility="members",
        guest=["stranger@example.org", manager, str(house.approver.person_id)],
    )
    assert done.status_code == 303
    with writing(house.engine) as connection:
        rows = connection.execute(select(Invitee.person_id).order_by(Invitee.person_id)).scalars()
        assert {*rows} == {house.stranger.person_id, house.manager.person_id}


def test_nobody_learns_who_has_an_account(member, house):
    member.get("/find?lang=en")
    asked = f"/find/people?person={house.stranger.person_id}&who=Stranger"
    page = member.get(asked)
    assert page.status_code == 422
    assert "Nobody whom you can choose is called “Stranger”" in text(page)
    assert "Choose at least one person." in text(member.get("/find/people?person="))
    page = member.get("/find/people?person=me&who=nobody@example.org")
    assert page.status_code == 200
    assert "Nobody here has the address nobody@example.org" in text(page)


def test_another_time_for_a_booking_and_its_people(app, member, sign_in, post, house):
    booking = house.add_booking(house.atlas, start=10, end=11, by=house.member)
    member.get("/find?lang=en")
    post(member, f"/bookings/{booking}/invite", invite="Sam <stranger@example.org>")
    page = member.get(f"/bookings/{booking}")
    assert f"/find/people?booking={booking}" in page.text
    found = member.get(f"/find/people?booking={booking}")
    assert "Sam" in text(found)
    tap = first_tap(found.text)
    assert tap.startswith(f"/bookings/{booking}/edit?take=")
    assert member.get(tap).status_code == 200
    other = sign_in(app.test_client(), house.stranger)
    assert other.get(f"/find/people?booking={booking}").status_code == 403


def test_who_is_looked_for_is_read_again(member, house):
    house.add_busy(by=house.manager, due_at=NOW)
    with writing(house.engine) as connection:
        connection.execute(update(Connection).values(due_s=NOW + timedelta(hours=1)))
    assert member.get(f"/find/people?person={house.manager.person_id}").status_code == 200
    with writing(house.engine) as connection:
        assert connection.execute(select(Connection.due_at)).scalar_one() == NOW


def test_statements_stay_the_same(member, house, count):
    used = []
    for people in ([house.manager], [house.manager, house.member, house.stranger]):
        asked = "&".join(f"person={house.email(each)}" for each in people)
        house.add_busy(house.interval(8, 10), by=people[-1])
        member.get(f"/find/people?{asked}")
        with count() as statements:
            assert member.get(f"/find/people?{asked}").status_code == 200
        used.append(len(statements))
    assert used[0] == used[1] <= 14
