"""Figures of a house: rent and occupancy of a month, key figures of a year; page and files."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from babel.numbers import get_decimal_symbol
from flask import make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.allowances import Use, minutes, month
from booking.core.errors import NotFound
from booking.core.figures import (
    Due,
    Gap,
    Held,
    KeyFigures,
    Office,
    added_up,
    dues,
    gaps,
    grouped,
    key_figures,
    occupancy,
)
from booking.core.hours import open_hours
from booking.core.leases import most_at_once
from booking.core.letting import let_times
from booking.core.recurrence import to_local
from booking.core.rent import ZERO, days_of, total
from booking.core.values import LETTABLE, LeaseView, Site, SpaceKind
from booking.db import db
from booking.queries.allowances import use_of_all
from booking.queries.figures import dates_held, minutes_by_space
from booking.queries.floors import floors
from booking.queries.leases import leases_within
from booking.queries.spaces import SpaceEntry, entries
from booking.reports import Table, as_csv, as_xlsx
from booking.web.admin.leases.lists import named
from booking.web.admin.shell import admins, blueprint, chosen_site, own_sites
from booking.web.admin.use import DAY, hours_text, shown_month
from booking.web.amounts import euros
from booking.web.context import category_names, now
from booking.web.numbers import is_id

FIRST_YEAR, LAST_YEAR = 2000, 2999
A_YEAR = timedelta(days=365)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart: what it is, how much in words, and its length of 100."""

    name: str
    words: str
    length: float


@dataclass(frozen=True, slots=True)
class Month:
    """All that the page of a month tells."""

    site: Site
    first: date
    due: Sequence[Due]
    by_organisation: Mapping[str, Decimal]
    by_floor: Mapping[str, Decimal]
    let: Decimal
    whole: Decimal
    room_minutes: int
    room_whole: int
    free: Sequence[Gap]
    hours: Mapping[str, tuple[int, int | None]]

    @property
    def rent(self) -> Decimal:
        """What is due altogether."""
        return total(each.amount for each in self.due)


@blueprint.get("/figures", endpoint="figures")
@admins()
def index() -> Response:
    """Show rent, occupancy and use of a month."""
    shown = _month(chosen_site())
    site, first = shown.site, shown.first
    return make_response(
        render_template(
            "admin/figures/month.html",
            site=site,
            named=named(site),
            own=own_sites(),
            m=shown,
            month=f"{first:%Y-%m}",
            before=f"{first - DAY:%Y-%m}" if first.year > FIRST_YEAR else None,
            after=f"{_next(first):%Y-%m}" if first.year < LAST_YEAR else None,
            rents=_bars(shown.by_organisation),
            floors=_bars(shown.by_floor),
            share=_percent(shown.let, shown.whole),
            metres=shown.let / len(days_of(first)),
            rooms_share=_percent(shown.room_minutes, shown.room_whole),
            hours_text=hours_text,
            today=to_local(now(), site.zone).date(),
        )
    )


@blueprint.get("/figures.<any(csv,xlsx):kind>", endpoint="figures_file")
@admins()
def month_file(kind: str) -> Response:
    """Return the month as a file: what is due, by lease; XLSX has use and free offices too."""
    shown = _month(chosen_site())
    rent = Table(
        _("Rent"),
        [
            _("Month"),
            _("Organisation"),
            _("Space"),
            _("Area in m²"),
            _("€ for a m² and month"),
            _("Days"),
            _("Due"),
        ],
        [
            [
                f"{shown.first:%Y-%m}",
                each.lease.organisation_name,
                each.lease.space_name,
                each.lease.area_m2,
                each.lease.rent_m2,
                each.days,
                each.amount,
            ]
            for each in shown.due
        ],
    )
    use = Table(
        _("Hours of rooms"),
        [_("Organisation"), _("Hours booked"), _("Included")],
        [
            [name, _hours(used), None if included is None else _hours(included)]
            for name, (used, included) in shown.hours.items()
        ],
    )
    free = Table(
        _("Free offices"),
        [_("Space"), _("Area in m²"), _("Free from"), _("Until")],
        [[each.office.name, each.office.area_m2, each.first, each.last] for each in shown.free],
    )
    name = _("figures")
    return _file([rent, use, free], kind, f"{name}-{shown.site.slug}-{shown.first:%Y-%m}")


@blueprint.get("/figures/year", endpoint="year")
@admins()
def year_page() -> Response:
    """Show the key figures of a year."""
    site = chosen_site()
    asked = _year(site)
    held = _held(site, asked)
    by_month = grouped(held, lambda each: each.day.month)
    names = category_names()
    rents = _rents(site, asked)
    return make_response(
        render_template(
            "admin/figures/year.html",
            site=site,
            named=named(site),
            own=own_sites(),
            year=asked,
            before=asked - 1 if asked > FIRST_YEAR else None,
            after=asked + 1 if asked < LAST_YEAR else None,
            all=key_figures(held),
            categories=[
                (names.get(code, code), each)
                for code, each in sorted(
                    grouped(held, lambda each: each.category).items(),
                    key=lambda pair: -pair[1].events,
                )
            ],
            months=[
                (date(asked, each, 1), by_month.get(each, KeyFigures()), *rents[each])
                for each in range(1, 13)
            ],
            rent=total(each[0] for each in rents.values()),
            bars=_month_bars({each: by_month.get(each, KeyFigures()).events for each in rents}),
            hours_text=hours_text,
        )
    )


@blueprint.get("/figures/year.<any(csv,xlsx):kind>", endpoint="year_file")
@admins()
def year_file(kind: str) -> Response:
    """Return the year as a file: by month and category; XLSX has the months by themselves too."""
    site = chosen_site()
    asked = _year(site)
    held = _held(site, asked)
    names = category_names()
    heads = [
        _("Events"),
        _("People expected"),
        _("People who came"),
        _("Organisations"),
        _("Hours booked"),
    ]
    both = grouped(held, lambda each: (each.day.month, each.category))
    detail = Table(
        _("By category"),
        [_("Month"), _("Category"), *heads],
        [
            [f"{asked}-{number:02}", names.get(code, code), *_row(each)]
            for (number, code), each in sorted(both.items())
        ],
    )
    rents = _rents(site, asked)
    by_month = grouped(held, lambda each: each.day.month)
    months = Table(
        _("By month"),
        [_("Month"), *heads, _("m² let"), _("Rent")],
        [
            [
                f"{asked}-{each:02}",
                *_row(by_month.get(each, KeyFigures())),
                rents[each][1],
                rents[each][0],
            ]
            for each in rents
        ],
    )
    name = _("key-figures")
    return _file([detail, months], kind, f"{name}-{site.slug}-{asked}")


def _row(figures: KeyFigures) -> list[int | Decimal]:
    return [
        figures.events,
        figures.expected,
        figures.came,
        figures.organisations,
        _hours(figures.minutes),
    ]


def _month(site: Site) -> Month:
    """Read what the month has that the address asks for; a fixed number of statements."""
    session = db.session()
    period = shown_month(site)
    first = period.first
    last = days_of(first)[-1]
    today = to_local(now(), site.zone).date()
    until = max(last, today + A_YEAR)
    known = leases_within(session, site.id, min(first, today), until)
    spaces = entries(session, [site.id])
    offices = _offices(spaces, known)
    floor_of = {each.space.id: each.floor_id for each in spaces}
    floor_names = {each.id: each.name for each in floors(session, site.id)}
    due = dues(known, first)
    rooms = [each.space for each in spaces if each.space.kind is SpaceKind.MEETING_ROOM]
    rooms = [each for each in rooms if each.bookable]
    used = minutes_by_space(session, site.id, period.time)
    open_minutes = sum(
        int(open_hours(site, day).length.total_seconds()) // 60 for day in days_of(first)
    )
    let, whole = occupancy(known, offices, first)
    by_floor = added_up(due, lambda each: floor_of.get(each.space_id))
    return Month(
        site,
        first,
        due,
        by_organisation=_largest(added_up(due, lambda each: each.organisation_name)),
        by_floor={floor_names.get(key or 0, _("No floor")): each for key, each in by_floor.items()},
        let=let,
        whole=whole,
        room_minutes=sum(used.get(each.id, 0) for each in rooms),
        room_whole=open_minutes * len(rooms),
        free=gaps(offices, known, today, today + A_YEAR),
        hours=_hours_used(site, known, first),
    )


def _hours_used(
    site: Site, known: Sequence[LeaseView], first: date
) -> dict[str, tuple[int, int | None]]:
    """Return by tenant how many minutes of rooms it used, and how many its leases include."""
    period = month(site, first, site.policy.fair_use.peak)
    used = use_of_all(db.session(), [period], site_id=site.id)
    last = days_of(first)[-1]
    runs: defaultdict[int, list[tuple[date, date | None, int]]] = defaultdict(list)
    names: dict[int, str] = {}
    for each in known:
        if any(each.is_let_on(day) for day in days_of(first)):
            names[each.organisation_id] = each.organisation_name
            if each.rooms is not None:
                length = int(each.rooms.total_seconds()) // 60
                runs[each.organisation_id].append((each.starts, each.ends, length))
    included = {key: most_at_once(runs.get(key, ()), first, last) for key in names}
    return {
        name: (int(minutes(used.get(key, {}).get(period, Use()).time)), included[key])
        for key, name in sorted(names.items(), key=lambda pair: pair[1].casefold())
    }


def _offices(spaces: Iterable[SpaceEntry], known: Iterable[LeaseView]) -> list[Office]:
    """Return what is there to be let: what cannot be booked, or is let, with an area."""
    let = {each.space_id for each in known}
    return [
        Office(each.space.id, each.space.name, Decimal(str(each.area_m2)), each.floor_id)
        for each in spaces
        if each.area_m2
        and each.space.kind in LETTABLE
        and each.space.part_ids == (each.space.id,)
        and (each.space.id in let or (not each.bookable and each.archived_at is None))
    ]


def _held(site: Site, year: int) -> list[Held]:
    (window,) = let_times(date(year, 1, 1), date(year, 12, 31), (), site.zone)
    return dates_held(db.session(), site.id, site.zone, window)


def _rents(site: Site, year: int) -> dict[int, tuple[Decimal, Decimal]]:
    """Return by month what is due, and the area that is let on an average day."""
    known = leases_within(db.session(), site.id, date(year, 1, 1), date(year, 12, 31))
    found = {}
    for number in range(1, 13):
        first = date(year, number, 1)
        due = dues(known, first)
        metres = sum((each.lease.area_m2 * each.days for each in due), Decimal(0))
        average = (metres / len(days_of(first))).quantize(Decimal("0.1"))
        found[number] = (total(each.amount for each in due), average)
    return found


def _largest(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return dict(sorted(amounts.items(), key=lambda pair: (-pair[1], pair[0].casefold())))


def _bars(amounts: Mapping[str, Decimal]) -> list[Bar]:
    most = max(amounts.values(), default=ZERO) or Decimal(1)
    return [
        Bar(name, euros(each), float(round(100 * each / most, 1))) for name, each in amounts.items()
    ]


def _month_bars(numbers: Mapping[int, int]) -> list[tuple[int, int, float]]:
    """Return month, number, and height of 100."""
    most = max(numbers.values(), default=0) or 1
    return [(each, number, round(100 * number / most, 1)) for each, number in numbers.items()]


def _percent(part: Decimal | int, whole: Decimal | int) -> int | None:
    return round(HUNDRED * part / whole) if whole else None


def _hours(minutes_: int) -> Decimal:
    return (Decimal(minutes_) / 60).quantize(Decimal("0.01"))


def _next(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)


def _year(site: Site) -> int:
    """Return the year that the address asks for, else the present one.

    Raises:
        NotFound: If it is none.
    """
    asked = request.args.get("year", "")
    if not asked:
        return to_local(now(), site.zone).year
    if not is_id(asked) or not FIRST_YEAR <= int(asked) <= LAST_YEAR:
        raise NotFound("page", asked)
    return int(asked)


def _file(tables: Sequence[Table], kind: str, name: str) -> Response:
    """Return tables as a file: the first one as CSV, all of them as XLSX."""
    if kind == "csv":
        mark = get_decimal_symbol(get_locale())
        answer = make_response(as_csv(tables[0], decimal_mark=mark))
        answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    else:
        answer = make_response(as_xlsx(tables))
        answer.headers["Content-Type"] = XLSX
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{kind}")
    return answer
