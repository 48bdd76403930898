"""Recurrence: an RRULE with its wall clock and zone, made into intervals within an edge.

``rule`` is the value with its text, ``build`` makes it from what a form
offers, ``dates`` walks the calendar, ``zones`` crosses between wall clock and
UTC, and ``expand`` puts them together.
"""

from booking.core.recurrence.build import (
    ONCE,
    daily,
    ended_before,
    is_last_working_day,
    monthly_by_day,
    monthly_by_last_working_day,
    monthly_by_weekday,
    monthly_by_weekdays,
    moved,
    nths_and_weekdays,
    weekly,
    with_count,
    with_until,
    yearly,
)
from booking.core.recurrence.expand import (
    MOST_DATES,
    Instance,
    expand,
    first_start,
    interval_at,
    rule_starts,
    starts_from,
)
from booking.core.recurrence.rule import ByDay, Frequency, InvalidRule, Rule, parse_rule
from booking.core.recurrence.zones import clock_changes, describe_gap, to_local, to_utc, zone_info

__all__ = [
    "MOST_DATES",
    "ONCE",
    "ByDay",
    "Frequency",
    "Instance",
    "InvalidRule",
    "Rule",
    "clock_changes",
    "daily",
    "describe_gap",
    "ended_before",
    "expand",
    "first_start",
    "interval_at",
    "is_last_working_day",
    "monthly_by_day",
    "monthly_by_last_working_day",
    "monthly_by_weekday",
    "monthly_by_weekdays",
    "moved",
    "nths_and_weekdays",
    "parse_rule",
    "rule_starts",
    "starts_from",
    "to_local",
    "to_utc",
    "weekly",
    "with_count",
    "with_until",
    "yearly",
    "zone_info",
]
