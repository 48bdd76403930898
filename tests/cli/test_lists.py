"""What scripts read: `space list`, `user list`, `agenda`."""

import pytest

from booking.core.values import Grant, Role, State


@pytest.mark.engines("sqlite", "postgresql")
def test_space_list(shell, house):
    found = shell.json("space", "list")

    assert found[0] == {
        "id": house.atlas.id,
        "name": "Atlas",
        "kind": "meeting_room",
        "site": house.site.slug,
        "bookable": True,
        "capacity": 8,
    }
    assert [each["id"] for each in found] == [room.id for room in house.rooms]


def test_space_list_for_people(shell, house):
    lines = shell.run("space", "list").stdout.splitlines()

    assert lines[0].split() == [str(house.atlas.id), "meeting_room", "Atlas"]


def test_empty_house_lists_nothing(shell):
    assert shell.json("space", "list") == []
    assert shell.json("user", "list") == []
    assert shell.run("space", "list").stdout == ""


def test_user_list_gives_highest_role_and_all(shell, house):
    both = (Grant(Role.APPROVER, None, house.cedar.id),)
    busy = house.add_person("Busy", organisation=house.ours, is_manager=True, grants=both)

    found = {each["email"]: each for each in shell.json("user", "list")}

    assert found[house.email(house.member)]["role"] == "member"
    assert found[house.email(house.admin)]["role"] == "admin"
    assert found[house.email(busy)]["role"] == "approver"
    assert found[house.email(busy)]["roles"] == [
        {"role": "approver", "scope": "space", "id": house.cedar.id, "name": "Cedar"},
        {
            "role": "manager",
            "scope": "organisation",
            "id": house.ours,
            "name": found[house.email(house.member)]["roles"][0]["name"],
        },
    ]


def test_agenda_gives_dates_with_all_their_spaces(shell, house):
    booking_id = house.add_booking(house.atlas, house.birch, days=(0, 1), title="Fair")

    found = shell.json("agenda", house.email(house.member).upper())

    assert found == [
        {
            "start": f"2027-03-{day}T10:00+01:00",
            "end": f"2027-03-{day}T11:00+01:00",
            "title": "Fair",
            "spaces": ["Atlas", "Birch"],
            "status": "confirmed",
            "booking": booking_id,
        }
        for day in (11, 12)
    ]


def test_agenda_crosses_the_change_of_the_clocks(shell, house):
    house.add_booking(house.atlas, days=(10, 17))  # the clocks go forward on the 28th

    assert [each["start"] for each in shell.json("agenda", house.email(house.member))] == [
        "2027-03-21T10:00+01:00",
        "2027-03-28T10:00+02:00",
    ]


def test_agenda_without_what_is_over(shell, house):
    house.add_booking(house.atlas, days=(-3, 0, 2))

    assert len(shell.json("agenda", house.email(house.member))) == 2
    assert len(shell.json("agenda", house.email(house.member), "--past")) == 1


def test_agenda_names_the_state(shell, house):
    house.add_booking(house.cedar, state=State.REQUESTED)
    house.add_booking(house.delta, state=State.REFUSED)

    found = shell.json("agenda", house.email(house.member))

    assert sorted(each["status"] for each in found) == ["refused", "requested"]


def test_agenda_of_nobody_is_refused(shell, house):
    assert shell.refusal("agenda", "nobody@example.org") == "booking: There is no such person."
