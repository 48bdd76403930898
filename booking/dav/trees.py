"""A calendar object as a tree of components and content lines (RFC 5545 §3.1, §3.6).

Any component, any property: what filters look through, what partial retrieval
and expansion write anew.  Lines are looked into only where somebody asks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from booking.ical import fold
from booking.ical.reading.properties import unescaped

MOST_LINES = 20_000
MOST_DEPTH = 8
_FOLDED = re.compile(r"\r?\n[ \t]")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')


class BadCalendar(Exception):
    """The text is no calendar object."""


@dataclass(slots=True)
class Line:
    """A content line, unfolded: its name in upper case, and the whole of it."""

    name: str
    text: str

    @property
    def value(self) -> str:
        """The value as it stands there."""
        return self.text[self._value_at() :]

    @property
    def words(self) -> str:
        """The value as a text was meant."""
        return unescaped(self.value)

    @property
    def params(self) -> dict[str, str]:
        """The parameters by name in upper case, quotes taken away."""
        head = self.text[len(self.name) : self._value_at() - 1]
        found = _PARAMETER.finditer(head)
        return {each[1].upper(): each[2].replace('"', "") for each in found}

    def _value_at(self) -> int:
        at, quoted = len(self.name), False
        for at in range(len(self.name), len(self.text)):
            character = self.text[at]
            if character == '"':
                quoted = not quoted
            elif character == ":" and not quoted:
                return at + 1
        return at + 1


@dataclass(slots=True)
class Tree:
    """A component: its name, its lines in order, its inner components."""

    name: str
    lines: list[Line] = field(default_factory=list)
    inner: list["Tree"] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        """Return the lines of a name."""
        return [each for each in self.lines if each.name == name]

    def first(self, name: str) -> Line | None:
        """Return the first line of a name."""
        return next((each for each in self.lines if each.name == name), None)

    def value(self, name: str) -> str:
        """Return the value of the first line of a name, "" without one."""
        found = self.first(name)
        return found.value.strip() if found else ""

    def components(self, name: str) -> list["Tree"]:
        """Return the inner components of a name."""
        return [each for each in self.inner if each.name == name]

    def text(self) -> str:
        """Return it as content lines, folded, each ended by CRLF."""
        return "".join(f"{each}\r\n" for each in self._written())

    def _written(self) -> Iterator[str]:
        yield f"BEGIN:{self.name}"
        for line in self.lines:
            yield fold(line.text)
        for each in self.inner:
            yield from each._written()
        yield f"END:{self.name}"


def line(text: str) -> Line:
    """Return a content line.

    Raises:
        BadCalendar: If it has no name, or no value.
    """
    found = _NAME.match(text)
    if found is None or ":" not in text or text[found.end()] not in ";:":
        raise BadCalendar(f"not a content line: {text[:40]!r}")
    return Line(found[0].upper(), text)


def parsed(text: str) -> Tree:
    """Return the tree of one calendar object.

    Raises:
        BadCalendar: If it is not one VCALENDAR with well-formed lines, or has too many.
    """
    root = Tree("")
    stack = [root]
    rows = _FOLDED.sub("", text).splitlines()
    if len(rows) > MOST_LINES:
        raise BadCalendar("too many lines")
    for row in rows:
        if not row.strip():
            continue
        found = line(row)
        if found.name == "BEGIN":
            stack.append(Tree(found.value.strip().upper()))
            stack[-2].inner.append(stack[-1])
            if len(stack) > MOST_DEPTH:
                raise BadCalendar("too many components within each other")
        elif found.name == "END":
            if len(stack) < 2 or stack.pop().name != found.value.strip().upper():
                raise BadCalendar("a component ends that has not begun")
        else:
            stack[-1].lines.append(found)
    if len(stack) > 1 or root.lines or [each.name for each in root.inner] != ["VCALENDAR"]:
        raise BadCalendar("not one VCALENDAR")
    return root.inner[0]
