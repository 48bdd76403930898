"""Named reads: rows become values of ``booking.core.values``; nothing is written here."""
