"""What a space consists of: combined rooms, divided rooms, and how many it admits at a time.

Each of these verbs gives coming bookings their holds anew, under the same
guard, or refuses and says which bookings are in the way.  What is over keeps
the holds that it had.
"""

from booking.actions.parts.combined import PartsEffect, preview_parts, set_parts
from booking.actions.parts.divided import divide, preview_divide
from booking.actions.parts.lanes import set_lanes

__all__ = [
    "PartsEffect",
    "divide",
    "preview_divide",
    "preview_parts",
    "set_lanes",
    "set_parts",
]
