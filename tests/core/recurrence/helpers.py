# ruff: noqa: DTZ001  # wall-clock times are naive here

# wall-clock times are naive here

"""What the tests of recurrence share: a Monday in Paris and short ways to expand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from booking.core.recurrence import (
    Instance,
    InvalidRule,
    expand,
    parse_rule,
)

PARIS = "Europe/Paris"
HOUR = timedelta(hours=1)
MONDAY = datetime(2027, 1, 4, 9)
EDGE = datetime(2028, 2, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def expand_text(
    text: str,
    start: datetime = MONDAY,
    *,
    length: timedelta = HOUR,
    zone: str = PARIS,
    until: datetime = EDGE,
    exdates: Sequence[datetime] = (),
    limit: int = 1000,
) -> list[Instance]:
    rule = parse_rule(text)
    return expand(start, length, zone, rule=rule, exdates=exdates, until=until, limit=limit)


def starts(instances: list[Instance]) -> list[datetime]:
    return [each.recurrence_id for each in instances]


def refused(text: str, start: datetime = MONDAY, until: datetime = EDGE) -> str:
    """The code with which a rule is refused, by its text or by its dates."""
    with pytest.raises(InvalidRule) as caught:
        expand_text(text, start, until=until)
    (told,) = caught.value.messages
    assert told.field == "repeat"
    return told.code
