"""What saving would come to, in words."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

from booking.actions.bookings import Preview
from booking.core.errors import BookingError, InvalidRequest
from booking.core.recurrence import clock_changes
from booking.i18n import sentence
from booking.web.bookings.standing import UseLine, use_lines
from booking.web.bookings.words import clock_words, day_off_words, own_words


@dataclass(frozen=True, slots=True)
class Outlook:
    """What saving would come to: refused, in part taken, to be approved, or just free.

    ``refused`` and ``asks`` are sentences; ``taken`` of the ``dates`` clash.
    ``left_out`` has days with why; ``known_until`` is the last day whose
    school holidays are known, where dates come after it.  ``clocks`` tells what
    falls into the hours in which the clocks change.  Of
    a series ``kept`` and ``lost`` are the dates that keep, or cannot keep, what
    they have of their own; ``apart`` tells that they become one of their own.
    ``told`` are the names of people who hear of it.  ``use`` tells how the
    organisation stands with its limits, ``may_go_over`` that they do not stop
    whoever asks.
    """

    dates: int = 1
    taken: int = 0
    asks: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    left_out: tuple[tuple[datetime, str], ...] = ()
    known_until: date | None = None
    clocks: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    apart: bool = False
    told: tuple[str, ...] = ()
    use: tuple[UseLine, ...] = ()
    may_go_over: bool = False


def outlook_of(preview: Callable[[], Preview], skip: Collection[datetime] = frozenset()) -> Outlook:
    """Return what a preview comes to; what the rules refuse is told, not raised.

    Raises:
        InvalidRequest: If what was typed makes no sense.
    """
    try:
        found = preview()
    except InvalidRequest:
        raise
    except BookingError as error:
        return Outlook(refused=tuple(sentence(each) for each in error.messages))
    asks = (each for some in found.asks.values() for each in some)
    said = dict.fromkeys(sentence(each) for each in asks)
    lines = use_lines(found.fair.standings, found.fair.name)
    dates, request = found.dates, found.dates.request
    kept = [each for each in found.recurrence_ids if each not in skip]
    changes = clock_changes(kept, request.end - request.start, dates.zone)
    return Outlook(
        dates=len(kept),
        taken=len({each.recurrence_id for each in found.clashes}),
        asks=tuple(said),
        left_out=tuple((at, day_off_words(day)) for at, day in dates.left_out.items()),
        known_until=dates.known_until,
        clocks=tuple(clock_words(*each) for each in changes),
        kept=own_words(found.kept),
        lost=own_words(found.lost),
        apart=found.apart,
        told=found.told,
        use=tuple(each for each in lines if each.words not in said),
        may_go_over=bool(found.fair.over),
    )
