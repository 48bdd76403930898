"""What a member's calendar should have: which bookings, at which version, in which words."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask_babel import force_locale
from sqlalchemy.orm import Session

from booking import __version__, events, ical
from booking.config import Config
from booking.core.connections import ConnectionView
from booking.core.values import Actor
from booking.core.visibility import Readable, may_read
from booking.ical.objects import digest
from booking.queries import feed, houses
from booking.queries.categories import categories
from booking.sync.diff import Ours

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = timedelta(days=1)  # what ended longer ago is not put into a calendar any more


@dataclass(frozen=True, slots=True)
class Text:
    """A booking as its owner's calendar has it."""

    uid: str
    title: str
    raw: bytes
    digest: str


class House:
    """The house's side of a connection, as its owner may see it."""

    def __init__(
        self, session: Session, connection: ConnectionView, reader: Actor, config: Config
    ) -> None:
        self._session = session
        self._connection = connection
        self.reader = reader
        self._config = config
        state = feed.feed_state(session, connection.settings.scope, person_id=connection.person_id)
        self.revision = state.revision
        depends = (__version__, state.names, self.language, config.public_url, reader.grants)
        self.known = hashlib.sha256(repr(depends).encode()).hexdigest()

    @property
    def language(self) -> str:
        """The language of the connection's owner, else the house's."""
        return self.reader.locale or self._config.ui.default_language

    def bookings(self, now: datetime) -> dict[int, Ours]:
        """Return the bookings that have an open date, by id, by start; two statements."""
        scope, person_id = self._connection.settings.scope, self._connection.person_id
        far = now + timedelta(days=1)  # a booking without an open date is not in it at all
        every, current = (
            feed.versions(
                self._session,
                feed.of_scope(scope, person_id=person_id, since=since, closed_since=far),
            )
            for since in (_EVER, now - KEPT)
        )
        return {id_: Ours(id_, version, id_ not in current) for id_, version in every.items()}

    def texts(self, booking_ids: Sequence[int]) -> Mapping[int, Text]:
        """Return bookings as the calendar shows them; those that it must not show are left out."""
        session, connection = self._session, self._connection
        scope = connection.settings.scope
        wanted = feed.of_scope(
            scope, person_id=connection.person_id, since=_EVER, closed_since=_EVER
        )
        found = feed.bookings(session, wanted, only=booking_ids)
        ids = {id_ for each in found for date in each.dates for id_ in date.space_ids}
        texts = {}
        with force_locale(self.language):
            words = events.words(
                self.reader,
                houses.spaces_by_id(session, ids),
                sites={each.id: each for each in houses.sites(session)},
                categories=categories(session),
                base=self._config.public_url,
                busy=False,
                key=self._key(),
            )
            # Read back, the description is the note, and nothing else.
            words = replace(
                words, describe=lambda booking, _sight: booking.note, is_told=self._is_told
            )
            for each in found:
                if (event := ical.event_of(each, words)) is None:
                    continue
                raw = ical.calendar_object(ical.component(event)).encode()
                texts[each.view.booking_id] = Text(event.uid, event.summary, raw, digest(raw))
        return texts

    def _is_told(self, booking: Readable) -> bool:
        """Whether its reader may learn of it, where to be in the calendar says what it is."""
        return not self._connection.settings.scope.tells or may_read(booking, self.reader)

    def _key(self) -> str:
        """Return what makes the uids of redacted events: nobody else can match them."""
        named = b"connection:%d" % self._connection.id
        return hashlib.sha256(self._config.signing_key() + named).hexdigest()
