"""``booking free``: when a room that fits is free, as the person of an address would see it."""

from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta

import click
from flask_babel import gettext

from booking.actions.finding import Found, find_openings
from booking.cli.house import House, house_command, table
from booking.cli.named import site_id
from booking.cli.times import local_iso
from booking.core.errors import NotFound
from booking.core.recurrence import to_local
from booking.core.requests import Fitting, SearchRequest
from booking.core.values import OPERATOR, Door, Site, SpaceKind
from booking.queries import houses, people

FORTNIGHT = 14
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Slot:
    """Free time as scripts read it: whatever of the length lies between its ends can be booked.

    ``asks`` where an approver has to agree at some of these times, ``over``
    where it is more than the limits of fair use leave.
    """

    space: int
    name: str
    start: str
    end: str
    asks: bool
    over: bool


@click.command()
@click.option("--site", help="Slug or name; the first one without.")
@click.option("--length", type=click.IntRange(1, 24 * 60), default=60, help="Minutes.")
@click.option("--people", "attendance", type=click.IntRange(1, 10_000), help="How many come.")
@click.option("--feature", "features", multiple=True, help="What it has to have; repeatable.")
@click.option("--kind", type=click.Choice([each.value for each in SpaceKind]))
@click.option("--first", type=click.DateTime(["%Y-%m-%d"]), help="Today without.")
@click.option("--days", type=click.IntRange(1, 100), default=FORTNIGHT, help="How many days.")
@click.option("--on", "weekdays", type=click.Choice(DAYS), multiple=True, help="Repeatable.")
@click.option("--from", "earliest", type=click.DateTime(["%H:%M"]), help="The house's opening.")
@click.option("--to", "latest", type=click.DateTime(["%H:%M"]), help="The house's closing.")
@click.option("--as", "email", help="Address of the person it is for; else the operator.")
@house_command
def free(
    house: House,
    site: str | None,
    length: int,
    attendance: int | None,
    features: tuple[str, ...],
    kind: str | None,
    first: datetime | None,
    days: int,
    weekdays: tuple[str, ...],
    earliest: datetime | None,
    latest: datetime | None,
    email: str | None,
) -> None:
    """List when rooms that fit are free, the smallest that suffice first."""
    session = house.session
    here = _site(house, site)
    day = first.date() if first else to_local(house.now, here.zone).date()
    actor = OPERATOR
    if email:
        actor = people.actor_of(session, people.person_id_of(session, email), Door.CLI)
    search = SearchRequest(
        timedelta(minutes=length),
        day,
        day + timedelta(days=days - 1),
        _clock(earliest, here.opens),
        _clock(latest, here.closes),
        frozenset(DAYS.index(each) for each in weekdays),
    )
    like = Fitting(here.id, SpaceKind(kind) if kind else None, attendance, frozenset(features))
    slots = _slots(find_openings(like, search, actor, now=house.now))
    house.tell([asdict(each) for each in slots], _lines(slots))


def _site(house: House, named: str | None) -> Site:
    if named:
        return houses.site(house.session, site_id(house.session, named))
    first = next((each for each in houses.sites(house.session) if not each.is_archived), None)
    if first is None:
        raise NotFound("site", "")
    return first


def _clock(asked: datetime | None, otherwise: time) -> time:
    return asked.time() if asked else otherwise


def _slots(found: Found) -> list[Slot]:
    return [
        Slot(
            space_id,
            found.spaces[space_id].name,
            local_iso(each.free.start, found.site.zone),
            local_iso(each.free.end, found.site.zone),
            any(start.asks for start in each.starts),
            any(start.refuses for start in each.starts),
        )
        for each in found.openings
        for space_id in each.space_ids
    ]


def _remark(slot: Slot) -> str:
    if slot.over:
        return str(gettext("over the limit"))
    return str(gettext("on request")) if slot.asks else ""


def _lines(slots: list[Slot]) -> list[str]:
    if not slots:
        return [str(gettext("Nothing is free"))]
    return table(
        [
            (
                f"{datetime.fromisoformat(each.start):%Y-%m-%d %H:%M}",
                f"{datetime.fromisoformat(each.end):%H:%M}",
                f"{each.space}",
                each.name,
                _remark(each),
            )
            for each in slots
        ]
    )
