"""Events of files are booked one by one: harmless when repeated, without what clashes."""

from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from booking.actions import bookings
from booking.actions.imports import import_event, import_events, preview_event, preview_events
from booking.core import hours
from booking.core.imports import Clashing, Fate, Into, Left, Wish, wish_of
from booking.core.requests import CancelRequest
from booking.core.series import by_date
from booking.core.values import State
from booking.db import db
from booking.ical.reading import Unreadable, read
from booking.models import (
    Allocation,
    Audit,
    Booking,
    BookingWord,
    Change,
    Collection,
    Hold,
    Notice,
    Occurrence,
)
from booking.queries import agenda
from tests.support.factories import NOW
from tests.support.racing import Attempt, race

AWKWARD = Path(__file__).parents[1] / "data" / "awkward"


def wish(request, *, uid="one", dates=1):
    """Return what a file asks for."""
    return Wish(uid, replace(request, request_key=f"ics-{uid}"), dates, 0, ())


def imported(house, found, clashing=Clashing.LEAVE, *, by=None):
    """Import one event."""
    return import_event(found, by or house.member, clashing=clashing, now=NOW)


def count(session):
    """Return how many bookings there are."""
    session.rollback()
    return len(session.scalars(select(Booking.id)).all())


def test_event_is_booked_once_however_often_it_is_imported(session, house):
    first = imported(house, wish(house.request()))
    again = imported(house, wish(house.request(title="Renamed")))

    assert (first.fate, again.fate) == (Fate.BOOKED, Fate.THERE)
    assert first.booking_id == again.booking_id
    assert count(session) == 1


def test_event_that_was_cancelled_here_stays_so(session, house):
    first = imported(house, wish(house.request()))
    bookings.cancel(CancelRequest(first.booking_id, 1), house.member, now=NOW)

    assert imported(house, wish(house.request())).fate is Fate.THERE
    assert agenda.booking(db.session(), first.booking_id).state is State.CANCELLED


def test_preview_tells_what_importing_does_and_stores_nothing(session, house):
    house.add_booking(days=(7,))
    series = wish(house.request(rule="FREQ=WEEKLY;COUNT=3"), dates=3)
    taken = wish(house.request(day=7), uid="two")
    asks = wish(house.request(house.cedar), uid="three")
    over = wish(house.request(day=-9), uid="four")

    seen = [preview_event(each, house.member, now=NOW) for each in (series, taken, asks, over)]

    assert count(session) == 1
    done = [imported(house, each) for each in (series, taken, asks, over)]
    assert [each.fate for each in seen] == [
        Fate.BOOKED,
        Fate.TAKEN,
        Fate.REQUESTED,
        Fate.REFUSED,
    ]
    assert [each.fate for each in done] == [each.fate for each in seen]
    assert [each.clashing for each in done] == [each.clashing for each in seen]
    assert preview_event(series, house.member, now=NOW).fate is Fate.THERE
    assert [each.code for each in done[3].reasons] == ["in_the_past"]


def test_dates_that_clash_are_left_out(session, house):
    house.add_booking(days=(7,))
    made = imported(house, wish(house.request(rule="FREQ=WEEKLY;COUNT=3"), dates=3))

    assert (made.fate, made.dates, made.clashing) == (Fate.BOOKED, 2, (house.at(10, day=7),))
    dates = by_date(agenda.booking(db.session(), made.booking_id))
    assert [views[0].state for views in dates.values()] == [
        State.CONFIRMED,
        State.SKIPPED,
        State.CONFIRMED,
    ]


@pytest.mark.parametrize("clashing", [Clashing.ROOM, Clashing.TIME])
@pytest.mark.parametrize("rule", [None, "FREQ=WEEKLY;COUNT=3"])
def test_dates_that_clash_go_elsewhere(session, house, clashing, rule):
    house.add_booking(days=(0,))
    made = imported(house, wish(house.request(rule=rule), dates=3 if rule else 1), clashing)

    assert (made.fate, made.clashing) == (Fate.BOOKED, ())
    first = agenda.booking(db.session(), made.booking_id).occurrences[0]
    if clashing is Clashing.ROOM:
        assert first.interval == house.interval(10, 11)
        assert first.space_id == house.birch.id
    else:
        assert first.interval != house.interval(10, 11)
        assert first.space_id == house.atlas.id


def test_event_of_which_all_dates_clash_is_told(session, house):
    house.add_booking(days=(0, 7))
    made = imported(house, wish(house.request(rule="FREQ=WEEKLY;COUNT=2"), dates=2))

    assert (made.fate, made.dates, len(made.clashing)) == (Fate.TAKEN, 0, 2)
    assert count(session) == 1


def test_approvers_are_told_once_of_a_file(session, house):
    told = set()
    for number in range(3):
        asked = wish(house.request(house.cedar, day=number), uid=str(number))
        made = import_event(asked, house.member, clashing=Clashing.LEAVE, now=NOW, told=told)
        assert made.fate is Fate.REQUESTED
    session.rollback()
    notices = session.scalars(select(Notice).where(Notice.code == "notice_requested")).all()
    assert len({each.person_id for each in notices}) == len(notices) > 0


def test_file_imported_by_eight_at_once_is_booked_once(house, engine_url):
    verb = partial(import_event, clashing=Clashing.LEAVE)
    rounds = [
        [Attempt(verb, wish(house.request(day=day), uid=str(day)), house.member)] * 8
        for day in range(2)
    ]
    for outcomes in race(engine_url, *rounds):
        fates = Counter(each.result.fate for each in outcomes)
        assert fates == {Fate.BOOKED: 1, Fate.THERE: 7}


def test_two_people_may_import_the_same_file(session, house):
    by = [imported(house, wish(house.request()), Clashing.ROOM, by=who).booking_id for who in (
        house.member, house.stranger)]  # fmt: skip
    assert len(set(by)) == 2


@pytest.mark.engines("sqlite", "postgresql")
def test_awkward_files_are_booked_or_told(session, house):
    """Every file goes through the verb; what is stored is checked when the test ends."""
    into = Into("Europe/Paris", NOW, hours.edge(house.site, NOW), (house.atlas.id,), "Imported")
    fates = Counter()
    for file in sorted(AWKWARD.glob("*.ics")):
        with file.open("rb") as source:
            try:
                events = list(read(source, zone="Europe/Paris").events())
            except Unreadable:
                continue
        for event in events:
            wished = event if isinstance(event, Left) else wish_of(event, into)
            if isinstance(wished, Wish):
                key = f"{file.stem}:{wished.request.request_key}"[-60:]
                wished = replace(wished, request=replace(wished.request, request_key=key))
                seen = preview_event(wished, house.member, now=NOW)
                made = imported(house, wished, Clashing.TIME)
                assert made.fate is not Fate.REFUSED or seen.fate is Fate.REFUSED
                fates[made.fate] += 1
    assert fates[Fate.BOOKED] > 20
    assert fates[Fate.REFUSED] < 20


def mixed(house):
    """Return wishes of all kinds, some of which are in each other's way."""
    house.add_booking(days=(1,))
    asked = [
        house.request(start=8, end=9),
        house.request(start=8.5, end=9.5),  # meets the one before
        house.request(day=1),  # taken
        house.request(house.cedar),  # an approver decides
        house.request(house.cedar, day=3),
        house.request(start=12, end=13, rule="FREQ=WEEKLY;COUNT=3"),
        house.request(start=12, end=13, day=7),  # the second date of the series
        house.request(house.delta, start=16, end=17),
        house.request(house.delta, start=16.5, end=18),  # requests take no time there
        house.request(house.atlas, house.delta, start=19, end=20),
        house.request(day=-9),  # over
        house.request(start=8, end=9, day=4, category="nothing"),
    ]
    return [wish(each, uid=f"{number}") for number, each in enumerate(asked)]


@pytest.mark.parametrize("clashing", list(Clashing))
def test_events_at_once_come_to_what_they_do_one_by_one(session, house, clashing):
    wishes = mixed(house)

    alone = [preview_event(each, house.member, now=NOW) for each in wishes[:-1]]
    assert preview_events(wishes[:-1], house.member, now=NOW) == alone
    done = import_events(wishes, house.member, clashing=clashing, now=NOW)

    elsewhere = Fate.TAKEN if clashing is Clashing.LEAVE else Fate.BOOKED
    assert [each.fate for each in done] == [
        Fate.BOOKED,
        elsewhere,
        elsewhere,
        Fate.REQUESTED,
        Fate.REQUESTED,
        Fate.BOOKED,
        elsewhere,
        Fate.REQUESTED,
        Fate.REQUESTED,
        Fate.REQUESTED,
        Fate.REFUSED,
        Fate.REFUSED,
    ]
    again = import_events(wishes, house.member, clashing=clashing, now=NOW)
    booked = [each for each in done if each.booking_id is not None]
    assert [each.booking_id for each in again if each.fate is Fate.THERE] == [
        each.booking_id for each in booked
    ]


def test_events_at_once_are_stored_as_one_by_one(session, house):
    request = house.request(house.atlas, house.delta, start=19, end=20, note="Keys")
    later = replace(request, start=house.at(19, day=1), end=house.at(20, day=1))
    [first, _second] = import_events(
        [wish(request), wish(later, uid="two")], house.member, clashing=Clashing.LEAVE, now=NOW
    )
    alone = imported(
        house,
        wish(
            house.request(house.atlas, house.delta, start=19, end=20, note="Keys", day=2),
            uid="three",
        ),
    )

    def told(booking_id):
        session.rollback()
        view = agenda.booking(session, booking_id)
        audit = session.execute(
            select(Audit.verb, Audit.new).where(
                Audit.entity == "booking", Audit.entity_id == booking_id
            )
        ).one()
        changes = session.execute(
            select(Collection.kind, Collection.owner_id)
            .join(Change, Change.collection_id == Collection.id)
            .where(Change.uid == view.uid)
        ).all()
        words = session.scalars(
            select(BookingWord.word).where(BookingWord.booking_id == booking_id)
        ).all()
        holds = session.scalars(
            select(Hold.part_id)
            .join(Allocation, Allocation.id == Hold.allocation_id)
            .join(Occurrence, Occurrence.id == Allocation.occurrence_id)
            .where(Occurrence.booking_id == booking_id)
        ).all()
        kept = {key: value for key, value in audit.new.items() if key not in ("start", "end")}
        return kept, audit.verb, sorted(map(tuple, changes)), sorted(words), sorted(holds)

    assert told(first.booking_id) == told(alone.booking_id)


def test_events_at_once_tell_approvers_once(session, house):
    asked = [wish(house.request(house.cedar, day=day), uid=f"{day}") for day in range(4)]
    import_events(asked, house.member, clashing=Clashing.LEAVE, now=NOW)
    session.rollback()
    codes = session.scalars(select(Notice.code).where(Notice.person_id == house.approver.person_id))
    assert codes.all() == ["notice_requested"]
