"""Which rooms a place names (LOCATION, RFC 5545 §3.8.1.7)."""

import re
from collections.abc import Mapping

_PARTING = re.compile(r"\s*[,;\n]\s*")
_MOST_PIECES = 40
_LONGEST_NAME = 6  # pieces: a name may have commas itself


def rooms_in(location: str, rooms: Mapping[str, int]) -> tuple[int, ...]:
    """Return the ids of the rooms that a place names, each once, in their order there.

    ``rooms`` has ids by ``known_as(name)``.  What names none (a house, a street) is
    passed over.
    """
    pieces = [each for each in _PARTING.split(location) if each][:_MOST_PIECES]
    found: dict[int, None] = {}
    at = 0
    while at < len(pieces):
        for size in range(min(_LONGEST_NAME, len(pieces) - at), 0, -1):
            room = rooms.get(known_as(", ".join(pieces[at : at + size])))
            if room is not None:
                found[room] = None
                at += size - 1
                break
        at += 1
    return tuple(found)


def known_as(name: str) -> str:
    """Return a name as it is looked for: without case, blanks and signs around commas alike."""
    return ", ".join(_PARTING.split(" ".join(name.split()).casefold())).strip(", ")
