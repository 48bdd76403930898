"""The real service as a process of its own, on a free port, with a configuration file."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
START_S = 60
STOP_S = 10


@dataclass(frozen=True, slots=True)
class Service:
    """A running service: its address, its process, and where it logs."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def health(self) -> dict[str, object]:
        """Return what ``/health`` says; raises ``URLError`` while nobody answers."""
        with urlopen(f"{self.url}/health", timeout=5) as answer:
            found: dict[str, object] = json.load(answer)
        return found


@contextmanager
def running(
    folder: Path,
    *,
    database_url: str,
    now: datetime | None = None,
    threads: int = 4,
    sandbox: bool = False,
    settings: str = "",
) -> Iterator[Service]:
    """Run the service on a migrated database until the end of the block.

    It is ``booking serve``; with ``now`` the same server with a clock that
    begins there and goes on.  With ``sandbox`` calendars without rules can be
    made over DAV, in its one process.  ``settings`` are more sections, in TOML.
    """
    port = free_port()
    config = folder / "config.toml"
    config.write_text(
        f"[server]\nport = {port}\nthreads = {threads}\n"
        + ("processes = 1\n" if sandbox else "")
        + f'[database]\nurl = "{database_url}"\n[paths]\nvar = "{folder}"\n'
        f"[security]\ndevelopment = true\nsandbox = {str(sandbox).lower()}\n"
        f'[ui]\ndefault_language = "en"\n{settings}'
    )
    if now is None:
        command = [sys.executable, "-m", "booking", "serve", "--no-demo"]
        command += ["--config", str(config)]
    else:
        command = [sys.executable, "-m", "tests.support.service", str(config), now.isoformat()]
    log = folder / "service.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=out, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
    service = Service(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait(service)
        yield service
    finally:
        _stop(process)


def _wait(service: Service) -> None:
    """Return when the service is well, raise with its log when it is not."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and service.process.poll() is None:
        try:
            service.health()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)  # the only way to hear that another process listens
        else:
            return
    raise RuntimeError(f"the service did not start:\n{service.log.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(config_file: Path, begin: datetime) -> None:
    from booking.app import create_app
    from booking.config import load_config
    from booking.server import serve
    from booking.web.warming import warm_up

    started = time.monotonic()

    def clock() -> datetime:
        return (begin + timedelta(seconds=time.monotonic() - started)).astimezone(UTC)

    def make_app(config):
        app = create_app(config, clock)
        warm_up(app)
        return app

    serve(make_app, load_config(config_file), announce=lambda config: print(config.public_url))


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
