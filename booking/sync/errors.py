"""What can go wrong with another server, by what follows from it."""

from booking.core.messages import Message


class RemoteError(Exception):
    """Root of all of them; ``reason`` is a code of ``booking.i18n`` with its parameters."""

    code = "remote_unwell"

    def __init__(self, code: str = "", **params: str | int) -> None:
        self.reason = Message(code or self.code, params)
        super().__init__(self.reason.code)


class Unwell(RemoteError):
    """Nobody answers, too slowly, or with an error of the server's own: try again later."""


class Busy(RemoteError):
    """The server asks for a pause; ``after_s`` says for how long, None where it does not."""

    code = "remote_busy"

    def __init__(self, after_s: int | None) -> None:
        super().__init__()
        self.after_s = after_s


class Full(RemoteError):
    """The server has no room left (507)."""

    code = "remote_full"


class Denied(RemoteError):
    """The name and the password are not, or no longer, accepted: only the member can help."""

    code = "remote_denied"


class Forbidden(RemoteError):
    """The account may not do this."""

    code = "remote_forbidden"


class Gone(RemoteError):
    """There is nothing at this address (any more)."""

    code = "remote_gone"


class Blocked(RemoteError):
    """The address must not be asked: a private network, no https, our own service."""

    code = "address_private"


class Changed(RemoteError):
    """The object is not what we took it for: somebody changed it in the meantime (412)."""

    code = "remote_changed"


class Refused(RemoteError):
    """The server does not take this object; others may be taken."""

    code = "remote_refused"


class StaleToken(RemoteError):
    """The server no longer knows our sync-token: look at everything (RFC 6578 §3.2)."""

    code = "remote_token"
