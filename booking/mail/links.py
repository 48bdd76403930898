"""The mail of a one-time link: an invitation, or a new password."""

from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.config import Config
from booking.core.mail_texts import filled
from booking.i18n.days import as_written
from booking.mail.compose import Words, envelope, speaking, spoken
from booking.queries import houses
from booking.queries.mail_texts import own_words
from booking.queries.people import LinkView


def compose_link(
    session: Session, link: LinkView, secret: str, config: Config, *, now: datetime
) -> EmailMessage:
    """Return the mail with a link that works once, in its reader's language.

    An invited person has not chosen a language: it is that of whoever invites.
    """
    language = spoken(link.locale, config)
    site = next(iter(houses.sites(session)), None)
    with speaking(language):
        until = link.expires_at.astimezone(ZoneInfo(site.zone if site else "UTC"))
        said = {
            "name": link.name or link.email,
            "house": site.name if site else _("Room booking"),
            "inviter": link.invited_by,
            "until": as_written(format_datetime(until, "EEEE d MMMM y, HH:mm", rebase=False)),
        }
        kind = "link_password" if link.person_id else "link_invitation"
        words = _words(kind, said, f"{config.public_url}/invitations/{secret}")
        words = _own(session, words, kind, said, language)
        return envelope(
            words,
            Address(link.name, addr_spec=link.email),
            config,
            key=f"link-{link.id}-{int(now.timestamp())}",
            at=now,
            language=language,
        )


def _words(kind: str, said: dict[str, str], url: str) -> Words:
    once = _("The link works once, until %(until)s.", **said)
    greeting = _("Hello %(name)s,", **said)
    if kind == "link_password":
        return Words(
            subject=_("A new password for %(house)s", **said),
            greeting=greeting,
            lines=(_("With this link you choose a new password."), once),
            link=url,
            link_text=_("Choose a new password"),
            house=said["house"],
            why=_("If you did not ask for it, nothing has to be done: your password stays."),
            choose="",
        )
    if said["inviter"]:
        invites = _("%(inviter)s invites you to book rooms at %(house)s.", **said)
    else:
        invites = _("You are invited to book rooms at %(house)s.", **said)
    return Words(
        subject=_("Your account at %(house)s", **said),
        greeting=greeting,
        lines=(invites, once),
        link=url,
        link_text=_("Choose a password and come in"),
        house=said["house"],
        why=_("If you do not know why you get this mail, do nothing: no account is made."),
        choose="",
    )


def _own(session: Session, words: Words, kind: str, said: dict[str, str], language: str) -> Words:
    """Put an administrator's words in place of ours."""
    own = own_words(session, kind, language)
    return replace(
        words,
        subject=filled(own.subject, said) or words.subject,
        lines=tuple(filled(own.body, said).split("\n\n")) if own.body else words.lines,
    )
