"""Language, and the sentences behind message codes.

Below the doors a message is a code with parameters; here it becomes a
sentence in the reader's language.  msgids are English.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import force_locale, format_date, format_datetime, get_locale, gettext, ngettext

from booking.core.categories import CategoryView
from booking.core.imports.stored import message_from_json
from booking.core.messages import Message, Parameter
from booking.i18n.days import as_written
from booking.i18n.letting import INCLUDED, LEASE_STANDINGS
from booking.i18n.mails import FOR_APPROVERS, LINK_MAILS, NOTICE_GROUPS, NOTICES, SUBJECTS
from booking.i18n.names import (
    A_SPACE,
    BY_MAIL,
    CATEGORIES,
    DOORS,
    FEATURES,
    GUEST_FATES,
    IMPORT_FATES,
    JOB_KINDS,
    JOB_STANDINGS,
    LANGUAGES,
    ORGANISATION_KINDS,
    ROLES,
    SCHOOL_HOLIDAYS,
    SHEET_COLUMNS,
    SHEET_FATES,
    SHEET_KINDS,
    SPACE_KINDS,
    STANCES,
    STATES,
    THINGS,
    VISIBILITIES,
)
from booking.i18n.sentences import SENTENCES

__all__ = [
    "A_SPACE",
    "BY_MAIL",
    "CATEGORIES",
    "DOORS",
    "FEATURES",
    "FOR_APPROVERS",
    "GUEST_FATES",
    "IMPORT_FATES",
    "INCLUDED",
    "JOB_KINDS",
    "JOB_STANDINGS",
    "LANGUAGES",
    "LEASE_STANDINGS",
    "LINK_MAILS",
    "NOTICES",
    "NOTICE_GROUPS",
    "ORGANISATION_KINDS",
    "ROLES",
    "SCHOOL_HOLIDAYS",
    "SENTENCES",
    "SHEET_COLUMNS",
    "SHEET_FATES",
    "SHEET_KINDS",
    "SPACE_KINDS",
    "STANCES",
    "STATES",
    "SUBJECTS",
    "THINGS",
    "VISIBILITIES",
    "category_codes",
    "category_names",
    "hours_words",
    "length_words",
    "sentence",
    "spoken_params",
]


def category_names(categories: Iterable[CategoryView]) -> dict[str, str]:
    """Return code -> name in the reader's language: the house's own, else the product's."""
    language = str(get_locale())[:2]
    return {
        each.code: dict(each.names).get(language) or str(CATEGORIES.get(each.code, each.code))
        for each in categories
    }


def category_codes(categories: Iterable[CategoryView]) -> dict[str, str]:
    """Return what a text names, casefolded, by any name in any language; "" for what is archived.

    The house's own names come before the product's.
    """
    known = [*categories]
    found: dict[str, str] = {}
    for each in known:
        for _language, name in each.names:
            found.setdefault(name.casefold(), "" if each.is_archived else each.code)
    for language in LANGUAGES:
        with force_locale(language):
            for each in known:
                name = str(CATEGORIES.get(each.code, each.code)).casefold()
                found.setdefault(name, "" if each.is_archived else each.code)
    found.pop("", None)
    return found


def sentence(message: Message) -> str:
    """Return the message as a sentence in the reader's language."""
    if message.code == "not_found":
        return str(THINGS.get(str(message.params.get("kind")), gettext("There is no such thing.")))
    template = SENTENCES.get(message.code)
    if template is None:
        raise KeyError(f"no sentence for the message code {message.code!r}")
    return f"{template % spoken_params(message)}".rstrip()  # what ends in words may have none


def spoken_params(message: Message) -> dict[str, str]:
    """Return the message's parameters in the reader's language."""
    return {name: _spoken(name, value) for name, value in message.params.items()}


def _spoken(name: str, value: Parameter) -> str:
    if name in _IN_WORDS and isinstance(value, str):
        return _IN_WORDS[name](json.loads(value))
    if isinstance(value, datetime):
        rebased = value.tzinfo is not None
        return as_written(format_datetime(value, "EEEE d MMMM y, HH:mm", rebase=rebased))
    if isinstance(value, date):
        return as_written(format_date(value, "MMMM y" if name == "month" else "long"))
    if name.endswith("_hours") and isinstance(value, int):
        return hours_words(value)
    if name == "length" and isinstance(value, int):
        return length_words(value)
    if name == "column":
        return str(SHEET_COLUMNS.get(str(value), value))
    if name == "state":
        return str(STATES.get(str(value), value))
    return "" if value is None else str(value)


def _event_words(said: Sequence[str]) -> str:
    """Return an event of a calendar program: its title, and when."""
    title, start = said
    when = _spoken("start", datetime.fromisoformat(start)) if start else ""
    return ", ".join(filter(None, (title or gettext("an event"), when)))


def _why_words(reasons: Sequence[Sequence[Any]]) -> str:
    return " ".join(sentence(message_from_json(each)) for each in reasons)


def _free_words(offers: Sequence[tuple[str, str]]) -> str:
    return " · ".join(
        f"{rooms}, {_spoken('start', datetime.fromisoformat(start))}" for rooms, start in offers
    )


# What is put into words only where it is read; stored as JSON.
_IN_WORDS: Mapping[str, Callable[[Any], str]] = {
    "event": _event_words,
    "why": _why_words,
    "free": _free_words,
}


def hours_words(minutes: int) -> str:
    """Return a length of time in hours, however many: 14 h, 14 h 30."""
    hours, left = divmod(minutes, 60)
    if left and not hours:
        return gettext("%(minutes)s min", minutes=left)
    if left:
        return gettext("%(hours)s h %(minutes)02d", hours=hours, minutes=left)
    return gettext("%(hours)s h", hours=hours)


def length_words(minutes: int) -> str:
    """Return a length of time in words: 45 min, 1 h 30, 3 days."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    if days and not rest:
        return str(ngettext("%(num)s day", "%(num)s days", days))
    hours += 24 * days
    return (
        hours_words(60 * hours + left) if hours or left else gettext("%(minutes)s min", minutes=0)
    )
