"""What calendars are to programs: their revisions, and what programs say of bookings."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, UTCDateTime, partial_index


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


class CalendarObject(Base):
    """What a person's calendar programs say of a booking beyond what the house keeps.

    ``href`` is the name that one of them gave it, "" for none.  ``kept`` has what
    they alone understand (alarms, colours), for this person only.  ``body`` is what was sent
    last, and says all of the booking at ``version``, 0 where it never did; ``digest`` tells
    two of them apart.
    """

    __tablename__ = "calendar_object"
    __table_args__ = (
        partial_index("ix_calendar_object_person_id_href", "person_id", "href", where="href <> ''"),
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
