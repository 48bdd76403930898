"""What a client is told when something is not done: a status and a precondition element.

The elements are those of RFC 4918 §16, RFC 3744 §7.1.1, RFC 4791 §5.3.2 and
RFC 6578 §3.2; what only this house knows is in a namespace of its own.
"""

from booking.dav.xml import CALDAV, DAV, HOUSE, document, element, escaped, href


class Refused(Exception):
    """The request is not done; ``condition`` is XML, ``text`` a sentence for people."""

    def __init__(
        self,
        status: int,
        condition: str = "",
        text: str = "",
        *,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, condition, text)
        self.status = status
        self.condition = condition
        self.text = text
        self.headers = headers or {}

    @property
    def body(self) -> bytes:
        """The body of the answer (RFC 4918 §14.5), empty without a condition."""
        if not self.condition:
            return f"{self.text}\n".encode() if self.text else b""
        said = f"<D:responsedescription>{escaped(self.text)}</D:responsedescription>"
        return document(f"{{{DAV}}}error", [self.condition, said if self.text else ""])


def dav(name: str, *inner: str) -> str:
    """Return a condition of WebDAV."""
    return element(f"{{{DAV}}}{name}", *inner)


def caldav(name: str, *inner: str) -> str:
    """Return a condition of CalDAV."""
    return element(f"{{{CALDAV}}}{name}", *inner)


def house(name: str, *inner: str) -> str:
    """Return a condition of this house."""
    return element(f"{{{HOUSE}}}{name}", *inner)


def bad_request(text: str = "The request is not what it should be.") -> Refused:
    """Return the refusal of what cannot be understood."""
    return Refused(400, text=text)


def not_found() -> Refused:
    """Return the refusal for what is not there, or not for this reader."""
    return Refused(404, text="There is nothing at this address.")


def may_not(path: str, privilege: str, text: str = "") -> Refused:
    """Return the refusal that names the privilege that is missing (RFC 3744 §7.1.1)."""
    resource = element(
        f"{{{DAV}}}resource",
        href(path),
        element(f"{{{DAV}}}privilege", element(f"{{{DAV}}}{privilege}")),
    )
    return Refused(403, dav("need-privileges", resource), text)


def precondition(text: str = "It has changed meanwhile.") -> Refused:
    """Return the refusal where If-Match and the like do not hold (RFC 9110 §13)."""
    return Refused(412, text=text)
