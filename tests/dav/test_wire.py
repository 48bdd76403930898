"""Octets on a connection of the running service: pipelined, cut off, too many, no HTTP at all."""

import base64
import socket
from contextlib import closing
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import product

from booking.server import MAX_BODY_BYTES
from tests.dav.test_suites import secret, service  # noqa: F401  fixtures
from tests.dav.test_vdirsyncer import EVENT
from tests.support.factories import House
from tests.support.service import Service

CALENDAR = "Content-Type: text/calendar"
BODY = EVENT.format(uid="a", day=11, hour=10, title="Choir", place="Atlas").encode()
GO_ON = "Expect: 100-continue"
MEGABYTE = b"x" * 1_000_000
NAMES = (
    *("../x.ics", "%2e%2e", "..%2f..%2fa.ics", "a%2fb.ics", "a/b.ics", "a.ics/"),
    *("%00.ics", "\0.ics", "%0a.ics", "%ff.ics", "%c3%28.ics", "x" * 4_000),
)
HEADERS = (
    "Accept-Encoding",
    "Accept-Language",
    "Content-Type",
    "Cookie",
    "Depth",
    "Destination",
    "If",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "Overwrite",
    "Prefer",
    "Range",
)


@dataclass(slots=True)
class Wire:
    """A connection to the service; ``said`` are the lines that sign in."""

    service: Service
    said: str
    line: socket.socket = field(init=False)
    read: BufferedReader = field(init=False)

    def __post_init__(self) -> None:
        host, _colon, port = self.service.url.removeprefix("http://").partition(":")
        self.line = socket.create_connection((host, int(port)), 20)
        self.read = self.line.makefile("rb")

    def head(self, method: str, path: str, *lines: str) -> bytes:
        """Return how a request begins."""
        said = (f"{method} {path} HTTP/1.1", "Host: house", self.said, *lines, "", "")
        return "\r\n".join(said).encode()

    def request(self, method: str, path: str, *lines: str, body: bytes = b"") -> bytes:
        """Return a whole request."""
        return self.head(method, path, *lines, f"Content-Length: {len(body)}") + body

    def ask(self, *pieces: bytes) -> int:
        """Send octets; return the status of the next answer, 0 where the connection is over."""
        try:
            for each in pieces:
                self.line.sendall(each)
        except ConnectionError:
            pass  # it may have answered before it stopped listening
        return self.answer()

    def answer(self) -> int:
        """Return the status of the next answer, 0 where the connection is over."""
        try:
            status = self.read.readline()
            length = 0
            while header := self.read.readline().lower().strip():
                if header.startswith(b"content-length:"):
                    length = int(header.partition(b":")[2])
            self.read.read(length)
        except ConnectionError:
            return 0
        return int(status.split()[1]) if status else 0

    def close(self) -> None:
        """Hang up."""
        self.read.close()
        self.line.close()


def chunk(body: bytes) -> bytes:
    """Return a chunk (RFC 9112 §7.1)."""
    return b"%x\r\n%b\r\n" % (len(body), body)


def test_connections_whatever_is_sent(service: Service, secret: str, served: House) -> None:  # noqa: F811
    pair = base64.b64encode(f"member@example.org:{secret}".encode()).decode()
    room = f"/dav/cal/{served.member.person_id}/space-{served.atlas.id}/"
    path = f"{room}a.ics"

    def wire() -> closing[Wire]:
        return closing(Wire(service, f"Authorization: Basic {pair}"))

    def is_well(one: Wire) -> bool:
        """Whether the next request is answered, and nothing is booked."""
        return one.ask(one.request("GET", path)) == 404

    # One after the other, without waiting for answers: those without a body end with their head.
    with wire() as one:
        put = one.request("PUT", path, CALENDAR, body=BODY)
        get, gone = one.request("GET", path), one.request("DELETE", path)
        one.line.sendall(put + put + gone + put + gone + get)
        assert [one.answer() for _each in range(6)] == [201, 204, 204, 201, 204, 404]
        one.line.sendall(one.request("HEAD", "/programme.ics") + get)  # whose length is not known
        assert [one.answer(), one.answer()] == [200, 404]

        # Bodies that wait to be asked for, and bodies in chunks.
        length = f"Content-Length: {len(BODY)}"
        waits = one.head("PUT", path, CALENDAR, length, GO_ON)
        assert [one.ask(waits), one.ask(BODY), one.ask(gone)] == [100, 201, 204]
        chunked = one.head("PUT", path, CALENDAR, "Transfer-Encoding: chunked")
        assert one.ask(chunked, chunk(BODY[:50]), chunk(BODY[50:]), b"0\r\n\r\n") == 201
        assert one.ask(gone) == 204
        head = one.head

    # Uploads that are cut off book nothing.
    longer = head("PUT", path, CALENDAR, f"Content-Length: {len(BODY) + 1}")
    for sent in (put[:40], put[:-1], longer + BODY, chunked + chunk(BODY)):
        with wire() as one, wire() as other:
            one.line.sendall(sent)
            one.line.shutdown(socket.SHUT_WR)
            assert one.answer() == 0
            assert is_well(other)

    # What ends a connection stops no other.
    for status, *pieces in (
        (400, chunked, b"zz\r\nabc\r\n"),
        (400, head("PUT", path, CALENDAR, "Content-Length: x"), BODY),
        (400, head("PUT", path, CALENDAR, "Content-Length: -5"), BODY),
        (400, head("PUT", path, CALENDAR, "Content-Length: 5", "Content-Length: 6"), BODY),
        (501, head("PUT", path, CALENDAR, "Transfer-Encoding: gzip"), BODY),
        (400, head("PUT", f"{room}a b.ics", CALENDAR)),
        (400, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"),
        (431, head("PUT", path, "X-Long: " + "x" * 70_000)),
        (413, head("PUT", path, CALENDAR, "Content-Length: 50000000"), *[MEGABYTE] * 50),
        (413, chunked, *[chunk(MEGABYTE)] * 50, b"0\r\n\r\n"),
        (413, head("PUT", path, CALENDAR, f"Content-Length: {MAX_BODY_BYTES}")),
        # What is too long is not waited for, nor that of somebody unknown, nor is it asked for.
        (413, head("PUT", path, CALENDAR, f"Content-Length: {MAX_BODY_BYTES}", GO_ON)),
        (413, longest := head("PUT", path, CALENDAR, "Content-Length: 50000000")),
        (413, head("PUT", path, CALENDAR, "Content-Length: 50000000", GO_ON)),
        (401, longest.replace(pair.encode(), b"bm9ib2R5Om5vdGhpbmc=")),
        (401, longest.replace(b"Authorization", b"X-Nothing"), put),
        # Where the body ends is not certain.
        (400, head("PUT", path, CALENDAR, "Transfer-Encoding: chunked", length) + BODY),
        (400, head("PUT", path, CALENDAR, "Transfer-Encoding: chunked", length, GO_ON)),
        (400, chunked.replace(b"HTTP/1.1", b"HTTP/1.0"), chunk(BODY), b"0\r\n\r\n"),
    ):
        with wire() as one, wire() as other:
            assert one.ask(*pieces) == status
            assert one.answer() == 0
            assert is_well(other)

    # What is read and refused does not end it.
    odd = b'\xff\xfe;="'
    digest, no_base64 = b"Digest " + pair.encode(), b"Basic " + odd
    basic, nobody = b"Basic " + pair.encode(), b"Basic bm9ib2R5Om5vdGhpbmc="
    with wire() as one:
        for name in NAMES:
            status = one.ask(one.request("PUT", room + name, CALENDAR, body=BODY))
            assert (name[:20], status in (400, 403, 404)) == (name[:20], True)
            assert is_well(one)
        for status, request in (
            (413, one.request("PUT", path, CALENDAR, body=MEGABYTE * 2)),
            (415, one.request("PUT", path, "Content-Type: image/png", body=BODY)),
            (403, one.request("PUT", path, CALENDAR, body=BODY[:-20])),
            (403, one.request("PROPFIND", room, "Depth: infinity")),
            (405, one.request("LOCK", path)),
            (405, one.request("NONSENSE", path)),
            *((401, get.replace(basic, each)) for each in (nobody, digest, no_base64)),
        ):
            assert one.ask(request) == status
            assert is_well(one)
        for method, name in product(("GET", "PUT", "PROPFIND", "MOVE", "REPORT"), HEADERS):
            request = one.request(method, path, f"{name}: odd", body=b"x")
            status = one.ask(request.replace(b": odd", b": " + odd))
            assert (method, name, 400 <= status < 500) == (method, name, True)
        assert is_well(one)
    assert "Traceback" not in service.log.read_text()
