"""Programs that try what was refused again and again: they are told to wait."""

from datetime import datetime, timedelta

from booking.actions.accounts import attempts
from booking.db import transact

MOST_TRIES = 5
WITHIN = timedelta(minutes=10)


def note_repeated(person_id: int, what: str, *, now: datetime) -> None:
    """Count that a person's program was refused ``what`` once more.

    Raises:
        TooManyAttempts: After five within ten minutes; with the seconds to wait.
    """
    counter = attempts.Counter(attempts.key_of("refused", str(person_id), what), MOST_TRIES)
    transact(lambda session: attempts.begin_try(session, [counter], now=now, window=WITHIN))
