"""Spaces that many want at once: there a look before the lock keeps others from waiting.

Known to this process alone, and a matter of speed only: whoever is let
through is checked under the lock all the same.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

FOR = timedelta(seconds=10)
_refused: dict[int, datetime] = {}  # space -> when somebody was refused it last


def forget() -> None:
    """Begin anew, as a process that has just started."""
    _refused.clear()


def note(space_ids: Iterable[int], *, now: datetime) -> None:
    """Remember that somebody was refused these spaces."""
    for each in space_ids:
        _refused[each] = now


def is_crowded(space_ids: Iterable[int], *, now: datetime) -> bool:
    """Whether somebody was refused one of these spaces a moment ago."""
    return any(each in _refused and abs(now - _refused[each]) < FOR for each in space_ids)
