"""Each error becomes one page, in the reader's language, with the right status."""

import logging
from contextlib import suppress

from flask import Flask, Response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import BadHost, HTTPException

from booking.core import errors
from booking.core.messages import message
from booking.db import db
from booking.i18n import sentence
from booking.web.context import forget_viewer, is_fragment, locale

log = logging.getLogger("booking.web")

STATUS: dict[type[errors.BookingError], int] = {
    errors.InvalidRequest: 422,
    errors.SignInFailed: 422,
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.Conflicted: 409,
    errors.Stale: 409,
    errors.Redrawn: 409,
    errors.AlreadyDecided: 409,
    errors.PartsTaken: 409,
    errors.AnswerMissing: 409,
    errors.GuardRefused: 409,
    errors.TooManyAttempts: 429,
}


def status_of(error: errors.BookingError) -> int:
    """Return the HTTP status of an error of the house."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 422)


def error_page(status: int, title: str, sentences: list[str]) -> tuple[str, int]:
    """Return the page (or the fragment a script asked for) that tells what is wrong."""
    template = "errors/fragment.html" if is_fragment() else "errors/page.html"
    return render_template(template, status=status, title=title, sentences=sentences), status


def house_refuses(error: errors.BookingError) -> tuple[str, int]:
    """Say why the house refuses."""
    status = status_of(error)
    titles = {404: _("Not found"), 403: _("Not allowed"), 409: _("Not possible any more")}
    sentences = [sentence(each) for each in error.messages]
    return error_page(status, titles.get(status, _("That did not work")), sentences)


def forged(_error: CSRFError) -> tuple[str, int]:
    """Refuse a form without a token of this session."""
    return error_page(
        400,
        _("The form is too old"),
        [_("Nothing was changed. Go back, reload the page and send it again.")],
    )


def http(error: HTTPException) -> tuple[str, int]:
    """Say what HTTP's own errors mean."""
    status = error.code or 500
    if status >= 500:
        return broken(error)
    pages = {
        403: (_("Not allowed"), _("You may not see this page.")),
        404: (_("Not found"), _("There is no page at this address.")),
        405: (_("Not possible"), _("This address does not answer that.")),
        413: (_("Too much"), _("What was sent is too large. Nothing was stored.")),
    }
    title, text = pages.get(
        status, (_("That did not work"), _("The request was not understood. Nothing was stored."))
    )
    return error_page(status, title, [text])


def no_host(_error: BadHost) -> Response:
    """Say it without a page: no address can be made with a host that is none."""
    said = _("The request was not understood. Nothing was stored.")
    return Response(f"{said}\n", 400, mimetype="text/plain")


def storage(error: SQLAlchemyError) -> tuple[str, int]:
    """Say that nothing can be stored, and tell the operator what to look at."""
    forget_viewer()
    with suppress(SQLAlchemyError):
        db.session.rollback()
    if not isinstance(error, DBAPIError):
        return broken(error)
    log.error(
        "the database refused: look at disk space, file permissions, the database server",
        extra={"path": request.path, "reason": str(error.orig)},
    )
    return plain_page(503, _("One moment, please"), sentence(message("service_down")))


def broken(error: Exception) -> tuple[str, int]:
    """Say that it is our fault, and log it."""
    forget_viewer()
    log.error("unexpected error", exc_info=error, extra={"path": request.path})
    return plain_page(
        500,
        _("Something is broken here"),
        _("The error is in the log. Nothing half-done was stored."),
    )


def plain_page(status: int, title: str, text: str) -> tuple[str, int]:
    """Return a page, or fragment, that needs no database."""
    if is_fragment():
        return render_template("errors/fragment.html", title=title, sentences=[text]), status
    page = render_template("errors/plain.html", title=title, text=text, locale=locale())
    return page, status


def init_app(app: Flask) -> None:
    """Register the handlers, from the most special to the most general."""
    app.register_error_handler(errors.BookingError, house_refuses)
    app.register_error_handler(CSRFError, forged)
    app.register_error_handler(BadHost, no_host)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(SQLAlchemyError, storage)
    app.register_error_handler(Exception, broken)
