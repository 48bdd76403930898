"""Workers that are killed at a moment of a run."""

import os
import signal
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from booking.actions import connections as verbs
from booking.db import db
from booking.sync.run import run
from tests.support.odd_calendars import Proxy

# When: before a request arrives, before its answer does, before something is stored.
MOMENTS = ("asks", "hears", "stores")


def killed(mine: Any, proxy: Proxy, moment: str, number: int) -> bool:
    """Let a worker of its own run, and kill it; return whether it came so far."""
    verbs.sync_now(mine.id, mine.owner, now=mine.clock())
    claimed = verbs.claim(now=mine.clock())
    assert claimed is not None
    db.session.remove()
    db.engine.dispose()
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            os.read(ready, 1)
            if moment == "stores":
                _die_storing(number)
            run(claimed, mine.config, mine.clock)
        os._exit(0)
    proxy.reset()
    if moment != "stores":
        proxy.lose, proxy.kill = (number, moment == "hears"), child
    os.write(go, b"1")
    _pid, status = os.waitpid(child, 0)
    os.close(ready)
    os.close(go)
    proxy.reset()
    mine.clock.now += timedelta(minutes=2)  # its lease ends
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _die_storing(number: int) -> None:
    left = [number]

    def store(_connection: object) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(db.engine, "commit", store)
