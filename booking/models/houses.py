"""Sites, floors, spaces, organisations and closures."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    Text,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, LocalDateTime, UTCDateTime


class Setting(Base):
    """A setting of the installation, as JSON; operator settings are in the file."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[object] = mapped_column(JSON)


class Site(Base):
    """A building with its time zone and hours (minutes from midnight, local)."""

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint(
            "opens_min >= 0 AND closes_min <= 1440 AND closes_min > opens_min", "hours"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(300), default="")
    zone: Mapped[str] = mapped_column(String(60))
    country: Mapped[str] = mapped_column(String(2), default="FR")
    region: Mapped[str] = mapped_column(String(10), default="")
    school_zone: Mapped[str] = mapped_column(String(10), default="", server_default="")
    opens_min: Mapped[int] = mapped_column(default=8 * 60)
    closes_min: Mapped[int] = mapped_column(default=20 * 60)
    bookable_days: Mapped[int] = mapped_column(default=400)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    policy: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    archived_at: Mapped[datetime | None] = mapped_column("archived_s", UTCDateTime)


class Floor(Base):
    """A floor of a site; ``level`` 0 is the ground floor.  Its size is None until it is drawn."""

    __tablename__ = "floor"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    level: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    width_m: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    depth_m: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class Underlay(Base):
    """The operator's own drawing or picture below the plan of a floor, cleaned."""

    __tablename__ = "underlay"

    floor_id: Mapped[int] = mapped_column(ForeignKey("floor.id"), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))


class Space(Base):
    """What can be booked or let; buffers in seconds, the weight of an hour in percent.

    It is let in ``let_lanes`` equal shares.

    ``shape`` is its outline on its floor, ``[[x, y], ...]`` in metres, None where it is not
    drawn.  ``area_m2`` is always what counts: as it was given, or (not ``area_given``) that
    of the shape, written anew with each change of it.
    """

    __tablename__ = "space"
    __table_args__ = (
        CheckConstraint("lanes >= 1", "lanes"),
        CheckConstraint("colour >= 0 AND colour < 16", "colour"),
        CheckConstraint("setup_s >= 0 AND cleanup_s >= 0", "buffers"),
        Index("ix_space_site_id_position", "site_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    floor_id: Mapped[int | None] = mapped_column(ForeignKey("floor.id"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500), default="")
    capacity: Mapped[int | None]
    features: Mapped[list[str]] = mapped_column(JSON, default=list)
    colour: Mapped[int] = mapped_column(default=0)
    area_m2: Mapped[float | None] = mapped_column(Numeric(8, 2))
    area_given: Mapped[bool] = mapped_column(default=False, server_default=false())
    shape: Mapped[list[list[float]] | None] = mapped_column(JSON(none_as_null=True))
    lanes: Mapped[int] = mapped_column(default=1)
    bookable: Mapped[bool] = mapped_column(default=True)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    requests_hold: Mapped[bool] = mapped_column(default=True)
    setup_s: Mapped[int] = mapped_column(default=0)
    cleanup_s: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None] = mapped_column("archived_s", UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    policy: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    weight: Mapped[int] = mapped_column(default=100, server_default="100")
    let_lanes: Mapped[int] = mapped_column(default=1, server_default="1")


class SpacePart(Base):
    """A physical space that a space consists of; a simple one has itself."""

    __tablename__ = "space_part"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"), primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("space.id"), primary_key=True, index=True)


class Organisation(Base):
    """An organisation of the house: resident, permanence or contributor."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    archived_at: Mapped[datetime | None] = mapped_column("archived_s", UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)


class Allowance(Base):
    """The limits of one organisation in one site.

    ``is_own``: in place of what everybody has there, ``limits`` None being none at all.
    """

    __tablename__ = "allowance"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    limits: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    is_own: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)


class Screen(Base):
    """A screen in the house with its secret link: at a door, or (no space) at the entrance.

    ``floor_id`` is where it hangs.
    """

    __tablename__ = "screen"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    floor_id: Mapped[int | None] = mapped_column(ForeignKey("floor.id"))
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column("last_used_s", UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column("revoked_s", UTCDateTime)


class Closure(Base):
    """A time in which a space, or the whole site, is closed.

    ``starts_local`` and ``ends_local`` are the same by the wall clock of the
    site, so that it stays what it was under new rules for the clocks; None
    where only the instants are known.
    """

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("end_s > start_s", "order"),
        Index("ix_closure_site_id_end_s", "site_id", "end_s"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    start: Mapped[datetime] = mapped_column("start_s", UTCDateTime)
    end: Mapped[datetime] = mapped_column("end_s", UTCDateTime)
    reason: Mapped[str] = mapped_column(String(200))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)
    starts_local: Mapped[datetime | None] = mapped_column(LocalDateTime)
    ends_local: Mapped[datetime | None] = mapped_column(LocalDateTime)


class Photo(Base):
    """The picture of a space, cleaned and re-encoded; ``digest`` names it in addresses."""

    __tablename__ = "photo"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]


class CategoryRow(Base):
    """A category of bookings: a further one, or other names for one of ours."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name_fr: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None] = mapped_column("archived_s", UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)


class MailText(Base):
    """What an administrator wrote in place of a mail's own words, by kind and language."""

    __tablename__ = "mail_text"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    locale: Mapped[str] = mapped_column(String(5), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
