"""What a space consists of: combining, dividing, merging, how many it admits at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import parts as verbs
from booking.actions import spaces as space_verbs
from booking.actions.spaces import SpaceRequest
from booking.core.errors import AnswerMissing, BookingError, InvalidRequest, PartsTaken, Stale
from booking.core.requests import DivideRequest, PartsRequest
from booking.core.values import OccurrenceView, Site, Space, SpaceKind
from booking.web.admin.closures import below
from booking.web.admin.shell import admins, blueprint, chosen_site
from booking.web.admin.spaces import SPACE, own_entry
from booking.web.admin.typed import number, text_of, told
from booking.web.context import actor, now, sites, spaces
from booking.web.numbers import is_id

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a form of the page is shown again: ``form`` names it.

    ``taken`` are bookings in the way, ``over`` those that would change.
    """

    form: str = ""
    errors: Mapping[str, list[str]] | None = None
    taken: Sequence[OccurrenceView] = ()
    over: Sequence[OccurrenceView] = ()
    status: int = 200


@blueprint.get(f"{SPACE}/parts")
@admins()
def parts(space_id: int) -> Response:
    """Show what a space consists of."""
    found, site = own_entry(space_id)
    return _page(found.space, site)


@blueprint.post(f"{SPACE}/parts")
@admins()
def parts_post(space_id: int) -> Response:
    """Change the parts (``what`` parts), divide (divide), or admit several (lanes)."""
    found, site = own_entry(space_id)
    what = request.form.get("what", "")
    asked = request.form.get("version", "")
    version = int(asked) if is_id(asked) else 0
    try:
        _change(space_id, what, version, agreed=request.form.get("agreed") == "1")
    except (InvalidRequest, Stale, PartsTaken, AnswerMissing) as error:
        return _page(found.space, site, _trouble(what, error))
    flash(_("Saved."))
    return redirect(url_for("admin.parts", space_id=space_id), 303)


def _change(space_id: int, what: str, version: int, *, agreed: bool) -> None:
    if what == "divide":
        names = tuple(each for each in request.form.getlist("names") if each.strip())
        wish = DivideRequest(space_id, names, version, agreed)
        verbs.divide(wish, actor(), now=now())
    elif what == "lanes":
        lanes = number(text_of(request.form, "lanes"), "lanes") or 0
        verbs.set_lanes(space_id, lanes, actor(), version=version, now=now())
    else:
        verbs.set_parts(PartsRequest(space_id, _chosen(), version, agreed), actor(), now=now())


@blueprint.get("/spaces/combine")
@admins()
def combine() -> Response:
    """Show the form that makes one space of several."""
    return _combine_page(chosen_site())


@blueprint.post("/spaces/combine")
@admins()
def combine_post() -> Response:
    """Make a combined space; ``merge`` takes its parts from what can be booked."""
    site, form = chosen_site(), request.form
    try:
        if len(_chosen()) < 2:
            raise InvalidRequest.because("combine_too_few", "parts")
        made = space_verbs.create_space(
            SpaceRequest(
                site.id,
                SpaceKind.MEETING_ROOM,
                text_of(form, "name"),
                capacity=number(text_of(form, "capacity"), "capacity"),
                part_ids=_chosen(),
                parts_bookable="merge" not in form,
            ),
            actor(),
            now=now(),
        )
    except InvalidRequest as error:
        return _combine_page(site, error)
    flash(_("The combined space is there. Whoever books it holds its parts too."))
    return redirect(url_for("admin.space", space_id=made), 303)


def _chosen() -> tuple[int, ...]:
    return tuple(int(each) for each in request.form.getlist("parts") if is_id(each))


def _trouble(form: str, error: BookingError) -> Trouble:
    if isinstance(error, PartsTaken):
        return Trouble(form, taken=error.taken, status=409)
    if isinstance(error, AnswerMissing):
        return Trouble(form, over=error.over, status=409)
    errors, status = told(error)
    return Trouble(form, errors=errors, status=status)


def _page(space: Space, site: Site, trouble: Trouble | None = None) -> Response:
    trouble = trouble or Trouble()
    known = spaces()
    chosen = _chosen() if trouble.form == "parts" else space.part_ids
    return make_response(
        render_template(
            "admin/parts.html",
            space=space,
            site=site,
            trouble=trouble,
            errors=trouble.errors or {},
            taken=[below(each, site, known) for each in trouble.taken[:MOST_LISTED]],
            over=[below(each, site, known) for each in trouble.over[:MOST_LISTED]],
            options=_options(site, but=space.id),
            chosen=chosen,
            is_combined=space.part_ids != (space.id,),
            above=[
                each for each in known.values() if space.id in each.part_ids and each.id != space.id
            ],
            names=request.form.getlist("names") if trouble.form == "divide" else ["", ""],
            lanes=text_of(request.form, "lanes") if trouble.form == "lanes" else space.lanes,
        ),
        trouble.status,
    )


def _combine_page(site: Site, error: InvalidRequest | None = None) -> Response:
    errors, status = told(error) if error else ({}, 200)
    return make_response(
        render_template(
            "admin/combine.html",
            site=site,
            errors=errors,
            options=_options(site),
            chosen=_chosen(),
            name=text_of(request.form, "name"),
            capacity=text_of(request.form, "capacity"),
            merge="merge" in request.form,
            named=site.slug if len(sites()) > 1 else None,
        ),
        status,
    )


def _options(site: Site, *, but: int | None = None) -> list[tuple[int, str, str, int]]:
    """Return the simple spaces of a house as chips: value, name, seats, colour."""
    return [
        (each.id, each.name, "", each.colour)
        for each in spaces().values()
        if each.site_id == site.id and each.id != but and each.part_ids == (each.id,)
    ]
