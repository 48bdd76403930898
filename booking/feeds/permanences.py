"""Who receives when, as a calendar for anybody; "not today" stays in it, CANCELLED."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking import events, ical
from booking.core.calendars import CalendarBooking, Described
from booking.core.permanences import Details
from booking.core.recurrence import to_local
from booking.core.values import Site
from booking.core.visibility import WHOLE, seen_by
from booking.feeds.build import KEPT, monday
from booking.queries import feed as reads
from booking.queries import houses
from booking.queries.categories import categories
from booking.queries.permanences import details_of_all, expected


def build_permanences(
    session: Session, site: Site, *, language: str, base: str, now: datetime
) -> bytes:
    """Return the bytes of the permanences of a house, as anybody may see them; six statements."""
    wanted = reads.of_permanences(site.id, since=monday(now) - KEPT)
    found = reads.bookings(session, wanted)
    ids = [each.view.booking_id for each in found]
    details, late = details_of_all(session, ids), expected(session, ids)
    space_ids = {id_ for each in found for date in each.dates for id_ in date.space_ids}
    with force_locale(language):
        said = events.words(
            None,
            houses.spaces_by_id(session, space_ids),
            sites={site.id: site},
            categories=categories(session),
            base=base,
            busy=False,
            key="",
        )
        words = replace(
            said,
            sight=lambda _view: WHOLE,  # redacted below: what is said of single dates is public
            describe=lambda booking, _sight: _described(booking, details[booking.booking_id]),
            link=lambda each: f"{base}/permanences/{site.slug}?organisation={each.organisation_id}",
            tells_cancelled=True,
        )
        shown = (ical.event_of(_public(each, late), words) for each in found)
        parts = [ical.component(each) for each in shown if each is not None]
        return ical.calendar(_("Permanences of %(name)s", name=site.name), parts)


def _public(
    booking: CalendarBooking, late: Mapping[tuple[int, datetime], datetime]
) -> CalendarBooking:
    """Return a booking as anybody may see it; the note of a date is what it is late by."""
    dates = []
    for each in booking.dates:
        at, note = late.get((booking.view.booking_id, each.recurrence_id)), None
        if at is not None and each.interval.start < at < each.interval.end:
            note = _("Late: from %(time)s", time=_clock(at, booking.zone))
        dates.append(replace(each, note=note))
    return replace(booking, view=seen_by(booking.view, None), dates=tuple(dates))


def _clock(at: datetime, zone: str) -> str:
    return f"{to_local(at, zone):%H:%M}"


def _described(booking: Described, details: Details) -> str:
    """Return what stands below the title."""
    how = _("by appointment") if details.by_appointment else _("without an appointment")
    reach = (details.phone, details.email, details.link)
    parts = (
        booking.note,
        booking.organisation_name,
        details.text,
        " ".join(filter(None, (how, details.appointment_link))),
        *reach,
    )
    return "\n".join(filter(None, parts))
