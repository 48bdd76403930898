"""People, what they may do and who invited them."""

from booking.queries.people.invitations import (
    InvitationView,
    LinkView,
    link,
    open_invitation,
    open_invitations,
)
from booking.queries.people.listed import (
    HeldRole,
    PersonView,
    Scope,
    member_ids,
    nobody_yet,
    people,
    person,
    person_id_of,
)
from booking.queries.people.names import initials
from booking.queries.people.viewers import (
    Viewer,
    actor_of,
    actor_with,
    admins,
    deciders,
    mail_choice,
    managers,
    viewer_of,
)

__all__ = [
    "HeldRole",
    "InvitationView",
    "LinkView",
    "PersonView",
    "Scope",
    "Viewer",
    "actor_of",
    "actor_with",
    "admins",
    "deciders",
    "initials",
    "link",
    "mail_choice",
    "managers",
    "member_ids",
    "nobody_yet",
    "open_invitation",
    "open_invitations",
    "people",
    "person",
    "person_id_of",
    "viewer_of",
]
