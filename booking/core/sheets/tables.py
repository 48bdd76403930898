"""A table as a file has it: rows of texts with the numbers that a spreadsheet shows beside them."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from booking.core.errors import InvalidRequest

MOST_COLUMNS = 60
LOOKED_FOR = 20  # rows among which the headings are
_ASIDE = re.compile(r"\([^)]*\)|\[[^]]*\]|[*:]|m²|€")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that has a word in it; ``number`` counts from 1, empty rows included."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and the rows below them that are not empty."""

    headings: Row
    rows: Sequence[Row]


def heading(text: str) -> str:
    """Return a heading as it is compared: "Surface (m²) *" is ``surface``."""
    plain = unicodedata.normalize("NFKD", _ASIDE.sub(" ", text).casefold())
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(re.split(r"[\s_/’'.-]+", kept.strip())).strip()


def table(rows: Iterable[Row], words: Collection[str], *, most: int) -> Table:
    """Return rows as a table: its headings are the row that says most of ``words``.

    What stands above them, such as a title, is left out.

    Raises:
        InvalidRequest: ``list_empty``, or ``list_too_long`` with its ``limit``;
            on the field ``file``.
    """
    found: list[Row] = []
    for each in rows:
        if any(each.cells):
            found.append(each)
        if len(found) > most + LOOKED_FOR:
            break
    if not found:
        raise InvalidRequest.because("list_empty", "file")
    first = found[:LOOKED_FOR]
    top = max(range(len(first)), key=lambda at: (known(first[at].cells, words), -at))
    below = found[top + 1 :]
    if len(below) > most:
        raise InvalidRequest.because("list_too_long", "file", limit=most)
    return Table(found[top], below)


def known(cells: Iterable[str], words: Collection[str]) -> int:
    """Return how many cells are among the words of headings."""
    return sum(heading(each) in words for each in cells)
