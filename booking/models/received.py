"""Mails that came in: which were seen, and what became of each."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, UTCDateTime


class ReceivedMail(Base):
    """A mail that was read once.

    ``key`` is of its Message-ID, ``place`` where it lay: the same key at another
    place is a copy.  ``content`` is the calendar object of one that asks for rooms,
    for ``space_ids``, in the name of ``person_id``.
    """

    __tablename__ = "received_mail"
    __table_args__ = (
        CheckConstraint("state IN ('done', 'aside', 'waits', 'asks')", "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    place: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime] = mapped_column("at_s", UTCDateTime, index=True)
    sender: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(5))
    reason: Mapped[str] = mapped_column(String(60), default="")
    params: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
