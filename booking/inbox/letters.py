"""A mail as it came in: who sent it, to whom, and the calendar objects in it.

Whatever is in a mail, reading it raises nothing: what cannot be understood is not there.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.policy import compat32
from email.utils import getaddresses

from booking.core.checks import one_line
from booking.ical.reading.itip import Scheduling, scheduling_of

MOST_PARTS = 60
MOST_CALENDAR_BYTES = 1024 * 1024
MOST_RECIPIENTS = 200
MOST_SUBJECT = 200
_AUTOMATIC = re.compile(r"^\s*(bulk|junk|list|auto_reply)\s*$", re.IGNORECASE)
_CALENDARS = ("text/calendar", "application/ics")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says; ``sender`` is "" where it is not clear who that is.

    ``delivered`` is to whom the relay says that it came, ``recipients`` are all that it
    names.  ``results`` are its Authentication-Results, from the
    top.  ``content`` is the calendar object that ``scheduling`` was read from.
    """

    key: str
    sender: str
    delivered: tuple[str, ...]
    recipients: tuple[str, ...]
    subject: str
    is_automatic: bool
    results: tuple[str, ...]
    scheduling: Scheduling | None
    content: bytes = b""


def letter_of(raw: bytes) -> Letter:
    """Return what a mail says."""
    mail = message_from_bytes(raw, policy=compat32)
    delivered = _addresses(mail, ("Delivered-To", "X-Original-To", "Envelope-To"))
    content, scheduling = _calendar(mail)
    name = _header(mail, "Message-ID").strip() or hashlib.sha256(raw).hexdigest()
    return Letter(
        key=hashlib.sha256("\0".join((name, *delivered)).encode()).hexdigest(),
        sender=_sender(mail),
        delivered=delivered,
        recipients=_addresses(mail, ("To", "Cc")),
        subject=one_line(_decoded(_header(mail, "Subject")))[:MOST_SUBJECT],
        is_automatic=_is_automatic(mail),
        results=tuple(map(str, mail.get_all("Authentication-Results", ()))),
        scheduling=scheduling,
        content=content,
    )


def _sender(mail: Mail) -> str:
    """Return the address of From where it is one and only one; programs read others differently."""
    headers = [str(each) for each in mail.get_all("From", ())]
    if len(headers) != 1:
        return ""
    plain = _unfolded(headers[0])
    found = getaddresses([plain])
    if len(found) != 1 or found[0][1].count("@") != 1:
        return ""
    address = found[0][1].strip().lower()
    # Brackets twice, or blanks in an address: another program may read another one.
    is_clear = plain.count("<") < 2 and " " not in address and address.isprintable()
    return address if is_clear else ""


def _is_automatic(mail: Mail) -> bool:
    """Whether no person wrote it (RFC 3834 §5, RFC 5230 §4.6)."""
    said = _header(mail, "Auto-Submitted").split(";")[0].strip().lower()
    if said not in ("", "no"):
        return True
    if (
        _header(mail, "Return-Path").strip() == "<>"
        or mail.get_content_type() == "multipart/report"
    ):
        return True
    return bool(_AUTOMATIC.match(_header(mail, "Precedence"))) or "List-Id" in mail


def _calendar(mail: Mail) -> tuple[bytes, Scheduling | None]:
    """Return the first calendar object that says what it wants, by the body before files."""
    for part in _parts(mail):
        if part.get_content_type() not in _CALENDARS:
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or len(content) > MOST_CALENDAR_BYTES:
            continue
        if (found := scheduling_of(content)) is not None:
            return content, found
    return b"", None


def _parts(mail: Mail) -> Iterator[Mail]:
    """Yield the parts that are no containers; a mail within a mail is not ours to read."""
    stack: list[Mail] = [mail]
    for _ in range(MOST_PARTS):
        if not stack:
            return
        part = stack.pop(0)
        inner = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if isinstance(inner, list):
            stack[:0] = [each for each in inner if isinstance(each, Mail)]
        elif part.get_content_maintype() != "message":
            yield part


def _addresses(mail: Mail, names: Sequence[str]) -> tuple[str, ...]:
    headers = [_unfolded(str(each)) for name in names for each in mail.get_all(name, ())]
    found = (address.strip().lower() for _name, address in getaddresses(headers) if "@" in address)
    return tuple(dict.fromkeys(found))[:MOST_RECIPIENTS]


def _header(mail: Mail, name: str) -> str:
    return _unfolded(str(mail.get(name, "")))


def _unfolded(text: str) -> str:
    return " ".join(text.split())


def _decoded(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError, UnicodeError):
        return text
