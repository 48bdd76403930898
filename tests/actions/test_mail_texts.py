"""Words of mails: who may write them, what they may name, who was faster."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions.mail_texts import MailTextRequest, set_mail_text
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.models import Audit
from booking.queries.mail_texts import OwnWords, all_own_words, own_words
from tests.support.factories import House
from tests.support.racing import Attempt, race

Db = scoped_session[Session]
WORDS = MailTextRequest("notice_approved", "en", "Yes: {title}", "See you on {start}.", 0)


def stored(session: Db) -> OwnWords:
    found = own_words(session(), "notice_approved", "en")
    session.rollback()
    return found


def test_words_are_stored_changed_and_taken_back(session: Db, house: House) -> None:
    messy = replace(WORDS, subject="  Yes:\r\n {title} ", body="\r\n See you on {start}. \r\n\r\n")
    assert set_mail_text(messy, house.admin, now=house.now) == 1
    assert stored(session) == OwnWords("Yes: {title}", "See you on {start}.", 1)

    assert set_mail_text(replace(WORDS, body="", version=1), house.admin, now=house.now) == 2
    assert stored(session) == OwnWords("Yes: {title}", "", 2)

    empty = replace(WORDS, subject="", body=" ", version=2)
    assert set_mail_text(empty, house.admin, now=house.now) == 0
    assert stored(session) == OwnWords()
    assert all_own_words(session()) == {}
    session.rollback()
    assert set_mail_text(WORDS, house.admin, now=house.now) == 1
    written = [*session.scalars(select(Audit.new).where(Audit.entity == "mail_text"))]
    session.rollback()
    assert len(written) == 4
    assert written[0] == {
        "kind": "notice_approved",
        "locale": "en",
        "subject": "Yes: {title}",
        "body": "See you on {start}.",
    }


def test_only_who_runs_the_installation_writes_them(session: Db, house: House) -> None:
    for somebody in (house.member, house.manager, house.approver):
        with pytest.raises(NotAllowed):
            set_mail_text(WORDS, somebody, now=house.now)
    assert stored(session) == OwnWords()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"subject": "x" * 151}, "name_too_long"),
        ({"body": "x" * 4001}, "name_too_long"),
        ({"body": "On {at}"}, "placeholder_unknown"),
        ({"subject": "{password}"}, "placeholder_unknown"),
        ({"body": "a\x00b"}, "text_unprintable"),
        ({"subject": "a\u202eb"}, "text_unprintable"),
    ],
)
def test_words_that_cannot_be_sent_are_refused(
    session: Db, house: House, wrong: dict[str, str], code: str
) -> None:
    with pytest.raises(InvalidRequest, match=code):
        set_mail_text(replace(WORDS, **wrong), house.admin, now=house.now)
    assert stored(session) == OwnWords()


def test_unknown_kind_is_not_found(session: Db, house: House) -> None:
    with pytest.raises(NotFound):
        set_mail_text(replace(WORDS, kind="notice_unknown"), house.admin, now=house.now)


@pytest.mark.parametrize("version", [0, 2])
def test_second_writer_is_told(session: Db, house: House, version: int) -> None:
    set_mail_text(WORDS, house.admin, now=house.now)
    with pytest.raises(Stale):
        set_mail_text(replace(WORDS, version=version), house.admin, now=house.now)
    with pytest.raises(Stale):
        set_mail_text(
            replace(WORDS, locale="fr", version=1, subject="Oui"), house.admin, now=house.now
        )


def test_two_write_the_first_words_at_once(house: House, engine_url: str) -> None:
    for outcomes in race(engine_url, [Attempt(set_mail_text, WORDS, house.admin)] * 4):
        kinds = sorted(each.kind for each in outcomes)
        assert kinds == ["Stale", "Stale", "Stale", "won"], outcomes
