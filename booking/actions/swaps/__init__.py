"""Swap: the people of two dates exchange their places (time and spaces), when both agree.

A proposal holds nothing and binds nobody: the rules are asked when it is made, and again,
under the lock, when it is agreed to.  It is void as soon as either booking has changed.
"""

from booking.actions.swaps.answering import accept_swap, decline_swap
from booking.actions.swaps.proposing import propose_swap, withdraw_swap

__all__ = ["accept_swap", "decline_swap", "propose_swap", "withdraw_swap"]
