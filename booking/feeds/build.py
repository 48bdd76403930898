"""A feed's bytes: what is read, what its reader may see, in which words."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking import events, ical
from booking.core.calendars import CalendarBooking
from booking.core.recurrence import to_local
from booking.core.values import Actor, OccurrenceView, Site, Space
from booking.queries import feed as reads
from booking.queries import houses
from booking.queries.subscriptions import SubscriptionView

# Counted from the Monday of this week, so that a feed does not change every day:
# always at least 60 days back, and a cancelled booking stays for at least 30.
KEPT = timedelta(weeks=9)
CANCELLED_KEPT = timedelta(weeks=5)


def monday(now: datetime) -> datetime:
    """Return the start of the week, in UTC."""
    today = now.astimezone(UTC).date()
    return datetime.combine(today - timedelta(days=today.weekday()), time(), UTC)


def build(
    session: Session,
    link: SubscriptionView,
    reader: Actor,
    *,
    language: str,
    base: str,
    now: datetime,
) -> bytes:
    """Return the bytes of a feed; four statements.

    ``base`` is the address of the service without a slash at its end, put
    before the addresses of bookings.
    """
    bookings = _bookings(session, link, monday(now))
    spaces = houses.spaces_by_id(session, _space_ids(bookings) | {link.space_id or 0})
    sites = {site.id: site for site in houses.sites(session)}
    with force_locale(language):
        words = events.words(
            reader, spaces, sites=sites, base=base, busy=link.detail == "busy", key=link.token_hash
        )
        found = [event for each in bookings if (event := ical.event_of(each, words))]
        return ical.calendar(_title(link, spaces, sites), found)


def build_programme(
    session: Session, site: Site, *, language: str, base: str, now: datetime
) -> bytes:
    """Return the bytes of what is public in a house, as anybody may see it; four statements."""
    bookings = reads.public_bookings(session, site.id, since=monday(now) - KEPT)
    spaces = houses.spaces_by_id(session, _space_ids(bookings))
    with force_locale(language):
        words = events.words(None, spaces, sites={site.id: site}, base=base, busy=False, key="")
        words = replace(words, link=lambda view: _month_of(base, view, site))
        found = [event for each in bookings if (event := ical.event_of(each, words))]
        return ical.calendar(_("Programme of %(name)s", name=site.name), found)


def _month_of(base: str, view: OccurrenceView, site: Site) -> str:
    """Return where anybody may read of a public date."""
    local = to_local(view.interval.start, site.zone)
    return f"{base}/programme/{site.slug}?month={local:%Y-%m}"


def _bookings(session: Session, link: SubscriptionView, week: datetime) -> list[CalendarBooking]:
    since, closed_since = week - KEPT, week - CANCELLED_KEPT
    if link.space_id is None:
        return reads.bookings_of_person(
            session, link.person_id, since=since, closed_since=closed_since
        )
    return reads.bookings_of_space(session, link.space_id, since=since, closed_since=closed_since)


def _space_ids(bookings: list[CalendarBooking]) -> set[int]:
    return {id_ for booking in bookings for date in booking.dates for id_ in date.space_ids}


def _title(link: SubscriptionView, spaces: dict[int, Space], sites: dict[int, Site]) -> str:
    if link.space_id is None:
        return _("Bookings of %(name)s", name=link.owner_name)
    return f"{link.space_name}, {sites[spaces[link.space_id].site_id].name}"
