"""Calendar files and tables that people uploaded: kept until they are in, or for a day."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, UTCDateTime


class ImportFile(Base):
    """A calendar file of a person, and how far it is.

    ``choice`` says where it goes (``booking.core.imports.Choice``), ``clashing``
    what becomes of dates that clash.  ``objects`` is how many events it has,
    ``seen`` and ``done`` how many were looked at, and went through a verb.
    ``warnings`` are messages that hold for the whole file.
    """

    __tablename__ = "import_file"
    __table_args__ = (
        CheckConstraint(
            "state IN ('receiving', 'looking', 'ready', 'booking', 'stopped', 'done')", "state"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(9))
    choice: Mapped[dict[str, object]] = mapped_column(JSON)
    clashing: Mapped[str] = mapped_column(String(5))
    objects: Mapped[int]
    seen: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    warnings: Mapped[list[object]] = mapped_column(JSON, default=list)
    changed_at: Mapped[datetime] = mapped_column("changed_s", UTCDateTime, index=True)


class ImportPart(Base):
    """Some events of a file, squeezed, and what would become or became of them.

    ``content`` is empty when they are booked.  ``fates`` has those that occur
    in ``outcomes``, with a blank around each.
    """

    __tablename__ = "import_part"

    file_id: Mapped[int] = mapped_column(
        ForeignKey("import_file.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    objects: Mapped[int]
    fates: Mapped[str] = mapped_column(String(80), default="")
    outcomes: Mapped[list[object] | None] = mapped_column(JSON(none_as_null=True))


class Sheet(Base):
    """A table of spaces, organisations or leases, and what would become or became of its rows.

    ``person_id`` is empty at the command line, ``site_id`` for organisations.
    ``existing`` says what becomes of things that are there.  ``rows`` are its
    columns and cells, ``outcomes`` one for each row, both squeezed; ``number``
    is how many rows it has, ``done`` how many of them have been through.
    ``unknown`` are headings that nothing is read of.
    """

    __tablename__ = "sheet"
    __table_args__ = (
        CheckConstraint("kind IN ('organisations', 'spaces', 'leases')", "kind"),
        CheckConstraint("state IN ('looking', 'ready', 'writing', 'stopped', 'done')", "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[str] = mapped_column(String(13))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(7))
    existing: Mapped[str] = mapped_column(String(6))
    unknown: Mapped[list[str]] = mapped_column(JSON)
    rows: Mapped[bytes] = mapped_column(LargeBinary)
    outcomes: Mapped[bytes] = mapped_column(LargeBinary)
    number: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    changed_at: Mapped[datetime] = mapped_column("changed_s", UTCDateTime, index=True)
