"""People, what they may do, how they come in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, UTCDateTime


class Person(Base):
    """An account.  ``email`` is lower case; ``sign_in_epoch`` + 1 ends all sessions."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", "email_lower"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str | None] = mapped_column(String(5))
    theme: Mapped[str] = mapped_column(String(5), default="auto")
    is_demo: Mapped[bool] = mapped_column(default=False)
    sign_in_epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    archived_at: Mapped[datetime | None] = mapped_column("archived_s", UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    mail_choice: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))


class Membership(Base):
    """A person of an organisation; managers see and move what its people booked."""

    __tablename__ = "membership"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )
    is_manager: Mapped[bool] = mapped_column(default=False)


class RoleGrant(Base):
    """Approver of a space or a site, admin of a site or of everything (no scope)."""

    __tablename__ = "role_grant"
    __table_args__ = (CheckConstraint("role IN ('approver', 'admin')", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))


class Invitation(Base):
    """A one-time link: a new account with its place in the house, or a new password.

    ``person_id`` set means "choose a new password"; else ``grants`` lists
    ``{"role", "site_id", "space_id"}`` for the account to be made.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    is_manager: Mapped[bool] = mapped_column(default=False)
    grants: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column("expires_s", UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column("used_s", UTCDateTime)


class Attempt(Base):
    """A failed try (sign-in, one-time link), counted across processes.

    ``key`` says what was tried and from where, hashed.
    """

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at_s", "key", "at_s"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column("at_s", UTCDateTime)


class Subscription(Base):
    """A person's secret link to a feed of the bookings that all of this is true of.

    ``mine`` are the person's own, ``only`` a saved filter (``booking.core.calendars``).
    ``detail`` is ``full`` (as the person may
    see it) or ``busy``.
    """

    __tablename__ = "subscription"
    __table_args__ = (CheckConstraint("detail IN ('full', 'busy')", "detail"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    mine: Mapped[bool] = mapped_column(default=True, server_default=true())
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    floor_id: Mapped[int | None] = mapped_column(ForeignKey("floor.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    category: Mapped[str | None] = mapped_column(String(20))
    only: Mapped[dict[str, list[Any]] | None] = mapped_column(JSON(none_as_null=True))
    detail: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column("last_used_s", UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column("revoked_s", UTCDateTime)


class AppPassword(Base):
    """A password of one calendar app of a person: nothing but the calendars opens with it.

    ``collections`` are those that the app lists (``space-3``, ``person-1``), None for all.
    """

    __tablename__ = "app_password"
    __table_args__ = (
        CheckConstraint("access IN ('read', 'write')", "access"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    access: Mapped[str] = mapped_column(String(5))
    collections: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column("last_used_s", UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column("revoked_s", UTCDateTime)


class Notice(Base):
    """A line of a person's inbox: a message code with its parameters."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_person_id_read_s", "person_id", "read_s"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    code: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    at: Mapped[datetime] = mapped_column("at_s", UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column("read_s", UTCDateTime)
