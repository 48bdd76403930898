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
from booking.actions.imports.together import AT_ONCE, import_events, preview_events

__all__ = [
    "AT_ONCE",
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
    "import_events",
    "left_out",
    "preview_event",
    "preview_events",
    "store_part",
    "turn",
]
