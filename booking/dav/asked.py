"""Headers and bodies of requests, read once and the same for all methods."""

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import ETags

from booking.dav import ifs
from booking.dav.errors import Refused, bad_request, precondition
from booking.dav.xml import BadXml, Tree, parsed

MOST_XML = 1024 * 1024
_XML = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe", b"\xfe\xff")
_TYPES = ("application/xml", "text/xml", "")


def body() -> bytes:
    """Return the body; werkzeug refuses what is too large with 413."""
    return request.get_data(cache=False)


def xml_needed() -> Tree:
    """Return the root of the XML that was sent.

    Raises:
        Refused: As ``xml_sent``, and 400 without a body.
    """
    root = xml_sent()
    if root is None:
        raise bad_request(_l("This request needs a body of XML."))
    return root


def xml_sent() -> Tree | None:
    """Return the root of the XML that was sent, None without a body.

    Raises:
        Refused: 400 for what is no XML or has a document type, 415 for what says to be else.
    """
    sent = body()
    if not sent.strip():
        return None
    # Some clients name any type: what looks like XML is taken for it.
    is_named = request.mimetype in _TYPES or request.mimetype.endswith("+xml")
    if not is_named and not sent.lstrip().startswith(_XML):
        raise Refused(415, text=_l("This request needs a body of XML."))
    try:
        return parsed(sent)
    except BadXml:
        raise bad_request(
            _l("The body is no XML that can be read; document types are not read.")
        ) from None


def depth(*, default: str) -> str:
    """Return the Depth (RFC 4918 §10.2).

    Raises:
        Refused: For another than 0, 1 and infinity.
    """
    found = request.headers.get("Depth", default).strip().lower()
    if found not in ("0", "1", "infinity"):
        raise bad_request(_l("Depth is 0, 1 or infinity."))
    return found


def check_conditions(etag: str | None, *, reads: bool = False) -> None:
    """Refuse what If, If-Match and If-None-Match do not let pass (RFC 9110 §13.2.2).

    ``etag`` None: there is nothing (yet).  A method that ``reads`` answers a
    known tag with 304 by itself.

    Raises:
        Refused: 412; 400 for an If that makes no sense.
    """
    if "If" in request.headers and not _holds(etag):
        raise precondition()
    if "If-Match" in request.headers and not _matches(request.if_match, etag):
        raise precondition()
    if not reads and is_known(etag):
        raise precondition(_l("There is an object at this address already: fetch it first."))


def is_conditional() -> bool:
    """Whether the program said which version it has seen."""
    if "[" in request.headers.get("If", ""):
        return True
    return "If-Match" in request.headers and not request.if_match.star_tag


def is_known(etag: str | None) -> bool:
    """Whether the reader has this version."""
    return "If-None-Match" in request.headers and _matches(request.if_none_match, etag)


def _holds(etag: str | None) -> bool:
    try:
        return ifs.holds(request.headers["If"], request.script_root + request.path, etag)
    except ifs.BadIf:
        raise bad_request(_l("The header If cannot be understood.")) from None


def _matches(tags: ETags, etag: str | None) -> bool:
    if etag is None:
        return False
    return tags.star_tag or tags.contains_weak(etag) or tags.contains_weak(f"{etag}:gzip")
