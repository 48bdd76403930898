"""Spreadsheets as tables: what Excel and LibreOffice save, and files that mean no good."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from booking.core.errors import InvalidRequest
from booking.core.sheets import KINDS, Kind, match, words_of
from booking.imports.workbooks import MOST_ROWS, read_table

LEASES = KINDS[Kind.LEASES]
WORDS = frozenset(words_of(LEASES))
HEADINGS = ("Bureau", "Organisation", "Début", "Loyer")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def saved(book: Workbook) -> io.BytesIO:
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def workbook(*rows) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return book


def read(file: io.BytesIO) -> list[tuple[int, dict[str, str]]]:
    found = read_table(file, WORDS)
    columns = match(LEASES, found.headings)
    return [(row.number, columns.given(row)) for row in found.rows]


def refusal(file: io.BytesIO) -> str:
    with pytest.raises(InvalidRequest) as caught:
        read(file)
    return caught.value.messages[0].code


def changed(file: io.BytesIO, **parts: bytes | None) -> io.BytesIO:
    """Return a zip with other parts in place of its own, by the end of their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            own = next((data for key, data in parts.items() if name.endswith(f"{key}.xml")), b"")
            new.writestr(name, own or old.read(name))
    out.seek(0)
    return out


def test_numbers_days_and_empty_rows_of_excel_are_read():
    book = workbook(
        ("Les baux",),
        HEADINGS,
        ("Bureau 1", "Radio", datetime(2027, 9, 1), 10.5),  # noqa: DTZ001  # as Excel has it
        (),
        (" Bureau 2 ", "Radio", date(2027, 9, 2), 0.1 + 0.2),
        (101, "Radio", 46752, "9,5"),
    )

    assert read(saved(book)) == [
        (
            3,
            {
                "space": "Bureau 1",
                "organisation": "Radio",
                "starts": "2027-09-01",
                "rent_m2": "10.5",
            },
        ),
        (
            5,
            {
                "space": "Bureau 2",
                "organisation": "Radio",
                "starts": "2027-09-02",
                "rent_m2": "0.3",
            },
        ),
        (6, {"space": "101", "organisation": "Radio", "starts": "46752", "rent_m2": "9,5"}),
    ]


def test_a_formula_is_what_it_came_to_and_itself_where_nobody_computed_it():
    file = saved(workbook(HEADINGS, ("A", "B", "=TODAY()", "=5*2")))
    with zipfile.ZipFile(file) as packed:
        name = next(each for each in packed.namelist() if each.endswith("sheet1.xml"))
        sheet = packed.read(name).decode()
    with_result = sheet.replace("<f>5*2</f><v></v>", "<f>5*2</f><v>10</v>").replace(
        "<f>5*2</f><v />", "<f>5*2</f><v>10</v>"
    )
    assert with_result != sheet

    [(_row, given)] = read(changed(file, sheet1=with_result.encode()))

    assert (given["rent_m2"], given["starts"]) == ("10", "=TODAY()")


def test_the_first_sheet_that_is_seen_and_has_something_is_read():
    book = Workbook()
    book.create_sheet("Secret").append(("x",))
    book["Secret"].sheet_state = "hidden"
    sheet = book.create_sheet("Baux")
    sheet.append(HEADINGS)
    sheet.append(("A", "B", "C", "D"))
    book.create_sheet("Notes").append(("y",))

    assert len(read(saved(book))) == 1


def test_a_cell_far_away_and_a_size_that_is_a_lie_cost_nothing():
    book = workbook(HEADINGS, ("A", "B", "C", 1))
    book.active["XFD3"] = "x"
    book.active["A1048576"] = "z"

    assert [row for row, _given in read(saved(book))][:1] == [2]


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table><table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
<table:table-row>%(headings)s<table:table-cell table:number-columns-repeated="16380"/>
</table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>A</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>B</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2027-09-01"><text:p>1/9</text:p>
</table:table-cell><table:table-cell office:value-type="currency" office:value="10.5">
<text:p>10,50 €</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def ods(content: str) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
    file.seek(0)
    return file


def test_a_file_of_libreoffice_is_read():
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{each}</text:p></table:table-cell>'
        for each in HEADINGS
    )

    assert read(ods(ODS % {"headings": cells})) == [
        (4, {"space": "A", "organisation": "B", "starts": "2027-09-01", "rent_m2": "10.5"})
    ]


def zipped(**parts: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name.replace("__", "/") + ".xml", data)
    file.seek(0)
    return file


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;</x>'


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (lambda: zipped(xl__workbook=b"x", big=b"\0" * 121_000_000), "list_too_much"),
        (lambda: zipped(**{f"n{each}": b"" for each in range(1_001)}), "list_too_much"),
        (lambda: zipped(xl__sharedStrings=b" " * 30_000_001), "list_too_much"),
        (lambda: changed(saved(workbook(HEADINGS)), workbook=BOMB), "list_unreadable"),
        (lambda: changed(saved(workbook(HEADINGS)), sheet1=b"<x"), "list_unreadable"),
        (lambda: ods(ODS[:900]), "list_unreadable"),
        (lambda: zipped(word__document=b"<x/>"), "list_unreadable"),
        (lambda: io.BytesIO(b"PK\x03\x04 and nothing more"), "list_unreadable"),
        (lambda: io.BytesIO(b"\xd0\xcf\x11\xe0" + b"x" * 100), "list_old_excel"),
        (lambda: io.BytesIO(b"a" * 50_000_000), "list_too_big"),
        (
            lambda: io.BytesIO(b"Bureau;Organisation;Du\n" + b"a;b;c\n" * (MOST_ROWS + 1)),
            "list_too_long",
        ),
        (lambda: io.BytesIO(b'Bureau;Organisation;Du\n"a;b;c\n'), "list_row_unreadable"),
        (lambda: io.BytesIO(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "list_unreadable"),
        (lambda: io.BytesIO(b""), "list_empty"),
        (lambda: saved(Workbook()), "list_empty"),
    ],
)
def test_what_is_no_table_or_means_no_good_is_refused(file, code):
    assert refusal(file()) == code
