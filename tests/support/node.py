"""Programs in JavaScript, run by Node and fetched by npm.

ical.js reads calendars in Thunderbird, Nextcloud and many others; tsdav is the CalDAV client of
many web programs.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import testrun
from tests.support.postgres import locked

ICAL_JS, TSDAV = "ical.js@2.2.1", "tsdav@2.3.4"
FETCH_S, RUN_S = 180, 60
SCRIPT = Path(__file__).with_name("ical_js.mjs")
TSDAV_SCRIPT = Path(__file__).with_name("tsdav.mjs")


class Seen(NamedTuple):
    """What takes place in a calendar, in UTC."""

    uid: str
    start: datetime
    end: datetime
    title: str


class ReadByNode(NamedTuple):
    """What ical.js warns of, and what it finds."""

    warnings: list[str]
    occurrences: list[Seen]


@cache
def fetched(package: str) -> Path:
    """Return the folder of a package, fetched once in a run."""
    npm = shutil.which("npm")
    assert npm, "npm is missing: .ci/run installs it"
    name = package.partition("@")[0]
    folder = testrun.folder() / f"npm-{name}"
    with locked(folder.with_suffix(".lock")):
        if not (folder / "complete").exists():
            folder.mkdir(exist_ok=True)
            command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(
                [*command, "--prefix", folder, package], check=True, timeout=FETCH_S, text=True
            )
            (folder / "complete").touch()
    return folder / "node_modules" / name


def tsdav(asked: Mapping[str, str]) -> dict[str, Any]:
    """Return what tsdav tells of its way through a calendar; ``tsdav.mjs`` says which way."""
    module = fetched(TSDAV) / "dist" / "tsdav.mjs"
    done = subprocess.run(
        [_node(), str(TSDAV_SCRIPT), module.as_uri()],
        input=json.dumps(asked).encode(),
        capture_output=True,
        timeout=RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _node() -> str:
    node = shutil.which("node")
    assert node, "node is missing: .ci/run installs it"
    return node


def read_by_node(
    body: bytes, since: datetime, until: datetime, *, zone: str = "Europe/Paris"
) -> ReadByNode:
    """Return what ical.js makes of a calendar; what is cancelled does not take place.

    Days without a time are those of ``zone``.
    """
    module = fetched(ICAL_JS) / "dist" / "ical.js"
    window = [str(int(each.timestamp())) for each in (since, until)]
    command = [_node(), str(SCRIPT), module.as_uri(), *window]
    done = subprocess.run(
        command,
        input=body,
        env={**os.environ, "TZ": zone},
        capture_output=True,
        timeout=RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    found = [
        Seen(uid, datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC), title or "")
        for uid, start, end, title in told["occurrences"]
    ]
    return ReadByNode(told["warnings"], sorted(found))
