"""What the house answers to a booking by mail: an iTIP REPLY of the room (RFC 5546 §3.2.3)."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from booking.actions import mail_requests as verbs
from booking.addresses import house_address, room_address
from booking.asked_by_mail import confirm_path
from booking.config import Config
from booking.core.errors import InvalidRequest
from booking.core.mail_requests import VALID, Free, MailRequest, read_messages
from booking.core.recurrence import to_local, to_utc
from booking.core.values import BookingView, Site, Space, State, combined_state
from booking.db import db
from booking.i18n import sentence
from booking.ical import itip
from booking.ical.reading import read_one
from booking.ical.reading.itip import Scheduling, scheduling_of
from booking.mail.compose import Words, envelope, speaking, spoken
from booking.mail.inviting import attach, day_words, hour_words
from booking.mail.transport import send
from booking.queries import agenda, houses
from booking.queries.mail_requests import asked_before, mail_request, rooms_of_mail

MOST_DATES = 400


def deliver_room_answer(received_id: int, config: Config, *, now: datetime) -> bool:
    """Send what became of a request, where that is news; return False where it is not.

    Run when it is booked, and again whenever the booking changes: an approver has
    answered, somebody has cancelled it.  Raises as ``deliver_invitation``.
    """
    session = db.session()
    asked = mail_request(session, received_id)
    said = scheduling_of(asked.content) if asked else None
    if asked is None or said is None or not asked.is_newest:
        session.rollback()
        return False
    booking = agenda.booking(session, asked.booking_id) if asked.booking_id else None
    beside = set()
    if booking is not None:
        before = asked_before(session, asked.id, booking.id, asked.person_id)
        beside = {space_id for space_id, _content in before} - {asked.space_id}
    answer = _Answer(asked, said, booking, beside)
    told = answer.digest
    if told == asked.told:
        session.rollback()
        return False
    mail = _composed(session, answer, config, now=now)
    session.rollback()
    send(mail, config)
    verbs.was_answered(received_id, told)
    return True


def deliver_question(received_id: int, config: Config, *, now: datetime) -> bool:
    """Ask whether somebody has sent a request; False where it was answered meanwhile."""
    session = db.session()
    asked = mail_request(session, received_id)
    if asked is None or asked.state != "asks":
        session.rollback()
        return False
    asked_for = rooms_of_mail(session, asked.id)
    spaces = houses.spaces_by_id(session, asked_for)
    site = houses.site(session, spaces[asked.space_id].site_id)
    session.rollback()
    rooms = ", ".join(spaces[each].name for each in asked_for)
    language = spoken(asked.locale, config)
    path = confirm_path(asked.id, config.signing_key())
    with speaking(language):
        words = Words(
            subject=_("Is this from you? A booking of %(space)s", space=rooms),
            greeting=_("Hello %(name)s,", name=asked.name),
            lines=(
                _(
                    "A mail in your name asks for %(space)s. Its mail server does not vouch for it,"
                    " so nothing is booked until you say that it is yours.",
                    space=rooms,
                ),
                ngettext(
                    "The link works for one day.",
                    "The link works for %(num)s days.",
                    VALID.days,
                ),
            ),
            link=config.public_url + path,
            link_text=_("Look at it and confirm"),
            house=site.name,
            why=_("If it is not yours, nothing has to be done: nothing is booked."),
            choose="",
        )
        mail = envelope(
            words,
            Address(asked.name, addr_spec=asked.email),
            config,
            key=f"asked-{asked.id}",
            at=now,
            language=language,
        )
    send(mail, config)
    return True


class _Answer:
    """What one room was asked, and what became of it, date by date.

    ``beside`` are other rooms that were asked for with it.
    """

    def __init__(
        self,
        asked: MailRequest,
        said: Scheduling,
        booking: BookingView | None,
        beside: Collection[int],
    ) -> None:
        self.asked, self.said = asked, said
        self.is_declined = asked.answer.get("said") == "declined"
        self.booking = None if self.is_declined else booking
        self.dates = _states(self.booking, asked.space_id, beside) if self.booking else {}

    @property
    def state(self) -> State:
        """What became of it as a whole; REFUSED where nothing was booked."""
        if self.booking is None:
            return State.REFUSED
        open_states = {each for each in self.dates.values() if each.is_open}
        return combined_state(open_states or set(self.dates.values()))

    @property
    def missing(self) -> list[datetime]:
        """The dates that do not take place, where others do."""
        if not self.state.is_open:
            return []
        return sorted(at for at, each in self.dates.items() if not each.is_open)[:MOST_DATES]

    @property
    def digest(self) -> str:
        """What tells one answer from another."""
        dates = sorted((at.isoformat(), each.value) for at, each in self.dates.items())
        text = repr((self.state.value, self.is_declined, dates, self.said.sequence))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def _states(booking: BookingView, space_id: int, beside: Collection[int]) -> dict[datetime, State]:
    """Return what became of each date, in the room or where it was moved.

    A room that is left while others stay that were asked for with it has moved nowhere.
    """
    rooms = {each.space_id for each in booking.occurrences}
    if space_id not in rooms and rooms & {*beside}:
        return {each.recurrence_id: State.CANCELLED for each in booking.occurrences}
    found: dict[datetime, dict[int, State]] = {}
    for each in booking.occurrences:
        found.setdefault(each.recurrence_id, {})[each.space_id] = each.state
    return {
        at: states.get(space_id, combined_state({*states.values()})) for at, states in found.items()
    }


def _composed(session: Session, answer: _Answer, config: Config, *, now: datetime) -> EmailMessage:
    asked = answer.asked
    space = houses.spaces_by_id(session, [asked.space_id])[asked.space_id]
    site = houses.site(session, space.site_id)
    others = {each.id: each for each in houses.spaces(session, site.id)}
    language = spoken(asked.locale, config)
    with speaking(language):
        words = _words(answer, space, site, others, config)
        mail = envelope(
            words,
            Address(asked.name, addr_spec=asked.email),
            config,
            key=f"room-{asked.id}-{answer.digest}",
            at=now,
            language=language,
        )
    sender = mail["From"].addresses[0]
    mail.replace_header("From", Address(space.name, addr_spec=sender.addr_spec))
    mail.replace_header("Auto-Submitted", "auto-replied")
    mail.add_header("Reply-To", room_address(space, config))
    if answer.said.method == "REQUEST":
        attach(mail, _reply(answer, space, config, now=now), "REPLY", name="reply.ics")
    return mail


def _reply(answer: _Answer, space: Space, config: Config, *, now: datetime) -> bytes:
    room = itip.Party(space.name, room_address(space, config))
    organiser = next((each.organizer for each in answer.said.parts if each.organizer), "")
    organiser = organiser or answer.asked.email
    zone = answer.booking.zone if answer.booking else "UTC"
    return itip.reply(
        answer.said.uid,
        answer.said.sequence,
        organiser=itip.Party(answer.asked.name, organiser or house_address(config)),
        room=room,
        says=itip.OF_STATE[answer.state],
        dates={
            at: itip.OF_STATE[each]
            for at, each in list(answer.dates.items())[:MOST_DATES]
            if len(answer.dates) > 1 and itip.OF_STATE[each] != itip.OF_STATE[answer.state]
        },
        zone=zone,
        all_day=bool(answer.booking and answer.booking.all_day),
        stamp=now,
    )


def _words(
    answer: _Answer, space: Space, site: Site, spaces: Mapping[int, Space], config: Config
) -> Words:
    title, when = _asked_for(answer, space, site)
    link = f"/bookings/{answer.booking.id}" if answer.booking else "/find"
    return Words(
        subject=_subject(answer.state, title),
        greeting=_("Hello %(name)s,", name=answer.asked.name),
        lines=(*_lines(answer, space, spaces, f"{title}, {when}" if when else title),),
        link=config.public_url + link,
        link_text=_("Open the booking") if answer.booking else _("Find a room"),
        house=site.name,
        why=_(
            "You get this mail because a mail from you asked for a room of %(house)s.",
            house=site.name,
        ),
        choose="",
    )


def _subject(state: State, title: str) -> str:
    if state is State.CONFIRMED:
        return _("Accepted: %(title)s", title=title)
    if state is State.REQUESTED:
        return _("Asked for: %(title)s", title=title)
    if state is State.CANCELLED:
        return _("Cancelled: %(title)s", title=title)
    return _("Declined: %(title)s", title=title)


def _asked_for(answer: _Answer, space: Space, site: Site) -> tuple[str, str]:
    """Return the title of what was asked for, and when it is, as far as it can be read."""
    title = answer.booking.title if answer.booking else space.name
    try:
        event = read_one(answer.asked.content, zone=site.zone)
    except InvalidRequest:
        return title, ""
    start, end = (
        to_local(to_utc(each, event.zone), site.zone) for each in (event.start, event.end)
    )
    if event.all_day:
        return event.title or title, day_words(event.start)
    return event.title or title, f"{day_words(start)}, {hour_words(start)}–{hour_words(end)}"


def _lines(answer: _Answer, space: Space, spaces: Mapping[int, Space], asked_for: str) -> list[str]:
    state, said = answer.state, [asked_for]
    if state is State.CONFIRMED:
        said.append(_("%(space)s is booked for you.", space=space.name))
    elif state is State.REQUESTED:
        said.append(
            _(
                "%(space)s is asked for: an approver has to agree. You get another mail then.",
                space=space.name,
            )
        )
    elif state is State.CANCELLED:
        said.append(_("%(space)s is not booked for you any more.", space=space.name))
    else:
        said.append(_("%(space)s is not booked.", space=space.name))
    said += [sentence(each) for each in read_messages(answer.asked.answer.get("reasons"))]
    if answer.missing:
        dates = ", ".join(map(day_words, answer.missing[:20]))
        said.append(_("Without these dates, which cannot be had: %(dates)s", dates=dates))
    stored = answer.asked.answer.get("free")
    free = [Free.from_json(each) for each in stored] if isinstance(stored, list) else []
    if free:
        said += [_("Free instead:"), *(_free(each, spaces) for each in free)]
    return said


def _free(free: Free, spaces: Mapping[int, Space]) -> str:
    names = ", ".join(spaces[each].name for each in free.space_ids if each in spaces)
    when = f"{day_words(free.start)}, {hour_words(free.start)}–{hour_words(free.end)}"
    return f"– {names}, {when}"
