"""Calendars of others: what was read from a file, in the site's zone, as requests to book.

``values`` is what a reader finds, ``zones`` brings it to the wall clock of a
site, ``places`` finds rooms in a text, ``wishes`` makes requests of it, and
``outcomes`` tells what became of each; ``stored`` makes JSON of it.
"""

from booking.core.imports.outcomes import Clashing, Fate, Outcome, settled, taken_up
from booking.core.imports.places import known_as, rooms_in
from booking.core.imports.stored import Choice
from booking.core.imports.values import ImportedDate, ImportedEvent, Left
from booking.core.imports.wishes import Into, Wish, wish_of
from booking.core.imports.zones import in_site_zone, lasting

__all__ = [
    "Choice",
    "Clashing",
    "Fate",
    "ImportedDate",
    "ImportedEvent",
    "Into",
    "Left",
    "Outcome",
    "Wish",
    "in_site_zone",
    "known_as",
    "lasting",
    "rooms_in",
    "settled",
    "taken_up",
    "wish_of",
]
