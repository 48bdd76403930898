"""Who takes part: ORGANIZER and ATTENDEE lines, and the events of invitations (RFC 5546).

An invited person reads of itself and of the rooms alone: addresses of others are
their own business.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from booking.core.frozen import frozen
from booking.core.invitees import Answer
from booking.core.recurrence import to_utc
from booking.core.values import State
from booking.ical.text import dates as day_texts
from booking.ical.text import escape, fold, instant_text, plain
from booking.ical.write import CalendarEvent, CalendarOverride, Component, Status, scheduling

# What a room says in its own PARTSTAT.
_OF_ROOM = {
    Status.CONFIRMED: "ACCEPTED",
    Status.TENTATIVE: "TENTATIVE",
    Status.CANCELLED: "DECLINED",
}


# What a room answers when its request came to this.
OF_STATE = {
    State.CONFIRMED: "ACCEPTED",
    State.REQUESTED: "TENTATIVE",
    State.REFUSED: "DECLINED",
    State.CANCELLED: "DECLINED",
    State.EXPIRED: "DECLINED",
    State.SKIPPED: "DECLINED",
    State.CONFLICT: "DECLINED",
}


@frozen()
class Party:
    """Who organises or takes part: a name and a mail address."""

    name: str
    address: str


def organizer(party: Party) -> str:
    """Return the ORGANIZER line (RFC 5545 §3.8.4.3)."""
    return fold(f"ORGANIZER;CN={_quoted(party.name)}:mailto:{plain(party.address)}")


def attendee(party: Party, answer: Answer, *, asks: bool = False) -> str:
    """Return the ATTENDEE line of a person (RFC 5545 §3.8.4.1); ``asks`` for an answer."""
    rsvp = ";RSVP=TRUE" if asks else ""
    head = f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer.value.upper()}{rsvp}"
    return fold(f"{head};CN={_quoted(party.name)}:mailto:{plain(party.address)}")


def room(party: Party, status: Status) -> str:
    """Return the ATTENDEE line of a room: what became of its own request."""
    head = f"ATTENDEE;CUTYPE=ROOM;ROLE=NON-PARTICIPANT;PARTSTAT={_OF_ROOM[status]}"
    return fold(f"{head};CN={_quoted(party.name)}:mailto:{plain(party.address)}")


def room_answer(party: Party, state: State) -> str:
    """Return the ATTENDEE line of a room for whoever asked for it (RFC 6638 §3.2.9, §7.3).

    2.0: what was asked has reached the room.
    """
    head = f"ATTENDEE;CUTYPE=ROOM;ROLE=NON-PARTICIPANT;PARTSTAT={OF_STATE[state]}"
    return fold(
        f'{head};SCHEDULE-STATUS="2.0";CN={_quoted(party.name)}:mailto:{plain(party.address)}'
    )


def invitation(
    event: CalendarEvent,
    *,
    organiser: Party,
    invited: Party,
    answer: Answer,
    dates: Mapping[datetime, Answer],
    rooms: Callable[[Iterable[int]], Iterable[Party]],
    asks: bool,
) -> CalendarEvent:
    """Return an event as one invited person gets it.

    ``dates`` are answers about single dates by their local start; such a date is
    written out, so that the answer stays.
    """

    def people(shown: CalendarEvent | CalendarOverride, said: Answer) -> tuple[str, ...]:
        return (
            organizer(organiser),
            attendee(invited, said, asks=asks),
            *(room(each, shown.status) for each in rooms(shown.space_ids)),
        )

    there = {each.recurrence_id for each in event.overrides}
    left = {*event.exdates}
    own = [_as_usual(event, at) for at in dates if at not in there | left] if event.rule else []
    overrides = sorted((*event.overrides, *own), key=lambda each: each.recurrence_id)
    return replace(
        event,
        people=people(event, answer),
        overrides=tuple(
            replace(each, people=people(each, dates.get(each.recurrence_id, answer)))
            for each in overrides
        ),
    )


def reply(
    uid: str,
    sequence: int,
    *,
    organiser: Party,
    room: Party,
    says: str,
    dates: Mapping[datetime, str],
    zone: str,
    all_day: bool,
    stamp: datetime,
) -> bytes:
    """Return the answer of a room to a request (RFC 5546 §3.2.3).

    ``dates`` are single dates, by their local start in ``zone``, that were
    answered otherwise.
    """

    def event(answer: str, at: datetime | None) -> str:
        lines = ["BEGIN:VEVENT", fold(f"UID:{escape(uid)}"), f"DTSTAMP:{instant_text(stamp)}"]
        if at is not None:
            moment = day_texts("RECURRENCE-ID", at) if all_day else _instant(at, zone)
            lines.append(moment)
        lines += [
            f"SEQUENCE:{sequence}",
            organizer(organiser),
            fold(
                f"ATTENDEE;CUTYPE=ROOM;PARTSTAT={answer};CN={_quoted(room.name)}"
                f":mailto:{plain(room.address)}"
            ),
            "REQUEST-STATUS:2.0;Success",
            "END:VEVENT",
            "",
        ]
        return "\r\n".join(lines)

    events = [event(says, None), *(event(answer, at) for at, answer in sorted(dates.items()))]
    return scheduling("REPLY", [Component(each, "", 0, 0) for each in events])


def _instant(at: datetime, zone: str) -> str:
    return f"RECURRENCE-ID:{instant_text(to_utc(at, zone))}"


def called_off(event: CalendarEvent) -> CalendarEvent:
    """Return an event that does not take place, with all of its dates (RFC 5546 §3.2.5)."""
    return replace(event, status=Status.CANCELLED, overrides=())


def dates_called_off(event: CalendarEvent, gone: Iterable[datetime]) -> list[CalendarEvent]:
    """Return an event for each date of a series that takes place no more."""
    length = event.end - event.start
    return [
        replace(
            called_off(event),
            start=at,
            end=at + length,
            rule=None,
            rdates=(),
            exdates=(),
            recurrence_id=at,
        )
        for at in gone
    ]


def _as_usual(event: CalendarEvent, at: datetime) -> CalendarOverride:
    return CalendarOverride(
        recurrence_id=at,
        start=at,
        end=at + (event.end - event.start),
        status=event.status,
        summary=event.summary,
        description=event.description,
        location=event.location,
        space_ids=event.space_ids,
    )


def _quoted(name: str) -> str:
    """Return a parameter value (RFC 5545 §3.2), which cannot have a double quote."""
    return '"' + plain(name).replace('"', "'") + '"'
