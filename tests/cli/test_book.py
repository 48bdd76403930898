"""`booking book`: the booking, or what is in the way and what is free."""

import pytest

from booking.actions.closures import close
from booking.core.requests import ClosureRequest
from booking.core.values import OPERATOR


@pytest.fixture
def book(shell, house):
    """Return a command line that books Atlas for an hour, with changes."""

    def words(
        *more: object,
        start: str = "2027-03-11T10:00",
        end: str = "2027-03-11T11:00",
        space: int = 0,
    ) -> list[object]:
        who = ["--title", "Choir", "--as", house.email(house.member)]
        times = ["--start", start, "--end", end]
        return ["book", "--space", space or house.atlas.id, *times, *who, *more]

    return words


@pytest.mark.engines("sqlite", "postgresql")
def test_booking_is_printed(shell, house, book):
    made = shell.json(*book())

    assert made == {
        "id": made["id"],
        "title": "Choir",
        "start": "2027-03-11T10:00+01:00",
        "end": "2027-03-11T11:00+01:00",
        "spaces": ["Atlas"],
        "status": "confirmed",
        "repeat": None,
        "dates": ["2027-03-11T10:00+01:00"],
        "left_out": [],
        "skipped": [],
    }
    (date,) = shell.json("agenda", house.email(house.member))
    assert date["booking"] == made["id"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2027-03-11T09:00:00Z", "2027-03-11T10:00:00+00:00", id="UTC"),
        pytest.param("2027-03-11T04:00-05:00", "2027-03-11T11:00", id="one with offset, one local"),
        pytest.param("2027-03-11 10:00", "2027-03-11 11:00", id="with a space"),
    ],
)
def test_times_with_offset_become_the_sites(shell, book, start, end):
    made = shell.json(*book(start=start, end=end))

    assert (made["start"], made["end"]) == ("2027-03-11T10:00+01:00", "2027-03-11T11:00+01:00")


def test_several_spaces_in_one_booking(shell, house, book):
    made = shell.json(*book("--space", house.birch.id))

    assert made["spaces"] == ["Atlas", "Birch"]


def test_request_waits_for_the_approver(shell, house, book):
    assert shell.json(*book(space=house.cedar.id))["status"] == "requested"


def test_conflict_is_3_with_what_is_in_the_way_and_what_is_free(shell, house, book):
    shell.run(*book("--organisation", house.ours))

    result = shell.run(*book("--json"), code=3)
    found = shell.json(*book(), code=3)

    assert result.stderr == "booking: This time is already taken.\n"
    assert found["conflicts"] == [
        {
            "wanted": "2027-03-11T10:00+01:00",
            "space_id": house.atlas.id,
            "space": "Atlas",
            "start": "2027-03-11T10:00+01:00",
            "end": "2027-03-11T11:00+01:00",
            "title": "Choir",
            "status": "confirmed",
        }
    ]
    assert {"start", "end", "space_ids", "spaces", "reason"} == found["alternatives"][0].keys()
    offered = {tuple(each["spaces"]) for each in found["alternatives"]}
    assert ("Atlas",) in offered
    assert ("Birch",) in offered


def test_conflict_says_no_more_than_the_person_may_see(shell, house, book):
    words = book("--visibility", "private")
    words[words.index("--as") + 1] = house.email(house.stranger)
    assert shell.json(*words)["title"] == "Choir"

    (clash,) = shell.json(*book(), code=3)["conflicts"]

    assert (clash["title"], clash["status"]) == ("", "confirmed")


def test_closure_in_the_way_is_told(shell, house, book, app, clock):
    works = ClosureRequest(house.site.id, house.at(9), house.at(12), "Works")
    with app.app_context():
        close(works, OPERATOR, now=clock())

    (clash,) = shell.json(*book(), code=3)["conflicts"]

    assert (clash["title"], clash["status"]) == ("Works", "closed")


def test_series_gives_all_dates(shell, book):
    made = shell.json(*book("--repeat", "FREQ=WEEKLY;COUNT=3"))

    assert made["repeat"] == "FREQ=WEEKLY;COUNT=3"
    assert [each[:10] for each in made["dates"]] == ["2027-03-11", "2027-03-18", "2027-03-25"]


def test_series_without_the_dates_that_clash(shell, book):
    shell.run(*book(start="2027-03-18T10:00", end="2027-03-18T11:00"))
    words = book("--repeat", "FREQ=WEEKLY;COUNT=3")
    assert len(shell.json(*words, code=3)["conflicts"]) == 1

    made = shell.json(*words, "--skip-clashing")

    assert [each[:10] for each in made["dates"]] == ["2027-03-11", "2027-03-25"]
    assert made["skipped"] == ["2027-03-18T10:00+01:00"]


def test_an_administrator_displaces_what_is_in_the_way(shell, house, book):
    theirs = shell.json(*book())["id"]
    words = [*book("--override", "The mayor comes."), "--as", house.email(house.admin)]

    made = shell.json(*words)

    assert made["status"] == "confirmed"
    assert made["id"] != theirs
    shell.run(*book("--override", "Why not"), code=1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"end": "2027-03-11T09:00"}, "The end lies before the start.", id="order"),
        pytest.param({"space": 999}, "There is no such room.", id="space"),
        pytest.param({"start": "2027-03-01T10:00", "end": "2027-03-01T11:00"}, "over", id="past"),
    ],
)
def test_what_makes_no_sense_is_refused(shell, book, change, sentence):
    told = shell.refusal(*book(**change))

    assert told.startswith("booking: ")
    assert sentence in told


def test_booking_for_a_foreign_organisation_is_refused(shell, house, book):
    shell.refusal(*book("--organisation", house.theirs))
    assert shell.refusal(*book("--organisation", "nobody's")).endswith("no such organisation.")


def test_unreadable_time_is_wrong_usage(shell, book):
    result = shell.run(*book(start="tomorrow"), code=2)

    assert "'tomorrow' is no time like 2027-03-12T10:00" in result.stderr


def test_people_read_lines(shell, book):
    made = shell.run(*book()).stdout
    clash = shell.run(*book(), code=3).stdout.splitlines()

    assert made.endswith("2027-03-11 10:00  Atlas  Confirmed\n")
    assert clash[0] == "- 2027-03-11T10:00+01:00  Atlas  Choir"
    assert all(line.startswith("+ ") for line in clash[1:])


def test_further_dates(shell, book):
    made = shell.json(*book("--also", "2027-03-22", "--also", "2027-03-15"))

    assert made["repeat"] == "FREQ=DAILY;COUNT=1"
    assert [each[:10] for each in made["dates"]] == ["2027-03-11", "2027-03-15", "2027-03-22"]


def test_days_off_are_left_out(shell, book):
    days_off = ["--leave-out", "public", "--leave-out", "school:A"]
    made = shell.json(*book("--repeat", "FREQ=WEEKLY;COUNT=10", *days_off))

    assert len(made["dates"]) == 7
    assert [each[:10] for each in made["left_out"]] == ["2027-04-15", "2027-04-22", "2027-05-06"]
