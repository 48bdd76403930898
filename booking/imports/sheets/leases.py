"""Leases of a table."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from booking.actions import leases as verbs
from booking.actions.leases.finding import asked_space
from booking.core.checks import one_line
from booking.core.errors import BookingError, InvalidRequest
from booking.core.intervals import Interval
from booking.core.lease_checks import checked_lease
from booking.core.leases import terms_of
from booking.core.letting import divided, fit, let_times
from booking.core.messages import Message, message
from booking.core.recurrence import to_local
from booking.core.requests import LeaseRequest
from booking.core.sheets import Existing, Fate, Planned
from booking.core.sheets.cells import (
    Cells,
    amount,
    choices,
    day,
    documents,
    share,
    text,
    weekdays,
    whole,
)
from booking.core.values import Actor, Hold, Included, Layer, LeaseView, Site, Space
from booking.imports.sheets.common import Seen, settled, wrong
from booking.imports.sheets.words import words
from booking.queries import houses, leases
from booking.queries.spaces import entries

_CENT = Decimal("0.01")
_EVER = Interval(datetime(1900, 1, 1, tzinfo=UTC), datetime(3100, 1, 1, tzinfo=UTC))
Key = tuple[int, int, date, frozenset[int]]


class Leases:
    """A table of leases of one house.

    A lease is known by its space, its organisation, its first day and its weekdays.
    """

    def __init__(self, session: Session, site: Site, existing: Existing) -> None:
        self.session, self.site, self.existing = session, site, existing
        self.spaces: defaultdict[str, list[Space]] = defaultdict(list)
        self.by_id: dict[int, Space] = {}
        self.areas: dict[int, Decimal] = {}
        for each in entries(session, [site.id]):
            self.by_id[each.space.id] = each.space
            if each.archived_at is None:
                self.spaces[each.space.name.casefold()].append(each.space)
            if each.area_m2:
                self.areas[each.space.id] = Decimal(str(each.area_m2))
        names = houses.organisation_names(session)
        self.organisations = {name.casefold(): key for key, name in names.items()}
        self.known: defaultdict[Key, list[LeaseView]] = defaultdict(list)
        for view in leases.leases_of_site(session, site.id):
            self.known[_key(terms_of(view))].append(view)
        self.seen = Seen()
        self.written: dict[int, Planned] = {}  # by the id that a preview gave them
        self.numbers = count(1)

    def plan(self, row: int, texts: Mapping[str, str]) -> Planned:
        """Return what a row comes to."""
        cells = Cells(texts)
        values = _values(cells)
        space = cells.take("space", self._space)
        organisation = cells.take("organisation", self._organisation)
        starts = cells.take("starts", day)
        days = cells.take("weekdays", weekdays) or frozenset()
        name = one_line(f"{texts.get('space', '')} – {texts.get('organisation', '')}")
        for key, value in (("space", space), ("organisation", organisation), ("starts", starts)):
            if value is None and not texts.get(key):
                cells.wrong.append(message("cell_missing", key))
        if space is None or organisation is None or starts is None or cells.wrong:
            return wrong(row, name, cells.wrong)
        found = self._same((space.id, organisation, starts, days), values)
        try:
            base = terms_of(found) if found else self._new(space, organisation, starts, values)
            request = checked_lease(_with(replace(base, weekdays=days), values))
            asked_space(self.by_id, request, self.site)
        except BookingError as error:
            return wrong(row, name, [*error.messages])
        if found is None:
            return Planned(row, name, Fate.NEW, wish=request)
        before, after = _columns(terms_of(found)), _columns(request)
        planned = settled(row, name, after, target=found.id, stored=before, existing=self.existing)
        return replace(planned, wish=request)

    def _same(self, key: Key, values: Mapping[str, object]) -> LeaseView | None:
        """Return the lease that a row is about: where two shares are let so, that of its share."""
        found = self.known.get(key, [])
        asked = values.get("share", (1, 1))
        same = [each for each in found if (each.share, each.shares) == asked]
        return next(iter(same or found), None) if len(found) < 2 or same else None

    def _new(
        self, space: Space, organisation_id: int, starts: date, values: Mapping[str, Any]
    ) -> LeaseRequest:
        """Return a new lease before its terms; the area is that of its share of the space."""
        if "rent_m2" not in values:
            raise InvalidRequest.because("cell_missing", "rent_m2")
        area = self.areas.get(space.id)
        if area is None and "area_m2" not in values:
            raise InvalidRequest.because("cell_missing", "area_m2")
        part, parts = values.get("share", (1, 1))
        own = ((area or Decimal(1)) * part / parts).quantize(_CENT, ROUND_HALF_UP)
        return LeaseRequest(space.id, organisation_id, starts, None, own, Decimal(0))

    def _space(self, value: str, key: str) -> Space:
        found = self.spaces.get(one_line(text(value, key)).casefold(), [])
        if len(found) != 1:
            if found:
                raise InvalidRequest.because("row_which", key, number=len(found))
            raise InvalidRequest.because("cell_space", key, text=value[:40])
        return found[0]

    def _organisation(self, value: str, key: str) -> int:
        found = self.organisations.get(one_line(text(value, key)).casefold())
        if found is None:
            raise InvalidRequest.because("cell_organisation", key, text=value[:40])
        return found

    @cached_property
    def held(self) -> dict[int, list[Hold]]:
        """What leases hold by now, by part; one statement."""
        found: dict[int, list[Hold]] = {each: [] for each in self.by_id}
        for hold in leases.let_holds(self.session, self.by_id, _EVER):
            found[hold.part_id].append(hold)
        return found

    @cached_property
    def lanes(self) -> dict[int, int]:
        """In how many shares each part is let by now; one statement."""
        return leases.let_lanes(self.session, self.by_id)

    def foresee(self, planned: Planned) -> Planned:
        """Return the row as it is once those above are written: others may have its space."""
        if planned.wish is None:
            return planned
        request: LeaseRequest = planned.wish
        key = (_key(request), request.share, request.shares)
        planned = self.seen.once(key, planned)
        return self._fitted(planned, request) if planned.fate.is_good else planned

    def _fitted(self, planned: Planned, request: LeaseRequest) -> Planned:
        parts = self.by_id[request.space_id].part_ids
        wanted = let_times(request.starts, request.ends, request.weekdays, self.site.zone)
        span = Interval(wanted[0].start, wanted[-1].end)
        held = {
            part: [
                each
                for each in self.held[part]
                if each.lease_id != planned.target and each.interval.overlaps(span)
            ]
            for part in parts
        }
        present = {part: self.lanes[part] for part in parts}
        try:
            found = fit(wanted, request.share, request.shares, present=present, held=held)
        except InvalidRequest as error:
            return wrong(planned.row, planned.name, [*error.messages])
        if found.since:
            return wrong(planned.row, planned.name, self._in_the_way(found.since))
        lease_id = planned.target or -planned.row
        self.written[lease_id] = planned
        for part, times in found.divide.items():
            self.held[part] = divided(self.held[part], times)
            self.lanes[part] *= times
        for part in parts:
            kept = [each for each in self.held[part] if each.lease_id != planned.target]
            self.held[part] = [*kept, *self._holds(part, found.lanes[part], lease_id)]
        return planned

    def _holds(self, part: int, lanes: Sequence[tuple[int, Interval]], lease_id: int) -> list[Hold]:
        """Return what a row would hold; ids below zero, as no stored hold has."""
        return [
            Hold(part, when, Layer.LET, lane, lease_id=lease_id, id=-next(self.numbers))
            for lane, when in lanes
        ]

    def _in_the_way(self, since: Mapping[int, datetime]) -> list[Message]:
        """Return a message for each lease in the way: of the house, or of a row above."""
        views = {each.id: each for some in self.known.values() for each in some}
        found = []
        for lease_id, at in sorted(since.items(), key=lambda each: each[1]):
            first = to_local(at, self.site.zone).date()
            if lease_id in self.written:
                row = self.written[lease_id].row
                found.append(message("row_let_above", "starts", row=row, first=first))
                continue
            view = views[lease_id]
            found.append(
                message("row_let", "starts", organisation=view.organisation_name, first=first)
            )
        return found

    def write(self, planned: Planned, actor: Actor, *, now: datetime) -> int:
        """Make or change the lease of a row."""
        request: LeaseRequest = planned.wish
        if planned.target is None:
            return verbs.create_lease(request, actor, now=now)
        view = next(each for each in self.known[_key(request)] if each.id == planned.target)
        verbs.change_lease(view.id, request, actor, version=view.version, now=now)
        return view.id


def _key(request: LeaseRequest) -> Key:
    return (request.space_id, request.organisation_id, request.starts, request.weekdays)


def _values(cells: Cells) -> dict[str, Any]:
    """Return what a row says of the terms."""
    readers: Mapping[str, Callable[[str, str], object]] = {
        "ends": day,
        "rent_m2": amount,
        "area_m2": amount,
        "share": share,
        "includes": choices(words("includes")),
        "rooms": amount,
        "months_notice": whole,
        "documents": documents,
        "note": text,
    }
    found = {key: cells.take(key, read) for key, read in readers.items()}
    return {key: value for key, value in found.items() if value is not None}


def _with(base: LeaseRequest, values: Mapping[str, Any]) -> LeaseRequest:
    """Return a lease with what a row says in place of its terms."""
    given = dict(values)
    if "share" in given:
        given["share"], given["shares"] = given["share"]
    if "rooms" in given:
        given["rooms"] = timedelta(minutes=round(given["rooms"] * 60))
    if "includes" in given:
        given["includes"] = frozenset(map(Included, given["includes"]))
    return replace(base, **given)


def _columns(request: LeaseRequest) -> dict[str, object]:
    """Return a lease as the columns of a table have it."""
    return {
        "ends": request.ends,
        "rent_m2": request.rent_m2,
        "area_m2": request.area_m2,
        "share": (request.share, request.shares),
        "includes": frozenset(map(str, request.includes)),
        "rooms": request.rooms,
        "months_notice": request.months_notice,
        "documents": request.documents,
        "note": request.note,
    }
