"""``booking import``: a calendar file into a room, through the same rules as any booking."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from flask_babel import gettext, ngettext

from booking.cli.house import House, Refusal, house_command
from booking.cli.named import organisation_id, site_id, space_id
from booking.core.imports import Choice, Clashing, Fate, Outcome
from booking.core.values import Actor, Door, Site
from booking.i18n import sentence
from booking.ical.reading import Calendar, read
from booking.imports import booked, into_of, looked_at, wishes
from booking.queries import houses, people

SHOWS_PROGRESS = 200  # events, from which on it takes its time


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--space", "space", help="Name or id of the room that all events go into.")
@click.option("--by-place", is_flag=True, help="The room that LOCATION names; others to --space.")
@click.option("--site", "site", help="House, where there are several and no --space.")
@click.option("--as", "email", required=True, help="Address of the person who books.")
@click.option("--organisation", help="Name or id of the organisation it is for.")
@click.option("--category", default="meeting", help="What it is for: a code.")
@click.option(
    "--clashing",
    type=click.Choice([each.value for each in Clashing]),
    default="leave",
    help="Dates that clash: leave them out, or another room or time that day where there is one.",
)
@click.option("--dry-run", is_flag=True, help="Tell what would come of it; store nothing.")
@house_command
def import_file(
    house: House,
    file: Path,
    space: str | None,
    by_place: bool,
    site: str | None,
    email: str,
    organisation: str | None,
    category: str,
    clashing: str,
    dry_run: bool,
) -> None:
    """Book what is to come of a calendar file (.ics).

    What was imported before is left as it is, so an import that was
    interrupted goes on when it is repeated.
    """
    session = house.session
    if space is None and not by_place:
        raise click.UsageError("Say where to: --space NAME, or --by-place.")
    place = _site(house, space, site)
    actor = people.actor_of(session, people.person_id_of(session, email), Door.CLI)
    choice = Choice(
        space_ids=() if space is None else (space_id(session, space, site=place.id),),
        by_place=by_place,
        organisation_id=None if organisation is None else organisation_id(session, organisation),
        category=category,
    )
    with file.open("rb") as source:
        calendar = read(source, zone=place.zone)
        found = _outcomes(house, calendar, choice, place, actor, Clashing(clashing), dry_run)
        _tell(house, calendar, found, dry_run=dry_run)


def _site(house: House, space: str | None, site: str | None) -> Site:
    """Return the house of the room, or the one that is named, or the only one."""
    session = house.session
    if site is not None:
        return houses.site(session, site_id(session, site))
    if space is not None:
        found = houses.spaces_by_id(session, [space_id(session, space)])
        return houses.site(session, next(iter(found.values())).site_id)
    sites = [each for each in houses.sites(session) if not each.is_archived]
    if len(sites) != 1:
        raise Refusal(gettext("There are several houses: say which one with --site."))
    return sites[0]


def _outcomes(
    house: House,
    calendar: Calendar,
    choice: Choice,
    site: Site,
    actor: Actor,
    clashing: Clashing,
    dry_run: bool,
) -> list[Outcome]:
    into = into_of(house.session, site, choice, now=house.now)
    asked = wishes(calendar, into)
    found = (
        looked_at(asked, actor, now=house.now)
        if dry_run
        else booked(asked, actor, clashing=clashing, now=house.now, told=set())
    )
    if calendar.count < SHOWS_PROGRESS or not sys.stderr.isatty():
        return list(found)
    with click.progressbar(found, length=calendar.count, file=sys.stderr) as shown:
        return list(shown)


def _tell(house: House, calendar: Calendar, found: list[Outcome], *, dry_run: bool) -> None:
    fates = Counter(each.fate.value for each in found)
    data = {
        "name": calendar.name,
        "dry_run": dry_run,
        "counts": {each.value: fates.get(each.value, 0) for each in Fate},
        "dates": sum(each.dates for each in found if each.fate in (Fate.BOOKED, Fate.REQUESTED)),
        "clashing": sum(len(each.clashing) for each in found),
        "warnings": [sentence(each) for each in calendar.warnings],
        "events": [_data(each) for each in found] if house.as_json else [],
    }
    lines = [f"! {sentence(each)}" for each in calendar.warnings]
    lines += [line for each in found for line in _lines(each)]
    lines.append(_summary(fates, dry_run=dry_run))
    house.tell(data, lines)


def _data(each: Outcome) -> dict[str, object]:
    return {
        "uid": each.uid,
        "title": each.title,
        "fate": each.fate.value,
        "start": each.start.isoformat(timespec="minutes") if each.start else None,
        "dates": each.dates,
        "over": each.over,
        "clashing": [at.isoformat(timespec="minutes") for at in each.clashing],
        "booking": each.booking_id,
        "reasons": [sentence(one) for one in each.reasons],
        "warnings": [sentence(one) for one in each.warnings],
    }


def _lines(each: Outcome) -> Iterator[str]:
    """Yield a line for what is not simply booked, or is doubtful."""
    when = f"{each.start:%Y-%m-%d %H:%M}  " if each.start else ""
    said = [*each.reasons, *each.warnings]
    if each.fate in (Fate.BOOKED, Fate.REQUESTED, Fate.THERE) and not said and not each.clashing:
        return
    signs = {Fate.TAKEN: "-", Fate.REFUSED: "-", Fate.LEFT: "."}
    told = " ".join(sentence(one) for one in said)
    if each.clashing:
        dates = ", ".join(f"{at:%Y-%m-%d}" for at in each.clashing[:10])
        told = " ".join(filter(None, (gettext("Clashes: %(dates)s.", dates=dates), told)))
    yield f"{signs.get(each.fate, '!')} {when}{each.title}: {told}"


def _summary(fates: Counter[str], *, dry_run: bool) -> str:
    booked = fates[Fate.BOOKED.value] + fates[Fate.REQUESTED.value]
    text = (
        ngettext("%(num)s event would be booked", "%(num)s events would be booked", booked)
        if dry_run
        else ngettext("%(num)s event booked", "%(num)s events booked", booked)
    )
    parts = [
        text,
        gettext("%(number)s there before", number=fates[Fate.THERE.value]),
        gettext("%(number)s clash", number=fates[Fate.TAKEN.value]),
        gettext("%(number)s refused", number=fates[Fate.REFUSED.value]),
        gettext("%(number)s left out", number=fates[Fate.LEFT.value]),
    ]
    return ", ".join(parts) + "."
