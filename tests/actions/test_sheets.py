"""Tables of spaces, organisations and leases: nothing is lost, nothing is written twice."""

import io
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from booking.actions import leases as lease_verbs
from booking.actions import sheets as verbs
from booking.core.errors import InvalidRequest, NotAllowed, NotFound, Stale
from booking.core.sheets import Existing, Kind
from booking.core.values import SpaceKind
from booking.imports import sheets as work
from booking.models import Audit, Lease, Organisation, Sheet
from booking.models import Space as SpaceRow
from booking.queries import leases
from booking.queries.sheets import outcomes, sheet
from tests.support.databases import writing
from tests.support.factories import NOW, House
from tests.support.statements import count_statements


def clock():
    return NOW


class Desk:
    """Somebody who imports tables into a house."""

    def __init__(self, session, house: House) -> None:
        self.session, self.house = session, house

    def look(self, kind: str, text: str, existing: str = "leave", actor=None) -> int:
        site_id = None if kind == "organisations" else self.house.site.id
        file = io.BytesIO(text.encode())
        actor = actor or self.house.admin
        found = work.take_in(
            file, "table.csv", Kind(kind), site_id, Existing(existing), actor, now=NOW
        )
        self.session.rollback()
        return found

    def write(self, sheet_id: int, **more) -> None:
        verbs.turn_sheet(sheet_id, "writing", self.house.admin, now=NOW, at_once=True, **more)
        work.write_all(sheet_id, now=clock)
        self.session.rollback()

    def fates(self, sheet_id: int) -> list[tuple[int, str, list[tuple[str, str]]]]:
        self.session.rollback()
        return [
            (each.row, each.fate.value, [(one.code, one.field) for one in each.why])
            for each in outcomes(self.session, sheet_id)
        ]

    def office(self, name: str, area: str, **more):
        made = self.house.add_office(name, **more)
        with writing(self.house.engine) as connection:
            values = {"area_m2": Decimal(area), "area_given": True}
            connection.execute(update(SpaceRow).where(SpaceRow.id == made.id).values(values))
        return made

    def number(self, model) -> int:
        self.session.rollback()
        return self.session.execute(select(func.count()).select_from(model)).scalar_one()


@pytest.fixture
def desk(session, house: House) -> Desk:
    return Desk(session, house)


ORGANISATIONS = "Nom;Genre\nRadio Locale;Résident\nOurs;Permanence\nÉpicerie;contributrice\n"


def test_organisations_are_written_once(desk, session):
    before = desk.number(Organisation)
    first = desk.look("organisations", ORGANISATIONS)
    assert desk.fates(first) == [(2, "new", []), (3, "kept", []), (4, "new", [])]
    assert desk.number(Organisation) == before

    desk.write(first)

    assert desk.fates(first) == [(2, "added", []), (3, "kept", []), (4, "added", [])]
    assert sheet(session, first).state == "done"
    second = desk.look("organisations", ORGANISATIONS)
    assert [fate for _row, fate, _why in desk.fates(second)] == ["same", "kept", "same"]
    assert desk.number(Organisation) == before + 2


def test_what_is_there_is_brought_up_to_date_where_one_says_so(desk, session):
    sheet_id = desk.look("organisations", ORGANISATIONS, "update")
    assert desk.fates(sheet_id)[1] == (3, "change", [])

    desk.write(sheet_id)

    kind = session.execute(select(Organisation.kind).where(Organisation.name == "Ours")).scalar()
    assert kind == "permanence"
    assert desk.fates(sheet_id)[1] == (3, "changed", [])


def test_nothing_is_written_unless_all_is_good_or_one_says_so(desk):
    before = desk.number(Organisation)
    sheet_id = desk.look("organisations", "Nom;Genre\nA;Résident\nB;Roi\n;Résident\na;\n")
    assert desk.fates(sheet_id) == [
        (2, "new", []),
        (3, "wrong", [("cell_choice", "kind")]),
        (4, "wrong", [("name_missing", "name")]),
        (5, "wrong", [("row_twice", "")]),
    ]

    with pytest.raises(InvalidRequest) as caught:
        desk.write(sheet_id)
    assert caught.value.messages[0].code == "sheet_has_errors"
    assert desk.number(Organisation) == before

    desk.write(sheet_id, without_wrong=True)
    assert desk.number(Organisation) == before + 1


SPACES = (
    "Nom;Genre;Étage;Surface (m²);Capacité;Équipement;Réservable;Minutes avant\n"
    "Bureau 7;Bureau;Rez;38,5;4;écran, lampe rouge;;\n"
    "Salle 8;Salle de réunion;;;12;;oui;15\n"
)


def test_spaces_are_written_with_all_that_a_row_says(desk, session, house):
    floor = house.add_floor(name="Rez")
    sheet_id = desk.look("spaces", SPACES)

    desk.write(sheet_id)

    rows = session.execute(
        select(SpaceRow).where(SpaceRow.name.in_(["Bureau 7", "Salle 8"])).order_by(SpaceRow.name)
    ).scalars()
    office, room = rows
    assert (office.kind, office.floor_id, float(office.area_m2)) == ("office", floor, 38.5)
    assert (office.features, office.capacity) == (["screen", "lampe rouge"], 4)
    assert (office.bookable, room.bookable, room.setup_s) == (False, True, 900)
    again = desk.look("spaces", SPACES, "update")
    assert [fate for _row, fate, _why in desk.fates(again)] == ["same", "same"]
    assert desk.number(Audit) == 3  # two spaces, one table


def test_a_space_keeps_what_a_row_leaves_empty(desk, session, house):
    office = house.add_office("Bureau 7", capacity=3)
    with writing(house.engine) as connection:
        text = {"description": "Vue sur la cour"}
        connection.execute(update(SpaceRow).where(SpaceRow.id == office.id).values(text))
    sheet_id = desk.look("spaces", "Nom;Capacité;Description\nbureau 7;5;\n", "update")
    assert outcomes(session, sheet_id)[0].changes == ("capacity",)

    desk.write(sheet_id)

    found = session.execute(select(SpaceRow).where(SpaceRow.name == "Bureau 7")).scalar_one()
    assert (found.capacity, found.description) == (5, "Vue sur la cour")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("X;;;;;;;", [("cell_missing", "kind")]),
        ("X;Bureau;Grenier;;;;;", [("cell_floor", "floor")]),
        ("X;Bureau;;abc;beaucoup;;peut-être;", ["area_m2", "capacity", "bookable"]),
        ("X;Bureau;;0;;;;", [("number_out_of_range", "area_m2")]),
        ("X;Bureau;;;99999;;;", [("number_out_of_range", "capacity")]),
        ("=A2;Bureau;;;;;;", [("cell_formula", "name")]),
    ],
)
def test_what_is_wrong_with_a_space_names_its_column(desk, row, why):
    sheet_id = desk.look("spaces", SPACES.partition("\n")[0] + "\n" + row)

    [(_number, fate, found)] = desk.fates(sheet_id)
    assert fate == "wrong"
    assert [each if isinstance(why[0], tuple) else each[1] for each in found] == why


LEASES = (
    "Espace;Organisation;Premier jour;Dernier jour;Loyer;Part;Jours;Inclus;Heures de salle\n"
    "Office;Ours;01/04/2027;31/12/2027;10,50;;;ménage, chauffage;12\n"
    "Office;Ours;01/01/2028;;11;1/2;;;\n"
    "Office;Theirs;01/01/2028;;11;50 %;lun, mar;;\n"
)


def test_leases_are_written_and_found_again(desk, session, house):
    desk.office("Office", "38.5")
    sheet_id = desk.look("leases", LEASES)
    assert [fate for _row, fate, _why in desk.fates(sheet_id)] == ["new"] * 3

    desk.write(sheet_id)

    first, half, days = leases.leases_of_site(session, house.site.id)
    assert (first.starts, first.ends, first.area_m2) == (
        date(2027, 4, 1),
        date(2027, 12, 31),
        Decimal("38.5"),
    )
    assert first.includes == {"cleaning", "heating"}
    assert (half.share, half.shares, half.area_m2, half.ends) == (1, 2, Decimal("19.25"), None)
    assert days.weekdays == {0, 1}
    again = desk.look("leases", LEASES, "update")
    assert [fate for _row, fate, _why in desk.fates(again)] == ["same"] * 3


def test_a_lease_is_brought_up_to_date_by_its_first_day(desk, session, house):
    office = desk.office("Office", "20")
    wish = house.lease_request(office)
    lease_id = lease_verbs.create_lease(wish, house.admin, now=NOW)
    row = f"Office;Ours;{wish.starts:%d/%m/%Y};30/06/2027;12,5"
    sheet_id = desk.look("leases", f"Bureau;Organisation;Du;Au;Loyer\n{row}\n", "update")
    assert outcomes(session, sheet_id)[0].changes == ("ends", "rent_m2")

    desk.write(sheet_id)

    found = leases.lease(session, lease_id)
    assert (found.ends, found.rent_m2, found.version) == (date(2027, 6, 30), Decimal("12.5"), 2)
    assert desk.number(Lease) == 1


def test_leases_in_the_way_are_told_whether_stored_or_above(desk, house):
    office = desk.office("Office", "20")
    lease_verbs.create_lease(house.lease_request(office), house.admin, now=NOW)  # 1 Apr-31 Dec 2027
    desk.office("Other", "20")
    sheet_id = desk.look(
        "leases",
        "Bureau;Organisation;Du;Au;Loyer;Part\n"
        "Office;Theirs;01/12/2027;;10;\n"
        "Other;Theirs;01/12/2027;;10;1/2\n"
        "Other;Ours;01/01/2028;;10;2/3\n"
        "Other;Ours;01/01/2028;31/12/2027;10;\n"
        "Atlas;Ours;01/01/2028;;10;\n"
        "Nulle part;Personne;01/13/2028;;10;\n",
    )

    assert desk.fates(sheet_id) == [
        (2, "wrong", [("row_let", "starts")]),
        (3, "new", []),
        (4, "wrong", [("row_let_above", "starts")]),
        (5, "wrong", [("lease_ends_first", "ends")]),
        (6, "wrong", [("cell_missing", "area_m2")]),
        (
            7,
            "wrong",
            [
                ("cell_space", "space"),
                ("cell_organisation", "organisation"),
                ("cell_day", "starts"),
            ],
        ),
    ]


def test_who_takes_an_office_meanwhile_refuses_that_row_alone(desk, session, house):
    office = desk.office("Office", "20")
    desk.office("Other", "20")
    sheet_id = desk.look(
        "leases",
        "Bureau;Organisation;Du;Au;Loyer\nOffice;Theirs;01/05/2027;;9\nOther;Theirs;01/05/2027;;9\n",
    )
    lease_verbs.create_lease(house.lease_request(office), house.admin, now=NOW)

    desk.write(sheet_id)

    assert desk.fates(sheet_id) == [(2, "refused", [("row_let", "starts")]), (3, "added", [])]


def test_what_is_interrupted_is_taken_up_again(desk, session, house, monkeypatch):
    rows = "".join(f"Org {number}\n" for number in range(120))
    sheet_id = desk.look("organisations", f"Nom\n{rows}")
    before = desk.number(Organisation)
    verbs.turn_sheet(sheet_id, "writing", house.admin, now=NOW, at_once=True)
    work.write(sheet_id, now=clock, batches=1)
    assert desk.number(Organisation) == before + work.BATCH
    verbs.turn_sheet(sheet_id, "stopped", house.admin, now=NOW)
    work.write(sheet_id, now=clock, batches=1)
    assert desk.number(Organisation) == before + work.BATCH

    desk.write(sheet_id)

    assert desk.number(Organisation) == before + 120
    assert {fate for _row, fate, _why in desk.fates(sheet_id)} == {"added"}


def test_one_table_is_written_at_a_time(desk, house):
    first, second = (desk.look("organisations", f"Nom\nOrg {name}\n") for name in "AB")
    verbs.turn_sheet(first, "writing", house.admin, now=NOW, at_once=True)

    with pytest.raises(InvalidRequest) as caught:
        verbs.turn_sheet(second, "writing", house.admin, now=NOW, at_once=True)
    assert caught.value.messages[0].code == "sheet_busy"
    with pytest.raises(Stale):
        verbs.turn_sheet(first, "writing", house.admin, now=NOW, at_once=True)


def test_only_who_runs_the_house_imports_and_only_own_tables(desk, house, session):
    with pytest.raises(NotAllowed):
        desk.look("organisations", ORGANISATIONS, actor=house.member)
    sheet_id = desk.look("organisations", ORGANISATIONS)
    with pytest.raises(NotFound):
        verbs.turn_sheet(sheet_id, "writing", house.manager, now=NOW)


def test_old_tables_give_way(desk, session, house):
    for name in "ABCD":
        desk.look("organisations", f"Nom\nOrg {name}\n")

    assert desk.number(Sheet) == verbs.MOST_SHEETS


@pytest.mark.parametrize("kind", ["spaces", "organisations", "leases"])
def test_a_preview_reads_as_often_for_a_thousand_rows_as_for_one(desk, session, house, kind):
    desk.office("Office 0", "20")
    rows = {
        "spaces": "Nom;Genre\n" + "Room {};Bureau\n",
        "organisations": "Nom;Genre\n" + "Org {};Résident\n",
        "leases": "Bureau;Organisation;Du;Au;Loyer\n" + "Office 0;Ours;01/01/20{};;10\n",
    }
    head, _, row = rows[kind].partition("\n")

    def statements(number: int) -> int:
        text = head + "\n" + "".join(row.format(each) for each in range(30, 30 + number))
        with count_statements(session.get_bind()) as found:
            desk.look(kind, text)
        return len(found)

    statements(1)
    assert statements(1) == statements(60)


def test_kinds_of_spaces_have_words_in_both_languages():
    from booking.imports.sheets.words import words

    assert set(words("kind").values()) == {each.value for each in SpaceKind}
    assert words("kind")["bureau d accueil"] == words("kind")["reception office"] == "reception"
