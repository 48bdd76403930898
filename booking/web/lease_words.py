"""Leases in words: when, which share, on which days."""

from collections.abc import Iterable

from flask_babel import gettext as _

from booking.core.values import LeaseView
from booking.i18n import INCLUDED
from booking.web.bookings.words import listed_words, weekday_name
from booking.web.dates import dateformat


def time_words(lease: LeaseView) -> str:
    """Return from when to when: 1 avr. 2027 – 31 déc. 2027."""
    first = dateformat(lease.starts, "medium")
    if lease.ends is None:
        return _("since %(day)s, without an end", day=first)
    return _("%(first)s to %(last)s", first=first, last=dateformat(lease.ends, "medium"))


def part_words(lease: LeaseView) -> str:
    """Return which share of the space, and on which days; "" for all of it."""
    words = []
    if lease.share != lease.shares:
        words.append(_("%(share)s of %(shares)s", share=lease.share, shares=lease.shares))
    if lease.weekdays:
        words.append(listed_words(weekday_name(each) for each in sorted(lease.weekdays)))
    return ", ".join(words)


def included_words(codes: Iterable[str]) -> str:
    """Return what the rent includes, in the order of the form."""
    known = {*codes}
    return listed_words(str(name) for code, name in INCLUDED.items() if code in known)
