"""A list of people to invite, as spreadsheets save it.  Pure: text in, rows out."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from booking.core.errors import InvalidRequest

MOST_GUESTS = 1_000
MOST_BYTES = 500_000
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_COLUMNS = {
    "email": ("email", "e-mail", "mail", "address", "adresse", "courriel", "adresse e-mail"),
    "name": ("name", "nom"),
    "organisation": ("organisation", "organization", "organisme", "structure", "association"),
    "role": ("role", "rôle"),
}
_COLUMN_OF = {word: column for column, words in _COLUMNS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Guest:
    """A line of the list as it was typed; ``line`` counts from 1, the headings included."""

    line: int
    email: str
    name: str = ""
    organisation: str = ""
    role: str = ""


def decoded(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 with its mark, or what Windows writes.

    Raises:
        InvalidRequest: ``list_too_big`` or ``list_unreadable``, on the field ``file``.
    """
    if len(data) > MOST_BYTES:
        raise InvalidRequest.because("list_too_big", "file", limit=MOST_BYTES // 1_000)
    named = [encoding for mark, encoding in _BOMS if data.startswith(mark)]
    for encoding in named or ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise InvalidRequest.because("list_unreadable", "file")


def read_guests(text: str) -> list[Guest]:
    """Return the lines below the headings; lines without a word are left out.

    Columns may come in any order, parted by semicolons, commas or tabs.

    Raises:
        InvalidRequest: On the field ``file``: no line, too many of them, a
            heading that is unknown, there twice, or no address among them.
    """
    headings = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";,\t", key=headings.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error:
        raise InvalidRequest.because("list_unreadable", "file") from None
    rows = [(line, cells) for line, cells in rows if any(cells)]
    if not rows:
        raise InvalidRequest.because("list_empty", "file")
    columns = _columns(rows[0][1])
    if len(rows) == 1:
        raise InvalidRequest.because("list_empty", "file")
    if len(rows) - 1 > MOST_GUESTS:
        raise InvalidRequest.because("list_too_long", "file", limit=MOST_GUESTS)
    return [_guest(line, columns, cells) for line, cells in rows[1:]]


def _columns(headings: Iterable[str]) -> list[str]:
    found: list[str] = []
    for heading in headings:
        column = _COLUMN_OF.get(heading.casefold(), "")
        if (heading and not column) or (column and column in found):
            raise InvalidRequest.because("list_column_unknown", "file", name=heading[:60])
        found.append(column)
    if "email" not in found:
        raise InvalidRequest.because("list_column_missing", "file")
    return found


def _guest(line: int, columns: list[str], cells: list[str]) -> Guest:
    named = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
    return Guest(line, **{"email": "", **named})
