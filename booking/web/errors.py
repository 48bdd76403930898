"""Each error becomes one page, in the reader's language, with the right status."""

import logging

from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from booking.core import errors
from booking.core.messages import message
from booking.db import db
from booking.i18n import sentence
from booking.web.context import is_fragment

log = logging.getLogger("booking.web")

STATUS: dict[type[errors.BookingError], int] = {
    errors.InvalidRequest: 422,
    errors.SignInFailed: 422,
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.Conflicted: 409,
    errors.Stale: 409,
    errors.AlreadyDecided: 409,
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


def init_app(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(errors.BookingError)
    def house_refuses(error: errors.BookingError) -> tuple[str, int]:
        status = status_of(error)
        title = {404: _("Not found"), 403: _("Not allowed"), 409: _("Not possible any more")}
        sentences = [sentence(each) for each in error.messages]
        return error_page(status, title.get(status, _("That did not work")), sentences)

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> tuple[str, int]:
        return error_page(
            400,
            _("The form is too old"),
            [_("Nothing was changed. Go back, reload the page and send it again.")],
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str, int]:
        status = error.code or 500
        if status == 404:
            return error_page(404, _("Not found"), [_("There is no page at this address.")])
        if status == 405:
            return error_page(405, _("Not possible"), [_("This address does not answer that.")])
        if status == 413:
            return error_page(413, _("Too much"), [_("What was sent is too large.")])
        if status >= 500:
            return broken(InternalServerError())
        return error_page(status, _("That did not work"), [_("The request was not understood.")])

    @app.errorhandler(SQLAlchemyError)
    def storage(error: SQLAlchemyError) -> tuple[str, int]:
        db.session.rollback()
        if not isinstance(error, DBAPIError):
            return broken(error)
        log.error(
            "the database refused: check disk space, file permissions, the server",
            extra={"path": request.path, "reason": str(error.orig)},
        )
        return error_page(503, _("One moment, please"), [sentence(message("service_down"))])

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        log.error("unexpected error", exc_info=error, extra={"path": request.path})
        return error_page(
            500,
            _("Something is broken here"),
            [_("The error is in the log. Nothing half-done was stored.")],
        )
