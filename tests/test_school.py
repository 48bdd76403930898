"""School holidays: the library's, and a file that goes before it."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from booking import school

# A season of its own: the first and the last day of a year that nobody has published.
OWN = """zone;first;last;name
A;2028-10-21;2028-11-05;Toussaint
A;2029-07-07;2029-08-31;Été
Nord;2027-03-15;2027-03-19;
"""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "school.csv"
    path.write_text(OWN, encoding="utf-8")
    school.use_file(path)
    yield path
    school.use_file(None)


def test_library_has_the_three_zones() -> None:
    for zone, winter in (("A", 13), ("B", 20), ("C", 6)):
        days = school.school_calendar(zone).days
        assert days[date(2027, 2, winter)] == "Vacances d'hiver"
        assert date(2027, 2, winter) - date(2027, 1, 31) not in days
        assert school.school_calendar(zone).last >= date(2028, 8, 31)  # type: ignore[operator]
    assert school.zones("FR") == ("A", "B", "C")


def test_nobody_knows_other_zones_and_countries() -> None:
    assert school.zones("DE") == ()
    assert school.school_calendar("Z").last is None


def test_file_goes_on_where_the_library_ends(file: Path) -> None:
    found = school.school_calendar("A")
    assert found.days[date(2028, 10, 21)] == "Toussaint"
    assert found.days[date(2027, 2, 13)] == "Vacances d'hiver"
    assert found.last == date(2029, 8, 31)
    assert found.knows(date(2028, 9, 15))
    assert school.zones("FR") == ("A", "B", "C", "Nord")
    assert school.zones("DE") == ("A", "Nord")


def test_file_replaces_the_library_in_its_time(file: Path) -> None:
    file.write_text("zone,first,last,name\nA,2027-02-20,2027-04-30,Own\n", encoding="utf-8-sig")
    days = school.school_calendar("A").days
    assert days[date(2027, 2, 13)] == "Vacances d'hiver"
    assert days[date(2027, 3, 1)] == days[date(2027, 4, 30)] == "Own"


def test_file_is_read_again_when_it_is_written_anew(file: Path) -> None:
    assert date(2028, 10, 20) not in school.school_calendar("A").days
    file.write_text(OWN.replace("2028-10-21", "2028-10-20"), encoding="utf-8")
    os.utime(file, (1, 1))
    assert date(2028, 10, 20) in school.school_calendar("A").days


def test_file_may_list_days_as_the_open_data_does(file: Path) -> None:
    file.write_text(
        "date,vacances_zone_a,vacances_zone_b,vacances_zone_c,nom_vacances\n"
        "2029-02-10,False,True,False,Vacances d'hiver\n"
        "2029-02-11,False,False,False,\n",
        encoding="utf-8",
    )
    assert date(2029, 2, 10) in school.school_calendar("B").days
    assert date(2029, 2, 10) not in school.school_calendar("A").days


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1"),
        ("a,b\n1,2\n", "line 1"),
        ("zone,first,last\nA,2028-10-21\n", "line 2"),
        ("zone,first,last\nA,2028-10-21,2028-11-05\nA,21.10.2028,2028-11-05\n", "line 3"),
        ("zone,first,last\nA,2028-10-21,2038-11-05\n", "line 2"),
        ("zone,first,last\nA,2028-11-05,2028-10-21\n", "line 2"),
        ("zone,first,last\n<b>,2028-10-21,2028-10-22\n", "line 2"),
        ("date,vacances_zone_a\nsoon,True\n", "line 2"),
    ],
)
def test_file_that_makes_no_sense_is_refused_by_its_line(file: Path, text: str, told: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(school.SchoolFileError, match=told):
        school.check_file(file)
    with pytest.raises(school.SchoolFileError, match=r"school\.csv"):
        school.school_calendar("A")


def test_file_that_is_not_there_is_told(file: Path) -> None:
    file.unlink()
    with pytest.raises(school.SchoolFileError, match="No such file"):
        school.school_calendar("A")


def test_file_that_is_no_text_is_told(file: Path) -> None:
    file.write_bytes(b"zone,first,last\n\xff\xfe")
    with pytest.raises(school.SchoolFileError, match="UTF-8"):
        school.zones("FR")
