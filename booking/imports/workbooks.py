"""Spreadsheets (.xlsx, .ods) and CSV files as tables, whatever they may carry besides."""

import zipfile
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

from booking.core.errors import InvalidRequest
from booking.core.sheets import MOST_COLUMNS, Row, Table, decoded, read_text
from booking.core.sheets.tables import table

MOST_BYTES = 10_000_000
MOST_ROWS = 10_000
MOST_PARTS = 1_000  # of a workbook
MOST_UNPACKED = 120_000_000
MOST_TEXTS = 30_000_000  # octets of the texts that all cells share, which are kept in memory
MOST_EMPTY = 200_000  # rows without a word, which are counted one by one
_CHUNK = 1 << 16
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_SHARED = "xl/sharedStrings.xml"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"


def read_table(
    file: IO[bytes],
    words: Collection[str],
    *,
    most_bytes: int = MOST_BYTES,
    most_rows: int = MOST_ROWS,
) -> Table:
    """Return the table of a file; ``words`` are those of headings, as ``core.sheets`` has them.

    Of a workbook it is the first sheet with something in it.  Formulas count
    as what they came to when the file was saved.

    Raises:
        InvalidRequest: On the field ``file``: it is too big, cannot be read, has
            no row below its headings, or too many of them.
    """
    head = file.read(4)
    file.seek(0, 2)
    if file.tell() > most_bytes:
        raise InvalidRequest.because("list_too_big", "file", limit=most_bytes // 1_000)
    file.seek(0)
    if head == _OLD_EXCEL:
        raise InvalidRequest.because("list_old_excel", "file")
    if head[:2] != b"PK":
        return read_text(decoded(file.read(), most=most_bytes), words, most=most_rows)
    return table(_workbook(file), words, most=most_rows)


def _workbook(file: IO[bytes]) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(file) as packed:
            _refuse_bombs(packed)
            names = packed.namelist()
            if "mimetype" in names and packed.read("mimetype").strip() == _ODS.encode():
                # Here: few ever read such a file.
                from booking.imports.ods import rows_of  # noqa: PLC0415

                yield from rows_of(packed)
                return
            if "xl/workbook.xml" not in names:
                raise InvalidRequest.because("list_unreadable", "file")
            computes = _has_formulas(packed, names)
        yield from _xlsx(file, computes=computes)
    except InvalidRequest:
        raise
    except Exception:  # noqa: BLE001  # a broken file breaks its reader anywhere
        raise InvalidRequest.because("list_unreadable", "file") from None


def _refuse_bombs(packed: zipfile.ZipFile) -> None:
    """Refuse what would fill the memory, or is locked.  More than it says cannot be unpacked."""
    parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(each.file_size for each in parts) > MOST_UNPACKED:
        raise InvalidRequest.because("list_too_much", "file")
    if any(each.filename == _SHARED and each.file_size > MOST_TEXTS for each in parts):
        raise InvalidRequest.because("list_too_much", "file")
    if any(each.flag_bits & 1 for each in parts):
        raise InvalidRequest.because("list_locked", "file")
    for each in parts:
        if each.filename.endswith((".xml", ".rels")):
            with packed.open(each) as part:
                start = part.read(1_024).replace(b"\0", b"")
            if b"<!DOCTYPE" in start or b"<!ENTITY" in start:  # no program writes one
                raise InvalidRequest.because("list_unreadable", "file")


def _has_formulas(packed: zipfile.ZipFile, names: Collection[str]) -> bool:
    for name in names:
        if not name.startswith("xl/worksheets/"):
            continue
        with packed.open(name) as part:
            before = b""
            while chunk := part.read(_CHUNK):
                if b"<f>" in before + chunk or b"<f " in before + chunk:
                    return True
                before = chunk[-3:]
    return False


def _xlsx(file: IO[bytes], *, computes: bool) -> Iterator[Row]:
    from openpyxl import load_workbook  # noqa: PLC0415  # 0.2 s and 20 MB, for few

    def sheets(*, values: bool) -> Iterator[Any]:
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=values, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # what a file says of its size may be anything
                yield sheet

    def cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
        return iter(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True))

    if not computes:
        for sheet in sheets(values=True):
            yield from (found := _Rows(cells(sheet)))
            if found.has_any:
                return
        return
    for sheet, formulas in zip(sheets(values=True), sheets(values=False), strict=True):
        pairs = zip(cells(sheet), cells(formulas), strict=True)
        yield from (found := _Rows(tuple(map(_result, one, two)) for one, two in pairs))
        if found.has_any:
            return


class _Rows:
    """The rows of a sheet; ``has_any`` once a word was among them."""

    def __init__(self, cells: Iterator[tuple[Any, ...]]) -> None:
        self.cells = cells
        self.has_any = False

    def __iter__(self) -> Iterator[Row]:
        empty = 0
        for number, row in enumerate(self.cells, 1):
            texts = tuple(map(cell_text, row))
            if any(texts):
                self.has_any = True
                yield Row(number, texts)
            elif (empty := empty + 1) > MOST_EMPTY:
                return


def _result(value: Any, formula: Any) -> Any:
    """Return what a formula came to, or the formula itself where the file does not say."""
    is_formula = isinstance(formula, str) and formula.startswith("=") and value != formula
    return formula if is_formula and value is None else value


def cell_text(value: Any) -> str:
    """Return a cell as one would type it: days as ISO dates, numbers with a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float | Decimal):
        text = f"{value:.6f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value).strip()
