"""``booking import-table``: spaces, organisations and leases from a spreadsheet."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from flask_babel import gettext

from booking.actions import sheets as verbs
from booking.cli.house import House, Refusal, house_command, now
from booking.cli.named import site_id
from booking.core.sheets import Existing, Fate, Kind, Planned
from booking.core.values import OPERATOR
from booking.i18n import SHEET_COLUMNS, SHEET_FATES, sentence
from booking.imports import sheets as work
from booking.queries import houses
from booking.queries.sheets import SheetView, outcomes, sheet

QUIET = (Fate.NEW, Fate.ADDED, Fate.SAME)


@click.command("import-table")
@click.argument("kind", type=click.Choice([each.value for each in Kind]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", help="Slug or name; not needed where there is one.")
@click.option("--update", is_flag=True, help="Bring what is there up to date; else it stays.")
@click.option("--good", is_flag=True, help="Write the good rows, though others are wrong.")
@click.option("--dry-run", is_flag=True, help="Tell what would come of it; write nothing.")
@house_command
def import_table(
    house: House, kind: str, file: Path, site: str | None, update: bool, good: bool, dry_run: bool
) -> None:
    """Write the spaces, organisations or leases of a table (.xlsx, .ods, .csv).

    What is there already is not added twice, so an import that was
    interrupted goes on when it is repeated.
    """
    what = Kind(kind)
    place = None if what is Kind.ORGANISATIONS else _site(house, site)
    existing = Existing.UPDATE if update else Existing.LEAVE
    with file.open("rb") as source:
        sheet_id = work.take_in(
            source, file.name, what, place, existing, OPERATOR, now=house.now, at_once=True
        )
    found = sheet(house.session, sheet_id)
    try:
        writes = not dry_run and bool(found.good) and (good or not found.wrong)
        if writes:
            house.session.rollback()
            verbs.turn_sheet(
                sheet_id, "writing", OPERATOR, now=house.now, without_wrong=good, at_once=True
            )
            work.write_all(sheet_id, now=now)
        _tell(house, sheet(house.session, sheet_id), outcomes(house.session, sheet_id))
    finally:
        house.session.rollback()
        verbs.discard_sheet(sheet_id, OPERATOR)
    if found.wrong and not (good or dry_run):
        raise Refusal(gettext("Nothing is written: %(number)s rows are wrong.", number=found.wrong))


def _site(house: House, named: str | None) -> int:
    if named is not None:
        return site_id(house.session, named)
    found = [each.id for each in houses.sites(house.session) if not each.is_archived]
    if len(found) != 1:
        raise click.UsageError("Say of which site it is: --site SLUG.")
    return found[0]


def _tell(house: House, found: SheetView, planned: list[Planned]) -> None:
    counts = Counter(each.fate for each in planned)
    data = {
        "kind": found.kind.value,
        "counts": {each.value: counts[each] for each in Fate if counts[each]},
        "unknown": [*found.unknown],
        "rows": [_data(each) for each in planned] if house.as_json else [],
    }
    lines = []
    if found.unknown:
        names = ", ".join(found.unknown)
        lines.append(f"! {gettext('Columns that are not read: %(names)s.', names=names)}")
    lines += [line for each in planned for line in _lines(each)]
    lines.append(
        ", ".join(f"{SHEET_FATES[each.value]}: {counts[each]}" for each in Fate if counts[each])
    )
    house.tell(data, lines)


def _data(each: Planned) -> dict[str, object]:
    return {
        "row": each.row,
        "name": each.name,
        "fate": each.fate.value,
        "why": [{"column": one.field, "sentence": sentence(one)} for one in each.why],
        "changes": [*each.changes],
        "id": each.target,
    }


def _lines(each: Planned) -> Iterator[str]:
    """Yield what is to be said of a row, but for rows that are simply written, or there."""
    if each.fate in QUIET:
        return
    row = gettext("Row %(number)s", number=each.row)
    changes = ", ".join(str(SHEET_COLUMNS[key]) for key in each.changes)
    for one in each.why:
        column = str(SHEET_COLUMNS.get(one.field, ""))
        yield f"- {row}, {column + ': ' if column else ''}{sentence(one)}"
    if changes:
        yield f". {row}, {each.name}: {SHEET_FATES[each.fate.value]} ({changes})"
