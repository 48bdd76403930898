"""The error tree: one root, data as attributes, no HTTP.

Each door maps each of these once.  Whatever is not a ``BookingError`` is a
bug or a failing machine, and is never caught on the way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from booking.core.messages import Message, Parameter, message

if TYPE_CHECKING:
    from booking.core.availability import Alternative
    from booking.core.values import Clash, LeaseOverlap, OccurrenceView, Site, Space


class BookingError(Exception):
    """Root of everything that the house refuses for a reason it can name."""

    def __init__(self, *messages: Message) -> None:
        super().__init__(", ".join(each.code for each in messages))
        self.messages = messages


class InvalidRequest(BookingError):
    """What was asked makes no sense as it stands; each message names its field."""

    @classmethod
    def because(cls, code: str, /, field: str = "", **params: Parameter) -> "InvalidRequest":
        """Return the error for one field."""
        return cls(message(code, field, **params))


class NotFound(BookingError):
    """There is no such thing, or this actor may not know that there is."""

    def __init__(self, kind: str, key: object = None) -> None:
        super().__init__(message("not_found", kind=kind, key=str(key)))
        self.kind = kind
        self.key = key


class NotAllowed(BookingError):
    """The actor may not do this, or a rule of the house forbids it."""

    @classmethod
    def because(cls, code: str, /, field: str = "", **params: Parameter) -> "NotAllowed":
        """Return the error with one reason."""
        return cls(message(code, field, **params))


class Conflicted(BookingError):
    """Somebody else holds the time.

    ``clashes`` are already redacted for the actor, ordered by time;
    ``alternatives`` are free at the moment of asking, best first; of a series
    ``by_date`` has those of each date that clashes, by its local start.  Where
    alternatives were looked for, ``site`` is where, and ``spaces`` has its
    spaces by id.
    """

    def __init__(
        self,
        clashes: Sequence["Clash"],
        alternatives: Sequence["Alternative"] = (),
        by_date: "Mapping[datetime, Sequence[Alternative]]" = MappingProxyType({}),
        *,
        site: "Site | None" = None,
        spaces: Mapping[int, "Space"] = MappingProxyType({}),
    ) -> None:
        super().__init__(message("time_taken"))
        self.clashes = tuple(clashes)
        self.alternatives = tuple(alternatives)
        self.by_date = by_date
        self.site = site
        self.spaces = spaces


class Stale(BookingError):
    """Somebody changed the thing since the actor looked at it.

    ``current`` is the version that is stored now.
    """

    def __init__(self, current: int) -> None:
        super().__init__(message("stale_version"))
        self.current = current


class UidTaken(BookingError):
    """A calendar object has the UID of another one (RFC 4791 §5.3.2.1).

    ``booking_id`` is that one where it is the actor's own, None where not more may be told.
    """

    def __init__(self, booking_id: int | None) -> None:
        super().__init__(message("uid_taken"))
        self.booking_id = booking_id


class Redrawn(BookingError):
    """Somebody changed spaces of a floor since the actor looked at its plan.

    ``versions`` maps those that the actor changed too to the version that is stored now.
    """

    def __init__(self, versions: Mapping[int, int]) -> None:
        super().__init__(message("redrawn", number=len(versions)))
        self.versions = versions


class AlreadyDecided(BookingError):
    """The request is no longer open; ``state`` says what became of it."""

    def __init__(self, state: str) -> None:
        super().__init__(message("already_decided", state=state))
        self.state = state


class PartsTaken(BookingError):
    """A space cannot change its parts or lanes: somebody has booked them.

    ``taken`` are the bookings in the way, by time: move or cancel them first.
    """

    def __init__(self, taken: Sequence["OccurrenceView"]) -> None:
        super().__init__(message("parts_taken", number=len(taken)))
        self.taken = tuple(taken)


class AnswerMissing(BookingError):
    """The change concerns bookings that are there, and nobody has said yet that it shall.

    ``over`` are those bookings, by time.
    """

    def __init__(self, over: Sequence["OccurrenceView"]) -> None:
        super().__init__(message("answer_missing", number=len(over)))
        self.over = tuple(over)


class AlreadyLet(BookingError):
    """Others have the space, or too much of it, by leases of their own.

    ``overlaps`` are those leases, by the day from which they are in the way.
    """

    def __init__(self, overlaps: Sequence["LeaseOverlap"]) -> None:
        super().__init__(message("already_let", number=len(overlaps)))
        self.overlaps = tuple(overlaps)


class SignInFailed(BookingError):
    """Wrong address or password; which of the two is not told."""

    def __init__(self) -> None:
        super().__init__(message("sign_in_failed"))


class TooManyAttempts(BookingError):
    """Too many tries from here; ``retry_after_s`` seconds until the next."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(message("too_many_attempts", minutes=-(-retry_after_s // 60)))
        self.retry_after_s = retry_after_s


class GuardRefused(BookingError):
    """The database refused two overlapping holds: somebody was faster."""

    def __init__(self) -> None:
        super().__init__(message("time_taken"))
