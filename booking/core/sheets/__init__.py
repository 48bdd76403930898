"""Tables that come in as files: read, matched to columns, their cells understood.  Pure."""

from booking.core.sheets.columns import KINDS, Column, Columns, Kind, match, words_of
from booking.core.sheets.planned import Existing, Fate, Planned
from booking.core.sheets.tables import MOST_COLUMNS, Row, Table
from booking.core.sheets.text import as_text, decoded, read_text

__all__ = [
    "KINDS",
    "MOST_COLUMNS",
    "Column",
    "Columns",
    "Existing",
    "Fate",
    "Kind",
    "Planned",
    "Row",
    "Table",
    "as_text",
    "decoded",
    "match",
    "read_text",
    "words_of",
]
