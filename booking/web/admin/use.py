"""What each organisation uses of a house, month by month: a table, and the same as a file."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

from babel.numbers import get_decimal_symbol
from flask import make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.allowances import Amount, Period, Use, minutes, month
from booking.core.errors import NotFound
from booking.core.recurrence import to_local
from booking.core.values import Limits, Site
from booking.db import db
from booking.queries.allowances import all_limits, use_of_all
from booking.queries.organisations import entries
from booking.web.admin.limits import named
from booking.web.admin.shell import admins, blueprint, chosen_site, own_sites
from booking.web.bookings.standing import UseLine
from booking.web.context import now

_MONTH = re.compile(r"(\d{4})-(\d{2})")
DAY = timedelta(days=1)
FIRST, LAST = date(MINYEAR + 1999, 1, 1), date(MAXYEAR - 1000, 12, 1)
# A spreadsheet takes what begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Line:
    """An organisation in a month, in minutes and dates; ``included`` None: nothing is included."""

    organisation_id: int
    name: str
    is_archived: bool
    is_own: bool
    minutes: Amount
    peak: Amount
    dates: int
    included: Amount | None

    @property
    def beyond(self) -> Amount:
        """The minutes beyond what the rent includes."""
        return max(0, self.minutes - self.included) if self.included is not None else 0

    @property
    def bar(self) -> UseLine | None:
        """How much of the included is used; None where nothing is included."""
        if self.included is None:
            return None
        whole = max(self.included, self.minutes) or 1
        within = min(self.minutes, self.included)
        return UseLine("", round(100 * within / whole, 1), 0, is_over=self.beyond > 0)


@blueprint.get("/use", endpoint="use")
@admins()
def index() -> Response:
    """Show what each organisation uses in a month."""
    site = chosen_site()
    shown = shown_month(site)
    lines = [*_lines(site, shown)]
    return make_response(
        render_template(
            "admin/use.html",
            site=site,
            named=named(site),
            own=own_sites(),
            first=shown.first,
            month=f"{shown.first:%Y-%m}",
            before=f"{shown.first - DAY:%Y-%m}" if shown.first > FIRST else None,
            after=f"{_next(shown.first):%Y-%m}" if shown.first < LAST else None,
            lines=lines,
            total={
                "minutes": sum(each.minutes for each in lines),
                "beyond": sum(each.beyond for each in lines),
                "peak": sum(each.peak for each in lines),
                "dates": sum(each.dates for each in lines),
            },
            hours_text=hours_text,
        )
    )


@blueprint.get("/use.csv")
@admins()
def use_file() -> Response:
    """Return the same as a file that the reader's spreadsheet opens: CSV (RFC 4180), UTF-8."""
    site = chosen_site()
    shown = shown_month(site)
    text = io.StringIO(newline="")
    # Where numbers have a comma, spreadsheets expect semicolons between them.
    writer = csv.writer(text, delimiter=";" if has_comma() else ",")
    writer.writerow(
        [
            _("Month"),
            _("Organisation"),
            _("Hours booked"),
            _("Included"),
            _("Beyond"),
            _("At peak times"),
            _("Bookings"),
        ]
    )
    for each in _lines(site, shown):
        included, beyond = each.included, each.beyond
        writer.writerow(
            [
                f"{shown.first:%Y-%m}",
                f"'{each.name}" if each.name.startswith(_FORMULA) else each.name,
                hours_text(each.minutes),
                "" if included is None else hours_text(included),
                "" if included is None else hours_text(beyond),
                hours_text(each.peak),
                each.dates,
            ]
        )
    answer = make_response(text.getvalue().encode("utf-8-sig"))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = f"{_('use')}-{site.slug}-{shown.first:%Y-%m}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def has_comma() -> bool:
    """Whether the reader's language writes fractions with a comma."""
    return get_decimal_symbol(get_locale()) == ","


def hours_text(amount: Amount) -> str:
    """Return minutes as hours in the reader's language, without a unit: 14, 14.5."""
    text = f"{amount / 60:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", get_decimal_symbol(get_locale()))


def shown_month(site: Site) -> Period:
    """Return the month that the address asks for, with its peak times, else the present one.

    Raises:
        NotFound: If it is none.
    """
    asked = request.args.get("month", "")
    first = to_local(now(), site.zone).date().replace(day=1)
    if asked:
        found = _MONTH.fullmatch(asked)
        if not found or not 1 <= int(found[2]) <= 12:
            raise NotFound("page", asked)
        first = date(max(1, int(found[1])), int(found[2]), 1)
        if not FIRST <= first <= LAST:
            raise NotFound("page", asked)
    return month(site, first, site.policy.fair_use.peak)


def _next(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)


def _lines(site: Site, shown: Period) -> Iterator[Line]:
    """Yield the organisations that use something, or are still there, by name."""
    session = db.session()
    used = use_of_all(session, [shown], site_id=site.id)
    own = all_limits(session, site, shown.first, _next(shown.first) - DAY)
    usual = site.policy.fair_use.organisations if site.policy.fair_use.is_on else Limits()
    for each in entries(session):
        use = used.get(each.id, {}).get(shown, Use())
        if each.archived_at is not None and use == Use():
            continue
        limits = own.get(each.id, usual) if site.policy.fair_use.is_on else usual
        yield Line(
            each.id,
            each.name,
            each.archived_at is not None,
            each.id in own,
            minutes(use.time),
            minutes(use.peak),
            use.dates,
            None if limits.included is None else minutes(limits.included),
        )
