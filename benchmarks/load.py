"""Clients of the real server, and what the server's process uses meanwhile."""

import os
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CLIENTS = 8
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Load:
    """What clients saw: how long each answer took (ms), and answers that were not 200."""

    seconds: float
    took_ms: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def per_second(self) -> float:
        """Requests answered a second."""
        return len(self.took_ms) / self.seconds


def load(url: str, cookie: str, seconds: float, *, clients: int = CLIENTS) -> Load:
    """Ask for one address from several connections at once, each again when it has its answer."""
    found = Load(seconds)
    end = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_client, args=(url, cookie, end, found)) for _ in range(clients)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def _client(url: str, cookie: str, end: float, found: Load) -> None:
    parts = urlsplit(url)
    question = (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\n"
        "Accept-Encoding: gzip\r\nAccept-Language: fr\r\n\r\n"
    ).encode()
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as line:
        while (start := time.perf_counter()) < end:
            line.sendall(question)
            good = _read_answer(line)
            found.took_ms.append((time.perf_counter() - start) * 1000)
            found.failed += not good


def _read_answer(line: socket.socket) -> bool:
    """Read one answer to its end; whether it was 200.  http.client would cost five times that."""
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
    return head.startswith(b"HTTP/1.1 200")


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
