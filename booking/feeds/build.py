"""A feed's bytes: what is read, what its reader may see, in which words."""

from datetime import UTC, datetime, time, timedelta
from functools import cache

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking import ical
from booking.core.calendars import CalendarBooking
from booking.core.values import Actor, Category, OccurrenceView, Site, Space
from booking.core.visibility import seen_by
from booking.i18n import CATEGORIES
from booking.queries import feed as reads
from booking.queries import houses
from booking.queries.subscriptions import SubscriptionView

# Counted from the Monday of this week, so that a feed does not change every day:
# always at least 60 days back, and a cancelled booking stays for at least 30.
KEPT = timedelta(weeks=9)
CANCELLED_KEPT = timedelta(weeks=5)
_ANY_ID = 9_999_999_999  # stands in an address for the id of a booking


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
        words = _words(link, reader, spaces, sites=sites, base=base)
        events = [event for each in bookings if (event := ical.event_of(each, words))]
        return ical.calendar(_title(link, spaces, sites), events)


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


def _words(
    link: SubscriptionView,
    reader: Actor,
    spaces: dict[int, Space],
    *,
    sites: dict[int, Site],
    base: str,
) -> ical.Words:
    """Return what events say to this reader; a link for "busy" redacts everything."""
    # Looked up once: a feed may have a thousand events.
    organisation, organiser = _("Organisation: %(name)s"), _("Organiser: %(name)s")
    people, note = _("People expected: %(count)s"), _("Note for the reception: %(note)s")

    def describe(view: OccurrenceView) -> str:
        lines = (
            view.organisation_name and organisation % {"name": view.organisation_name},
            view.organiser_name and organiser % {"name": view.organiser_name},
            view.attendance and people % {"count": view.attendance},
            view.note and note % {"note": view.note},
        )
        return "\n".join(line for line in lines if line)

    @cache
    def locate(space_ids: tuple[int, ...]) -> str:
        if not space_ids:
            return ""
        site = sites[spaces[space_ids[0]].site_id]
        names = (spaces[space_id].name for space_id in space_ids)
        return ", ".join(filter(None, (*names, site.name, site.address)))

    # One address for all, as url_for takes 20 µs.
    page = base + url_for("bookings.show", booking_id=_ANY_ID)
    return ical.Words(
        seen=OccurrenceView.redact if link.detail == "busy" else lambda view: seen_by(view, reader),
        busy=_("Busy"),
        categories={each: str(CATEGORIES[each.value]) for each in Category},
        describe=describe,
        locate=locate,
        link=lambda view: page.replace(str(_ANY_ID), str(view.booking_id)),
        key=link.token_hash,
    )
