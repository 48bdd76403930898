"""Calendar links: made, revoked, marked as used."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking import secrets
from booking.actions.subscriptions import (
    MOST_LINKS,
    SubscriptionRequest,
    create_subscription,
    revoke_subscription,
    touch_subscription,
)
from booking.core.calendars import Scope
from booking.core.errors import BookingError, InvalidRequest, NotAllowed, NotFound
from booking.core.values import OPERATOR
from booking.db import write
from booking.models import Audit, Space, Subscription
from booking.queries.subscriptions import subscription_of_token, subscriptions
from tests.support.factories import NOW

MINUTE = timedelta(minutes=1)


def link(actor, *, now=NOW, **request):
    """Make a link and return it."""
    return create_subscription(SubscriptionRequest(**{"name": "phone"} | request), actor, now=now)


def refusal(error: type[BookingError], call, *args, **kwargs) -> tuple[str, str]:
    """Return code and field of the message that a call refuses with."""
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    (message,) = caught.value.messages
    return message.code, message.field


def test_create_subscription_stores_the_hash_alone(session, house):
    made = link(
        house.member, name=" My   phone ", scope=Scope(space_id=house.atlas.id), detail="busy"
    )

    stored = session.get(Subscription, made.id)
    assert stored.token_hash == secrets.hash_token(made.token)
    assert (stored.person_id, stored.space_id) == (house.member.person_id, house.atlas.id)
    assert (stored.name, stored.detail) == ("My phone", "busy")
    assert (stored.created_at, stored.last_used_at, stored.revoked_at) == (NOW, None, None)
    assert made.path == f"/feeds/{made.token}.ics"
    assert len(made.token) >= 32


def test_create_subscription_is_audited_without_the_secret(session, house):
    made = link(house.member)

    [row] = session.execute(select(Audit).where(Audit.entity == "subscription")).scalars()
    assert (row.verb, row.entity_id, row.actor_id) == (
        "create_subscription",
        made.id,
        house.member.person_id,
    )
    assert made.token not in repr(row.new)
    assert secrets.hash_token(made.token) not in repr(row.new)


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        pytest.param({"name": "  "}, "name_missing", "name", id="no-name"),
        pytest.param({"name": "x" * 121}, "name_too_long", "name", id="long-name"),
        pytest.param({"name": "a\x00b"}, "text_unprintable", "name", id="control-character"),
        pytest.param({"detail": "all"}, "detail_unknown", "detail", id="detail"),
        pytest.param(
            {"scope": Scope(space_id=99_999)}, "space_unknown", "scope", id="no-such-room"
        ),
    ],
)
def test_create_subscription_refuses(session, house, request_, code, field):
    assert refusal(InvalidRequest, link, house.member, **request_) == (code, field)
    assert subscriptions(session) == []


def test_create_subscription_refuses_an_archived_room(session, house):
    with write() as writing:
        writing.execute(update(Space).where(Space.id == house.birch.id).values(archived_at=NOW))
    refused = refusal(InvalidRequest, link, house.member, scope=Scope(space_id=house.birch.id))
    assert refused == ("space_unknown", "scope")


def test_create_subscription_for_somebody_else_is_for_admins(session, house):
    other = house.stranger.person_id
    assert refusal(NotAllowed, link, house.member, person_id=other) == ("admins_only", "")
    assert refusal(NotAllowed, link, house.approver, person_id=other) == ("admins_only", "")

    link(house.admin, person_id=other)
    link(OPERATOR, person_id=other)

    assert [each.person_id for each in subscriptions(session)] == [other, other]


def test_create_subscription_of_nobody_is_refused(session, house):
    assert refusal(NotAllowed, link, OPERATOR) == ("admins_only", "")
    with pytest.raises(NotFound):
        link(OPERATOR, person_id=99_999)


def test_create_subscription_has_a_limit_of_open_links(session, house):
    made = [link(house.member) for _ in range(MOST_LINKS)]
    assert refusal(NotAllowed, link, house.member) == ("too_many_links", "")

    revoke_subscription(made[0].id, house.member, now=NOW)
    link(house.member)
    link(house.stranger)


def test_subscriptions_are_listed_latest_first(session, house):
    first = link(house.member)
    second = link(house.member, scope=Scope(space_id=house.birch.id), now=NOW + MINUTE)
    link(house.stranger)

    listed = subscriptions(session, house.member.person_id)

    assert [each.id for each in listed] == [second.id, first.id]
    assert [each.place for each in listed] == ["Birch", ""]
    assert {each.owner_email for each in listed} == {"member@example.org"}
    assert len(subscriptions(session)) == 3


def test_revoke_subscription_ends_the_link(session, house):
    made = link(house.member)

    revoke_subscription(made.id, house.member, now=NOW + MINUTE)
    revoke_subscription(made.id, house.member, now=NOW + 2 * MINUTE)

    assert subscriptions(session) == []
    with pytest.raises(NotFound):
        subscription_of_token(session, secrets.hash_token(made.token))
    assert session.get(Subscription, made.id).revoked_at == NOW + MINUTE
    verbs = session.execute(select(Audit.verb).order_by(Audit.id)).scalars().all()
    assert verbs == ["create_subscription", "revoke_subscription"]


def test_revoke_subscription_of_somebody_else_is_not_found(session, house):
    made = link(house.member)
    for actor in (house.stranger, house.manager, house.approver):
        with pytest.raises(NotFound):
            revoke_subscription(made.id, actor, now=NOW)
    assert len(subscriptions(session)) == 1

    revoke_subscription(made.id, house.admin, now=NOW)
    assert subscriptions(session) == []


def test_revoke_subscription_of_no_link_is_not_found(session, house):
    with pytest.raises(NotFound):
        revoke_subscription(99_999, house.admin, now=NOW)


def test_touch_subscription_notes_the_use_once_an_hour(session, house):
    made = link(house.member)

    def touched_at(minutes: int):
        touch_subscription(made.id, now=NOW + minutes * MINUTE)
        session.expire_all()
        return session.get(Subscription, made.id).last_used_at

    assert touched_at(1) == NOW + MINUTE
    assert touched_at(60) == NOW + MINUTE
    assert touched_at(61) == NOW + 61 * MINUTE
