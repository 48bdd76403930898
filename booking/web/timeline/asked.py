"""What the timeline was asked to show; every state of it has an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from booking.core.errors import NotFound
from booking.core.timeline import DAY, Scale
from booking.core.values import SpaceKind
from booking.web.board.choice import read_day

VIEWS = ("day", "week", "month", "year")
# So that each view is about as wide as a screen beside the names.
_DAY_PX = {"day": 1056, "week": 151, "month": 34, "year": 2.9}


@dataclass(frozen=True, slots=True)
class Asked:
    """A view of the time around a day, of all spaces or those of one kind."""

    view: str
    day: date
    kind: SpaceKind | None = None

    @property
    def first(self) -> date:
        """The first day shown."""
        if self.view == "week":
            return self.day - timedelta(days=self.day.weekday())
        if self.view == "month":
            return self.day.replace(day=1)
        return self.day.replace(month=1, day=1) if self.view == "year" else self.day

    def moved(self, steps: int) -> date:
        """Return a day so many days, weeks, months or years later."""
        if self.view in ("day", "week"):
            return self.first + timedelta(days=steps * (7 if self.view == "week" else 1))
        months = (
            self.first.year * 12 + self.first.month - 1 + steps * (12 if self.view == "year" else 1)
        )
        return date(months // 12, months % 12 + 1, 1)

    def scale(self, hours: tuple[int, int]) -> Scale:
        """Return where its days lie; ``hours`` are the minutes of a day that are shown."""
        days = (self.moved(1) - self.first).days
        opens, closes = hours if self.view in ("day", "week") else (0, 1440)
        return Scale(self.first, days, _DAY_PX[self.view], opens, closes)

    def query(self, **other: object) -> dict[str, object]:
        """Return the query of the address, with something else in it."""
        kind = self.kind.value if self.kind else None
        said = {"view": self.view, "day": self.day, "kind": kind}
        return {**said, **other}


def read_asked(args: Mapping[str, str], today: date) -> Asked:
    """Return what an address names; this month without anything.

    Raises:
        NotFound: For an unknown view or kind, and a day that is none.
    """
    view, kind = args.get("view", "month"), args.get("kind", "")
    if view not in VIEWS:
        raise NotFound("page", view)
    if kind and kind not in set(SpaceKind):
        raise NotFound("page", kind)
    day = args.get("day", "")
    return Asked(view, read_day(day) if day else today, SpaceKind(kind) if kind else None)


def columns(asked: Asked, scale: Scale) -> list[tuple[date, int, int]]:
    """Return the columns of the head: their first day, where they begin, and how wide they are."""
    if asked.view == "year":
        firsts = [date(asked.first.year, month, 1) for month in range(1, 13)]
    else:
        firsts = [scale.first + each * DAY for each in range(scale.days)]
    ends = [*firsts[1:], scale.last + DAY]
    places = [
        (scale.of_day(each), scale.of_day(end)) for each, end in zip(firsts, ends, strict=True)
    ]
    return [(day, x, end - x) for day, (x, end) in zip(firsts, places, strict=True)]
