"""Reminders of leases that end: once, to who runs the site."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from booking.actions import leases, spaces
from booking.core.values import SitePolicy
from booking.models import Notice
from tests.support.factories import NOW, House
from tests.support.leasing import let, stored

Db = scoped_session[Session]


def told_of(session: Db) -> list[tuple[str, int]]:
    session.rollback()
    rows = session.execute(select(Notice.code, Notice.person_id).order_by(Notice.id))
    return [(row.code, row.person_id) for row in rows]


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def test_end_and_notice_are_reminded_of_once(session: Db, house: House) -> None:
    lease_id = let(house, house.lease_request(house.add_office()))  # to 31 December
    quiet = (date(2027, 8, 30), date(2027, 10, 2))
    for day, number in (
        (quiet[0], 0),
        (date(2027, 8, 31), 1),  # 30 days before 30 September, the last day to give notice
        (date(2027, 9, 2), 0),
        (quiet[1], 0),
        (date(2027, 11, 1), 1),
        (date(2027, 12, 31), 0),
        (date(2028, 1, 5), 0),
    ):
        assert leases.remind_of_leases(now=at_nine(day)) == number, day
    both = [house.manager.person_id, house.admin.person_id]
    assert told_of(session) == [
        *(("notice_lease_decide", each) for each in both),
        *(("notice_lease_ends", each) for each in both),
    ]
    later = house.lease_request(house.atlas, ends=date(2028, 12, 31))
    wish = replace(later, space_id=stored(session, lease_id).space_id)
    leases.change_lease(lease_id, wish, house.admin, version=1, now=NOW)
    assert leases.remind_of_leases(now=at_nine(date(2028, 11, 1))) == 1


def test_what_is_renewed_or_open_needs_no_reminder(session: Db, house: House) -> None:
    office = house.add_office()
    first = let(house, house.lease_request(office))
    again = house.lease_request(office, starts=date(2028, 1, 1), ends=None)
    leases.renew_lease(first, again, house.admin, version=1, now=NOW)
    assert leases.remind_of_leases(now=at_nine(date(2027, 12, 1))) == 0


def test_reminders_come_as_early_as_the_house_says(session: Db, house: House) -> None:
    let(house, house.lease_request(house.add_office(), months_notice=0))
    policy = SitePolicy(lease_end_before=timedelta(days=100))
    spaces.set_site_policy(house.site.id, policy, house.admin, version=1, now=NOW)
    early = date(2027, 12, 31) - timedelta(days=100)
    assert leases.remind_of_leases(now=at_nine(early - timedelta(days=1))) == 0
    assert leases.remind_of_leases(now=at_nine(early)) == 1
