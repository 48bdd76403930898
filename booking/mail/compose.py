"""The mail of a message: subject, text, HTML, and the booking as a calendar file."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
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
from booking.answering import OFFERS, REQUESTS, answer_path
from booking.config import Config
from booking.core import connections
from booking.core.calendars import CalendarBooking
from booking.core.mail_texts import filled
from booking.core.values import Actor, Door, Site, Space, State
from booking.i18n import LANGUAGES, SUBJECTS, sentence, spoken_params
from booking.queries import feed, houses
from booking.queries.categories import categories
from booking.queries.mail_texts import own_words
from booking.queries.notices import Letter
from booking.queries.people import viewer_of

FILE = "booking.ics"


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says; ``lines`` are paragraphs, ``link`` is where it leads.

    ``answers`` are in place of it where the mail asks something: text and address of each.
    """

    subject: str
    greeting: str
    lines: tuple[str, ...]
    link: str
    link_text: str
    house: str
    why: str
    choose: str
    answers: tuple[tuple[str, str], ...] = ()


def compose(session: Session, letter: Letter, config: Config, *, now: datetime) -> EmailMessage:
    """Return the mail of a message, in its reader's language."""
    language = spoken(letter.locale, config)
    booking_id = letter.notice.booking_id
    found = feed.bookings(session, feed.alone(booking_id)) if booking_id else []
    booking = next(iter(found), None)
    sites = {each.id: each for each in houses.sites(session)}
    site = sites.get(booking.view.site_id) if booking else next(iter(sites.values()), None)
    with speaking(language):
        words = _words(session, letter, site, config, language)
        mail = envelope(
            words,
            Address(letter.name, addr_spec=letter.email),
            config,
            key=f"notice-{letter.notice.id}-{letter.person_id}",
            at=letter.notice.at,
            language=language,
        )
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


def spoken(locale: str | None, config: Config) -> str:
    """Return the language of a mail: its reader's, else the house's."""
    return locale if locale in LANGUAGES else config.ui.default_language


def speaking(language: str) -> AbstractContextManager[None]:
    """Let sentences be in this language; English as Europe writes it, 24 hours a day."""
    locale: AbstractContextManager[None] = force_locale("en_GB" if language == "en" else language)
    return locale


def _words(
    session: Session, letter: Letter, site: Site | None, config: Config, language: str
) -> Words:
    message = letter.notice.message
    params = spoken_params(message)
    own = own_words(session, message.code, language)
    said = sentence(message)
    subject = SUBJECTS.get(message.code)
    house = site.name if site else _("Room booking")
    path, link_text = "/inbox", _("Open the inbox")
    if letter.notice.booking_id:
        path, link_text = f"/bookings/{letter.notice.booking_id}", _("Open the booking")
    elif message.code == "notice_slot_offered":
        path, link_text = "/waiting", _("Answer on the waiting list")
    elif message.code in ("notice_lease_ends", "notice_lease_decide"):
        path, link_text = "/our-leases", _("Open the leases")
    elif message.code == "notice_app_password":
        path, link_text = "/profile/devices", _("Open the list of calendar apps")
    elif message.code in connections.NOTICES:
        path, link_text = "/calendars/connections", _("Open your calendars")
    answers = _answers(letter, config)
    return Words(
        subject=filled(own.subject, params) or (f"{subject % params}" if subject else said),
        greeting=_("Hello %(name)s,", name=letter.name),
        lines=tuple(filled(own.body, params).split("\n\n")) if own.body else (said,),
        link=config.public_url + path,
        link_text=link_text,
        house=house,
        why=_("You get this mail because you have an account at %(house)s.", house=house),
        choose=_("Choose what you get by mail: %(url)s", url=config.public_url + "/profile"),
        answers=tuple((text, config.public_url + path) for text, path in answers),
    )


def _answers(letter: Letter, config: Config) -> tuple[tuple[str, str], ...]:
    """Return the answers to a question, each with the page that asks to confirm it."""
    code, booking_id = letter.notice.message.code, letter.notice.booking_id
    if booking_id is None:
        return ()
    if code in REQUESTS:
        page = answer_path(letter, config.signing_key())
        return (
            (_("Approve"), f"{page}#approve"),
            (_("Refuse with a reason"), f"{page}#refuse"),
            (_("Open the request"), f"/approvals/{booking_id}"),
        )
    if code in OFFERS:
        return (
            (_("Answer the offer"), answer_path(letter, config.signing_key())),
            (_("Open the booking"), f"/bookings/{booking_id}"),
        )
    if code == "notice_no_shows":
        page = f"/bookings/{booking_id}/needed?answer="
        return (_("It is needed"), f"{page}keep"), (_("End the series"), f"{page}end")
    if code in ("notice_season_asked", "notice_season_warned"):
        page = f"/bookings/{booking_id}/season?answer="
        return (_("Keep the place"), f"{page}keep"), (_("Give the place back"), f"{page}end")
    return ()


def envelope(
    words: Words, to: Address, config: Config, *, key: str, at: datetime, language: str
) -> EmailMessage:
    """Return a mail in text and HTML; the same ``key`` is the same mail."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = " ".join(words.subject.split())
    mail["From"] = config.mail.sender or f"booking@{config.host}"
    mail["To"] = to
    mail["Date"] = format_datetime(at.astimezone(UTC))
    mail["Message-ID"] = f"<{key}@{config.host}>"
    mail["Auto-Submitted"] = "auto-generated"
    if words.choose:
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
        reader,
        spaces,
        sites=sites,
        categories=categories(session),
        base=config.public_url,
        busy=False,
        key=str(letter.person_id),
    )
    event = ical.event_of(booking, words)
    if event is None or all(each.state is State.REFUSED for each in booking.dates):
        return None
    return ical.calendar(booking.view.title, [ical.component(event)])
