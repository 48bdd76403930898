"""What a mail is, and why it is of no use where it is none: asked before anything is stored."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking.addresses import is_ours, space_named
from booking.config import Config
from booking.core.authentication import is_proven
from booking.core.invitees import GIVEN, Given
from booking.core.mail_in import Standing
from booking.core.mail_requests import MOST_ROOMS, MailWish
from booking.core.messages import Message, message
from booking.ical.reading.itip import Part, Scheduling, scheduling_of
from booking.inbox.letters import Letter
from booking.queries import houses
from booking.queries.invitees import asked_by
from booking.queries.mail_requests import asked_lately, member_by_email

Answers = list[tuple[int, Given]]
ASKING = frozenset({"REQUEST", "CANCEL"})
COPIES = timedelta(days=1)  # within which the mails of one event come to all of its rooms


def sorted_letter(
    session: Session, letter: Letter, config: Config, *, now: datetime
) -> Answers | MailWish | Message:
    """Return what a mail wants; a message says why it is set aside."""
    if not letter.sender:
        return message("mail_sender_unclear")
    if is_ours(letter.sender, config):
        return message("mail_from_ourselves")
    if letter.scheduling is None:
        return message("mail_automatic") if letter.is_automatic else message("mail_nothing")
    proven = is_proven(letter.results, letter.sender, config.mail_in.authserv_id)
    if letter.scheduling.method == "REPLY":
        if config.mail_in.authserv_id and not proven:
            return message("mail_unproven")
        return _answers(session, letter, letter.scheduling)
    if letter.scheduling.method in ASKING:
        return _wish(session, letter, letter.scheduling, config, proven=proven, now=now)
    return message("mail_other_method", method=letter.scheduling.method)


def _answers(session: Session, letter: Letter, said: Scheduling) -> Answers | Message:
    """Return the answers of a REPLY (RFC 5546 §3.2.3): one for each date that it names."""
    found = asked_by(session, said.uid, letter.sender)
    if found is None:
        return message("answer_unknown")
    if found.invitee_id is None:
        return message("answer_other_sender")
    answers = [(found.invitee_id, each) for each in _given(said, letter.sender, found.zone)]
    if not answers:
        return message("answer_unreadable")
    return answers


def _wish(
    session: Session,
    letter: Letter,
    said: Scheduling,
    config: Config,
    *,
    proven: bool,
    now: datetime,
) -> MailWish | Message:
    """Return the request of a member for the rooms that a mail was sent to, or invites."""
    rooms = rooms_of(session, letter, said, config)
    if not rooms:
        return message("mail_no_room")
    person_id = member_by_email(session, letter.sender)
    if person_id is None:
        return message("mail_not_member")
    if any(each.organizer not in ("", letter.sender) for each in said.parts):
        return message("mail_other_organizer")
    known = {
        room
        for room, state, content in asked_lately(session, person_id, since=now - COPIES)
        if room in rooms
        and (not proven or state != Standing.ASKS)
        and (other := scheduling_of(content)) is not None
        and other.version == said.version
    }
    new = tuple(each for each in rooms if each not in known)
    if not new:
        return message("mail_repeated")
    many = message("mail_many_rooms", most=MOST_ROOMS) if len(new) > MOST_ROOMS else None
    return MailWish(person_id, new, letter.content, proven, many)


def rooms_of(session: Session, letter: Letter, said: Scheduling, config: Config) -> tuple[int, ...]:
    """Return the rooms that a mail is about, in id order.

    A CANCEL is for those to which it came; who else is invited may stay (RFC 5546 §3.2.5).
    """
    came = _spaces(letter.delivered, config) or _spaces(letter.recipients, config)
    invited = listed(said, config)
    asked = (came or invited) if said.method == "CANCEL" else came | invited
    return tuple(sorted(houses.spaces_by_id(session, asked)))


def listed(said: Scheduling, config: Config) -> frozenset[int]:
    """Return the ids of the rooms that an object invites."""
    return _spaces((each.email for part in said.parts for each in part.attendees), config)


def _spaces(addresses: Iterable[str], config: Config) -> frozenset[int]:
    found = (space_named(each, config) for each in addresses)
    return frozenset(each for each in found if each is not None)


def _given(said: Scheduling, sender: str, zone: str) -> Iterator[Given]:
    for part in said.parts:
        answer = next((each.answer for each in part.attendees if each.email == sender), None)
        if answer is not None and answer in GIVEN and part.stamp is not None:
            yield Given(answer, part.sequence, part.stamp, _date(said, part, zone))


def _date(said: Scheduling, part: Part, zone: str) -> datetime | None:
    return None if part.at is None else said.local(part.at, zone)
