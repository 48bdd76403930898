"""One value of the file: what it may be, and what is said of one that cannot be used."""

from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin


class ConfigError(Exception):
    """A setting cannot be used; the text names the file, the key and what is expected."""

    def __init__(self, file: Path | None, key: str, expected: str) -> None:
        super().__init__(": ".join(str(part) for part in (file or "settings", key, expected)))
        self.file = file
        self.key = key
        self.expected = expected


def entry_of(kind: type[Any], name: str) -> Field[Any]:
    """Return the field of a section, or the section of all settings, by its name."""
    return next(entry for entry in fields(kind) if entry.name == name)


def checked(file: Path | None, key: str, value: object, *, kind: Any, entry: Field[Any]) -> object:
    """Return ``value`` as the dataclass holds it, or raise what was expected instead."""
    if get_origin(kind) is tuple:
        return value  # tables, read when all settings are known
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        if value in choices:
            return value
        expected = "one of " + ", ".join(f'"{choice}"' for choice in choices)
    elif kind is int:
        low, high = entry.metadata["low"], entry.metadata["high"]
        # True is an int to Python, but not to a person.
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        expected = f"a whole number from {low} to {high}"
    elif kind is bool:
        if isinstance(value, bool):
            return value
        expected = "true or false"
    else:
        if isinstance(value, str) and (value or kind is str):
            return kind(value)
        expected = "text in quotes" if kind is str else "a path in quotes"
    shown = "a secret text" if key.endswith(("secret_key", "_keys")) else repr(value)[:60]
    raise ConfigError(file, key, f"expected {expected}, found {shown}")
