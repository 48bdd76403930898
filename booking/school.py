"""School holidays by zone: the library's for France, and a file that the operator may replace.

The library's table is read when a series first asks for it, the file again
whenever it was written anew.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from booking.core.days_off import SchoolCalendar, calendar_of

FRENCH_ZONES = ("A", "B", "C")
MOST_DAYS = 366  # of one entry: more is a mistyped year
_Days = dict[str, dict[date, str]]


class SchoolFileError(Exception):
    """The file cannot be used; the text says which line and why."""


class _Source:
    """The file of this process, None where the library is all there is."""

    file: Path | None = None


def use_file(file: Path | None) -> None:
    """Take school holidays from this file first, from now on."""
    _Source.file = file


def zones(country: str) -> tuple[str, ...]:
    """Return the zones that a house of this country may choose from.

    Raises:
        SchoolFileError: If the file cannot be used.
    """
    own = _of_file(_Source.file)
    return tuple(dict.fromkeys((*(FRENCH_ZONES if country == "FR" else ()), *sorted(own))))


def school_calendar(zone: str) -> SchoolCalendar:
    """Return the school holidays of a zone; empty for one that nobody knows.

    The file counts for the time from its first day to its last, the library
    for what lies before and after.

    Raises:
        SchoolFileError: If the file cannot be used.
    """
    if _Source.file is None:
        return _of_library(zone) if zone in FRENCH_ZONES else SchoolCalendar()
    return _joined(zone, *_version(_Source.file))


def check_file(file: Path) -> None:
    """Refuse a file that cannot be used.

    Raises:
        SchoolFileError: With the line and the reason.
    """
    _of_file(file)


@lru_cache(maxsize=len(FRENCH_ZONES))
def _of_library(zone: str) -> SchoolCalendar:
    table = files("vacances_scolaires_france").joinpath("data", "data.csv")
    return calendar_of(_read(table.read_text(encoding="utf-8")).get(zone, {}))


@lru_cache(maxsize=16)
def _joined(zone: str, file: Path, written: int, size: int) -> SchoolCalendar:
    own = calendar_of(_of_version(file, written, size).get(zone, {}))
    return own.over(_of_library(zone)) if zone in FRENCH_ZONES else own


def _of_file(file: Path | None) -> Mapping[str, Mapping[date, str]]:
    return {} if file is None else _of_version(*_version(file))


def _version(file: Path) -> tuple[Path, int, int]:
    """Return what tells a file from the same one written anew."""
    try:
        found = file.stat()
    except OSError as error:
        raise SchoolFileError(f"{file}: {error.strerror}") from error
    return file, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=2)
def _of_version(file: Path, _written: int, _size: int) -> Mapping[str, Mapping[date, str]]:
    try:
        return _read(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SchoolFileError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise SchoolFileError(f"{file}: not UTF-8") from None
    except ValueError as error:
        raise SchoolFileError(f"{file}: {error}") from error


def _read(text: str) -> _Days:
    """Return the days by zone of either of two kinds of table.

    Raises:
        ValueError: With the number of the line.
    """
    header = text.partition("\n")[0].strip().lower()
    separator = ";" if ";" in header else ","
    lines = enumerate(csv.DictReader(text.splitlines(), delimiter=separator), start=2)
    names = {each.strip() for each in header.split(separator)}
    if {"zone", "first", "last"} <= names:
        return _by_span(lines)
    if {"date", "vacances_zone_a"} <= names:
        return _by_day(lines)
    raise ValueError("line 1: expected zone,first,last,name or date,vacances_zone_a,...")


def _by_span(lines: Iterator[tuple[int, dict[str, str]]]) -> _Days:
    found: _Days = defaultdict(dict)
    for number, row in lines:
        try:
            first, last = (date.fromisoformat(row[name].strip()) for name in ("first", "last"))
        except (ValueError, AttributeError):
            raise ValueError(f"line {number}: expected days such as 2028-10-21") from None
        zone = (row["zone"] or "").strip()
        if not 1 <= len(zone) <= 10 or not zone.replace("-", "").replace(" ", "").isalnum():
            raise ValueError(f"line {number}: expected a zone such as A")
        if not 0 <= (last - first).days < MOST_DAYS:
            raise ValueError(f"line {number}: the last day is not soon after the first")
        name = (row.get("name") or "").strip()
        for day in range((last - first).days + 1):
            found[zone][first + timedelta(days=day)] = name
    return found


def _by_day(lines: Iterator[tuple[int, dict[str, str]]]) -> _Days:
    found: _Days = defaultdict(dict)
    columns = {zone: f"vacances_zone_{zone.lower()}" for zone in FRENCH_ZONES}
    for number, row in lines:
        for zone, column in columns.items():
            if row.get(column) == "True":
                try:
                    found[zone][date.fromisoformat(row["date"])] = row.get("nom_vacances") or ""
                except ValueError:
                    raise ValueError(f"line {number}: expected a day such as 2028-10-21") from None
    return found
