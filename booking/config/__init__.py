"""The operator's settings: a TOML file read into typed, frozen values.

House settings (opening hours, rules) live in the database; no key is in both.
Every key, its default and its meaning: ``config.example.toml``.
"""

from booking.config.reading import load_config
from booking.config.resolving import MIN_SECRET_LENGTH, network_file_system, weakness
from booking.config.sections import (
    Calendars,
    Database,
    Log,
    Mail,
    MailIn,
    Paths,
    Security,
    Server,
    Sync,
    Ui,
)
from booking.config.settings import Config
from booking.config.values import ConfigError

__all__ = [
    "MIN_SECRET_LENGTH",
    "Calendars",
    "Config",
    "ConfigError",
    "Database",
    "Log",
    "Mail",
    "MailIn",
    "Paths",
    "Security",
    "Server",
    "Sync",
    "Ui",
    "load_config",
    "network_file_system",
    "weakness",
]
