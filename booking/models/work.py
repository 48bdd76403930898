"""Work in the background: one table of jobs, whatever they do."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, UTCDateTime, partial_index


class Job(Base):
    """A piece of work that is due: claimed with a lease, deleted when it is done.

    ``key`` says which piece of work it is, so that planning it twice stores
    it once; None may be stored any number of times.  ``token`` belongs to
    the worker that holds the lease until ``leased_until``.  ``dead_at`` is
    set after the last try; then a person decides.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("attempts >= 0", "attempts"),
        partial_index("ix_job_due", "due_s", "id", where="dead_s IS NULL"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, object]] = mapped_column(JSON)
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    due_at: Mapped[datetime] = mapped_column("due_s", UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None] = mapped_column("leased_until_s", UTCDateTime)
    created_at: Mapped[datetime] = mapped_column("created_s", UTCDateTime)
    dead_at: Mapped[datetime | None] = mapped_column("dead_s", UTCDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
