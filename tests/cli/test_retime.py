"""`booking retime`: what new time zone data came to."""

from booking.actions.bookings import book
from tests.support.factories import NOW
from tests.support.retiming import made_with_old_data


def test_what_moved_is_told(shell, house, session):
    made = book(house.request(), house.member, now=NOW)
    session.rollback()
    made_with_old_data(house.engine)

    assert shell.json("retime") == {"moved": 1, "closures": 0, "conflicts": []}
    assert "0 bookings moved." in shell.run("retime").output
    assert shell.json("agenda", house.email(house.member))[0]["booking"] == made.booking_id


def test_closures_that_moved_are_counted(shell, house, session):
    session.rollback()
    house.add_closure(10, 12, starts_local=house.at(9), ends_local=house.at(11))

    assert "1 closure moved." in shell.run("retime").output
