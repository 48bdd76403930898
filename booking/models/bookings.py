"""Bookings, their occurrences and allocations, and the holds that claim the time."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, LocalDateTime, UTCDateTime, partial_index

# Bookings that last longer than a day are few and have an index of their own,
# so that a window is read without looking back over years.
LONG_S = 86_400
IS_LONG = f"end_s - start_s > {LONG_S}"
# A hold comes from one thing; PostgreSQL adds no truths.
_SOURCES = ("allocation_id", "closure_id", "want_id", "lease_id")
ONE_SOURCE = f"{' + '.join(f'CASE WHEN {each} IS NULL THEN 0 ELSE 1 END' for each in _SOURCES)} = 1"


class Booking(Base):
    """A request for spaces of one site, single or recurring.

    The RRULE and the wall-clock start with its zone are the truth; the
    occurrences follow from them.  ``exdates`` and ``rdates`` are lists of
    ``YYYY-MM-DDTHH:MM``; ``leaves_out`` tells which days off made the former.
    ``exdates_beyond`` will be left out when an endless series comes to them.
    ``space_ids`` are the spaces of every date that has none of its own.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("ends_local > starts_local", "order"),
        Index("uq_booking_uid", "uid", unique=True),
        partial_index(
            "uq_booking_request_key",
            "created_by_id",
            "request_key",
            unique=True,
            where="request_key IS NOT NULL",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(255))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(20))
    visibility: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    attendance: Mapped[int | None]
    starts_local: Mapped[datetime] = mapped_column(LocalDateTime)
    ends_local: Mapped[datetime] = mapped_column(LocalDateTime)
    zone: Mapped[str] = mapped_column(String(60))
    all_day: Mapped[bool] = mapped_column(default=False)
    space_ids: Mapped[list[int]] = mapped_column(JSON, default=list, server_default="[]")
    rule: Mapped[str | None] = mapped_column(String(300))
    exdates: Mapped[list[str]] = mapped_column(JSON, default=list)
    exdates_beyond: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    rdates: Mapped[list[str]] = mapped_column(JSON, default=list)
    leaves_out: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    tzdata_version: Mapped[str] = mapped_column(String(10))
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    sequence: Mapped[int] = mapped_column(default=0)
    cancel_reason: Mapped[str] = mapped_column(String(500), default="")
    request_key: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column("updated_s", UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)


class BookingWord(Base):
    """A word of a booking's title, as ``booking.core.words`` has it, so that it is found."""

    __tablename__ = "booking_word"

    word: Mapped[str] = mapped_column(
        String(40).with_variant(String(40, collation="C"), "postgresql"), primary_key=True
    )
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True, index=True)


class BookingOrganisation(Base):
    """An organisation that holds an event together with the booking's own."""

    __tablename__ = "booking_organisation"

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )


class Occurrence(Base):
    """One instance of a booking; ``recurrence_id`` is its local start by the rule.

    ``starts_local`` and ``ends_local`` are set where it has a time of its own,
    ``attended`` once somebody has said how many came.
    Of a permanence ``expected_at`` is from when somebody is there who is late.
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        CheckConstraint("end_s > start_s", "order"),
        Index("uq_occurrence_booking_id_recurrence_id", "booking_id", "recurrence_id", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    recurrence_id: Mapped[datetime] = mapped_column(LocalDateTime)
    start: Mapped[datetime] = mapped_column("start_s", UTCDateTime)
    end: Mapped[datetime] = mapped_column("end_s", UTCDateTime)
    starts_local: Mapped[datetime | None] = mapped_column(LocalDateTime)
    ends_local: Mapped[datetime | None] = mapped_column(LocalDateTime)
    title: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    attended: Mapped[int | None]
    expected_at: Mapped[datetime | None] = mapped_column("expected_s", UTCDateTime)


class Permanence(Base):
    """What visitors read of a booking series in which an organisation receives people.

    Its organisation, office, times and version are those of the booking.
    """

    __tablename__ = "permanence"

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(200))
    link: Mapped[str] = mapped_column(String(500))
    by_appointment: Mapped[bool]
    appointment_link: Mapped[str] = mapped_column(String(500))


class Allocation(Base):
    """One space asked for by one occurrence, with its own state and decision.

    ``start``/``end`` repeat the occurrence's, so that a space's week is one
    index range; buffers are the space's at the time of booking.
    ``organisation_id``, or ``person_id`` (the organiser) where there is none,
    repeat the booking's, so that what an account uses is one index range too.
    ``checked_in_at`` is when somebody was there, ``released_at`` when the time
    went to others because nobody was.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("end_s > start_s", "order"),
        CheckConstraint("setup_s >= 0 AND cleanup_s >= 0", "buffers"),
        Index("uq_allocation_occurrence_id_space_id", "occurrence_id", "space_id", unique=True),
        Index("ix_allocation_space_id_start_s", "space_id", "start_s", "end_s"),
        partial_index("ix_allocation_long", "space_id", "end_s", where=IS_LONG),
        partial_index(
            "ix_allocation_requested", "space_id", "start_s", where="state = 'requested'"
        ),
        partial_index(
            "ix_allocation_organisation_id_start_s",
            "organisation_id",
            "start_s",
            where="organisation_id IS NOT NULL",
        ),
        partial_index(
            "ix_allocation_person_id_start_s", "person_id", "start_s", where="person_id IS NOT NULL"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    occurrence_id: Mapped[int] = mapped_column(ForeignKey("occurrence.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    state: Mapped[str] = mapped_column(String(10))
    start: Mapped[datetime] = mapped_column("start_s", UTCDateTime)
    end: Mapped[datetime] = mapped_column("end_s", UTCDateTime)
    setup_s: Mapped[int] = mapped_column(default=0)
    cleanup_s: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(500), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column("decided_s", UTCDateTime)
    organisation_id: Mapped[int | None]
    person_id: Mapped[int | None]
    checked_in_at: Mapped[datetime | None] = mapped_column("checked_in_s", UTCDateTime)
    released_at: Mapped[datetime | None] = mapped_column("released_s", UTCDateTime)


class Hold(Base):
    """An interval taken on one part.  The guard of ``booking.db.guard`` is on this table.

    Written by ``booking.actions.record`` alone; deleted and inserted, never updated.
    """

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("end_s > start_s", "order"),
        CheckConstraint("layer IN ('use', 'let')", "layer"),
        CheckConstraint("lane >= 0", "lane"),
        CheckConstraint(ONE_SOURCE, "one_source"),
        # A text sorts after every number and a lane 0.5 is no lane: both would get
        # round the triggers; PostgreSQL's column types see to it by themselves.
        CheckConstraint(
            "typeof(start_s) = 'integer' AND typeof(end_s) = 'integer'"
            " AND typeof(lane) = 'integer'",
            "integers",
        ).ddl_if(dialect="sqlite"),
        Index("ix_hold_part_id_start_s", "part_id", "layer", "lane", "start_s", "end_s"),
        # Nearly all holds are of allocations.
        *(
            partial_index(f"ix_hold_{name}", name, where=f"{name} IS NOT NULL")
            for name in ("closure_id", "want_id", "lease_id")
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    layer: Mapped[str] = mapped_column(String(3))
    lane: Mapped[int]
    start: Mapped[datetime] = mapped_column("start_s", UTCDateTime)
    end: Mapped[datetime] = mapped_column("end_s", UTCDateTime)
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("allocation.id"), index=True)
    closure_id: Mapped[int | None] = mapped_column(ForeignKey("closure.id"))
    want_id: Mapped[int | None] = mapped_column(ForeignKey("want.id"))
    lease_id: Mapped[int | None] = mapped_column(ForeignKey("lease.id"))


class Audit(Base):
    """Who changed what, when, through which door; old and new as JSON.

    Holds person ids, not names, so that a person can be erased.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_entity_entity_id", "entity", "entity_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column("at_s", UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    door: Mapped[str] = mapped_column(String(10))
    verb: Mapped[str] = mapped_column(String(30))
    entity: Mapped[str] = mapped_column(String(20))
    entity_id: Mapped[int] = mapped_column(BigInteger)
    old: Mapped[dict[str, object] | None] = mapped_column(JSON)
    new: Mapped[dict[str, object] | None] = mapped_column(JSON)
