"""What calendars of DAV have in them: bookings with their versions, and what has changed since.

A calendar is named as collections are stored: ``space``, ``person``,
``organisation`` and ``programme``, with the id of the space, person,
organisation or site.
"""

from booking.queries.dav.members import (
    Listing,
    Member,
    has_uid,
    ids_named,
    in_window,
    members,
    members_by_id,
    members_by_uid,
    within,
)
from booking.queries.dav.revisions import Key, Revision, changes, people_state, revisions
from booking.queries.dav.taken import Taken, busy_rooms, room_lanes, taken_by, taken_in

__all__ = [
    "Key",
    "Listing",
    "Member",
    "Revision",
    "Taken",
    "busy_rooms",
    "changes",
    "has_uid",
    "ids_named",
    "in_window",
    "members",
    "members_by_id",
    "members_by_uid",
    "people_state",
    "revisions",
    "room_lanes",
    "taken_by",
    "taken_in",
    "within",
]
