"""What a benchmark gives: figures, printed as a table, as Markdown or as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    ``name`` is ``benchmark.subject.measure``.  ``limit`` is the worst value
    that we accept, ``aim`` the one we want; None where there is none.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    aim: float | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile of some values, in their unit."""

    p50: float
    p95: float


def spread(values: Sequence[float]) -> Spread:
    """Return median and 95th percentile; of a single value, that one."""
    if len(values) == 1:
        return Spread(values[0], values[0])
    cuts = quantiles(values, n=20, method="inclusive")
    return Spread(cuts[9], cuts[18])


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as lines of text, one each."""
    rows = [("figure", "value", "", "limit", "aim", "")]
    rows += [
        (
            each.name,
            _number(each.value),
            each.unit,
            _number(each.limit),
            _number(each.aim),
            each.remark,
        )
        for each in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(_line(row, widths) for row in rows)


def as_markdown(figures: Iterable[Figure]) -> str:
    """Return the figures as a table for a page of the documentation."""
    rows = (
        f"| `{each.name}` | {_number(each.value)} {each.unit}".rstrip()
        + f" | {_number(each.limit)} | {_number(each.aim)} | {each.remark} |"
        for each in figures
    )
    head = ("| figure | value | limit | aim | |", "|---|--:|--:|--:|---|")
    return "\n".join((*head, *rows))


def as_json(figures: Iterable[Figure]) -> str:
    """Return the figures as a JSON list, an object on a line each."""
    lines = (json.dumps(asdict(each), ensure_ascii=False) for each in figures)
    return "[\n" + ",\n".join(lines) + "\n]"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, value, unit, limit, aim, remark = row
    cells = (
        name.ljust(widths[0]),
        value.rjust(widths[1]),
        unit.ljust(widths[2]),
        limit.rjust(widths[3]),
        aim.rjust(widths[4]),
        remark,
    )
    return "  ".join(cells).rstrip()


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
