"""The dates of a request: the first by its rule, what it leaves out, further ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from booking.core.days_off import PUBLIC, DayOff, DayOffKind, SchoolCalendar, zone_of
from booking.core.errors import InvalidRequest
from booking.core.recurrence import (
    Instance,
    Rule,
    describe_gap,
    expand,
    first_start,
    parse_rule,
    rule_starts,
    with_count,
)
from booking.core.requests import BookingRequest
from booking.core.values import Site
from booking.holidays import public_holidays
from booking.school import SchoolFileError, school_calendar

LeftOut = Mapping[datetime, DayOff]
NOTHING: LeftOut = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Dates:
    """What a request comes to: its dates in order, those that it leaves out, and why.

    ``request`` and ``rule`` begin on the first date that is kept.  ``left_out``
    has naive local starts, in order, those before that date as well.
    ``known_until`` is set where later dates are kept because nobody knows the
    school holidays by then.
    """

    request: BookingRequest
    rule: Rule | None
    instances: tuple[Instance, ...]
    zone: str
    left_out: LeftOut = field(default_factory=lambda: NOTHING)
    known_until: date | None = None

    @property
    def exdates(self) -> list[datetime]:
        """The dates that are left out after the first one (EXDATE, RFC 5545 §3.8.5.1)."""
        return [each for each in self.left_out if each > self.request.start]


def dates_of(
    request: BookingRequest,
    site: Site,
    *,
    zone: str,
    edge: datetime,
    language: str | None = None,
) -> Dates:
    """Return the dates of a request up to the aware edge.

    Dates that the rule leaves out do not shift its rhythm.  A further date
    is kept whatever day it is.

    Raises:
        InvalidRequest: If a time does not exist, nothing is left, or dates are in
            each other's way; messages name their fields.
    """
    rule = parse_rule(request.rule).in_zone(zone) if request.rule else None
    request = _at_first_date(request, rule, zone)
    left_out, known_until = NOTHING, None
    if rule is not None and (request.rdates or request.leaves_out):
        given = rule_starts(request.start, rule, zone, until=edge)
        off = _days_off(request.leaves_out, site, given, language=language)
        left_out = {
            each: off.days[each.date()]
            for each in given
            if each.date() in off.days and each not in request.rdates
        }
        request, rule = _at_first_kept(request, rule, given, left_out)
        request = _with_further(request, given, left_out, off)
        known_until = _known_until(off, given, left_out)
    _refuse_gap(request, zone)
    instances = expand(
        request.start,
        request.end - request.start,
        zone,
        rule=rule,
        exdates=left_out.keys(),
        rdates=request.rdates,
        until=edge,
    )
    return Dates(request, rule, tuple(instances), zone, left_out, known_until)


@dataclass(frozen=True, slots=True)
class _Off:
    days: Mapping[date, DayOff]
    school: SchoolCalendar | None


def _days_off(
    leaves_out: frozenset[str], site: Site, given: Sequence[datetime], *, language: str | None
) -> _Off:
    """Return the days off among the days of a rule, by name; a public holiday's name wins."""
    asked = {each.date() for each in given}
    days: dict[date, DayOff] = {}
    school = None
    if zone := zone_of(leaves_out):
        try:
            school = school_calendar(zone)
        except SchoolFileError as error:
            raise InvalidRequest.because("school_file", "leaves", reason=str(error)) from error
        if school.last is None:
            raise InvalidRequest.because("choice_invalid", "leaves")
        named = school.days
        days = {day: DayOff(DayOffKind.SCHOOL, named[day]) for day in asked if day in named}
    if PUBLIC in leaves_out:
        years = {each.year for each in given}
        found = public_holidays(site.country, site.region, years, language=language)
        days |= {day: DayOff(DayOffKind.PUBLIC, found[day]) for day in asked if day in found}
    return _Off(days, school)


def reasons(
    leaves_out: frozenset[str], days: Sequence[datetime], site: Site, *, language: str | None
) -> dict[datetime, DayOff]:
    """Return why stored dates are left out, as far as that is known today."""
    try:
        off = _days_off(leaves_out, site, days, language=language)
    except InvalidRequest:
        return {}
    return {each: off.days[each.date()] for each in days if each.date() in off.days}


def _known_until(off: _Off, given: Sequence[datetime], left_out: LeftOut) -> date | None:
    if off.school is None:
        return None
    last = off.school.last
    late = any(last and each.date() > last and each not in left_out for each in given)
    return last if late else None


def _at_first_date(request: BookingRequest, rule: Rule | None, zone: str) -> BookingRequest:
    """Move the start to the first date of the rule, when the rule leaves the given one out."""
    if rule is None:
        return request
    first = first_start(request.start, rule, zone)
    if first is None:
        raise InvalidRequest.because("empty_series", "repeat")
    return _moved(request, first)


def _moved(request: BookingRequest, start: datetime) -> BookingRequest:
    return replace(request, start=start, end=start + (request.end - request.start))


def _at_first_kept(
    request: BookingRequest, rule: Rule, given: Sequence[datetime], left_out: LeftOut
) -> tuple[BookingRequest, Rule]:
    """Begin on the first date that is kept: it is one of the rule's, so the rhythm stays."""
    number, first = next(
        ((at, each) for at, each in enumerate(given) if each not in left_out), (0, None)
    )
    if first is None:
        raise InvalidRequest.because("all_dates_left_out", "leaves")
    if rule.count is not None and number:
        rule = with_count(rule, rule.count - number)
    return _moved(request, first), rule


def _with_further(
    request: BookingRequest, given: Sequence[datetime], left_out: LeftOut, off: _Off
) -> BookingRequest:
    """Return the request without further dates that its rule gives anyway.

    One that the rule would leave out stays a further one.
    """
    usual = {each for each in given if each.date() not in off.days}
    further = [each for each in request.rdates if each not in usual]
    if further and further[0] < request.start:
        raise InvalidRequest.because("further_date_before", "more", first=request.start.date())
    every = {each for each in given if each not in left_out}.union(further)
    if len({each.date() for each in every}) < len(every):
        raise InvalidRequest.because("two_dates_a_day", "more")
    return replace(request, rdates=tuple(further))


def _refuse_gap(request: BookingRequest, zone: str) -> None:
    further = (("more", each) for each in request.rdates)
    for name, local in (("start", request.start), ("end", request.end), *further):
        if describe_gap(local, zone) == "gap":
            raise InvalidRequest.because("time_in_gap", name, at=local)
