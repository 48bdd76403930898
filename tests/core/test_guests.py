"""Lists of people as spreadsheets save them."""

import pytest

from booking.core.errors import InvalidRequest
from booking.core.guests import MOST_GUESTS, Guest, read_guests
from booking.core.sheets import decoded

ZOE = [Guest(2, "zoe@example.org", "Zoé", "", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_list_is_read_however_it_was_saved(encoding, delimiter):
    text = f"Email{delimiter}Nom\r\nzoe@example.org{delimiter}Zoé\r\n"

    assert read_guests(decoded(text.encode(encoding), most=1_000)) == ZOE


def test_columns_come_in_any_order_and_lines_keep_their_number():
    text = (
        "Organisation;;Rôle;E-mail\n\n"
        '"Mots; & Lettres";x;manager;a@example.org\n;;;\n;;;b@example.org'
    )

    assert read_guests(text) == [
        Guest(3, "a@example.org", "", "Mots; & Lettres", "manager"),
        Guest(5, "b@example.org"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "list_empty"),
        ("email\n\n", "list_empty"),
        ("name\nZoé", "list_column_missing"),
        ("zoe@example.org;Zoé", "list_column_unknown"),
        ("email;mail\na;b", "list_column_twice"),
        ('email\n"a', "list_row_unreadable"),
        ("email\n" + "a@example.org\n" * (MOST_GUESTS + 1), "list_too_long"),
    ],
)
def test_what_is_no_list_is_told(text, code):
    with pytest.raises(InvalidRequest) as caught:
        read_guests(text)

    assert [(each.code, each.field) for each in caught.value.messages] == [(code, "file")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04\x00\x00", "list_unreadable"),
        (b"\xff\xfea", "list_unreadable"),
        (b"a" * 1_001, "list_too_big"),
    ],
)
def test_what_is_no_text_is_told(data, code):
    with pytest.raises(InvalidRequest) as caught:
        decoded(data, most=1_000)

    assert caught.value.messages[0].code == code
