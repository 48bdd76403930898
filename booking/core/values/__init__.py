"""Frozen values that the rules see.  Queries make them, nobody changes them."""

from booking.core.values.bookings import BookingView, Clash, OccurrenceView
from booking.core.values.houses import ClosureView, Hold, Site, Space
from booking.core.values.kinds import (
    STATE_ORDER,
    Category,
    Door,
    Layer,
    OrganisationKind,
    Role,
    SpaceKind,
    State,
    Visibility,
    combined_state,
)
from booking.core.values.people import OPERATOR, Actor, Grant

__all__ = [
    "OPERATOR",
    "STATE_ORDER",
    "Actor",
    "BookingView",
    "Category",
    "Clash",
    "ClosureView",
    "Door",
    "Grant",
    "Hold",
    "Layer",
    "OccurrenceView",
    "OrganisationKind",
    "Role",
    "Site",
    "Space",
    "SpaceKind",
    "State",
    "Visibility",
    "combined_state",
]
