"""The one place that redacts: board, clash messages, feeds and pages all ask here.

What a viewer may not see is "busy": when, where and in which state, nothing else.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from booking.core.calendars import Single
from booking.core.frozen import frozen
from booking.core.invitees import Invitee
from booking.core.permissions import Owned, is_own, may_administer, may_approve, may_change
from booking.core.values import (
    Actor,
    BookingView,
    Clash,
    ClosureView,
    OccurrenceView,
    SourceEventView,
    Visibility,
)


class Readable(Owned, Protocol):
    """What the right to read follows from: views, and rows of lists."""

    @property
    def visibility(self) -> Visibility: ...
    @property
    def space_id(self) -> int: ...


def may_read(view: Readable, viewer: Actor | None) -> bool:
    """Whether ``viewer`` (None: nobody signed in) may read what the booking is about."""
    if view.visibility is Visibility.PUBLIC:
        return True
    if viewer is None:
        return False
    if view.visibility is Visibility.MEMBERS:
        return True
    return may_read_private(view, viewer)


def may_read_private(view: Readable, viewer: Actor) -> bool:
    """Whether ``viewer`` is one of the booking's own people or decides about its space."""
    return may_change(viewer, view) or may_approve(
        viewer, space_id=view.space_id, site_id=view.site_id
    )


@frozen()
class Sight:
    """How much of a booking somebody sees: anything but when and where, its people, its notes.

    Asked for once, it is true of all bookings that the right to read follows from alike.
    """

    reads: bool
    people: bool
    notes: bool


WHOLE = Sight(reads=True, people=True, notes=True)
MEMBERS_PART = Sight(reads=True, people=True, notes=False)
PUBLIC_PART = Sight(reads=True, people=False, notes=False)
BUSY = Sight(reads=False, people=False, notes=False)


def sight(view: Readable, viewer: Actor | None) -> Sight:
    """Return what ``viewer`` (None: nobody signed in) sees of a booking.

    Anybody else's private booking is "busy".  The note for the reception and
    the reasons given are for the booking's own people and its approvers; a
    person's name is for people who are signed in.
    """
    if not may_read(view, viewer):
        return BUSY
    if viewer is None:
        return PUBLIC_PART
    return WHOLE if may_read_private(view, viewer) else MEMBERS_PART


def shown(view: OccurrenceView, seen: Sight) -> OccurrenceView:
    """Return a view as far as it is seen."""
    if view.redacted:
        return view
    if not seen.reads:
        return view.redact()
    if not seen.people:
        return replace(
            view, note="", reason="", organiser_id=None, organiser_name="", created_by_id=None
        )
    if (view.note or view.reason) and not seen.notes:
        return replace(view, note="", reason="")
    return view


def single_shown(single: Single, seen: Sight) -> Single:
    """Return a booking of a calendar as far as it is seen; only those that are read are asked for.

    Of the others there is nothing but "busy" to tell.
    """
    if not seen.people:
        return single._replace(note="", organiser_id=None, organiser_name="", created_by_id=None)
    return single._replace(note="") if single.note and not seen.notes else single


def seen_by(view: OccurrenceView, viewer: Actor | None) -> OccurrenceView:
    """Return ``view`` as ``viewer`` may see it."""
    return view if view.redacted else shown(view, sight(view, viewer))


def closure_seen_by(closure: ClosureView, viewer: Actor | None) -> ClosureView:
    """Return ``closure`` as ``viewer`` may see it.

    Of what comes from a calendar of others, those who may not read its titles
    read the calendar's name.
    """
    if not closure.source or _may_read_title(closure.visibility, closure.site_id, viewer):
        return closure
    return replace(closure, reason=closure.source)


def source_event_seen_by(event: SourceEventView, viewer: Actor | None) -> SourceEventView:
    """Return a date of a calendar of others as ``viewer`` may see it, or by the calendar's name."""
    if _may_read_title(event.visibility, event.site_id, viewer):
        return event
    return replace(event, title=event.source, place="")


def _may_read_title(visibility: Visibility, site_id: int, viewer: Actor | None) -> bool:
    if visibility is Visibility.PUBLIC:
        return True
    if viewer is None:
        return False
    return visibility is Visibility.MEMBERS or may_administer(viewer, site_id)


def clash_seen_by(clash: Clash, viewer: Actor | None) -> Clash:
    """Return ``clash`` with its occurrence, or its closure, as ``viewer`` may see it."""
    if clash.closure is not None:
        return replace(clash, closure=closure_seen_by(clash.closure, viewer))
    if clash.occurrence is None:
        return clash
    return replace(clash, occurrence=seen_by(clash.occurrence, viewer))


def invitees_seen_by(
    invitees: Iterable[Invitee], booking: BookingView, viewer: Actor | None
) -> tuple[Invitee, ...]:
    """Return who is invited to a booking, as far as ``viewer`` may know it.

    All of them for those who may change the booking; others see themselves alone, and
    no addresses of anybody.
    """
    if viewer is None:
        return ()
    if may_change(viewer, booking):
        return tuple(invitees)
    return tuple(
        each
        for each in invitees
        if viewer.person_id is not None and each.person_id == viewer.person_id
    )


def booking_seen_by(booking: BookingView, viewer: Actor) -> BookingView:
    """Return ``booking`` with itself and every occurrence as ``viewer`` may see them."""
    occurrences = tuple(seen_by(each, viewer) for each in booking.occurrences)
    own = is_own(viewer, booking) or may_change(viewer, booking)
    decides = any(
        may_approve(viewer, space_id=each.space_id, site_id=each.site_id)
        for each in booking.occurrences
    )
    if own or decides:
        return replace(booking, occurrences=occurrences)
    if booking.visibility is Visibility.PRIVATE:
        return replace(
            booking,
            title="",
            note="",
            organiser_id=None,
            organiser_name="",
            created_by_id=None,
            created_by_name="",
            organisation_id=None,
            organisation_name="",
            attendance=None,
            cancel_reason="",
            occurrences=occurrences,
            redacted=True,
        )
    return replace(booking, note="", cancel_reason="", occurrences=occurrences)
