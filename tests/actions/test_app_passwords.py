"""App passwords: made, used by a device, revoked."""

import re
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, update

from booking import secrets
from booking.actions.accounts import Limits, archive_person
from booking.actions.app_passwords import (
    MOST_PASSWORDS,
    AppPasswordRequest,
    choose_calendars,
    create_app_password,
    revoke_app_password,
    sign_in_device,
)
from booking.core.devices import Access
from booking.core.errors import (
    BookingError,
    InvalidRequest,
    NotAllowed,
    NotFound,
    SignInFailed,
    TooManyAttempts,
)
from booking.core.values import OPERATOR, Door
from booking.db import write
from booking.models import AppPassword, Attempt, Audit, Job, Notice, Person
from booking.queries.app_passwords import app_passwords
from tests.support.factories import NOW, PASSWORD
from tests.support.racing import Attempt as Runner
from tests.support.racing import race

LIMITS = Limits(attempts=3, window=timedelta(minutes=15))
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
MINUTE = timedelta(minutes=1)


def make(actor, name="phone", **more):
    """Make a password and return it."""
    return create_app_password(AppPasswordRequest(name, **more), actor, now=NOW)


def sign_in(secret, login="member@example.org", *, address=HOME, now=NOW):
    """Come in as a device."""
    return sign_in_device(login, secret, address=address, now=now, limits=LIMITS)


def refusal(error: type[BookingError], call, *args, **kwargs) -> tuple[str, str]:
    """Return code and field of the message that a call refuses with."""
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    (message,) = caught.value.messages
    return message.code, message.field


def fail(times, **how):
    """Try a wrong secret."""
    for _ in range(times):
        with pytest.raises(SignInFailed):
            sign_in("wrong", **how)


def test_create_stores_the_hash_alone_and_says_so_to_the_person(session, house):
    made = make(house.member, name=" My   phone ", access="read")

    stored = session.get(AppPassword, made.id)
    assert re.fullmatch(r"([0-9a-z]{4}-){6}[0-9a-z]{4}", made.secret)
    assert stored.secret_hash == secrets.hash_token(made.secret.replace("-", ""))
    assert (stored.person_id, stored.name, stored.access) == (
        house.member.person_id,
        "My phone",
        "read",
    )
    assert (stored.created_at, stored.last_used_at, stored.revoked_at) == (NOW, None, None)
    [told] = session.execute(select(Notice)).scalars()
    assert (told.person_id, told.code) == (house.member.person_id, "notice_app_password")
    assert told.params == {"device": "My phone"}
    assert session.execute(select(func.count()).where(Job.kind == "mail")).scalar_one() == 1
    [row] = session.execute(select(Audit).where(Audit.entity == "app_password")).scalars()
    assert (row.verb, row.entity_id, row.actor_id) == (
        "create_app_password",
        made.id,
        house.member.person_id,
    )
    for text in (made.secret, stored.secret_hash):
        assert text not in repr((row.new, told.params))


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        pytest.param({"name": "  "}, "name_missing", "name", id="no-name"),
        pytest.param({"name": "x" * 121}, "name_too_long", "name", id="long-name"),
        pytest.param({"name": "a\x00b"}, "text_unprintable", "name", id="control-character"),
        pytest.param({"access": "all"}, "access_unknown", "access", id="access"),
    ],
)
def test_create_refuses(session, house, request_, code, field):
    assert refusal(InvalidRequest, make, house.member, **request_) == (code, field)


def test_nobody_makes_one_for_somebody_else_but_the_operator(session, house):
    theirs = {"person_id": house.member.person_id}
    assert refusal(NotAllowed, make, house.admin, **theirs)[0] == "only_for_yourself"
    made = make(OPERATOR, **theirs)
    assert sign_in(made.secret).actor.person_id == house.member.person_id
    with pytest.raises(NotFound):
        make(OPERATOR, person_id=99_999)


def test_a_person_has_no_more_than_the_most(session, house):
    rows = [
        {
            "secret_hash": f"{number}",
            "person_id": house.member.person_id,
            "name": "x",
            "access": "read",
            "created_at": NOW,
        }
        for number in range(MOST_PASSWORDS - 1)
    ]
    with write() as writing:
        writing.execute(AppPassword.__table__.insert(), [_columns(row) for row in rows])
    last = make(house.member)
    assert refusal(NotAllowed, make, house.member)[0] == "too_many_app_passwords"
    make(house.stranger)
    revoke_app_password(last.id, house.member, now=NOW)
    make(house.member)


def _columns(row):
    return {{"created_at": "created_s"}.get(key, key): value for key, value in row.items()}


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(lambda secret: secret, id="as-shown"),
        pytest.param(lambda secret: secret.upper().replace("-", " "), id="as-typed-on-a-phone"),
        pytest.param(lambda secret: secret.replace("0", "O").replace("1", "l"), id="as-read"),
    ],
)
def test_device_signs_in(session, house, typed):
    made = make(house.member, access="read")

    device = sign_in(typed(made.secret), " Member@Example.ORG ")

    assert (device.id, device.name, device.access) == (made.id, "phone", Access.READ)
    assert not device.may_write
    assert device.lists("space", house.atlas.id)
    assert device.actor.person_id == house.member.person_id
    assert device.actor.organisations == {house.ours}
    assert device.actor.door is Door.DAV


@pytest.mark.parametrize(
    ("login", "secret"),
    [
        pytest.param("member@example.org", "wrong", id="wrong"),
        pytest.param("member@example.org", "", id="nothing"),
        pytest.param("member@example.org", PASSWORD, id="password-of-the-account"),
        pytest.param("nobody@example.org", None, id="unknown-address"),
        pytest.param("stranger@example.org", None, id="address-of-somebody-else"),
        pytest.param("member@example.org", "\ud800", id="half-a-character"),
        pytest.param("member\0@example.org", "0" * 28, id="nul"),
        pytest.param("m" * 10_000, "0" * 10_000, id="endless"),
        pytest.param("member@example.org", "٠" * 28, id="other-digits"),
    ],
)
def test_device_is_refused(session, house, login, secret):
    made = make(house.member)
    with pytest.raises(SignInFailed):
        sign_in(made.secret if secret is None else secret, login)


def test_revoked_and_archived_do_not_sign_in(session, house):
    first, second = make(house.member), make(house.member)
    revoke_app_password(first.id, house.member, now=NOW)
    with pytest.raises(SignInFailed):
        sign_in(first.secret)
    assert sign_in(second.secret).id == second.id
    archive_person(house.member.person_id, house.admin, now=NOW)
    with pytest.raises(SignInFailed):
        sign_in(second.secret)
    stored = session.execute(select(AppPassword.revoked_at)).scalars().all()
    assert stored == [NOW, NOW]


def test_an_address_that_comes_back_brings_no_old_password(session, house):
    made = make(house.member)
    archive_person(house.member.person_id, house.admin, now=NOW)
    with write() as writing:
        writing.execute(update(Person).values(archived_at=None))
    with pytest.raises(SignInFailed):
        sign_in(made.secret)


def test_revoking_is_audited_once_and_only_by_who_may(session, house):
    made = make(house.member)
    for actor in (house.stranger, house.manager):
        with pytest.raises(NotFound):
            revoke_app_password(made.id, actor, now=NOW)
    revoke_app_password(made.id, house.admin, now=NOW)
    revoke_app_password(made.id, house.member, now=NOW + MINUTE)
    session.rollback()
    assert session.get(AppPassword, made.id).revoked_at == NOW
    verbs = session.execute(select(Audit.verb).where(Audit.entity == "app_password")).scalars()
    assert [*verbs] == ["create_app_password", "revoke_app_password"]
    with pytest.raises(NotFound):
        revoke_app_password(99_999, house.admin, now=NOW)


def test_too_many_failures_are_told_to_wait(session, house):
    fail(3)
    with pytest.raises(TooManyAttempts) as caught:
        sign_in("wrong", address=ELSEWHERE)
    assert caught.value.retry_after_s == 15 * 60
    fail(1, now=NOW + 15 * MINUTE)


def test_failures_of_an_address_count_over_all_accounts(session, house):
    for number in range(30):
        fail(1, login=f"nobody{number}@example.org")
    with pytest.raises(TooManyAttempts):
        sign_in("wrong", "other@example.org")
    fail(1, login="other@example.org", address=ELSEWHERE)


def test_nobody_locks_a_device_out(session, house):
    made = make(house.member)
    fail(3)
    assert sign_in(made.secret).id == made.id


def test_failures_at_the_same_time_do_not_pass_the_limit_together(house, engine_url):
    verb = partial(sign_in_device, address=HOME, limits=LIMITS)
    runners = [Runner(verb, "member@example.org", "wrong") for _ in range(8)]
    (outcomes,) = race(engine_url, runners)
    kinds = sorted(each.kind for each in outcomes)
    assert kinds == ["SignInFailed"] * 3 + ["TooManyAttempts"] * 5


def test_use_is_noted_once_an_hour(session, house, count):
    made = make(house.member)
    sign_in(made.secret, now=NOW + MINUTE)
    sign_in(made.secret, now=NOW + 30 * MINUTE)
    [seen] = app_passwords(session, house.member.person_id)
    assert seen.last_used_at == NOW + MINUTE
    sign_in(made.secret, now=NOW + 61 * MINUTE)
    session.rollback()
    [seen] = app_passwords(session)
    assert seen.last_used_at == NOW + 61 * MINUTE
    with count() as statements:
        sign_in(made.secret, now=NOW + 62 * MINUTE)
    assert len(statements) == 1
    assert session.execute(select(func.count()).select_from(Attempt)).scalar_one() == 0


def test_app_lists_the_calendars_that_were_chosen(session, house):
    made = make(house.member)
    words = [f"space-{house.atlas.id}", f"organisation-{house.ours}"]
    words += [f"person-{house.member.person_id}", f"programme-{house.site.id}"]

    choose_calendars(made.id, words, house.member, now=NOW)

    device = sign_in(made.secret)
    assert device.lists("space", house.atlas.id)
    assert not device.lists("space", house.birch.id)
    assert {*map(str, device.collections)} == {*words}
    choose_calendars(made.id, words, house.member, now=NOW)
    choose_calendars(made.id, None, house.member, now=NOW)
    session.rollback()
    assert sign_in(made.secret).lists("space", house.birch.id)
    rows = session.execute(select(Audit).where(Audit.verb == "choose_calendars")).scalars().all()
    assert [(row.old["collections"], row.new["collections"]) for row in rows] == [
        (None, sorted(words)),
        (sorted(words), None),
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(lambda _house: [], "calendars_missing", id="none"),
        pytest.param(lambda _house: ["space-99999"], "choice_invalid", id="no-such-room"),
        pytest.param(lambda _house: ["space-x"], "choice_invalid", id="no-number"),
        pytest.param(lambda _house: ["closet-1"], "choice_invalid", id="no-such-kind"),
        pytest.param(lambda _house: ["programme-99999"], "choice_invalid", id="no-such-house"),
        pytest.param(lambda house: [f"organisation-{house.theirs}"], "choice_invalid", id="others"),
        pytest.param(
            lambda house: [f"person-{house.stranger.person_id}"], "choice_invalid", id="stranger"
        ),
    ],
)
def test_choice_of_calendars_refuses(session, house, words, code):
    made = make(house.member)
    found = refusal(InvalidRequest, choose_calendars, made.id, words(house), house.member, now=NOW)
    assert found == (code, "calendar")
    assert sign_in(made.secret).collections is None


def test_nobody_else_chooses_what_an_app_lists(session, house):
    made = make(house.member)
    for actor in (house.stranger, house.admin):
        with pytest.raises(NotFound):
            choose_calendars(made.id, None, actor, now=NOW)
    revoke_app_password(made.id, house.member, now=NOW)
    with pytest.raises(NotFound):
        choose_calendars(made.id, None, house.member, now=NOW)


def test_list_has_those_that_work_the_latest_first(session, house):
    first, gone, last = make(house.member, "a"), make(house.member, "b"), make(house.member, "c")
    make(house.stranger)
    revoke_app_password(gone.id, house.member, now=NOW)
    found = app_passwords(session, house.member.person_id)
    assert [(each.id, each.name) for each in found] == [(last.id, "c"), (first.id, "a")]
    assert found[0].owner_email == "member@example.org"
    assert len(app_passwords(session)) == 3
