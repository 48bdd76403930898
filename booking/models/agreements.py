"""What people agree on about bookings: proposals, waiting, swaps, the next season."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, LocalDateTime, UTCDateTime, partial_index

WAITS = "state IN ('waiting', 'offered')"


class Offer(Base):
    """Another time or other spaces, proposed for a booking; the person accepts or declines.

    ``starts_local``/``ends_local`` are wall clock of the booking's zone,
    ``space_ids`` all spaces it would then have.  ``occurrence_id`` None is
    about the whole booking; ``made_by_id`` None is the house itself.
    """

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("ends_local > starts_local", "order"),
        CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn', 'expired')", "state"
        ),
        partial_index("ix_offer_open", "expires_s", where="state = 'open'"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    occurrence_id: Mapped[int | None] = mapped_column(ForeignKey("occurrence.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    starts_local: Mapped[datetime] = mapped_column(LocalDateTime)
    ends_local: Mapped[datetime] = mapped_column(LocalDateTime)
    space_ids: Mapped[list[int]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column("expires_s", UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column("decided_s", UTCDateTime)


class Want(Base):
    """A place in the waiting list: somebody wants a time that is taken.

    It is booked at once when it becomes free (``claim``), or held for the
    person for a while (``offer``, until ``expires_at``).  ``space_ids`` are
    all that is wanted at that time; ``starts_local`` and ``ends_local`` are
    wall clock of the site.

    With ``recurrence_id`` it waits for the skipped date of that day of the series
    ``booking_id``, or of the one that goes on with it; without, ``booking_id``
    is what came of it.
    """

    __tablename__ = "want"
    __table_args__ = (
        CheckConstraint("end_s > start_s", "order"),
        CheckConstraint("mode IN ('claim', 'offer')", "mode"),
        CheckConstraint("state IN ('waiting', 'offered', 'served', 'gone', 'expired')", "state"),
        CheckConstraint("(state = 'offered') = (expires_s IS NOT NULL)", "offered_until"),
        partial_index("ix_want_open", "start_s", where=WAITS),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    mode: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime] = mapped_column("since_s", UTCDateTime)
    start: Mapped[datetime] = mapped_column("start_s", UTCDateTime)
    end: Mapped[datetime] = mapped_column("end_s", UTCDateTime)
    starts_local: Mapped[datetime] = mapped_column(LocalDateTime)
    ends_local: Mapped[datetime] = mapped_column(LocalDateTime)
    all_day: Mapped[bool]
    space_ids: Mapped[list[int]] = mapped_column(JSON)
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(20))
    visibility: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text)
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    attendance: Mapped[int | None]
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    recurrence_id: Mapped[datetime | None] = mapped_column(LocalDateTime)
    expires_at: Mapped[datetime | None] = mapped_column("expires_s", UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column("closed_s", UTCDateTime)


class Swap(Base):
    """Two dates whose people may exchange their places, when the other agrees.

    ``given`` is the date of whoever proposes it, ``wanted`` the other's; the
    versions are those of their bookings then, and any other makes it void.
    """

    __tablename__ = "swap"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'withdrawn')", "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    given_booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    given_occurrence_id: Mapped[int] = mapped_column(
        ForeignKey("occurrence.id", ondelete="CASCADE"), index=True
    )
    given_version: Mapped[int]
    wanted_booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    wanted_occurrence_id: Mapped[int] = mapped_column(
        ForeignKey("occurrence.id", ondelete="CASCADE"), index=True
    )
    wanted_version: Mapped[int]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    words: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column("expires_s", UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column("decided_s", UTCDateTime)


class Renewal(Base):
    """The question whether a series goes on after the season that ends with ``season``, a day.

    Its people are asked, warned, and keep their place or give it back; where
    nobody answers it has ended.
    """

    __tablename__ = "renewal"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'warned', 'kept', 'given_back', 'ended')", "state"),
        Index("uq_renewal_booking_id_season", "booking_id", "season", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    season: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column("asked_s", UTCDateTime)
    warned_at: Mapped[datetime | None] = mapped_column("warned_s", UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column("decided_s", UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
