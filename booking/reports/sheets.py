"""Empty tables to fill in, and what may stand in each column."""

import io
from dataclasses import dataclass

from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking.core.sheets import KINDS, Kind
from booking.i18n import INCLUDED, ORGANISATION_KINDS, SHEET_COLUMNS, SHEET_KINDS, SPACE_KINDS
from booking.reports.tables import Table, as_csv, as_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LET_FROM = _l("For example 01/09/2027.")
_MEANINGS: dict[tuple[Kind, str], LazyString] = {
    (Kind.ORGANISATIONS, "name"): _l("Its name, as everybody reads it."),
    (Kind.SPACES, "name"): _l("Its name; by it the space is found again."),
    (Kind.SPACES, "floor"): _l("The name of a floor that is there."),
    (Kind.SPACES, "area_m2"): _l("For example 38,5."),
    (Kind.SPACES, "capacity"): _l("How many people it holds."),
    (Kind.SPACES, "features"): _l("Parted by commas: screen, whiteboard, your own words."),
    (Kind.SPACES, "bookable"): _l("Yes or no. Empty: yes, but for offices."),
    (Kind.SPACES, "setup_min"): _l("Minutes to set up, before each booking."),
    (Kind.SPACES, "cleanup_min"): _l("Minutes to clean up, after each booking."),
    (Kind.SPACES, "description"): _l("What members read about it."),
    (Kind.LEASES, "space"): _l("The name of an office, or of another space that can be let."),
    (Kind.LEASES, "organisation"): _l("The name of an organisation that is there."),
    (Kind.LEASES, "starts"): _LET_FROM,
    (Kind.LEASES, "ends"): _l("Empty: without an end."),
    (Kind.LEASES, "rent_m2"): _l("Euros for a m² and month, for example 10,50."),
    (Kind.LEASES, "area_m2"): _l("Empty: that of the space, or of its share."),
    (Kind.LEASES, "share"): _l("For example 1/2 or 50 %. Empty: all of it."),
    (Kind.LEASES, "weekdays"): _l("For example Mon, Tue or Mon-Wed. Empty: all days."),
    (Kind.LEASES, "rooms"): _l("Hours of meeting rooms a month that the rent includes."),
    (Kind.LEASES, "months_notice"): _l("Empty: 3."),
    (Kind.LEASES, "documents"): _l("One on a line: its title, then its link (https://)."),
    (Kind.LEASES, "note"): _l("For those who run the house."),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A column of a table: its heading, what may stand in it, whether it has to be there."""

    heading: str
    meaning: str
    needed: bool


def explained(kind: Kind) -> list[Explained]:
    """Return the columns of a kind in the reader's language."""
    return [
        Explained(str(SHEET_COLUMNS[each.key]), _meaning(kind, each.key), each.needed)
        for each in KINDS[kind]
    ]


def template(kind: Kind, ending: str) -> tuple[io.BytesIO, str]:
    """Return an empty table of a kind as a file (``csv`` or ``xlsx``), and its type."""
    columns = explained(kind)
    empty = Table(str(SHEET_KINDS[kind.value]), [each.heading for each in columns], [])
    if ending == "csv":
        mark = "," if str(get_locale())[:2] == "fr" else "."
        return io.BytesIO(as_csv(empty, decimal_mark=mark)), "text/csv"
    rows = [(each.heading, _("yes") if each.needed else "", each.meaning) for each in columns]
    words = Table(_("Columns"), [_("Column"), _("Needed"), _("What stands there")], rows)
    return io.BytesIO(as_xlsx([empty, words])), XLSX


def _meaning(kind: Kind, key: str) -> str:
    choices = {
        (Kind.ORGANISATIONS, "kind"): ORGANISATION_KINDS,
        (Kind.SPACES, "kind"): SPACE_KINDS,
        (Kind.LEASES, "includes"): INCLUDED,
    }
    if (kind, key) in choices:
        return ", ".join(str(each) for each in choices[kind, key].values())
    return str(_MEANINGS[kind, key])
