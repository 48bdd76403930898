"""The service's own worker: looks every second whether something is due."""

import logging

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from booking.db import db
from booking.jobs.kinds import HANDLERS, PERIODIC
from booking.jobs.runner import plan, work_once
from booking.sync.worker import Worker

EVERY_S = 1
AT_ONCE = 100


class Ticker:
    """A thread that plans and works until it is stopped; any number of processes have one."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._stopping = False
        self._calendars = Worker(app)
        # A tick that takes longer than a second is everyday business, not a warning.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(timezone="UTC", daemon=True)
        self._scheduler.add_job(
            self._tick, "interval", seconds=EVERY_S, max_instances=1, coalesce=True
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Finish the job that runs, and tick no more."""
        self._stopping = True
        self._scheduler.shutdown(wait=True)
        self._calendars.stop()

    def _tick(self) -> None:
        clock = self.app.extensions["booking"]["clock"]
        with self.app.app_context():
            try:
                plan(PERIODIC, now=clock())
                self._calendars.look()
                for _ in range(AT_ONCE):
                    if self._stopping or not work_once(HANDLERS, clock=clock):
                        return
            finally:
                db.session.remove()
