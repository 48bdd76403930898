"""Work in the background: what each kind of job does, and when the house plans it."""

from booking.jobs.kinds import HANDLERS, PERIODIC
from booking.jobs.runner import Handler, Periodic, Permanent, plan, work_once
from booking.jobs.ticker import Ticker

__all__ = [
    "HANDLERS",
    "PERIODIC",
    "Handler",
    "Periodic",
    "Permanent",
    "Ticker",
    "plan",
    "work_once",
]
