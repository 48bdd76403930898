"""Organisations: made, renamed, archived and brought back."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import spaces as verbs
from booking.core.errors import InvalidRequest, NotFound, Stale
from booking.core.values import OrganisationKind
from booking.db import db
from booking.i18n import ORGANISATION_KINDS
from booking.queries import people
from booking.queries.organisations import OrganisationEntry, entries
from booking.web.admin.shell import admins, blueprint
from booking.web.admin.typed import text_of, told
from booking.web.context import actor, now
from booking.web.numbers import is_id
from booking.web.people import role_words

MOST_PEOPLE = 500
ORGANISATION = "/organisations/<int(max=2147483647):organisation_id>"


@dataclass(frozen=True, slots=True)
class Typed:
    """An organisation as it is typed."""

    name: str = ""
    kind: str = OrganisationKind.RESIDENT.value
    version: str = ""

    @classmethod
    def from_form(cls) -> "Typed":
        """Return what was sent."""
        return cls(*(text_of(request.form, name) for name in ("name", "kind", "version")))

    @property
    def chosen(self) -> OrganisationKind:
        """The kind that was chosen.

        Raises:
            InvalidRequest: If it is none.
        """
        if self.kind not in set(OrganisationKind):
            raise InvalidRequest.because("choice_invalid", "kind")
        return OrganisationKind(self.kind)

    @property
    def seen(self) -> int:
        """The version that was seen; 0 where none was sent."""
        return int(self.version) if is_id(self.version) else 0


@blueprint.get("/organisations", endpoint="organisations")
@admins(everywhere=True)
def index() -> Response:
    """List organisations beside the form of a new one."""
    return _page(Typed())


@blueprint.post("/organisations")
@admins(everywhere=True)
def new_organisation() -> Response:
    """Make an organisation."""
    typed = Typed.from_form()
    try:
        verbs.create_organisation(typed.name, typed.chosen, actor(), now=now())
    except InvalidRequest as error:
        errors, status = told(error)
        return _page(typed, errors=errors, status=status)
    flash(_("Saved."))
    return redirect(url_for("admin.organisations"), 303)


@blueprint.get(ORGANISATION)
@admins(everywhere=True)
def organisation(organisation_id: int) -> Response:
    """Show one organisation to change it."""
    found = entry(organisation_id)
    return _page(_stored(found), entry=found)


@blueprint.post(ORGANISATION)
@admins(everywhere=True)
def organisation_post(organisation_id: int) -> Response:
    """Change an organisation, archive it (``what``), or bring it back (restore)."""
    found, typed, what = entry(organisation_id), Typed.from_form(), request.form.get("what", "")
    try:
        if what in ("archive", "restore"):
            verbs.archive_organisation(
                organisation_id, actor(), version=typed.seen, now=now(), back=what == "restore"
            )
        else:
            verbs.edit_organisation(
                organisation_id, typed.name, typed.chosen, actor(), version=typed.seen, now=now()
            )
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        if isinstance(error, Stale):
            found = entry(organisation_id)
            typed = _stored(found)
        return _page(typed, entry=found, errors=errors, status=status)
    flash(_("Saved."))
    return redirect(url_for("admin.organisations"), 303)


def entry(organisation_id: int) -> OrganisationEntry:
    """Return one organisation.

    Raises:
        NotFound: If there is none with this id.
    """
    for each in entries(db.session()):
        if each.id == organisation_id:
            return each
    raise NotFound("organisation", organisation_id)


def _stored(entry: OrganisationEntry) -> Typed:
    return Typed(entry.name, entry.kind, str(entry.version))


def _page(
    typed: Typed,
    *,
    entry: OrganisationEntry | None = None,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    return make_response(
        render_template(
            "admin/organisations.html",
            v=typed,
            entry=entry,
            errors=errors or {},
            organisations=entries(db.session()) if entry is None else [],
            people=people.people(db.session(), organisation_ids=[entry.id], limit=MOST_PEOPLE)
            if entry
            else [],
            role_words=role_words,
            kinds=[*ORGANISATION_KINDS.items()],
            kind_names=ORGANISATION_KINDS,
        ),
        status,
    )
