"""Signing in, choosing passwords, and the limit of failed tries."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import delete, func, select, update

from booking.actions.accounts import Limits, archive_person, change_own_password, set_password
from booking.actions.accounts import sign_in as sign_in_from
from booking.actions.accounts.passwords import is_outdated
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, SignInFailed, TooManyAttempts
from booking.core.values import OPERATOR, Actor, Door
from booking.models import Attempt, Audit, Invitation, Person
from tests.support.databases import writing
from tests.support.factories import NOW, PASSWORD, House
from tests.support.racing import Attempt as Runner
from tests.support.racing import race

LIMITS = Limits(attempts=3, window=timedelta(minutes=15))
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
NEW = "seven green lamps"


def sign_in(email: str, password: str = PASSWORD, *, address=HOME, now=NOW, limits=LIMITS) -> int:
    return sign_in_from(email, password, address=address, now=now, limits=limits)


def fail(email: str, times: int, *, address=HOME, now=NOW, limits=LIMITS) -> None:
    for _ in range(times):
        with pytest.raises(SignInFailed):
            sign_in(email, "wrong", address=address, now=now, limits=limits)


def tries(session) -> int:
    session.rollback()
    return session.execute(select(func.count()).select_from(Attempt)).scalar_one()


def stored(session, actor: Actor) -> Person:
    session.rollback()
    session.expire_all()
    return session.get(Person, actor.person_id)


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("member@example.org", id="as-stored"),
        pytest.param(" Member@Example.ORG ", id="as-typed-on-a-phone"),
    ],
)
def test_sign_in_of_person(session, house: House, email):
    assert sign_in(email) == house.member.person_id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("member@example.org", "wrong", id="wrong-password"),
        pytest.param("member@example.org", "", id="no-password"),
        pytest.param("nobody@example.org", PASSWORD, id="unknown-address"),
        pytest.param("", "", id="nothing"),
        pytest.param("member@example.org\0", "wrong", id="nul"),
        pytest.param("member\ud800@example.org", "wrong", id="half-a-character"),
        pytest.param("m" * 10_000, PASSWORD, id="endless"),
        pytest.param("%@example.org", PASSWORD, id="wildcard"),
    ],
)
def test_sign_in_refuses(session, house: House, email, password):
    with pytest.raises(SignInFailed):
        sign_in(email, password)


def test_sign_in_without_stored_password_fails(session, house: House):
    with writing(house.engine) as connection:
        connection.execute(update(Person).values(password_hash=None))
    with pytest.raises(SignInFailed):
        sign_in("member@example.org")


def test_sign_in_of_archived_person_fails(session, house: House):
    archive_person(house.member.person_id, house.admin, now=NOW)
    with pytest.raises(SignInFailed):
        sign_in("member@example.org")


def test_sign_in_makes_an_outdated_hash_new_once(session, house: House):
    sign_in("member@example.org")
    first = stored(session, house.member).password_hash
    assert not is_outdated(first)
    sign_in("member@example.org")
    assert stored(session, house.member).password_hash == first


def test_sign_in_after_too_many_tries_refused_even_with_the_password(session, house: House):
    fail("member@example.org", 3)
    with pytest.raises(TooManyAttempts) as caught:
        sign_in("member@example.org")
    assert caught.value.retry_after_s == 15 * 60


def test_sign_in_limit_counts_unknown_addresses_alike(session, house: House):
    fail("nobody@example.org", 3)
    with pytest.raises(TooManyAttempts):
        sign_in("nobody@example.org")


def test_sign_in_limit_of_account_holds_from_elsewhere(session, house: House):
    fail("member@example.org", 3)
    with pytest.raises(TooManyAttempts):
        sign_in("member@example.org", address=ELSEWHERE)


def test_sign_in_limit_of_account_leaves_others_alone(session, house: House):
    fail("member@example.org", 3)
    assert sign_in("stranger@example.org") == house.stranger.person_id


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(HOME, HOME, id="same"),
        pytest.param("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", id="same-ipv6-network"),
        pytest.param("::ffff:192.0.2.1", HOME, id="ipv4-in-ipv6"),
    ],
)
def test_sign_in_limit_of_address(session, house: House, first, second):
    for number in range(30):
        fail(f"nobody{number}@example.org", 1, address=first)
    with pytest.raises(TooManyAttempts):
        sign_in("member@example.org", address=second)


def test_sign_in_limit_of_address_leaves_other_networks_alone(session, house: House):
    for number in range(30):
        fail(f"nobody{number}@example.org", 1, address="2001:db8:1:2::1")
    assert sign_in("member@example.org", address="2001:db8:1:3::1") == house.member.person_id


def test_sign_in_limit_ends_with_the_window(session, house: House):
    fail("member@example.org", 1)
    fail("member@example.org", 2, now=NOW + timedelta(minutes=5))
    with pytest.raises(TooManyAttempts) as caught:
        sign_in("member@example.org", now=NOW + timedelta(minutes=14))
    assert caught.value.retry_after_s == 60
    later = NOW + timedelta(minutes=15)
    assert sign_in("member@example.org", now=later) == house.member.person_id


def test_sign_in_refused_try_does_not_lengthen_the_wait(session, house: House):
    fail("member@example.org", 3)
    for minute in range(1, 15):
        with pytest.raises(TooManyAttempts):
            sign_in("member@example.org", now=NOW + timedelta(minutes=minute))
    assert sign_in("member@example.org", now=NOW + timedelta(minutes=15))


def test_sign_in_forgets_the_tries_of_the_account(session, house: House):
    fail("member@example.org", 2)
    sign_in("member@example.org")
    fail("member@example.org", 2)
    assert sign_in("member@example.org") == house.member.person_id


def test_sign_in_keeps_the_failures_of_the_address(session, house: House):
    fail("nobody@example.org", 2)
    sign_in("member@example.org")
    assert tries(session) == 4


def test_sign_in_removes_tries_that_nobody_counts(session, house: House):
    fail("nobody@example.org", 2)
    sign_in("member@example.org", now=NOW + timedelta(minutes=15))
    assert tries(session) == 0


def test_sign_in_tries_at_once_stay_within_the_limit(house: House, engine_url: str):
    verb = partial(sign_in_from, address=HOME, limits=LIMITS)
    runners = [Runner(verb, "member@example.org", "wrong") for _ in range(8)]
    (outcomes,) = race(engine_url, runners)
    kinds = sorted(each.kind for each in outcomes)
    assert kinds == ["SignInFailed"] * 3 + ["TooManyAttempts"] * 5


def change(actor: Actor, *, current: str = PASSWORD, new: str = NEW, limits=LIMITS) -> None:
    change_own_password(current, new, actor=actor, now=NOW, limits=limits)


def test_change_own_password_counts_and_ends_sessions(session, house: House):
    before = stored(session, house.member).sign_in_epoch
    change(house.member)
    assert stored(session, house.member).sign_in_epoch == before + 1
    assert sign_in("member@example.org", NEW) == house.member.person_id
    with pytest.raises(SignInFailed):
        sign_in("member@example.org", PASSWORD)


def test_change_own_password_asks_for_the_present_one(session, house: House):
    with pytest.raises(InvalidRequest) as caught:
        change(house.member, current="wrong")
    assert [(each.code, each.field) for each in caught.value.messages] == [
        ("password_wrong", "current")
    ]
    assert sign_in("member@example.org") == house.member.person_id


def test_change_own_password_limits_tries(session, house: House):
    for _ in range(3):
        with pytest.raises(InvalidRequest):
            change(house.member, current="wrong")
    with pytest.raises(TooManyAttempts):
        change(house.member)


def test_change_own_password_refused_new_one_is_no_failed_try(session, house: House):
    for _ in range(4):
        with pytest.raises(InvalidRequest) as caught:
            change(house.member, new="short")
    assert caught.value.messages[0].code == "password_too_short"


def test_change_own_password_of_nobody(session, house: House):
    with pytest.raises(NotAllowed):
        change(OPERATOR)


@pytest.mark.parametrize("who", ["member", "manager", "approver", "stranger"])
def test_set_password_is_for_admins(session, house: House, who):
    with pytest.raises(NotAllowed):
        set_password(house.member.person_id, NEW, actor=getattr(house, who), now=NOW)


def test_set_password_by_the_operator_makes_links_void(session, house: House):
    with writing(house.engine) as connection:
        connection.execute(delete(Invitation))
        connection.execute(
            Invitation.__table__.insert().values(
                token_hash="0" * 64,
                email="member@example.org",
                person_id=house.member.person_id,
                created_s=NOW,
                expires_s=NOW + timedelta(days=1),
                name="",
                is_manager=False,
                grants=[],
            )
        )
    set_password(house.member.person_id, NEW, actor=OPERATOR, now=NOW)
    assert sign_in("member@example.org", NEW) == house.member.person_id
    session.rollback()
    assert session.execute(select(Invitation.used_at)).scalar_one() == NOW


def test_set_password_of_unknown_person(session, house: House):
    with pytest.raises(NotFound):
        set_password(999_999, NEW, actor=OPERATOR, now=NOW)


def test_set_password_audit_says_who_and_by_which_door_but_no_hash(session, house: House):
    set_password(house.member.person_id, NEW, actor=OPERATOR, now=NOW)
    session.rollback()
    audit = session.execute(select(Audit)).scalars().one()
    assert (audit.actor_id, audit.door, audit.verb, audit.entity, audit.entity_id) == (
        None,
        Door.CLI.value,
        "password",
        "person",
        house.member.person_id,
    )
    assert (audit.old, audit.new) == (None, None)
