"""``python3 run.py bench [NAME ...] [--json | --markdown] [--tiny]``."""

import argparse
import os
import sys
import time
from collections.abc import Iterable

from benchmarks import (
    book,
    dav,
    feed,
    imports,
    plan,
    race,
    rush,
    search,
    series,
    start,
    sync,
    timeline,
    week,
)
from benchmarks.effort import FULL, TINY, Effort
from benchmarks.figures import Figure, as_json, as_markdown, table
from tests.support import testrun

BENCHMARKS = {
    "book": book.run,
    "week": week.run,
    "timeline": timeline.run,
    "feed": feed.run,
    "dav": dav.run,
    "import": imports.run,
    "plan": plan.run,
    "search": search.run,
    "series": series.run,
    "race": race.run,
    "rush": rush.run,
    "start": start.run,
    "sync": sync.run,
}


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all, and print their figures."""
    parser = argparse.ArgumentParser(prog="run.py bench", description="Measure the main job.")
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"any of {', '.join(BENCHMARKS)}")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print an object for each figure")
    form.add_argument("--markdown", action="store_true", help="print the table of the handbook")
    parser.add_argument("--tiny", action="store_true", help="only see that everything runs")
    asked = parser.parse_args(arguments)
    unknown = [each for each in asked.names if each not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    figures = measured(asked.names or BENCHMARKS, TINY if asked.tiny else FULL)
    written = as_json if asked.json else as_markdown if asked.markdown else table
    print(written(figures))
    return 0


def measured(names: Iterable[str], effort: Effort) -> list[Figure]:
    """Return the figures of the named benchmarks, in their order."""
    os.environ.setdefault("TEST_PG_DURABLE", "1")  # for PostgreSQL, started when it is needed
    alive = testrun.begin()
    figures: list[Figure] = []
    try:
        for name in names:
            began = time.perf_counter()
            figures += BENCHMARKS[name](effort)
            print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    finally:
        testrun.end(alive)
    return figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
