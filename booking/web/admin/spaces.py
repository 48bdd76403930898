"""Spaces: their list and order, what each of them is, archiving."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import spaces as verbs
from booking.actions.spaces import SpaceEdit, SpaceRequest
from booking.core.errors import InvalidRequest, NotFound, PartsTaken, Stale
from booking.core.values import Site, SpaceKind
from booking.db import db
from booking.i18n import A_SPACE, FEATURES
from booking.queries import photos
from booking.queries.floors import floors
from booking.queries.spaces import SpaceEntry, entries
from booking.web.admin.closures import below
from booking.web.admin.shell import admins, blueprint, chosen_site, own_sites
from booking.web.admin.typed import decimal, number, text_of, told
from booking.web.context import actor, now, sites, spaces
from booking.web.forms import Reading
from booking.web.numbers import is_id

SPACE = "/spaces/<int(max=2147483647):space_id>"
COLOURS = range(16)
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Typed:
    """A space as it is typed."""

    name: str = ""
    kind: str = SpaceKind.MEETING_ROOM.value
    description: str = ""
    capacity: str = ""
    area_m2: str = ""
    features: tuple[str, ...] = ()
    further: str = ""
    colour: str = "0"
    setup_min: str = "0"
    cleanup_min: str = "0"
    bookable: bool = True
    floor: str = ""
    version: str = ""

    @classmethod
    def from_form(cls) -> "Typed":
        """Return what was sent."""
        form = request.form
        return cls(
            name=text_of(form, "name"),
            kind=text_of(form, "kind"),
            description=text_of(form, "description"),
            capacity=text_of(form, "capacity"),
            area_m2=text_of(form, "area_m2"),
            features=tuple(form.getlist("features")),
            further=text_of(form, "further"),
            colour=text_of(form, "colour"),
            setup_min=text_of(form, "setup_min"),
            cleanup_min=text_of(form, "cleanup_min"),
            bookable="bookable" in form,
            floor=text_of(form, "floor"),
            version=text_of(form, "version"),
        )

    @classmethod
    def from_entry(cls, entry: SpaceEntry) -> "Typed":
        """Return a stored space for the form."""
        space = entry.space
        return cls(
            name=space.name,
            kind=space.kind.value,
            description=space.description,
            capacity=str(space.capacity or ""),
            area_m2=f"{entry.area_m2:g}" if entry.area_given else "",
            features=space.features,
            further=", ".join(each for each in space.features if each not in FEATURES),
            colour=str(space.colour),
            setup_min=str(int(space.setup.total_seconds()) // 60),
            cleanup_min=str(int(space.cleanup.total_seconds()) // 60),
            bookable=entry.bookable,
            floor=str(entry.floor_id or ""),
            version=str(space.version),
        )

    def edit(self) -> SpaceEdit:
        """Return what was typed.

        Raises:
            InvalidRequest: With a message for each field that makes no sense.
        """
        reading = Reading()
        edit = SpaceEdit(
            kind=reading.take(self._kind, SpaceKind.MEETING_ROOM),
            name=self.name,
            description=self.description,
            capacity=reading.take(lambda: number(self.capacity, "capacity"), None),
            features=(*filter(FEATURES.get, self.features), *self.further.split(",")),
            colour=reading.take(lambda: number(self.colour, "colour"), None) or 0,
            area_m2=reading.take(lambda: decimal(self.area_m2, "area_m2"), None),
            bookable=self.bookable,
            setup_min=reading.take(lambda: number(self.setup_min, "setup_min"), None) or 0,
            cleanup_min=reading.take(lambda: number(self.cleanup_min, "cleanup_min"), None) or 0,
            floor_id=reading.take(lambda: number(self.floor, "floor"), None),
        )
        reading.done()
        return edit

    def _kind(self) -> SpaceKind:
        if self.kind not in set(SpaceKind):
            raise InvalidRequest.because("choice_invalid", "kind")
        return SpaceKind(self.kind)


@blueprint.get("/spaces", endpoint="spaces")
@admins()
def index() -> str:
    """List the spaces of one's houses in their order."""
    found = entries(db.session(), [each.id for each in own_sites()])
    names = {each.space.id: each.space.name for each in found}
    return render_template(
        "admin/spaces.html",
        houses=[
            (site, [each for each in found if each.space.site_id == site.id])
            for site in own_sites()
        ],
        names=names,
        kinds=A_SPACE,
    )


@blueprint.post("/spaces/order")
@admins()
def order_spaces() -> Response:
    """Move one space (``id``) up or down by one."""
    site = chosen_site()
    ids = [each.id for each in spaces().values() if each.site_id == site.id]
    asked = request.form.get("id", "")
    if not is_id(asked) or int(asked) not in ids:
        raise NotFound("space", asked)
    at = ids.index(int(asked))
    to = max(0, at - 1) if request.form.get("what") == "up" else at + 1
    ids.insert(to, ids.pop(at))
    verbs.order_spaces(site.id, ids, actor(), now=now())
    return redirect(f"{url_for('admin.spaces')}#space-{asked}", 303)


@blueprint.get("/spaces/new")
@admins()
def new_space() -> Response:
    """Show the form of a new space."""
    return _page(Typed(version="0"), chosen_site())


@blueprint.post("/spaces/new")
@admins()
def new_space_post() -> Response:
    """Make a space."""
    site, typed = chosen_site(), Typed.from_form()
    try:
        edit = typed.edit()
        made = verbs.create_space(
            SpaceRequest(
                site.id,
                edit.kind,
                edit.name,
                description=edit.description,
                capacity=edit.capacity,
                features=edit.features,
                colour=edit.colour,
                area_m2=edit.area_m2,
                bookable=edit.bookable,
                setup_min=edit.setup_min,
                cleanup_min=edit.cleanup_min,
                floor_id=edit.floor_id,
            ),
            actor(),
            now=now(),
        )
    except InvalidRequest as error:
        errors, status = told(error)
        return _page(typed, site, errors=errors, status=status)
    flash(_("%(name)s is there. Set its rules, if it has any of its own.", name=edit.name))
    return redirect(url_for("admin.rules", space_id=made), 303)


@blueprint.get(SPACE)
@admins()
def space(space_id: int) -> Response:
    """Show a space to change it."""
    found, site = own_entry(space_id)
    return _page(Typed.from_entry(found), site, entry=found)


@blueprint.post(SPACE)
@admins()
def space_post(space_id: int) -> Response:
    """Change a space."""
    found, site = own_entry(space_id)
    typed = Typed.from_form()
    version = int(typed.version) if is_id(typed.version) else 0
    try:
        verbs.edit_space(space_id, typed.edit(), actor(), version=version, now=now())
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        if isinstance(error, Stale):
            found, site = own_entry(space_id)
            typed = Typed.from_entry(found)
        return _page(typed, site, entry=found, errors=errors, status=status)
    flash(_("Saved."))
    return redirect(url_for("admin.space", space_id=space_id), 303)


@blueprint.post(f"{SPACE}/archive")
@admins()
def archive_space(space_id: int) -> Response:
    """Archive a space, or (``what`` restore) bring it back."""
    found, site = own_entry(space_id)
    asked = request.form.get("version", "")
    version = int(asked) if is_id(asked) else 0
    try:
        if request.form.get("what") == "restore":
            verbs.restore_space(space_id, actor(), version=version, now=now())
        else:
            verbs.archive_space(space_id, actor(), version=version, now=now())
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        return _page(Typed.from_entry(found), site, entry=found, errors=errors, status=status)
    except PartsTaken as error:
        return _page(Typed.from_entry(found), site, entry=found, taken=error, status=409)
    flash(_("Saved."))
    return redirect(url_for("admin.spaces"), 303)


def space_page(space_id: int, *, errors: Mapping[str, list[str]], status: int) -> Response:
    """Return the page of a space as it is stored, with what could not be done."""
    found, site = own_entry(space_id)
    return _page(Typed.from_entry(found), site, entry=found, errors=errors, status=status)


def own_entry(space_id: int) -> tuple[SpaceEntry, Site]:
    """Return a space with its house, if the reader runs that.

    Raises:
        NotFound: Else.
    """
    known = {each.id: each for each in own_sites()}
    for each in entries(db.session(), known):
        if each.space.id == space_id:
            return each, known[each.space.site_id]
    raise NotFound("space", space_id)


def _page(
    typed: Typed,
    site: Site,
    *,
    entry: SpaceEntry | None = None,
    errors: Mapping[str, list[str]] | None = None,
    taken: PartsTaken | None = None,
    status: int = 200,
) -> Response:
    known = spaces()
    return make_response(
        render_template(
            "admin/space.html",
            v=typed,
            site=site,
            entry=entry,
            errors=errors or {},
            taken=[below(each, site, known) for each in taken.taken[:MOST_LISTED]] if taken else [],
            number_taken=len(taken.taken) if taken else 0,
            kinds=[(key, name) for key, name in A_SPACE.items()],
            features=[(code, str(name)) for code, name in FEATURES.items()],
            colours=COLOURS,
            named=site.slug if len(sites()) > 1 else None,
            floors=[
                ("", _("not said")),
                *((each.id, each.name) for each in floors(db.session(), site.id)),
            ],
            photo=photos.photo(db.session(), entry.space.id) if entry else None,
        ),
        status,
    )
