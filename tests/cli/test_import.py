"""`booking import`: counts, what is doubtful, and the same once more does nothing."""

import pytest

from tests.ical.reading.calendars import calendar, event


@pytest.fixture
def file(tmp_path):
    """Return a calendar file: a series, an event that is over, a rule that is not ours."""
    found = tmp_path / "choir.ics"
    found.write_bytes(
        calendar(
            event("RRULE:FREQ=WEEKLY;COUNT=4", "LOCATION:Birch"),
            event("DTSTART:20200101T090000Z", "DURATION:PT1H", uid="old", summary="Old"),
            event("RRULE:FREQ=HOURLY", uid="hourly", summary="Bells"),
        )
    )
    return found


@pytest.mark.engines("sqlite", "postgresql")
def test_import_books_what_is_to_come(shell, house, file):
    words = ["import", file, "--space", "atlas", "--as", house.email(house.member)]

    tried = shell.json(*words, "--dry-run")
    assert tried["counts"]["booked"] == 1
    assert shell.json("agenda", house.email(house.member)) == []

    made = shell.json(*words)
    assert made["counts"] == {
        "booked": 1,
        "requested": 0,
        "there": 0,
        "taken": 0,
        "refused": 0,
        "left": 2,
    }
    assert [each["dates"] for each in made["events"]] == [4, 0, 0]
    assert made["events"][1]["reasons"] == ["It is over."]
    assert len(shell.json("agenda", house.email(house.member))) == 4

    again = shell.json(*words)
    assert (again["counts"]["there"], again["counts"]["booked"]) == (1, 0)


def test_import_finds_the_rooms_that_places_name(shell, house, file):
    words = ["import", file, "--by-place", "--as", house.email(house.member)]
    shell.run(*words)
    assert {each["spaces"][0] for each in shell.json("agenda", house.email(house.member))} == {
        "Birch"
    }


def test_import_tells_what_clashes_in_words(shell, house, file):
    house.add_booking(start=9, end=10, days=(7,), by=house.stranger)
    told = shell.run("import", file, "--space", house.atlas.id, "--as", house.email(house.member))
    assert "Clashes: 2027-03-18." in told.stdout
    assert told.stdout.splitlines()[-1] == (
        "1 event booked, 0 there before, 0 clash, 0 refused, 2 left out."
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["--space", "nowhere"], 1, id="no such room"),
        pytest.param([], 2, id="nowhere to go"),
        pytest.param(["--space", "Atlas", "--clashing", "fight"], 2, id="no such choice"),
    ],
)
def test_import_says_what_is_wrong(shell, house, file, words, code):
    shell.run("import", file, *words, "--as", house.email(house.member), code=code)


def test_what_is_no_calendar_is_refused(shell, house, tmp_path):
    page = tmp_path / "page.ics"
    page.write_text("<html>Sign in</html>")
    words = ["import", page, "--space", "Atlas", "--as", house.email(house.member)]
    assert shell.refusal(*words) == ("booking: This is not a calendar: nothing in it can be read.")
