"""Days that a series leaves out: public holidays, school holidays of a zone."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

PUBLIC = "public"
_SCHOOL = "school:"
_CODE = re.compile(r"public|school:[\w -]{1,10}")
# From the summer holidays to those of autumn it is less: no holidays are missing in between.
_SCHOOL_TERM = timedelta(days=80)


class DayOffKind(StrEnum):
    """Why nobody comes that day."""

    PUBLIC = "public"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class DayOff:
    """A public holiday, or a day of school holidays, with its name."""

    kind: DayOffKind
    name: str


@dataclass(frozen=True, slots=True)
class SchoolCalendar:
    """The school holidays of a zone: name by day, and the spans in which all are known.

    Spans are of days, both inclusive, in order and apart from each other.
    """

    days: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    spans: tuple[tuple[date, date], ...] = ()

    def knows(self, day: date) -> bool:
        """Whether it is known if a day is one of school holidays."""
        return any(first <= day <= last for first, last in self.spans)

    @property
    def last(self) -> date | None:
        """The last day that is known, None where nothing is."""
        return self.spans[-1][1] if self.spans else None

    def over(self, other: "SchoolCalendar") -> "SchoolCalendar":
        """Return this calendar with another's days where it knows nothing itself."""
        days = {day: name for day, name in other.days.items() if not self.knows(day)}
        return SchoolCalendar({**days, **self.days}, joined([*other.spans, *self.spans]))


def calendar_of(days: Mapping[date, str]) -> SchoolCalendar:
    """Return the calendar that lists these days: known from the first to the last."""
    if not days:
        return SchoolCalendar()
    ordered = sorted(days)
    return SchoolCalendar(days, _without_gaps(ordered))


def _without_gaps(ordered: Sequence[date]) -> tuple[tuple[date, date], ...]:
    """Part the days where a school year must be missing: no term lasts five months."""
    return joined([(each, each) for each in ordered], apart=2 * _SCHOOL_TERM)


def joined(
    spans: Iterable[tuple[date, date]], *, apart: timedelta = _SCHOOL_TERM
) -> tuple[tuple[date, date], ...]:
    """Return spans in order, as one where no more than ``apart`` lies between two of them."""
    found: list[tuple[date, date]] = []
    for first, last in sorted(spans):
        if found and first - found[-1][1] <= apart:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def school(zone: str) -> str:
    """Return the code of the school holidays of a zone."""
    return f"{_SCHOOL}{zone}"


def zone_of(codes: Iterable[str]) -> str:
    """Return the zone whose school holidays are left out, or nothing."""
    return next((each.removeprefix(_SCHOOL) for each in codes if each.startswith(_SCHOOL)), "")


def are_codes(codes: Iterable[str]) -> bool:
    """Whether these are codes of what can be left out, with one zone at most."""
    known = [*codes]
    zones = sum(each.startswith(_SCHOOL) for each in known)
    return zones <= 1 and all(_CODE.fullmatch(each) for each in known)
