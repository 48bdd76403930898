"""A feed: what is read, what its reader may see, in which words; then its bytes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking import events, ical
from booking.core.calendars import Described
from booking.core.errors import NotFound
from booking.core.intervals import Interval
from booking.core.recurrence import to_local
from booking.core.sources import SourceMode
from booking.core.values import Actor, Site, Space, State
from booking.core.visibility import may_read, source_event_seen_by
from booking.i18n import category_names
from booking.queries import feed as reads
from booking.queries import houses
from booking.queries.categories import categories
from booking.queries.closures import closures
from booking.queries.programme import public_date
from booking.queries.sources import source_events
from booking.queries.subscriptions import SubscriptionView
from booking.written import Feed, Writer

# Counted from the Monday of this week, so that a feed does not change every day:
# always at least 60 days back, and a cancelled booking stays for at least 30.
KEPT = timedelta(weeks=9)
CANCELLED_KEPT = timedelta(weeks=5)
BUSY_AHEAD = timedelta(weeks=58)  # what a house can be booked ahead, and some more
_BUSY = {State.CONFIRMED: ical.Busy.BUSY, State.REQUESTED: ical.Busy.TENTATIVE}


def monday(now: datetime) -> datetime:
    """Return the start of the week, in UTC."""
    today = now.astimezone(UTC).date()
    return datetime.combine(today - timedelta(days=today.weekday()), time(), UTC)


def feed_of(
    session: Session,
    link: SubscriptionView,
    reader: Actor,
    *,
    language: str,
    base: str,
    now: datetime,
) -> Feed:
    """Return the feed of a link.

    ``base`` is the address of the service without a slash at its end, put
    before the addresses of bookings.
    """
    week = monday(now)
    since = {"since": week - KEPT, "closed_since": week - CANCELLED_KEPT}
    wanted = reads.of_scope(link.scope, person_id=link.person_id, **since)
    sites, known = {site.id: site for site in houses.sites(session)}, categories(session)
    writer = Writer(session, wanted)
    with force_locale(language):
        words = events.words(
            reader,
            writer.spaces,
            sites=sites,
            categories=known,
            base=base,
            busy=link.detail == "busy",
            key=link.token_hash,
        )
        # Where to be shown says what it is, one must not even learn that there is one.
        if link.scope.tells:
            words = replace(words, is_told=lambda booking: may_read(booking, reader))
        title = _title(link, sites, category_names(known) if link.scope.category else {})
    return Feed(title, writer, words, language)


def build_free_busy(session: Session, link: SubscriptionView, *, now: datetime) -> bytes:
    """Return when it is busy from this week on, as far as can be booked; six statements at most.

    Closures count where the link is of a place.
    """
    week = monday(now)
    window = Interval(week, week + BUSY_AHEAD)
    wanted = reads.of_scope(
        link.scope, person_id=link.person_id, since=window.start, closed_since=window.end
    )
    busy = [
        (_BUSY[date.state], date.interval)
        for each in reads.bookings(session, wanted)
        for date in each.dates
        if date.state.is_open
    ]
    closed = [(ical.Busy.UNAVAILABLE, each) for each in _closed(session, link, window)]
    return ical.free_busy(link.token_hash[:32], window, busy + closed, stamp=week)


def _closed(session: Session, link: SubscriptionView, window: Interval) -> list[Interval]:
    """Return when the whole place is closed."""
    if link.site_id is None:
        return []
    space_id = link.scope.space_id
    whole: set[int | None] = {None}
    if space_id is not None:
        whole |= {space_id, *houses.spaces_by_id(session, [space_id])[space_id].part_ids}
    found = closures(session, link.site_id, window)
    return [each.interval for each in found if each.space_id in whole]


def programme_of(session: Session, site: Site, *, language: str, base: str, now: datetime) -> Feed:
    """Return what is public in a house, as anybody may see it."""
    wanted = reads.of_programme(site.id, since=monday(now) - KEPT)
    writer = Writer(session, wanted)
    with force_locale(language):
        words = _words_for_anybody(
            session, writer.spaces, site, base=base, link=lambda each: _month_of(base, each, site)
        )
        name = _("Programme of %(name)s", name=site.name)
    others = [ical.component(each) for each in _of_others(session, site, now=now)]
    return Feed(name, writer, words, language, others)


def _of_others(session: Session, site: Site, *, now: datetime) -> Iterator[ical.CalendarEvent]:
    """Yield the public dates of calendars of others that the site follows, each an event."""
    window = Interval(monday(now) - KEPT, now + BUSY_AHEAD)
    spaces = {each.id: each.name for each in houses.spaces(session, site.id)}
    for each in source_events(session, site.id, window, [SourceMode.PUBLIC]):
        seen = source_event_seen_by(each, None)
        place = spaces.get(each.space_id or 0)
        here = ", ".join(filter(None, (place, site.name, site.address))) if place else seen.place
        start, end = (to_local(at, site.zone) for at in (each.interval.start, each.interval.end))
        yield ical.CalendarEvent(
            uid=f"source-{each.id}",
            zone=site.zone,
            start=start,
            end=end,
            status=ical.Status.CONFIRMED,
            summary=seen.title,
            stamp=each.changed_at,
            all_day=each.all_day,
            created=each.changed_at,
            description=seen.source,
            location=here,
            access=ical.Access.PUBLIC,
        )


def build_event(
    session: Session, occurrence_id: int, site: Site, *, language: str, base: str
) -> bytes:
    """Return the bytes of one date of the programme, as an event of its own.

    Raises:
        NotFound: If it is not in the programme.
    """
    views = public_date(session, occurrence_id)
    found = reads.bookings(session, reads.alone(*{each.booking_id for each in views}))
    dates = [
        (booking, date)
        for booking in found
        for date in booking.dates
        if date.recurrence_id == views[0].recurrence_id
    ]
    if not dates:
        raise NotFound("event", occurrence_id)
    [(booking, date)] = dates
    ids = tuple(each.space_id for each in views)
    alone = replace(
        booking,
        uid=f"{booking.uid}-{occurrence_id}",
        rule=None,
        rdates=(),
        exdates=(),
        dates=(replace(date, space_ids=ids, state=State.CONFIRMED),),
    )
    with force_locale(language):
        said = _words_for_anybody(
            session,
            houses.spaces_by_id(session, ids),
            site,
            base=base,
            link=lambda _view: f"{base}/programme/events/{occurrence_id}",
        )
        event = ical.event_of(alone, said)
        return ical.calendar(views[0].title, [ical.component(event)] if event else [])


def _words_for_anybody(
    session: Session,
    spaces: Mapping[int, Space],
    site: Site,
    *,
    base: str,
    link: Callable[[Described], str],
) -> ical.Words:
    seen = events.words(
        None,
        spaces,
        sites={site.id: site},
        categories=categories(session),
        base=base,
        busy=False,
        key="",
    )
    return replace(seen, link=link)


def _month_of(base: str, booking: Described, site: Site) -> str:
    """Return where anybody may read of a public date."""
    local = to_local(booking.interval.start, site.zone)
    return f"{base}/programme/{site.slug}?month={local:%Y-%m}"


def _title(link: SubscriptionView, sites: Mapping[int, Site], names: Mapping[str, str]) -> str:
    """Return the name of a calendar: what, whose, where."""
    scope, site = link.scope, sites.get(link.site_id or 0)
    if scope.only is not None:
        return link.name
    place = [link.place, site.name if site else ""]
    if scope.organisation_id is not None:
        whose = _("Bookings of %(name)s", name=link.organisation_name)
    elif scope.mine:
        whose = _("Bookings of %(name)s", name=link.owner_name)
    else:
        whose = "" if site else _("All houses")
    return ", ".join(filter(None, (names.get(scope.category or "", ""), whose, *place)))
