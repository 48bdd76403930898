"""Choices and outcomes as JSON: what is kept of an uploaded file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from booking.core.imports.outcomes import Fate, Outcome
from booking.core.messages import Message, Parameter


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a file goes: into ``space_ids``, or (``by_place``) where its LOCATIONs say.

    With both, what names no room goes into ``space_ids``.
    """

    space_ids: tuple[int, ...] = ()
    by_place: bool = False
    organisation_id: int | None = None
    category: str = "meeting"

    def to_json(self) -> dict[str, object]:
        """Return the choice as JSON."""
        return {
            "space_ids": [*self.space_ids],
            "by_place": self.by_place,
            "organisation_id": self.organisation_id,
            "category": self.category,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Choice":
        """Return the choice that was stored."""
        return cls(**{**data, "space_ids": tuple(data["space_ids"])})


def message_to_json(told: Message) -> list[object]:
    """Return a message as code and parameters; days and times are marked as such."""
    return [told.code, {key: _plain(value) for key, value in told.params.items()}]


def message_from_json(data: Sequence[Any]) -> Message:
    """Return the message that was stored."""
    code, params = data
    return Message(code, {key: _value(value) for key, value in params.items()})


def _plain(value: Parameter) -> object:
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _value(value: Any) -> Parameter:
    if isinstance(value, dict):
        if "time" in value:
            return datetime.fromisoformat(value["time"])
        return date.fromisoformat(value["day"])
    plain: Parameter = value
    return plain


def outcome_to_json(outcome: Outcome) -> list[object]:
    """Return an outcome as a list: there are a hundred thousand of them."""
    return [
        outcome.uid,
        outcome.title,
        outcome.fate.value,
        _text(outcome.start),
        _text(outcome.end),
        [*outcome.space_ids],
        outcome.dates,
        outcome.over,
        [_text(each) for each in outcome.clashing],
        outcome.booking_id,
        [message_to_json(each) for each in outcome.reasons],
        [message_to_json(each) for each in outcome.warnings],
    ]


def outcome_from_json(data: Sequence[Any]) -> Outcome:
    """Return the outcome that was stored."""
    uid, title, fate, start, end, spaces, dates, over, clashing, booking_id, reasons, warnings = (
        data
    )
    return Outcome(
        uid,
        title,
        Fate(fate),
        start=_time(start),
        end=_time(end),
        space_ids=tuple(spaces),
        dates=dates,
        over=over,
        clashing=tuple(datetime.fromisoformat(each) for each in clashing),
        booking_id=booking_id,
        reasons=tuple(map(message_from_json, reasons)),
        warnings=tuple(map(message_from_json, warnings)),
    )


def counted(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return how many events have each fate, how many dates they come to, and clash."""
    found: dict[str, int] = {}
    for each in outcomes:
        clashing = "clashing" if each.clashing and each.fate is not Fate.TAKEN else ""
        for key in filter(None, (each.fate.value, clashing)):
            found[key] = found.get(key, 0) + 1
        found["dates"] = found.get("dates", 0) + each.dates
        found["over"] = found.get("over", 0) + each.over
    return found


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="minutes") if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
