"""Leases: what is let to an organisation, from a day to a day."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Exact, UTCDateTime


class Lease(Base):
    """A space, or ``share`` of its ``shares``, let to an organisation.

    ``starts`` and ``ends`` are days of the site, both of them let; without an
    end it is open.  ``weekdays`` (0 Monday) empty are all days.  ``rent_m2``
    is for a square metre and month, ``room_min`` the minutes of rooms a month
    that the rent includes.  ``follows_id`` is the lease that it renews, or
    goes on with elsewhere.  ``end_told`` and ``notice_told`` are the ends that
    people were reminded of.
    """

    __tablename__ = "lease"
    __table_args__ = (
        CheckConstraint("ends IS NULL OR ends >= starts", "order"),
        CheckConstraint("share >= 1 AND share <= shares", "share"),
        CheckConstraint("rent_m2 >= 0 AND area_m2 > 0", "amounts"),
        CheckConstraint("months_notice >= 0", "notice"),
        Index("ix_lease_space_id_starts", "space_id", "starts"),
        Index("ix_lease_site_id_ends", "site_id", "ends"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date | None] = mapped_column(Date)
    share: Mapped[int] = mapped_column(default=1)
    shares: Mapped[int] = mapped_column(default=1)
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list)
    area_m2: Mapped[Decimal] = mapped_column(Exact(2))
    rent_m2: Mapped[Decimal] = mapped_column(Exact(4))
    includes: Mapped[list[str]] = mapped_column(JSON, default=list)
    room_min: Mapped[int | None]
    months_notice: Mapped[int]
    documents: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("lease.id"), index=True)
    end_told: Mapped[date | None] = mapped_column(Date)
    notice_told: Mapped[date | None] = mapped_column(Date)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
