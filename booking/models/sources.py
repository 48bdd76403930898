"""Calendars of others that the house follows, and their dates."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, UTCDateTime


class CalendarSource(Base):
    """A calendar at an address, and how it is.

    ``address`` is sealed (``booking.vault``), as many have a secret in them;
    ``host`` may be read.  ``every_min`` is how often it is looked at, ``next_at`` when it is next.
    ``etag`` and ``modified`` are what its server said last, so that it can say
    that nothing is new.  ``error`` is a message, ``warnings`` and ``counts`` are of
    the last time that it could be read.  ``may_lose``: somebody agreed that dates vanish.
    """

    __tablename__ = "calendar_source"
    __table_args__ = (
        CheckConstraint("mode IN ('busy', 'public', 'show')", "mode"),
        CheckConstraint("state IN ('active', 'paused', 'asks')", "state"),
        CheckConstraint("mode <> 'busy' OR space_id IS NOT NULL", "space"),
        Index("ix_calendar_source_next_s", "next_s"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(String(255), server_default="")
    mode: Mapped[str] = mapped_column(String(6))
    visibility: Mapped[str] = mapped_column(String(10))
    every_min: Mapped[int]
    state: Mapped[str] = mapped_column(String(6))
    may_lose: Mapped[bool] = mapped_column(default=False)
    etag: Mapped[str] = mapped_column(String(200), default="")
    modified: Mapped[str] = mapped_column(String(60), default="")
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    warnings: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    tried_at: Mapped[datetime | None] = mapped_column("tried_s", UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column("read_s", UTCDateTime)
    next_at: Mapped[datetime | None] = mapped_column("next_s", UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)


class SourceEvent(Base):
    """One date of such a calendar; ``closure_id`` where it takes the time of a space."""

    __tablename__ = "source_event"
    __table_args__ = (
        CheckConstraint("end_s > start_s", "order"),
        Index("uq_source_event_source_id_key", "source_id", "key", unique=True),
        Index("ix_source_event_source_id_end_s", "source_id", "end_s"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("calendar_source.id"))
    key: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(500))
    start: Mapped[datetime] = mapped_column("start_s", UTCDateTime)
    end: Mapped[datetime] = mapped_column("end_s", UTCDateTime)
    all_day: Mapped[bool]
    visibility: Mapped[str] = mapped_column(String(10))
    closure_id: Mapped[int | None] = mapped_column(ForeignKey("closure.id"), index=True)
    changed_at: Mapped[datetime] = mapped_column("changed_s", UTCDateTime)
