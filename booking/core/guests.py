"""A list of people to invite, as spreadsheets save it.  Pure: rows in, guests out."""

from dataclasses import dataclass

from booking.core.errors import InvalidRequest
from booking.core.sheets import Column, Table, match, read_text, words_of

MOST_GUESTS = 1_000
MOST_BYTES = 500_000
COLUMNS = (
    Column(
        "email", ("email", "e mail", "mail", "address", "adresse", "courriel", "adresse e mail")
    ),
    Column("name", ("name", "nom")),
    Column(
        "organisation", ("organisation", "organization", "organisme", "structure", "association")
    ),
    Column("role", ("role",)),
)
WORDS = frozenset(words_of(COLUMNS))


@dataclass(frozen=True, slots=True)
class Guest:
    """A line of the list as it was typed; ``line`` counts from 1, the headings included."""

    line: int
    email: str
    name: str = ""
    organisation: str = ""
    role: str = ""


def read_guests(text: str) -> list[Guest]:
    """Return the lines below the headings of a list as text; lines without a word are left out.

    Raises:
        InvalidRequest: On the field ``file``: no line, too many of them, a
            heading that is unknown, there twice, or no address among them.
    """
    return guests_of(read_text(text, WORDS, most=MOST_GUESTS))


def guests_of(table: Table) -> list[Guest]:
    """Return the guests of a table.

    Raises:
        InvalidRequest: As ``read_guests``.
    """
    columns = match(COLUMNS, table.headings)
    if columns.unknown:
        raise InvalidRequest.because("list_column_unknown", "file", name=columns.unknown[0])
    if "email" not in columns.at:
        raise InvalidRequest.because("list_column_missing", "file")
    if not table.rows:
        raise InvalidRequest.because("list_empty", "file")
    return [Guest(row.number, **{"email": "", **columns.given(row)}) for row in table.rows]
