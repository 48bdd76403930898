"""What rooms answer replaces what an object said of them, and nothing else."""

from booking.ical import answered, unanswered

ALARM = "BEGIN:VALARM\nACTION:EMAIL\nATTENDEE:mailto:room-1@house\nEND:VALARM\n"
HEAD = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\n"
PEOPLE = "organizer;CN=A:mailto:a@b\nattendee;CN=Ann:MAILTO:ann@c\n"
TAIL = f"{ALARM}END:VEVENT\nEND:VCALENDAR\n"
ROOM = (
    "Attendee;CUTYPE=ROOM;CN=A long name of a room so that it is\n  folded:mailto:roo\n m-1@house\n"
)


def is_room(address: str) -> bool:
    return address.startswith("room-")


def test_only_rooms_are_left_out() -> None:
    text = HEAD + PEOPLE + TAIL
    assert unanswered(HEAD + ROOM + PEOPLE + ROOM + TAIL, is_room) == text
    assert unanswered(text, is_room) == text
    without = HEAD + ROOM + TAIL  # nobody invites
    assert unanswered(without, is_room) == without
    assert unanswered("BEGIN:VEVENT\nORGANIZER:mailto:a@b", is_room).endswith("mailto:a@b")


def test_answers_are_found_by_the_date_in_its_zone() -> None:
    zoned = "RECURRENCE-ID:20270311T090000Z\n"
    asked: list[str] = []

    def lines(place: str) -> list[str]:
        asked.append(place)
        return ["ATTENDEE:mailto:room-2@house"]

    found = answered(HEAD + zoned + PEOPLE + ROOM + TAIL, "Europe/Paris", is_room, lines)

    assert asked == ["20270311T100000"]
    organizer, ann, _end = PEOPLE.split("\n")
    added = f"{organizer}\nATTENDEE:mailto:room-2@house\r\n{ann}\n"
    assert found == HEAD + zoned + added + TAIL
