"""What is free: clashes, free slots, the best alternatives, and the lanes of a shared space.

All of it is advice or preparation; the database's guard has the last word.
"""

from booking.core.availability.alternatives import Alternative, Reason, alternatives
from booking.core.availability.conflicts import (
    STEP,
    Conflict,
    busy_by_space,
    busy_times,
    find_conflicts,
    free_slots,
    full_times,
)
from booking.core.availability.lanes import (
    Packing,
    assign_lanes,
    by_lane,
    fewest_in_the_way,
    repack,
)

__all__ = [
    "STEP",
    "Alternative",
    "Conflict",
    "Packing",
    "Reason",
    "alternatives",
    "assign_lanes",
    "busy_by_space",
    "busy_times",
    "by_lane",
    "fewest_in_the_way",
    "find_conflicts",
    "free_slots",
    "full_times",
    "repack",
]
