"""The file becomes settings: every key known, every value of its kind."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints

from booking.config.resolving import resolved
from booking.config.settings import Config
from booking.config.values import ConfigError, checked, entry_of


def load_config(path: Path | None = None) -> Config:
    """Return the settings of ``path``, of ``$BOOKING_CONFIG``, of ``config.toml``, or the defaults.

    A relative path inside the file counts from the file's folder.  Without a
    file it counts from ``$BOOKING_HOME``, where ``config.toml`` is looked for
    too; by default that is the current folder.

    Raises:
        ConfigError: On the first unknown key or value that cannot be used.
    """
    home = Path(os.environ.get("BOOKING_HOME") or Path.cwd())
    named = path or (Path(value) if (value := os.environ.get("BOOKING_CONFIG")) else None)
    file = named or home / "config.toml"
    if named is None and not file.exists():
        return resolved(Config(), base=home.resolve())
    config = replace(_parsed(file, _read(file)), file=file)
    return resolved(config, base=file.resolve().parent)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(file, "cannot be read", reason) from error
    except ValueError as error:  # TOMLDecodeError says the line; UnicodeDecodeError is one too
        raise ConfigError(file, "is not valid TOML", str(error)) from error


def _parsed(file: Path, data: Mapping[str, Any]) -> Config:
    sections = {entry.name: entry for entry in fields(Config) if entry.name != "file"}
    values: dict[str, Any] = {}
    for name, content in data.items():
        if name not in sections:
            raise ConfigError(file, name, _stranger(name, sections, of="section"))
        if not isinstance(content, dict):
            raise ConfigError(file, name, f"expected a section, written as [{name}]")
        values[name] = _section(file, name, content)
    return Config(**values)


def _section(file: Path, name: str, content: Mapping[str, Any]) -> Any:
    kind = _section_type(name)
    hints = get_type_hints(kind)
    known = {entry.name: entry for entry in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in content.items():
        if key not in known:
            raise ConfigError(file, f"{name}.{key}", _stranger(key, known, of="key"))
        values[key] = checked(file, f"{name}.{key}", value, kind=hints[key], entry=known[key])
    return kind(**values)


def _section_type(name: str) -> type[Any]:
    found = entry_of(Config, name).default_factory
    assert isinstance(found, type)  # noqa: S101 - every section of Config is made by its class
    return found


def _stranger(name: str, known: Mapping[str, Any], *, of: str) -> str:
    homes = [
        section.name
        for section in fields(Config)
        if section.default_factory is not MISSING
        and name in {entry.name for entry in fields(_section_type(section.name))}
    ]
    if homes:
        return f"unknown {of} here; it belongs into [{homes[0]}]"
    near = get_close_matches(name, known, n=1)
    if near:
        return f"unknown {of}; did you mean '{near[0]}'?"
    return f"unknown {of}; expected one of {', '.join(known)}"
