"""What a viewer may see of somebody's booking, through the one function that redacts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from booking.core.intervals import Interval
from booking.core.values import (
    Actor,
    BookingView,
    Category,
    Clash,
    ClosureView,
    Door,
    Grant,
    OccurrenceView,
    Role,
    State,
    Visibility,
)
from booking.core.visibility import booking_seen_by, clash_seen_by, seen_by

OURS, THEIRS = 21, 22
OWNER, MAKER, OTHER = 1, 2, 3
WHEN = Interval(datetime(2027, 3, 10, 9, tzinfo=UTC), datetime(2027, 3, 10, 10, tzinfo=UTC))
SECRET = ("Choir", "Ann Owner", "Ours", "with cake", "because")

VIEW = OccurrenceView(
    allocation_id=100,
    occurrence_id=200,
    booking_id=300,
    site_id=1,
    space_id=11,
    interval=WHEN,
    state=State.CONFIRMED,
    title="Choir",
    category=Category.WORKSHOP,
    visibility=Visibility.MEMBERS,
    organiser_id=OWNER,
    organiser_name="Ann Owner",
    created_by_id=MAKER,
    organisation_id=OURS,
    organisation_name="Ours",
    recurrence_id=datetime.fromisoformat("2027-03-10T10:00"),
    attendance=12,
    note="with cake",
    reason="because",
)


def person(person_id: int, *grants: Grant, manages: tuple[int, ...] = ()) -> Actor:
    return Actor(
        person_id,
        "Somebody",
        Door.WEB,
        grants=frozenset(grants),
        organisations=frozenset(manages),
        manages=frozenset(manages),
    )


VIEWERS = {
    "nobody": None,
    "member": person(OTHER),
    "member_of_theirs": person(OTHER, manages=(THEIRS,)),
    "approver_elsewhere": person(OTHER, Grant(Role.APPROVER, space_id=12)),
    "owner": person(OWNER),
    "maker": person(MAKER),
    "manager": person(OTHER, manages=(OURS,)),
    "approver": person(OTHER, Grant(Role.APPROVER, space_id=11)),
    "admin": person(OTHER, Grant(Role.ADMIN, site_id=1)),
}
OWN = {"owner", "maker", "manager", "approver", "admin"}
SIGNED_IN = set(VIEWERS) - {"nobody"}


def who_sees(view: OccurrenceView, name: str) -> set[str]:
    """Return all viewers for whom a field of the view is as it is stored."""
    stored = getattr(view, name)
    return {
        viewer for viewer, actor in VIEWERS.items() if getattr(seen_by(view, actor), name) == stored
    }


@pytest.mark.parametrize(
    ("visibility", "field", "expected"),
    [
        pytest.param(Visibility.PUBLIC, "title", set(VIEWERS), id="public-title"),
        pytest.param(Visibility.PUBLIC, "organisation_name", set(VIEWERS), id="public-org"),
        pytest.param(Visibility.PUBLIC, "organiser_name", SIGNED_IN, id="public-person"),
        pytest.param(Visibility.PUBLIC, "note", OWN, id="public-note"),
        pytest.param(Visibility.PUBLIC, "reason", OWN, id="public-reason"),
        pytest.param(Visibility.MEMBERS, "title", SIGNED_IN, id="members-title"),
        pytest.param(Visibility.MEMBERS, "organiser_name", SIGNED_IN, id="members-person"),
        pytest.param(Visibility.MEMBERS, "note", OWN, id="members-note"),
        pytest.param(Visibility.PRIVATE, "title", OWN, id="private-title"),
        pytest.param(Visibility.PRIVATE, "organiser_id", OWN, id="private-person"),
        pytest.param(Visibility.PRIVATE, "organisation_id", OWN, id="private-org"),
        pytest.param(Visibility.PRIVATE, "attendance", OWN, id="private-attendance"),
        pytest.param(Visibility.PRIVATE, "category", OWN, id="private-category"),
        pytest.param(Visibility.PRIVATE, "interval", set(VIEWERS), id="private-time"),
        pytest.param(Visibility.PRIVATE, "state", set(VIEWERS), id="private-state"),
    ],
)
def test_seen_by_who(visibility, field, expected):
    assert who_sees(replace(VIEW, visibility=visibility), field) == expected


def test_seen_by_stranger_private_holds_no_word():
    seen = seen_by(replace(VIEW, visibility=Visibility.PRIVATE), VIEWERS["member"])
    assert seen.redacted
    assert [word for word in SECRET if word in repr(seen)] == []


def test_seen_by_never_brings_back_what_was_redacted():
    redacted = VIEW.redact()
    assert seen_by(redacted, VIEWERS["admin"]) == redacted


def test_clash_seen_by_stranger_private_is_busy():
    private = replace(VIEW, visibility=Visibility.PRIVATE)
    clash = Clash(11, WHEN, VIEW.recurrence_id, occurrence=private)
    seen = clash_seen_by(clash, VIEWERS["member"])
    assert seen == replace(clash, occurrence=private.redact())


def test_clash_seen_by_anybody_closure_stays():
    closure = ClosureView(5, 1, None, WHEN, "Summer")
    clash = Clash(11, WHEN, VIEW.recurrence_id, closure=closure)
    assert clash_seen_by(clash, None) == clash


def booking(visibility: Visibility) -> BookingView:
    return BookingView(
        id=300,
        uid="300@example.org",
        site_id=1,
        title="Choir",
        category=Category.WORKSHOP,
        visibility=visibility,
        note="with cake",
        organiser_id=OWNER,
        organiser_name="Ann Owner",
        created_by_id=MAKER,
        created_by_name="Max Maker",
        organisation_id=OURS,
        organisation_name="Ours",
        attendance=12,
        starts_at=datetime.fromisoformat("2027-03-10T10:00"),
        ends_at=datetime.fromisoformat("2027-03-10T11:00"),
        zone="Europe/Paris",
        all_day=False,
        rule=None,
        sequence=0,
        version=1,
        created_at=WHEN.start,
        updated_at=WHEN.start,
        state=State.CONFIRMED,
        cancel_reason="because",
        occurrences=(replace(VIEW, visibility=visibility),),
    )


@pytest.mark.parametrize("viewer", sorted(OWN))
def test_booking_seen_by_own_people_whole(viewer):
    private = booking(Visibility.PRIVATE)
    assert booking_seen_by(private, VIEWERS[viewer]) == private


@pytest.mark.parametrize("viewer", sorted(SIGNED_IN - OWN))
def test_booking_seen_by_others_private_holds_no_word(viewer):
    seen = booking_seen_by(booking(Visibility.PRIVATE), VIEWERS[viewer])
    assert seen.redacted
    assert [word for word in (*SECRET, "Max Maker") if word in repr(seen)] == []


@pytest.mark.parametrize("viewer", sorted(SIGNED_IN - OWN))
def test_booking_seen_by_others_note_and_reason_left_out(viewer):
    seen = booking_seen_by(booking(Visibility.MEMBERS), VIEWERS[viewer])
    assert (seen.title, seen.note, seen.cancel_reason) == ("Choir", "", "")
    assert (seen.occurrences[0].note, seen.occurrences[0].reason) == ("", "")
