"""Which rooms the newest version of an object wants no more."""

import pytest

from booking.core.mail_requests import RoomAsked, given_up


def asked(space_id: int, sequence: int, *listed: int) -> RoomAsked:
    return RoomAsked(space_id, sequence, frozenset(listed or (space_id,)))


@pytest.mark.parametrize(
    ("newest", "before", "booked", "gone"),
    [
        pytest.param(asked(1, 1), [], {2}, {2}, id="elsewhere: it comes back"),
        pytest.param(asked(1, 1), [], {1, 2}, set(), id="another room was added elsewhere"),
        pytest.param(asked(2, 1), [asked(1, 0)], {1}, {1}, id="the one room is another one"),
        pytest.param(asked(2, 0), [asked(1, 0)], {1}, set(), id="a copy for a further room"),
        pytest.param(
            asked(3, 1, 1, 3),
            [asked(1, 0, 1, 2), asked(2, 0, 1, 2)],
            {1, 2},
            {2},
            id="the list has another room",
        ),
        pytest.param(
            asked(1, 1), [asked(1, 0), asked(2, 0)], {1, 2}, set(), id="each has its own list"
        ),
        pytest.param(
            asked(1, 1), [asked(1, 0, 1, 2), asked(2, 0, 1, 2)], {1, 2, 9}, {2}, id="9 stays"
        ),
    ],
)
def test_rooms_that_are_wanted_no_more(newest, before, booked, gone):
    assert given_up(newest, before, booked) == frozenset(gone)
