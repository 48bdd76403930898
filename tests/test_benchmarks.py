"""Each benchmark runs, small, and gives its figures; how fast is for `run.py bench` to say."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.figures import Figure, as_json, as_markdown, spread, table

ROOT = Path(__file__).resolve().parents[1]
ENGINES = ("sqlite", "postgresql")
DAV = {"put", "query", "sync", "first", "busy", "get", "get_304"}
FIGURES = {
    "book": {
        f"{what}.{engine}.{measure}"
        for engine in ENGINES
        for what, measures in (
            ("book", ("p50", "p95", "cpu_p50", "raw_commit_p50", "over_raw")),
            ("series", ("p50", "p95", "cpu_p50", "raw_commit_p50")),
        )
        for measure in measures
    },
    "week": {
        "week.cpu",
        "week.cpu_drawn",
        "week.unchanged",
        "week.size",
        "week.size_gzipped",
        "week.statements",
        "week.statements_more",
        "week.cpu_with_more",
        "week.requests",
        "week.answer_p50",
        "week.answer_p95",
        "week.server_cpu",
        "week.failed",
    },
    "feed": {
        "feed.built",
        "feed.changed",
        "feed.kept",
        "feed.unchanged",
        "feed.icalendar",
        "feed.times",
        "feed.size",
        "feed.large.built",
        "feed.large.unchanged",
    },
    "dav": {
        f"dav.{server}.{measure}"
        for server, measures, each in (
            ("ours", DAV, ("", ".cpu")),
            ("radicale", DAV - {"get_304"}, ("", ".cpu", ".times")),  # which it does not say
            ("xandikos", DAV, ("", ".cpu", ".times")),
        )
        for measure in (
            *(name + more for name in measures for more in each),
            "put_later",
            "memory",
            "memory_after",
        )
    },
    "import": {f"import.{what}.{engine}" for what in ("looked", "booked") for engine in ENGINES},
    "timeline": {
        "timeline.cpu",
        "timeline.size_gzipped",
        "timeline.statements",
    },
    "search": {
        f"search.{engine}.{measure}"
        for engine in ENGINES
        for measure in (
            *(
                f"{size}.{figure}"
                for size in ("small", "house", "town")
                for figure in ("p50", "p95", "cpu_p50", "holds")
            ),
            "series.p50",
            "series.p95",
            "series.cpu_p50",
        )
    },
    "series": {
        f"{what}.{measure}"
        for engine in ENGINES
        for what in (
            f"decade.{engine}.preview",
            f"decade.{engine}.save",
            f"refused_series.{engine}",
        )
        for measure in ("p50", "p95", "cpu_p50")
    },
    "plan": {
        *(f"plan.{number}.{measure}" for number in (60, 1000) for measure in ("cpu", "cpu_slid")),
        "plan.statements",
        "plan.statements_more",
    },
    "race": {
        f"race.{engine}.{measure}"
        for engine in ENGINES
        for measure in (
            "overlaps",
            "errors",
            "bookings",
            "attempts",
            "raw_commits",
            "of_raw",
            "slowest",
        )
    },
    "rush": {
        f"rush.{engine}.{measure}"
        for engine in ENGINES
        for measure in ("attempts", "answer_p50", "overlaps", "lost", "errors")
    },
    "sync": {
        f"syncing.{what}"
        for what in ("push", "push_cpu", "vdirsyncer", "over_vdirsyncer", "look_cpu", "delay")
    },
    "start": {"start.cold", "start.memory", "start.memory_after_load"},
}
MUST_BE_0 = {"week.failed", "week.statements_more"} | {
    f"{name}.{engine}.{measure}"
    for name, measures in (
        ("race", ("overlaps", "errors")),
        ("rush", ("overlaps", "lost", "errors")),
    )
    for engine in ENGINES
    for measure in measures
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_benchmark_gives_its_figures(name: str) -> None:
    done = run(name, "--tiny", "--json")
    assert done.returncode == 0, done.stderr
    found = {each["name"]: each for each in json.loads(done.stdout)}
    assert found.keys() == FIGURES[name]
    assert all(math.isfinite(each["value"]) for each in found.values())
    assert dict.fromkeys(found.keys() & MUST_BE_0, 0) == {
        key: found[key]["value"] for key in found.keys() & MUST_BE_0
    }


def test_unknown_benchmark_is_named() -> None:
    done = run("sprint")
    assert done.returncode == 2
    assert "'sprint'" in done.stderr
    assert all(name in done.stderr for name in BENCHMARKS)


def test_spread_of_values() -> None:
    found = spread([float(each) for each in range(101)])
    assert (found.p50, found.p95) == (50, 95)
    assert (spread([3.0]).p50, spread([3.0]).p95) == (3, 3)


def test_table_lines_up_values_under_their_headings() -> None:
    figures = [Figure("a.b", 1234.5, "1/s", 300, 800, "clients"), Figure("c", 0.123456, "ms")]
    assert table(figures).splitlines() == [
        "figure  value       limit  aim",
        "a.b     1,234  1/s    300  800  clients",
        "c       0.123  ms",
    ]


def test_markdown_has_a_row_for_each_figure() -> None:
    figures = [Figure("a.b", 1234.5, "1/s", 300, 800, "clients"), Figure("c", 0, "")]
    assert as_markdown(figures).splitlines() == [
        "| figure | value | limit | aim | |",
        "|---|--:|--:|--:|---|",
        "| `a.b` | 1,234 1/s | 300 | 800 | clients |",
        "| `c` | 0 |  |  |  |",
    ]


def test_json_has_an_object_for_each_figure() -> None:
    figure = Figure("a", 1.5, "ms", 3, remark="é")
    assert (
        json.loads(as_json([figure, figure]))
        == [{"name": "a", "value": 1.5, "unit": "ms", "limit": 3, "aim": None, "remark": "é"}] * 2
    )
