"""Boards drawn within this minute, kept for those who ask again and would see the same.

A board takes several times longer to draw than to find out that nothing has
changed.  Kept is the page without what belongs to one session: the CSRF
token is put in anew, and a page with flash messages is never kept.
"""

import functools
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import ParamSpec

from flask import current_app, g, make_response, request, session
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from booking.db import db
from booking.queries.revision import board_state
from booking.web.context import formats, is_fragment, locale, now, theme, viewer

P = ParamSpec("P")
MOST_PAGES = 200  # of some 30 kB
# Stands in a kept page where a session's token belongs; texts of people are escaped.
TOKEN = "<token>"  # noqa: S105


class Shelf:
    """The pages asked for last, for several threads."""

    def __init__(self, most: int = MOST_PAGES) -> None:
        self.most = most
        self._pages: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> str | None:
        """Return a page, None where it is not here (any more)."""
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: Hashable, page: str) -> None:
        """Keep a page; those not asked for the longest make room."""
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > self.most:
                self._pages.popitem(last=False)


def kept(page: Callable[P, Response]) -> Callable[P, Response]:
    """Answer with the page as it was drawn before, where that is still right."""

    @functools.wraps(page)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        if "_flashes" in session:
            return page(*args, **kwargs)
        shelf: Shelf = current_app.extensions.setdefault("booking.boards", Shelf())
        key = _key()
        found = shelf.get(key)
        if found is None:
            answer = page(*args, **kwargs)
            shelf.put(key, _without_token(answer.get_data(as_text=True)))
            return answer
        answer = make_response(found.replace(TOKEN, generate_csrf()) if TOKEN in found else found)
        answer.headers["Vary"] = "X-Fragment, Cookie"
        return answer

    return answered


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
