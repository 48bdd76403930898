"""Connections with members' calendars: made and kept by their owners, worked through by workers."""

from booking.actions.connections.keeping import (
    MOST_CONNECTIONS,
    begin_connection,
    choose_calendar,
    count_try,
    disconnect,
    forget_drafts,
    pause,
    reseal_secrets,
    resume,
    set_secret,
    sync_now,
)
from booking.actions.connections.working import (
    Claimed,
    Failure,
    LostLease,
    Outcome,
    begin_steps,
    claim,
    finish_run,
    keep,
    store_steps,
)

__all__ = [
    "MOST_CONNECTIONS",
    "Claimed",
    "Failure",
    "LostLease",
    "Outcome",
    "begin_connection",
    "begin_steps",
    "choose_calendar",
    "claim",
    "count_try",
    "disconnect",
    "finish_run",
    "forget_drafts",
    "keep",
    "pause",
    "reseal_secrets",
    "resume",
    "set_secret",
    "store_steps",
    "sync_now",
]
