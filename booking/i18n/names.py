"""Names of codes that appear on pages and as parameters of sentences."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

LANGUAGES = {"fr": "Français", "en": "English"}

STATES: dict[str, LazyString] = {
    "requested": _l("To be approved"),
    "confirmed": _l("Confirmed"),
    "refused": _l("Refused"),
    "cancelled": _l("Cancelled"),
    "expired": _l("Expired"),
    "skipped": _l("Left out"),
    "conflict": _l("In conflict"),
    # of offers
    "accepted": _l("Accepted"),
    "declined": _l("Declined"),
    "withdrawn": _l("Withdrawn"),
}
JOB_STANDINGS: dict[str, LazyString] = {
    "running": _l("Running"),
    "waiting": _l("Waiting"),
    "dead": _l("Failed"),
}
STANCES: dict[str, LazyString] = {
    "allow": _l("at once"),
    "ask": _l("an approver has to agree"),
    "refuse": _l("not at all"),
}
BY_MAIL: dict[str, LazyString] = {
    "off": _l("cannot be booked by mail"),
    "whole": _l("is booked as a whole, or declined"),
    "partly": _l("is booked without the dates that clash"),
}
GUEST_FATES: dict[str, LazyString] = {
    "invited": _l("Will be invited"),
    "known": _l("Has an account already"),
    "twice": _l("Stands further up already"),
    "wrong": _l("To be mended"),
}
JOB_KINDS: dict[str, LazyString] = {
    "mail": _l("Mail"),
    "link": _l("Mail with a link"),
    "invite": _l("Invitation by mail"),
    "book_by_mail": _l("Booking by mail"),
    "ask_sender": _l("Question to the sender of a mail"),
    "answer_for_room": _l("Answer to a booking by mail"),
    "mail_in": _l("Mails that come in"),
    "forget_mails": _l("Mails that came in long ago"),
    "remind": _l("Reminders"),
    "remind_approvers": _l("Reminders of approvers"),
    "retime": _l("New rules for the clocks"),
    "expire": _l("Requests that expire"),
    "no_shows": _l("Rooms that nobody came to"),
    "extend": _l("Series that go on"),
    "leases": _l("Reminders of leases"),
    "extend_leases": _l("Leases that go on"),
    "renewals": _l("Series that are asked about the next season"),
    "renew": _l("Next season of a series"),
    "serve": _l("Waiting list"),
    "waiting": _l("Waiting list, all of it"),
    "import": _l("Calendar files"),
    "sheet": _l("Tables of spaces, organisations and leases"),
    "forget_imports": _l("Calendar files that nobody came back to"),
    "forget_drafts": _l("Calendars that nobody went on to connect"),
    "forget_changes": _l("Changes of calendars that are long known"),
    "source": _l("Calendar of others"),
    "sources": _l("Calendars of others, all of them"),
    "give_tokens_back": _l("Access to a calendar that is no longer connected"),
}
IMPORT_FATES: dict[str, LazyString] = {
    "booked": _l("Booked"),
    "requested": _l("Asked for"),
    "there": _l("There before"),
    "taken": _l("Clashes"),
    "refused": _l("Refused"),
    "left": _l("Left out"),
}
SHEET_KINDS: dict[str, LazyString] = {
    "organisations": _l("Organisations"),
    "spaces": _l("Spaces"),
    "leases": _l("Leases"),
}
SHEET_FATES: dict[str, LazyString] = {
    "new": _l("New"),
    "change": _l("Changes"),
    "same": _l("Is there already"),
    "kept": _l("Is there, stays as it is"),
    "wrong": _l("To be mended"),
    "added": _l("Added"),
    "changed": _l("Changed"),
    "refused": _l("Refused"),
}
# Columns of tables, as headings of a template have them.
SHEET_COLUMNS: dict[str, LazyString] = {
    "name": _l("Name"),
    "kind": _l("Kind"),
    "floor": _l("Floor"),
    "area_m2": _l("Area (m²)"),
    "capacity": _l("Capacity"),
    "features": _l("Equipment"),
    "bookable": _l("Bookable"),
    "setup_min": _l("Minutes before"),
    "cleanup_min": _l("Minutes after"),
    "description": _l("Description"),
    "space": _l("Space"),
    "organisation": _l("Organisation"),
    "starts": _l("First day"),
    "ends": _l("Last day"),
    "rent_m2": _l("Rent (€/m²/month)"),
    "share": _l("Share"),
    "weekdays": _l("Days of the week"),
    "includes": _l("Included in the rent"),
    "rooms": _l("Hours of rooms"),
    "months_notice": _l("Months of notice"),
    "documents": _l("Documents"),
    "note": _l("Note"),
}
CATEGORIES: dict[str, LazyString] = {
    "meeting": _l("Meeting"),
    "workshop": _l("Workshop"),
    "training": _l("Training"),
    "permanence": _l("Permanence"),
    "event": _l("Public event"),
    "other": _l("Other"),
}
VISIBILITIES: dict[str, LazyString] = {
    "public": _l("Public: anybody may read it"),
    "members": _l("Members: people of the house may read it"),
    "private": _l("Private: others see only that the room is busy"),
}
SPACE_KINDS: dict[str, LazyString] = {
    "meeting_room": _l("Meeting rooms"),
    "office": _l("Offices"),
    "reception": _l("Reception offices"),
    "desk": _l("Desks"),
    "workshop": _l("Workshops"),
    "storage": _l("Storage"),
    "outdoor": _l("Outdoors"),
    "equipment": _l("Equipment"),
}
A_SPACE: dict[str, LazyString] = {  # of a kind
    "meeting_room": _l("Meeting room"),
    "office": _l("Office"),
    "reception": _l("Reception office"),
    "desk": _l("Desk"),
    "workshop": _l("Workshop"),
    "storage": _l("Storage"),
    "outdoor": _l("Outdoors"),
    "equipment": _l("Equipment"),
}
FEATURES: dict[str, LazyString] = {
    "screen": _l("screen"),
    "video": _l("video conference"),
    "whiteboard": _l("whiteboard"),
    "projector": _l("projector"),
    "computers": _l("computers"),
    "kitchen": _l("kitchen"),
    "accessible": _l("step-free access"),
    "phone": _l("telephone"),
    "fridge": _l("cold store"),
    "power": _l("power supply"),
}
ROLES: dict[str, LazyString] = {
    "member": _l("Member"),
    "manager": _l("Organisation manager"),
    "approver": _l("Approver"),
    "admin": _l("Administrator"),
}
ORGANISATION_KINDS: dict[str, LazyString] = {
    "resident": _l("Resident"),
    "permanence": _l("Permanence"),
    "contributor": _l("Contributor"),
}
DOORS: dict[str, LazyString] = {
    "web": _l("in the browser"),
    "cli": _l("at the command line"),
    "demo": _l("by the demo house"),
    "system": _l("by the service"),
    "mail": _l("from a mail"),
    "dav": _l("from a calendar app"),
    "sync": _l("from a connected calendar"),
}
THINGS: dict[str, LazyString] = {
    "category": _l("There is no such category."),
    "answer_link": _l("This link has no effect any more. Sign in to answer."),
    "event": _l("This event is not in the programme, or not any more."),
    "floor": _l("There is no such floor."),
    "screen": _l("There is no such screen."),
    "site": _l("There is no such house."),
    "space": _l("There is no such room."),
    "booking": _l("There is no such booking."),
    "person": _l("There is no such person."),
    "organisation": _l("There is no such organisation."),
    "profile": _l(
        "This link works for a quarter of an hour, until the app is used. Make another password."
    ),
    "app_password": _l("There is no such app password."),
    "subscription": _l("There is no such calendar link."),
    "invitation": _l("This link is not valid, or no longer. Ask for a new one."),
    "notice": _l("There is no such message."),
    "offer": _l("There is no such offer."),
    "want": _l("There is no such place in the waiting list."),
    "lease": _l("There is no such lease any more."),
    "closure": _l("There is no such closure any more."),
    "source": _l("This calendar is not followed any more."),
    "permanence": _l("There is no such permanence."),
    "mail": _l("There is no such mail any more."),
    "job": _l("There is no such piece of work any more."),
}
# The names of the French calendar, in French.
SCHOOL_HOLIDAYS: dict[str, LazyString] = {
    "Vacances de la Toussaint": _l("autumn holidays"),
    "Vacances de Noël": _l("Christmas holidays"),
    "Vacances d'hiver": _l("winter holidays"),
    "Vacances de printemps": _l("spring holidays"),
    "Pont de l'Ascension": _l("Ascension bridge"),
    "Vacances d'été": _l("summer holidays"),
}
