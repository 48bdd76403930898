"""What the pages of administration share: who comes in, what there is, which house is meant."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec

from flask import Blueprint, redirect, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from booking.core.errors import NotAllowed, NotFound
from booking.core.permissions import may_administer
from booking.core.values import Actor, Role, Site
from booking.web.context import Page, actor, signed_in, sites

P = ParamSpec("P")
blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation; ``everywhere`` where only those who run all houses come in."""

    endpoint: str
    title: LazyString
    icon: str
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Pages in the navigation that belong together."""

    title: LazyString
    entries: tuple[Entry, ...]


GROUPS = (
    Group(
        _l("Places"),
        (
            Entry("admin.spaces", _l("Spaces"), "room"),
            Entry("admin.floors", _l("Floors"), "list"),
            Entry("admin.leases", _l("Leases"), "key"),
            Entry("admin.closures", _l("Closures"), "lock"),
            Entry("admin.screens", _l("Screens"), "screen"),
            Entry("admin.calendars", _l("Calendars of others"), "calendar"),
        ),
    ),
    Group(
        _l("Reports and files"),
        (
            Entry("admin.figures", _l("Figures"), "chart"),
            Entry("admin.use", _l("Fair use"), "clock"),
            Entry("admin.sheets", _l("Import of tables"), "in"),
            Entry("admin.export", _l("Export"), "out"),
        ),
    ),
    Group(
        _l("Settings"),
        (
            Entry("admin.settings", _l("The house"), "house"),
            Entry("admin.sites", _l("Houses"), "group", everywhere=True),
            Entry("admin.categories", _l("Categories"), "filter", everywhere=True),
            Entry("admin.mail_texts", _l("Words of mails"), "edit", everywhere=True),
        ),
    ),
    Group(
        _l("Accounts"),
        (
            Entry("admin.organisations", _l("Organisations"), "desk", everywhere=True),
            Entry("people.index", _l("People"), "people", everywhere=True),
            Entry("admin.invitations", _l("Invitations from a list"), "plus", everywhere=True),
        ),
    ),
    Group(
        _l("Service"),
        (
            Entry("admin.connections", _l("Connected calendars"), "repeat", everywhere=True),
            Entry("admin.work", _l("Work in the background"), "admin", everywhere=True),
            Entry("admin.mail_in", _l("Mails that come in"), "mail", everywhere=True),
            Entry("admin.outbox", _l("Mails kept here"), "copy", everywhere=True),
        ),
    ),
)


def runs_a_house(somebody: Actor) -> bool:
    """Whether somebody administers at least one house."""
    return somebody.operator or somebody.role is Role.ADMIN


def admins(*, everywhere: bool = False) -> Callable[[Callable[P, Page]], Callable[P, Page]]:
    """Let those in who run a house (``everywhere``: all of them); others are told so."""

    def guard(page: Callable[P, Page]) -> Callable[P, Page]:
        @functools.wraps(page)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Page:
            if not (may_administer(actor()) if everywhere else runs_a_house(actor())):
                raise NotAllowed.because("admins_only")
            return page(*args, **kwargs)

        return signed_in(guarded)

    return guard


def own_sites() -> list[Site]:
    """Return the houses that the reader runs, in their order."""
    return [each for each in sites() if may_administer(actor(), each.id)]


def chosen_site() -> Site:
    """Return the house that the address or the form names, else the first of one's own.

    Raises:
        NotFound: If it is none of one's own, or there is no house yet.
    """
    asked = request.values.get("site", "")
    found = next((each for each in own_sites() if asked in ("", each.slug)), None)
    if found is None:
        raise NotFound("site", asked)
    return found


@blueprint.app_context_processor
def for_every_template() -> dict[str, object]:
    """Give what the navigation shows; nothing is read for it."""
    return {"admin_groups": _groups, "runs_a_house": runs_a_house}


def _groups() -> list[Group]:
    all_of_it = may_administer(actor())
    mine = (
        Group(each.title, tuple(one for one in each.entries if all_of_it or not one.everywhere))
        for each in GROUPS
    )
    return [each for each in mine if each.entries]


@blueprint.get("")
@admins()
def index() -> Response:
    """Lead to the first page."""
    return redirect(url_for(GROUPS[0].entries[0].endpoint))
