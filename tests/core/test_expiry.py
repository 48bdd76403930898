"""How long a request waits: the rule in a table."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.core.expiry import expires_at, needs_reminder
from booking.core.values import SitePolicy

MADE = datetime(2027, 3, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = SitePolicy(expire_after=7 * DAY, remind_before=DAY)
NEVER_OLD = SitePolicy(expire_after=None, remind_before=DAY)


@pytest.mark.parametrize(
    ("policy", "start", "expected"),
    [
        pytest.param(WEEK, MADE + 30 * DAY, MADE + 7 * DAY, id="of age"),
        pytest.param(WEEK, MADE + 2 * DAY, MADE + 2 * DAY, id="its time comes first"),
        pytest.param(NEVER_OLD, MADE + 300 * DAY, MADE + 300 * DAY, id="only when its time comes"),
    ],
)
def test_request_expires(policy: SitePolicy, start: datetime, expected: datetime) -> None:
    assert expires_at(start, MADE, policy) == expected


@pytest.mark.parametrize(
    ("after", "reminded", "expected"),
    [
        pytest.param(6 * DAY - timedelta(seconds=1), None, False, id="not yet"),
        pytest.param(6 * DAY, None, True, id="due"),
        pytest.param(7 * DAY - timedelta(seconds=1), None, True, id="late but open"),
        pytest.param(7 * DAY, None, False, id="expired"),
        pytest.param(6 * DAY + timedelta(hours=1), 6 * DAY, False, id="reminded"),
        pytest.param(6 * DAY, 2 * DAY, True, id="reminded before it was due"),
    ],
)
def test_reminder(after: timedelta, reminded: timedelta | None, expected: bool) -> None:
    at = None if reminded is None else MADE + reminded
    start = MADE + 30 * DAY
    assert needs_reminder(start, MADE, WEEK, reminded_at=at, now=MADE + after) is expected


def test_who_asked_after_the_reminder_was_due_needs_none() -> None:
    start = MADE + timedelta(hours=5)
    now = MADE + timedelta(hours=1)
    assert not needs_reminder(start, MADE, WEEK, reminded_at=None, now=now)
