"""Sites and spaces, what is closed, and what is held."""

from datetime import datetime, time, timedelta

from booking.core.frozen import frozen
from booking.core.intervals import Interval
from booking.core.values.kinds import Layer, SpaceKind, Visibility
from booking.core.values.policy import Policy, SitePolicy

PLAIN, PLAIN_SITE = Policy(), SitePolicy()


@frozen()
class Site:
    """A building with its time zone and hours (wall clock of that zone).

    An archived one is offered to nobody; what was booked in it can be read.
    """

    id: int
    slug: str
    name: str
    zone: str
    opens: time
    closes: time  # 00:00 means midnight at the end of the day
    address: str = ""
    bookable_days: int = 400
    version: int = 1
    country: str = "FR"
    region: str = ""
    school_zone: str = ""
    policy: SitePolicy = PLAIN_SITE
    is_archived: bool = False

    def __post_init__(self) -> None:
        if self.closes != time(0) and self.closes <= self.opens:
            raise ValueError("a site closes after it opens")


@frozen()
class Space:
    """What can be booked or let.

    ``part_ids`` are the physical spaces it consists of (itself for a simple
    one), in id order.  ``lanes`` bookings may run in it at a time.  An hour
    of it counts ``weight`` percent of an hour to whoever has it; 0 does not count.
    """

    id: int
    site_id: int
    kind: SpaceKind
    name: str
    capacity: int | None = None
    features: tuple[str, ...] = ()
    colour: int = 0
    lanes: int = 1
    part_ids: tuple[int, ...] = ()
    needs_approval: bool = False
    requests_hold: bool = True
    setup: timedelta = timedelta(0)
    cleanup: timedelta = timedelta(0)
    bookable: bool = True
    description: str = ""
    version: int = 1
    policy: Policy = PLAIN
    weight: int = 100

    def blocked(self, used: Interval) -> Interval:
        """Return ``used`` with this space's buffers around it."""
        return used.padded(self.setup, self.cleanup)


@frozen()
class Hold:
    """An interval taken on one part, from exactly one allocation, closure, want or lease."""

    part_id: int
    interval: Interval
    layer: Layer = Layer.USE
    lane: int = 0
    allocation_id: int | None = None
    closure_id: int | None = None
    want_id: int | None = None
    lease_id: int | None = None
    id: int | None = None


@frozen()
class ClosureView:
    """A time in which a space, or (``space_id`` None) the whole site, is closed.

    ``source`` names the calendar of others that it comes from, "" for one that
    was closed by hand; then ``reason`` is a title, which ``visibility`` opens.
    """

    id: int
    site_id: int
    space_id: int | None
    interval: Interval
    reason: str
    version: int = 1
    source: str = ""
    visibility: Visibility = Visibility.PUBLIC


@frozen()
class SourceEventView:
    """A date of a calendar of others that the house follows; ``source`` is the calendar's name."""

    id: int
    site_id: int
    source: str
    space_id: int | None
    title: str
    place: str
    interval: Interval
    all_day: bool
    visibility: Visibility
    changed_at: datetime
