"""Requests put together at random: whatever comes is answered, and never with our fault."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from booking.db import db
from booking.models import Booking
from tests.dav.conftest import NAMESPACES


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


METHODS = words("PROPFIND PROPPATCH REPORT GET HEAD PUT DELETE MOVE OPTIONS MKCALENDAR LOCK X")
NAMES = words(
    "propfind prop allprop propname include propertyupdate set remove sync-collection sync-token "
    "sync-level limit nresults href getetag displayname resourcetype principal-property-search "
    "property-search match expand-property property C:calendar-query C:calendar-multiget "
    "C:free-busy-query C:filter C:comp-filter C:prop-filter C:param-filter C:text-match "
    "C:time-range C:is-not-defined C:calendar-data C:expand C:limit-recurrence-set C:comp C:prop"
)
VALUES = words(
    "VCALENDAR VEVENT VALARM SUMMARY DTSTART TZID 20270311T000000Z 20270401T000000Z "
    "00010101T000000Z "
    "99991231T235959Z 20270229T000000Z yes i;octet i;x text/calendar urn:booking:sync:x:1-1 -1 0 "
    "99999999999999999999 é \u2028"
)
LINES = words(
    "BEGIN:VCALENDAR END:VCALENDAR BEGIN:VEVENT END:VEVENT BEGIN:VALARM END:VALARM UID:a@b "
    "DTSTART:20270311T090000Z DTEND:20270311T100000Z DTSTART;VALUE=DATE:20270311 DURATION:PT1H "
    "DURATION:-P999999999D RRULE:FREQ=DAILY RRULE:FREQ=YEARLY;COUNT=0 RRULE:FREQ=DAILY;INTERVAL=0 "
    "RRULE:FREQ=MONTHLY;BYDAY=9MO EXDATE:20270312T090000Z RECURRENCE-ID:20270312T090000Z "
    "SUMMARY:x LOCATION:Birch DTSTART;TZID=Nowhere/At:20270311T090000 DTSTART:99991231T235959 "
    "STATUS:CANCELLED CLASS:PRIVATE : ;;; X=\x00 METHOD:REQUEST"
)

values = st.sampled_from(VALUES)
attributes = st.dictionaries(
    st.sampled_from(words("name start end collation negate-condition content-type namespace")),
    values,
    max_size=3,
)


@st.composite
def element(draw, children):
    name = draw(st.sampled_from(NAMES))
    said = "".join(f' {key}="{value}"' for key, value in draw(attributes).items())
    inner = draw(values) if draw(st.booleans()) else "".join(draw(children))
    return f"<{name}{said}>{inner}</{name}>"


elements = st.recursive(
    st.sampled_from([f"<{each}/>" for each in NAMES]),
    lambda inner: element(st.lists(inner, max_size=3)),
    max_leaves=12,
)
documents = elements.map(
    lambda text: text.replace(">", f" {NAMESPACES}>", 1).replace(
        f"/ {NAMESPACES}>", f" {NAMESPACES}/>"
    )
)
objects = st.lists(st.sampled_from(LINES), max_size=14).map("\r\n".join)
bodies = st.one_of(documents, objects, st.binary(max_size=60))
names = st.sampled_from(["", "a.ics", "booking-1.ics", "busy-1.ics", "é.ics", "%00", "..", "a b"])
headers = st.fixed_dictionaries(
    {},
    optional={
        "Depth": st.sampled_from(["0", "1", "infinity", "x", ""]),
        "If-Match": st.sampled_from(["*", '"a"', "a", ""]),
        "If-None-Match": st.sampled_from(["*", '"a"', "W/"]),
        "Destination": st.sampled_from(["", "/dav/cal/1/space-2/b.ics", "http://[", "//x/y"]),
        "Overwrite": st.sampled_from(["T", "F", "x"]),
        "Prefer": st.sampled_from(["return=minimal", ";;"]),
        "Content-Type": st.sampled_from(["application/xml", "text/calendar", "x", ";", ""]),
    },
)


@settings(
    max_examples=400,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_no_request_is_our_fault(member, house, data):
    home = f"/dav/cal/{house.member.person_id}/"
    places = [
        "/",
        "/dav/",
        "/dav/principals/",
        f"/dav/principals/{house.member.person_id}/",
        home,
        *(f"{home}{kind}/" for kind in ("space-1", "space-3", "person-1", "organisation-1", "x")),
        "/dav/public/",
    ]
    path = data.draw(st.sampled_from(places)) + data.draw(names)
    method = data.draw(st.sampled_from(METHODS))

    answer = member.ask(
        method,
        path,
        data.draw(bodies),
        **{key.replace("-", "_"): value for key, value in data.draw(headers).items()},
    )

    assert answer.status_code < 500 or answer.status_code == 502, answer.text
    assert "Traceback" not in answer.text


def test_what_is_refused_writes_nothing(member, house, app):
    for lines in (LINES, [*reversed(LINES)], LINES[2:]):
        member.ask(
            "PUT",
            member.home(f"space-{house.atlas.id}", "a.ics"),
            "\r\n".join(lines),
            Content_Type="text/calendar",
        )

    with app.app_context():
        assert db.session.execute(select(func.count()).select_from(Booking)).scalar() == 0
