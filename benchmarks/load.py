"""Clients of the real server, and what the server's process uses meanwhile."""

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CLIENTS = 8
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Load:
    """What clients saw: how long each answer took (ms), and how often which status came."""

    seconds: float
    took_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Requests answered a second."""
        return len(self.took_ms) / self.seconds

    def others_than(self, *statuses: int) -> int:
        """Return how many answers had another status than these."""
        return sum(count for status, count in self.statuses.items() if status not in statuses)


def load(url: str, cookie: str, seconds: float, *, clients: int = CLIENTS) -> Load:
    """Ask for one address from several connections at once, each again when it has its answer."""
    question = request("GET", url, cookie)
    return ask(url, [lambda: question] * clients, seconds)


def request(method: str, url: str, cookie: str, body: bytes = b"", *, by_script: str = "") -> bytes:
    """Return the bytes of a request as a browser sends it; a body is a form.

    ``by_script`` are the lines of a header that the script of a page adds.
    """
    parts = urlsplit(url)
    form = (
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        f"Referer: {url}\r\n"
    )
    head = (
        f"{method} {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\n"
        f"Accept-Encoding: gzip\r\nAccept-Language: fr\r\n{form if body else ''}"
        f"{by_script or 'Accept: text/html'}\r\n\r\n"
    )
    return head.encode() + body


def ask(url: str, clients: Sequence[Callable[[], bytes]], seconds: float) -> Load:
    """Let each client send what it returns, again and again, over a connection of its own."""
    found = Load(seconds)
    end = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_client, args=(url, question, end, found)) for question in clients
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def _client(url: str, question: Callable[[], bytes], end: float, found: Load) -> None:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as line:
        while (start := time.perf_counter()) < end:
            line.sendall(question())
            found.statuses[_read_answer(line)] += 1
            found.took_ms.append((time.perf_counter() - start) * 1000)


def _read_answer(line: socket.socket) -> int:
    """Read one answer to its end, return its status.  http.client would cost five times that."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = line.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    missing = length - len(body)
    while missing > 0:
        missing -= len(line.recv(missing))
    return int(head.split(maxsplit=2)[1])


def cpu_s(pid: int) -> float:
    """Return the CPU time that a process and its children have used, in seconds, right to 10 ms."""
    used = 0
    for each in (pid, *_children(pid)):
        after_name = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        used += int(after_name[11]) + int(after_name[12])
    return used / TICKS


def memory_mib(pid: int) -> float:
    """Return the memory of a process and its children, in MiB; what they share counts once."""
    return sum(_own_memory_mib(each) for each in (pid, *_children(pid)))


def _own_memory_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"no memory of process {pid}")


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
