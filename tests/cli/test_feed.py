"""`booking feed`: links made, listed, revoked; the service answers them."""

import re

import pytest


@pytest.mark.engines("sqlite", "postgresql")
def test_link_of_a_member_is_answered_until_it_is_revoked(shell, house, client):
    made = shell.json("feed", "create", "--member", house.email(house.member))

    path = made["url"].removeprefix("http://127.0.0.1:8000")
    assert re.fullmatch(r"/feeds/[\w-]{32}\.ics", path)
    assert client.get(path).status_code == 200
    assert shell.json("feed", "revoke", made["id"]) == {"id": made["id"], "revoked": True}
    assert client.get(path).status_code == 404


def test_link_of_a_space_belongs_to_an_administrator(shell, house):
    url = shell.run("feed", "create", "--space", house.atlas.id).stdout.strip()

    (link,) = shell.json("feed", "list")
    assert url.endswith(".ics")
    assert link == {
        "id": link["id"],
        "name": "Made at the command line",
        "member": house.email(house.admin),
        "space": "Atlas",
        "organisation": None,
        "category": None,
        "detail": "full",
        "created_at": "2027-03-10T09:00:00+00:00",
        "last_used_at": None,
    }


def test_link_of_a_space_for_a_member(shell, house):
    who = ["--member", house.email(house.member)]

    shell.run("feed", "create", "--space", house.atlas.id, *who, "--busy", "--name", "Door")

    (link,) = shell.json("feed", "list", *who)
    assert (link["name"], link["space"], link["detail"]) == ("Door", "Atlas", "busy")
    assert shell.json("feed", "list", "--member", house.email(house.admin)) == []


def test_list_has_no_secret(shell, house):
    url = shell.json("feed", "create", "--member", house.email(house.member))["url"]

    listed = shell.run("feed", "list").stdout + shell.run("feed", "list", "--json").stdout

    assert url.rpartition("/")[2].removesuffix(".ics") not in listed


def test_link_starts_with_the_public_address(shell, house):
    text = shell.config.read_text().replace(
        "[server]", '[server]\npublic_url = "https://rooms.example.org/"'
    )
    shell.config.write_text(text)

    url = shell.json("feed", "create", "--member", house.email(house.member))["url"]

    assert url.startswith("https://rooms.example.org/feeds/")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["--space", "999"], "There is no such room.", id="space"),
        pytest.param(["--member", "x@example.org"], "There is no such person.", id="person"),
    ],
)
def test_link_of_nothing_is_refused(shell, house, words, sentence):
    assert shell.refusal("feed", "create", *words) == f"booking: {sentence}"


def test_unknown_link_is_refused(shell, house):
    shell.refusal("feed", "revoke", 999)


def test_whose_calendar_must_be_said(shell, house):
    assert "--member EMAIL or --space ID" in shell.run("feed", "create", code=2).stderr
