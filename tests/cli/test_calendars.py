"""``booking calendars``: the list, and another key for the passwords."""

from dataclasses import replace

from sqlalchemy import select

from booking.config import Config, load_config
from booking.db import db
from booking.models import Connection
from booking.sync.vault import Vault


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
    house.add_connection(secret="gAAAAA-sealed-with-a-key-that-is-gone")
    before = file.read_text()

    assert shell.json("calendars", "rotate-key") == {"sealed": 1, "lost": 1}

    assert file.read_text() != before
    assert len(file.read_text().split()) == 1
    with app.app_context():
        sealed = db.session.scalar(select(Connection.secret).where(Connection.id == made))
    assert Vault(config).open(sealed) == "wren"
    assert "wren" not in sealed


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
