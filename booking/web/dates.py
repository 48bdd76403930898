"""Template filters for naive local times and dates, in the reader's language."""

from datetime import date, datetime, time
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime
from flask import Flask
from flask_babel import get_locale

from booking.i18n.days import as_written


def clock(local: datetime | time) -> str:
    """Return ``HH:MM``."""
    return f"{local:%H:%M}"


def day_long(local: date) -> str:
    """Return weekday, day, month and year in words."""
    return dateformat(local, "full")


def day_short(local: date) -> str:
    """Return weekday and day in short."""
    return dateformat(local, "EEE d MMM")


def dateformat(local: date, pattern: str) -> str:
    """Return a day by a pattern of Unicode's TR 35, or ``full`` and the like."""
    return as_written(_written(local.year, local.month, local.day, pattern, get_locale()))


@lru_cache(maxsize=2_000)  # the same few days come again and again
def _written(year: int, month: int, day: int, pattern: str, locale: Locale | None) -> str:
    return format_date(date(year, month, day), pattern, locale=locale)


def month_year(local: date) -> str:
    """Return month and year in words."""
    return format_date(local, "MMMM y", locale=get_locale())


def moment(local: datetime) -> str:
    """Return day and time, for histories."""
    return as_written(format_datetime(local, "d MMM y, HH:mm", locale=get_locale()))


def init_app(app: Flask) -> None:
    """Give the filters to all templates."""
    for each in (clock, dateformat, day_long, day_short, month_year, moment):
        app.add_template_filter(each)
