"""Tables as text, their columns, and what stands in a cell."""

from datetime import date
from decimal import Decimal

import pytest

from booking.core.errors import InvalidRequest
from booking.core.sheets import KINDS, Kind, as_text, decoded, match, read_text, words_of
from booking.core.sheets import cells as read
from booking.core.sheets.tables import Row

LEASES = KINDS[Kind.LEASES]
WORDS = frozenset(words_of(LEASES))


def code(call) -> str:
    with pytest.raises(InvalidRequest) as caught:
        call()
    return caught.value.messages[0].code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_table_is_read_however_it_was_saved(encoding, delimiter):
    rows = [
        ["Les baux de 2027", "", "", ""],
        ["Bureau", "Organisation", "Début", "Loyer (€/m²/mois)"],
        ["Café", "Été", "01/09/2027", '"10,5"'],
        ["", "", "", ""],
        ["Café 2", "Été", "02/09/2027", '"9,5"'],
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)

    found = read_text(decoded(text.encode(encoding), most=10_000), WORDS, most=10)

    columns = match(LEASES, found.headings)
    assert [(row.number, columns.given(row)["rent_m2"]) for row in found.rows] == [
        (3, "10,5"),
        (5, "9,5"),
    ]
    assert columns.given(found.rows[0])["space"] == "Café"


def test_decimal_commas_do_not_pass_for_columns():
    text = "Bureau;Organisation;Début;Loyer\n1,5;2,5;3,5;4,5\n"

    found = read_text(text, WORDS, most=10)

    assert found.rows[0].cells == ("1,5", "2,5", "3,5", "4,5")


def test_a_table_as_text_is_read_again():
    found = read_text("Bureau;Organisation;Du\n\nA;B;2027-01-01\n\n\nC;D;x\n", WORDS, most=10)

    assert read_text(as_text(found), WORDS, most=10) == found


@pytest.mark.parametrize(
    ("headings", "expected", "params"),
    [
        ("Bureau;Organisation", "list_column_needed", {"column": "starts"}),
        (
            "Bureau;Organisation;Du;Fin;Espace",
            "list_column_twice",
            {"first": "A", "second": "E", "name": "Espace"},
        ),
    ],
)
def test_missing_and_doubled_columns_are_named(headings, expected, params):
    with pytest.raises(InvalidRequest) as caught:
        match(LEASES, Row(1, headings.split(";")))

    told = caught.value.messages[0]
    assert (told.code, told.field, dict(told.params)) == (expected, "file", params)


def test_columns_that_nothing_is_read_of_are_named():
    assert match(LEASES, Row(1, ("Bureau", "", "Clé", "Structure", "Du"))).unknown == ("Clé",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31/12/2027", date(2027, 12, 31)),
        ("1.9.27", date(2027, 9, 1)),
        ("01-09-1998", date(1998, 9, 1)),
        ("1/9/98", date(1998, 9, 1)),
        ("2027-12-31", date(2027, 12, 31)),
        ("2027-12-31 00:00:00", date(2027, 12, 31)),
        ("46752", date(2027, 12, 31)),
    ],
)
def test_a_day_is_read(text, expected):
    assert read.day(text, "starts") == expected


@pytest.mark.parametrize("text", ["12/31/2027", "31/02/2027", "2027", "demain", "2027-12-31 08:00"])
def test_what_is_no_day_is_told(text):
    assert code(lambda: read.day(text, "starts")) == "cell_day"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("38,5", "38.5"),
        ("38.5 m²", "38.5"),
        ("10 €/m²", "10"),
        ("10,50 € / m² / mois", "10.50"),
        ("1 234,50 €", "1234.50"),
        ("1\N{NARROW NO-BREAK SPACE}234,5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
    ],
)
def test_an_amount_is_read(text, expected):
    assert read.amount(text, "rent_m2") == Decimal(expected)


@pytest.mark.parametrize("text", ["dix", "-5", "1,2,3,", "10 $", "1e3", "٣"])
def test_what_is_no_amount_is_told(text):
    assert code(lambda: read.amount(text, "rent_m2")) == "cell_number"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1/2", (1, 2)), ("2 / 5", (2, 5)), ("50 %", (1, 2)), ("0,3333", (1, 3)), ("1", (1, 1))],
)
def test_a_share_is_read(text, expected):
    assert read.share(text, "share") == expected


@pytest.mark.parametrize("text", ["2/1", "0", "1/61", "150 %", "2027-02-01", "half"])
def test_what_is_no_share_is_told(text):
    assert code(lambda: read.share(text, "share")) == "cell_share"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lun, mar", {0, 1}),
        ("Monday and Friday", {0, 4}),
        ("lun.-mer.", {0, 1, 2}),
        ("jeudi et samedi", {3, 5}),
        ("lun-dim", set()),
    ],
)
def test_days_of_the_week_are_read(text, expected):
    assert read.weekdays(text, "weekdays") == expected


@pytest.mark.parametrize("text", ["ven-lun", "jour", "lun à ven"])
def test_what_is_no_day_of_the_week_is_told(text):
    assert code(lambda: read.weekdays(text, "weekdays")) == "cell_weekday"


@pytest.mark.parametrize("text", ["=A1*2", "#REF!", "#N/A", "#DIV/0!"])
def test_a_formula_without_a_result_is_told(text):
    cells = read.Cells({"note": text})

    assert cells.take("note", read.text) is None
    assert [(each.code, each.field) for each in cells.wrong] == [("cell_formula", "note")]
