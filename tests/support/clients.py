"""Browsers without a window: they sign in and post forms, several at the same moment."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, build_opener

from tests.support.factories import PASSWORD
from tests.support.racing import PATIENCE_S, together

TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Post:
    """A form that somebody sends."""

    email: str
    path: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the code, where it leads, and the page."""

    status: int
    location: str
    page: str


class _Stay(HTTPRedirectHandler):
    """Show a redirect instead of following it."""

    def redirect_request(self, *_unused: Any) -> None:
        return None


class Client:
    """A person's browser."""

    def __init__(self, url: str, email: str) -> None:
        self.url = url
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(), _Stay())
        self._token = ""
        self._find_token("/sign-in")
        signed_in = self.post("/sign-in", {"email": email, "password": PASSWORD})
        assert signed_in.status in (302, 303), signed_in
        self._find_token("/bookings")

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._sent(path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form with the token of the session."""
        return self._sent(path, urlencode({"csrf_token": self._token, **fields}).encode())

    def _sent(self, path: str, body: bytes | None) -> Answer:
        try:
            found: HTTPResponse = self._opener.open(f"{self.url}{path}", body, TIMEOUT_S)
        except HTTPError as error:  # any code but 2xx
            found = error  # type: ignore[assignment]
        with found:
            page = found.read().decode()
        return Answer(found.status, found.headers.get("Location", ""), page)

    def _find_token(self, path: str) -> None:
        page = self.get(path).page
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
        assert found, f"no token on {path}: {page[:500]}"
        self._token = found[1]


def post_together(url: str, *rounds: Sequence[Post]) -> list[list[Answer]]:
    """Send the posts of each round at once, each from a process; return the answers by round."""
    return together(_run, url, rounds)


def _run(url: str, posts: Sequence[Post], start: Any) -> list[Answer]:
    clients: dict[str, Client] = {}
    for post in posts:
        if post.email not in clients:
            clients[post.email] = Client(url, post.email)
    answers = []
    for post in posts:
        start.wait(PATIENCE_S)
        answers.append(clients[post.email].post(post.path, post.fields))
    return answers
