"""XML in and out: what clients send is parsed with care, what they get is written by hand.

lxml reads, with nothing of a document type allowed; answers are texts put
together, as a calendar of ten thousand objects is no place for a tree.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

DAV = "DAV:"
CALDAV = "urn:ietf:params:xml:ns:caldav"
SERVER = "http://calendarserver.org/ns/"
APPLE = "http://apple.com/ns/ical/"
HOUSE = "urn:house-booking:dav"
PREFIXES = {DAV: "D", CALDAV: "C", SERVER: "S", APPLE: "A", HOUSE: "B"}
_DECLARED = "".join(f' xmlns:{short}="{long}"' for long, short in PREFIXES.items())
HEAD = "<?xml version='1.0' encoding='utf-8'?>\n"
_QNAME = re.compile(r"\{([^}]*)\}(.+)", re.DOTALL)
_SPECIAL = re.compile('[&<>"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\r]')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}

Tree = Any  # of lxml, which brings no types


class BadXml(Exception):
    """The body is no XML, or has what no honest client sends."""


def parsed(body: bytes) -> Tree:
    """Return the root of an XML document.

    Raises:
        BadXml: If it is not well-formed, or has a document type (entities, DTDs).
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise BadXml from error
    if root is None or root.getroottree().docinfo.doctype:
        raise BadXml
    return root


def d(name: str) -> str:
    """Return a name of WebDAV in the notation of lxml."""
    return f"{{{DAV}}}{name}"


def c(name: str) -> str:
    """Return a name of CalDAV in the notation of lxml."""
    return f"{{{CALDAV}}}{name}"


def text_of(root: Tree, name: str) -> str:
    """Return the text of a child, stripped; "" without one."""
    return (root.findtext(name) or "").strip()


def escaped(text: str) -> str:
    """Return a text as it may stand in an element or an attribute."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], ""), text)


@lru_cache(maxsize=512)
def _opened(qname: str) -> tuple[str, str]:
    """Return how an element begins and what its end is called; foreign names declare theirs."""
    found = _QNAME.fullmatch(qname)
    space, name = (found[1], found[2]) if found else ("", qname)
    if space in PREFIXES:
        tag = f"{PREFIXES[space]}:{name}"
        return tag, tag
    if not space:
        return name, name
    return f'X:{name} xmlns:X="{escaped(space)}"', f"X:{name}"


def element(qname: str, *inner: str) -> str:
    """Return an element with what is in it, which is XML already."""
    start, end = _opened(qname)
    content = "".join(inner)
    return f"<{start}>{content}</{end}>" if content else f"<{start}/>"


def with_attributes(qname: str, attributes: Mapping[str, str], *inner: str) -> str:
    """Return the same with attributes."""
    start, end = _opened(qname)
    said = "".join(f' {name}="{escaped(value)}"' for name, value in attributes.items())
    return f"<{start}{said}>{''.join(inner)}</{end}>"


def href(path: str) -> str:
    """Return the element of an address."""
    return f"<D:href>{escaped(path)}</D:href>"


def document(qname: str, inner: Iterable[str]) -> bytes:
    """Return a whole document of one of our own names."""
    start, end = _opened(qname)
    return f"{HEAD}<{start}{_DECLARED}>{''.join(inner)}</{end}>".encode()
