"""A day as 96 quarter hours: sets of quarters as bit masks, and spans side by side."""

from collections.abc import Iterable, Iterator, Sequence

HOUR = 4
DAY = 96
Span = tuple[int, int]


def mask(start: int, end: int) -> int:
    """Return the set of quarters ``[start, end)``; empty where the end is not after the start."""
    return ((1 << (end - start)) - 1) << start if end > start else 0


def runs(quarters: int) -> Iterator[Span]:
    """Yield the unbroken spans of a set as (start, end), in order of time."""
    start = 0
    while quarters:
        skip = (quarters & -quarters).bit_length() - 1
        quarters >>= skip
        start += skip
        length = (~quarters & (quarters + 1)).bit_length() - 1
        yield start, start + length
        quarters >>= length
        start += length


def crowded(spans: Iterable[Span], lanes: int) -> int:
    """Return the set of quarters in which ``lanes`` spans or more run at the same time."""
    levels = [0] * lanes
    for start, end in spans:
        taken = mask(start, end)
        for level in range(lanes - 1, 0, -1):
            levels[level] |= levels[level - 1] & taken
        levels[0] |= taken
    return levels[-1]


def side_by_side(spans: Sequence[Span]) -> list[Span]:
    """Return for each span its place and how many share the width: (nth from 0, of).

    ``spans`` are ordered by start.  Spans that overlap, directly or through
    others, share the width evenly; each takes the first place that is free.
    """
    if len(spans) < 2:
        return [(0, 1)] * len(spans)
    placed: list[Span] = []
    ends: list[int] = []
    first = 0
    for start, end in spans:
        if ends and start >= max(ends):
            placed[first:] = [(nth, len(ends)) for nth, _ in placed[first:]]
            first, ends = len(placed), []
        nth = next((n for n, taken in enumerate(ends) if taken <= start), len(ends))
        ends[nth : nth + 1] = [end]
        placed.append((nth, 0))
    placed[first:] = [(nth, len(ends)) for nth, _ in placed[first:]]
    return placed


def clock(quarter: int) -> str:
    """Return a quarter as ``HH:MM``; the end of the day is ``24:00``."""
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"
