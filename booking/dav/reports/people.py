"""Reports on people: who asks finds oneself, and learns of nobody else (RFC 3744 §9)."""

from collections.abc import Iterator

from flask import Response

from booking.dav.errors import bad_request
from booking.dav.filters import TextMatch
from booking.dav.looking import Looking
from booking.dav.places import Place, place
from booking.dav.properties import response
from booking.dav.xml import Tree, c, d, document, element

_SEARCHED = (d("displayname"), c("calendar-user-address-set"))
_OTHERS = frozenset(map(d, ("property-search", "prop", "apply-to-principal-collection-set")))
_XML = "application/xml; charset=utf-8"


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
    """Return properties, those with addresses as they are (RFC 3253 §3.8, to no depth)."""
    names = [
        f"{{{each.get('namespace', 'DAV:')}}}{each.get('name', '')}"
        for each in root.findall(d("property"))
    ]
    if any(not name.rpartition("}")[2].isidentifier() and "-" not in name for name in names):
        raise bad_request()
    yield response(at, looking, names)
