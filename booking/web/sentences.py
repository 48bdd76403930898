"""The sentences of templates: some fifty look-ups a page, so by the shortest way there is."""

from typing import Any

from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


def init_app(app: Flask) -> None:
    """Put these in place of the functions that Flask-Babel gave to the templates."""
    app.jinja_env.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext)


@pass_eval_context
def _gettext(context: EvalContext, text: str, /, **values: Any) -> str:
    return _filled(context, _catalogue().gettext(text), values)


@pass_eval_context
def _ngettext(context: EvalContext, one: str, many: str, number: int, /, **values: Any) -> str:
    found = _catalogue().ngettext(one, many, number)
    return _filled(context, found, {"num": number, **values})


def _filled(context: EvalContext, text: str, values: dict[str, Any]) -> str:
    """Return a sentence with its values, which are escaped where the template escapes."""
    told = Markup(text) if context.autoescape else text  # noqa: S704 - ours, or the catalogue's
    return told % values if values or "%" in text else told


def _catalogue() -> NullTranslations:
    """Return the catalogue of the present language, kept beside what Flask-Babel keeps of it."""
    kept = getattr(g, "_flask_babel", None)
    locale = getattr(kept, "babel_locale", None) or get_locale()
    known = getattr(kept, "sentences", None)
    if known is None or known[0] is not locale:
        # A mail may be written in another language meanwhile.
        known = (locale, get_translations())
        g._flask_babel.sentences = known
    found: NullTranslations = known[1]
    return found
