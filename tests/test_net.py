"""The guard of addresses that people type in, against a real server and the tricks of bad ones."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from booking.net import Guard, Unreachable, fetch, is_public

BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


class Pages(BaseHTTPRequestHandler):
    """A calendar, redirects of several kinds, a page that never ends, one that is slow."""

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        goals = {
            "/moved": "/calendar.ics",
            "/elsewhere": f"http://127.0.0.1:{port}/calendar.ics",
            "/circle": "/circle",
            "/file": "file:///etc/hostname",
            "/plain": f"http://localhost:{port}/calendar.ics",
        }
        if self.path in goals:
            self.send_response(302)
            self.send_header("Location", goals[self.path])
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            self._endless()
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            self._drip()
        elif self.path.startswith("/calendar.ics"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(BODY)
        else:
            self.send_error(404)

    def _endless(self) -> None:
        try:
            while True:
                self.wfile.write(b"x" * 65_536)
        except OSError:
            pass

    def _drip(self) -> None:
        try:
            for _ in range(200):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of a server on this machine, by name."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{found.server_address[1]}"
        found.shutdown()
        thread.join()


TRUSTING = Guard(trusted=frozenset({"localhost"}), most_bytes=1024 * 1024, seconds=5)


def code_of(address: str, guard: Guard = TRUSTING) -> str:
    """Return the code for which an address is refused."""
    with pytest.raises(Unreachable) as caught:
        fetch(address, guard)
    [told] = caught.value.messages
    assert told.field == "address"
    return told.code


@pytest.mark.parametrize("path", ["/calendar.ics", "/calendar.ics?secret=1", "/moved", "/plain"])
def test_file_is_fetched(server: str, path: str) -> None:
    assert fetch(f"{server}{path}", TRUSTING).read() == BODY


def test_private_address_is_refused_unless_it_is_trusted(server: str) -> None:
    https = server.replace("http:", "https:")
    assert code_of(https, Guard()) == "address_private"
    assert code_of(server, Guard()) == "address_not_https"
    assert code_of(server.replace("localhost", "127.0.0.1")) == "address_not_https"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/elsewhere", "address_not_https"),
        ("/file", "address_invalid"),
        ("/circle", "address_redirects"),
        ("/nowhere", "address_status"),
        ("/endless", "calendar_too_big"),
    ],
)
def test_what_a_bad_server_does_is_refused(server: str, path: str, code: str) -> None:
    assert code_of(f"{server}{path}") == code


def test_slow_server_does_not_keep_anybody_waiting(server: str) -> None:
    assert code_of(f"{server}/slow", Guard(TRUSTING.trusted, seconds=0.3)) == "address_too_slow"


def test_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://localhost:{silent.getsockname()[1]}/"
        assert code_of(address, Guard(TRUSTING.trusted, seconds=0.3)) == "address_too_slow"


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert code_of(f"http://localhost:{port}/") == "address_unreachable"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "address_invalid"),
        ("calendar.ics", "address_invalid"),
        ("https://", "address_invalid"),
        ("https://user:word@example.org/", "address_invalid"),
        ("https://example.org:99999/", "address_invalid"),
        ("https://exa mple.org/", "address_invalid"),
        ("https://example.org/\r\nX: y", "address_invalid"),
        ("https://[::1", "address_invalid"),
        ("ftp://example.org/", "address_not_https"),
        ("gopher://example.org/", "address_not_https"),
        ("http://example.org/", "address_not_https"),
        ("https://127.0.0.1/", "address_private"),
        ("https://2130706433/", "address_private"),
        ("https://0x7f.1/", "address_private"),
        ("https://[::ffff:127.0.0.1]/", "address_private"),
        ("https://169.254.169.254/latest/meta-data", "address_private"),
        ("webcal://10.0.0.1/x.ics", "address_private"),
    ],
)
def test_address_that_is_none_or_private_is_refused(address: str, code: str) -> None:
    assert code_of(address, Guard()) == code


@pytest.mark.parametrize(
    "number",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
        "192.168.1.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1",
        "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "fec0::1", "nonsense", "",
    ],
)  # fmt: skip
def test_numbers_that_are_not_of_the_internet(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_numbers_of_the_internet(number: str) -> None:
    assert is_public(number)
