"""The header If (RFC 4918 §10.4): lists of tags, of which one has to hold as a whole.

There are no locks, so a lock's token never holds (and its negation always does).
"""

import re
from urllib.parse import unquote, urlsplit

_STATE = r"<[^<>\s]+>"
_TAG = r'\[(?:W/)?"[^"\[\]]*"\]'
_CONDITION = re.compile(rf"\s*(Not\s*)?(?:({_STATE})|({_TAG}))", re.IGNORECASE)
_LIST = re.compile(rf"\s*(?:({_STATE})\s*)?\(((?:{_CONDITION.pattern})+)\s*\)")
MOST = 4_000  # octets: a program knows one tag, or a few


class BadIf(Exception):
    """It does not follow the grammar of the standard."""


def holds(header: str, path: str, etag: str | None) -> bool:
    """Return whether one of the lists holds for what is at a path, with this tag (None: nothing).

    A list without an address is about what the request is about; of other addresses no tag holds.

    Raises:
        BadIf: If it makes no sense.
    """
    if len(header) > MOST:
        raise BadIf
    at, about, found = 0, path, False
    while header[at:].strip():
        one = _LIST.match(header, at)
        if one is None:
            raise BadIf
        about = _path(one[1]) if one[1] else about
        known = etag if about == path else None
        found |= all(_is_so(each, known) for each in _CONDITION.finditer(one[2]))
        at = one.end()
    if not at:
        raise BadIf
    return found


def _is_so(condition: re.Match[str], etag: str | None) -> bool:
    negated, _token, tag = condition.groups()
    is_it = tag is not None and etag is not None and tag.strip("[]").strip('"') == etag
    return is_it is not bool(negated)


def _path(token: str) -> str:
    try:
        return unquote(urlsplit(token.strip("<>")).path)
    except ValueError:
        raise BadIf from None
