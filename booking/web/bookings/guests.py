"""People of the house who are invited along with a new booking, as a search found them a time.

Colleagues are named by their ids, so that no address of theirs stands in a page or a link;
others by the mail address that whoever books has typed.
"""

from collections.abc import Iterable

from booking.core.invitees import Named
from booking.core.permissions import may_administer
from booking.db import db
from booking.queries.busy import people_by_id
from booking.queries.colleagues import colleagues, everybody
from booking.web.context import actor
from booking.web.numbers import is_id


def namable() -> dict[int, str]:
    """Return the people whose names the searcher may choose from, by id; one statement."""
    if may_administer(actor()):
        found = everybody(db.session())
    else:
        found = colleagues(db.session(), actor().organisations)
    return {each.person_id: each.name for each in found if each.person_id != actor().person_id}


def guests(tokens: Iterable[str]) -> list[Named]:
    """Return the people of tokens as they are invited; the searcher, and strangers, are not.

    Two statements at most.
    """
    asked = [*dict.fromkeys(tokens)]
    ids = [int(each) for each in asked if is_id(each)]
    known = namable() if ids else {}
    there = people_by_id(db.session(), [each for each in ids if each in known]) if ids else {}
    found = []
    for each in asked:
        if is_id(each) and int(each) in there:
            found.append(there[int(each)])
        elif "@" in each:
            found.append(Named(each))
    return found


def labels(tokens: Iterable[str]) -> list[tuple[str, str]]:
    """Return tokens with what to call each of them; those of nobody are left out."""
    asked = [*dict.fromkeys(tokens)]
    known = namable() if any(map(is_id, asked)) else {}
    return [
        (each, known.get(int(each), "") if is_id(each) else each)
        for each in asked
        if "@" in each or (is_id(each) and int(each) in known)
    ]
