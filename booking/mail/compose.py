"""The mail of a message: subject, text, HTML, and the booking as a calendar file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking import events, ical
from booking.config import Config
from booking.core.calendars import CalendarBooking
from booking.core.values import Actor, Door, Site, Space, State
from booking.i18n import LANGUAGES, SUBJECTS, sentence, spoken_params
from booking.queries import feed, houses, notices
from booking.queries.notices import Letter
from booking.queries.people import viewer_of

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
FILE = "booking.ics"


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says; ``lines`` are paragraphs, ``link`` is where it leads."""

    subject: str
    greeting: str
    lines: tuple[str, ...]
    link: str
    link_text: str
    house: str
    why: str
    choose: str


def compose(session: Session, letter: Letter, config: Config, *, now: datetime) -> EmailMessage:
    """Return the mail of a message, in its reader's language."""
    language = letter.locale if letter.locale in LANGUAGES else config.ui.default_language
    found = (
        feed.booking_alone(session, letter.notice.booking_id) if letter.notice.booking_id else []
    )
    booking = next(iter(found), None)
    sites = {each.id: each for each in houses.sites(session)}
    site = sites.get(booking.view.site_id) if booking else next(iter(sites.values()), None)
    # English as Europe writes it: 24 hours a day.
    with force_locale("en_GB" if language == "en" else language):
        words = _words(session, letter, site, config, language)
        mail = _mail(words, letter, config, language)
        calendar = _calendar(session, letter, booking, sites, config, now=now)
    if calendar:
        mail.add_attachment(
            calendar,
            maintype="text",
            subtype="calendar",
            filename=FILE,
            params={"charset": "utf-8"},
        )
    return mail


def _words(
    session: Session, letter: Letter, site: Site | None, config: Config, language: str
) -> Words:
    message = letter.notice.message
    params = spoken_params(message)
    own_subject, own_body = notices.own_words(session, message.code, language)
    said = sentence(message)
    subject = SUBJECTS.get(message.code)
    house = site.name if site else _("Room booking")
    path = f"/bookings/{letter.notice.booking_id}" if letter.notice.booking_id else "/inbox"
    return Words(
        subject=_filled(own_subject, params) or (f"{subject % params}" if subject else said),
        greeting=_("Hello %(name)s,", name=letter.name),
        lines=tuple(_filled(own_body, params).split("\n\n")) if own_body else (said,),
        link=config.public_url + path,
        link_text=_("Open the booking") if letter.notice.booking_id else _("Open the inbox"),
        house=house,
        why=_("You get this mail because you have an account at %(house)s.", house=house),
        choose=_("Choose what you get by mail: %(url)s", url=config.public_url + "/profile"),
    )


def _filled(template: str, params: Mapping[str, str]) -> str:
    """Return an administrator's text with its ``{placeholders}``; unknown ones stay as they are."""
    return _PLACEHOLDER.sub(lambda found: params.get(found[1], found[0]), template)


def _mail(words: Words, letter: Letter, config: Config, language: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = " ".join(words.subject.split())
    mail["From"] = config.mail.sender or f"booking@{config.host}"
    mail["To"] = Address(letter.name, addr_spec=letter.email)
    mail["Date"] = format_datetime(letter.notice.at.astimezone(UTC))
    mail["Message-ID"] = f"<notice-{letter.notice.id}-{letter.person_id}@{config.host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<{config.public_url}/profile>"
    mail["Content-Language"] = language
    # Not through Flask: a mail has no request, no reader who is signed in and no page around it.
    templates = current_app.jinja_env
    mail.set_content(templates.get_template("mail/notice.txt").render(words=words), cte="8bit")
    mail.add_alternative(
        templates.get_template("mail/notice.html").render(words=words, language=language),
        subtype="html",
        cte="8bit",
    )
    return mail


def _calendar(
    session: Session,
    letter: Letter,
    booking: CalendarBooking | None,
    sites: Mapping[int, Site],
    config: Config,
    *,
    now: datetime,
) -> bytes | None:
    """Return the booking as its reader may see it, nothing of one that was refused."""
    if booking is None:
        return None
    viewer = viewer_of(session, letter.person_id, now=now)
    reader = viewer.actor if viewer else Actor(letter.person_id, letter.name, Door.SYSTEM)
    space_ids = {each for date in booking.dates for each in date.space_ids}
    spaces: Mapping[int, Space] = houses.spaces_by_id(session, space_ids)
    words = events.words(
        reader, spaces, sites=sites, base=config.public_url, busy=False, key=str(letter.person_id)
    )
    event = ical.event_of(booking, words)
    if event is None or all(each.state is State.REFUSED for each in booking.dates):
        return None
    return ical.calendar(booking.view.title, [event])
