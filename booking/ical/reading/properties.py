"""The properties of one event: unfolded, decoded, with their parameters (RFC 5545 §3.1, §3.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from booking.ical.reading.limits import MOST_EVENT_BYTES, MOST_LINE

# What is of use; all else (alarms, attachments, what others invented) is passed over.
WANTED = frozenset(
    {
        "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE",
        "RECURRENCE-ID", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "CLASS", "CATEGORIES",
        "SEQUENCE", "LAST-MODIFIED", "DTSTAMP", "TZOFFSETTO", "TZOFFSETFROM", "X-LIC-LOCATION",
    }
)  # fmt: skip
_FOLD = re.compile(rb"\r?\n[ \t]")
_LINE = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)',
    re.DOTALL,
)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";,])*)')
_IN_LIST = re.compile(r"(?:\\.|[^,\\])+")
_ESCAPED = re.compile(r'\\([nN,;\\:"])')


class Property(NamedTuple):
    """A content line; parameter names are upper case, of a list the first value counts."""

    name: str
    params: dict[str, str]
    value: str


@dataclass(slots=True)
class Properties:
    """What one component says, by name in the order of its lines; ``inner`` are its parts.

    ``broken`` counts the lines that are none, ``foreign`` those that are not in UTF-8,
    ``long`` those that were passed over for their size.
    """

    name: str
    lines: dict[str, list[Property]] = field(default_factory=dict)
    inner: list["Properties"] = field(default_factory=list)
    broken: int = 0
    foreign: int = 0
    long: int = 0

    def first(self, name: str) -> Property | None:
        """Return the first property of a name."""
        found = self.lines.get(name)
        return found[0] if found else None

    def value(self, name: str) -> str:
        """Return the value of the first property of a name, "" without one."""
        found = self.lines.get(name)
        return found[0].value.strip() if found else ""

    def text(self, name: str) -> str:
        """Return the first TEXT of a name as it was meant (RFC 5545 §3.3.11)."""
        found = self.lines.get(name)
        return unescaped(found[0].value) if found else ""

    def texts(self, name: str) -> list[str]:
        """Return all TEXTs of a name, of lists as well (RFC 5545 §3.8.1.2)."""
        return [text for each in self.lines.get(name, ()) for text in texts_in(each.value)]


def texts_in(value: str) -> list[str]:
    """Return the texts of a list, without blanks around them; empty ones are left out."""
    found = (unescaped(each).strip() for each in _IN_LIST.findall(value))
    return [each for each in found if each]


def unescaped(text: str) -> str:
    """Return a TEXT value without its escapes; unknown ones stay as they are."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)


def properties(
    raw: bytes, name: str = "VEVENT", *, also: frozenset[str] = frozenset()
) -> Properties:
    """Return what the raw lines of a component say, with its parts as ``inner``.

    The BEGIN and END of the component itself may be there or not.  ``also`` are
    names of properties that are of use besides the usual ones.
    """
    whole = Properties(name)
    stack = [whole]
    wanted = WANTED | also if also else WANTED
    if len(raw) > MOST_EVENT_BYTES:
        raw, whole.long = raw[:MOST_EVENT_BYTES], 1
    for line in _lines(raw):
        head = line[:6].upper()
        if head == b"BEGIN:":
            inner = line[6:46].decode("ascii", "replace").strip().upper()
            if inner != name or len(stack) > 1:
                stack.append(Properties(inner))
                stack[-2].inner.append(stack[-1])
        elif head[:4] == b"END:":
            if len(stack) > 1:
                stack.pop()
        else:
            _take(line, stack[-1], whole, wanted)
    return whole


def _lines(raw: bytes) -> Iterator[bytes]:
    for line in _FOLD.sub(b"", raw).split(b"\n"):
        if line := line.rstrip(b"\r"):
            yield line


def _take(line: bytes, into: Properties, whole: Properties, wanted: frozenset[str]) -> None:
    if len(line) > MOST_LINE:
        whole.long += 1
        return
    name, colon, _ = line[:60].partition(b":")
    if not colon and b":" not in line:
        whole.broken += bool(line.strip())
        return
    key = name.partition(b";")[0].strip().upper().decode("ascii", "replace")
    if key not in wanted:
        return
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode("cp1252", "replace")
        whole.foreign += 1
    found = _LINE.match(text.lstrip())
    if found is None:
        whole.broken += 1
        return
    params: dict[str, str] = {}
    if found[2]:
        for each in _PARAMETER.finditer(found[2]):
            params.setdefault(each[1].upper(), each[2].strip('"'))
    into.lines.setdefault(key, []).append(Property(key, params, found[3]))
