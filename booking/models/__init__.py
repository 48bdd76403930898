"""Tables and relations."""

from booking.models.agreements import Offer, Renewal, Swap, Want
from booking.models.bookings import (
    Allocation,
    Audit,
    Booking,
    BookingOrganisation,
    BookingWord,
    Hold,
    Occurrence,
    Permanence,
)
from booking.models.busy import BusyCalendar, BusyTime
from booking.models.calendars import CalendarObject, Change, Collection, Refusal
from booking.models.connections import (
    CalendarSignIn,
    Connection,
    ConnectionEvent,
    RemoteObject,
)
from booking.models.houses import (
    Allowance,
    CategoryRow,
    Closure,
    Floor,
    MailText,
    Organisation,
    Photo,
    Screen,
    Setting,
    Site,
    Space,
    SpacePart,
    Underlay,
)
from booking.models.imports import ImportFile, ImportPart, Sheet
from booking.models.invitees import Invitee, InviteeDate, OptOut
from booking.models.leases import Lease
from booking.models.people import (
    AppPassword,
    Attempt,
    Invitation,
    Membership,
    Notice,
    Person,
    RoleGrant,
    Subscription,
)
from booking.models.received import ReceivedMail
from booking.models.sources import CalendarSource, SourceEvent
from booking.models.work import Job

__all__ = [
    "Allocation",
    "Allowance",
    "AppPassword",
    "Attempt",
    "Audit",
    "Booking",
    "BookingOrganisation",
    "BookingWord",
    "BusyCalendar",
    "BusyTime",
    "CalendarObject",
    "CalendarSignIn",
    "CalendarSource",
    "CategoryRow",
    "Change",
    "Closure",
    "Collection",
    "Connection",
    "ConnectionEvent",
    "Floor",
    "Hold",
    "ImportFile",
    "ImportPart",
    "Invitation",
    "Invitee",
    "InviteeDate",
    "Job",
    "Lease",
    "MailText",
    "Membership",
    "Notice",
    "Occurrence",
    "Offer",
    "OptOut",
    "Organisation",
    "Permanence",
    "Person",
    "Photo",
    "ReceivedMail",
    "Refusal",
    "RemoteObject",
    "Renewal",
    "RoleGrant",
    "Screen",
    "Setting",
    "Sheet",
    "Site",
    "SourceEvent",
    "Space",
    "SpacePart",
    "Subscription",
    "Swap",
    "Underlay",
    "Want",
]
