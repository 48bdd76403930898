"""What its owner wrote there with a room of ours as its place becomes a booking."""

from booking.actions import connections as verbs
from booking.core.errors import BookingError
from booking.core.imports import known_as, rooms_in
from booking.ical.objects import place_of, title_of, uid_of
from booking.queries import houses
from booking.queries.connections import booked_as
from booking.sync.remote import Item, News
from booking.sync.run.pull import tell_refused
from booking.sync.run.through_verbs import book_new
from booking.sync.run.visit import Done, Visit, as_there


def book_news(visit: Visit, news: News) -> bool:
    """Book what is new there and names a room; return whether there is anything new of ours.

    Comes before the plan, which then knows it.  A worker may be killed after it
    has booked: what is a booking of this calendar already is taken for it, and
    not put there a second time.
    """
    hrefs = news.etags.keys() - {each.href for each in visit.known.values()}
    if not hrefs:
        return False
    spaces = houses.spaces(visit.session)
    visit.session.rollback()
    rooms = {known_as(each.name): each.id for each in spaces if each.bookable}
    known = {each.uid for each in visit.known.values()}
    done, new = Done(), []
    for href, item in visit.remote.items(sorted(hrefs)):
        uid = uid_of(item.raw)
        if not uid or uid in known:
            continue
        visit.keep()
        booking_id = _booking_of(visit, uid)
        if booking_id is None and rooms_in(place_of(item.raw), rooms):
            booking_id = _booked(visit, item, done)
        if booking_id is None or booking_id not in visit.bookings():
            continue
        stored = as_there(item.etag, item.raw)
        row = {"booking_id": booking_id, "uid": uid, "href": href, "version": -1}
        new.append({**stored, **row, "pushed": stored["theirs"]})
        known.add(uid)
    if new:
        verbs.begin_steps(visit.claimed, new, {}, now=visit.now())
        visit.read_known()
    visit.store(done)
    return bool(new)


def _booking_of(visit: Visit, uid: str) -> int | None:
    """Return the booking that the event is already."""
    found = booked_as(visit.session, uid)
    visit.session.rollback()
    return found


def _booked(visit: Visit, item: Item, done: Done) -> int | None:
    """Book an event, or tell why not; return the booking's id."""
    title = title_of(item.raw)
    made = book_new(item.raw, visit.reader, now=visit.now())
    if isinstance(made, BookingError):
        done.say("sync_not_booked", None, title=title)
        tell_refused(visit, made, item, title, None, done)
        return None
    done.say("sync_booked", made, title=title)
    return made
