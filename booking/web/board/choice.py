"""What the reader asked the board to show; every state of it has an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from booking.core.errors import NotFound
from booking.core.values import Space, SpaceKind

GRIDS = ("day", "week")
VIEWS = (*GRIDS, "month", "list")
LISTED_DAYS = 28
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Choice:
    """A day, its week, its month or the days after it, and which spaces of the site.

    ``space_id`` names one space; else all of ``kind`` that seat ``capacity``
    or more and have all ``features``.
    """

    view: str
    day: date
    kind: SpaceKind = SpaceKind.MEETING_ROOM
    space_id: int | None = None
    capacity: int | None = None
    features: tuple[str, ...] = ()

    @property
    def query(self) -> dict[str, object]:
        """The query of the address, defaults left out."""
        asked: dict[str, object] = {}
        if self.space_id is not None:
            asked["space"] = self.space_id
        elif self.kind is not SpaceKind.MEETING_ROOM:
            asked["kind"] = self.kind.value
        if self.capacity:
            asked["capacity"] = self.capacity
        if self.features:
            asked["feature"] = list(self.features)
        return asked

    @property
    def is_filtered(self) -> bool:
        """Whether some spaces of the kind are left out."""
        return bool(self.space_id or self.capacity or self.features)

    def days(self, first_weekday: int) -> list[date]:
        """Return the days shown; ``first_weekday`` 0 is Monday."""
        if self.view == "day":
            return [self.day]
        if self.view == "list":
            return _from(self.day, LISTED_DAYS)
        first = self.day.replace(day=1) if self.view == "month" else self.day
        start = first - timedelta(days=(first.weekday() - first_weekday) % 7)
        if self.view == "week":
            return _from(start, 7)
        length = (_month_after(first, 1) - start).days
        return _from(start, -(-length // 7) * 7)

    def moved(self, steps: int) -> "Choice":
        """Return the choice so many days, weeks or months later."""
        if self.view == "month":
            return replace(self, day=_month_after(self.day.replace(day=1), steps))
        length = {"day": 1, "week": 7, "list": LISTED_DAYS}[self.view]
        return replace(self, day=self.day + timedelta(days=steps * length))

    def spaces(self, bookable: Sequence[Space]) -> list[Space]:
        """Return the chosen ones of the bookable spaces, in their order."""
        if self.space_id is not None:
            return [space for space in bookable if space.id == self.space_id]
        return [space for space in bookable if self._takes(space)]

    def _takes(self, space: Space) -> bool:
        return (
            space.kind is self.kind
            and (self.capacity is None or (space.capacity or 0) >= self.capacity)
            and set(self.features) <= set(space.features)
        )


def _from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def _month_after(first: date, steps: int) -> date:
    """Return the first day of the month so many months after a first day."""
    months = first.year * 12 + first.month - 1 + steps
    return date(months // 12, months % 12 + 1, 1)


def read_choice(
    view: str, day: str, asked: Mapping[str, Sequence[str]], bookable: Sequence[Space]
) -> Choice:
    """Return the choice that an address names; of a filter, what makes no sense is ignored.

    Raises:
        NotFound: For an unknown view, space or kind, and a day that is none.
    """
    if view not in VIEWS:
        raise NotFound("page", view)
    kinds = {space.kind.value: space.kind for space in bookable}
    space_id = _one_of_ours(_first(asked, "space"), bookable)
    kind = _first(asked, "kind")
    if kind and kind not in kinds:
        raise NotFound("page", kind)
    chosen = kinds.get(kind or SpaceKind.MEETING_ROOM.value, next(iter(kinds.values()), None))
    if space_id is not None:
        chosen = next(space.kind for space in bookable if space.id == space_id)
    known = {feature for space in bookable for feature in space.features}
    return Choice(
        view=view,
        day=read_day(day),
        kind=chosen or SpaceKind.MEETING_ROOM,
        space_id=space_id,
        capacity=_number(_first(asked, "capacity")),
        features=tuple(sorted(known & set(asked.get("feature", ())))),
    )


def read_day(text: str) -> date:
    """Return the day that ``YYYY-MM-DD`` names.

    Raises:
        NotFound: If it names none, or one beyond all calendars of the house.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound("page", text) from None
    if not FIRST_DAY <= day <= LAST_DAY or text != day.isoformat():
        raise NotFound("page", text)
    return day


def _first(asked: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(asked.get(name, ())), "")


def _one_of_ours(text: str, bookable: Sequence[Space]) -> int | None:
    if not text:
        return None
    found = next((space.id for space in bookable if str(space.id) == text), None)
    if found is None:
        raise NotFound("space", text)
    return found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 5 else None
