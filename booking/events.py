"""What an event of a calendar says to its reader: in feeds, and in the files of mails."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from flask_babel import gettext as _

from booking import ical
from booking.core.calendars import Described
from booking.core.categories import CategoryView
from booking.core.values import Actor, Site, Space
from booking.core.visibility import BUSY, Sight, sight
from booking.i18n import category_names

MOST_TEXTS = 1024  # the same people book again and again


def words(
    reader: Actor | None,
    spaces: Mapping[int, Space],
    *,
    sites: Mapping[int, Site],
    categories: Iterable[CategoryView],
    base: str,
    busy: bool,
    key: str,
) -> ical.Words:
    """Return what events say to this reader, in the present language; ``busy`` redacts everything.

    ``reader`` None is anybody: what is public, without a person's name.

    ``base`` is the address of the service without a slash at its end; ``key``
    makes the uids of redacted events.
    """
    # Looked up once: a feed may have a thousand events.
    organisation, organiser = _("Organisation: %(name)s"), _("Organiser: %(name)s")
    people, note = _("People expected: %(count)s"), _("Note for the reception: %(note)s")

    @lru_cache(maxsize=MOST_TEXTS)
    def described(for_whom: str, by_whom: str, attendance: int | None, said: str) -> str:
        lines = []
        if for_whom:
            lines.append(organisation % {"name": for_whom})
        if by_whom:
            lines.append(organiser % {"name": by_whom})
        if attendance:
            lines.append(people % {"count": attendance})
        if said:
            lines.append(note % {"note": said})
        return "\n".join(lines)

    def describe(booking: Described, _sight: Sight) -> str:
        return described(
            booking.organisation_name, booking.organiser_name, booking.attendance, booking.note
        )

    @cache
    def locate(space_ids: tuple[int, ...]) -> str:
        if not space_ids:
            return ""
        site = sites[spaces[space_ids[0]].site_id]
        names = (spaces[space_id].name for space_id in space_ids)
        return ", ".join(filter(None, (*names, site.name, site.address)))

    return ical.Words(
        sight=lambda view: BUSY if busy else sight(view, reader),
        busy=_("Busy"),
        categories=category_names(categories),
        describe=describe,
        locate=locate,
        link=lambda booking: f"{base}/bookings/{booking.booking_id}",
        key=key,
    )
