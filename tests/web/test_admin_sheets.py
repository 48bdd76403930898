"""Tables in the browser: looked at first, written when somebody says so."""

import io

import pytest
from flask_babel import force_locale
from openpyxl import load_workbook

from booking.core.sheets import KINDS, Kind, match, words_of
from booking.imports.workbooks import read_table
from tests.support.factories import NOW, House

PATH = "/admin/import"
GOOD = "Nom;Genre\nBureau 7;Bureau\nSalle 8;Salle de réunion\n"


def upload(text: str | bytes, name: str = "Locaux.csv", **more: str):
    data = text.encode("cp1252") if isinstance(text, str) else text
    fields = {"kind": "spaces", "existing": "leave", **more}
    return {**fields, "file": (io.BytesIO(data), name)}


def test_a_table_is_looked_at_and_then_written(desk, post):
    sent = post(desk, PATH, **upload(GOOD))
    assert sent.status_code == 303
    shown = desk.get(sent.location)
    assert "2 rows would be written." in shown.text
    assert "Bureau 7" not in desk.get("/admin/spaces").text

    written = post(desk, f"{sent.location}/write")

    assert written.status_code == 303
    assert "2 rows are written." in desk.get(sent.location).text
    assert "Bureau 7" in desk.get("/admin/spaces").text
    assert post(desk, f"{sent.location}/write").status_code == 303  # pressed twice


def test_a_wrong_row_is_named_with_its_column_and_the_good_ones_are_chosen(desk, post):
    sent = post(desk, PATH, **upload(GOOD + "X;Palais\n"))
    shown = desk.get(sent.location).text
    assert "Row 4" in shown
    assert "Kind</span> “Palais” is not known here." in shown
    assert "Row 2" not in shown  # what is wrong comes first
    assert "Row 2" in desk.get(f"{sent.location}?show=all").text

    refused = post(desk, f"{sent.location}/write")
    assert refused.status_code == 422
    assert "Rows to be mended: 1." in refused.text

    post(desk, f"{sent.location}/write", without_wrong="1")
    assert "2 rows are written." in desk.get(sent.location).text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "spaces"}, "Choose a file"),
        (upload("Genre;Étage\na;b\n"), "There is no column “Name”"),
        (upload("Nom;Nom\na;b\n"), "Columns A and B are the same"),
        (upload("Nom\n"), "at least one line below"),
        (upload(b"PK\x03\x04", "a.xlsx"), "This is no list, or it is damaged."),
        (upload(GOOD, kind="people"), "Choose"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_beside_its_field(desk, post, fields, told):
    answer = post(desk, PATH, **fields)

    assert answer.status_code == 422
    assert told in answer.text


def test_a_big_table_is_looked_at_and_written_by_jobs(app, desk, post):
    from booking.jobs import HANDLERS, work_once

    rows = "".join(f"Bureau {number};Bureau\n" for number in range(310))
    sent = post(desk, PATH, **upload("Nom;Genre\n" + rows))
    waiting = desk.get(sent.location)
    assert "The file is being read." in waiting.text
    assert waiting.headers["Refresh"] == "3"
    with app.app_context():
        while work_once(HANDLERS, clock=lambda: NOW):
            pass
    assert "310 rows would be written." in desk.get(sent.location).text

    post(desk, f"{sent.location}/write")
    assert "The rows are being written." in desk.get(sent.location).text
    with app.app_context():
        while work_once(HANDLERS, clock=lambda: NOW):
            pass

    shown = desk.get(f"{sent.location}?show=added&after=300").text
    assert "310 rows are written." in shown
    assert "Row 311" in shown


def test_a_table_is_its_person_s_and_goes_when_told_so(app, house, desk, post, sign_in):
    sent = post(desk, PATH, **upload(GOOD))
    other = sign_in(app.test_client(), house.member)
    assert other.get(sent.location).status_code == 403

    assert post(desk, f"{sent.location}/delete").location == PATH
    assert desk.get(sent.location).status_code == 404


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_empty_table_has_headings_that_are_known(desk, language, kind, ending):
    answer = desk.get(f"{PATH}/{kind.value}.{ending}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    found = read_table(io.BytesIO(answer.data), frozenset(words_of(KINDS[kind])))

    columns = match(KINDS[kind], found.headings)

    assert list(columns.at) == [each.key for each in KINDS[kind]]
    assert columns.unknown == ()
    if ending == "xlsx":
        book = load_workbook(io.BytesIO(answer.data))
        assert book.worksheets[1].max_row == len(KINDS[kind]) + 1


def test_names_of_the_house_are_known_in_the_reader_s_language(app, house: House):
    from booking.core.sheets.tables import heading
    from booking.i18n import SPACE_KINDS
    from booking.imports.sheets.words import words

    with app.test_request_context():
        for language in ("fr", "en"):
            with force_locale(language):
                for code, name in SPACE_KINDS.items():
                    assert words("kind")[heading(str(name))] == code
