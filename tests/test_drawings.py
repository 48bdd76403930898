"""Drawings of operators: what draws stays, nothing else does."""

import pytest

from booking.core.errors import InvalidRequest
from booking.drawings import MOST_BYTES, MOST_ELEMENTS, cleaned, is_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: str, more: str = "") -> bytes:
    return f'{HEAD} viewBox="0 0 10 10" {more}>{inside}</svg>'.encode()


def text_of(data: bytes) -> str:
    return cleaned(data).content.decode()


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<script href="https://example.org/x.js"/>',
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'>x</body></foreignObject>",
        '<rect onclick="alert(1)" width="1" height="1"/>',
        '<rect ONLOAD="alert(1)" width="1" height="1"/>',
        '<a href="javascript:alert(1)"><rect width="1" height="1"/></a>',
        '<image href="https://example.org/x.png"/>',
        '<image xlink:href="https://example.org/x.png"/>',
        '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>',
        '<image href="file:///etc/passwd"/>',
        '<use href="https://example.org/x.svg#a"/>',
        '<use xlink:href="other.svg#a"/>',
        "<rect fill=\"url('https://example.org/x')\"/>",
        '<rect style="fill: url(https://example.org/x)"/>',
        '<rect style="fill: u\\72l(https://example.org/x)"/>',
        '<style>@import "https://example.org/x.css";</style>',
        "<style>rect { background: url(//example.org/x) }</style>",
        "<style>rect { fill: u/**/rl(//example.org/x) }</style>",
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        '<set attributeName="onclick" to="alert(1)"/>',
        '<iframe xmlns="http://www.w3.org/1999/xhtml" src="https://example.org"/>',
        '<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>',
        '<link xmlns="http://www.w3.org/1999/xhtml" rel="stylesheet" href="https://example.org"/>',
        '<filter id="f"><feImage href="https://example.org/x.png"/></filter>',
        '<?xml-stylesheet href="https://example.org/x.css"?><g/>',
        '<rect xml:base="https://example.org/" href="x" width="1"/>',
        '<defs><g id="a"><use href="#b"/></g></defs>'.replace("<g id", "<symbol id").replace(
            "</g>", "</symbol>"
        ),
    ],
)
def test_what_runs_or_fetches_goes(inside: str) -> None:
    found = cleaned(svg(f'{inside}<path d="M0 0h5"/>'))
    said = found.content.decode().lower().replace("http://www.w3.org/2000/svg", "")
    for word in ("alert", "example.org", "http", "javascript", "file:", "other.svg", "onload",
                 "#b", "import", "foreign", "\\"):  # fmt: skip
        assert word not in said
    assert 'd="m0 0h5"' in said


def test_what_draws_stays() -> None:
    drawn = (
        '<defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient></defs>'
        "<style>.wall { stroke: #333; fill: url(#g) }</style>"
        '<g id="walls" class="wall" transform="scale(2)"><path d="M0 0h5" fill="url(#g)"/></g>'
        '<text x="1" y="2">Hall &amp; café</text><use href="#walls" x="3"/>'
        '<image href="data:image/png;base64,iVBORw0KGgo=" width="2" height="2"/>'
    )
    found = cleaned(svg(drawn))
    said = found.content.decode()
    for part in ("linearGradient", "url(#g)", "scale(2)", "Hall &amp; café", 'href="#walls"',
                 "data:image/png", ".wall { stroke"):  # fmt: skip
        assert part in said
    assert len(found.digest) == 32


def test_layers_and_guides_of_editors_are_no_loss() -> None:
    inkscape = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:version="1"'
    found = cleaned(svg('<g inkscape:label="Walls"><path d="M0 0"/></g>', inkscape))
    assert found.removed == 0
    assert b"inkscape" not in found.content


def test_it_fills_the_floor() -> None:
    said = text_of(f'{HEAD} width="580px" height="280"><path d="M0 0"/></svg>'.encode())
    assert 'viewBox="0 0 580 280"' in said
    assert "width=" not in said


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "drawing_unreadable"),
        (b"<svg", "drawing_unreadable"),
        (b"<html><svg/></html>", "drawing_unreadable"),
        (b"\xff\xfe<\0s\0", "drawing_unreadable"),
        (b'<?xml version="1.0" encoding="nonsense"?><svg/>', "drawing_unreadable"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "drawing_entities"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg/>'.encode("utf-16"), "drawing_entities"),
        (svg("<g/>" * (MOST_ELEMENTS + 1)), "drawing_too_many"),
        (b" " * (MOST_BYTES + 1), "drawing_too_big"),
    ],
    ids=[
        "nothing",
        "cut",
        "html",
        "utf16-cut",
        "encoding",
        "entity",
        "utf16-entity",
        "many",
        "big",
    ],
)
def test_anything_else_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InvalidRequest, match=code):
        cleaned(data)


def test_depth_is_cut_not_crashed() -> None:
    depth = 5_000
    assert b"<path" not in cleaned(svg("<g>" * depth + '<path d="M0 0"/>' + "</g>" * depth)).content


def test_an_svg_is_known_from_a_picture() -> None:
    assert is_svg(svg(""))
    assert is_svg(b"\n<?xml version='1.0'?><!-- a long comment --><svg/>")
    assert not is_svg(b"\x89PNG\r\n\x1a\n")
    assert not is_svg(b"\xff\xd8\xff\xe0")
