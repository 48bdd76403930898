"""Messages below the doors: a code and its parameters, put into words by ``booking.i18n``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

Parameter = str | int | float | date | datetime | None

_NOTHING: Mapping[str, Parameter] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence that has not been spoken yet.

    ``code`` is a key of ``booking.i18n.SENTENCES``; ``params`` fill its
    placeholders.  ``field`` names the form field the message belongs to, or
    is empty.
    """

    code: str
    params: Mapping[str, Parameter] = field(default_factory=lambda: _NOTHING)
    field: str = ""


def message(code: str, /, field: str = "", **params: Parameter) -> Message:
    """Return a ``Message``; shorter to write than the class."""
    return Message(code, params, field)
