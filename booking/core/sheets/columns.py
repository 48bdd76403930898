"""Which columns a table may have, and which of its columns is which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from booking.core.errors import InvalidRequest
from booking.core.sheets.tables import Row, heading


class Kind(StrEnum):
    """What a table is about."""

    ORGANISATIONS = "organisations"
    SPACES = "spaces"
    LEASES = "leases"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``words`` are its headings in French and English, as ``heading`` has them."""

    key: str
    words: tuple[str, ...]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a table are; ``unknown`` are headings that nothing is read of."""

    at: Mapping[str, int]
    unknown: tuple[str, ...] = ()

    def given(self, row: Row) -> dict[str, str]:
        """Return key -> what stands there, of the cells of a row that are not empty."""
        return {
            key: row.cells[at]
            for key, at in self.at.items()
            if at < len(row.cells) and row.cells[at]
        }


_ORGANISATION = ("organisation", "organization", "organisme", "structure", "association")
_NOTE = Column("note", ("note", "notes", "remarque", "remarques", "commentaire", "comment"))
KINDS: Mapping[Kind, tuple[Column, ...]] = MappingProxyType(
    {
        Kind.ORGANISATIONS: (
            Column("name", ("name", "nom", *_ORGANISATION), needed=True),
            Column("kind", ("kind", "type", "genre", "sorte", "categorie")),
        ),
        Kind.SPACES: (
            Column(
                "name",
                ("name", "nom", "space", "espace", "room", "salle", "bureau", "local"),
                needed=True,
            ),
            Column("kind", ("kind", "type", "genre", "sorte", "nature")),
            Column("floor", ("floor", "etage", "niveau", "level")),
            Column("area_m2", ("area", "area in", "surface", "surface en", "superficie", "m2")),
            Column("capacity", ("capacity", "capacite", "people", "personnes", "places")),
            Column("features", ("features", "equipment", "equipement", "equipements")),
            Column("bookable", ("bookable", "can be booked", "reservable")),
            Column(
                "setup_min", ("set up", "setup", "minutes before", "preparation", "minutes avant")
            ),
            Column(
                "cleanup_min",
                ("clean up", "cleanup", "minutes after", "rangement", "minutes apres"),
            ),
            Column("description", ("description", *_NOTE.words)),
        ),
        Kind.LEASES: (
            Column(
                "space",
                ("space", "espace", "office", "bureau", "local", "room", "salle"),
                needed=True,
            ),
            Column("organisation", (*_ORGANISATION, "tenant", "locataire", "preneur"), needed=True),
            Column(
                "starts",
                ("first day", "premier jour", "start", "starts", "from", "debut", "du"),
                needed=True,
            ),
            Column("ends", ("last day", "dernier jour", "end", "ends", "to", "until", "fin", "au")),
            Column(
                "rent_m2",
                ("rent", "rent per", "loyer", "loyer au", "loyer mensuel au", "price", "prix"),
            ),
            Column("area_m2", ("area", "surface", "superficie", "m2")),
            Column("share", ("share", "part", "quote part")),
            Column(
                "weekdays", ("weekdays", "days", "days of the week", "jours", "jours de la semaine")
            ),
            Column(
                "includes",
                (
                    "included",
                    "includes",
                    "included in the rent",
                    "inclus",
                    "compris",
                    "compris dans le loyer",
                    "charges comprises",
                ),
            ),
            Column(
                "rooms",
                ("hours of rooms", "meeting room hours", "heures de salle", "heures de salles"),
            ),
            Column(
                "months_notice",
                ("months of notice", "notice", "preavis", "mois de preavis"),
            ),
            Column("documents", ("documents", "document", "links", "liens", "lien")),
            _NOTE,
        ),
    }
)


def words_of(columns: Sequence[Column]) -> dict[str, str]:
    """Return heading -> key of columns."""
    return {word: column.key for column in columns for word in column.words}


def match(columns: Sequence[Column], headings: Row) -> Columns:
    """Return which column of a table is which.

    Raises:
        InvalidRequest: ``list_column_twice`` or ``list_column_needed``, which
            names what is missing by the code ``column``; on the field ``file``.
    """
    words = words_of(columns)
    at: dict[str, int] = {}
    unknown: list[str] = []
    for number, text in enumerate(headings.cells):
        key = words.get(heading(text), "")
        if key in at:
            raise InvalidRequest.because(
                "list_column_twice",
                "file",
                first=_letters(at[key]),
                second=_letters(number),
                name=text[:60],
            )
        if key:
            at[key] = number
        elif text:
            unknown.append(text[:60])
    if missing := [each.key for each in columns if each.needed and each.key not in at]:
        raise InvalidRequest.because("list_column_needed", "file", column=missing[0])
    return Columns(at, tuple(unknown))


def _letters(number: int) -> str:
    """Return the name of a column as spreadsheets have it: A, Z, AA."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def vocabulary(names: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return word -> code of (code, word) pairs, the words as ``heading`` has them."""
    return {heading(word): code for code, word in names}
