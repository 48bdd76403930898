"""The rules of a room, set and kept: by the verbs that set them, and by those that book."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.actions.bookings import book, change, preview
from booking.actions.bookings.change import as_request
from booking.actions.spaces import set_policy, set_site_policy
from booking.core.errors import Conflicted, InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.recurrence import to_local
from booking.core.requests import ChangeRequest
from booking.core.values import Hours, Policy, SitePolicy, Stance, State
from booking.models import Audit
from booking.queries import agenda, houses
from tests.support.factories import House

EVENINGS_ASK = Policy(outside_hours=Stance.ASK)
NO_EVENINGS = Policy(outside_hours=Stance.REFUSE)


def ruled(house: House, policy: Policy) -> None:
    set_policy(house.atlas.id, policy, house.admin, version=1, now=house.now)


def codes(error: Any) -> list[tuple[str, str]]:
    return [(each.code, each.field) for each in error.value.messages]


def test_set_policy_is_stored_with_audit_and_a_new_revision(house: House, session: Session) -> None:
    assert set_policy(house.atlas.id, EVENINGS_ASK, house.admin, version=1, now=house.now) == 2
    stored = houses.spaces_by_id(session, [house.atlas.id])[house.atlas.id]
    assert (stored.policy, stored.version) == (EVENINGS_ASK, 2)
    audit = session.execute(select(Audit)).scalars().one()
    assert (audit.verb, audit.entity, audit.old, audit.new) == (
        "set_policy",
        "space",
        {},
        {"outside_hours": "ask"},
    )
    revision = "SELECT revision FROM collection WHERE kind = 'space' AND owner_id = :id"
    assert session.execute(text(revision), {"id": house.atlas.id}).scalar_one() == 1


def test_set_policy_back_to_none_stores_nothing(house: House, session: Session) -> None:
    ruled(house, EVENINGS_ASK)
    set_policy(house.atlas.id, Policy(), house.admin, version=2, now=house.now)
    row = session.execute(text("SELECT policy FROM space WHERE id = :id"), {"id": house.atlas.id})
    assert row.scalar_one() is None


def test_the_second_of_two_administrators_is_told(house: House, session: Session) -> None:
    ruled(house, EVENINGS_ASK)
    with pytest.raises(Stale) as refused:
        set_policy(house.atlas.id, NO_EVENINGS, house.admin, version=1, now=house.now)
    assert refused.value.current == 2
    assert houses.spaces_by_id(session, [house.atlas.id])[house.atlas.id].policy == EVENINGS_ASK


def test_set_policy_is_for_administrators(house: House, session: Session) -> None:
    for actor in (house.member, house.manager, house.approver):
        with pytest.raises(NotAllowed):
            set_policy(house.atlas.id, EVENINGS_ASK, actor, version=1, now=house.now)
        with pytest.raises(NotAllowed):
            set_site_policy(house.site.id, SitePolicy(), actor, version=1, now=house.now)


def test_set_policy_of_no_space(house: House, session: Session) -> None:
    with pytest.raises(NotFound):
        set_policy(999, EVENINGS_ASK, house.admin, version=1, now=house.now)


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        (Policy(organisations=frozenset({999})), "organisations"),
        (Policy(insiders=frozenset({999}), ask_outsiders=True), "insiders"),
    ],
)
def test_set_policy_for_nobody(house: House, session: Session, policy: Policy, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ruled(house, policy)
    assert codes(refused) == [("policy_nobody", field)]


def test_set_site_policy(house: House, session: Session) -> None:
    policy = SitePolicy(holidays=Stance.REFUSE, expire_after=timedelta(days=3))
    assert set_site_policy(house.site.id, policy, house.admin, version=1, now=house.now) == 2
    assert houses.site(session, house.site.id).policy == policy
    with pytest.raises(Stale):
        set_site_policy(house.site.id, SitePolicy(), house.admin, version=1, now=house.now)


# --- the verbs that book


def test_book_in_the_evening_asks(house: House, session: Session) -> None:
    ruled(house, EVENINGS_ASK)
    wish = house.request(start=19, end=21)
    asks = preview(wish, house.member, now=house.now).asks
    assert [each.code for each in asks[house.atlas.id]] == ["approval_after"]
    assert book(wish, house.member, now=house.now).state is State.REQUESTED
    by_day = house.request(start=10, end=11)
    assert preview(by_day, house.member, now=house.now).asks == {}
    assert book(by_day, house.member, now=house.now).state is State.CONFIRMED


def test_book_in_the_evening_is_refused_and_stores_nothing(house: House, session: Session) -> None:
    ruled(house, NO_EVENINGS)
    with pytest.raises(NotAllowed) as refused:
        book(house.request(start=19, end=21), house.member, now=house.now)
    assert codes(refused) == [("after_closing", "end")]
    assert session.execute(text("SELECT count(*) FROM booking")).scalar_one() == 0
    assert book(house.request(start=19, end=21), house.admin, now=house.now).state is (
        State.CONFIRMED
    )


def test_book_on_a_public_holiday(house: House, session: Session) -> None:
    """Easter Monday of 2027 is 29 March, 18 days after the house's tomorrow."""
    ruled(house, Policy(holidays=Stance.REFUSE))
    with pytest.raises(NotAllowed) as refused:
        book(house.request(day=18), house.member, now=house.now)
    assert codes(refused) == [("on_holiday", "date")]
    assert refused.value.messages[0].params["holiday"] == "Lundi de Pâques"
    book(house.request(day=19), house.member, now=house.now)


def test_alternatives_keep_to_the_rules(house: House, session: Session) -> None:
    """The room closes at 18 for members: nothing after that is offered, nor the other room."""
    week = (Hours(house.site.opens, house.site.closes.replace(hour=18)),) * 7
    ruled(house, Policy(hours=week, outside_hours=Stance.REFUSE))
    closed = Policy(roles=frozenset({house.admin.role}))
    set_policy(house.birch.id, closed, house.admin, version=1, now=house.now)
    house.add_booking(house.atlas, start=8, end=17)
    with pytest.raises(Conflicted) as refused:
        book(house.request(start=16, end=17.5), house.member, now=house.now)
    offered = refused.value.alternatives
    assert house.birch.id not in {each for one in offered for each in one.space_ids}
    ends = {
        to_local(each.interval.end, house.site.zone).time()
        for each in offered
        if each.space_ids == (house.atlas.id,)
    }
    assert ends
    assert max(ends) <= week[0].closes


def test_a_change_that_only_shrinks_is_not_asked_about_again(
    house: House, session: Session
) -> None:
    made = book(house.request(start=18, end=21), house.member, now=house.now)
    ruled(house, Policy(outside_hours=Stance.REFUSE, notice=timedelta(days=7)))
    before = agenda.booking(session, made.booking_id)
    shorter = replace(as_request(before), end=house.at(20.5))
    done = change(
        ChangeRequest(made.booking_id, before.version, shorter), house.member, now=house.now
    )
    assert done.state is State.CONFIRMED
    longer = replace(shorter, end=house.at(21))
    with pytest.raises(NotAllowed):
        change(ChangeRequest(made.booking_id, done.version, longer), house.member, now=house.now)
