"""``booking import-table``: a table in one command, again and again."""

import pytest

ORGANISATIONS = "Nom;Genre\nRadio;Résident\nX;Roi\n"


@pytest.fixture
def table(tmp_path):
    def written(text: str) -> str:
        file = tmp_path / "table.csv"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return written


def names(shell) -> list[str]:
    return [each["name"] for each in shell.json("organisation", "list")]


def test_nothing_is_written_where_a_row_is_wrong_unless_told_so(shell, house, session, table):
    file = table(ORGANISATIONS)
    refused = shell.run("import-table", "organisations", file, code=1)
    assert "Row 3, Kind: “Roi” is not known here." in refused.stdout
    assert "Nothing is written" in refused.stderr
    assert "Radio" not in names(shell)

    shell.run("import-table", "organisations", file, "--good")

    assert "Radio" in names(shell)


def test_spaces_and_leases_are_written_once(shell, house, session, table):
    spaces = table("Nom;Genre;Surface\nBureau 1;Bureau;20,5\n")
    assert "New: 1" in shell.run("import-table", "spaces", spaces, "--dry-run").stdout
    assert "Added: 1" in shell.run("import-table", "spaces", spaces).stdout
    assert "Is there already: 1" in shell.run("import-table", "spaces", spaces).stdout

    rows = table("Bureau;Organisation;Du;Loyer\nBureau 1;Ours;01/09/2027;10,5\n")
    found = shell.json("import-table", "leases", rows)
    assert found["counts"] == {"added": 1}
    assert found["rows"][0]["row"] == 2
