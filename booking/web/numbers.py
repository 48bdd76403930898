"""Numbers that come in with an address or a form."""

from flask import request

from booking.core.errors import NotFound


def page_number() -> int:
    """Return the page of a list that ``?page=`` asks for, from 1.

    Raises:
        NotFound: It is no number, or beyond what anybody has.
    """
    asked = request.args.get("page", "1")
    if not is_id(asked):
        raise NotFound("page", asked)
    return int(asked)


def is_id(text: str) -> bool:
    """Whether the text is a positive number that fits into a column."""
    return text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0
