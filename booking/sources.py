"""Calendars of others that the house follows: fetched, read, and their changes taken over.

Nothing is taken away because an address is silent, its answer cannot be read, or has
suddenly hardly any dates: then the dates stay, and those who run the house are shown why.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.actions import sources as verbs
from booking.core import hours
from booking.core.errors import InvalidRequest, NotFound
from booking.core.imports import Left
from booking.core.messages import Message, message
from booking.core.sources import (
    KEPT,
    MOST_DATES,
    SourceDate,
    SourceMode,
    SourceState,
    dates_of,
    is_a_loss,
    wait_after,
)
from booking.core.values import Site, Visibility
from booking.db import db
from booking.ical.reading import Calendar, Unreadable, read
from booking.net import Fetched, Guard, Unreachable, fetch_if_new
from booking.queries import houses
from booking.queries.sources import KnownDate, SourceView, known_dates, source
from booking.vault import Unopenable, Vault

MOST_LEFT = 20  # events that are left out, of which the reason is told
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Content:
    """What a calendar has for a house: its dates to come by key, and what was left out.

    ``events`` is how many it has in all.
    """

    name: str
    events: int
    dates: Mapping[str, SourceDate]
    left: tuple[Left, ...]
    number_left: int
    warnings: tuple[Message, ...]

    @property
    def counts(self) -> dict[str, int]:
        """The numbers that its page shows."""
        return {"events": self.events, "dates": len(self.dates), "left": self.number_left}


def content(
    body: IO[bytes], site: Site, *, mode: SourceMode, visibility: Visibility, now: datetime
) -> Content:
    """Return what of a calendar concerns a site: from now on, as far as can be booked.

    Raises:
        Unreadable: If nothing of it can be read.
    """
    calendar: Calendar = read(body, zone=site.zone)
    until = hours.edge(site, now)
    dates: dict[str, SourceDate] = {}
    left: list[Left] = []
    warnings = [*calendar.warnings]
    number_left = 0
    # What is public says so itself; everything else is open to those whom the house chose.
    most = Visibility.PUBLIC if mode is SourceMode.PUBLIC else visibility
    for event in calendar.events():
        if isinstance(event, Left):
            number_left += 1
            left += [event] if len(left) < MOST_LEFT else []
            continue
        if len(warnings) < MOST_LEFT:
            warnings += [each for each in event.warnings if each not in warnings]
        found = dates_of(
            event,
            zone=site.zone,
            since=now,
            until=until,
            untitled=_("Busy"),
            visibility=most,
        )
        try:
            dates |= {each.key: each for each in islice(found, MOST_DATES + 1 - len(dates))}
        except OverflowError:
            number_left += 1
    if len(dates) > MOST_DATES:
        dates.popitem()
        warnings.append(message("source_too_many_dates", most=MOST_DATES))
    if mode is SourceMode.PUBLIC:
        dates = {key: each for key, each in dates.items() if each.visibility is Visibility.PUBLIC}
    return Content(calendar.name, calendar.count, dates, tuple(left), number_left, tuple(warnings))


def look(
    address: str,
    site: Site,
    guard: Guard,
    *,
    mode: SourceMode,
    visibility: Visibility,
    now: datetime,
) -> Content:
    """Return what is at an address now; nothing is stored.

    Raises:
        InvalidRequest: If it cannot be fetched, or nothing of it be read.
    """
    found = fetch_if_new(address, guard)
    assert found.body is not None  # noqa: S101  nothing is known of it yet
    return content(found.body, site, mode=mode, visibility=visibility, now=now)


def refresh(source_id: int, guard: Guard, vault: Vault, *, clock: Clock, language: str) -> None:
    """Look at a calendar and take over what has changed; what fails is noted, not raised.

    Each batch of dates is a transaction of its own: who takes up the work after an
    interruption finds what is done by its keys.
    """
    session = db.session()
    session.rollback()
    try:
        known = source(session, source_id)
    except NotFound:  # removed meanwhile
        return
    if known.state is not SourceState.ACTIVE:
        return
    site = houses.site(session, known.site_id)
    session.rollback()  # nothing is held open while others answer
    try:
        address = vault.open(known.address)
    except Unopenable:
        reason = message("source_key_gone")
        verbs.source_waits(source_id, reason, SourceState.PAUSED, now=clock())
        return
    try:
        fetched = fetch_if_new(address, guard, etag=known.etag, modified=known.modified)
        if fetched.body is None:
            verbs.source_read(source_id, verbs.Found(), now=clock())
            return
        with force_locale(language):
            found = content(
                fetched.body, site, mode=known.mode, visibility=known.visibility, now=clock()
            )
    except (Unreachable, Unreadable, InvalidRequest) as error:
        asked = error.retry_after if isinstance(error, Unreachable) else None
        jitter = random.random()  # noqa: S311  no secret
        again = wait_after(known.failures + 1, asked=asked, jitter=jitter)
        verbs.source_failed(source_id, error.messages[0], now=clock(), again=again)
        return
    _take_over(session, known, fetched, found, clock)


def _take_over(
    session: Session, known: SourceView, fetched: Fetched, found: Content, clock: Clock
) -> None:
    now = clock()
    stored = known_dates(session, known.id)
    session.rollback()
    coming = {key: each for key, each in stored.items() if each.end > now}
    lost = [each for key, each in coming.items() if key not in found.dates]
    if is_a_loss(len(coming), len(lost)) and not known.may_lose:
        reason = message("source_vanished", gone=len(lost), known=len(coming))
        verbs.source_waits(known.id, reason, SourceState.ASKS, now=now)
        return
    if _changed(known, stored, found, lost, clock):
        told = verbs.Found(fetched.etag, fetched.modified, found.counts, found.warnings)
        verbs.source_read(known.id, told, now=clock())


def _changed(
    known: SourceView,
    stored: Mapping[str, KnownDate],
    found: Content,
    lost: list[KnownDate],
    clock: Clock,
) -> bool:
    """Store what differs, some at a time; return whether the calendar was followed to the end."""
    old = [each for each in stored.values() if each.end <= clock() - KEPT]
    gone = [each.id for each in (*lost, *old)]
    new = [
        (key, each)
        for key, each in found.dates.items()
        if key not in stored or stored[key].digest != each.digest
    ]
    size = verbs.AT_ONCE[known.mode]
    for first in range(0, max(len(gone), len(new)), size):
        some = new[first : first + size]
        changed = [stored[key].id for key, _each in some if key in stored]
        leaving = gone[first : first + size]
        if not verbs.change_dates(known.id, some, [*leaving, *changed], now=clock()):
            return False
    return True
