"""``booking calendars``: the list, and another key for the passwords."""

from dataclasses import replace

from sqlalchemy import select

from booking.actions.sources import SourceRequest, add_source
from booking.config import Config, load_config
from booking.core.sources import SourceMode
from booking.db import db
from booking.models import CalendarSource, Connection
from booking.vault import Vault
from tests.support.factories import NOW


def test_list_says_how_each_is(shell, house):
    house.add_connection(state="stopped", reason="remote_denied")
    [line] = shell.json("calendars", "list")
    assert (line["host"], line["state"], line["reason"]) == (
        "cloud.example.org",
        "stopped",
        "remote_denied",
    )


def test_another_key_opens_what_the_first_sealed(shell, app, house):
    config: Config = load_config(shell.config)
    file = config.paths.var / "credentials.key"
    made = house.add_connection(secret=Vault(config).seal("wren"))
    address = "https://cloud.example.org/private-robin/basic.ics"
    asked = SourceRequest(house.site.id, "Town", address, SourceMode.SHOW)
    with app.app_context():
        add_source(asked, house.admin, seal=Vault(config).seal, now=NOW)
    house.add_connection(secret="gAAAAA-sealed-with-a-key-that-is-gone")
    before = file.read_text()

    assert shell.json("calendars", "rotate-key") == {"sealed": 2, "lost": 1}

    assert file.read_text() != before
    assert len(file.read_text().split()) == 1
    with app.app_context():
        sealed = db.session.scalar(select(Connection.secret).where(Connection.id == made))
        kept = db.session.scalar(select(CalendarSource.address))
    assert Vault(config).open(sealed) == "wren"
    assert "wren" not in sealed
    assert Vault(config).open(kept) == address
    assert "robin" not in kept


def test_keys_of_the_settings_are_left_to_the_operator(shell, app, house):
    config = load_config(shell.config)
    keys = (
        "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
    )
    given = replace(config, security=replace(config.security, credentials_keys=keys))
    box = Vault(given)
    old = replace(config, security=replace(config.security, credentials_keys=keys.split()[1]))
    assert box.open(Vault(old).seal("wren")) == "wren"
    assert not (config.paths.var / "credentials.key").exists()
