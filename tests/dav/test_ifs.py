"""The header If: what a program has not seen is neither changed nor cancelled."""

import pytest

from booking.dav import ifs
from tests.dav.conftest import Program
from tests.support.factories import House
from tests.support.objects import calendar, vevent

HERE = "/dav/a.ics"


@pytest.mark.parametrize(
    ("header", "etag", "expected"),
    [
        ('(["one"])', "one", True),
        ('(["one"])', "two", False),
        ('(["one"])', None, False),
        ('(Not ["one"])', "two", True),
        ('(["two"]) (["one"])', "one", True),
        ('(["one"] <urn:uuid:1>)', "one", False),
        ('(["one"] Not <DAV:no-lock>)', "one", True),
        ("(<urn:uuid:1>)", "one", False),
        ("(Not <DAV:no-lock>)", None, True),
        ('(W/["one"])', "one", None),
        ('([W/"one"])', "one", False),
        (f'<http://house{HERE}> (["one"])', "one", True),
        ('<http://house/dav/b.ics> (["one"])', "one", False),
        (f'</dav/b.ics> (["x"]) <{HERE}> (["y"]) (["one"])', "one", True),
        ("", "one", None),
        ("()", "one", None),
        ("one", "one", None),
        ('(["one"', "one", None),
        ("<http://[> (<x>)", "one", None),
        ("(<a>)" * 1_000, "one", None),
    ],
)
def test_lists_hold_as_a_whole(header: str, etag: str | None, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(ifs.BadIf):
            ifs.holds(header, HERE, etag)
    else:
        assert ifs.holds(header, HERE, etag) is expected


def test_what_was_not_seen_stays(member: Program, house: House) -> None:
    path = member.home(f"space-{house.atlas.id}", "a.ics")
    kind = {"Content_Type": "text/calendar"}
    first, other = calendar(vevent()), calendar(vevent(SUMMARY="Other"))

    def etag() -> str:
        return member.properties(path, "getetag")[path]["getetag"]

    assert member.ask("PUT", path, first, If='(["none"])', **kind).status_code == 412
    assert member.ask("PUT", path, first, If="(Not <DAV:no-lock>)", **kind).status_code == 201
    seen = etag()
    assert member.ask("PUT", path, other, If=f"([{seen}])", **kind).status_code == 204
    for method in ("PUT", "DELETE", "MOVE"):
        assert member.ask(method, path, first, If=f"([{seen}])", **kind).status_code == 412
    assert member.ask("DELETE", path, If="(<urn:uuid:a-lock>)").status_code == 412
    assert member.ask("DELETE", path, If="nonsense").status_code == 400
    assert member.ask("DELETE", path, If=f"([{etag()}])").status_code == 204
