"""A server of one calendar, as others keep them: it answers what a test sets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from booking.config import Config, Security
from booking.net import Guard
from booking.vault import Vault

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
VAULT = Vault(Config(security=Security(credentials_keys=KEY)))
GUARD = Guard(trusted=frozenset({"localhost"}), seconds=10)


@dataclass(slots=True)
class CalendarServer:
    """What it answers, and what it was asked: the headers of each request."""

    address: str = ""
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def has(self, *events: str) -> None:
        """Answer a calendar of these events, each the lines between BEGIN and END."""
        parts = [f"BEGIN:VEVENT\r\n{each.strip()}\r\nEND:VEVENT" for each in events]
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "X-WR-CALNAME:The town", *parts, "END:VCALENDAR"]
        self.body, self.status = "\r\n".join([*lines, ""]).encode(), 200


@contextmanager
def serving() -> Iterator[CalendarServer]:
    """Give a server on this machine, by the name ``localhost``."""
    calendar = CalendarServer()

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calendar.asked.append(dict(self.headers))
            known = self.headers.get("If-None-Match")
            same = known is not None and known == calendar.headers.get("ETag")
            self.send_response(304 if same else calendar.status)
            for name, value in calendar.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if not same:
                self.wfile.write(calendar.body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        calendar.address = f"http://localhost:{server.server_address[1]}/town.ics"
        yield calendar
        server.shutdown()
        thread.join()
