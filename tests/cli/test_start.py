"""What happens before the service answers: `serve`, `init`, `demo`, their refusals."""

import json
import re
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from booking.cli.public import is_loopback, is_public
from booking.config import Config, Server
from tests.cli.conftest import Shell, write_config
from tests.support.databases import writing

LINK = re.compile(r"http://\S+/invitations/[\w-]{32}")


@contextmanager
def serving(config: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run ``booking serve`` on a free port; give the process and what it printed at the start."""
    command = [sys.executable, "-m", "booking", "serve", "--port", "0", "--config", str(config)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*command, *options], text=True, env={"PATH": ""}, **pipes) as process:
        try:
            lines = []
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if "Ctrl-C" in line:
                    break
            yield process, lines
        finally:
            process.kill()


def on_disk(config: Path, statement: str) -> None:
    """Run a statement on the database of a folder, as somebody with access to it could."""
    engine = create_engine(f"sqlite:///{config.parent / 'booking.db'}", poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_empty_house_is_served_with_a_link_for_its_first_admin(bare_shell):
    with serving(bare_shell.config, "--no-demo") as (process, lines):
        url = next(found.group() for line in lines if (found := re.search(r"http://\S+", line)))
        with urllib.request.urlopen(f"{url}/health", timeout=20) as answer:
            assert json.load(answer)["status"] == "ok"
        (link,) = [found.group() for line in lines if (found := LINK.search(line))]
        with urllib.request.urlopen(link, timeout=20) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0

    assert bare_shell.json("space", "list") == []
    with serving(bare_shell.config) as (_process, lines):
        assert not any(map(LINK.search, lines)), "the first link must stay the only one"
        assert any("booking init" in line for line in lines)
    assert bare_shell.json("user", "list") == [], "a house that somebody began gets no demo"


def test_start_is_refused_without_guard(bare_shell):
    bare_shell.run("init")
    on_disk(bare_shell.config, "DROP TRIGGER hold_no_overlap_insert")

    with serving(bare_shell.config) as (process, lines):
        assert process.wait(20) == 1
        errors = process.stderr.read()

    assert lines == []
    assert errors.startswith("booking: The service does not start without its overlap guard")
    assert errors.count("\n") == 1


def test_start_is_refused_with_tables_of_a_newer_program(bare_shell):
    bare_shell.run("init")
    on_disk(bare_shell.config, "UPDATE alembic_version SET version_num = '9999'")

    with serving(bare_shell.config) as (process, _lines):
        assert process.wait(20) == 1
        assert "newer program" in process.stderr.read()


@pytest.mark.parametrize(
    "server",
    [
        pytest.param({"host": "0.0.0.0"}, id="all addresses"),
        pytest.param({"public_url": "https://rooms.example.org"}, id="public address in links"),
        pytest.param({"trusted_proxies": 1}, id="behind a proxy"),
    ],
)
def test_demo_accounts_are_not_served_to_others(bare_shell, server):
    bare_shell.run("init")
    on_disk(
        bare_shell.config,
        "INSERT INTO person (email, name, theme, is_demo, sign_in_epoch, created_s, version)"
        " VALUES ('admin@example.org', 'Demo', 'auto', 1, 1, 0, 1)",
    )
    folder = bare_shell.config.parent
    write_config(folder, f"sqlite:///{folder / 'booking.db'}", **server)

    with serving(bare_shell.config) as (process, lines):
        assert process.wait(20) == 1
        assert "demo accounts" in process.stderr.read()
    assert lines == []


def test_empty_public_house_gets_no_demo(tmp_path):
    config = write_config(
        tmp_path, f"sqlite:///{tmp_path / 'booking.db'}", public_url="https://rooms.example.org"
    )

    with serving(config) as (_process, lines):
        (link,) = [
            found.group() for line in lines if (found := re.search(r"https://\S+/\S+", line))
        ]

    assert link.startswith("https://rooms.example.org/invitations/")


def test_port_that_is_taken_is_told(bare_shell):
    with serving(bare_shell.config, "--no-demo") as (_process, lines):
        port = re.search(r":(\d+)", lines[0]).group(1)
        told = bare_shell.refusal("serve", "--port", port, "--no-demo")

    assert f"Cannot listen on 127.0.0.1, port {port}" in told


def test_folder_that_cannot_be_made_is_told(tmp_path, clock, bare_shell):
    (tmp_path / "file").touch()
    write_config(tmp_path, f"sqlite:///{tmp_path / 'file' / 'booking.db'}")

    assert "cannot be made" in bare_shell.refusal("init")


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("", False),
        ("no.such.host.invalid", False),
    ],
)
def test_loopback(host, is_ours):
    assert is_loopback(host) is is_ours


def test_public_is_what_others_can_reach():
    assert not is_public(Config())
    assert not is_public(Config(server=Server(public_url="http://localhost:8000")))
    assert is_public(Config(server=Server(host="0.0.0.0")))


# --- init


def test_init_makes_the_tables_and_one_link_that_works(bare_shell):
    first = bare_shell.json("init")
    second = bare_shell.run("init").stdout

    assert first["revision"]
    assert LINK.fullmatch(first["link"])
    assert LINK.search(second).group() != first["link"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have modes elsewhere")
def test_init_makes_the_folder_of_the_database_for_its_owner_only(tmp_path, clock):
    var = tmp_path / "var"
    config = write_config(tmp_path, f"sqlite:///{var / 'booking.db'}")
    config.write_text(config.read_text().replace(f'var = "{tmp_path}"', f'var = "{var}"'))

    Shell(config, clock).json("init")

    assert stat.S_IMODE(var.stat().st_mode) == 0o700


@pytest.mark.engines("sqlite", "postgresql")
def test_init_of_a_house_with_people_gives_no_link(shell, house):
    assert shell.json("init")["link"] is None


def test_init_does_not_hide_overlaps(shell, house, engine):
    house.add_booking(house.atlas)
    with writing(engine) as connection:
        connection.execute(text("DROP TRIGGER hold_no_overlap_insert"))
        connection.execute(
            text(
                "INSERT INTO hold (part_id, layer, lane, start_s, end_s, allocation_id)"
                " SELECT part_id, layer, lane, start_s + 60, end_s, allocation_id FROM hold"
            )
        )

    assert "1 stored holds overlap" in shell.refusal("init")

    with writing(engine) as connection:
        connection.execute(text("DELETE FROM hold WHERE start_s % 900 > 0"))
    shell.run("init")


# --- demo, as far as nothing is built


def test_demo_refuses_a_real_house(shell, house):
    assert "--reset" in shell.refusal("demo")
    assert "--yes-delete-everything" in shell.refusal("demo", "--reset")
    assert len(shell.json("user", "list")) > 0


def test_demo_refuses_a_public_address(bare_shell):
    folder = bare_shell.config.parent
    write_config(folder, f"sqlite:///{folder / 'booking.db'}", host="0.0.0.0")

    assert "demo accounts" in bare_shell.refusal("demo")
