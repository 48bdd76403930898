"""Invitations: a mail to one invited person that a calendar program can answer (RFC 6047)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage

from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking import events, ical
from booking.actions import invitees as verbs
from booking.addresses import house_address, is_ours, room_address
from booking.config import Config
from booking.core.calendars import CalendarBooking, CalendarDate
from booking.core.invitees import Trouble
from booking.core.recurrence import to_local
from booking.core.values import Site, Space
from booking.core.visibility import MEMBERS_PART
from booking.db import db
from booking.i18n.days import as_written
from booking.ical import itip
from booking.ical.write import CalendarEvent, component, scheduling
from booking.invited import invitation_path
from booking.mail.compose import Words, envelope, speaking, spoken
from booking.mail.transport import Refused, send
from booking.queries import feed, houses
from booking.queries.categories import categories
from booking.queries.invitees import Standing, standing

FILE = "invite.ics"
REQUEST, CANCEL = "request", "cancel"


@dataclass(frozen=True, slots=True)
class News:
    """What a change was: the version that it made, and the dates that it took away, if only that.

    Version 0 is no change, but somebody who is invited or no longer invited.
    """

    version: int = 0
    gone: tuple[datetime, ...] = ()


NOTHING = News()


@dataclass(frozen=True, slots=True)
class _Letter:
    """What an invited person is to be told now."""

    standing: Standing
    booking: CalendarBooking
    method: str
    gone: tuple[datetime, ...] = ()

    @property
    def sequence(self) -> int:
        return self.booking.sequence + self.standing.ahead

    @property
    def version(self) -> int:
        return self.booking.view.version

    @property
    def is_update(self) -> bool:
        return bool(self.standing.told_method)


def deliver_invitation(
    invitee_id: int, config: Config, *, news: News = NOTHING, now: datetime
) -> bool:
    """Send an invited person what is news; return False where nothing is.

    What was sent is kept afterwards: a worker that dies in between lets the
    same mail be sent again, with the same Message-ID.

    Raises:
        OSError, smtplib.SMTPException: If it may be taken later.
    """
    session = db.session()
    known = standing(session, invitee_id)
    letter = _letter(session, known, news, now=now) if known else None
    if known is None or letter is None:
        session.rollback()
        return False
    trouble = _trouble(known, letter, config)
    mail = None if trouble else compose_invitation(session, letter, config, now=now)
    session.rollback()  # nothing is held while the other side answers
    if mail is not None:
        try:
            send(mail, config)
        except Refused:
            trouble = Trouble.REFUSED
    verbs.told(invitee_id, letter.method, letter.sequence, letter.version, trouble=trouble)
    return trouble is None


def _letter(session: Session, known: Standing, news: News, *, now: datetime) -> _Letter | None:
    """Return what is to be told, None where the person knows it, or it is over."""
    found = feed.bookings(session, feed.alone(known.invitee.booking_id))
    if not found or all(each.interval.end <= now for each in found[0].dates):
        return None
    takes_place = any(each.state.is_open for each in found[0].dates)
    method = REQUEST if known.is_invited and takes_place else CANCEL
    letter = _Letter(known, found[0], method)
    if method == CANCEL and known.told_method != REQUEST:
        return None
    is_known = (known.told_method, known.told_sequence) == (method, letter.sequence)
    if is_known and known.told_version >= news.version:
        return None
    # Nothing else has changed since the last mail: so these dates are all there is to say.
    told_before = known.told_method == REQUEST and known.told_version == news.version - 1
    if method == REQUEST and news.gone and told_before and letter.version == news.version:
        return replace(letter, gone=news.gone)
    return letter


def _trouble(known: Standing, letter: _Letter, config: Config) -> Trouble | None:
    if is_ours(known.invitee.email, config):
        return Trouble.OURS  # a mail to ourselves would be answered by ourselves
    return Trouble.OPTED_OUT if known.opted_out and letter.method == REQUEST else None


def compose_invitation(
    session: Session, letter: _Letter, config: Config, *, now: datetime
) -> EmailMessage:
    """Return the mail, in its reader's language."""
    known, booking = letter.standing, letter.booking
    ids = {each for date in booking.dates for each in date.space_ids}
    spaces = houses.spaces_by_id(session, ids)
    sites = {each.id: each for each in houses.sites(session)}
    site = sites[booking.view.site_id]
    language = spoken(known.locale, config)
    with speaking(language):
        said = _said(letter, spaces, site, config, now=now)
        mail = envelope(
            said,
            Address(known.invitee.name, addr_spec=known.invitee.email),
            config,
            key=f"invitee-{known.invitee.id}-{letter.version}-{known.ahead}-{letter.method}",
            at=now,
            language=language,
        )
        content = _calendar(session, letter, spaces, sites, config, now=now)
        named = {"name": _organiser(booking, site), "house": site.name}
        organiser = _("%(name)s via %(house)s", **named)
    sender = mail["From"].addresses[0]
    mail.replace_header("From", Address(organiser, addr_spec=sender.addr_spec))
    mail.add_header("Reply-To", house_address(config))
    mail.replace_header("List-Unsubscribe", f"<{_page(known, config)}>")
    method = "CANCEL" if letter.method == CANCEL or letter.gone else "REQUEST"
    attach(mail, content, method)
    return mail


def attach(mail: EmailMessage, content: bytes, method: str, *, name: str = FILE) -> None:
    """Add a calendar object to a mail, as a body (RFC 6047 §2.4) and as a file beside it."""
    mail.add_alternative(
        content.decode(),
        subtype="calendar",
        charset="utf-8",
        cte="base64",
        params={"method": method},
    )
    mail.add_attachment(
        content,
        maintype="application",
        subtype="ics",
        filename=name,
    )


def _page(known: Standing, config: Config) -> str:
    return config.public_url + invitation_path(known.invitee.id, config.signing_key())


def _organiser(booking: CalendarBooking, site: Site) -> str:
    return booking.view.organiser_name or site.name


def _said(
    letter: _Letter, spaces: Mapping[int, Space], site: Site, config: Config, *, now: datetime
) -> Words:
    known, booking = letter.standing, letter.booking
    title, page = booking.view.title, _page(known, config)
    name = _organiser(booking, site)
    coming = [each for each in booking.dates if each.state.is_open and each.interval.end > now]
    shown = [each for each in booking.dates if each.recurrence_id in letter.gone] or coming
    lines = [_first_line(letter, name, title)]
    lines += _when(letter, shown or [*booking.dates], site)
    if coming and letter.method == REQUEST and not letter.gone:
        lines.append(_where(coming[0], spaces, site))
        if any(each.state.value == "requested" for each in coming):
            lines.append(_("The room is asked for, and not confirmed yet."))
    asks = letter.method == REQUEST and not letter.gone
    answers = (
        (_("I come"), f"{page}#accepted"),
        (_("Perhaps"), f"{page}#tentative"),
        (_("I do not come"), f"{page}#declined"),
    )
    return Words(
        subject=_subject(letter, title),
        greeting=_("Hello %(name)s,", name=known.invitee.called),
        lines=tuple(lines),
        link=page,
        link_text=_("Open the invitation"),
        house=site.name,
        why=_(
            "You get this mail because %(name)s has invited you, by the room booking of"
            " %(house)s. It knows your address for this alone.",
            name=known.inviter_name or name,
            house=site.name,
        ),
        choose=_("No more invitations from here: %(url)s", url=page + "#none"),
        answers=answers if asks else (),
    )


def _subject(letter: _Letter, title: str) -> str:
    if letter.method == CANCEL or letter.gone:
        return _("Cancelled: %(title)s", title=title)
    if letter.is_update and letter.standing.told_method == REQUEST:
        return _("Invitation, changed: %(title)s", title=title)
    return _("Invitation: %(title)s", title=title)


def _first_line(letter: _Letter, name: str, title: str) -> str:
    if letter.gone:
        text = ngettext(
            "This date of “%(title)s” does not take place:",
            "These dates of “%(title)s” do not take place:",
            len(letter.gone),
            title=title,
        )
        return str(text)
    if letter.method == REQUEST:
        return _("%(name)s invites you: %(title)s", name=name, title=title)
    if letter.standing.is_invited:
        return _("“%(title)s” does not take place.", title=title)
    return _("You are no longer invited: %(title)s", title=title)


def _when(letter: _Letter, dates: Collection[CalendarDate], site: Site) -> list[str]:
    """Return the first date, and how many there are; all of them where they are called off."""
    all_day = letter.booking.view.all_day
    if letter.gone:
        return [_span(each, site.zone, all_day=all_day) for each in dates]
    first, *others = dates
    when = _span(first, site.zone, all_day=all_day)
    if not others:
        return [when]
    last = to_local([*others][-1].interval.start, site.zone)
    more = ngettext(
        "and one more date, on %(last)s",
        "and %(num)s more dates until %(last)s",
        len(others),
        last=day_words(last),
    )
    return [f"{when},\n{more}"]


def _where(date: CalendarDate, spaces: Mapping[int, Space], site: Site) -> str:
    names = (spaces[each].name for each in date.space_ids if each in spaces)
    return ", ".join(filter(None, (*names, site.name, site.address)))


def _span(date: CalendarDate, zone: str, *, all_day: bool) -> str:
    start, end = to_local(date.interval.start, zone), to_local(date.interval.end, zone)
    if all_day:
        return day_words(start)
    if start.date() == end.date():
        return _(
            "%(day)s, %(start)s–%(end)s",
            day=day_words(start),
            start=hour_words(start),
            end=hour_words(end),
        )
    return f"{day_words(start)}, {hour_words(start)} – {day_words(end)}, {hour_words(end)}"


def day_words(local: datetime) -> str:
    """Return a day with its weekday."""
    return as_written(format_datetime(local, "EEEE d MMMM y", rebase=False))


def hour_words(local: datetime) -> str:
    """Return an hour as the clock shows it."""
    return f"{local:%H:%M}"


def _calendar(
    session: Session,
    letter: _Letter,
    spaces: Mapping[int, Space],
    sites: Mapping[int, Site],
    config: Config,
    *,
    now: datetime,
) -> bytes:
    """Return the VCALENDAR of the mail: the booking, its rooms, and the invited person alone."""
    known, booking = letter.standing, letter.booking
    words = events.words(
        None,
        spaces,
        sites=sites,
        categories=categories(session),
        base=config.public_url,
        busy=False,
        key="",
    )
    words = replace(
        words,
        sight=lambda _view: MEMBERS_PART,  # not what is for the reception
        link=lambda _booking: _page(known, config),
    )
    uncounted = replace(booking, view=replace(booking.view, attendance=None))
    event = ical.event_of(uncounted, words)
    assert event is not None  # noqa: S101  what is not redacted is always there
    event = replace(event, stamp=now, sequence=letter.sequence, created=None)
    method, shown = "REQUEST", [event]
    if letter.gone:
        method, shown = "CANCEL", itip.dates_called_off(event, letter.gone)
    elif letter.method == CANCEL:
        method, shown = "CANCEL", [itip.called_off(event)]
    return _written(method, shown, letter, spaces, sites[booking.view.site_id], config)


def _written(
    method: str,
    shown: Iterable[CalendarEvent],
    letter: _Letter,
    spaces: Mapping[int, Space],
    site: Site,
    config: Config,
) -> bytes:
    known, organiser = letter.standing, _organiser(letter.booking, site)

    def rooms(ids: Iterable[int]) -> list[itip.Party]:
        there = (spaces[each] for each in ids if each in spaces)
        return [itip.Party(each.name, room_address(each, config)) for each in there]

    return scheduling(
        method,
        [
            component(
                itip.invitation(
                    each,
                    organiser=itip.Party(organiser, house_address(config)),
                    invited=itip.Party(known.invitee.called, known.invitee.email),
                    answer=known.invitee.answer,
                    dates=dict(known.invitee.dates),
                    rooms=rooms,
                    asks=method == "REQUEST",
                )
            )
            for each in shown
        ],
    )
