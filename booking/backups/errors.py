"""Why a backup is not made or not put back."""

from booking.core.errors import BookingError
from booking.core.messages import Parameter, message


class BackupError(BookingError):
    """The backup is refused; nothing was changed."""

    def __init__(self, code: str, /, **params: Parameter) -> None:
        super().__init__(message(code, "", **params))
