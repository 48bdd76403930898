"""How much a benchmark does: in earnest, or just enough to see that it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """Sizes of all benchmarks.

    ``rounds`` single bookings and requests are timed, ``series`` series;
    ``load_s`` is how long clients ask the real server.  ``days`` of bookings
    are stored, and ``more`` times as many for the comparison.  The larger
    searches are over ``house_rooms`` and ``rooms``, whose holds reach from
    ``crowd_days`` ago to as many days from now; the timeline has ``offices``,
    and a third as many rooms.  The service is started ``starts`` times.
    """

    rounds: int = 300
    series: int = 60
    load_s: float = 6
    days: int = 28
    more: int = 100
    events: int = 1_000
    house_rooms: int = 200
    rooms: int = 10_000
    crowd_days: int = 182
    processes: int = 8
    attempts: int = 500
    offices: int = 150
    starts: int = 3


FULL = Effort()
TINY = Effort(
    rounds=4,
    series=2,
    load_s=0.2,
    days=8,
    more=2,
    events=6,
    processes=2,
    attempts=6,
    house_rooms=20,
    rooms=60,
    crowd_days=20,
    offices=6,
    starts=1,
)
