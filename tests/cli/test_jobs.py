"""`booking jobs`, `booking approve`, `booking refuse`."""

import pytest
from sqlalchemy import Engine, insert

from booking.core.values import State
from booking.models import Job
from tests.support.databases import writing
from tests.support.factories import NOW

BOTH = pytest.mark.engines("sqlite", "postgresql")


def add_job(engine: Engine, **columns: object) -> None:
    given = {"kind": "mail", "payload": {"notice": 1}, "due_at": NOW, "created_at": NOW}
    with writing(engine) as connection:
        connection.execute(insert(Job).values(given | columns))


@pytest.fixture
def dead(shell, house, engine) -> int:
    """Return the id of a job that died."""
    add_job(engine, id=7, dead_at=NOW, attempts=1, error="550 no such person")
    return 7


@BOTH
def test_jobs_are_listed_with_their_standing(shell, dead, engine):
    add_job(engine, id=8)

    first, second = shell.json("jobs", "list")

    assert first == {
        "id": dead,
        "kind": "mail",
        "standing": "dead",
        "at": NOW.isoformat(),
        "attempts": 1,
        "error": "550 no such person",
    }
    assert second["standing"] == "waiting"
    assert "Failed" in shell.run("jobs", "list").stdout


@pytest.mark.parametrize("chosen", ["id", "all"])
@pytest.mark.parametrize(("verb", "left"), [("retry", ["waiting"]), ("discard", [])])
def test_dead_jobs_are_decided(shell, dead, verb, left, chosen):
    shell.run("jobs", verb, dead if chosen == "id" else "--all")

    assert [each["standing"] for each in shell.json("jobs", "list")] == left


def test_unknown_job_is_refused(shell, house):
    shell.refusal("jobs", "retry", 99)
    shell.run("jobs", "retry", code=2)


@BOTH
def test_request_is_approved_once(shell, house):
    asked = house.add_booking(house.cedar, state=State.REQUESTED)

    assert shell.json("approve", asked, "--reason", "Welcome") == {
        "id": asked,
        "status": "confirmed",
    }
    assert "no longer open" in shell.refusal("approve", asked)


def test_request_is_refused_with_a_reason(shell, house):
    asked = house.add_booking(house.cedar, state=State.REQUESTED)

    shell.run("refuse", asked, code=2)
    assert shell.json("refuse", asked, "--reason", "Closed that day")["status"] == "refused"


def test_only_approvers_decide(shell, house):
    asked = house.add_booking(house.cedar, state=State.REQUESTED)

    shell.refusal("approve", asked, "--as", house.email(house.member))
    assert shell.json("approve", asked, "--as", house.email(house.approver))["status"] == (
        "confirmed"
    )
