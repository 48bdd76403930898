"""The verbs of accounts: coming in, signing in, roles, leaving."""

from booking.actions.accounts.attempts import Limits
from booking.actions.accounts.invitations import (
    LIFETIME,
    Acceptance,
    InvitationRequest,
    accept_invitation,
    first_admin_link,
    invite,
    reset_link,
    withdraw_invitation,
)
from booking.actions.accounts.people import (
    THEMES,
    NewPerson,
    Profile,
    archive_person,
    choose_theme,
    create_person,
    end_membership,
    grant_role,
    revoke_role,
    set_membership,
    update_profile,
)
from booking.actions.accounts.signing_in import change_own_password, set_password, sign_in

__all__ = [
    "LIFETIME",
    "THEMES",
    "Acceptance",
    "InvitationRequest",
    "Limits",
    "NewPerson",
    "Profile",
    "accept_invitation",
    "archive_person",
    "change_own_password",
    "choose_theme",
    "create_person",
    "end_membership",
    "first_admin_link",
    "grant_role",
    "invite",
    "reset_link",
    "revoke_role",
    "set_membership",
    "set_password",
    "sign_in",
    "update_profile",
    "withdraw_invitation",
]
