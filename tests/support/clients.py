"""Browsers without a window: they sign in and post forms, several at the same moment."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    OpenerDirector,
    Request,
    build_opener,
)

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
class Put:
    """An object that somebody's calendar program puts, under its app password."""

    email: str
    path: str
    text: str
    secret: str


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


def _sent(opener: OpenerDirector, asked: Request) -> Answer:
    try:
        found: HTTPResponse = opener.open(asked, timeout=TIMEOUT_S)
    except HTTPError as error:  # any code but 2xx
        found = error  # type: ignore[assignment]
    with found:
        page = found.read().decode()
    return Answer(found.status, found.headers.get("Location", ""), page)


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
        return _sent(self._opener, Request(f"{self.url}{path}", body))

    def _find_token(self, path: str) -> None:
        page = self.get(path).page
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
        assert found, f"no token on {path}: {page[:500]}"
        self._token = found[1]


class Program:
    """A person's calendar program."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener: OpenerDirector = build_opener()

    def put(self, asked: Put) -> Answer:
        """Put an object."""
        pair = base64.b64encode(f"{asked.email}:{asked.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "text/calendar"}
        url, body = f"{self.url}{asked.path}", asked.text.encode()
        return _sent(self._opener, Request(url, body, headers, method="PUT"))


def post_together(url: str, *rounds: Sequence[Post | Put]) -> list[list[Answer]]:
    """Send what is posted and put in each round at once, each from a process; return the answers.

    They are by round, in the order of what was asked.
    """
    return together(_run, url, rounds)


def _run(url: str, posts: Sequence[Post | Put], start: Any) -> list[Answer]:
    clients: dict[str, Client] = {}
    program = Program(url)
    for post in posts:
        if isinstance(post, Post) and post.email not in clients:
            clients[post.email] = Client(url, post.email)
    answers = []
    for post in posts:
        start.wait(PATIENCE_S)
        if isinstance(post, Put):
            answers.append(program.put(post))
        else:
            answers.append(clients[post.email].post(post.path, post.fields))
    return answers
