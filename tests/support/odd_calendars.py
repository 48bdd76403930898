"""A proxy before a real calendar server that loses requests and answers, or makes them odd."""

import http.client
import os
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.support.calendars import CalendarServer


@dataclass(slots=True)
class Passing:
    """A request on its way; ``status`` set answers it without asking the server.

    ``is_cut`` ends the answer in its middle.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    is_cut: bool = False


@dataclass(slots=True)
class Proxy:
    """What the proxy does with requests: ``before`` and ``after`` may change what passes.

    ``lose`` numbers requests, from 1: (number, True) is carried out and not
    answered, (number, False) never arrives.  ``kill`` is a process to end instead.
    """

    url: str
    before: Callable[[Passing], None] = lambda _passing: None
    after: Callable[[Passing], None] = lambda _passing: None
    lose: tuple[int, bool] | None = None
    kill: int = 0
    seen: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Let everything pass again, and count anew."""
        self.before = self.after = lambda _passing: None
        self.lose, self.kill = None, 0
        self.seen.clear()

    def is_lost(self, number: int, *, is_done: bool) -> bool:
        """Whether this request is lost here."""
        if self.lose != (number, is_done):
            return False
        if self.kill:
            os.kill(self.kill, signal.SIGKILL)
        return True


class Handler(BaseHTTPRequestHandler):
    """Passes one request on, or does what the proxy says instead."""

    protocol_version = "HTTP/1.1"
    proxy: Proxy
    behind: str

    def handle_any(self) -> None:
        """Take a request of any method."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        passing = Passing(self.command, self.path, dict(self.headers.items()), body)
        self.proxy.seen.append(self.command)
        number = len(self.proxy.seen)
        if self.proxy.is_lost(number, is_done=False):
            self.close_connection = True
            return
        self.proxy.before(passing)
        if not passing.status:
            self._forward(passing)
        self.proxy.after(passing)
        if self.proxy.is_lost(number, is_done=True):
            self.close_connection = True
            return
        self._answer(passing)

    def _answer(self, passing: Passing) -> None:
        self.send_response_only(passing.status)
        for name, value in passing.answer_headers.items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(passing.answer)))
        self.end_headers()
        with suppress(OSError):  # whoever asked is gone
            half = len(passing.answer) // 2 if passing.is_cut else None
            self.wfile.write(passing.answer[:half])
        self.close_connection = self.close_connection or passing.is_cut

    def _forward(self, passing: Passing) -> None:
        client = http.client.HTTPConnection(self.behind, timeout=20)
        headers = {**passing.headers, "Content-Length": str(len(passing.body))}
        client.request(passing.method, passing.path, passing.body, headers)
        answer = client.getresponse()
        passing.status, passing.answer = answer.status, answer.read()
        passing.answer_headers = dict(answer.getheaders())
        client.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def proxy(server: str, tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """Run a proxy before a server until the end of the block, by https with a certificate."""
    found = Proxy("")
    handler = type("Own", (Handler,), {"proxy": found, "behind": urlsplit(server).netloc})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        listening.daemon_threads = True
        if tls is not None:
            listening.socket = tls.wrap_socket(listening.socket, server_side=True)
        scheme = "https" if tls is not None else "http"
        found.url = f"{scheme}://localhost:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield found
        listening.shutdown()
        thread.join()


def through(found: Proxy, server: CalendarServer) -> CalendarServer:
    """Return a server as seen through a proxy before it."""
    return replace(server, url=f"{found.url}{urlsplit(server.url).path}")
