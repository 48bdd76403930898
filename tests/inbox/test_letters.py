"""Mails of every kind: which count as an answer, and why the others are set aside."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.config import Config
from booking.db import db
from booking.inbox.letters import letter_of
from booking.inbox.work import read_mailbox
from booking.queries.invitees import invitees
from tests.support.dovecot import deliver, make_maildir
from tests.support.factories import NOW, House
from tests.support.mail_in import MAILS, became, invited
from tests.support.mail_in import settings as mailbox_settings

ALL, FIRST, SECOND = "all", "first", "2027-03-12T10:00"
# What counts: the answer, about which date ("" all of them).
COUNT = {
    "plain": ("accepted", ""),
    "declined": ("declined", ""),
    "tentative_in_small_letters": ("tentative", ""),
    "body_in_base64": ("accepted", ""),
    "quoted_printable": ("accepted", ""),
    "only_attached": ("accepted", ""),
    "upper_case_mailto": ("accepted", ""),
    "line_feeds_alone": ("accepted", ""),
    "without_the_last_boundary": ("accepted", ""),
    "calendar_in_utf_16": ("accepted", ""),
    "names_in_latin_1": ("accepted", ""),
    "one_date_in_utc": ("declined", SECOND),
    "one_date_in_its_zone": ("declined", SECOND),
    "one_date_in_another_zone": ("declined", SECOND),
    "automatic_but_an_answer": ("accepted", ""),
    "folded_subject_in_two_words": ("accepted", ""),
    "calendar_without_an_end": ("accepted", ""),
}
ASIDE = {
    "unknown_uid": "answer_unknown",
    "other_sender": "answer_other_sender",
    "in_the_name_of_another": "answer_other_sender",
    "about_somebody_else": "answer_unreadable",
    "name_that_looks_like_the_address": "answer_other_sender",
    "two_senders": "mail_sender_unclear",
    "two_from_headers": "mail_sender_unclear",
    "address_in_brackets_twice": "mail_sender_unclear",
    "no_sender": "mail_sender_unclear",
    "sender_without_an_address": "mail_sender_unclear",
    "from_ourselves": "mail_from_ourselves",
    "from_a_room": "mail_from_ourselves",
    "older_version": "answer_old",
    "version_that_never_was": "answer_ahead",
    "no_sequence": "answer_old",
    "sequence_that_is_no_number": "answer_old",
    "endless_sequence": "answer_old",
    "no_stamp": "answer_unreadable",
    "stamp_without_a_zone": "answer_unreadable",
    "no_such_date": "answer_no_date",
    "no_answer_in_it": "answer_unreadable",
    "delegated": "answer_unreadable",
    "no_attendee": "answer_unreadable",
    "counter_proposal": "mail_other_method",
    "published": "mail_other_method",
    "no_method": "mail_nothing",
    "nul_in_the_uid": "mail_nothing",
    "two_events": "mail_nothing",
    "no_calendar": "mail_nothing",
    "out_of_office": "mail_automatic",
    "mailing_list": "mail_automatic",
    "bounce": "mail_automatic",
    "forwarded_inside_a_mail": "mail_nothing",
    "broken_base64": "mail_nothing",
    "unknown_encoding": "mail_nothing",
    "boundary_that_is_missing": "mail_nothing",
    "nested_a_hundred_times": "mail_nothing",
    "nul_bytes": "mail_sender_unclear",
    "empty": "mail_sender_unclear",
    "no_header_at_all": "mail_sender_unclear",
    "not_a_mail": "mail_sender_unclear",
    "nothing_but_begin": "mail_nothing",
}


@pytest.fixture
def box(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """A Maildir that the app reads."""
    before: Config = app.extensions["booking"]["config"]
    maildir = make_maildir(tmp_path / "box")
    changed = replace(before, mail_in=mailbox_settings(maildir))
    app.extensions["booking"]["config"] = changed
    with app.app_context():
        yield maildir
    app.extensions["booking"]["config"] = before


def read(app: Flask) -> int:
    return read_mailbox(app.extensions["booking"]["config"], now=NOW)


def test_every_file_is_tried() -> None:
    assert {each.stem for each in MAILS.glob("*.eml")} == COUNT.keys() | ASIDE.keys()


@pytest.mark.parametrize("name", COUNT)
def test_answer_counts(app: Flask, box: Path, house: House, name: str) -> None:
    booking_id, _anna = invited(house)
    deliver(box, (MAILS / f"{name}.eml").read_bytes(), "1.a.b")
    assert read(app) == 1
    assert became(db.session()) == [("done", "")]
    [found] = invitees(db.session(), booking_id)
    dates = {at.isoformat(timespec="minutes"): said.value for at, said in found.dates}
    said, at = COUNT[name]
    assert (found.answer.value, dates) == (("needs-action", {at: said}) if at else (said, {}))
    assert list((box / "new").iterdir()) == []
    assert len(list((box / ".Handled" / "cur").iterdir())) == 1


def test_the_others_are_set_aside_each_with_its_reason(app: Flask, box: Path, house: House) -> None:
    booking_id, _anna = invited(house)
    for number, name in enumerate(ASIDE):
        raw = (MAILS / f"{name}.eml").read_bytes()
        deliver(
            box, raw.replace(b"<1@example.org>", b"<%d@example.org>" % number), f"{number:04}.a"
        )
    assert read(app) == len(ASIDE)
    found = dict(zip(ASIDE, became(db.session()), strict=True))
    assert found == {name: ("aside", reason) for name, reason in ASIDE.items()}
    assert [each.answer.value for each in invitees(db.session(), booking_id)] == ["needs-action"]


@settings(max_examples=150)
@given(st.data())
def test_no_mail_stops_the_reader(data: st.DataObject) -> None:
    """Pieces of real mails, cut and put together anew, and noise between them."""
    files = sorted(MAILS.glob("*.eml"))
    raw = data.draw(st.sampled_from(files)).read_bytes()
    other = data.draw(st.sampled_from(files)).read_bytes()
    at = data.draw(st.integers(0, len(raw)))
    noise = data.draw(st.binary(max_size=40))
    letter = letter_of(raw[:at] + noise + other[at:])
    assert len(letter.key) == 64


@given(st.binary(max_size=400))
def test_noise_is_nothing(raw: bytes) -> None:
    assert letter_of(raw).scheduling is None
