"""Settings as JSON: what differs from the default is stored, and each field is read by name."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import time, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar, runtime_checkable

from booking.core.errors import InvalidRequest

T = TypeVar("T")
MINUTE = timedelta(minutes=1)


@runtime_checkable
class Stored(Protocol):
    """A value within settings that knows how it is stored."""

    def to_json(self) -> object:
        """Return what is stored."""


def read(kind: Callable[..., T], data: object, readers: Mapping[str, Callable[[Any], Any]]) -> T:
    """Return the settings that are stored as ``data``; None are the default ones.

    ``readers`` make a field of what is stored of it; they raise ``ValueError``
    or ``TypeError`` for what is none.

    Raises:
        InvalidRequest: For anything that is none; the message names the field.
    """
    if data is None:
        return kind()
    if not isinstance(data, Mapping):
        raise InvalidRequest.because("policy_invalid")
    values = {}
    for name, value in data.items():
        if name not in readers:
            raise InvalidRequest.because("policy_invalid", str(name))
        try:
            values[name] = readers[name](value)
        except (TypeError, ValueError, OverflowError):
            raise InvalidRequest.because("policy_invalid", name) from None
    return kind(**values)


def written(value: Any, default: Any) -> dict[str, object] | None:  # Any: a dataclass, and another
    """Return what is stored of settings: what differs from the default; None where nothing does."""
    found = {
        each.name: _plain(getattr(value, each.name))
        for each in fields(value)
        if getattr(value, each.name) != getattr(default, each.name)
    }
    return found or None


def yes(value: bool) -> bool:
    """Return a yes or no as it is; nothing else is one."""
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _plain(value: object) -> object:
    """Return lengths in minutes, times as ``HH:MM``, sets in order, choices as texts."""
    if isinstance(value, Stored):
        return value.to_json()
    if isinstance(value, timedelta):
        return value // MINUTE
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, StrEnum) else value
