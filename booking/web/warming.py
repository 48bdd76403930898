"""What most people open is drawn before the service parts into processes, for nobody to see.

Templates, statements and texts are put together at their first use, and stay.  What is there
when the processes part is kept once for all of them; else each would have its own, and the
first visitors of each would wait for it.
"""

import logging

from flask import Flask
from flask_login import login_user

from booking.db import db
from booking.i18n import LANGUAGES
from booking.queries import houses
from booking.queries.people import admins, viewer_of
from booking.web.context import SignedIn, now

log = logging.getLogger("booking.web")

FOR_STRANGERS = ("/health", "/sign-in")
FOR_MEMBERS = ("/", "/bookings/new", "/bookings")


def warm_up(app: Flask) -> None:
    """Draw the pages that most people open, as an administrator of the house would see them.

    Leaves no connection open.  Where a page cannot be drawn the log has it, and
    the service starts nevertheless.
    """
    access = logging.getLogger("booking.access")
    access.disabled = True  # nobody asked
    try:
        _draw_all(app)
    except Exception:
        log.exception("a page could not be drawn before the start")
    finally:
        access.disabled = False
        with app.app_context():
            db.engine.dispose()


def _draw_all(app: Flask) -> None:
    with app.app_context():
        reader = _reader()
    for language in LANGUAGES:
        for path in FOR_STRANGERS:
            _draw(app, path, language)
        for path in FOR_MEMBERS if reader else ():
            _draw(app, path, language, reader)


def _reader() -> SignedIn | None:
    """Return an administrator of the first site, None where there is none yet."""
    session = db.session()
    for site in houses.sites(session)[:1]:
        for person_id in sorted(admins(session, site.id))[:1]:
            found = viewer_of(session, person_id, now=now())
            return SignedIn(found) if found else None
    return None


def _draw(app: Flask, path: str, language: str, reader: SignedIn | None = None) -> None:
    """Draw a page, and the one that it leads to."""
    headers = {"Accept-Language": language, "Accept-Encoding": "gzip", "Cookie": f"lang={language}"}
    with app.test_request_context(path, headers=headers):
        if reader is not None:
            login_user(reader)
        led_to = app.full_dispatch_request().location
    if led_to:
        _draw(app, led_to, language, reader)
