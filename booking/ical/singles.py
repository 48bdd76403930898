"""Events of bookings that have one date in one space: from the row to the text in one pass.

They say what ``booking.ical.events`` says of all others, and are written by the same hand.
"""

from collections.abc import Callable
from operator import itemgetter

from booking.core.calendars import Single
from booking.core.visibility import Sight, single_shown
from booking.ical.clocks import clock, utc_text
from booking.ical.events import STATUS, Words, filed
from booking.ical.write import Component, Status, vevent, zone_to_explain

# What the right to read follows from (booking.core.visibility.Readable).
_DECIDES = (
    "site_id", "space_id", "shown_to", "organiser_id", "created_by_id", "organisation_id",
)  # fmt: skip
_decides = itemgetter(*map(Single._fields.index, _DECIDES))


class Singles:
    """Writes such bookings for one reader, and remembers what was decided of those before."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._sights: dict[tuple[object, ...], Sight | None] = {}
        self._clocks: dict[tuple[str, bool], tuple[Callable[[int], tuple[str, int]], str]] = {}

    def component(self, booking: Single) -> Component | None:
        """Return the event that the reader sees, None where there is nothing to see."""
        words, sight = self._words, self._sight(booking)
        if sight is None:
            return None
        status = STATUS.get(booking.state, Status.CANCELLED)
        summary, description = words.busy, ""
        if sight.reads:
            booking = single_shown(booking, sight)
            summary, description = booking.title, words.describe(booking, sight)
        elif status is Status.CANCELLED:
            return None
        uid, categories, access, url = filed(
            words,
            sight,
            booking,
            uid=booking.uid,
            category=booking.category,
            kind=booking.shown_to,
        )
        at, zone = self._clock(booking.zone, booking.all_day)
        start, first = at(booking.start_s)
        end, last = at(booking.end_s)
        stamp = utc_text(booking.updated_s)
        created = stamp if booking.created_s == booking.updated_s else utc_text(booking.created_s)
        text = vevent(
            uid=uid,
            stamp=stamp,
            start=f"DTSTART{start}",
            end=f"DTEND{end}",
            recurrence="",
            sequence=booking.sequence,
            status=status,
            summary=summary,
            location=words.locate((booking.space_id,)),
            description=description,
            categories=categories,
            access=access,
            url=url,
            created=created if sight.reads else "",
            people=(),
        )
        return Component(text, zone, first, last)

    def _sight(self, booking: Single) -> Sight | None:
        """Return how much of it the reader sees, None where it is not told of."""
        key = _decides(booking)
        if key not in self._sights:
            told = self._words.is_told(booking)
            self._sights[key] = self._words.sight(booking) if told else None
        return self._sights[key]

    def _clock(self, zone: str, all_day: bool) -> tuple[Callable[[int], tuple[str, int]], str]:
        """Return what tells the times of a zone, and the zone that is to be explained."""
        found = self._clocks.get((zone, all_day))
        if found is None:
            here = clock(zone)
            tells = here.day if all_day else here.time
            found = self._clocks[zone, all_day] = tells, zone_to_explain(zone, all_day)
        return found
