"""How long a request waits for its decision.

It expires so long after its last change, as the house says, and in any case
when its time comes; of a series, date by date.
"""

from datetime import UTC, datetime

from booking.core.values import SitePolicy

NEVER = datetime.max.replace(tzinfo=UTC)


def expires_at(start: datetime, changed_at: datetime, policy: SitePolicy) -> datetime:
    """Return when a date that begins at ``start`` expires, if nobody decides or changes it."""
    after = policy.expire_after
    return min(start, NEVER if after is None else changed_at + after)


def remind_at(start: datetime, changed_at: datetime, policy: SitePolicy) -> datetime:
    """Return when approvers are reminded of it."""
    return expires_at(start, changed_at, policy) - policy.remind_before


def needs_reminder(
    start: datetime,
    changed_at: datetime,
    policy: SitePolicy,
    *,
    reminded_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether it is time; whoever was asked or reminded since it was due needs none."""
    due = remind_at(start, changed_at, policy)
    asked = max(changed_at, reminded_at or changed_at)
    return asked < due <= now < expires_at(start, changed_at, policy)
