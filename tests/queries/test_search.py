"""Found by words, as far as one may read: nothing of others' private bookings shows."""

from dataclasses import replace
from itertools import product

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session, scoped_session

from booking.actions.bookings import book, change
from booking.actions.bookings.change import as_request
from booking.core.requests import ChangeRequest
from booking.core.values import Actor, Grant, Role, State, Visibility
from booking.core.visibility import may_read
from booking.core.words import words_of
from booking.models import BookingWord
from booking.queries import agenda
from booking.queries.own import Show, own_bookings
from tests.support.databases import writing
from tests.support.factories import House

Db = scoped_session[Session]


def found(session: Db, house: House, words: str, reader: Actor | None = None) -> list[int]:
    lines = own_bookings(
        session(),
        reader=reader or house.member,
        show=Show.COMING,
        states=list(State),
        now=house.now,
        limit=100,
        words=words_of(words),
    )
    session.rollback()
    return [each.booking_id for each in lines]


def words(session: Db, booking_id: int) -> set[str]:
    query = select(BookingWord.word).where(BookingWord.booking_id == booking_id)
    stored = {*session.scalars(query)}
    session.rollback()
    return stored


def test_beginnings_of_words_find_in_any_order(session: Db, house: House) -> None:
    summer = house.add_booking(title="Répétition d'été")
    choir = house.add_booking(title="Chorale d'été", days=(1,))
    assert found(session, house, "été") == [summer, choir]
    assert found(session, house, "ETE rep") == [summer]
    assert found(session, house, "chor") == [choir]
    assert found(session, house, "orale") == []
    assert found(session, house, "ete hiver") == []
    assert found(session, house, "%") == [summer, choir]  # no word at all


def test_words_follow_the_title(session: Db, house: House) -> None:
    booking_id = book(house.request(title="Choir"), house.member, now=house.now).booking_id
    assert words(session, booking_id) == {"choir"}
    other = as_request(agenda.booking(session(), booking_id))
    session.rollback()
    wish = replace(other, title="Chess club", end=house.at(11.5))
    change(ChangeRequest(booking_id, 1, wish), house.member, now=house.now)
    assert words(session, booking_id) == {"chess", "club"}
    later = replace(wish, title="Yoga")
    change(ChangeRequest(booking_id, 2, later), house.member, now=house.now)
    assert words(session, booking_id) == {"yoga"}


def test_only_what_one_may_read_is_found(session: Db, house: House) -> None:
    """The same as the one function of visibility, for every kind of reader and booking."""
    readers = [
        house.member,
        house.stranger,
        house.manager,
        house.approver,
        house.admin,
        house.add_person("Warden", grants=(Grant(Role.APPROVER, space_id=house.delta.id),)),
        house.add_person("Caretaker", grants=(Grant(Role.ADMIN, site_id=house.site.id),)),
    ]
    day = 0
    for room, visibility, by, organisation in product(
        (house.atlas, house.delta),
        Visibility,
        (house.member, house.stranger),
        (None, house.ours),
    ):
        house.add_booking(
            room,
            days=(day,),
            by=by,
            title="Choir",
            visibility=visibility.value,
            organisation_id=organisation,
        )
        day += 1
    everything = agenda.occurrences(
        session(), [house.atlas.id, house.delta.id], house.interval(0, 24 * 60)
    )
    session.rollback()
    assert len(everything) == day
    for reader in readers:
        may = [each.booking_id for each in everything if may_read(each, reader)]
        assert found(session, house, "choir", reader) == may, reader.name


def test_words_are_found_by_their_index(house: House) -> None:
    booking_id = house.add_booking(title="Choir")
    query = "SELECT booking_id FROM booking_word WHERE word >= 'cho' AND word < 'cho\U0010ffff'"
    with writing(house.engine) as connection:
        rows = [{"word": f"word{each}", "booking_id": booking_id} for each in range(2_000)]
        connection.execute(insert(BookingWord), rows)
        if house.engine.dialect.name == "sqlite":
            plan = str(connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())
            assert "SEARCH booking_word" in plan
        else:
            connection.execute(text("ANALYZE booking_word"))
            plan = str(connection.execute(text(f"EXPLAIN {query}")).all())
            assert "Index" in plan
            assert "Seq Scan" not in plan
