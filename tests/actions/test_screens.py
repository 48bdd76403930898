"""Links of screens: made by who runs the house, revoked for good, alive or not."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import screens as verbs
from booking.actions.screens import ScreenRequest, create_screen, revoke_screen, touch_screen
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.models import Audit, Screen
from booking.queries.screens import ScreenView, screen_of_token, screens
from booking.secrets import hash_token
from tests.support.factories import House

Db = scoped_session[Session]


def alive(session: Db, house: House) -> list[ScreenView]:
    found = screens(session(), house.site.id)
    session.rollback()
    return found


def test_a_screen_is_stored_without_its_secret(session: Db, house: House) -> None:
    floor = house.add_floor(house.atlas)
    asked = ScreenRequest(house.site.id, " Door  of Atlas ", house.atlas.id, floor)
    made = create_screen(asked, house.admin, now=house.now)
    assert made.path == f"/screens/{made.token}"
    found = screen_of_token(session(), hash_token(made.token))
    assert (found.name, found.space_name, found.floor_name, found.last_used_at) == (
        "Door of Atlas",
        "Atlas",
        "Ground floor",
        None,
    )
    stored = session.execute(select(Screen.token_hash)).scalar_one()
    audit = session.execute(select(Audit.new).where(Audit.entity == "screen")).scalar_one()
    assert made.token not in stored
    assert "token" not in str(audit)
    assert audit["space_id"] == house.atlas.id


def test_revoked_stays_revoked_and_is_written_down_once(session: Db, house: House) -> None:
    made = create_screen(ScreenRequest(house.site.id, "Hall"), house.admin, now=house.now)
    for _ in range(2):
        revoke_screen(made.id, house.admin, now=house.now)
    assert alive(session, house) == []
    with pytest.raises(NotFound):
        screen_of_token(session(), hash_token(made.token))
    session.rollback()
    verbs_done = session.scalars(select(Audit.verb).where(Audit.entity == "screen")).all()
    assert sorted(verbs_done) == ["create", "revoke"]


def test_the_last_use_is_noted_once_an_hour(session: Db, house: House) -> None:
    made = create_screen(ScreenRequest(house.site.id, "Hall"), house.admin, now=house.now)
    noted = []
    for minutes in (0, 59, 60):
        touch_screen(made.id, now=house.now + timedelta(minutes=minutes))
        noted.append(alive(session, house)[0].last_used_at)
    assert noted == [house.now, house.now, house.now + timedelta(hours=1)]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "  "}, "name_missing"),
        ({"space_id": 9_999}, "space_unknown"),
        ({"floor_id": 9_999}, "choice_invalid"),
    ],
)
def test_what_makes_no_sense_is_refused(
    session: Db, house: House, wrong: dict[str, Any], code: str
) -> None:
    values: dict[str, Any] = {"site_id": house.site.id, "name": "Hall", **wrong}
    with pytest.raises(InvalidRequest, match=code):
        create_screen(ScreenRequest(**values), house.admin, now=house.now)
    assert alive(session, house) == []


def test_only_who_runs_the_house_sets_up_screens(session: Db, house: House) -> None:
    asked = ScreenRequest(house.site.id, "Hall")
    with pytest.raises(NotAllowed):
        create_screen(asked, house.member, now=house.now)
    made = create_screen(asked, house.admin, now=house.now)
    with pytest.raises(NotAllowed):
        revoke_screen(made.id, house.approver, now=house.now)
    with pytest.raises(NotFound):
        revoke_screen(made.id + 1, house.admin, now=house.now)
    assert len(alive(session, house)) == 1


def test_a_house_has_so_many_screens_and_no_more(
    session: Db, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "MOST_SCREENS", 2)
    asked = ScreenRequest(house.site.id, "Hall")
    first = create_screen(asked, house.admin, now=house.now)
    create_screen(asked, house.admin, now=house.now)
    with pytest.raises(NotAllowed, match="too_many_screens"):
        create_screen(asked, house.admin, now=house.now)
    revoke_screen(first.id, house.admin, now=house.now)
    create_screen(asked, house.admin, now=house.now)
    assert len(alive(session, house)) == 2
