"""Tables of spaces, organisations and leases: chosen, looked at row by row, then written."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath

from flask import flash, make_response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import sheets as verbs
from booking.core.checks import one_line
from booking.core.errors import InvalidRequest, NotFound, Stale
from booking.core.permissions import may_administer
from booking.core.sheets import Existing, Fate, Kind, Planned
from booking.db import db
from booking.i18n import SHEET_COLUMNS, SHEET_FATES, SHEET_KINDS, sentence
from booking.imports import sheets as work
from booking.imports.workbooks import MOST_BYTES, MOST_ROWS
from booking.queries.sheets import SheetView, outcomes, own_sheets, sheet
from booking.reports import sheets as templates
from booking.web.admin.shell import admins, blueprint, own_sites
from booking.web.admin.typed import text_of, told
from booking.web.context import actor, all_sites, now
from booking.web.limits import takes
from booking.web.numbers import is_id

SHEET = "/import/<int(max=2147483647):sheet_id>"
LOOK_AGAIN_S = 3
PAGE = 100
# More than is read, so that a file that is too big is told so, and not cut off.
MOST_SENT = 64 * 1024**2
TAGS = {
    Fate.NEW: "confirmed",
    Fate.ADDED: "confirmed",
    Fate.CHANGE: "requested",
    Fate.CHANGED: "confirmed",
    Fate.WRONG: "refused",
    Fate.REFUSED: "refused",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    kind: str = Kind.SPACES.value
    site: str = ""
    existing: str = Existing.LEAVE.value


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the page shows it."""

    row: int
    name: str
    fate: str
    tag: str
    said: tuple[tuple[str, str], ...]  # column, sentence
    changes: tuple[str, ...]
    url: str


@blueprint.get("/import", endpoint="sheets")
@admins()
def index() -> Response:
    """Ask for a file, and explain what it may have."""
    return _page(Typed(kind=request.args.get("kind", Kind.SPACES.value)))


@blueprint.post("/import")
@takes(MOST_SENT)
@admins()
def sheets_post() -> Response:
    """Take a file in, and show what would become of each row."""
    typed = Typed(*(text_of(request.form, name) for name in ("kind", "site", "existing")))
    try:
        kind, existing = _kind(typed.kind), _existing(typed.existing)
        site_id = None if kind is Kind.ORGANISATIONS else _site_id(typed.site)
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise InvalidRequest.because("file_missing", "file")
        name = one_line(PurePath(sent.filename.replace("\\", "/")).name)[:120]
        sheet_id = work.take_in(sent.stream, name, kind, site_id, existing, actor(), now=now())
    except InvalidRequest as error:
        errors, status = told(error)
        return _page(typed, errors=errors, status=status)
    return redirect(url_for("admin.sheet", sheet_id=sheet_id), 303)


@blueprint.get(SHEET, endpoint="sheet")
@admins()
def show(sheet_id: int) -> Response:
    """Show how far a table is, and its rows by what becomes of them."""
    return _show(_own(sheet_id))


@blueprint.post(f"{SHEET}/write")
@admins()
def sheet_write(sheet_id: int) -> Response:
    """Write the good rows, or go on with it; a small table while the browser waits."""
    found = _own(sheet_id)
    at_once = found.good <= work.SMALL
    try:
        verbs.turn_sheet(
            sheet_id,
            "writing",
            actor(),
            now=now(),
            without_wrong=request.form.get("without_wrong") == "1",
            at_once=at_once,
        )
    except Stale:  # pressed twice
        return redirect(url_for("admin.sheet", sheet_id=sheet_id), 303)
    except InvalidRequest as error:
        errors, status = told(error)
        return _show(found, errors=errors, status=status)
    if at_once:
        work.write_all(sheet_id, now=now)
    return redirect(url_for("admin.sheet", sheet_id=sheet_id), 303)


@blueprint.post(f"{SHEET}/stop")
@admins()
def sheet_stop(sheet_id: int) -> Response:
    """Stop after the rows that are in work; it can go on later."""
    with suppress(Stale):  # it is through
        verbs.turn_sheet(sheet_id, "stopped", actor(), now=now())
    return redirect(url_for("admin.sheet", sheet_id=sheet_id), 303)


@blueprint.post(f"{SHEET}/delete")
@admins()
def sheet_delete(sheet_id: int) -> Response:
    """Forget a table; what was written of it stays."""
    verbs.discard_sheet(sheet_id, actor())
    flash(_("The file is gone. What was written of it stays."))
    return redirect(url_for("admin.sheets"), 303)


@blueprint.get("/import/<any(organisations, spaces, leases):kind>.<any(csv, xlsx):ending>")
@admins()
def sheet_template(kind: str, ending: str) -> Response:
    """Give an empty table with the headings of a kind, in the reader's language."""
    data, mimetype = templates.template(Kind(kind), ending)
    name = f"{SHEET_KINDS[kind]}.{ending}".lower().replace(" ", "-")
    return send_file(data, mimetype=mimetype, as_attachment=True, download_name=name)


def _own(sheet_id: int) -> SheetView:
    found = sheet(db.session(), sheet_id)
    if found.person_id != actor().person_id:
        raise NotFound("page", sheet_id)
    return found


def _kind(text: str) -> Kind:
    if text not in set(Kind):
        raise InvalidRequest.because("choice_invalid", "kind")
    return Kind(text)


def _existing(text: str) -> Existing:
    if text not in set(Existing):
        raise InvalidRequest.because("choice_invalid", "existing")
    return Existing(text)


def _site_id(slug: str) -> int:
    for each in own_sites():
        if slug in ("", each.slug):
            return each.id
    raise InvalidRequest.because("choice_invalid", "site")


def _page(
    typed: Typed, *, errors: Mapping[str, list[str]] | None = None, status: int = 200
) -> Response:
    everywhere = may_administer(actor())
    kinds = [each for each in Kind if everywhere or each is not Kind.ORGANISATIONS]
    return make_response(
        render_template(
            "admin/sheets/index.html",
            v=typed,
            errors=errors or {},
            kinds=[(each.value, SHEET_KINDS[each.value], "", None) for each in kinds],
            houses=[(each.slug, each.name) for each in own_sites()],
            explained=[
                (each.value, SHEET_KINDS[each.value], templates.explained(each)) for each in kinds
            ],
            files=own_sheets(db.session(), actor().person_id),
            kind_names=SHEET_KINDS,
            most_mb=MOST_BYTES // 1_000_000,
            most_rows=MOST_ROWS,
        ),
        status,
    )


def _show(
    found: SheetView, *, errors: Mapping[str, list[str]] | None = None, status: int = 200
) -> Response:
    every = outcomes(db.session(), found.id) if found.state != "looking" else []
    fate = request.args.get("show", "")
    if not fate and found.state == "ready" and found.wrong:
        fate = Fate.WRONG.value  # what somebody has to look at comes first
    chosen = [each for each in every if fate in ("", "all", each.fate.value)]
    after = request.args.get("after", "")
    first = int(after) if is_id(after) else 0
    site = all_sites().get(found.site_id) if found.site_id else None
    answer = make_response(
        render_template(
            "admin/sheets/show.html",
            sheet=found,
            what=SHEET_KINDS[found.kind.value],
            site=site if len(own_sites()) > 1 else None,
            errors=errors or {},
            tabs=[
                (each.value, SHEET_FATES[each.value], found.counts[each.value])
                for each in Fate
                if found.counts.get(each.value)
            ],
            fate=fate if fate != "all" else "",
            lines=[_line(found.kind, each) for each in chosen[first : first + PAGE]],
            more=first + PAGE if len(chosen) > first + PAGE else None,
            written=found.counts.get(Fate.ADDED, 0) + found.counts.get(Fate.CHANGED, 0),
            unknown=found.unknown,
        ),
        status,
    )
    if found.is_working:  # looks again by itself, without a script
        answer.headers["Refresh"] = str(LOOK_AGAIN_S)
    return answer


def _line(kind: Kind, each: Planned) -> Line:
    names = SHEET_COLUMNS
    there = each.target if each.fate not in (Fate.WRONG, Fate.REFUSED) else None
    return Line(
        row=each.row,
        name=each.name,
        fate=str(SHEET_FATES[each.fate.value]),
        tag=TAGS.get(each.fate, ""),
        said=tuple((column_name(one.field), sentence(one)) for one in each.why),
        changes=tuple(str(names[key]) for key in each.changes),
        url=_url(kind, there),
    )


def column_name(field: str) -> str:
    """Return the heading of the column that a message is about, "" for none."""
    key = {"shares": "share", "floor_id": "floor"}.get(field, field)
    return str(SHEET_COLUMNS.get(key, ""))


def _url(kind: Kind, target: int | None) -> str:
    if target is None:
        return ""
    if kind is Kind.SPACES:
        return url_for("admin.space", space_id=target)
    if kind is Kind.LEASES:
        return url_for("admin.lease", lease_id=target)
    return url_for("admin.organisation", organisation_id=target)
