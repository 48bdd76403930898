"""`booking site`, `space add` and `organisation`: an empty house becomes one to book in."""

import json
from pathlib import Path

import pytest

from booking.queries import houses
from tests.support.factories import NOW


def test_empty_house_becomes_one_to_book_in(shell, session):
    site = shell.json("site", "add", "Pôle Sud", "--opens", "07:30", "--closes", "24:00")
    assert (site["slug"], site["zone"]) == ("pole-sud", "Europe/Paris")
    hall = shell.json(
        "space", "add", "Hall", "--capacity", 40, "--feature", "screen", "--cleanup", 15
    )
    nook = shell.json("space", "add", "Nook", "--approval", "--rivals")
    both = shell.json("space", "add", "Both", "--part", hall["id"], "--part", nook["id"])
    shell.run("organisation", "add", "Les Voisins", "--kind", "contributor")
    shell.run(
        "user", "add", "zoe@example.org", "--organisation", "Les Voisins", text="a b c d e f g"
    )

    spaces = houses.spaces_by_id(session, [hall["id"], nook["id"], both["id"]])
    assert (spaces[hall["id"]].capacity, spaces[hall["id"]].features) == (40, ("screen",))
    assert spaces[hall["id"]].cleanup.total_seconds() == 900
    assert (spaces[nook["id"]].needs_approval, spaces[nook["id"]].requests_hold) == (True, False)
    assert spaces[both["id"]].part_ids == (hall["id"], nook["id"])
    assert len({each.colour for each in spaces.values()}) == 3
    assert [each["name"] for each in shell.json("organisation", "list")] == ["Les Voisins"]
    assert [each["slug"] for each in shell.json("site", "list")] == ["pole-sud"]

    day = f"{NOW:%Y-%m-%d}"
    booked = shell.json(
        "book", "--space", hall["id"], "--start", f"{day}T22:00", "--end", f"{day}T23:00",
        "--title", "Late", "--as", "zoe@example.org",
    )  # fmt: skip
    assert booked["status"] == "confirmed"


def test_space_needs_a_site_that_is_named_where_there_are_several(shell, house, session):
    shell.run("site", "add", "Valence")
    assert "--site" in shell.run("space", "add", "Hall", code=2).stderr
    shell.run("space", "add", "Hall", "--site", "valence")
    assert "no such house" in shell.refusal("space", "add", "Hall", "--site", "nowhere")


def test_wrong_values_are_refused_in_one_sentence(shell, house, session):
    assert "time zone" in shell.refusal("site", "add", "Moon", "--zone", "Moon/Base")
    assert "like 08:00" in shell.run("site", "add", "Moon", "--opens", "soon", code=2).stderr
    assert "no such room" in shell.refusal("space", "add", "Both", "--part", 999_999)
    assert "name is taken" in shell.refusal("organisation", "add", "Ours")


EXAMPLE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_rules_of_a_space_are_shown_and_stored(shell, house, session):
    assert shell.json("space", "rules", house.atlas.id)["rules"] == {}
    rules = {"outside_hours": "ask", "longest": 480}
    stored = shell.json("space", "rules", house.atlas.id, "--from", "-", text=json.dumps(rules))
    assert stored == {"id": house.atlas.id, "version": 2, "rules": rules}
    assert json.loads(shell.run("space", "rules", house.atlas.id).stdout) == rules


def test_rules_that_the_guide_shows_are_rules(shell, house, session):
    text = EXAMPLE.read_text("utf-8").split("```json\n")[1].split("```")[0]
    text = text.replace("[3]", f"[{house.ours}]").replace("[1, 3]", f"[{house.ours}]")
    stored = shell.json("space", "rules", house.atlas.id, "--from", "-", text=text)
    assert stored["rules"].keys() == json.loads(text).keys()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"colour": 1}',
        '{"longest": -1}',
        '{"longest": 10, "shortest": 20}',
        "[" * 9999,
    ],
)
def test_rules_that_make_no_sense_change_nothing(shell, house, session, text):
    shell.refusal("space", "rules", house.atlas.id, "--from", "-", text=text)
    assert shell.json("space", "rules", house.atlas.id) == {
        "id": house.atlas.id,
        "version": 1,
        "rules": {},
    }
    shell.refusal("space", "rules", 99_999)
