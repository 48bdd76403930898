"""Leases: made, changed, ended, renewed, moved to another office; what would be in the way."""

from booking.actions.leases.changing import change_lease, end_lease, withdraw_lease
from booking.actions.leases.extending import extend_leases
from booking.actions.leases.following import move_lease, renew_lease
from booking.actions.leases.making import create_lease
from booking.actions.leases.outlook import Outlook, look_at_lease
from booking.actions.leases.reminding import remind_of_leases

__all__ = [
    "Outlook",
    "change_lease",
    "create_lease",
    "end_lease",
    "extend_leases",
    "look_at_lease",
    "move_lease",
    "remind_of_leases",
    "renew_lease",
    "withdraw_lease",
]
