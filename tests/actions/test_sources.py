"""Calendars of others: what is refused, and how long failures wait."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.actions import sources
from booking.actions.sources import SourceRequest
from booking.core.errors import InvalidRequest, NotAllowed
from booking.core.sources import SourceMode, wait_after
from tests.support.calendar_server import VAULT
from tests.support.factories import NOW


def test_nonsense_is_refused(house, session):
    asked = SourceRequest(house.site.id, "Town", "https://x.example/a.ics", SourceMode.BUSY)
    with pytest.raises(InvalidRequest) as caught:
        sources.add_source(asked, house.admin, seal=VAULT.seal, now=NOW)
    assert caught.value.messages[0].code == "source_space_missing"
    with pytest.raises(NotAllowed):
        sources.add_source(asked, house.member, seal=VAULT.seal, now=NOW)
    with pytest.raises(InvalidRequest):
        sources.add_source(replace(asked, space_id=999), house.admin, seal=VAULT.seal, now=NOW)


def test_each_failure_waits_longer():
    waits = [wait_after(each, asked=None, jitter=0) for each in (1, 2, 3, 30)]
    assert waits[:3] == [timedelta(minutes=each) for each in (1, 2, 4)]
    assert waits[3] == timedelta(hours=6)
    assert wait_after(1, asked=timedelta(days=9), jitter=0) == timedelta(days=1)
