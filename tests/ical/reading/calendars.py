"""Short ways to write calendars for the tests of the reader."""


def event(*lines: str, uid: str = "one", summary: str = "Choir") -> str:
    """Return a VEVENT; without a DTSTART of its own, an hour on Thursday 11 March 2027."""
    given = {each.partition(":")[0].partition(";")[0] for each in lines}
    usual = [f"UID:{uid}"] if uid else []
    usual += [f"SUMMARY:{summary}"] if "SUMMARY" not in given else []
    if "DTSTART" not in given:
        usual.append("DTSTART;TZID=Europe/Paris:20270311T090000")
    if not given & {"DTEND", "DURATION", "DTSTART"}:
        usual.append("DTEND;TZID=Europe/Paris:20270311T100000")
    return "\r\n".join(["BEGIN:VEVENT", *usual, *lines, "END:VEVENT"])


def calendar(*parts: str) -> bytes:
    """Return a VCALENDAR of events and other lines."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""]).encode()
