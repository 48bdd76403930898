"""When members are busy by their own calendars: which are read, and the times, nothing else."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, BigKey, UTCDateTime


class BusyCalendar(Base):
    """A calendar of a connection whose owner lets others know when it makes them busy.

    ``way`` is how its server lets it be read (``booking.core.busy.Way``); ``reason`` the
    code of what went wrong last, ``left`` how many events could not be understood.
    """

    __tablename__ = "busy_calendar"
    __table_args__ = (
        CheckConstraint("way IN ('', 'times', 'events')", "way"),
        UniqueConstraint("connection_id", "url"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(String(2000))
    name: Mapped[str] = mapped_column(String(120))
    way: Mapped[str] = mapped_column(String(6), default="")
    read_at: Mapped[datetime | None] = mapped_column("read_s", UTCDateTime)
    due_at: Mapped[datetime] = mapped_column("due_s", UTCDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(60), default="")
    params: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    left: Mapped[int] = mapped_column("left_out", default=0)


class BusyTime(Base):
    """Some time at which a calendar makes its owner busy; those of one calendar never meet."""

    __tablename__ = "busy_time"
    __table_args__ = (CheckConstraint("end_s > start_s", "end_after_start"),)

    calendar_id: Mapped[int] = mapped_column(
        ForeignKey("busy_calendar.id", ondelete="CASCADE"), primary_key=True
    )
    start: Mapped[datetime] = mapped_column("start_s", UTCDateTime, primary_key=True)
    end: Mapped[datetime] = mapped_column("end_s", UTCDateTime)
