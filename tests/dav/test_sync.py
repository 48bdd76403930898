"""sync-collection: every change once, nobody learns what is hidden (RFC 6578)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.actions.bookings import book, cancel
from booking.actions.forgetting import forget_changes
from booking.core.requests import BookingRequest, CancelRequest
from booking.core.values import Visibility
from booking.db import db
from booking.models import Change, Person
from booking.models import Space as SpaceRow
from tests.dav.conftest import condition, tree
from tests.support.databases import writing


@pytest.fixture
def booked(app, house):
    """Return what books through the verb, so that revisions count; gives the id."""

    def made(room, *, by=None, start=10.0, day=0, **more):
        with app.app_context():
            wish = BookingRequest(
                (room.id,), house.at(start, day=day), house.at(start + 1, day=day), "Choir", **more
            )
            return book(wish, by or house.member, now=house.now).booking_id

    return made


@pytest.fixture
def cancelled(app, house):
    """Return what cancels a booking."""

    def gone(booking, *, by=None):
        with app.app_context():
            cancel(CancelRequest(booking, 1), by or house.member, now=house.now)

    return gone


def room_of(program, room):
    return program.home(f"space-{room.id}/")


def test_each_change_is_told_once(member, house, booked, cancelled):
    path = room_of(member, house.atlas)
    nothing, begin = member.sync(path)
    one = booked(house.atlas)
    two = booked(house.atlas, day=1)
    booked(house.birch, day=2)

    news, token = member.sync(path, begin)
    assert nothing == {}
    assert set(news) == {f"booking-{one}.ics", f"booking-{two}.ics"}
    assert member.sync(path, token) == ({}, token)

    cancelled(one)
    gone, after = member.sync(path, token)
    assert {name for name, etag in gone.items() if not etag} >= {f"booking-{one}.ics"}
    assert f"booking-{two}.ics" not in gone
    assert set(member.sync(path)[0]) == {f"booking-{two}.ics"}
    assert after != token


def test_what_turns_private_changes_its_name(member, stranger, house, booked, app):
    from booking.actions.bookings import change
    from booking.core.requests import ChangeRequest

    path = room_of(stranger, house.atlas)
    booking = booked(house.atlas)
    _all, token = stranger.sync(path)
    with app.app_context():
        wish = BookingRequest(
            (house.atlas.id,),
            house.at(10),
            house.at(11),
            "Choir",
            visibility=Visibility.PRIVATE,
        )
        change(ChangeRequest(booking, 1, wish), house.member, now=house.now)

    news, _token = stranger.sync(path, token)

    assert news[f"booking-{booking}.ics"] == ""
    assert news[f"busy-{booking}.ics"]


def test_new_private_booking_has_one_name(stranger, house, booked):
    path = room_of(stranger, house.atlas)
    _all, token = stranger.sync(path)
    booking = booked(house.atlas, visibility=Visibility.PRIVATE)

    news, _token = stranger.sync(path, token)

    assert set(news) == {f"busy-{booking}.ics"}


def test_organisation_never_tells_of_private_ones_of_others(program, house, booked):
    colleague = house.add_person("Colleague", organisation=house.ours)
    theirs = program(colleague)
    path = theirs.home(f"organisation-{house.ours}/")
    open_one = booked(house.atlas, organisation_id=house.ours)
    booked(house.birch, organisation_id=house.ours, visibility=Visibility.PRIVATE)

    assert set(theirs.sync(path)[0]) == {f"booking-{open_one}.ics"}


def test_pieces_come_to_the_whole(member, house, booked):
    path = room_of(member, house.atlas)
    _all, begin = member.sync(path)
    names = {f"booking-{booked(house.atlas, day=day)}.ics" for day in range(5)}

    for token in ("", begin):
        seen, rounds = set(), 0
        while rounds < 10:
            rounds += 1
            more, token = member.sync(path, token, "<limit><nresults>2</nresults></limit>")
            seen |= more.keys()
            if not any(name.startswith("space-") for name in more):
                break
        assert seen - {f"space-{house.atlas.id}"} == names
        assert rounds == 3
        assert member.sync(path, token)[0] == {}


def test_rights_and_rooms_that_change_begin_anew(member, house, booked):
    path = room_of(member, house.atlas)
    booked(house.atlas)
    before, token = member.sync(path)
    with writing(house.engine) as connection:
        connection.execute(update(SpaceRow).values(version=SpaceRow.version + 1, name="Other"))

    answer = member.report(
        path,
        "sync-collection",
        f"<sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>",
    )

    assert (answer.status_code, condition(answer)) == (403, "valid-sync-token")
    after, _token = member.sync(path)
    assert before.keys() == after.keys()
    assert before != after


def test_room_that_is_closed_for_good_is_gone(member, house, booked):
    booked(house.atlas)
    _all, token = member.sync(room_of(member, house.atlas))
    with writing(house.engine) as connection:
        statement = update(SpaceRow).where(SpaceRow.id == house.atlas.id)
        connection.execute(statement.values(archived_at=house.now, version=2))

    listed = member.properties(member.home(), "displayname", depth="1")
    body = f"<sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>"
    answer = member.report(room_of(member, house.atlas), "sync-collection", body)

    assert room_of(member, house.atlas) not in listed
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "token",
    ["urn:else", "urn:booking:sync:", "urn:booking:sync:0123456789:1-1", "x" * 3_000, "{token}9"],
)
def test_token_that_is_not_ours_is_refused(member, house, booked, token):
    path = room_of(member, house.atlas)
    booked(house.atlas)
    ours = member.sync(path)[1]
    asked = token.format(token=ours)
    body = f"<sync-token>{asked}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>"

    answer = member.report(path, "sync-collection", body)

    assert (answer.status_code, condition(answer)) == (403, "valid-sync-token")


def test_changes_are_forgotten_after_90_days(member, house, booked, cancelled, app, clock):
    path = room_of(member, house.atlas)
    _all, never = member.sync(path)
    one = booked(house.atlas, day=200)
    _all, first = member.sync(path)
    clock.now = house.now = house.now + timedelta(days=91)
    two = booked(house.atlas, day=201)
    _all, recent = member.sync(path)
    with app.app_context():
        forget_changes(now=clock.now)
        left = db.session.execute(select(Change.uid)).scalars().all()

    assert len(set(left)) == 1
    news, token = member.sync(path, first)
    assert set(news) == {f"booking-{two}.ics"}
    assert member.sync(path, recent) == ({}, token)
    assert set(member.sync(path)[0]) == {f"booking-{one}.ics", f"booking-{two}.ics"}
    body = f"<sync-token>{never}</sync-token><sync-level>1</sync-level><prop/>"
    assert condition(member.report(path, "sync-collection", body)) == "valid-sync-token"


def test_persons_who_are_archived_read_nothing(member, house):
    with writing(house.engine) as connection:
        person = update(Person).where(Person.id == house.member.person_id)
        connection.execute(person.values(archived_at=house.now))

    assert member.ask("PROPFIND", member.home(), Depth="0").status_code == 401


def test_ctag_is_the_token(member, house, booked):
    path = room_of(member, house.atlas)
    booked(house.atlas)
    [said] = member.properties(path, "sync-token", "S:getctag").values()

    assert said["sync-token"] == said["getctag"] == member.sync(path)[1]


def test_free_of_news_is_an_empty_answer(member, house):
    path = room_of(member, house.atlas)
    _all, token = member.sync(path)
    body = f"<sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>"

    assert len(tree(member.report(path, "sync-collection", body))) == 1
