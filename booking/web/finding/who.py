"""Whom a search is for: as they stand in the address, and as they are typed.

Colleagues are named by their ids, and whoever is not one by the mail address that the
searcher typed: nobody learns from here who else has an account, or which address.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from booking.core.invitees import Answer
from booking.core.messages import message
from booking.core.values import BookingView
from booking.db import db
from booking.i18n import sentence
from booking.queries.busy import people_by_email
from booking.queries.invitees import invitees
from booking.web.bookings.guests import namable
from booking.web.context import actor
from booking.web.numbers import is_id

ME = "me"
MOST_TYPED = 20
MOST_OFFERED = 200  # names to choose from while somebody types
_PARTED = re.compile(r"[,;\n]")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is looked for; ``token`` stands in the address."""

    token: str
    id: int
    name: str


@dataclass(slots=True)
class Who:
    """Whom a search is for; ``which`` are those of whom one was meant, ``wrong`` says why not.

    ``names`` are offered while somebody types.
    """

    people: list[Person] = field(default_factory=list)
    which: list[Person] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    names: Sequence[str] = ()

    def add(self, person: Person) -> None:
        """Look for somebody, once."""
        if person.id not in {each.id for each in self.people}:
            self.people.append(person)


def read_who(args: "MultiDict[str, str]", booking: BookingView | None) -> Who:
    """Return whom an address asks for: at first the searcher, or who comes to a booking.

    Three statements at most.
    """
    called: dict[str, str] = {}
    tokens = [*dict.fromkeys(args.getlist("person"))]
    if booking is not None:
        called = _coming(booking)
    if "person" not in args and "who" not in args:
        tokens = [ME] if booking is None else [_organiser(booking), *called]
    known = namable()
    typed = [each.strip() for each in _PARTED.split(args.get("who", "")) if each.strip()]
    typed = typed[:MOST_TYPED]
    emails = [each.lower() for each in (*tokens, *typed) if "@" in each]
    accounts = people_by_email(db.session(), emails) if emails else {}
    found = Who(names=sorted({*known.values()}, key=str.casefold)[:MOST_OFFERED])
    for each in tokens:
        if (person := _person(each, known, accounts, called)) is not None:
            found.add(person)
    for each in typed:
        _take(found, each, known, accounts)
    return found


def _take(found: Who, typed: str, known: Mapping[int, str], accounts: Mapping[str, int]) -> None:
    """Add whoever is meant by what was typed, or say why nobody is."""
    if "@" in typed:
        person = _person(typed, known, accounts, {})
        if person is None:
            found.wrong.append(sentence(message("address_of_nobody", email=typed[:80])))
        else:
            found.add(person)
        return
    text = typed.casefold()
    exactly = [each for each, name in known.items() if name.casefold() == text]
    fitting = exactly or [each for each, name in known.items() if text in name.casefold()]
    if len(fitting) == 1:
        found.add(Person(str(fitting[0]), fitting[0], known[fitting[0]]))
    elif fitting:
        found.which += [Person(str(each), each, known[each]) for each in fitting[:MOST_TYPED]]
    else:
        found.wrong.append(sentence(message("person_of_no_name", name=typed[:80])))


def _person(
    token: str, known: Mapping[int, str], accounts: Mapping[str, int], called: Mapping[str, str]
) -> Person | None:
    me = actor()
    if token == ME and me.person_id is not None:
        return Person(ME, me.person_id, me.name)
    if is_id(token) and int(token) in known:
        return Person(token, int(token), known[int(token)])
    email = token.lower()
    if email not in accounts:
        return None
    person_id = accounts[email]
    if person_id == me.person_id:
        return Person(ME, person_id, me.name)
    name = called.get(email) or known.get(person_id, email)
    return Person(str(person_id) if person_id in known else email, person_id, name)


def _coming(booking: BookingView) -> dict[str, str]:
    """Return address -> name of those of the house who are invited and did not say no."""
    return {
        each.email: each.called
        for each in invitees(db.session(), booking.id)
        if each.person_id is not None and each.answer is not Answer.DECLINED
    }


def _organiser(booking: BookingView) -> str:
    mine = booking.organiser_id == actor().person_id
    return ME if mine else str(booking.organiser_id or "")
