"""What can go wrong with another server, by what follows from it."""

from typing import ClassVar

from booking.core.messages import Message


class RemoteError(Exception):
    """Root of all of them; ``reason`` is a code of ``booking.i18n`` with its parameters.

    ``stops`` where only the member can help; ``after_s`` is the pause that the server asks for.
    """

    code: ClassVar[str]
    stops: ClassVar[bool]
    after_s: int | None = None

    def __init_subclass__(cls, *, code: str, stops: bool = False) -> None:
        cls.code, cls.stops = code, stops

    def __init__(self, code: str = "", **params: str | int) -> None:
        self.reason = Message(code or self.code, params)
        super().__init__(self.reason.code)


class Unwell(RemoteError, code="remote_unwell"):
    """Nobody answers, too slowly, or with an error of the server's own: try again later."""


class Busy(RemoteError, code="remote_busy"):
    """The server asks for a pause, of ``after_s`` where it says so."""

    def __init__(self, after_s: int | None) -> None:
        super().__init__()
        self.after_s = after_s


class Full(RemoteError, code="remote_full"):
    """The server has no room left (507)."""


class Denied(RemoteError, code="remote_denied", stops=True):
    """The name and the password are not, or no longer, accepted."""


class SignedOut(Denied, code="remote_signed_out", stops=True):
    """The member, or the provider, lets us in no longer: sign in there again."""


class Forbidden(RemoteError, code="remote_forbidden", stops=True):
    """The account may not do this."""


class Gone(RemoteError, code="remote_gone", stops=True):
    """There is nothing at this address (any more)."""


class Blocked(RemoteError, code="address_private", stops=True):
    """The address must not be asked: a private network, no https, our own service."""


class Changed(RemoteError, code="remote_changed"):
    """The object is not what we took it for: somebody changed it in the meantime (412)."""


class Refused(RemoteError, code="remote_refused"):
    """The server does not take this object; others may be taken."""


class StaleToken(RemoteError, code="remote_token"):
    """The server no longer knows our sync-token: look at everything (RFC 6578 §3.2)."""
