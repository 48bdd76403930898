"""A connection in words: its state, what it shows, what happened to it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from booking.core.calendars import Scope
from booking.core.connections import ConnectionView, EventView, Standing
from booking.i18n import sentence
from booking.web.context import sites


@dataclass(frozen=True, slots=True)
class Line:
    """A connection as pages show it: its state in a word and in a sentence; naive local times."""

    id: int
    name: str
    host: str
    scheme: str
    owner: str
    what: str
    state: str
    tag: str
    says: str
    succeeded: datetime | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the diary; ``booking_id`` where it is about a booking."""

    at: datetime
    says: str
    booking_id: int | None


def line_of(found: ConnectionView) -> Line:
    """Return a connection as pages show it."""
    states_ = {
        Standing.DRAFT: (_("not begun"), ""),
        Standing.ACTIVE: (_("works"), "confirmed"),
        Standing.PAUSED: (_("paused"), "requested"),
        Standing.STOPPED: (_("stopped"), "refused"),
        Standing.ENDING: (_("is being disconnected"), "requested"),
    }
    word, tag = states_[found.state]
    if found.state is Standing.ACTIVE and found.tries:
        word, tag = _("is tried again"), "requested"
    at_work = found.state in (Standing.ACTIVE, Standing.ENDING)
    return Line(
        id=found.id,
        name=found.name,
        host=found.account.host,
        scheme=found.account.scheme,
        owner=found.owner_name,
        what=_what(found.settings.scope, found.place),
        state=word,
        tag=tag,
        says=_says(found),
        succeeded=local(found.succeeded_at),
        due=local(found.due_at) if at_work else None,
    )


def happened(event: EventView) -> Happened:
    at = local(event.at)
    assert at is not None  # noqa: S101  every event has its time
    return Happened(at, sentence(event.message), event.booking_id)


def _says(found: ConnectionView) -> str:
    if found.reason is not None:
        return sentence(found.reason)
    if found.state is Standing.PAUSED and found.succeeded_at is None:
        return _("Nothing has happened yet. Look at what would change, then begin.")
    if found.state is Standing.PAUSED:
        return _("Nothing is written there until you go on.")
    if found.state is Standing.ENDING:
        return _("Your events are being taken away there.")
    return _("What is booked appears there within seconds.")


def _what(scope: Scope, place: str) -> str:
    return place if scope.space_id or scope.organisation_id else _("My bookings")


def local(moment: datetime | None) -> datetime | None:
    zone = next((site.zone for site in sites()), "UTC")
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment else None
