"""How an account stands with its limits, as lines with a bar."""

from collections.abc import Iterable
from dataclasses import dataclass

from booking.core.allowances import Standing, most_telling, words_of
from booking.i18n import sentence

WIDE = 100


@dataclass(frozen=True, slots=True)
class UseLine:
    """One limit: in words, and a bar of 100 of which so much is used and so much is new."""

    words: str
    used: float
    takes: float
    is_over: bool


def use_lines(found: Iterable[Standing], account: str) -> tuple[UseLine, ...]:
    """Return a line for each limit that something is taken of, of its most telling period."""
    touched = most_telling(each for each in found if each.takes)
    return tuple(use_line(each, sentence(words_of(each, account))) for each in touched)


def use_line(standing: Standing, words: str) -> UseLine:
    """Return the line of one limit with these words."""
    whole = max(standing.most, standing.used + standing.takes) or 1
    return UseLine(
        words,
        used=round(WIDE * standing.used / whole, 1),
        takes=round(WIDE * standing.takes / whole, 1),
        is_over=standing.used + standing.takes > standing.most,
    )
