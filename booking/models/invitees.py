"""Who is invited to bookings by mail, and what they answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, LocalDateTime, UTCDateTime

ANSWERS = "answer IN ('needs-action', 'accepted', 'tentative', 'declined')"


class Invitee(Base):
    """Somebody who is, or (``removed_at``) was, invited to a booking.

    The SEQUENCE that an invitee knows is the booking's plus ``ahead``: to take
    somebody from the list, and to invite again, changes nothing for the others.
    ``told_*`` is the newest mail that left, with the version of the booking that it
    told.  Answers count from ``asked_sequence`` on; ``answered_sequence`` and
    ``stamped_at`` are those of the answer about all dates.
    """

    __tablename__ = "invitee"
    __table_args__ = (
        CheckConstraint("email = lower(email)", "email_lower"),
        CheckConstraint(ANSWERS, "answer"),
        CheckConstraint("told_method IN ('', 'request', 'cancel')", "told_method"),
        CheckConstraint("trouble IN ('', 'opted_out', 'refused', 'ours')", "trouble"),
        Index("uq_invitee_booking_id_email", "booking_id", "email", unique=True),
        Index("ix_invitee_invited_by_id_invited_s", "invited_by_id", "invited_s"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    invited_at: Mapped[datetime] = mapped_column("invited_s", UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column("removed_s", UTCDateTime)
    ahead: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(String(12))
    asked_sequence: Mapped[int] = mapped_column(default=0)
    answered_sequence: Mapped[int | None]
    stamped_at: Mapped[datetime | None] = mapped_column("stamped_s", UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column("answered_s", UTCDateTime)
    told_method: Mapped[str] = mapped_column(String(7), default="")
    told_sequence: Mapped[int] = mapped_column(default=0)
    told_version: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(String(9), default="")


class InviteeDate(Base):
    """What an invitee answered about one date of a series."""

    __tablename__ = "invitee_date"
    __table_args__ = (CheckConstraint(ANSWERS, "answer"),)

    invitee_id: Mapped[int] = mapped_column(ForeignKey("invitee.id"), primary_key=True)
    recurrence_id: Mapped[datetime] = mapped_column(LocalDateTime, primary_key=True)
    answer: Mapped[str] = mapped_column(String(12))
    answered_sequence: Mapped[int]
    stamped_at: Mapped[datetime] = mapped_column("stamped_s", UTCDateTime)
    answered_at: Mapped[datetime] = mapped_column("answered_s", UTCDateTime)


class OptOut(Base):
    """An address that wants no invitations from here, hashed: nobody can read whose it is."""

    __tablename__ = "opt_out"

    email_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column("at_s", UTCDateTime)
