"""Tables and relations."""

from booking.models.bookings import (
    Allocation,
    Audit,
    Booking,
    BookingOrganisation,
    Change,
    Collection,
    Hold,
    Occurrence,
)
from booking.models.houses import Closure, Floor, Organisation, Setting, Site, Space, SpacePart
from booking.models.people import (
    Attempt,
    Invitation,
    Membership,
    Notice,
    Person,
    RoleGrant,
    Subscription,
)

__all__ = [
    "Allocation",
    "Attempt",
    "Audit",
    "Booking",
    "BookingOrganisation",
    "Change",
    "Closure",
    "Collection",
    "Floor",
    "Hold",
    "Invitation",
    "Membership",
    "Notice",
    "Occurrence",
    "Organisation",
    "Person",
    "RoleGrant",
    "Setting",
    "Site",
    "Space",
    "SpacePart",
    "Subscription",
]
