"""What bookings are for: named in each language, put in order, taken out of what is offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import categories as verbs
from booking.core.errors import InvalidRequest, Stale
from booking.db import db
from booking.i18n import CATEGORIES, LANGUAGES
from booking.queries.categories import categories
from booking.web.admin.shell import admins, blueprint
from booking.web.admin.typed import text_of, told
from booking.web.context import actor, now
from booking.web.numbers import is_id

CATEGORY = "/categories/<string(maxlength=20):code>"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was typed for a category ("": a new one), and what is wrong with it."""

    code: str | None
    names: Mapping[str, str]
    errors: Mapping[str, list[str]]


NOTHING_WRONG = Wrong(None, MappingProxyType({}), MappingProxyType({}))


@blueprint.get("/categories", endpoint="categories")
@admins(everywhere=True)
def index() -> Response:
    """List the categories, each as a form."""
    return _page()


@blueprint.post("/categories")
@admins(everywhere=True)
def new_category() -> Response:
    """Add a category."""
    names = _names()
    try:
        verbs.create_category(names, actor(), now=now())
    except InvalidRequest as error:
        errors, status = told(error)
        return _page(Wrong("", names, errors), status=status)
    flash(_("Saved."))
    return redirect(url_for("admin.categories"), 303)


@blueprint.post(CATEGORY)
@admins(everywhere=True)
def category_post(code: str) -> Response:
    """Name a category, or (``what``) archive it, bring it back, move it up."""
    names, what = _names(), request.form.get("what", "")
    seen = request.form.get("version", "")
    version = int(seen) if is_id(seen) else 0
    try:
        if what == "up":
            verbs.order_categories(_moved_up(code), actor(), now=now())
        elif what in ("archive", "restore"):
            offered = what == "restore"
            verbs.offer_category(code, actor(), offered=offered, version=version, now=now())
        else:
            verbs.name_category(code, names, actor(), version=version, now=now())
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        return _page(Wrong(code, names, errors), status=status)
    flash(_("Saved."))
    return redirect(url_for("admin.categories", _anchor=f"c-{code}"), 303)


def _names() -> dict[str, str]:
    return {language: text_of(request.form, language) for language in LANGUAGES}


def _moved_up(code: str) -> list[str]:
    codes = [each.code for each in categories(db.session())]
    if code in codes[1:]:
        place = codes.index(code)
        codes[place - 1 : place + 1] = [code, codes[place - 1]]
    return codes


def _ours() -> dict[str, dict[str, str]]:
    """Return code -> language -> the product's own name."""
    ours: dict[str, dict[str, str]] = {code: {} for code in CATEGORIES}
    for language in LANGUAGES:
        with force_locale(language):
            for code, name in CATEGORIES.items():
                ours[code][language] = str(name)
    return ours


def _page(wrong: Wrong = NOTHING_WRONG, *, status: int = 200) -> Response:
    page = render_template(
        "admin/categories.html",
        categories=categories(db.session()),
        languages=LANGUAGES,
        ours=_ours(),
        wrong=wrong,
    )
    return make_response(page, status)
