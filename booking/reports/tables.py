"""A table with a title, and the two files that it becomes."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Cell = str | int | Decimal | date | None
# A spreadsheet takes what begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_NAME = 31  # of a sheet


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below headings; amounts are decimals, so that they stay exact."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def as_csv(table: Table, *, decimal_mark: str) -> bytes:
    """Return a table as CSV (RFC 4180) in UTF-8, as the reader's spreadsheet expects it.

    Where numbers have a comma, semicolons part them.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if decimal_mark == "," else ",")
    writer.writerow(table.headings)
    for row in table.rows:
        writer.writerow([_written(each, decimal_mark) for each in row])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """Return tables as a workbook, a sheet for each; numbers and days are such in it."""
    # Here: the library takes 0.2 s and 20 MB, and few ever ask for such a file.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook()
    book.remove(book.active)
    for table in tables:
        sheet = book.create_sheet(_sheet_name(table.title))
        sheet.append(list(table.headings))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in table.rows:
            sheet.append([_text(each) if isinstance(each, str) else each for each in row])
        sheet.freeze_panes = "A2"
        for number, heading in enumerate(table.headings):
            longest = max((len(str(row[number] or "")) for row in table.rows), default=0)
            width = min(60, max(len(heading), longest) + 2)
            sheet.column_dimensions[sheet.cell(1, number + 1).column_letter].width = width
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _written(value: Cell, decimal_mark: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", decimal_mark)
    if isinstance(value, str):
        return _text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _sheet_name(title: str) -> str:
    return "".join(each for each in title if each not in "[]:*?/\\")[:MOST_NAME]
