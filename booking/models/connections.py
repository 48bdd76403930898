"""Calendars of members on other servers, and what we know of each object in them."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, UTCDateTime, partial_index


class Connection(Base):
    """A member's own calendar that the house writes to, and how it is with it.

    ``url`` is the calendar's address, empty until one is chosen; ``home`` is
    where calendars of this account are.  ``secret`` is sealed
    (``booking.vault``).  Which bookings it shows is as of a
    ``Subscription``.  ``reason`` is the code of what is wrong, for ``state``
    and for the last try.  The row is also its place in the queue: it is due
    at ``due_at``, or when ``seen`` is no longer the revision of its
    collection; ``token`` belongs to the worker that holds it until
    ``leased_until``.  Of the scheme ``oauth``, ``provider`` is whom the member
    signed in at, and ``secret`` has the tokens; one process at a time exchanges
    them for new ones, until ``renewing_until``.  ``known`` says what the texts
    depend on besides the bookings.
    """

    __tablename__ = "connection"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'active', 'paused', 'stopped', 'ending')", "state"),
        CheckConstraint("scheme IN ('basic', 'digest', 'bearer', 'oauth')", "scheme"),
        CheckConstraint("edits IN ('ask', 'follow', 'restore')", "edits"),
        CheckConstraint("deletes IN ('ask', 'cancel', 'restore')", "deletes"),
        partial_index("ix_connection_due_s", "due_s", where="state IN ('active', 'ending')"),
        partial_index(
            "ix_connection_leased_until_s_host",
            "leased_until_s",
            "host",
            where="leased_until_s IS NOT NULL",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    home: Mapped[str] = mapped_column(String(2000))
    url: Mapped[str] = mapped_column(String(2000), default="")
    host: Mapped[str] = mapped_column(String(255))
    username: Mapped[str] = mapped_column(String(254))
    scheme: Mapped[str] = mapped_column(String(6), default="basic")
    secret: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(String(40), default="", server_default="")
    renewing_until: Mapped[datetime | None] = mapped_column("renewing_until_s", UTCDateTime)
    found: Mapped[list[object]] = mapped_column(JSON, default=list)
    mine: Mapped[bool] = mapped_column(default=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    edits: Mapped[str] = mapped_column(String(7), default="restore")
    deletes: Mapped[str] = mapped_column(String(7), default="restore")
    books: Mapped[bool] = mapped_column(default=False, server_default=false())
    shares_busy: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[str] = mapped_column(String(7), default="draft")
    reason: Mapped[str] = mapped_column(String(60), default="")
    params: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    sync_token: Mapped[str | None] = mapped_column(String(2000))
    ctag: Mapped[str | None] = mapped_column(String(2000))
    seen: Mapped[int] = mapped_column(BigInteger, default=-1)
    known: Mapped[str] = mapped_column(String(64), default="")
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column("succeeded_s", UTCDateTime)
    moved_at: Mapped[datetime | None] = mapped_column("moved_s", UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column("told_s", UTCDateTime)
    due_at: Mapped[datetime] = mapped_column("due_s", UTCDateTime)
    token: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None] = mapped_column("leased_until_s", UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)


class CalendarSignIn(Base):
    """A member who is on the way to a provider and back, to be used once.

    ``state_hash`` is of what the provider has to bring back, ``verifier`` the
    sealed proof that it is us who asked (PKCE, RFC 7636).  ``connection_id``
    where the member signs in again; ``username`` is the member's name there,
    where the provider's address needs one.
    """

    __tablename__ = "calendar_sign_in"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), index=True
    )
    provider: Mapped[str] = mapped_column(String(40))
    username: Mapped[str] = mapped_column(String(254))
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    verifier: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)


class RemoteObject(Base):
    """A calendar object of ours on the other server, as both sides last agreed on it.

    ``etag`` is the server's version of it, None while it may not be there;
    ``theirs`` and ``pushed`` are digests of what the server has and of what
    we want it to have; ``base`` is the server's text, squeezed.  ``state`` is
    ``push`` or ``remove`` from before the request until its answer is
    stored, so that whatever happens in between is known; ``ask`` while its
    owner decides; ``left`` when it is the owner's alone from now on.
    """

    __tablename__ = "remote_object"
    __table_args__ = (
        CheckConstraint("state IN ('synced', 'push', 'remove', 'ask', 'refused', 'left')", "state"),
        UniqueConstraint("connection_id", "uid"),
        Index("ix_remote_object_connection_id_href", "connection_id", "href"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    booking_id: Mapped[int | None] = mapped_column(
        ForeignKey("booking.id", ondelete="SET NULL"), index=True
    )
    uid: Mapped[str] = mapped_column(String(255))
    href: Mapped[str] = mapped_column(String(2000))
    etag: Mapped[str | None] = mapped_column(String(500))
    theirs: Mapped[str] = mapped_column(String(64), default="")
    pushed: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=0)
    base: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(7))
    reason: Mapped[str] = mapped_column(String(60), default="")
    flips: Mapped[int] = mapped_column(default=0)
    flips_since: Mapped[datetime | None] = mapped_column("flips_since_s", UTCDateTime)


class ConnectionEvent(Base):
    """A line of a connection's diary: a code with its parameters."""

    __tablename__ = "connection_event"
    __table_args__ = (
        Index("ix_connection_event_connection_id_id", "connection_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column("at_s", UTCDateTime)
    code: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id", ondelete="SET NULL"))
