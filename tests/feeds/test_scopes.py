"""What a calendar link is of: a floor, a house, an organisation, a category; and only when."""

import icalendar
import pytest
from sqlalchemy import insert, update

from booking.actions.bookings import book
from booking.actions.spaces.floors import remove_floor
from booking.actions.subscriptions import SubscriptionRequest, create_subscription
from booking.core.calendars import MINE, Scope
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.values import State, Visibility
from booking.db import write
from booking.models import Floor, Membership, Space
from tests.support.factories import NOW


@pytest.fixture
def link(app):
    """Return what makes a link and gives its path."""

    def make(actor, scope, detail="full"):
        with app.app_context():
            return create_subscription(SubscriptionRequest("x", scope, detail), actor, now=NOW).path

    return make


@pytest.fixture
def titles(client):
    """Return what reads the titles of a feed, sorted."""

    def read(path):
        answer = client.get(path)
        assert answer.status_code == 200
        events = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
        return sorted(str(each["SUMMARY"]) for each in events)

    return read


def name_of(client, path):
    """Return the name that a feed gives itself."""
    return str(icalendar.Calendar.from_ical(client.get(path).data)["X-WR-CALNAME"])


@pytest.fixture
def floor(app, house):
    """Put Atlas on a floor of its own; return the floor's id."""
    with app.app_context(), write() as session:
        values = {"site_id": house.site.id, "level": 1, "name": "Upstairs"}
        made = insert(Floor).values(**values).returning(Floor.id)
        floor_id = session.execute(made).scalar_one()
        session.execute(update(Space).where(Space.id == house.atlas.id).values(floor_id=floor_id))
    return floor_id


@pytest.fixture
def bookings(house):
    """Store one booking in Atlas, two in Birch."""
    house.add_booking(house.atlas, title="Upstairs", category="training", organisation_id=None)
    house.add_booking(
        house.birch, title="Downstairs", by=house.stranger, organisation_id=house.ours
    )
    house.add_booking(
        house.birch, start=14, end=15, title="Theirs", by=house.stranger, organisation_id=None
    )


def test_feed_of_a_floor_has_its_spaces(link, titles, client, house, floor, bookings):
    path = link(house.member, Scope(floor_id=floor))
    assert titles(path) == ["Upstairs"]
    assert name_of(client, path) == "Upstairs\\, The House"


def test_feed_of_a_house_has_all_of_it(link, titles, client, house, bookings):
    path = link(house.member, Scope(site_id=house.site.id))
    assert titles(path) == ["Downstairs", "Theirs", "Upstairs"]
    assert name_of(client, path) == "The House"
    assert titles(link(house.member, Scope())) == ["Downstairs", "Theirs", "Upstairs"]


def test_feed_of_an_organisation_has_its_bookings(link, titles, house, bookings):
    assert titles(link(house.member, Scope(organisation_id=house.ours))) == ["Downstairs"]
    in_atlas = Scope(organisation_id=house.ours, space_id=house.atlas.id)
    assert titles(link(house.member, in_atlas)) == []


def test_feed_of_the_own_bookings_can_be_of_a_room(link, titles, house, bookings):
    house.add_booking(house.birch, start=16, end=17, title="Mine in Birch")
    assert titles(link(house.member, MINE)) == ["Mine in Birch", "Upstairs"]
    own_there = Scope(mine=True, space_id=house.birch.id)
    assert titles(link(house.member, own_there)) == ["Mine in Birch"]


def test_category_is_not_told_of_what_the_reader_may_not_see(link, titles, house):
    for visibility in (Visibility.PRIVATE, Visibility.MEMBERS):
        room = house.atlas if visibility is Visibility.PRIVATE else house.birch
        house.add_booking(
            room,
            title=visibility.value,
            category="training",
            visibility=visibility.value,
            by=house.stranger,
        )
    everything = Scope(site_id=house.site.id)
    training = Scope(site_id=house.site.id, category="training")
    assert titles(link(house.member, everything)) == ["Occupé", "members"]
    assert titles(link(house.member, training)) == ["members"]
    assert titles(link(house.stranger, training)) == ["members", "private"]
    assert titles(link(house.member, training, "busy")) == ["Occupé"]


def test_only_its_people_follow_an_organisation(app, link, client, house):
    with app.app_context(), pytest.raises(NotAllowed) as refused:
        wanted = SubscriptionRequest("x", Scope(organisation_id=house.ours))
        create_subscription(wanted, house.stranger, now=NOW)
    assert refused.value.messages[0].code == "follow_own_organisations"
    assert client.get(link(house.admin, Scope(organisation_id=house.ours))).status_code == 200


def test_feed_of_an_organisation_ends_when_its_reader_leaves(app, link, client, house):
    path = link(house.member, Scope(organisation_id=house.ours))
    assert client.get(path).status_code == 200
    with app.app_context(), write() as session:
        session.query(Membership).filter_by(person_id=house.member.person_id).delete()
    assert client.get(path).status_code == 404
    assert client.get(path.replace(".ics", ".ifb")).status_code == 404


@pytest.mark.parametrize(
    ("scope", "field"),
    [
        pytest.param(Scope(floor_id=999), "scope", id="floor"),
        pytest.param(Scope(site_id=999), "scope", id="house"),
        pytest.param(Scope(category="nothing"), "category", id="category"),
    ],
)
def test_link_to_nothing_is_refused(app, house, scope, field):
    with app.app_context(), pytest.raises(InvalidRequest) as refused:
        create_subscription(SubscriptionRequest("x", scope), house.member, now=NOW)
    [reason] = refused.value.messages
    assert reason.field == field


def test_tag_changes_with_what_happens_there_alone(link, client, house, floor):
    path = link(house.member, Scope(floor_id=floor))
    before = client.get(path).headers["ETag"]
    with client.application.app_context():
        book(house.request(house.birch), house.member, now=NOW)
    assert client.get(path).headers["ETag"] == before
    with client.application.app_context():
        book(house.request(house.atlas), house.member, now=NOW)
    assert client.get(path).headers["ETag"] != before


def test_links_end_with_their_floor(app, link, client, house, floor):
    path = link(house.member, Scope(floor_id=floor))
    with app.app_context():
        with write() as session:
            session.execute(update(Space).values(floor_id=None))
        remove_floor(floor, house.admin, version=1, now=NOW)
    assert client.get(path).status_code == 404


def busy_times(client, path):
    """Return the component of a free-busy address, and its periods as (kind, start, end)."""
    answer = client.get(path.replace(".ics", ".ifb"))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar")
    [found] = icalendar.Calendar.from_ical(answer.data).walk("VFREEBUSY")
    given = found.get("FREEBUSY", [])
    periods = given if isinstance(given, list) else [given]
    return found, [(each.params["FBTYPE"], each.start, each.end) for each in periods]


def test_free_busy_says_when_and_nothing_else(link, client, house):
    house.add_booking(house.atlas, title="Secret", note="hush", visibility="private")
    house.add_booking(house.atlas, start=11, end=12, title="After it")
    house.add_booking(house.atlas, start=14, end=15, state=State.REQUESTED)
    house.add_booking(house.birch, start=16, end=17)
    house.add_closure(18, 20, space_id=house.atlas.id)
    path = link(house.member, Scope(space_id=house.atlas.id))

    found, periods = busy_times(client, path)

    both, asked = house.interval(10, 12), house.interval(14, 15)
    closed = house.interval(18, 20)
    assert periods == [
        ("BUSY", both.start, both.end),
        ("BUSY-TENTATIVE", asked.start, asked.end),
        ("BUSY-UNAVAILABLE", closed.start, closed.end),
    ]
    text = client.get(path.replace(".ics", ".ifb")).text
    assert not [word for word in ("Secret", "hush", "After") if word in text]
    assert found["DTSTART"].dt < both.start


def test_free_busy_answers_304_until_something_changes(link, client, house):
    path = link(house.member, MINE).replace(".ics", ".ifb")
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    with client.application.app_context():
        book(house.request(house.atlas), house.member, now=NOW)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_free_busy_of_an_unknown_link_is_a_plain_404(client):
    answer = client.get(f"/feeds/{'x' * 32}.ifb")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
