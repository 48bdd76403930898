"""Boards drawn within this minute, kept for those who ask again and would see the same.

A board takes several times longer to draw than to find out that nothing has
changed.  Kept is the page without what belongs to one session, for all of a
reader's sessions, and for each session the squeezed bytes with its CSRF
token.  A page with flash messages is never kept.
"""

import functools
import hashlib
from collections.abc import Callable, Hashable
from typing import NamedTuple, ParamSpec

from flask import current_app, g, request, session
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from booking import squeezed
from booking.db import db
from booking.queries.revision import board_state
from booking.shelves import Shelf
from booking.web.context import formats, is_fragment, locale, now, theme, viewer

P = ParamSpec("P")
MOST_PAGES = 200  # of some 30 kB
MOST_SENT = 1000  # of some 5 kB
HTML = "text/html; charset=utf-8"
# Stands in a kept page where a session's token belongs; texts of people are escaped.
TOKEN = "<token>"  # noqa: S105


class Sent(NamedTuple):
    """The squeezed bytes for one session, and their ETag."""

    body: bytes
    etag: str


class Boards:
    """The shelves of an app."""

    def __init__(self) -> None:
        self.pages: Shelf[str] = Shelf(MOST_PAGES)
        self.sent: Shelf[Sent] = Shelf(MOST_SENT)


def kept(page: Callable[P, Response]) -> Callable[P, Response]:
    """Answer with the page as it was drawn before, where that is still right; 304 if unchanged."""

    @functools.wraps(page)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        if "_flashes" in session:
            return page(*args, **kwargs)
        boards: Boards = current_app.extensions.setdefault("booking.boards", Boards())
        key = _key()
        sent = boards.sent.get((key, _token_of_session()))
        if sent is None:
            text = boards.pages.get(key)
            if text is None:
                text = _without_token(page(*args, **kwargs).get_data(as_text=True))
                boards.pages.put(key, text)
            sent = _for_session(text)
            boards.sent.put((key, _token_of_session()), sent)
        return _answer(sent)

    return answered


def _answer(sent: Sent) -> Response:
    if squeezed.is_known(sent.etag):
        answer = Response(status=304)
        answer.set_etag(sent.etag)
    else:
        answer = squeezed.answer(sent.body, HTML, sent.etag)
    answer.headers["Vary"] = "X-Fragment, Cookie"
    # Kept by this browser alone, and never shown unasked; signing out clears it.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _for_session(text: str) -> Sent:
    """Put this session's token in; the tag is the same in the next minute if the page is."""
    body = text.replace(TOKEN, generate_csrf()) if TOKEN in text else text
    unique = f"{_token_of_session()} {text}"
    return Sent(squeezed.squeeze(body.encode()), hashlib.sha256(unique.encode()).hexdigest()[:32])


def _token_of_session() -> str | None:
    # Where Flask-WTF keeps the secret that the tokens of a session are signed with.
    token: str | None = session.get("csrf_token")
    return token


def _key() -> Hashable:
    """Return all that a page depends on: address, reader, language, theme, minute, house."""
    return (
        request.script_root,
        request.full_path,
        is_fragment(),
        viewer(),
        locale(),
        formats(),
        theme(),
        now().replace(second=0, microsecond=0),
        board_state(db.session()),
    )


def _without_token(page: str) -> str:
    # Flask-WTF keeps the token of this request here, once a template has asked for one.
    token = g.get("csrf_token")
    return page.replace(token, TOKEN) if token else page
