"""Errors of the house beside the fields of a form."""

from collections import defaultdict

from booking.core.errors import BookingError
from booking.i18n import sentence


def by_field(error: BookingError) -> dict[str, list[str]]:
    """Return field -> sentences in the reader's language; "" is about the whole form."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for each in error.messages:
        found[each.field].append(sentence(each))
    return dict(found)
