"""Real calendar servers (Radicale, Xandikos, ours) as processes of their own, on free ports."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.support.databases import make_engine
from tests.support.factories import NOW, make_house
from tests.support.migrating import upgrade
from tests.support.service import ROOT, free_port, running

START_S = 30


@dataclass(frozen=True, slots=True)
class CalendarServer:
    """A server on this machine: its address, whom it knows, and a calendar if it makes none."""

    url: str
    username: str = "mia"
    password: str = "wren-and-pebble"
    calendar: str = ""
    pid: int = 0


@contextmanager
def radicale(folder: Path) -> Iterator[CalendarServer]:
    """Run Radicale with one account until the end of the block."""
    port = free_port()
    server = CalendarServer(f"http://localhost:{port}/")
    users = folder / "users"
    users.write_text(f"{server.username}:{server.password}\n")
    config = folder / "radicale.ini"
    config.write_text(
        f"[server]\nhosts = localhost:{port}\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {users}\nhtpasswd_encryption = plain\n"
        f"delay = 0\n"
        f"[storage]\nfilesystem_folder = {folder / 'collections'}\n[logging]\nlevel = error\n"
    )
    with _running(
        [sys.executable, "-m", "radicale", "--config", str(config)], server.url, folder
    ) as pid:
        yield replace(server, pid=pid)


@contextmanager
def xandikos(folder: Path) -> Iterator[CalendarServer]:
    """Run Xandikos, which knows no passwords, until the end of the block."""
    port = free_port()
    url = f"http://localhost:{port}/"
    server = CalendarServer(url, calendar=f"{url}user/calendars/calendar/")
    command = [sys.executable, "-m", "xandikos", "serve", "--defaults"]
    command += ["-d", str(folder / "xandikos"), "-p", str(port), "-l", "localhost"]
    command += ["--current-user-principal", "/user/"]
    with _running(command, server.url, folder) as pid:
        yield replace(server, pid=pid)


@contextmanager
def ours(folder: Path) -> Iterator[CalendarServer]:
    """Run our own service, with calendars in which anything may be stored."""
    database = f"sqlite:///{folder / 'there.db'}"
    upgrade(database)
    engine = make_engine(database)
    member = make_house(engine)
    username = member.email(member.member)
    engine.dispose()
    with running(folder, database_url=database, now=NOW, sandbox=True) as service:
        command = [sys.executable, "-m", "booking", "app-password", "create", username]
        command += ["--name", "Sync", "--json", "--config", str(folder / "config.toml")]
        made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        url = service.url.replace("127.0.0.1", "localhost")
        yield CalendarServer(f"{url}/dav/", username, json.loads(made.stdout)["password"])


@contextmanager
def _running(command: list[str], url: str, folder: Path) -> Iterator[int]:
    log = folder / "calendar-server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            _await(url, process, log)
            yield process.pid
        finally:
            process.terminate()
            process.wait(10)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        try:
            urlopen(url, timeout=5)
            return
        except HTTPError:
            return
        except (URLError, OSError):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
    raise AssertionError(log.read_text())
