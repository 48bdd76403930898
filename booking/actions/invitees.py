"""People are invited to bookings by mail, taken from the list again, and answer.

Mails leave after commit, one piece of work for each invitee.  Whoever sends
looks at what is true then: so two changes in a row may become one mail, and work
that is done twice sends nothing new.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions import record
from booking.actions.accounts.texts import clean_email
from booking.core import permissions
from booking.core.checks import one_line
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.invitees import (
    MOST_A_DAY,
    MOST_INVITEES,
    MOST_NAME,
    Answer,
    Given,
    Known,
    Named,
    Trouble,
    weigh,
)
from booking.core.messages import Message, Parameter, message
from booking.core.values import Actor, BookingView
from booking.db import Base, transact
from booking.models import Invitee, InviteeDate, OptOut, Person
from booking.queries import agenda
from booking.queries.invitees import hash_of, standing

JOB = "invite"
ROOM = "answer_for_room"
DAY = timedelta(days=1)

# Built once, on the table: see booking.actions.record.
_INVITEE = Base.metadata.tables["invitee"]
_OF_BOOKING = select(_INVITEE.c.id).where(
    _INVITEE.c.booking_id == bindparam("booking"), _INVITEE.c.removed_s.is_(None)
)
# Whoever is to hear of a change: invited people, and who has asked for the room by mail.
_CONCERNED = text(
    "SELECT id, 0 AS asked FROM invitee WHERE booking_id = :booking AND removed_s IS NULL"
    " UNION ALL SELECT max(id), 1 FROM received_mail"
    " WHERE booking_id = :booking AND space_id IS NOT NULL GROUP BY space_id"
)
_ASK_AGAIN = text(
    "UPDATE invitee SET answer = 'needs-action', asked_sequence = :sequence + ahead,"
    " answered_sequence = NULL, stamped_s = NULL, answered_s = NULL"
    " WHERE booking_id = :booking AND removed_s IS NULL"
)
_FORGET_DATES = text(
    "DELETE FROM invitee_date WHERE invitee_id IN"
    " (SELECT id FROM invitee WHERE booking_id = :booking)"
)
_FOLLOW = text(
    "INSERT INTO invitee (booking_id, email, name, person_id, invited_by_id, invited_s, ahead,"
    " answer, asked_sequence, told_method, told_sequence, told_version, trouble)"
    " SELECT :follower, email, name, person_id, invited_by_id, invited_s, 0,"
    " 'needs-action', 0, '', 0, 0, '' FROM invitee"
    " WHERE booking_id = :booking AND removed_s IS NULL"
)


def invite(booking_id: int, people: Sequence[Named], actor: Actor, *, now: datetime) -> int:
    """Invite people to a booking by mail; return how many are new to it.

    Raises:
        InvalidRequest: If an address cannot be one, or there are too many.
        NotAllowed: If the booking is somebody else's, or over.
        NotFound: If there is no such booking.
    """

    def work(session: Session) -> int:
        booking = _locked(session, booking_id, actor)
        if not any(each.state.is_open and each.interval.end > now for each in booking.occurrences):
            raise NotAllowed.because("booking_over", "invite")
        return invite_in(session, booking, people, actor, now=now)

    return transact(work)


def invite_in(
    session: Session, booking: BookingView, people: Iterable[Named], actor: Actor, *, now: datetime
) -> int:
    """Invite under the lock of a verb; see ``invite``."""
    wanted = {each.email: each.name for each in map(_clean, people)}
    known = {
        row.email: row
        for row in session.scalars(select(Invitee).where(Invitee.booking_id == booking.id))
    }
    new = [each for each in wanted if each not in known or known[each].removed_at]
    there = sum(row.removed_at is None for row in known.values())
    if there + len(new) > MOST_INVITEES:
        raise InvalidRequest.because("invitees_too_many", "invite", limit=MOST_INVITEES)
    if not new:
        return 0
    _keep_the_rate(session, len(new), actor, now=now)
    there_already = select(Person.email, Person.id).where(
        Person.email.in_(new), Person.archived_at.is_(None)
    )
    accounts = {row.email: row.id for row in session.execute(there_already)}
    for email in new:
        values = {
            "name": wanted[email],
            "person_id": accounts.get(email),
            "invited_by_id": actor.person_id,
            "invited_at": now,
            "answer": Answer.PENDING.value,
        }
        if email in known:
            _invite_again(session, known[email], booking, values)
        else:
            values |= {"asked_sequence": booking.sequence, "email": email}
            session.add(Invitee(booking_id=booking.id, **values))
    session.flush()
    ids = session.scalars(
        select(Invitee.id)
        .where(Invitee.booking_id == booking.id, Invitee.email.in_(new))
        .order_by(Invitee.id)
    ).all()
    _send(session, ids, now=now)
    told = {"invited": len(new)}
    record.audit(session, actor, "invite", ("booking", booking.id), now=now, new=told)
    return len(new)


def uninvite(booking_id: int, invitee_id: int, actor: Actor, *, now: datetime) -> None:
    """Take somebody from the list; whoever was told before hears that it is off.

    Raises:
        NotAllowed: If the booking is somebody else's.
        NotFound: If there is no such booking, or nobody of this id on its list.
    """

    def work(session: Session) -> None:
        booking = _locked(session, booking_id, actor)
        gone = (
            update(Invitee)
            .where(
                Invitee.id == invitee_id,
                Invitee.booking_id == booking.id,
                Invitee.removed_at.is_(None),
            )
            .values(removed_at=now, ahead=Invitee.ahead + 1)
        )
        if cast("CursorResult[Any]", session.execute(gone)).rowcount != 1:
            raise NotFound("invitee", invitee_id)
        _send(session, [invitee_id], now=now)
        told = {"uninvited": 1}
        record.audit(session, actor, "uninvite", ("booking", booking.id), now=now, new=told)

    transact(work)


def answer(invitee_id: int, given: Given, *, now: datetime) -> Message | None:
    """Keep an answer; return why it does not count where it does not.

    Raises:
        NotFound: If there is no such invitee.
    """
    return transact(lambda session: answer_in(session, invitee_id, given, now=now))


def answer_now(invitee_id: int, said: Answer, *, now: datetime) -> Message | None:
    """Keep an answer that is given on the page of the invitation; as ``answer``."""

    def work(session: Session) -> Message | None:
        return answer_in(session, invitee_id, Given(said, None, now), now=now)

    return transact(work)


def answer_in(session: Session, invitee_id: int, given: Given, *, now: datetime) -> Message | None:
    """Keep an answer in the transaction of a verb; see ``answer``.

    The booking is locked: an answer that meets a change comes before or after it.
    """
    found = session.scalar(select(Invitee.booking_id).where(Invitee.id == invitee_id))
    if found is None:
        raise NotFound("invitee", invitee_id)
    booking = agenda.booking(session, found)
    record.lock_spaces(session, booking.space_ids)
    booking = agenda.booking(session, found)
    session.expire_all()
    known = standing(session, invitee_id)
    assert known is not None  # noqa: S101  rows of invitees are never deleted
    last = _last(session, invitee_id, given.recurrence_id)
    why = weigh(
        given,
        Known(
            asked=known.asked,
            newest=booking.sequence + known.ahead,
            is_invited=known.is_invited,
            is_open=any(each.state.is_open for each in booking.occurrences),
            last=last,
        ),
    )
    at = given.recurrence_id
    if why is None and at and all(at != each.recurrence_id for each in booking.occurrences):
        why = message("answer_no_date")
    if why is None:
        newest = booking.sequence + known.ahead
        sequence = newest if given.sequence is None else given.sequence
        _keep(session, invitee_id, replace(given, sequence=sequence), now=now)
    return why


def told(
    invitee_id: int, method: str, sequence: int, version: int, *, trouble: Trouble | None = None
) -> None:
    """Keep what an invitee was told, by the mail that has just left, or why none can."""

    def work(session: Session) -> None:
        values: dict[str, Any] = {"trouble": trouble.value if trouble else ""}  # Any: columns
        if trouble is None:
            values |= {"told_method": method, "told_sequence": sequence, "told_version": version}
        newer = (Invitee.told_sequence <= sequence, Invitee.told_version <= version)
        session.execute(update(Invitee).where(Invitee.id == invitee_id, *newer).values(**values))

    transact(work)


def opt_out(invitee_id: int, *, now: datetime) -> None:
    """Let an invitee's address get no invitations any more, from anybody.

    Raises:
        NotFound: If there is no such invitee.
    """

    def work(session: Session) -> None:
        email = session.scalar(select(Invitee.email).where(Invitee.id == invitee_id))
        if email is None:
            raise NotFound("invitee", invitee_id)
        if session.get(OptOut, hash_of(email)) is None:
            session.add(OptOut(email_hash=hash_of(email), at=now))
        mine = update(Invitee).where(Invitee.email == email)
        session.execute(mine.values(trouble=Trouble.OPTED_OUT.value))

    transact(work)


def follow(session: Session, before: BookingView, after: BookingView, *, now: datetime) -> None:
    """Tell everybody who is invited that a booking has changed, and ask again where it matters.

    Run by every change of a booking, in its transaction; a booking to which
    nobody is invited costs one statement.
    """
    found = session.connection().execute(_CONCERNED, {"booking": after.id}).all()
    if not found:
        return
    outbox.put_all(session, ROOM, [{"received": x.id} for x in found if x.asked], now=now)
    rows = [each.id for each in found if not each.asked]
    difference = _difference(before, after, now=now)
    if not difference.matters:
        return
    if difference.moved:
        asked = {"booking": after.id, "sequence": after.sequence}
        session.connection().execute(_ASK_AGAIN, asked)
        session.connection().execute(_FORGET_DATES, {"booking": after.id})
    gone = difference.gone if difference.only_gone else ()
    _send(session, rows, now=now, gone=gone, version=after.version)


def follow_on(session: Session, booking_id: int, follower_id: int, *, now: datetime) -> None:
    """Invite whoever is invited to a series to the one that goes on with it."""
    asked = {"booking": booking_id, "follower": follower_id}
    if session.connection().execute(_FOLLOW, asked).rowcount:
        rows = session.connection().execute(_OF_BOOKING, {"booking": follower_id}).scalars().all()
        _send(session, rows, now=now)


def _locked(session: Session, booking_id: int, actor: Actor) -> BookingView:
    known = agenda.booking(session, booking_id)
    record.lock_spaces(session, known.space_ids)
    booking = agenda.booking(session, booking_id)
    if not permissions.may_change(actor, booking):
        raise NotAllowed.because("not_your_booking")
    return booking


def _clean(person: Named) -> Named:
    try:
        return Named(clean_email(person.email), one_line(person.name)[:MOST_NAME])
    except InvalidRequest as error:
        shown = one_line(person.email)[:60]
        raise InvalidRequest.because("invitee_invalid", "invite", email=shown) from error


def _keep_the_rate(session: Session, number: int, actor: Actor, *, now: datetime) -> None:
    """Let nobody use the house to write to the world.

    Raises:
        NotAllowed: If the person has invited too many within a day.
    """
    if actor.person_id is None:
        return
    # The person's row is the lock: forms that are sent at once are counted together.
    session.execute(
        select(Person.id).where(Person.id == actor.person_id).with_for_update(key_share=True)
    )
    mine = (Invitee.invited_by_id == actor.person_id, Invitee.invited_at > now - DAY)
    if (session.scalar(select(func.count()).where(*mine)) or 0) + number > MOST_A_DAY:
        raise NotAllowed.because("invitees_rate", "invite", limit=MOST_A_DAY)


def _invite_again(
    session: Session, row: Invitee, booking: BookingView, values: dict[str, Any]
) -> None:
    ahead = row.ahead + 1
    values |= {
        "removed_at": None,
        "ahead": ahead,
        "asked_sequence": booking.sequence + ahead,
        "answered_sequence": None,
        "stamped_at": None,
        "answered_at": None,
        "trouble": "",
    }
    session.execute(update(Invitee).where(Invitee.id == row.id).values(**values))
    session.execute(delete(InviteeDate).where(InviteeDate.invitee_id == row.id))


def _last(session: Session, invitee_id: int, at: datetime | None) -> tuple[int, datetime] | None:
    """Return version and stamp of what was answered before to the same question."""
    query = select(Invitee.answered_sequence, Invitee.stamped_at).where(Invitee.id == invitee_id)
    if at is not None:
        query = select(InviteeDate.answered_sequence, InviteeDate.stamped_at).where(
            InviteeDate.invitee_id == invitee_id, InviteeDate.recurrence_id == at
        )
    row = session.execute(query).first()
    if row is None or row[0] is None or row[1] is None:
        return None
    return row[0], row[1]


def _keep(session: Session, invitee_id: int, given: Given, *, now: datetime) -> None:
    values = {
        "answer": given.answer.value,
        "answered_sequence": given.sequence,
        "stamped_at": given.stamp,
        "answered_at": now,
    }
    dates = delete(InviteeDate).where(InviteeDate.invitee_id == invitee_id)
    if given.recurrence_id is None:
        # An answer about all dates is about each of them.
        session.execute(dates)
        session.execute(update(Invitee).where(Invitee.id == invitee_id).values(**values))
        return
    session.execute(dates.where(InviteeDate.recurrence_id == given.recurrence_id))
    key = {"invitee_id": invitee_id, "recurrence_id": given.recurrence_id}
    session.execute(insert(InviteeDate).values(**key, **values))


@dataclass(frozen=True, slots=True)
class _Difference:
    """What a change means to whoever is invited.

    ``gone`` are the coming dates that take place no more; ``moved`` tells that
    others have another time or place, ``only_gone`` that nothing else changed,
    ``matters`` that anything did that an invitation says.
    """

    gone: tuple[str, ...]
    moved: bool
    only_gone: bool
    matters: bool


def _difference(before: BookingView, after: BookingView, *, now: datetime) -> _Difference:
    old, new = _coming(before, now=now), _coming(after, now=now)
    stay = old.keys() & new.keys()
    where = {at: ({x[:2] for x in old[at]}, {x[:2] for x in new[at]}) for at in stay}
    moved = any(was != becomes for was, becomes in where.values()) or bool(old and new and not stay)
    gone = tuple(sorted(at.isoformat(timespec="minutes") for at in old.keys() - new.keys()))
    same = before.title == after.title and all(old[at] == new[at] for at in stay)
    only_gone = bool(gone) and same and not moved and 0 < len(new) == len(stay)
    return _Difference(gone, moved, only_gone, matters=not same or old.keys() != new.keys())


def _coming(booking: BookingView, *, now: datetime) -> dict[datetime, set[tuple[object, ...]]]:
    """Return the open dates to come by their local start: times, spaces, states, titles."""
    found: dict[datetime, set[tuple[object, ...]]] = {}
    for each in booking.occurrences:
        if each.state.is_open and each.interval.end > now:
            said = (each.interval, each.space_id, each.state, each.title)
            found.setdefault(each.recurrence_id, set()).add(said)
    return found


def _send(
    session: Session,
    invitee_ids: Iterable[int],
    *,
    now: datetime,
    gone: Collection[str] = (),
    version: int = 0,
) -> None:
    """Put the mails on their way; to whoever knows the booking at ``version`` nothing is said."""
    more: dict[str, Parameter] = {"version": version} if version else {}
    if gone:
        more["gone"] = " ".join(gone)
    outbox.put_all(session, JOB, [{"invitee": each, **more} for each in invitee_ids], now=now)
