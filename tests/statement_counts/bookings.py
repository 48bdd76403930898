"""Bookings of members, what may be done to them, and requests that wait for an answer."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import insert, select

from benchmarks.filling import Meeting, fill
from booking.answering import PURPOSE
from booking.asked_by_mail import confirm_path
from booking.core.invitees import MOST_INVITEES
from booking.core.values import State
from booking.invited import invitation_path
from booking.models import Invitee, Notice, Occurrence, ReceivedMail, Renewal
from booking.secrets import sealed
from tests.statement_counts.family import MOST_DATES, Growth, Page
from tests.support.databases import writing
from tests.support.factories import NOW, House

A_DAY = 44  # meetings of a quarter of an hour between 8:00 and 19:00


@dataclass(slots=True)
class Bookings:
    """A series that is longer each time, single bookings, requests, and series of a season."""

    house: House
    app: Flask
    size: int = 0
    series: int = 0
    date: int = 0
    request: int = 0
    single: int = 0
    asked: int = 0

    def grow(self, growth: Growth) -> None:
        """Book rooms all day, one series, one request and one single booking."""
        house, evening = self.house, (growth.size % 7,)
        fill(house, self._meetings(growth.added))
        # Each series is longer than those before, at another hour.
        hour = 9 + 3 * growth.step
        self.series = house.add_booking(
            house.delta, start=hour, end=hour + 1, days=growth.dates, by=house.member
        )
        with house.engine.connect() as connection:
            of_series = select(Occurrence.id).where(Occurrence.booking_id == self.series)
            self.date = connection.execute(of_series).scalars().first() or 0
        self.request = house.add_booking(
            house.cedar, start=21, end=22, days=evening, state=State.REQUESTED
        )
        self.single = house.add_booking(start=21, end=22, days=evening)
        self._seasons(growth.added)
        for number in growth.added[:MOST_DATES]:
            for person in (house.member, house.stranger):
                house.add_want(day=number, by=person)
        self.size = growth.size

    def _meetings(self, numbers: range) -> Iterator[Meeting]:
        house = self.house
        for number in numbers:
            day, quarter = divmod(number, A_DAY)
            when = house.interval(8 + quarter / 4, 8.25 + quarter / 4, day=day)
            yield Meeting(house.atlas, when, house.member)
            yield Meeting(house.birch, when, house.stranger)
            yield Meeting(house.cedar, when, house.member, State.REQUESTED)

    def _seasons(self, numbers: range) -> None:
        """Add series without an end that are asked whether they go on."""
        rows = [
            {
                "booking_id": self.house.add_booking(
                    self.house.birch, start=22, end=23, days=(each,), rule="FREQ=WEEKLY"
                ),
                "season": "2027-08-31",
                "state": "asked",
                "asked_s": NOW,
            }
            for each in numbers[:MOST_DATES]
        ]
        if rows:
            self.asked = rows[0]["booking_id"]
            with writing(self.house.engine) as connection:
                connection.execute(insert(Renewal.__table__), rows)

    def pages(self) -> dict[str, Page]:
        """Return the pages of bookings and of requests."""
        return self._of_bookings() | self._of_changes() | self._of_requests()

    def _of_bookings(self) -> dict[str, Page]:
        house, booking, series = self.house, f"/bookings/{self.single}", f"/bookings/{self.series}"
        slot = f"space={house.birch.id}&date={house.at(0):%Y-%m-%d}&start=20:00"
        return {
            "own bookings": Page(house.member, "/bookings"),
            "bookings of the house": Page(house.member, "/bookings?of=house&q=choir"),
            "own bookings, last": Page(house.member, "/bookings?page=1&past=1"),
            # who is invited, who waits for its time, what others would swap
            "booking": Page(house.member, booking, 12),
            "booking of others": Page(house.stranger, booking, 10),
            "series": Page(house.member, series, 13),
            "series that is asked about": Page(house.member, f"/bookings/{self.asked}", 12),
            "new booking": Page(house.member, f"/bookings/new?{slot}"),
            "date of a series": Page(house.member, f"{series}/dates/{self.date}"),
            "how many came": Page(house.member, f"{booking}/came"),
            "invitation": Page(None, self._invited()),
            "booking by mail": Page(None, self._asked_by_mail()),
            "waiting list": Page(house.member, "/waiting"),
            "our use": Page(house.member, "/bookings/use"),
        }

    def _of_changes(self) -> dict[str, Page]:
        house, booking, series = self.house, f"/bookings/{self.single}", f"/bookings/{self.series}"
        return {
            "change": Page(house.member, f"{booking}/edit"),
            "change of a series": Page(house.member, f"{series}/edit"),
            "change from a date on": Page(house.member, f"{series}/edit?since={self.date}"),
            "cancel": Page(house.member, f"{booking}/cancel"),
            "cancel of a series": Page(house.member, f"{series}/cancel"),
            "still needed": Page(house.member, f"{series}/needed"),
            "next season": Page(house.member, f"/bookings/{self.asked}/season"),
            "hand over": Page(house.member, f"{booking}/hand-over"),
            "hand over, by an admin": Page(house.admin, f"{booking}/hand-over"),
            "swap": Page(house.stranger, f"{booking}/swap"),
            "swap for a date of a series": Page(house.stranger, f"{series}/swap"),
        }

    def _of_requests(self) -> dict[str, Page]:
        house, request = self.house, f"/approvals/{self.request}"
        return {
            # a page of requests, their days, their rivals
            "approvals": Page(house.approver, "/approvals", 11),
            "approvals of an admin": Page(house.admin, "/approvals", 11),
            # all that weighs on one screen, and why the rules ask
            "request": Page(house.approver, request, 21),
            "proposal": Page(house.approver, f"{request}/propose", 17),  # and what is free
            "request, by an approver": Page(house.approver, f"/bookings/{self.request}", 12),
            # what the page of a request asks, and what the link stands for
            "request by mail": Page(None, self._answer(), 17),
        }

    def _answer(self) -> str:
        """Return the address by which the approver answers the request of this size."""
        reader = self.house.approver.person_id or 0
        values = {
            "person_id": reader,
            "code": "notice_requested",
            "params": {},
            "booking_id": self.request,
            "at": NOW,
        }
        with writing(self.house.engine) as connection:
            made = insert(Notice).values(**values).returning(Notice.id)
            notice_id = connection.execute(made).scalar_one()
        key = self.app.config["SECRET_KEY"]
        return f"/by-mail/{sealed([notice_id, reader, 1], key, PURPOSE)}"

    def _invited(self) -> str:
        """Return the page of an invitation to the newest series, to which many are invited."""
        row = {
            "booking_id": self.series,
            "name": "Anna",
            "invited_by_id": self.house.member.person_id,
            "invited_at": NOW,
            "answer": "needs-action",
        }
        with writing(self.house.engine) as connection:
            for number in range(min(self.size, MOST_INVITEES)):
                email = f"a{number}-{self.series}@example.org"
                made = insert(Invitee).values(**row, email=email).returning(Invitee.id)
                invitee_id = connection.execute(made).scalar_one()
        return invitation_path(invitee_id, self.app.config["SECRET_KEY"])

    def _asked_by_mail(self) -> str:
        """Return the page on which a member confirms to have sent a mail."""
        row = {
            "key": f"{self.series}",
            "place": "",
            "at": NOW,
            "sender": "",
            "subject": "",
            "state": "asks",
            "person_id": self.house.member.person_id,
            "space_id": self.house.atlas.id,
            "content": b"",
        }
        with writing(self.house.engine) as connection:
            made = insert(ReceivedMail).values(**row).returning(ReceivedMail.id)
            received_id = connection.execute(made).scalar_one()
        return confirm_path(received_id, self.app.config["SECRET_KEY"])
