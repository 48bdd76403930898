"""Reports on people: who asks finds oneself, and learns of nobody else (RFC 3744 §9)."""

import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import unquote

from flask import Response
from flask_babel import lazy_gettext as _l

from booking.dav.errors import Refused, bad_request, dav
from booking.dav.filters import TextMatch
from booking.dav.looking import Looking
from booking.dav.places import Place, place
from booking.dav.properties import response, said_of
from booking.dav.xml import Tree, c, d, document, element

_SEARCHED = (d("displayname"), c("calendar-user-address-set"))
_OTHERS = frozenset(map(d, ("property-search", "prop", "apply-to-principal-collection-set")))
_XML = "application/xml; charset=utf-8"
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_HREF = re.compile("<D:href>([^<]*)</D:href>")
MOST_EXPANDED = 50


def property_search(looking: Looking, _at: Place, root: Tree) -> Iterator[str]:
    """Return the principal of who asks where it is what is looked for, else nothing."""
    searches = root.findall(d("property-search"))
    # Some put what they want beside the element that is for it, and look for nothing at all.
    names = [each.tag for prop in root.findall(d("prop")) for each in prop]
    names += [each.tag for each in root if each.tag not in _OTHERS]
    return _people(looking, searches, names, anyof=root.get("test") == "anyof")


def _people(
    looking: Looking, searches: list[Tree], wanted: list[str], *, anyof: bool
) -> Iterator[str]:
    if looking.actor is None:
        return
    said = {d("displayname"): looking.actor.name, c("calendar-user-address-set"): looking.login}

    def fits(search: Tree) -> bool:
        text = search.findtext(d("match")) or ""
        names = [each.tag for prop in search.findall(d("prop")) for each in prop]
        match = TextMatch(text, "i;unicode-casemap", False, "contains")  # noqa: FBT003
        return any(match.matches([said[name]]) for name in names if name in said)

    if not searches or (any if anyof else all)(map(fits, searches)):
        yield response(place(looking, f"principals/{looking.user}/"), looking, wanted)


def search_properties(_looking: Looking, _at: Place, _root: Tree) -> Response:
    """Return by which properties principals are found (RFC 3744 §9.5)."""
    inner = (
        element(d("principal-search-property"), element(d("prop"), element(name)))
        for name in _SEARCHED
    )
    return Response(document(d("principal-search-property-set"), inner), 200, content_type=_XML)


def expand_property(looking: Looking, at: Place, root: Tree) -> Iterator[str]:
    """Return properties, with the properties of what they point to in place (RFC 3253 §3.8).

    Raises:
        Refused: 400 for names that are none, 403 for more than can be answered.
    """
    asked = [*root.iter(d("property"))]
    if len(asked) > MOST_EXPANDED:
        most = _l("At most %(most)s properties at a time.", most=MOST_EXPANDED)
        raise Refused(403, dav("number-of-matches-within-limits"), most)
    if not all(_NAME.fullmatch(each.get("name", "")) for each in asked):
        raise bad_request()
    yield _expanded(looking, at, root)


def _expanded(looking: Looking, at: Place, asked: Tree) -> str:
    """Return the response element of a place, as far as its properties are asked for."""
    names, given = [], {}
    for each in asked.findall(d("property")):
        name = f"{{{each.get('namespace', 'DAV:')}}}{each.get('name')}"
        names.append(name)
        said = said_of(name, at, looking) if each.find(d("property")) is not None else None
        if said is not None:
            given[name] = _HREF.sub(partial(_pointed, looking, each), said)
    return response(at, looking, names, given)


def _pointed(looking: Looking, asked: Tree, found: re.Match[str]) -> str:
    """Return what is at an address of ours in its place; other addresses stay."""
    begin = f"{looking.root}/dav/"
    if not found[1].startswith(begin):
        return found[0]
    try:
        return _expanded(looking, place(looking, unquote(found[1][len(begin) :])), asked)
    except Refused:
        return found[0]
