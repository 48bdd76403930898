"""Backups: one archive with the database as of one instant, and the secret that signs.

SQLite is copied by its own online backup, PostgreSQL by ``pg_dump``; both
while the service runs.  Going back replaces everything, in one step, or
nothing.
"""

from booking.backups.archive import (
    BackupError,
    Contents,
    default_file,
    keep_newest,
    make,
    read,
    restore,
)

__all__ = [
    "BackupError",
    "Contents",
    "default_file",
    "keep_newest",
    "make",
    "read",
    "restore",
]
