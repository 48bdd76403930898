"""Reads each calendar file that it is given in a child of its own, with little time and memory.

``python -m tests.support.awkward FILE...`` prints a JSON object: the name of
each file with what came of it, or with how the child ended.
"""

import json
import os
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from booking.core.imports import Into, Left, wish_of
from booking.ical.reading import Unreadable, read
from booking.ical.reading.zones import by_name

CPU_S = 2
MOST = 100  # events that are told
MEMORY = 200 * 1024 * 1024
NOW, EDGE = datetime(2027, 3, 10, 9, tzinfo=UTC), datetime(2028, 4, 1, tzinfo=UTC)
INTO = Into("Europe/Paris", NOW, EDGE, (1,), "Imported")


def outcome(file: Path) -> dict[str, object]:
    """Return what comes of a file: the codes of its events, or the one for which it is refused."""
    try:
        with file.open("rb") as source:
            calendar = read(source, zone="Europe/Paris")
            events = [_codes(each) for each in calendar.events()]
    except Unreadable as error:
        return {"refused": [each.code for each in error.messages]}
    warnings = [each.code for each in calendar.warnings]
    return {"warnings": warnings, "events": events[:MOST], "number": len(events)}


def _codes(event: object) -> list[str]:
    if isinstance(event, Left):
        return ["left", event.reason.code]
    wish = wish_of(event, INTO)  # type: ignore[arg-type]
    if isinstance(wish, Left):
        return ["left", wish.reason.code]
    return ["wished", *(each.code for each in wish.warnings)]


def in_child(file: Path) -> dict[str, object]:
    """Return the same, found in a child that is ended when it takes too much."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        code = 1
        try:
            os.write(writing, json.dumps(outcome(file)).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _pid, status = os.waitpid(child, 0)
    return json.loads(told) if status == 0 else {"ended": status}


if __name__ == "__main__":
    by_name("Europe/Paris")  # what is read once is not the file's fault
    names = map(Path, sys.argv[1:])
    print(json.dumps({file.stem: in_child(file) for file in names}))
