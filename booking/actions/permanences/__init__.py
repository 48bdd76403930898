"""Permanences: made and changed with their series, and what becomes of a day of one."""

from booking.actions.permanences.days import be_late, come_after_all, stay_away
from booking.actions.permanences.keeping import change, make

__all__ = ["be_late", "change", "come_after_all", "make", "stay_away"]
