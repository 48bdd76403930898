"""CalDAV servers as people start them: ours, and two that everybody can install."""

import base64
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.place import folder
from booking.core.values import Space
from tests.support import calendars
from tests.support.calendars import CalendarServer
from tests.support.factories import NOW, House
from tests.support.service import running

DAV = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
MAKE = f"<C:mkcalendar {DAV}/>".encode()
NAMES = ("large", "month", "empty")
Objects = Mapping[str, bytes]


@dataclass(slots=True)
class Answer:
    """What a server answered, and after how long."""

    status: int
    headers: HTTPMessage
    body: bytes
    ms: float


@dataclass(slots=True)
class Program:
    """A calendar program with one connection that stays open; ``pid`` is the server's process."""

    url: str
    user: str
    secret: str
    pid: int
    _connection: HTTPConnection = field(init=False, repr=False)

    def __post_init__(self) -> None:
        at = urlsplit(self.url)
        self._connection = HTTPConnection(at.hostname or "", at.port, timeout=600)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send a request and wait for all of its answer."""
        pair = base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()
        sent = {"Authorization": f"Basic {pair}", "Content-Type": "application/xml; charset=utf-8"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        began = time.perf_counter()
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        read = answer.read()
        ms = (time.perf_counter() - began) * 1000
        return Answer(answer.status, answer.headers, read, ms)

    def report(self, path: str, name: str, inner: str) -> Answer:
        """Ask for a report of a collection."""
        body = f"<?xml version='1.0'?><{name} {DAV}>{inner}</{name}>"
        answer = self.send("REPORT", path, body.encode(), Depth="1")
        assert answer.status in (200, 207), (path, answer.status, answer.body[:300])
        return answer

    def put(self, path: str, text: bytes) -> Answer:
        """Store an object that is new."""
        answer = self.send("PUT", path, text, Content_Type="text/calendar", If_None_Match="*")
        assert answer.status in (201, 204), (path, answer.status, answer.body[:300])
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, with a program that asks it and its three calendars."""

    name: str
    program: Program
    large: str
    month: str
    empty: str


@contextmanager
def ours(url: str, house: House, rooms: Sequence[Space], secret: str) -> Iterator[Server]:
    """Give our service on a database, and the calendars of three rooms, for the member."""
    with running(_folder("ours"), database_url=url, now=NOW + timedelta(hours=1)) as service:
        program = Program(service.url, house.email(house.member), secret, service.process.pid)
        home = f"/dav/cal/{house.member.person_id}/"
        yield Server("ours", program, *(f"{home}space-{each.id}/" for each in rooms))
        program.close()


@contextmanager
def radicale(filled: Sequence[Objects]) -> Iterator[Server]:
    """Give Radicale with two filled calendars, and an empty one."""
    home = _folder("radicale")
    user = CalendarServer("").username
    for name, objects in zip(NAMES, (*filled, {}), strict=True):
        at = home / "collections" / "collection-root" / user / name
        _write(at, objects)
        (at / ".Radicale.props").write_text('{"tag": "VCALENDAR"}')
    with calendars.radicale(home) as server:
        program = Program(server.url, server.username, server.password, server.pid)
        yield Server("radicale", program, *(f"/{user}/{name}/" for name in NAMES))
        program.close()


@contextmanager
def xandikos(filled: Sequence[Objects]) -> Iterator[Server]:
    """Give Xandikos with the same: its calendars are repositories of git."""
    home = _folder("xandikos")
    with calendars.xandikos(home) as server:
        program = Program(server.url, server.username, server.password, server.pid)
        for name in NAMES:
            made = program.send("MKCALENDAR", f"/user/calendars/{name}/", MAKE)
            assert made.status == 201, (made.status, made.body[:300])
        program.close()
    for name, objects in zip(NAMES, filled, strict=False):
        at = home / "xandikos" / "user" / "calendars" / name
        _write(at, objects)
        for words in (("add", "--all"), ("commit", "--quiet", "--message", "Fill")):
            identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
            subprocess.run(["git", "-C", str(at), *identity, *words], check=True)
    with calendars.xandikos(home) as server:
        program = Program(server.url, server.username, server.password, server.pid)
        yield Server("xandikos", program, *(f"/user/calendars/{name}/" for name in NAMES))
        program.close()


def _write(at: Path, objects: Objects) -> None:
    at.mkdir(parents=True, exist_ok=True)
    for name, text in objects.items():
        (at / name).write_bytes(text)


def _folder(name: str) -> Path:
    made = folder() / f"dav-{name}"
    made.mkdir()
    return made
