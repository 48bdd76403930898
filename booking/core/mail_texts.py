"""Words that an administrator gives a mail in place of ours: plain text with ``{placeholders}``."""

import re
from collections.abc import Mapping

from booking.core.errors import InvalidRequest

MOST_SUBJECT = 150
MOST_BODY = 4_000
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BOOKING = ("title", "space", "start")
_SEASON = ("title", "space", "last")
_LEASE = ("space", "organisation", "last")
_LINK = ("name", "house", "inviter", "until")
# What each kind of mail can name.
KINDS: Mapping[str, tuple[str, ...]] = {
    "notice_requested": ("actor", *_BOOKING),
    "notice_request_changed": ("actor", *_BOOKING),
    "notice_approved": (*_BOOKING, "reason"),
    "notice_refused": (*_BOOKING, "reason"),
    "notice_offered": (*_BOOKING, "reason", "instead", "at"),
    "notice_dates_offered": (*_BOOKING, "reason", "number"),
    "notice_proposed": ("actor", "title", "start", "instead", "at", "words"),
    "notice_accepted": ("actor", *_BOOKING),
    "notice_declined": ("actor", *_BOOKING),
    "notice_changed": ("actor", *_BOOKING),
    "notice_cancelled": ("actor", *_BOOKING, "reason"),
    "notice_displaced": ("actor", *_BOOKING, "reason"),
    "notice_displaced_offered": ("actor", *_BOOKING, "reason", "instead", "at"),
    "notice_dates_displaced": ("actor", *_BOOKING, "reason", "number", "offered"),
    "notice_booked_for_you": ("actor", *_BOOKING),
    "notice_handed_over": ("actor", *_BOOKING, "words"),
    "notice_handed_on": ("actor", *_BOOKING, "person"),
    "notice_swap_proposed": ("actor", *_BOOKING, "instead", "at", "words"),
    "notice_swapped": ("actor", *_BOOKING),
    "notice_swap_declined": ("actor", *_BOOKING),
    "notice_reminder": _BOOKING,
    "notice_conflict": (*_BOOKING, "number"),
    "notice_over_limit": (*_BOOKING, "number"),
    "notice_retimed": (*_BOOKING, "number", "zone"),
    "notice_expiring": (*_BOOKING, "at"),
    "notice_expired": _BOOKING,
    "notice_slot_offered": (*_BOOKING, "at"),
    "notice_claimed": _BOOKING,
    "notice_claim_asked": _BOOKING,
    "notice_no_show": _BOOKING,
    "notice_no_shows": (*_BOOKING, "number"),
    "notice_season_asked": (*_SEASON, "answer_by"),
    "notice_season_warned": (*_SEASON, "answer_by"),
    "notice_season_ended": _SEASON,
    "notice_season_kept": ("actor", *_SEASON),
    "notice_season_given_back": ("actor", *_SEASON),
    "notice_lease_ends": _LEASE,
    "notice_lease_decide": (*_LEASE, "decide_by"),
    "notice_app_password": ("device",),
    "notice_calendar_stopped": ("name", "host"),
    "notice_calendar_failing": ("name", "host"),
    "notice_object_refused": ("event", "why"),
    "notice_object_taken": ("event", "free"),
    "notice_calendar_asks": ("title", "name"),
    "link_invitation": _LINK,
    "link_password": _LINK,
}


def filled(template: str, params: Mapping[str, str]) -> str:
    """Return a text with its ``{placeholders}`` filled in; unknown ones stay as they are."""
    return _PLACEHOLDER.sub(lambda found: params.get(found[1], found[0]), template)


def checked_words(kind: str, subject: str, body: str) -> tuple[str, str]:
    """Return subject and text of a kind of mail, tidied; both empty means ours.

    Raises:
        InvalidRequest: If one is too long, or names what this kind does not know.
    """
    subject = " ".join(subject.split())
    body = "\n".join(line.rstrip() for line in body.replace("\r\n", "\n").split("\n")).strip()
    for name, text, most in (("subject", subject, MOST_SUBJECT), ("body", body, MOST_BODY)):
        if len(text) > most:
            raise InvalidRequest.because("name_too_long", name, limit=most)
        if not all(each.isprintable() or each == "\n" for each in text):
            raise InvalidRequest.because("text_unprintable", name)
        for placeholder in _PLACEHOLDER.findall(text):
            if placeholder not in KINDS[kind]:
                known = " ".join(f"{{{each}}}" for each in KINDS[kind])
                raise InvalidRequest.because(
                    "placeholder_unknown", name, name=f"{{{placeholder}}}", known=known
                )
    return subject, body
