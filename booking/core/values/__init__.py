"""Frozen values that the rules see.  Queries make them, nobody changes them."""

from booking.core.values.bookings import BookingView, Clash, OccurrenceView
from booking.core.values.fairness import Account, FairUse, Limits, Peak
from booking.core.values.houses import ClosureView, Hold, Site, SourceEventView, Space
from booking.core.values.kinds import (
    STATE_ORDER,
    ByMail,
    Category,
    Door,
    Layer,
    OrganisationKind,
    RenewalState,
    Role,
    SpaceKind,
    Stance,
    State,
    Visibility,
    WaitMode,
    WantState,
    combined_state,
)
from booking.core.values.leases import (
    LETTABLE,
    Document,
    Included,
    LeaseOverlap,
    LeaseView,
    Standing,
    Tenancy,
)
from booking.core.values.people import OPERATOR, SYSTEM, Actor, Grant
from booking.core.values.policy import Hours, Policy, SitePolicy
from booking.core.values.seasons import Renewal, Seasons
from booking.core.values.waiting import Held, Want

__all__ = [
    "LETTABLE",
    "OPERATOR",
    "STATE_ORDER",
    "SYSTEM",
    "Account",
    "Actor",
    "BookingView",
    "ByMail",
    "Category",
    "Clash",
    "ClosureView",
    "Document",
    "Door",
    "FairUse",
    "Grant",
    "Held",
    "Hold",
    "Hours",
    "Included",
    "Layer",
    "LeaseOverlap",
    "LeaseView",
    "Limits",
    "OccurrenceView",
    "OrganisationKind",
    "Peak",
    "Policy",
    "Renewal",
    "RenewalState",
    "Role",
    "Seasons",
    "Site",
    "SitePolicy",
    "SourceEventView",
    "Space",
    "SpaceKind",
    "Stance",
    "Standing",
    "State",
    "Tenancy",
    "Visibility",
    "WaitMode",
    "Want",
    "WantState",
    "combined_state",
]
