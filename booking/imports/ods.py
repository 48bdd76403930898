"""Spreadsheets of LibreOffice (OpenDocument 1.3, part 3, section 9): the first sheet's rows."""

import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET  # no DTD gets here, so no entities

from booking.core.sheets import MOST_COLUMNS, Row

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_MOST_ROWS = 200_000


def rows_of(packed: zipfile.ZipFile) -> Iterator[Row]:
    """Yield the rows of the first sheet that has a word in it, those without one left out."""
    number, has_any = 0, False
    with packed.open("content.xml") as content:
        for event, element in ET.iterparse(content, events=("start", "end")):  # noqa: S314
            if element.tag == f"{_TABLE}table":
                if event == "end" and has_any:
                    return
                number = 0
            elif element.tag == f"{_TABLE}table-row" and event == "end":
                cells = _cells(element)
                repeated = _times(element, "rows", _MOST_ROWS)
                if any(cells):
                    has_any = True
                    for at in range(repeated):
                        yield Row(number + at + 1, cells)
                number += repeated
                element.clear()


def _cells(row: ET.Element) -> tuple[str, ...]:
    found: list[str] = []
    for cell in row:
        if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            times = _times(cell, "columns", MOST_COLUMNS)
            found += [_value(cell)] * min(times, MOST_COLUMNS - len(found))
    return tuple(found)


def _times(element: ET.Element, what: str, most: int) -> int:
    text = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return min(int(text), most) if text.isdecimal() else 1


def _value(cell: ET.Element) -> str:
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind in ("float", "currency", "percentage"):
        return cell.get(f"{_OFFICE}value", "")
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "").removesuffix("T00:00:00")
    if kind == "boolean":
        return "yes" if cell.get(f"{_OFFICE}boolean-value") == "true" else "no"
    lines = ("".join(each.itertext()) for each in cell.iter(f"{_TEXT}p"))
    return "\n".join(lines).strip()
