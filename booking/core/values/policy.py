"""The rules under which a space may be booked, as an administrator sets them.

Stored as JSON: lengths in minutes, times of the day as ``HH:MM``, what is
left out is as by default.  ``booking.core.policy`` applies them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, Self, TypeVar

from booking.core.errors import InvalidRequest
from booking.core.values.fairness import UNCOUNTED, FairUse, check_fair_use
from booking.core.values.kinds import ByMail, Role, Stance
from booking.core.values.seasons import Seasons, check_seasons
from booking.core.values.stored import MINUTE, read, written, yes

T = TypeVar("T")
MIDNIGHT = time(0)
MOST_MINUTES = 366 * 24 * 60
MOST_EMBEDDERS = 20
# Scheme, host and port of a website (RFC 6454 §6.2), and nothing that could end a header's value.
_ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of a day, wall clock; closing at 00:00 is midnight at its end."""

    opens: time
    closes: time

    def to_json(self) -> list[str]:
        """Return what is stored: both as ``HH:MM``."""
        return [f"{self.opens:%H:%M}", f"{self.closes:%H:%M}"]


Week = tuple[Hours | None, ...]  # seven days, Monday first; None is closed


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one space; the default leaves everything to everybody.

    ``hours`` None are the site's, as ``holidays`` None is the site's stance.
    ``notice`` is how long before its start a booking comes at the latest,
    ``ahead`` how long before at the earliest.  ``organisations`` and
    ``roles`` say who may book, both empty mean everybody.  Outsiders are
    people of none of the ``insiders``; without any named, people of no
    organisation.  Where nobody checks in until ``check_in`` after the start, the
    time goes to others.  ``half_days`` is when the two halves of a day meet, of a
    space that is booked by these alone.  ``by_mail`` says what becomes of a series
    that is asked for by mail, of which some dates clash.
    """

    hours: Week | None = None
    outside_hours: Stance = Stance.ALLOW
    holidays: Stance | None = None
    shortest: timedelta | None = None
    longest: timedelta | None = None
    notice: timedelta | None = None
    ahead: timedelta | None = None
    organisations: frozenset[int] = frozenset()
    roles: frozenset[Role] = frozenset()
    ask_outsiders: bool = False
    insiders: frozenset[int] = frozenset()
    ask_longer: timedelta | None = None
    over_capacity: Stance = Stance.ALLOW
    check_in: timedelta | None = None
    half_days: time | None = None
    by_mail: ByMail = ByMail.WHOLE

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the policy that is stored as ``data``; None is the default one.

        Raises:
            InvalidRequest: For anything that is no policy; the message names the field.
        """
        return read(cls, data, _READERS)

    def to_json(self) -> dict[str, object] | None:
        """Return what is stored: what differs from the default; None where nothing does."""
        return written(self, Policy())


@dataclass(frozen=True, slots=True)
class SitePolicy:
    """The rules of a site.

    A request that nobody decides expires ``expire_after`` its last change, and
    in any case when its time comes (None: only then); approvers are reminded
    ``remind_before`` that.  ``programme`` says whether what is public in the
    site can be read by anybody, ``open_rooms`` whether anybody can see when its
    rooms are taken, ``fair_use`` how much of it everybody may have.
    What becomes free is held ``offer_for`` at most for whoever is next in the
    waiting list.  With ``seasons`` whose series has no end is asked once a year
    whether it goes on.  Of a lease that ends, and of the last day to give notice,
    people are told so long before.  ``embedders`` are the origins of websites
    that may show the programme in a frame (RFC 6454).
    """

    holidays: Stance = Stance.ALLOW
    expire_after: timedelta | None = timedelta(days=7)
    remind_before: timedelta = timedelta(days=1)
    programme: bool = True
    open_rooms: bool = False
    fair_use: FairUse = UNCOUNTED
    offer_for: timedelta = timedelta(days=1)
    seasons: Seasons | None = None
    lease_end_before: timedelta = timedelta(days=60)
    lease_notice_before: timedelta = timedelta(days=30)
    embedders: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the policy that is stored as ``data``; None is the default one.

        Raises:
            InvalidRequest: For anything that is no policy; the message names the field.
        """
        return read(cls, data, _SITE_READERS)

    def to_json(self) -> dict[str, object] | None:
        """Return what is stored: what differs from the default; None where nothing does."""
        return written(self, SitePolicy())


def check_policy(policy: Policy) -> None:
    """Refuse rules that contradict each other.

    Raises:
        InvalidRequest: With the field of the rule that cannot be kept.
    """
    if policy.shortest and policy.longest and policy.longest < policy.shortest:
        raise InvalidRequest.because("policy_lengths", "longest")
    if policy.notice and policy.ahead and policy.ahead <= policy.notice:
        raise InvalidRequest.because("policy_lead", "ahead")
    if policy.longest and policy.ask_longer and policy.ask_longer >= policy.longest:
        raise InvalidRequest.because("policy_ask_longer", "ask_longer")
    if policy.hours is not None:
        if len(policy.hours) != 7:
            raise InvalidRequest.because("policy_invalid", "hours")
        if not any(policy.hours):
            raise InvalidRequest.because("policy_never_open", "hours")
        for each in policy.hours:
            if each and each.closes != MIDNIGHT and each.closes <= each.opens:
                raise InvalidRequest.because("policy_hours", "hours")
    if policy.insiders and not policy.ask_outsiders:
        raise InvalidRequest.because("policy_insiders", "insiders")


def check_site_policy(policy: SitePolicy) -> None:
    """Refuse a reminder that would come before the request itself, and limits that cannot be.

    Raises:
        InvalidRequest: With the field of the rule that cannot be kept.
    """
    if policy.expire_after is not None and policy.remind_before >= policy.expire_after:
        raise InvalidRequest.because("policy_reminder", "remind_before")
    check_fair_use(policy.fair_use)
    if policy.seasons is not None:
        check_seasons(policy.seasons)
    if len(policy.embedders) > MOST_EMBEDDERS:
        raise InvalidRequest.because("too_many_origins", "embedders", limit=MOST_EMBEDDERS)
    for each in policy.embedders:
        if not _ORIGIN.fullmatch(each):
            raise InvalidRequest.because("origin_invalid", "embedders", origin=each[:80])


def _week(value: list[list[str] | None]) -> Week | None:
    if value is None:
        return None
    return tuple(
        None if each is None else Hours(*(time.fromisoformat(at) for at in each)) for each in value
    )


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError(value)
    return tuple(value)


def _needed_length(value: object) -> timedelta:
    if type(value) is not int or not 0 < value <= MOST_MINUTES:
        raise ValueError(value)
    return value * MINUTE


def _length(value: object) -> timedelta | None:
    return None if value is None else _needed_length(value)


def _ids(value: list[int]) -> frozenset[int]:
    if not all(type(each) is int for each in value):
        raise ValueError(value)
    return frozenset(value)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "hours": _week,
    "outside_hours": Stance,
    "holidays": lambda value: None if value is None else Stance(value),
    "shortest": _length,
    "longest": _length,
    "notice": _length,
    "ahead": _length,
    "organisations": _ids,
    "roles": lambda value: frozenset(Role(each) for each in value),
    "ask_outsiders": yes,
    "insiders": _ids,
    "ask_longer": _length,
    "over_capacity": Stance,
    "check_in": _length,
    "by_mail": ByMail,
    "half_days": lambda value: None if value is None else time.fromisoformat(value),
}
_SITE_READERS: Mapping[str, Callable[[Any], Any]] = {
    "holidays": Stance,
    "expire_after": _length,
    "remind_before": _needed_length,
    "programme": yes,
    "open_rooms": yes,
    "fair_use": FairUse.from_json,
    "offer_for": _needed_length,
    "seasons": Seasons.from_json,
    "lease_end_before": _needed_length,
    "lease_notice_before": _needed_length,
    "embedders": _texts,
}
