"""Fair use, kept by every verb that books: on both engines, and when two people meet."""

import random
from collections import Counter
from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.actions.approvals import approve, refuse, why_asked
from booking.actions.bookings import book, cancel, change, preview, preview_change
from booking.actions.bookings.change import as_request
from booking.actions.leases import create_lease
from booking.actions.offers import accept_offer
from booking.actions.proposals import propose
from booking.actions.spaces import set_limits, set_policy, set_site_policy
from booking.core.allowances import Part, Period, Span, Use, count, periods
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.requests import (
    BookingRequest,
    CancelRequest,
    ChangeRequest,
    DecisionRequest,
    ProposalRequest,
)
from booking.core.values import (
    Account,
    Actor,
    FairUse,
    Limits,
    Peak,
    Policy,
    SitePolicy,
    Stance,
    State,
)
from booking.models import Audit
from booking.queries import agenda, houses
from booking.queries.allowances import own_limits, use_of, use_of_all, use_of_organisations
from tests.support.factories import NOW, House
from tests.support.racing import Attempt, race

pytestmark = pytest.mark.usefixtures("session")
ASK = Stance.ASK


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def fair(house: House, organisations: Limits | None = None, people: Limits | None = None) -> None:
    """Let the house count, with these limits for everybody."""
    use = FairUse(True, organisations or Limits(), people or Limits())
    policy = SitePolicy(fair_use=use)
    set_site_policy(house.site.id, policy, house.admin, version=1, now=house.now)


def refused(request: BookingRequest, actor: Actor, house: House) -> list[str]:
    with pytest.raises(NotAllowed) as error:
        book(request, actor, now=house.now)
    return [each.code for each in error.value.messages]


def test_house_that_does_not_count_lets_everything_pass(house: House) -> None:
    policy = SitePolicy(fair_use=FairUse(organisations=Limits(month_hours=hours(1))))
    set_site_policy(house.site.id, policy, house.admin, version=1, now=house.now)
    found = preview(house.request(start=8, end=20), house.member, now=house.now)
    assert found.fair.standings == ()
    assert book(house.request(start=8, end=20), house.member, now=house.now).state == "confirmed"


def test_last_hour_of_a_month_is_booked_and_no_more(house: House) -> None:
    fair(house, Limits(month_hours=hours(3)))
    mine = {"organisation_id": house.ours}
    book(house.request(start=9, end=11, **mine), house.member, now=house.now)
    book(house.request(house.birch, start=9, end=10, **mine), house.manager, now=house.now)
    later = house.request(start=11, end=11.25, day=2, **mine)
    assert refused(later, house.member, house) == ["use_month_hours"]
    # Others have their own hours, and so has the person who books for no organisation.
    book(
        house.request(start=11, end=12, organisation_id=house.theirs), house.stranger, now=house.now
    )
    book(house.request(start=12, end=20), house.member, now=house.now)


def test_preview_tells_how_the_organisation_stands(house: House) -> None:
    fair(house, Limits(month_hours=hours(20), coming=5))
    mine = {"organisation_id": house.ours}
    book(house.request(start=9, end=11, **mine), house.member, now=house.now)
    found = preview(house.request(start=12, end=15, **mine), house.member, now=house.now)
    said = [(each.limit, each.used, each.takes, each.most) for each in found.fair.standings]
    assert (found.fair.name, said) == (
        "Ours",
        [("month_hours", 120, 180, 1200), ("coming", 1, 1, 5)],
    )


def test_over_the_limit_waits_for_an_approver_who_reads_why(house: House, session: Session) -> None:
    fair(house, Limits(month_hours=hours(1), over=ASK))
    wish = house.request(start=9, end=11, organisation_id=house.ours)
    assert set(preview(wish, house.member, now=house.now).asks) == {house.atlas.id}
    booked = book(wish, house.member, now=house.now)
    assert booked.state is State.REQUESTED
    booking = agenda.booking(session, booked.booking_id)
    site = houses.site(session, house.site.id)
    reasons = why_asked(session, booking, [house.atlas], site=site)
    assert [(each.code, each.params["used_hours"]) for each in reasons] == [("use_month_hours", 0)]
    decision = DecisionRequest(booked.booking_id, booked.version)
    assert approve(decision, house.approver, now=house.now).state is State.CONFIRMED


def test_requests_count_until_they_are_refused(house: House) -> None:
    fair(house, Limits(month_hours=hours(2)))
    mine = {"organisation_id": house.ours}
    asked = book(house.request(house.delta, start=9, end=11, **mine), house.member, now=house.now)
    other = house.request(start=9, end=10, day=1, **mine)
    assert refused(other, house.member, house) == ["use_month_hours"]
    refuse(DecisionRequest(asked.booking_id, asked.version, "no"), house.approver, now=house.now)
    book(other, house.member, now=house.now)


def test_what_is_cancelled_is_given_back(house: House) -> None:
    fair(house, Limits(month_hours=hours(2)))
    wish = house.request(start=9, end=11, organisation_id=house.ours)
    booked = book(wish, house.member, now=house.now)
    cancel(CancelRequest(booked.booking_id, booked.version), house.member, now=house.now)
    assert book(wish, house.member, now=house.now).state is State.CONFIRMED


def test_admin_may_go_over_and_it_is_written_down(house: House, session: Session) -> None:
    fair(house, Limits(month_hours=hours(1)))
    wish = house.request(start=9, end=11, organisation_id=house.ours)
    found = preview(wish, house.admin, now=house.now)
    assert [each.code for each in found.fair.over] == ["use_month_hours"]
    assert book(wish, house.admin, now=house.now).state is State.CONFIRMED
    audits = session.execute(select(Audit.new).where(Audit.verb == "book")).scalars().one()
    assert audits is not None
    assert audits["over"] == ["use_month_hours"]


def test_person_of_no_organisation_has_limits_too(house: House) -> None:
    fair(house, people=Limits(week_dates=1))
    guest = house.add_person("Guest")
    book(house.request(start=9, end=10), guest, now=house.now)
    assert refused(house.request(start=9, end=10, day=1), guest, house) == ["use_week_dates"]
    book(house.request(start=9, end=10, day=4), guest, now=house.now)  # Monday
    # Who has an organisation books by its limits; the admin is asked about nothing.
    book(house.request(start=10, end=11, organisation_id=house.ours), house.member, now=house.now)


def test_own_limits_of_an_organisation_take_the_place_of_the_usual(
    house: House, session: Session
) -> None:
    fair(house, Limits(month_hours=hours(1)))
    version = set_limits(
        house.ours,
        house.site.id,
        Limits(month_hours=hours(5)),
        house.admin,
        version=0,
        now=house.now,
    )
    book(house.request(start=9, end=13, organisation_id=house.ours), house.member, now=house.now)
    wish = house.request(start=14, end=16, organisation_id=house.theirs)
    assert refused(wish, house.stranger, house) == ["use_month_hours"]
    # As much as it likes; then as everybody again.
    ids = (house.ours, house.site.id)
    version = set_limits(*ids, Limits(), house.admin, version=version, now=house.now)
    book(
        house.request(start=9, end=20, day=1, organisation_id=house.ours),
        house.member,
        now=house.now,
    )
    version = set_limits(*ids, None, house.admin, version=version, now=house.now)
    assert own_limits(session, *ids).limits is None
    wish = house.request(start=9, end=10, day=2, organisation_id=house.ours)
    assert refused(wish, house.member, house) == ["use_month_hours"]
    audit = session.execute(select(Audit.old, Audit.new).where(Audit.verb == "set_limits")).all()
    assert [each.new["limits"] for each in audit] == [{"month_hours": 300}, {}, None]


def test_own_limits_are_refused_to_whoever_must_not_set_them(house: House) -> None:
    ids = (house.ours, house.site.id)
    with pytest.raises(NotAllowed):
        set_limits(*ids, None, house.manager, version=0, now=house.now)
    with pytest.raises(NotFound):
        set_limits(999, house.site.id, None, house.admin, version=0, now=house.now)
    set_limits(*ids, None, house.admin, version=0, now=house.now)
    with pytest.raises(Stale):
        set_limits(*ids, None, house.admin, version=0, now=house.now)
    wrong = Limits(included=hours(3), month_hours=hours(2))
    with pytest.raises(InvalidRequest):
        set_limits(*ids, wrong, house.admin, version=1, now=house.now)


def test_room_counts_as_much_as_its_weight_says(house: House, session: Session) -> None:
    fair(house, Limits(month_hours=hours(2)))
    set_policy(house.atlas.id, Policy(), house.admin, version=1, now=house.now, weight=200)
    set_policy(house.birch.id, Policy(), house.admin, version=1, now=house.now, weight=50)
    mine = {"organisation_id": house.ours}
    assert refused(house.request(start=9, end=10.25, **mine), house.member, house)
    book(house.request(house.birch, start=9, end=12, **mine), house.member, now=house.now)
    book(house.request(start=9, end=9.25, **mine), house.member, now=house.now)
    assert refused(house.request(house.birch, start=12, end=12.25, **mine), house.member, house)
    with pytest.raises(InvalidRequest):
        set_policy(house.atlas.id, Policy(), house.admin, version=2, now=house.now, weight=-1)
    audit = select(Audit.new).where(Audit.verb == "edit", Audit.entity_id == house.birch.id)
    assert session.execute(audit).scalars().one() == {"weight": 50}


def test_combined_room_counts_by_its_own_weight(house: House) -> None:
    both = house.add_space("Both", parts=(house.atlas, house.birch), weight=150)
    fair(house, Limits(month_hours=hours(3)))
    book(
        house.request(both, start=9, end=11, organisation_id=house.ours),
        house.member,
        now=house.now,
    )
    wish = house.request(both, start=12, end=12.25, organisation_id=house.ours)
    assert refused(wish, house.member, house) == ["use_month_hours"]


def test_change_counts_a_booking_once(house: House, session: Session) -> None:
    fair(house, Limits(month_hours=hours(2)))
    wish = house.request(start=9, end=11, organisation_id=house.ours)
    booked = book(wish, house.member, now=house.now)
    moved = replace(wish, start=house.at(14), end=house.at(16))
    asked = ChangeRequest(booked.booking_id, booked.version, moved)
    found = preview_change(asked, house.member, now=house.now)
    assert [(each.used, each.takes) for each in found.fair.standings] == [(0, 120)]
    booked = change(asked, house.member, now=house.now)
    longer = replace(moved, end=house.at(16.25))
    with pytest.raises(NotAllowed):
        change(
            ChangeRequest(booked.booking_id, booked.version, longer), house.member, now=house.now
        )
    renamed = replace(moved, title="Other")
    change(ChangeRequest(booked.booking_id, booked.version, renamed), house.member, now=house.now)


def test_dates_of_a_series_that_were_given_up_do_not_count_again(
    house: House, session: Session
) -> None:
    fair(house, Limits(month_hours=hours(3)))
    wish = house.request(start=9, end=10, rule="FREQ=DAILY;COUNT=3", organisation_id=house.ours)
    booked = book(wish, house.member, now=house.now)
    first = agenda.booking(session, booked.booking_id).occurrences[0]
    gone = CancelRequest(booked.booking_id, booked.version, occurrence_id=first.occurrence_id)
    booked = cancel(gone, house.member, now=house.now)
    longer = replace(wish, end=house.at(10.5))
    booked = change(
        ChangeRequest(booked.booking_id, booked.version, longer), house.member, now=house.now
    )
    assert booked.state is State.CONFIRMED
    too_long = replace(wish, end=house.at(10.75))
    with pytest.raises(NotAllowed):
        asked = ChangeRequest(booked.booking_id, booked.version, too_long)
        change(asked, house.member, now=house.now)


def test_booking_that_changes_its_organisation_counts_to_the_other(
    house: House, session: Session
) -> None:
    fair(house, Limits(month_hours=hours(2)))
    both = house.add_person("Both", organisation=house.ours)
    both = replace(both, organisations=frozenset({house.ours, house.theirs}))
    wish = house.request(start=9, end=11, organisation_id=house.ours)
    booked = book(wish, both, now=house.now)
    other = replace(wish, organisation_id=house.theirs)
    booked = change(ChangeRequest(booked.booking_id, booked.version, other), both, now=house.now)
    book(replace(wish, start=house.at(12), end=house.at(14)), both, now=house.now)
    back = ChangeRequest(booked.booking_id, booked.version, wish)
    with pytest.raises(NotAllowed) as error:
        change(back, both, now=house.now)
    assert [each.code for each in error.value.messages] == ["use_month_hours"]


def test_booking_that_changes_its_organisation_asks_where_more_asks(house: House) -> None:
    fair(house, Limits(month_hours=hours(1), over=ASK))
    wish = house.request(start=9, end=11)
    booked = book(wish, house.member, now=house.now)
    assert booked.state is State.CONFIRMED
    other = replace(wish, organisation_id=house.ours)
    changed = ChangeRequest(booked.booking_id, booked.version, other)
    assert change(changed, house.member, now=house.now).state is State.REQUESTED


def test_accepting_an_offer_counts_it(house: House, session: Session) -> None:
    fair(house, Limits(month_hours=hours(2)))
    mine = {"organisation_id": house.ours}
    asked = book(house.request(house.cedar, start=9, end=10, **mine), house.member, now=house.now)
    proposal = ProposalRequest(
        asked.booking_id, asked.version, (house.cedar.id,), house.at(14), house.at(16)
    )
    offer = propose(proposal, house.approver, now=house.now)
    book(house.request(start=9, end=10, **mine), house.member, now=house.now)
    with pytest.raises(NotAllowed):
        accept_offer(offer, house.member, now=house.now)


def test_archived_room_counts_for_what_was_booked_in_it(house: House, session: Session) -> None:
    """The account uses what it has, whatever else becomes of the room."""
    fair(house, Limits(month_hours=hours(2)))
    house.add_booking(start=9, end=11)
    account = Account(house.ours, None)
    (march,) = _march(house)
    assert use_of(session, account, [march], site_id=house.site.id)[march].time == hours(2)
    assert use_of(session, account, [march], site_id=house.site.id + 1) == {}


def _march(house: House) -> list[Period]:
    limits = Limits(month_hours=hours(1))
    wanted = [house.interval(9, 10)]
    return periods(wanted, limits, Peak(), site=house.site, now=house.now)


def test_the_database_counts_as_the_rules_do(house: House, session: Session) -> None:
    """Bookings of all lengths at any time, over both ends of months and weeks."""
    dice = random.Random(20270310)
    parts = []
    for number in range(60):
        room = house.add_space(f"Room {number}", weight=dice.choice((100, 50, 0, 200)))
        start = dice.randrange(-400, 1200) / 4 * 6
        end = start + dice.choice((0.25, 1, 3, 26, 24 * 7, 24 * 31))
        state = dice.choice((State.CONFIRMED, State.CONFIRMED, State.CANCELLED, State.REFUSED))
        house.add_booking(room, start=start, end=end, state=state)
        if state is State.CONFIRMED:
            parts.append(Part(house.interval(start, end), room.weight, number))
    limits = Limits(month_peak=hours(1), week_peak=hours(1), coming=1)
    wanted = [house.interval(24 * day, 24 * day + 1) for day in range(0, 90, 3)]
    peak = Peak(frozenset({0, 3, 6}), time(17), time(0))
    among = periods(wanted, limits, peak, site=house.site, now=house.now)
    assert {each.span for each in among} == set(Span)
    stored = use_of(session, Account(house.ours, None), among, site_id=house.site.id)
    expected = count(parts, among)
    for each in among:
        found = stored.get(each, Use())
        assert (found.peak, found.dates) == (expected[each].peak, expected[each].dates), each
        if each.span is not Span.COMING:
            assert found.time == expected[each].time, each
    both = use_of_organisations(session, [house.theirs, house.ours], among, site_id=house.site.id)
    assert both == use_of_all(session, among, site_id=house.site.id) == {house.ours: stored}


def test_two_rooms_at_the_same_moment_do_not_both_have_the_last_hour(
    house: House, engine_url: str
) -> None:
    """Eight rooms, one organisation, three hours left: three bookings, whoever is first."""
    fair(house, Limits(month_hours=hours(3)))
    rooms = [house.add_space(f"Room {number}") for number in range(8)]
    people = [house.add_person(f"Person{number}", organisation=house.ours) for number in range(8)]
    attempts = [
        Attempt(book, house.request(room, organisation_id=house.ours), person)
        for room, person in zip(rooms, people, strict=True)
    ]
    (outcomes,) = race(engine_url, attempts)
    assert Counter(each.kind for each in outcomes) == {"won": 3, "NotAllowed": 5}


def test_changes_and_bookings_of_one_organisation_do_not_pass_the_limit_together(
    house: House, engine_url: str, session: Session
) -> None:
    fair(house, Limits(month_hours=hours(8)))
    rooms = [house.add_space(f"Room {number}") for number in range(8)]
    mine = {"organisation_id": house.ours}
    ids = [
        book(house.request(room, start=9, end=9.5, **mine), house.member, now=house.now).booking_id
        for room in rooms[:4]
    ]
    wishes = [as_request(agenda.booking(session, each)) for each in ids]
    session.rollback()
    changes = [
        Attempt(change, ChangeRequest(each, 1, replace(wish, end=house.at(11))), house.member)
        for each, wish in zip(ids, wishes, strict=True)
    ]
    books = [
        Attempt(book, house.request(room, start=9, end=11, **mine), house.manager)
        for room in rooms[4:]
    ]
    (outcomes,) = race(engine_url, [*changes, *books])
    assert set(Counter(each.kind for each in outcomes)) == {"won", "NotAllowed"}
    (march,) = _march(house)
    used = use_of(session, Account(house.ours, None), [march], site_id=house.site.id)[march]
    assert hours(6) < used.time <= hours(8)


def test_hours_of_a_lease_are_what_the_rent_includes(house: House) -> None:
    """They take the place of what fair use says, as long as the lease runs."""
    house.count_use(included=timedelta(hours=1), beyond=Stance.REFUSE)
    wish = house.lease_request(
        house.add_office(), starts=NOW.date(), ends=NOW.date(), rooms=timedelta(hours=3)
    )
    create_lease(wish, house.admin, now=NOW)
    asked = house.request(start=9, end=12, organisation_id=house.ours)
    with pytest.raises(NotAllowed):
        book(asked, house.member, now=NOW + timedelta(days=1))
    book(asked, house.member, now=NOW)
    with pytest.raises(NotAllowed):
        book(
            house.request(house.birch, start=9, end=10, organisation_id=house.ours),
            house.member,
            now=NOW,
        )
