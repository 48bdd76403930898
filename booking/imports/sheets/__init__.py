"""Tables of spaces, organisations and leases: looked at, then written row by row by the verbs."""

from booking.imports.sheets.work import BATCH, SMALL, look, rows_of, take_in, write, write_all

__all__ = ["BATCH", "SMALL", "look", "rows_of", "take_in", "write", "write_all"]
