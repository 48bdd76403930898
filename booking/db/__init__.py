"""The database: types, engines, transactions, lock order and the overlap guard."""

from booking.db.guard import count_overlaps, guard_problem, install_overlap_guard
from booking.db.listed import as_json, insert_listed, listed
from booking.db.plain import Plain, Stored
from booking.db.session import (
    WRITING,
    Base,
    db,
    ending_with,
    engine_options,
    is_overlap,
    is_writing,
    prepare_engine,
    transact,
    write,
)
from booking.db.types import BigKey, Exact, LocalDateTime, UTCDateTime, partial_index

__all__ = [
    "WRITING",
    "Base",
    "BigKey",
    "Exact",
    "LocalDateTime",
    "Plain",
    "Stored",
    "UTCDateTime",
    "as_json",
    "count_overlaps",
    "db",
    "ending_with",
    "engine_options",
    "guard_problem",
    "insert_listed",
    "install_overlap_guard",
    "is_overlap",
    "is_writing",
    "listed",
    "partial_index",
    "prepare_engine",
    "transact",
    "write",
]
