"""The sentence of each message code, by the family of what it is about."""

from flask_babel import LazyString

from booking.i18n.letting import LEASE_SENTENCES
from booking.i18n.sentences.bookings import BOOKINGS
from booking.i18n.sentences.calendars import CALENDARS
from booking.i18n.sentences.house import HOUSE
from booking.i18n.sentences.people import PEOPLE
from booking.i18n.sentences.rooms import ROOMS

SENTENCES: dict[str, LazyString] = {
    **BOOKINGS,
    **ROOMS,
    **CALENDARS,
    **PEOPLE,
    **HOUSE,
    **LEASE_SENTENCES,
}
