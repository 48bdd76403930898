"""What its owner wrote there with a room of ours as its place becomes a booking."""

from booking.actions import connections as verbs
from booking.core.errors import BookingError
from booking.core.imports import known_as, rooms_in
from booking.ical.objects import place_of, title_of, uid_of
from booking.queries import houses
from booking.queries.connections import is_booked
from booking.sync.remote import News
from booking.sync.run.pull import tell_refused
from booking.sync.run.through_verbs import book_new
from booking.sync.run.visit import Done, Visit, as_there


def book_news(visit: Visit, news: News) -> bool:
    """Book what is new there and names a room; return whether anything was."""
    hrefs = news.etags.keys() - {each.href for each in visit.known.values()}
    hrefs -= visit.written.keys()
    if not hrefs:
        return False
    spaces = houses.spaces(visit.session)
    visit.session.rollback()
    rooms = {known_as(each.name): each.id for each in spaces if each.bookable}
    done, new = Done(), []
    for href, item in visit.remote.items(sorted(hrefs)):
        uid, title = uid_of(item.raw), title_of(item.raw)
        if not uid or not rooms_in(place_of(item.raw), rooms) or _is_ours(visit, uid):
            continue
        visit.keep()
        made = book_new(item.raw, visit.reader, now=visit.now())
        if isinstance(made, BookingError):
            done.say("sync_not_booked", None, title=title)
            tell_refused(visit, made, item, title, None, done)
            continue
        stored = as_there(item.etag, item.raw)
        row = {"booking_id": made, "uid": uid, "href": href, "version": -1}
        new.append({**stored, **row, "pushed": stored["theirs"]})
        done.say("sync_booked", made, title=title)
        visit.more = True
    if new:
        verbs.begin_steps(visit.claimed, new, {}, now=visit.now())
    visit.store(done)
    return bool(new)


def _is_ours(visit: Visit, uid: str) -> bool:
    """Whether the event is a booking already: a copy of ours, or one of another connection."""
    found = is_booked(visit.session, uid)
    visit.session.rollback()
    return found
