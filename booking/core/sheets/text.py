"""Tables as text: CSV in whatever encoding and with whatever delimiter it was saved."""

import csv
import io
from collections.abc import Collection, Iterator
from itertools import islice

from booking.core.errors import InvalidRequest
from booking.core.sheets.tables import LOOKED_FOR, MOST_COLUMNS, Row, Table, known, table

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ";,\t"


def decoded(data: bytes, *, most: int) -> str:
    """Return the text of a file in UTF-8, UTF-16 or what Windows writes; ``most`` octets.

    Raises:
        InvalidRequest: ``list_too_big`` or ``list_unreadable``, on the field ``file``.
    """
    if len(data) > most:
        raise InvalidRequest.because("list_too_big", "file", limit=most // 1_000)
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise InvalidRequest.because("list_unreadable", "file")


def _encodings(data: bytes) -> tuple[str, ...]:
    """Return what a file may be written in, the likeliest first."""
    marked = tuple(encoding for mark, encoding in _BOMS if data.startswith(mark))
    if marked:
        return marked
    if not len(data) % 2 and b"\0" in data:  # UTF-16 without its mark: every other octet is none
        odd = data[1:400:2].count(0) > data[:400:2].count(0)
        return ("utf-16-le" if odd else "utf-16-be",)
    return ("utf-8", "cp1252")


def read_text(text: str, words: Collection[str], *, most: int) -> Table:
    """Return the table of a CSV file; ``words`` are those of headings, ``most`` its rows.

    Semicolons, commas or tabs part the cells: whichever makes the headings known.

    Raises:
        InvalidRequest: ``list_unreadable``, ``list_row_unreadable``, or as ``table``.
    """
    if text[:4].casefold() == "sep=":  # a hint of Excel's, which it shows to nobody
        text = text.partition("\n")[2]
    return table(_rows(text, _delimiter(text, words)), words, most=most)


def _delimiter(text: str, words: Collection[str]) -> str:
    lines = [line for line in islice(io.StringIO(text), LOOKED_FOR) if line.strip()]

    def score(delimiter: str) -> tuple[int, int]:
        cells = csv.reader(lines, delimiter=delimiter)
        best = max((known(map(str.strip, each), words) for each in cells), default=0)
        return best, lines[0].count(delimiter) if lines else 0

    try:
        return max(_DELIMITERS, key=score)
    except csv.Error:
        raise InvalidRequest.because("list_unreadable", "file") from None


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise InvalidRequest.because("list_row_unreadable", "file", row=number) from None
        yield Row(number, tuple(each.strip() for each in cells[:MOST_COLUMNS]))


def as_text(found: Table) -> str:
    """Return a table as CSV that ``read_text`` reads again, every row with its number."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    number = 0
    for row in (found.headings, *found.rows):
        writer.writerows([] for _ in range(row.number - number - 1))
        writer.writerow(row.cells)
        number = row.number
    return text.getvalue()
