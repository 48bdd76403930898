"""What a client is told when something is not done: a status and a precondition element.

The elements are those of RFC 4918 §16, RFC 3744 §7.1.1, RFC 4791 §5.3.2 and
RFC 6578 §3.2; what only this house knows is in a namespace of its own.
"""

from typing import TypeAlias

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from booking.dav.xml import CALDAV, DAV, HOUSE, document, element, escaped, href

Said: TypeAlias = str | LazyString
_UNCLEAR = _l("This request cannot be understood.")
_STALE = _l("This has changed in the meantime: fetch it again, then repeat your change.")


class Refused(Exception):
    """The request is not done; ``condition`` is XML, ``text`` a sentence for people.

    The sentence is put into words when the body is made, in the language that counts then.
    """

    def __init__(
        self,
        status: int,
        condition: str = "",
        text: Said = "",
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
        text = str(self.text)
        if not self.condition:
            return f"{text}\n".encode() if text else b""
        said = f"<D:responsedescription>{escaped(text)}</D:responsedescription>"
        return document(f"{{{DAV}}}error", [self.condition, said if text else ""])


def dav(name: str, *inner: str) -> str:
    """Return a condition of WebDAV."""
    return element(f"{{{DAV}}}{name}", *inner)


def caldav(name: str, *inner: str) -> str:
    """Return a condition of CalDAV."""
    return element(f"{{{CALDAV}}}{name}", *inner)


def house(name: str, *inner: str) -> str:
    """Return a condition of this house."""
    return element(f"{{{HOUSE}}}{name}", *inner)


def bad_request(text: Said = _UNCLEAR) -> Refused:
    """Return the refusal of what cannot be understood."""
    return Refused(400, text=text)


def not_found() -> Refused:
    """Return the refusal for what is not there, or not for this reader."""
    return Refused(404, text=_l("There is nothing at this address, or nothing that you may see."))


def may_not(path: str, privilege: str, text: Said = "") -> Refused:
    """Return the refusal that names the privilege that is missing (RFC 3744 §7.1.1)."""
    resource = element(
        f"{{{DAV}}}resource",
        href(path),
        element(f"{{{DAV}}}privilege", element(f"{{{DAV}}}{privilege}")),
    )
    return Refused(403, dav("need-privileges", resource), text)


def precondition(text: Said = _STALE) -> Refused:
    """Return the refusal where If-Match and the like do not hold (RFC 9110 §13)."""
    return Refused(412, text=text)
