"""Calendar files: each event is booked by a verb; an uploaded file waits for its preview."""

from booking.actions.imports.events import import_event, left_out, preview_event
from booking.actions.imports.files import (
    KEPT,
    MOST_FILES,
    NewFile,
    add_parts,
    begin_file,
    count_file,
    discard,
    file_received,
    forget_old,
    go_on,
    store_part,
    turn,
)

__all__ = [
    "KEPT",
    "MOST_FILES",
    "NewFile",
    "add_parts",
    "begin_file",
    "count_file",
    "discard",
    "file_received",
    "forget_old",
    "go_on",
    "import_event",
    "left_out",
    "preview_event",
    "store_part",
    "turn",
]
