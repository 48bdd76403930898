"""`booking doctor`: what it finds, how it says it, its exit code."""

import os

import pytest
from sqlalchemy import text

from booking import school
from booking.cli.words import SENTENCES
from tests.support.databases import writing

NAMES = [
    "configuration",
    "secret",
    "folder",
    "mail",
    "school",
    "profiles",
    "database",
    "guard",
    "migrations",
    "overlaps",
    "holds_missing",
    "holds_stray",
    "clock",
    "zones",
    "work",
    "demo",
]


@pytest.mark.engines("sqlite", "postgresql")
def test_house_in_order(shell, house):
    found = shell.json("doctor")

    assert found["status"] == "ok"
    assert [check["name"] for check in found["checks"]] == NAMES
    assert {check["status"] for check in found["checks"]} == {"ok"}


def failing(found: dict[str, object]) -> dict[str, str]:
    return {check["name"]: check["detail"] for check in found["checks"] if check["status"] != "ok"}


def test_dropped_trigger_is_1_and_told(shell, house, engine):
    with writing(engine) as connection:
        connection.execute(text("DROP TRIGGER hold_no_overlap_update"))

    result = shell.run("doctor", code=1)

    (line,) = [line for line in result.stdout.splitlines() if not line.startswith("ok")]
    assert "trigger hold_no_overlap_update is missing" in line
    assert "booking init" in line
    shell.run("init")
    shell.run("doctor")


def test_confirmed_booking_without_hold_is_told(shell, house, engine):
    house.add_booking(house.atlas)
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM hold"))

    assert failing(shell.json("doctor", code=1)) == {
        "holds_missing": "1 confirmed bookings of a space have no hold on their time"
    }
    with writing(engine) as connection:
        connection.execute(text("UPDATE allocation SET state = 'cancelled'"))


def test_missing_database_is_told(bare_shell):
    found = failing(bare_shell.json("doctor", code=1))

    assert "booking init" in found["database"]
    assert found["guard"] == "cannot be told without the database"


def test_unusable_settings_are_told(bare_shell):
    bare_shell.config.write_text("[server]\nport = 'x'\n")

    found = bare_shell.json("doctor", code=1)

    assert list(failing(found)) == ["configuration"]
    assert str(bare_shell.config) in failing(found)["configuration"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_secret_that_others_may_read_is_told(shell, house, tmp_path):
    secret = tmp_path / "secret.key"
    secret.write_text("x" * 64)
    secret.chmod(0o644)

    assert "chmod 600" in failing(shell.json("doctor", code=1))["secret"]
    assert "x" * 64 not in shell.run("doctor", code=1).stdout


def test_demo_accounts_behind_a_public_address_are_told(shell, house, engine):
    shell.config.write_text(shell.config.read_text().replace("[server]", '[server]\nhost = "::"'))
    shell.run("doctor")
    with writing(engine) as connection:
        connection.execute(text("UPDATE person SET is_demo = true"))

    assert list(failing(shell.json("doctor", code=1))) == ["demo"]


def test_work_that_failed_for_good_is_told(shell, house, engine):
    values = "('mail', '{}', 0, 0, 10, 0, 'nobody took it')"
    with writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO job (kind, payload, created_s, due_s, attempts, dead_s, error)"
                f" VALUES {values}"
            )
        )

    told = failing(shell.json("doctor", code=1))

    assert list(told) == ["work"]
    assert "booking jobs retry --all" in told["work"]
    shell.run("jobs", "discard", "--all")
    shell.run("doctor")


def test_where_mails_go_is_told(shell, house, tmp_path):
    checks = {each["name"]: each for each in shell.json("doctor")["checks"]}
    assert checks["mail"]["status"] == "ok"
    assert "mails are kept in" in checks["mail"]["detail"]
    shell.config.write_text(shell.config.read_text() + '\n[mail]\nsmtp_host = "mail.example.org"\n')
    checks = {each["name"]: each for each in shell.json("doctor")["checks"]}
    assert checks["mail"]["detail"] == "well"


@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_can_be_said(app, code):
    params = dict.fromkeys(
        ("reason", "file", "folder", "problem", "stored", "wanted", "number", "seconds", "last",
         "zone"),
        "x",
    )  # fmt: skip
    with app.test_request_context():
        assert len(f"{SENTENCES[code] % params}") > 3


def test_file_of_school_holidays_that_cannot_be_read(shell, house, tmp_path, monkeypatch):
    monkeypatch.setattr(school._Source, "file", None)  # put back at the end
    file = tmp_path / "school.csv"
    file.write_text("zone,first,last\nA,soon,later\n")
    text = shell.config.read_text() + f'\n[calendars]\nschool_holidays = "{file.as_posix()}"\n'
    shell.config.write_text(text)

    answer = shell.run("doctor", code=1)
    assert "school.csv: line 2: expected days such as 2028-10-21" in answer.output
