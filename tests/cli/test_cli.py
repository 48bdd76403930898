"""The command itself: help, version, usage, and how quickly it answers."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from booking import __version__
from booking.cli import COMMANDS, cli
from booking.cli.house import language

HEAVY = "sys.modules.keys() & {'flask', 'sqlalchemy', 'alembic', 'booking.app', 'booking.models'}"


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_help_names_every_command_and_loads_none():
    program = (
        "import sys\nfrom booking.cli import main\nsys.argv = ['booking', '--help']\n"
        f"try:\n    main()\nfinally:\n    print(sorted({HEAVY}))"
    )

    result = python("-c", program)

    assert result.returncode == 0
    assert result.stdout.splitlines()[-1] == "[]"
    for name, (_, line) in COMMANDS.items():
        assert f"  {name} " in result.stdout
        assert line in result.stdout


def test_module_is_the_command():
    assert python("-m", "booking", "--version").stdout.strip().endswith(__version__)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help(name):
    result = CliRunner().invoke(cli, [name, "--help"], prog_name="booking")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: booking {name}")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["no-such-command"], id="unknown command"),
        pytest.param(["space", "list", "--no-such-option"], id="unknown option"),
        pytest.param(["serve", "--port", "70000"], id="port out of range"),
        pytest.param(["book", "--space", "x"], id="no number"),
    ],
)
def test_wrong_usage_is_2(arguments):
    result = CliRunner().invoke(cli, arguments)

    assert result.exit_code == 2
    assert "Error:" in result.stderr
    assert result.stdout == ""


def test_space_list_loads_neither_pages_nor_migrations(shell, house):
    program = (
        "import sys\nfrom booking.cli import main\n"
        f"sys.argv = ['booking', 'space', 'list', '--config', {str(shell.config)!r}]\n"
        "try:\n    main()\nfinally:\n"
        "    print(sorted(sys.modules.keys() & {'booking.web', 'booking.app', 'alembic', 'argon2',"
        " 'icalendar', 'segno', 'waitress'}))"
    )

    result = python("-c", program)

    assert result.stdout.splitlines()[-1] == "[]", result.stdout


def test_unusable_settings_are_refused(bare_shell):
    bare_shell.config.write_text("[server]\nprot = 1\n")

    told = bare_shell.refusal("space", "list")

    assert str(bare_shell.config) in told
    assert "did you mean 'port'?" in told


def test_missing_database_is_told_and_not_made(bare_shell, tmp_path):
    told = bare_shell.refusal("space", "list")

    assert "There is no database at" in told
    assert not (tmp_path / "booking.db").exists()


def test_database_without_tables_is_told(bare_shell, tmp_path):
    (tmp_path / "booking.db").touch()

    assert bare_shell.refusal("space", "list").endswith("run `booking init`.")


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        pytest.param({"LANG": "fr_FR.UTF-8"}, "fr", id="French"),
        pytest.param({"LANG": "de_DE.UTF-8"}, "en", id="a language we do not speak"),
        pytest.param({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en", id="overruled"),
        pytest.param({}, "en", id="none"),
    ],
)
def test_language_is_the_terminals(variables, spoken, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert language() == spoken


def test_docs_name_every_command_and_only_options_that_exist():
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()
    named = {
        tuple(words.split())
        for words in re.findall(r"\| `booking ([a-z -]+?)[\[A-Z.\] ]*` \|", page)
    }
    there, options = set(), {"--config", "--json", "--help"}
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        parts = {(name, sub): each for sub, each in getattr(command, "commands", {}).items()}
        for words, each in (parts or {(name,): command}).items():
            there.add(words)
            options |= {option for param in each.params for option in param.opts}

    assert named == there
    assert set(re.findall(r"--[a-z][a-z-]+", page)) <= options
