"""Categories: the product's own under other names, further ones, those no longer offered."""

import pytest
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, change
from booking.actions.categories import (
    create_category,
    name_category,
    offer_category,
    order_categories,
)
from booking.core.categories import MOST_CATEGORIES, code_for
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.requests import ChangeRequest
from booking.queries import agenda
from booking.queries.audit import history
from booking.queries.categories import categories
from tests.support.factories import House

Db = scoped_session[Session]
pytestmark = pytest.mark.usefixtures("session")
REPAIR = {"fr": "Café réparation", "en": "Repair café"}


def codes(session: Db) -> list[str]:
    found = [each.code for each in categories(session()) if not each.is_archived]
    session.rollback()
    return found


def test_a_house_starts_with_the_products_own(session: Db) -> None:
    assert codes(session) == ["meeting", "workshop", "training", "permanence", "event", "other"]


def test_further_category_is_booked_named_archived_and_kept(session: Db, house: House) -> None:
    code = create_category(REPAIR, house.admin, now=house.now)
    assert code == "repair-cafe"
    assert codes(session)[-1] == code
    booked = book(house.request(category=code), house.member, now=house.now)
    assert agenda.booking(session(), booked.booking_id).category == code
    session.rollback()

    named = {**REPAIR, "en": "Repair corner"}
    assert name_category(code, named, house.admin, version=1, now=house.now) == 2
    offer_category(code, house.admin, offered=False, version=2, now=house.now)
    assert code not in codes(session)
    with pytest.raises(InvalidRequest, match="choice_invalid"):
        book(house.request(category=code, start=12, end=13), house.member, now=house.now)
    kept = house.request(category=code, title="Other title")
    change(ChangeRequest(booked.booking_id, 1, kept), house.member, now=house.now)

    offer_category(code, house.admin, offered=True, version=3, now=house.now)
    assert code in codes(session)
    verbs = [each.verb for each in history(session(), "category", 0)]
    assert sorted(verbs) == ["archive", "create", "edit", "restore"]


def test_own_name_of_one_of_ours_and_its_order(session: Db, house: House) -> None:
    name_category("other", {"fr": "Divers", "en": ""}, house.admin, version=0, now=house.now)
    order_categories(["event", "other", "event", "nonsense"], house.admin, now=house.now)
    assert codes(session) == ["event", "other", "meeting", "workshop", "training", "permanence"]
    code = create_category(REPAIR, house.admin, now=house.now)
    assert codes(session)[-1] == code


def test_unknown_category_is_refused(house: House) -> None:
    with pytest.raises(InvalidRequest, match="choice_invalid"):
        book(house.request(category="nonsense"), house.member, now=house.now)


def test_last_category_stays_offered(session: Db, house: House) -> None:
    first, *others = codes(session)
    for each in others:
        offer_category(each, house.admin, offered=False, version=0, now=house.now)
    with pytest.raises(InvalidRequest, match="last_category"):
        offer_category(first, house.admin, offered=False, version=0, now=house.now)


@pytest.mark.parametrize(
    ("names", "code", "field"),
    [
        ({"fr": "", "en": "Repair"}, "name_missing", "fr"),
        ({"fr": "R", "en": "x" * 81}, "name_too_long", "en"),
        ({"fr": "CAFÉ réparation", "en": "Other"}, "name_taken", "fr"),
    ],
)
def test_wrong_names_are_told_by_language(
    house: House, names: dict[str, str], code: str, field: str
) -> None:
    create_category(REPAIR, house.admin, now=house.now)
    with pytest.raises(InvalidRequest, match=code) as error:
        create_category(names, house.admin, now=house.now)
    assert [each.field for each in error.value.messages] == [field]


def test_second_editor_is_told(house: House) -> None:
    name_category("other", {"fr": "Divers", "en": ""}, house.admin, version=0, now=house.now)
    with pytest.raises(Stale):
        name_category("other", {"fr": "Autre", "en": ""}, house.admin, version=0, now=house.now)
    with pytest.raises(NotFound):
        name_category("nonsense", REPAIR, house.admin, version=0, now=house.now)


def test_members_change_nothing(house: House) -> None:
    with pytest.raises(NotAllowed):
        create_category(REPAIR, house.member, now=house.now)
    with pytest.raises(NotAllowed):
        name_category("other", REPAIR, house.member, version=0, now=house.now)
    with pytest.raises(NotAllowed):
        offer_category("other", house.member, offered=False, version=0, now=house.now)
    with pytest.raises(NotAllowed):
        order_categories(["other"], house.member, now=house.now)


def test_there_is_an_end_to_categories(house: House) -> None:
    for number in range(MOST_CATEGORIES - 6):
        create_category({"fr": f"N {number}", "en": f"N {number}"}, house.admin, now=house.now)
    with pytest.raises(InvalidRequest, match="too_many_categories"):
        create_category(REPAIR, house.admin, now=house.now)


@pytest.mark.parametrize(
    ("name", "taken", "code"),
    [
        ("Atelier d'été", (), "atelier-d-ete"),
        ("Éditions", {"editions"}, "editions-2"),
        ("会議", (), "category"),
        ("A very long name of a category", {"a-very-long-name-of"}, "a-very-long-name-o-2"),
    ],
)
def test_codes_are_plain_short_and_unique(name: str, taken: set[str], code: str) -> None:
    assert code_for(name, taken) == code
