"""Days in words, as each language writes them."""

from datetime import date, datetime, time

import pytest
from flask import Flask
from flask_babel import force_locale

from booking.core.messages import message
from booking.i18n import sentence
from booking.web.dates import dateformat, day_long, day_short, moment

FIRST, SECOND = date(2026, 12, 1), date(2026, 12, 2)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ["mardi 1er décembre 2026", "mar. 1er déc.", "1er déc. 2026, 01:11", "mar. 1"]),
        ("en", ["Tuesday, December 1, 2026", "Tue 1 Dec", "1 Dec 2026, 01:11", "Tue 1"]),
    ],
    ids=["French", "English"],
)
def test_first_of_a_month(app: Flask, language: str, said: list[str]) -> None:
    at = datetime.combine(FIRST, time(1, 11))
    with app.test_request_context(), force_locale(language):
        written = [day_long(FIRST), day_short(FIRST), moment(at), dateformat(FIRST, "EEE d")]
    assert written == said


def test_other_days_and_sentences_in_french(app: Flask) -> None:
    with app.test_request_context(), force_locale("fr"):
        assert day_long(SECOND) == "mercredi 2 décembre 2026"
        assert day_short(date(2026, 12, 11)) == "ven. 11 déc."
        said = sentence(message("closed_day", space="Atlas", day=FIRST))
    assert "le 1er décembre 2026" in said
