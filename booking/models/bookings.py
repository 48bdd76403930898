"""Bookings, their occurrences and allocations, and the holds that claim the time."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, LocalDateTime, UTCDateTime

# Bookings that last longer than a day are few and have an index of their own,
# so that a window is read without looking back over years.
LONG_S = 86_400
IS_LONG = f"end_s - start_s > {LONG_S}"
WAITS = "state IN ('waiting', 'offered')"
# A hold comes from one thing; PostgreSQL adds no truths.
_SOURCES = ("allocation_id", "closure_id", "want_id", "lease_id")
ONE_SOURCE = f"{' + '.join(f'CASE WHEN {each} IS NULL THEN 0 ELSE 1 END' for each in _SOURCES)} = 1"


class Booking(Base):
    """A request for spaces of one site, single or recurring.

    The RRULE and the wall-clock start with its zone are the truth; the
    occurrences follow from them.  ``exdates`` and ``rdates`` are lists of
    ``YYYY-MM-DDTHH:MM``; ``leaves_out`` tells which days off made the former.
    ``space_ids`` are the spaces of every date that has none of its own.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("ends_local > starts_local", "order"),
        Index("uq_booking_uid", "uid", unique=True),
        Index(
            "uq_booking_request_key",
            "created_by_id",
            "request_key",
            unique=True,
            sqlite_where=text("request_key IS NOT NULL"),
            postgresql_where=text("request_key IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(255))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
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


class CalendarObject(Base):
    """What a person's calendar programs say of a booking beyond what the house keeps.

    ``href`` is the name that one of them gave it, "" for none.  ``kept`` has what
    they alone understand (alarms, colours), for this person only.  ``body`` is what was sent
    last, and says all of the booking at ``version``, 0 where it never did; ``digest`` tells
    two of them apart.
    """

    __tablename__ = "calendar_object"
    __table_args__ = (
        Index(
            "ix_calendar_object_person_id_href",
            "person_id",
            "href",
            sqlite_where=text("href <> ''"),
            postgresql_where=text("href <> ''"),
        ),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    href: Mapped[str] = mapped_column(String(255), default="")
    kept: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(24), default="", server_default="")
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column("changed_s", UTCDateTime)


class Refusal(Base):
    """What a person's program was refused, by a digest of it: told once, however often it tries."""

    __tablename__ = "refusal"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column("at_s", UTCDateTime)


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
        Index(
            "ix_allocation_long",
            "space_id",
            "end_s",
            sqlite_where=text(IS_LONG),
            postgresql_where=text(IS_LONG),
        ),
        Index(
            "ix_allocation_requested",
            "space_id",
            "start_s",
            sqlite_where=text("state = 'requested'"),
            postgresql_where=text("state = 'requested'"),
        ),
        Index(
            "ix_allocation_organisation_id_start_s",
            "organisation_id",
            "start_s",
            sqlite_where=text("organisation_id IS NOT NULL"),
            postgresql_where=text("organisation_id IS NOT NULL"),
        ),
        Index(
            "ix_allocation_person_id_start_s",
            "person_id",
            "start_s",
            sqlite_where=text("person_id IS NOT NULL"),
            postgresql_where=text("person_id IS NOT NULL"),
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
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    layer: Mapped[str] = mapped_column(String(3))
    lane: Mapped[int]
    start: Mapped[datetime] = mapped_column("start_s", UTCDateTime)
    end: Mapped[datetime] = mapped_column("end_s", UTCDateTime)
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("allocation.id"), index=True)
    closure_id: Mapped[int | None] = mapped_column(ForeignKey("closure.id"), index=True)
    want_id: Mapped[int | None] = mapped_column(ForeignKey("want.id"), index=True)
    lease_id: Mapped[int | None] = mapped_column(ForeignKey("lease.id"), index=True)


class Collection(Base):
    """A calendar that somebody may follow; its revision is tag, token and cache key.

    ``kind`` and ``owner_id``: ``space``, ``person``, ``organisation`` with the
    id of it, ``programme`` with the site's.
    """

    __tablename__ = "collection"
    __table_args__ = (Index("uq_collection_kind_owner_id", "kind", "owner_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    owner_id: Mapped[int]
    revision: Mapped[int] = mapped_column(BigInteger, default=0)


class Change(Base):
    """What a revision of a collection changed: the uid of a booking, ``gone`` or not."""

    __tablename__ = "change"

    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    uid: Mapped[str] = mapped_column(String(255))
    gone: Mapped[bool]
    at: Mapped[datetime] = mapped_column("at_s", UTCDateTime)


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


class BookingWord(Base):
    """A word of a booking's title, as ``booking.core.words`` has it, so that it is found."""

    __tablename__ = "booking_word"

    word: Mapped[str] = mapped_column(
        String(40).with_variant(String(40, collation="C"), "postgresql"), primary_key=True
    )
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True, index=True)


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
        Index(
            "ix_offer_open",
            "expires_s",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
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
        Index("ix_want_open", "start_s", sqlite_where=text(WAITS), postgresql_where=text(WAITS)),
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
