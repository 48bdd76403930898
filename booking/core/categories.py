"""What bookings are for: the product's own categories, and what a house makes of them."""

import re
import unicodedata
from collections.abc import Collection

from booking.core.checks import one_line
from booking.core.errors import InvalidRequest
from booking.core.frozen import frozen
from booking.core.messages import Message, message
from booking.core.values import Category

MOST_NAME = 80
MOST_CODE = 20
MOST_CATEGORIES = 50
BUILT_IN = tuple(each.value for each in Category)
_OTHER_CHARACTERS = re.compile(r"[^a-z0-9]+")


@frozen()
class CategoryView:
    """A category as a house has it.

    ``names`` has the house's own name by language, "" where the product's
    stands.  ``version`` is 0 while nothing of it is stored.
    """

    code: str
    names: tuple[tuple[str, str], ...]
    is_archived: bool
    version: int

    @property
    def is_built_in(self) -> bool:
        """Whether the product has a name for it in every language."""
        return self.code in BUILT_IN


def checked_names(names: dict[str, str], *, built_in: bool) -> dict[str, str]:
    """Return the names of a category by language, each on one line.

    Raises:
        InvalidRequest: With the language as the field; a category that is
            not ``built_in`` needs a name in each.
    """
    clean = {language: one_line(name) for language, name in names.items()}
    wrong: list[Message] = []
    for language, name in clean.items():
        if len(name) > MOST_NAME:
            wrong.append(message("name_too_long", language, limit=MOST_NAME))
        elif not name and not built_in:
            wrong.append(message("name_missing", language))
    if wrong:
        raise InvalidRequest(*wrong)
    return clean


def code_for(name: str, taken: Collection[str]) -> str:
    """Return a code that scripts and figures know a category by: its name in plain letters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = _OTHER_CHARACTERS.sub("-", plain).strip("-")[:MOST_CODE].strip("-") or "category"
    number = 1
    found = code
    while found in taken:
        number += 1
        found = f"{code[: MOST_CODE - len(str(number)) - 1]}-{number}"
    return found
