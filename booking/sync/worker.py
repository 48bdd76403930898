"""Threads that take connections from the queue: few, their own, and only where there are any.

A server that answers slowly keeps one of them busy, and neither mails nor
reminders wait for it.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from booking.actions.connections import claim
from booking.config import Config
from booking.db import db
from booking.queries.connection_queue import next_due

log = logging.getLogger("booking.sync")
THREADS = 8  # they wait for others most of the time


class Worker:
    """Works connections through until it is stopped; any number of processes have one."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._pool: ThreadPoolExecutor | None = None
        self._running = 0
        self._lock = Lock()
        self._stopping = False

    def look(self) -> None:
        """Set a thread to work where something is due; within the app's context."""
        clock = self._app.extensions["booking"]["clock"]
        session = db.session()
        try:
            is_due = next_due(session, now=clock()) is not None
        finally:
            session.rollback()
        if not is_due or self._stopping:
            return
        with self._lock:
            if self._running == THREADS:
                return
            self._running += 1
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, "sync")
        self._pool.submit(self._work)

    def stop(self) -> None:
        """Let what runs end at its next step, and take nothing more."""
        self._stopping = True
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self) -> None:
        from booking.sync.run import run  # noqa: PLC0415  XML and ciphers, where they are needed

        clock = self._app.extensions["booking"]["clock"]
        config: Config = self._app.extensions["booking"]["config"]
        try:
            with self._app.app_context():
                while not self._stopping and (claimed := claim(now=clock())) is not None:
                    run(claimed, config, clock, lambda: self._stopping)
        except SQLAlchemyError:
            log.exception("a worker of calendars stops until the next look")
        finally:
            with self._lock:
                self._running -= 1
