"""Drawings that an operator brings along: SVG of which nothing is kept but what draws.

Known elements and attributes stay, everything else goes: scripts, handlers, foreign objects,
animations, links, and whatever would be fetched from elsewhere.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from booking.core.errors import InvalidRequest

MOST_BYTES = 2 * 1024 * 1024
MOST_ELEMENTS = 20_000
MOST_DEPTH = 100
MEDIA_TYPE = "image/svg+xml"
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ELEMENTS = _names(
    "svg g defs symbol title desc path rect circle ellipse line polyline polygon text tspan"
    " linearGradient radialGradient stop clipPath mask pattern marker image use style"
)
_ATTRIBUTES = _names(
    "id class style transform viewBox preserveAspectRatio version x y x1 y1 x2 y2 cx cy r rx ry"
    " fx fy width height d points dx dy rotate textLength lengthAdjust offset pathLength href"
    " gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits"
    " patternTransform clipPathUnits maskUnits maskContentUnits refX refY markerWidth"
    " markerHeight markerUnits orient fill fill-opacity fill-rule stroke stroke-width"
    " stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray"
    " stroke-dashoffset opacity color display visibility overflow clip-path clip-rule mask"
    " marker-start marker-mid marker-end stop-color stop-opacity font-family font-size"
    " font-style font-weight font-variant letter-spacing word-spacing text-anchor"
    " text-decoration dominant-baseline baseline-shift alignment-baseline writing-mode"
    " vector-effect shape-rendering text-rendering paint-order"
)
# A backslash or a comment could write any of the others in disguise.
_FETCHES = re.compile(
    r"url\(\s*(?!['\"]?#)|@|\\|/\*|expression|javascript:|image-set|src\(", re.IGNORECASE
)
_OWN = re.compile(r"#[\w.:-]+")
_RASTER = re.compile(r"data:image/(?:png|jpeg|webp);base64,[A-Za-z0-9+/=\s]+")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A clean SVG; ``removed`` counts the elements and attributes that had to go."""

    content: bytes
    removed: int

    @property
    def digest(self) -> str:
        """Return what names the content in addresses."""
        return hashlib.sha256(self.content).hexdigest()[:32]


def is_svg(data: bytes) -> bool:
    """Whether it looks like one: text that soon opens an ``svg``."""
    return b"<svg" in data[:4096].replace(b"\0", b"").lower() or data.lstrip()[:5] == b"<?xml"


def cleaned(data: bytes) -> Drawing:
    """Return an SVG that can be shown to anybody.

    Raises:
        InvalidRequest: If it is none, is larger than 2 MB, or declares entities.
    """
    if len(data) > MOST_BYTES:
        raise InvalidRequest.because("drawing_too_big", "underlay", limit=MOST_BYTES // 1024**2)
    # Entities can grow without end, and name files: no drawing needs them.
    if _DECLARES.search(data.replace(b"\0", b"")):
        raise InvalidRequest.because("drawing_entities", "underlay")
    try:
        root = ET.fromstring(data)  # noqa: S314  without a document type nothing expands
    except (ET.ParseError, ValueError, LookupError):
        raise InvalidRequest.because("drawing_unreadable", "underlay") from None
    if root.tag not in (f"{{{_SVG}}}svg", "svg"):
        raise InvalidRequest.because("drawing_unreadable", "underlay")
    number = sum(1 for _ in root.iter())
    if number > MOST_ELEMENTS:
        raise InvalidRequest.because("drawing_too_many", "underlay", most=MOST_ELEMENTS)
    clean, removed = _clean(root, 0)
    _fit(clean)
    ET.register_namespace("", _SVG)
    return Drawing(ET.tostring(clean, "utf-8", xml_declaration=True), removed)


def _clean(element: ET.Element, depth: int) -> tuple[ET.Element, int]:
    """Return a copy of what may stay, and how much may not."""
    name = _local(element.tag)
    copy, removed = ET.Element(f"{{{_SVG}}}{name}"), 0
    for key, value in element.attrib.items():
        kept = _attribute(name, key, value)
        if kept is None:
            removed += 1
        elif kept:
            copy.set(kept, value.strip())
    if name == "style":
        if _FETCHES.search(element.text or ""):
            return copy, removed + 1
        copy.text = element.text
        return copy, removed
    copy.text = element.text
    for child in element:
        if depth < MOST_DEPTH and _may_stay(child, name):
            inner, gone = _clean(child, depth + 1)
            inner.tail = child.tail
            copy.append(inner)
            removed += gone
        else:
            removed += 1
    return copy, removed


def _may_stay(element: ET.Element, parent: str) -> bool:
    """Whether an element draws; what repeats others may not stand in what is repeated."""
    if not isinstance(element.tag, str):  # a comment, an instruction
        return False
    space, _, name = element.tag.rpartition("}")
    if space not in ("", f"{{{_SVG}") or name not in _ELEMENTS:
        return False
    return name != "use" or parent not in (
        "defs",
        "symbol",
        "pattern",
        "mask",
        "clipPath",
        "marker",
    )


def _attribute(element: str, key: str, value: str) -> str | None:
    """Return the name that an attribute stays by, "" for one that says nothing, None for others."""
    space, _, name = key.rpartition("}")
    if space not in ("", f"{{{_XLINK}"):
        return None if name == "href" else ""  # of editors: guides, layers
    if name not in _ATTRIBUTES or (space and name != "href"):
        return None
    if name == "href":
        own = _OWN.fullmatch(value.strip()) or (
            element == "image" and _RASTER.fullmatch(value.strip())
        )
        return "href" if own else None
    return None if _FETCHES.search(value) else name


def _fit(root: ET.Element) -> None:
    """Let a drawing fill the floor: by its view box, made of its size where it has none."""
    if "viewBox" not in root.attrib:
        sizes = [re.match(r"\s*([0-9.]+)", root.get(side, "")) for side in ("width", "height")]
        if all(sizes):
            root.set("viewBox", " ".join(("0 0", *(each[1] for each in _found(sizes)))))
    for side in ("width", "height", "x", "y"):
        root.attrib.pop(side, None)


def _found(matches: list[re.Match[str] | None]) -> Iterator[re.Match[str]]:
    return (each for each in matches if each is not None)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
