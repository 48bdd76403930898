"""The commands, run in this process on a database of the tests, with its clock."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from booking.cli import cli
from tests.support.databases import Database
from tests.support.factories import Clock


@dataclass(frozen=True, slots=True)
class Shell:
    """Calls ``booking`` with a configuration file; stands still at the clock's time."""

    config: Path
    clock: Callable[[], datetime]

    def run(self, *arguments: object, code: int = 0, text: str = "") -> Result:
        """Run a command, check its exit code; ``text`` is its standard input."""
        words = [*map(str, arguments), "--config", str(self.config)]
        result = CliRunner().invoke(
            cli, words, input=text, obj=self.clock, env={"LC_ALL": None, "LANG": None}
        )
        assert result.exit_code == code, f"{result.exit_code}: {result.output} {result.exception}"
        return result

    def json(self, *arguments: object, code: int = 0, text: str = "") -> Any:
        """Run a command with ``--json`` and return what it prints."""
        return json.loads(self.run(*arguments, "--json", code=code, text=text).stdout)

    def refusal(self, *arguments: object, code: int = 1, text: str = "") -> str:
        """Run a command that is refused; return the one line on standard error."""
        result = self.run(*arguments, code=code, text=text)
        (line,) = result.stderr.splitlines()
        return line


def write_config(folder: Path, url: str, **server: object) -> Path:
    """Write the settings of a service in a folder and return their file."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in server.items()]
    file = folder / "config.toml"
    file.write_text(
        "\n".join(
            ["[server]", *lines, "[database]", f'url = "{url}"', "[paths]", f'var = "{folder}"']
        )
    )
    return file


@pytest.fixture
def shell(tmp_path: Path, database: Database, clock: Clock) -> Shell:
    """Return the commands on the empty, migrated database of this test."""
    return Shell(write_config(tmp_path, database.url), clock)


@pytest.fixture
def bare_shell(tmp_path: Path, clock: Clock) -> Shell:
    """Return the commands in an empty folder: there is no database yet."""
    return Shell(write_config(tmp_path, f"sqlite:///{tmp_path / 'booking.db'}"), clock)
