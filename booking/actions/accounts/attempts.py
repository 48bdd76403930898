"""Failed tries, counted in the database, so that any number of processes agree.

A try is written down before the password is looked at and taken back when it
fits: tries that run at the same time cannot slip past the limit together.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from booking.core.errors import TooManyAttempts
from booking.models import Attempt

# A whole house often has one public address, so it may fail more often than one account.
ADDRESS_FACTOR = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tries may fail within which time, for one account."""

    attempts: int = 10
    window: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted: an account or an address, and how many tries it has."""

    key: str
    limit: int


def of_account(what: str, account: str, limits: Limits) -> Counter:
    """Return the counter of tries of a kind (``sign_in``, ``password``) at an account."""
    return Counter(key_of(what, "account", account), limits.attempts)


def of_address(what: str, address: str, limits: Limits) -> Counter:
    """Return the counter of tries of a kind from a network address.

    An IPv6 customer has a whole /64 and is counted by it.
    """
    return Counter(key_of(what, "address", _network(address)), limits.attempts * ADDRESS_FACTOR)


def begin_try(
    session: Session, counters: Sequence[Counter], *, now: datetime, window: timedelta
) -> None:
    """Write a try down under each counter.

    Raises:
        TooManyAttempts: If a counter is full; then nothing is written.
    """
    # Sorted, so that two tries over the same counters cannot wait for each other.
    ordered = sorted(counters, key=lambda counter: counter.key)
    for counter in ordered:
        _lock(session, counter)
        _check(session, counter, now=now, window=window)
    session.execute(insert(Attempt), [{"key": counter.key, "at": now} for counter in ordered])


def end_try(
    session: Session, account: Counter, others: Sequence[Counter], *, now: datetime
) -> None:
    """Take a try back that went well: all of the account's, the latest of the others."""
    session.execute(delete(Attempt).where(Attempt.key == account.key))
    for counter in others:
        latest = (
            select(func.max(Attempt.id))
            .where(Attempt.key == counter.key, Attempt.at == now)
            .scalar_subquery()
        )
        session.execute(delete(Attempt).where(Attempt.id == latest))


def forget_old_tries(session: Session, *, before: datetime) -> None:
    """Remove what no counter looks at any more."""
    session.execute(delete(Attempt).where(Attempt.at <= before))


def _check(session: Session, counter: Counter, *, now: datetime, window: timedelta) -> None:
    within = (Attempt.key == counter.key, Attempt.at > now - window)
    tries, first = session.execute(select(func.count(), func.min(Attempt.at)).where(*within)).one()
    if tries >= counter.limit:
        raise TooManyAttempts(max(1, int((first + window - now).total_seconds())))


def _lock(session: Session, counter: Counter) -> None:
    """Let tries under one counter queue up; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        number = int(counter.key[:15], 16)
        session.execute(select(func.pg_advisory_xact_lock(number)))


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return parsed.exploded[:19]


def key_of(*parts: str) -> str:
    """Return the key of what is counted, as it is stored."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
