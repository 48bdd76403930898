"""A calendar link of several conditions: made from the planning, and what its feed shows."""

import icalendar
import pytest

from booking.actions.subscriptions import SubscriptionRequest, create_subscription
from booking.core.calendars import Filter, Scope
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.values import State, Visibility
from tests.support.factories import NOW


@pytest.fixture
def titles(app, client):
    """Return what makes a link of a filter and reads the titles of its feed, sorted."""

    def read(actor, only, *, mine=False):
        with app.app_context():
            asked = SubscriptionRequest("Mine", Scope(mine=mine, only=only))
            path = create_subscription(asked, actor, now=NOW).path
        answer = client.get(path)
        assert answer.status_code == 200
        calendar = icalendar.Calendar.from_ical(answer.data)
        assert calendar["X-WR-CALNAME"] == "Mine"
        return sorted(str(each["SUMMARY"]) for each in calendar.walk("VEVENT"))

    return read


@pytest.fixture
def full(house):
    """Store bookings that differ in each condition."""
    house.add_booking(house.atlas, title="A", category="training", organisation_id=house.ours)
    house.add_booking(house.birch, title="B", organisation_id=None)
    house.add_booking(house.cedar, title="C", state=State.REQUESTED, organisation_id=house.ours)
    house.add_booking(
        house.delta, title="D", by=house.stranger, organisation_id=house.theirs, days=(1,)
    )
    house.add_booking(
        house.atlas,
        start=14,
        end=15,
        title="P",
        by=house.stranger,
        organisation_id=house.theirs,
        visibility=Visibility.PRIVATE.value,
        category="training",
    )


def test_each_condition_narrows_the_feed(house, full, titles):
    floor = house.add_floor(house.birch)
    rooms = Filter(space_ids=(house.atlas.id,), floor_ids=(floor,))
    assert titles(house.member, Filter()) == ["A", "B", "C", "D", "Occupé"]
    assert titles(house.member, rooms) == ["A", "B", "Occupé"]
    assert titles(house.member, rooms, mine=True) == ["A", "B"]
    assert titles(house.member, Filter(states=(State.REQUESTED,))) == ["C"]
    assert titles(house.member, Filter(states=(State.CONFIRMED,))) == ["A", "B", "D", "Occupé"]
    assert titles(house.member, Filter(categories=("training",))) == ["A"]  # not who is busy
    assert titles(house.member, Filter(organisation_ids=(house.ours,))) == ["A", "C"]
    both = Filter(space_ids=(house.cedar.id,), organisation_ids=(house.ours,))
    assert titles(house.member, both) == ["C"]
    theirs = Filter(organisation_ids=(house.ours, house.theirs))
    assert titles(house.admin, theirs) == ["A", "C", "D", "P"]


def test_filter_follows_what_happens(app, client, house):
    with app.app_context():
        asked = SubscriptionRequest("x", Scope(only=Filter(space_ids=(house.atlas.id,))))
        path = create_subscription(asked, house.member, now=NOW).path
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.head(path).headers["ETag"] == first.headers["ETag"]
    assert client.get(path.replace(".ics", ".ifb")).status_code == 200


def test_nonsense_is_refused(app, house):
    with app.app_context():
        for only in (
            Filter(space_ids=(999,)),
            Filter(floor_ids=(999,)),
            Filter(categories=("nothing",)),
            Filter(space_ids=tuple(range(1, 500))),
        ):
            with pytest.raises(InvalidRequest):
                asked = SubscriptionRequest("x", Scope(only=only))
                create_subscription(asked, house.member, now=NOW)
        with pytest.raises(NotAllowed):
            asked = SubscriptionRequest("x", Scope(only=Filter(organisation_ids=(house.theirs,))))
            create_subscription(asked, house.member, now=NOW)


def test_planning_leads_to_a_filter_of_its_rooms(client, house, sign_in, csrf, full):
    member = sign_in(client, house.member)
    board = member.get("/board/house/day/2027-03-11?capacity=8").text
    assert 'href="/calendars/filter?site=house&amp;capacity=8"' in board
    form = member.get("/calendars/filter?site=house&capacity=8").text
    checked = [each.id for each in house.rooms if f'name="space" value="{each.id}" checked' in form]
    assert checked == [house.atlas.id, house.cedar.id, house.delta.id]

    answer = member.post(
        "/calendars/filter",
        data={
            "csrf_token": csrf(member, "/profile"),
            "name": "Large rooms",
            "space": [str(each) for each in checked],
            "category": ["training", "meeting"],
            "state": "confirmed",
            "detail": "full",
        },
    )

    assert answer.status_code == 200
    assert "Large rooms" in answer.text
    assert "Atlas, Cedar, Delta" in member.get("/calendars").text
    wrong = {"csrf_token": csrf(member, "/profile"), "name": "", "space": "x"}
    assert member.post("/calendars/filter", data=wrong).status_code == 422
