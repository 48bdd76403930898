"""A form is read to its end, so that every field that is wrong is told at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from booking.core.errors import InvalidRequest
from booking.core.messages import Message

T = TypeVar("T")


@dataclass(slots=True)
class Reading:
    """What is wrong with a form so far."""

    wrong: list[Message] = field(default_factory=list)

    def take(self, read: Callable[[], T], otherwise: T) -> T:
        """Return what is read, or note what is wrong with it."""
        try:
            return read()
        except InvalidRequest as error:
            self.wrong.extend(error.messages)
            return otherwise

    def done(self) -> None:
        """Refuse the form if anything was wrong.

        Raises:
            InvalidRequest: With all of it.
        """
        if self.wrong:
            raise InvalidRequest(*self.wrong)
