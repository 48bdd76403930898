"""Closures: what is closed and was, closing, changing, opening again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import closures as verbs
from booking.core.errors import AnswerMissing, InvalidRequest, NotFound, Stale
from booking.core.permissions import may_administer
from booking.core.recurrence import to_local
from booking.core.requests import ClosureRequest, Over
from booking.core.values import ClosureView, OccurrenceView, Site, Space
from booking.db import db
from booking.i18n import sentence
from booking.queries.closures import closures_by_id, closures_of
from booking.web.admin.shell import admins, blueprint, chosen_site
from booking.web.bookings.reading import read_clock, read_date
from booking.web.bookings.words import span_words
from booking.web.context import actor, all_sites, now, sites, spaces
from booking.web.numbers import is_id, page_number
from booking.web.spoken import by_field

PAGE_SIZE = 50
MOST_LISTED = 50  # bookings below a closure; the number of all is told
CLOSURE = "/closures/<int(max=2147483647):closure_id>"


@dataclass(frozen=True, slots=True)
class Typed:
    """A closure as it is typed; ``space`` "" is the whole house."""

    space: str = ""
    date: str = ""
    start: str = "00:00"
    end_date: str = ""
    end: str = "24:00"
    reason: str = ""
    version: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "Typed":
        """Return what was sent."""
        return cls(**{name: form.get(name, "").strip()[:300] for name in cls.__slots__})

    @classmethod
    def from_view(cls, view: ClosureView, zone: str) -> "Typed":
        """Return a stored closure for the form."""
        start, end = (to_local(at, zone) for at in (view.interval.start, view.interval.end))
        ends_day = end.time() == time(0)
        last = end - timedelta(days=1) if ends_day else end
        return cls(
            space="" if view.space_id is None else str(view.space_id),
            date=start.date().isoformat(),
            start=f"{start:%H:%M}",
            end_date=last.date().isoformat(),
            end="24:00" if ends_day else f"{end:%H:%M}",
            reason=view.reason,
            version=str(view.version),
        )

    def request(self, site: Site, over: str) -> ClosureRequest:
        """Return the request that was typed.

        Raises:
            InvalidRequest: With the fields that make no sense.
        """
        first = read_date(self.date, "date")
        last = read_date(self.end_date or self.date, "end_date")
        start = datetime.combine(first, read_clock(self.start, "start"))
        end = (
            datetime.combine(last, time(0)) + timedelta(days=1)
            if self.end == "24:00"
            else datetime.combine(last, read_clock(self.end, "end"))
        )
        if self.space and not is_id(self.space):
            raise InvalidRequest.because("space_unknown", "space")
        return ClosureRequest(
            site.id,
            start,
            end,
            self.reason,
            space_id=int(self.space) if self.space else None,
            over=Over(over) if over in set(Over) else None,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A closure in the list; ``when`` in words of the house's clock."""

    id: int
    what: str
    when: str
    reason: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Below:
    """A booking that a closure would lie over."""

    title: str
    who: str
    room: str
    when: str
    address: str


@blueprint.get("/closures", endpoint="closures")
@admins()
def index() -> Response:
    """List what is closed, or with ``?past=1`` what was, beside the form."""
    return _page(Typed())


@blueprint.post("/closures")
@admins()
def close() -> Response:
    """Close a space or the house; ask about the bookings below."""
    site, typed = chosen_site(), Typed.from_form(request.form)
    try:
        wish = typed.request(site, request.form.get("over", ""))
        closed = verbs.close(wish, actor(), now=now())
    except InvalidRequest as error:
        return _page(typed, errors=by_field(error), status=422)
    except AnswerMissing as error:
        return _page(typed, over=error.over, status=409)
    flash(_said(wish, len(closed.over)))
    return redirect(url_for("admin.closures", site=_named(site)), 303)


@blueprint.get(CLOSURE)
@admins()
def closure(closure_id: int) -> Response:
    """Show one closure to change it."""
    found, site = _own(closure_id)
    return _page(Typed.from_view(found, site.zone), changing=found, site=site)


@blueprint.post(CLOSURE)
@admins()
def change_closure(closure_id: int) -> Response:
    """Change a closure, or (``what`` reopen) take it back."""
    found, site = _own(closure_id)
    if request.form.get("what") == "reopen":
        verbs.reopen(closure_id, actor(), now=now())
        flash(_("Open again: %(reason)s.", reason=found.reason))
        return redirect(url_for("admin.closures", site=_named(site)), 303)
    typed = Typed.from_form(request.form)
    version = int(typed.version) if is_id(typed.version) else 0
    try:
        wish = typed.request(site, request.form.get("over", ""))
        verbs.change_closure(closure_id, wish, actor(), version=version, now=now())
    except InvalidRequest as error:
        return _page(typed, changing=found, site=site, errors=by_field(error), status=422)
    except AnswerMissing as error:
        return _page(typed, changing=found, site=site, over=error.over, status=409)
    except Stale as error:
        fresh = Typed.from_view(_own(closure_id)[0], site.zone)
        told = {"": [sentence(each) for each in error.messages]}
        return _page(fresh, changing=found, site=site, errors=told, status=409)
    flash(_("Saved."))
    return redirect(url_for("admin.closures", site=_named(site)), 303)


def _page(
    typed: Typed,
    *,
    changing: ClosureView | None = None,
    site: Site | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    over: Sequence[OccurrenceView] = (),
    status: int = 200,
) -> Response:
    house = site or chosen_site()
    page, past = page_number(), request.args.get("past") == "1"
    found = closures_of(
        db.session(),
        house.id,
        now=now(),
        past=past,
        limit=PAGE_SIZE + 1,
        offset=(page - 1) * PAGE_SIZE,
    )
    known = spaces()
    options = [("", _("The whole house"))]
    options += [(str(each.id), each.name) for each in known.values() if each.site_id == house.id]
    today = to_local(now(), house.zone).date().isoformat()
    return make_response(
        render_template(
            "admin/closures.html",
            site=house,
            v=typed if typed.date else Typed(date=today, end_date=today),
            errors=errors or {},
            changing=changing,
            options=options,
            lines=[_line(each, house, known) for each in found[:PAGE_SIZE]],
            over=[below(each, house, known) for each in over[:MOST_LISTED]],
            number_over=len(over),
            page=page,
            past=past,
            has_more=len(found) > PAGE_SIZE,
        ),
        status,
    )


def _own(closure_id: int) -> tuple[ClosureView, Site]:
    found = closures_by_id(db.session(), [closure_id]).get(closure_id)
    if found is None or not may_administer(actor(), found.site_id):
        raise NotFound("closure", closure_id)
    return found, all_sites()[found.site_id]


def _line(view: ClosureView, site: Site, known: Mapping[int, Space]) -> Line:
    return Line(
        view.id,
        _room(view.space_id, known),
        _span(view.interval.start, view.interval.end, site),
        view.reason,
        is_now=view.interval.start <= now() < view.interval.end,
    )


def below(view: OccurrenceView, site: Site, known: Mapping[int, Space]) -> Below:
    """Return a booking that is in the way, in words."""
    return Below(
        view.title,
        view.organisation_name or view.organiser_name,
        _room(view.space_id, known),
        _span(view.interval.start, view.interval.end, site),
        url_for("bookings.show", booking_id=view.booking_id),
    )


def closure_words(view: ClosureView, site: Site) -> str:
    """Return a closure in words: its reason, and when."""
    return f"{view.reason}: {_span(view.interval.start, view.interval.end, site)}"


def _room(space_id: int | None, known: Mapping[int, Space]) -> str:
    if space_id is None:
        return _("The whole house")
    return known[space_id].name if space_id in known else _("A space that is archived")


def _span(start: datetime, end: datetime, site: Site) -> str:
    first, last = to_local(start, site.zone), to_local(end, site.zone)
    whole_days = first.time() == time(0) == last.time()
    return span_words(first, last, all_day=whole_days)


def _said(wish: ClosureRequest, over: int) -> str:
    if not over:
        return _("Closed.")
    if wish.over is Over.CANCEL:
        return _("Closed. Bookings that are cancelled: %(number)s.", number=over)
    return _("Closed. Bookings that stay: %(number)s.", number=over)


def _named(site: Site) -> str | None:
    """A single house is never named in addresses."""
    return site.slug if len(sites()) > 1 else None
