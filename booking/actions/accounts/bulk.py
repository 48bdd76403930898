"""Many invitations at once: looked at first, then made together, or none of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from booking import outbox
from booking.actions.accounts.invitations import LIFETIME, LINK_JOB
from booking.actions.accounts.rows import require_admin
from booking.actions.accounts.texts import clean_email, clean_name
from booking.actions.record import audit_all
from booking.core.errors import InvalidRequest
from booking.core.guests import Guest
from booking.core.messages import Message, message
from booking.core.values import Actor
from booking.db import transact
from booking.db.listed import as_json, listed
from booking.models import Invitation
from booking.queries import houses
from booking.secrets import hash_token, new_token

_MANAGERS = {"manager", "gestionnaire", "responsable"}
_MEMBERS = {"", "member", "membre"}
_DIALECTS = ("sqlite", "postgresql")
_KNOWN = {
    dialect: text(
        "SELECT email FROM person WHERE archived_s IS NULL"
        f" AND email IN (SELECT email FROM ({listed(dialect, {'email': str})}) AS wanted)"
    )
    for dialect in _DIALECTS
}
_MAKE_VOID = {
    dialect: text(
        "UPDATE invitation SET used_s = :now WHERE used_s IS NULL AND person_id IS NULL"
        " AND EXISTS (SELECT 1 FROM"
        f" ({listed(dialect, {'email': str, 'organisation': int})}) AS wanted"
        " WHERE wanted.email = invitation.email"
        " AND wanted.organisation = COALESCE(invitation.organisation_id, 0))"
    )
    for dialect in _DIALECTS
}
_ONE_LIST = 7_216_044  # the advisory lock of those who send a list
_ADD = insert(Invitation).returning(
    Invitation.id, Invitation.organisation_id, Invitation.is_manager
)


class Fate(StrEnum):
    """What becomes of a line of the list."""

    INVITED = "invited"
    KNOWN = "known"  # has an account
    TWICE = "twice"  # stands further up already
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Looked:
    """A line that was looked at; ``why`` says what is wrong with it, where something is."""

    guest: Guest
    fate: Fate
    email: str = ""
    name: str = ""
    organisation_id: int | None = None
    is_manager: bool = False
    why: tuple[Message, ...] = ()


def look_at(session: Session, guests: Sequence[Guest]) -> list[Looked]:
    """Return what would become of each line; two statements, nothing is written."""
    organisations = {
        name.casefold(): key for key, name in houses.organisation_names(session).items()
    }
    looked = [_read(each, organisations) for each in guests]
    wanted = as_json([each.email] for each in looked if each.email)
    known = set(
        session.connection()
        .execute(_KNOWN[session.get_bind().dialect.name], {"rows": wanted})
        .scalars()
    )
    seen: set[str] = set()
    found = []
    for each in looked:
        found.append(_settled(each, known, seen))
        seen.add(each.email)
    return found


def invite_all(
    guests: Sequence[Guest],
    actor: Actor,
    *,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> int:
    """Invite everybody on the list by mail, and return how many these are.

    Whoever has an account or stands on the list twice is left out.  Earlier
    links for the same address and organisation are void.  As many statements
    for a thousand people as for one.

    Raises:
        NotAllowed: The actor does not run the installation.
        InvalidRequest: ``list_has_errors``: a line is wrong, nobody is invited.
    """
    require_admin(actor)

    def work(session: Session) -> int:
        # Who sends the same list at the same moment must see the links that it makes void.
        if session.get_bind().dialect.name == "postgresql":
            session.execute(select(func.pg_advisory_xact_lock(_ONE_LIST)))
        looked = look_at(session, guests)
        wrong = sum(each.fate is Fate.WRONG for each in looked)
        if wrong:
            raise InvalidRequest.because("list_has_errors", "file", number=wrong)
        invited = [each for each in looked if each.fate is Fate.INVITED]
        if invited:
            _write(session, invited, actor, now=now, lifetime=lifetime)
        return len(invited)

    return transact(work)


def _write(
    session: Session,
    invited: Sequence[Looked],
    actor: Actor,
    *,
    now: datetime,
    lifetime: timedelta,
) -> None:
    wanted = as_json([each.email, each.organisation_id or 0] for each in invited)
    session.connection().execute(
        _MAKE_VOID[session.get_bind().dialect.name],
        {"rows": wanted, "now": int(now.timestamp())},
    )
    made = session.execute(_ADD, [_row(each, actor, now, lifetime) for each in invited]).all()
    outbox.put_all(session, LINK_JOB, ({"invitation": row.id} for row in made), now=now)
    audit_all(
        session,
        actor,
        "invite",
        {
            ("invitation", row.id): {
                "organisation_id": row.organisation_id,
                "is_manager": row.is_manager,
            }
            for row in made
        },
        now=now,
    )


def _row(each: Looked, actor: Actor, now: datetime, lifetime: timedelta) -> dict[str, Any]:
    return {
        "token_hash": hash_token(new_token()),  # the mail gets a new secret when it leaves
        "email": each.email,
        "name": each.name,
        "organisation_id": each.organisation_id,
        "is_manager": each.is_manager,
        "grants": [],
        "created_by_id": actor.person_id,
        "created_at": now,
        "expires_at": now + lifetime,
    }


def _read(guest: Guest, organisations: dict[str, int]) -> Looked:
    wrong: list[Message] = []
    email = name = ""
    try:
        email = clean_email(guest.email)
    except InvalidRequest as error:
        wrong.extend(error.messages)
    try:
        name = clean_name(guest.name) if guest.name else ""
    except InvalidRequest as error:
        wrong.extend(error.messages)
    organisation_id = organisations.get(guest.organisation.casefold())
    if guest.organisation and organisation_id is None:
        wrong.append(message("guest_organisation_unknown", name=guest.organisation[:120]))
    role = guest.role.casefold()
    if role not in _MANAGERS | _MEMBERS:
        wrong.append(message("guest_role_unknown", name=guest.role[:60]))
    if role in _MANAGERS and not guest.organisation:
        wrong.append(message("guest_manages_nothing"))
    return Looked(
        guest,
        Fate.WRONG if wrong else Fate.INVITED,
        email=email,
        name=name,
        organisation_id=organisation_id,
        is_manager=role in _MANAGERS,
        why=tuple(wrong),
    )


def _settled(each: Looked, known: set[str], seen: set[str]) -> Looked:
    if each.fate is Fate.WRONG:
        return each
    if each.email in known:
        return Looked(each.guest, Fate.KNOWN, email=each.email)
    if each.email in seen:
        return Looked(each.guest, Fate.TWICE, email=each.email)
    return each
