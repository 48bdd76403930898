"""The folder of one test run: templates, worker databases, the server's lock."""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from tests.support.postgres import locked

VARIABLE = "BOOKING_TEST_RUN"
PREFIX = "booking-run-"
MEMORY = Path("/dev/shm")
ROOM = 2**30


def begin(*, in_memory: bool = False) -> IO[str] | None:
    """Make the run's folder and return what ends it; None in a worker, which inherits it.

    ``in_memory``, where there is room: no write waits for a disk.
    """
    if VARIABLE in os.environ:
        return None
    # Processes of the tests are many: what one of them compiles the next one finds.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    _sweep()
    place = MEMORY if in_memory and _is_roomy(MEMORY) else None
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    alive = (folder / "alive").open("a")
    fcntl.flock(alive, fcntl.LOCK_EX)
    os.environ[VARIABLE] = str(folder)
    return alive


def end(alive: IO[str] | None) -> None:
    """Let the keeper stop the server, wait for it, and remove the folder."""
    if alive is None:
        return
    alive.close()
    folder = Path(os.environ.pop(VARIABLE))
    with locked(folder / "stopped"):
        shutil.rmtree(folder, ignore_errors=True)


def _is_roomy(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


def _sweep() -> None:
    """Remove the folders of runs that were killed: nobody holds their lock any more."""
    for place in (Path(tempfile.gettempdir()), MEMORY):
        for alive in place.glob(f"{PREFIX}*/alive"):
            # A folder this young may be about to take its lock.
            with suppress(OSError):
                if time.time() - alive.stat().st_mtime > 60:
                    with alive.open("a") as lock:
                        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        shutil.rmtree(alive.parent, ignore_errors=True)


def folder() -> Path:
    """Return the folder that all workers of this run share."""
    return Path(os.environ[VARIABLE])
