"""Bookings written as events for one reader, and again only those that have changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask_babel import force_locale
from sqlalchemy.orm import Session

from booking import ical
from booking.core.values import Space
from booking.garbage import uncollected
from booking.queries import feed as reads
from booking.queries import houses

AT_ONCE = 5_000  # bookings that are read together
LONG = 20_000  # bookings: about what a process would keep of all its calendars

# Booking id -> the version that was read, and what its reader sees of it (None: nothing).
Written = Mapping[int, tuple[int, ical.Component | None]]


def size_of(written: Written) -> int:
    """Return about how many bytes of memory it takes."""
    return sum(200 + (len(each.text) if each else 0) for _version, each in written.values())


def components(written: Written) -> list[ical.Component]:
    """Return what there is to see, in order."""
    return [each for _version, each in written.values() if each]


class Writer:
    """Writes the bookings of a calendar.

    ``words`` is made of its ``spaces``: those that are known, and those that are met, as they come.
    """

    def __init__(
        self, session: Session, wanted: reads.Wanted, known: Mapping[int, Space] | None = None
    ) -> None:
        self._session, self._wanted = session, wanted
        self.spaces: dict[int, Space] = {**known} if known else {}

    @cached_property
    def order(self) -> Mapping[int, int]:
        """The bookings of the calendar by start, with their versions; one statement."""
        return reads.versions(self._session, self._wanted)

    def years(self) -> ical.Years:
        """Return the years in which the zones of the bookings must be explained; one statement."""
        found: dict[str, tuple[int, int]] = {}
        for zone, (first, last) in reads.years(self._session, self._wanted).items():
            found[ical.zone_to_explain(zone, all_day=False)] = first, last
        return found

    def written(self, words: ical.Words, before: Written | None = None) -> Written:
        """Return all bookings of the calendar by start, those known by their version as kept.

        ``before`` is what was written when everything but the bookings was as now.
        """
        order, known = self.order, {**before} if before else {}
        news = [each for each, version in order.items() if known.get(each, (0,))[0] != version]
        with uncollected():
            for some in slices(news):
                known |= self.made(some, words)
        return {each: known[each] for each in order if each in known}

    def streamed(self, words: ical.Words) -> Iterator[list[ical.Component]]:
        """Yield all bookings of the calendar by start, as many at a time as are read together.

        No transaction is open meanwhile: whoever takes them may take long.  What changes until
        they are read is given as it is then.
        """
        for some in slices([*self.order]):
            with uncollected():
                made = self.made(some, words)
            self._session.rollback()
            yield components({each: made[each] for each in some if each in made})

    def made(self, ids: Sequence[int], words: ical.Words) -> Written:
        """Return these bookings, in no order; five statements at most."""
        singles = reads.singles(self._session, self._wanted, ids)
        alone = ical.Singles(words)
        others = {*ids}.difference([each.booking_id for each in singles])
        series = reads.bookings(self._session, self._wanted, only=[*others]) if others else []
        met = {each.space_id for each in singles}
        met.update(id_ for each in series for date in each.dates for id_ in date.space_ids)
        if new := met - self.spaces.keys():
            self.spaces |= houses.spaces_by_id(self._session, new)
        found = {each.booking_id: (each.version, alone.component(each)) for each in singles}
        for each in series:
            event = ical.event_of(each, words)
            text = ical.component(event) if event else None
            found[each.view.booking_id] = each.view.version, text
        return found


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar that is still to be written: whose bookings, in which words.

    ``others`` are events that are no bookings.
    """

    name: str
    writer: Writer
    words: ical.Words
    language: str
    others: Sequence[ical.Component] = ()

    @property
    def is_long(self) -> bool:
        """Whether it is so long that it is neither kept nor made in one piece."""
        return len(self.writer.order) > LONG

    def whole(self, before: Written | None = None) -> tuple[bytes, Written]:
        """Return its bytes, and its bookings as they are written in it.

        ``before`` is what was written when everything but its bookings was as now; only
        what has changed since is read and written, in five statements at most.
        """
        with force_locale(self.language):
            written = self.writer.written(self.words, before)
        return ical.calendar(self.name, [*components(written), *self.others]), written

    def pieces(self) -> Iterator[bytes]:
        """Yield its bytes, a few thousand bookings at a time, each five statements at most."""
        years = ical.years_of(self.others, self.writer.years())
        for each in ical.pieces(self.name, years, self._texts()):
            yield each.encode()

    def _texts(self) -> Iterator[str]:
        with force_locale(self.language):
            for some in self.writer.streamed(self.words):
                yield "".join([each.text for each in some])
        yield "".join([each.text for each in self.others])


def slices(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield ids, as many at a time as are read together."""
    for at in range(0, len(ids), AT_ONCE):
        yield ids[at : at + AT_ONCE]
