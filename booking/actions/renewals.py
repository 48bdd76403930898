"""Once a year the people of a series without an end are asked whether it goes on.

Silence ends it with its season, after a warning.  A job looks after each
series; it and whoever answers look again under the lock, so one of them is
first, and the other does nothing.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import record, wants
from booking.actions.bookings.reschedule import drop
from booking.actions.bookings.rows import delete_occurrences
from booking.actions.bookings.written import as_texts, revise, space_names
from booking.actions.freed import claim_freed
from booking.core import permissions, renewals
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.messages import Parameter
from booking.core.recurrence import parse_rule, with_until
from booking.core.renewals import Season, Step
from booking.core.values import (
    SYSTEM,
    Actor,
    BookingView,
    Renewal,
    RenewalState,
    Seasons,
    Site,
)
from booking.db import db, transact
from booking.models import Renewal as RenewalRow
from booking.queries import agenda, houses, waiting
from booking.queries.renewals import Standing, renewal, standing, standings

RENEW = "renew"


def plan_renewals(*, now: datetime) -> int:
    """Enqueue a job for each series that has to be asked, warned or ended; return how many.

    Planned again before its job is done, a series has one job.
    """
    session = db.session()
    sites = {
        each.id: each
        for each in houses.sites(session)
        if each.policy.seasons is not None and not each.is_archived
    }
    due = []
    for each in standings(session, sites, now=now) if sites else ():
        step, season = _step(each, sites[each.site_id], now=now)
        if step is not None:
            due.append((each.booking_id, f"{RENEW}:{each.booking_id}:{season.last}:{step.value}"))
    session.rollback()

    def store(session: Session) -> None:
        for booking_id, key in due:
            outbox.put(session, RENEW, {"booking": booking_id}, now=now, key=key)

    if due:
        transact(store)
    return len(due)


def renew(booking_id: int, *, now: datetime) -> Step | None:
    """Ask the people of a series, warn them, or end it; return what was done, None for nothing."""
    return transact(lambda session: _renew(session, booking_id, now=now))


def keep_place(booking_id: int, actor: Actor, *, now: datetime) -> None:
    """Let a series go on next season; keeping it twice is harmless.

    Raises:
        NotFound: If there is no such booking.
        NotAllowed: If it is somebody else's, and of no organisation that the actor manages.
        InvalidRequest: If nobody asked, or it has ended.
    """

    def work(session: Session) -> None:
        before, known = _answering(session, booking_id, actor, now=now)
        if known.state is RenewalState.KEPT:
            return
        _decide(session, known, RenewalState.KEPT, actor, now=now)
        new = {"season": known.season.isoformat()}
        record.audit(session, actor, "keep_season", ("booking", before.id), now=now, new=new)
        told = {**_said(session, before, known.season), "actor": actor.name}
        people = {before.organiser_id} - {actor.person_id}
        record.notify(session, people, "notice_season_kept", told, booking_id=before.id, now=now)

    transact(work)


def give_place_back(booking_id: int, actor: Actor, *, now: datetime) -> None:
    """End a series with its season; what it holds after that is free for others at once.

    Raises:
        NotFound, NotAllowed, InvalidRequest: As for ``keep_place``.
    """

    def work(session: Session) -> None:
        before, known = _answering(session, booking_id, actor, now=now)
        _decide(session, known, RenewalState.GIVEN_BACK, actor, now=now)
        _end(session, before, known.season, actor, "give_season_back", now=now)
        told = {**_said(session, before, known.season), "actor": actor.name}
        people = {before.organiser_id} - {actor.person_id}
        record.notify(
            session, people, "notice_season_given_back", told, booking_id=before.id, now=now
        )

    transact(work)


def _step(stand: Standing, site: Site, *, now: datetime) -> tuple[Step | None, Season]:
    """Return what is to be done about a series, and the season that it is about."""
    seasons = site.policy.seasons or Seasons()
    today = renewals.today_in(site.zone, now=now)
    season = renewals.asked_about(stand.known, seasons, today=today)
    made = renewals.made_on(stand.created_at, site.zone, goes_on=stand.follows_id is not None)
    step = renewals.next_step(season, stand.known, first=stand.first, made=made, today=today)
    return step, season


def _renew(session: Session, booking_id: int, *, now: datetime) -> Step | None:
    try:
        before = _locked(session, booking_id)
    except NotFound:
        return None
    stand = standing(session, booking_id, now=now)
    site = houses.site(session, before.site_id)
    if stand is None or site.policy.seasons is None:
        return None
    step, season = _step(stand, site, now=now)
    if step is not None:  # not answered, or done, by now
        _DOES[step](session, before, season, site, now=now)
    return step


def _locked(session: Session, booking_id: int) -> BookingView:
    """Lock the spaces of a booking, and return it as it is then."""
    known = agenda.booking(session, booking_id)
    record.lock_spaces(session, known.space_ids)
    return agenda.booking(session, booking_id)


def _ask(
    session: Session, before: BookingView, season: Season, _site: Site, *, now: datetime
) -> None:
    last = season.last.isoformat()
    values = {"booking_id": before.id, "season": last, "asked_at": now}
    session.execute(insert(RenewalRow).values(state=RenewalState.ASKED.value, **values))
    entity = ("booking", before.id)
    record.audit(session, SYSTEM, "ask_season", entity, now=now, new={"season": last})
    told = {**_said(session, before, season.last), "answer_by": season.due}
    people = {before.organiser_id, before.created_by_id}
    record.notify(session, people, "notice_season_asked", told, booking_id=before.id, now=now)


def _warn(
    session: Session, before: BookingView, season: Season, site: Site, *, now: datetime
) -> None:
    """Warn, also where it is late for it: there are always as many days left to answer."""
    _store(session, before.id, season.last, state=RenewalState.WARNED.value, warned_at=now)
    today = renewals.today_in(site.zone, now=now)
    answer_by = max(season.due, today + (season.due - season.warned))
    told = {**_said(session, before, season.last), "answer_by": answer_by}
    people = {before.organiser_id, before.created_by_id}
    record.notify(session, people, "notice_season_warned", told, booking_id=before.id, now=now)


def _end_silently(
    session: Session, before: BookingView, season: Season, _site: Site, *, now: datetime
) -> None:
    _store(session, before.id, season.last, state=RenewalState.ENDED.value, decided_at=now)
    _end(session, before, season.last, SYSTEM, "end_season", now=now)
    told = _said(session, before, season.last)
    people = {before.organiser_id, before.created_by_id}
    record.notify(session, people, "notice_season_ended", told, booking_id=before.id, now=now)


_DOES: Mapping[Step, Callable[..., None]] = {
    Step.ASK: _ask,
    Step.WARN: _warn,
    Step.END: _end_silently,
}


def _answering(
    session: Session, booking_id: int, actor: Actor, *, now: datetime
) -> tuple[BookingView, Renewal]:
    """Return a series and the question about it, under the lock, if the actor may answer."""
    before = _locked(session, booking_id)
    if not permissions.may_change(actor, before):
        raise NotAllowed.because("not_your_booking")
    site = houses.site(session, before.site_id)
    known = renewal(session, booking_id)
    if known is None or not renewals.is_answerable(before, known, site, now=now):
        raise InvalidRequest.because("season_over")
    return before, known


def _decide(
    session: Session, known: Renewal, state: RenewalState, actor: Actor, *, now: datetime
) -> None:
    decided = {"decided_at": now, "decided_by_id": actor.person_id}
    _store(session, known.booking_id, known.season, state=state.value, **decided)


def _store(session: Session, booking_id: int, season: date, **values: object) -> None:
    row = (RenewalRow.booking_id == booking_id, RenewalRow.season == season.isoformat())
    session.execute(update(RenewalRow).where(*row).values(**values))


def _end(
    session: Session, before: BookingView, season: date, actor: Actor, verb: str, *, now: datetime
) -> None:
    """Let a series end with a season (UNTIL), and give back what it holds after it."""
    until = renewals.last_start(before, season, now=now)
    gone = [each for each in before.occurrences if each.recurrence_id > until]
    freed = drop(session, [each.allocation_id for each in gone])
    delete_occurrences(session, {each.occurrence_id for each in gone})
    columns = {
        "rule": with_until(parse_rule(before.rule or ""), until).to_text(),
        "rdates": as_texts(each for each in before.rdates if each <= until),
        "exdates": as_texts(each for each in before.exdates if each <= until),
    }
    told = {"season": season.isoformat()}
    revise(session, before, actor, verb, now=now, columns=columns, told=told)
    claim_freed(session, freed, now=now)
    # Whoever waits for a later date of it waits for nothing: a job tells them.
    for each in waiting.of_booking(session, before.id):
        if each.recurrence_id is not None and each.recurrence_id > until:
            wants.serve_soon(session, each.id, now=now)


def _said(session: Session, booking: BookingView, season: date) -> dict[str, Parameter]:
    """Return what every message about it names."""
    spaces = houses.spaces_by_id(session, booking.usual_spaces)
    return {
        "title": booking.title,
        "space": space_names(spaces, booking.usual_spaces),
        "last": season,
    }
