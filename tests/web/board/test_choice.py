"""What an address asks the board to show."""

from datetime import date

import pytest

from booking.core.errors import NotFound
from booking.core.values import Space, SpaceKind
from booking.web.board.choice import Choice, read_choice, read_day

ROOMS = [
    Space(1, 1, SpaceKind.MEETING_ROOM, "Atlas", capacity=8, features=("screen", "video")),
    Space(2, 1, SpaceKind.MEETING_ROOM, "Birch", capacity=6, features=("screen",)),
    Space(3, 1, SpaceKind.WORKSHOP, "Shed", capacity=12),
    Space(4, 1, SpaceKind.MEETING_ROOM, "Nook"),
]
DAY = "2027-03-11"


def shown(**asked: list[str]) -> list[str]:
    return [space.name for space in read_choice("day", DAY, asked, ROOMS).spaces(ROOMS)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, ["Atlas", "Birch", "Nook"], id="meeting-rooms"),
        pytest.param({"kind": ["workshop"]}, ["Shed"], id="kind"),
        pytest.param({"space": ["3"]}, ["Shed"], id="space-of-another-kind"),
        pytest.param({"capacity": ["7"]}, ["Atlas"], id="capacity"),
        pytest.param({"feature": ["screen", "video"]}, ["Atlas"], id="all-features"),
        pytest.param({"feature": ["jacuzzi"]}, ["Atlas", "Birch", "Nook"], id="unknown-feature"),
        pytest.param({"capacity": ["many"]}, ["Atlas", "Birch", "Nook"], id="no-number"),
        pytest.param({"capacity": ["²"]}, ["Atlas", "Birch", "Nook"], id="odd-digit"),
        pytest.param({"capacity": ["99999"]}, ["Atlas", "Birch", "Nook"], id="absurd-number"),
        pytest.param({"capacity": ["500"]}, [], id="none-fits"),
    ],
)
def test_choice_of_spaces(asked, expected):
    assert shown(**asked) == expected


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"space": ["99"]}, id="foreign-space"),
        pytest.param({"space": ["1 or 1"]}, id="no-id"),
        pytest.param({"kind": ["castle"]}, id="unknown-kind"),
        pytest.param({"kind": ["office"]}, id="kind-without-spaces"),
    ],
)
def test_choice_of_what_is_not_there_is_not_found(asked):
    with pytest.raises(NotFound):
        shown(**asked)


@pytest.mark.parametrize(
    "text",
    ["", "today", "2027-02-29", "2027-3-1", "20270311", "2027-W10-4", "1999-12-31", "9999-12-31"],
)
def test_a_day_that_is_none_is_not_found(text):
    with pytest.raises(NotFound):
        read_day(text)


def test_the_week_holds_the_day_and_begins_where_the_reader_begins_it():
    choice = Choice("week", date(2027, 3, 14))
    assert choice.days(0)[0] == date(2027, 3, 8)
    assert choice.days(6)[0] == date(2027, 3, 14)


def test_query_leads_back_to_the_same_choice():
    asked = {"kind": ["workshop"], "capacity": ["5"], "feature": []}
    choice = read_choice("week", DAY, asked, ROOMS)
    query = {name: [str(value)] for name, value in choice.query.items()}
    assert read_choice("week", DAY, query, ROOMS) == choice


def test_a_house_without_meeting_rooms_shows_what_it_has():
    shed = [space for space in ROOMS if space.kind is SpaceKind.WORKSHOP]
    assert read_choice("day", DAY, {}, shed).spaces(shed) == shed
