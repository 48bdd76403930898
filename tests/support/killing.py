"""Processes that die at a step of their work, as if somebody had pulled the plug."""

import os
import signal
import sys
from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.engine import Engine

from booking.db import db

STEPS = {"imaplib.open", "imaplib.send", "smtplib.connect", "smtplib.send", "os.rename"}


def killed_at(number: int, do: Callable[[], object]) -> bool:
    """Let a process do it that dies before a step; return whether it came so far.

    Steps, counted from one, are commands to mail servers, files that are moved, and commits.
    """
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    seen = 0

    def step(*_of: object) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(lambda name, _of: step() if name in STEPS else None)
        event.listen(Engine, "commit", step)
        do()
    finally:
        os._exit(0)
